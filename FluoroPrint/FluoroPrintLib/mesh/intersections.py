"""Faces of a mesh that cut or touch other faces of it where they should not.

Candidates come from overlapping bounding boxes. Two triangles meet if a side of one crosses the other; the
signs of tetrahedron volumes tell (Moller, Journal of Graphics Tools 2(2), 1997, in the segment form of Guigue
and Devillers, 2003). Coordinates are float32 values, so differences are exact in float64 and a sign is wrong
only where a volume is below about 1e-15 of the cube of the size: a contact, no more. Flat pairs are compared
in their plane by separating axes. Triangles that share a corner meet there by right: only the side opposite
the corner counts; those that share a side meet only if folded flat onto each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from importlib.util import find_spec

import numpy as np

from ..arrays import BoolArray, Float64Array, IntArray
from ..progress import Progress, silent
from ..threads import in_threads
from .candidates import overlapping_pairs
from .columns import corner_columns, cross

FLAT = 1e-12  # relative to the cube of the size: all corners lie in one plane
WORTH_COMPILING = 800_000  # faces; fewer are done before the compiled loops are loaded
OVERLAP = 1e-9  # relative to the size: less overlap in the plane is a shared border


@dataclass(frozen=True)
class _Faces:
    """Triangles one a row: corners (N, 3, 3), normals (N, 3) as long as twice the area, sizes (N,)."""

    corners: Float64Array
    normals: Float64Array
    sizes: Float64Array

    def __getitem__(self, rows: IntArray) -> _Faces:
        return _Faces(self.corners[rows], self.normals[rows], self.sizes[rows])


def intersecting_pairs(points: Float64Array, triangles: IntArray, progress: Progress = silent) -> IntArray:
    """Return the pairs of triangles that meet other than at shared corners and sides: (M, 2).

    Faces of no area and faces with the same three points (duplicates) are left out: other faults.

    Parameters
    ----------
    points : (P, 3) in mm, all different
    triangles : (F, 3) numbers of points
    progress : told that the work goes on; may cancel
    """
    faces = _faces(points, triangles)
    found = [np.zeros((0, 2), np.int64)]
    candidates = _candidates(faces.corners, triangles)

    def meeting(pairs: IntArray) -> IntArray:
        return pairs[_meet(faces, triangles, pairs)]

    for count, pairs in enumerate(in_threads(meeting, candidates)):
        progress(1 - 0.99**count, "looking for faces that cut each other")
        found.append(pairs)
    return np.concatenate(found)


def _candidates(corners: Float64Array, triangles: IntArray) -> Iterator[IntArray]:
    if len(triangles) < WORTH_COMPILING or find_spec("numba") is None:
        return overlapping_pairs(corners)
    from .candidates_numba import pairs_that_may_meet

    return pairs_that_may_meet(corners, triangles, FLAT)


def _faces(points: Float64Array, triangles: IntArray) -> _Faces:
    a, b, c = corner_columns(points, triangles)
    normals = np.ascontiguousarray(cross(b - a, c - a).T)
    sizes = (np.maximum(np.maximum(a, b), c) - np.minimum(np.minimum(a, b), c)).max(0)
    return _Faces(points.take(triangles, axis=0), normals, sizes)


def _meet(faces: _Faces, triangles: IntArray, pairs: IntArray) -> BoolArray:
    one, two = triangles[pairs[:, 0]], triangles[pairs[:, 1]]
    same = np.stack([one[:, i] == two[:, j] for i in range(3) for j in range(3)])
    shared = reduce(np.add, same.astype(np.int8))
    result = np.zeros(len(pairs), bool)
    for number, test in _TESTS.items():
        rows = np.flatnonzero(shared == number)
        # The corner that a face shares lies in both planes: what counts is the rest of the face.
        first = _corner_first(same[:, rows]) if number == 1 else None
        a, b = faces[pairs[rows, 0]], faces[pairs[rows, 1]]
        if first is not None:
            a, b = _turned(a, first[0]), _turned(b, first[1])
        kept = np.flatnonzero(_straddles(a, b, number == 1))
        kept = kept[_straddles(b[kept], a[kept], number == 1)]
        result[rows[kept]] = test(a[kept], b[kept])
    return result


def _corner_first(same: BoolArray) -> tuple[IntArray, IntArray]:
    """Return which corner of either face is the shared one, from the (9, N) comparisons."""
    where = same.argmax(0)
    return where // 3, where % 3


def _turned(faces: _Faces, first: IntArray) -> _Faces:
    """Turn each triangle so that corner `first` comes first, the sense of rotation kept."""
    turn = (first[:, None] + np.arange(3)) % 3
    return _Faces(np.take_along_axis(faces.corners, turn[:, :, None], axis=1), faces.normals, faces.sizes)


def _heights(faces: _Faces, of: Float64Array, size: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return six times the volumes over the faces of the points `of` (N, M, 3): (M, N).

    Also what counts as zero for each row, where the points' own extent is `size` (N,): (N,).
    """
    arms = of - faces.corners[:, :1]
    heights: Float64Array = np.einsum("ni,nmi->mn", faces.normals, arms)
    return heights, FLAT * (faces.sizes + size) ** 3


def _straddles(a: _Faces, b: _Faces, at_corner: bool) -> BoolArray:
    """Tell whether b does not lie wholly to one side of a's plane; a shared first corner is no part of b."""
    heights, zero = _heights(a, b.corners[:, 1:] if at_corner else b.corners, b.sizes)
    straddles: BoolArray = (reduce(np.minimum, heights) <= zero) & (reduce(np.maximum, heights) >= -zero)
    return straddles


def _apart_meet(a: _Faces, b: _Faces) -> BoolArray:
    meet = _flat_overlap(a, b)
    for side in range(3):
        meet |= _side_meets(a, side, b) | _side_meets(b, side, a)
    return meet


def _at_corner_meet(a: _Faces, b: _Faces) -> BoolArray:
    """Tell whether triangles with a common first corner meet anywhere else."""
    return _side_meets(a, 1, b) | _side_meets(b, 1, a) | _flat_overlap(a, b)


def _side_meets(a: _Faces, side: int, b: _Faces) -> BoolArray:
    """Tell whether a side of each triangle a crosses or touches b, sides in the plane of b apart."""
    ends = a.corners[:, [side, (side + 1) % 3]]
    (start, end), zero = _heights(b, ends, a.sizes)
    same_side = ((start > zero) & (end > zero)) | ((start < -zero) & (end < -zero))
    in_plane = (np.abs(start) <= zero) & (np.abs(end) <= zero)
    rows = np.flatnonzero(~same_side & ~in_plane)
    result = np.zeros(len(start), bool)
    result[rows] = _line_pierces(ends[rows], b[rows], a.sizes[rows])
    return result


def _line_pierces(ends: Float64Array, faces: _Faces, size: Float64Array) -> BoolArray:
    """Tell whether the line through two points (N, 2, 3) has all sides of a triangle to one hand."""
    along = ends[:, 1] - ends[:, 0]
    arms = faces.corners - ends[:, :1]
    sides = np.einsum("nmi,ni->mn", np.cross(arms, np.roll(arms, -1, axis=1)), along)
    zero = FLAT * (faces.sizes + size) ** 3
    inside = (sides >= -zero).all(0) | (sides <= zero).all(0)
    pierces: BoolArray = inside & (np.abs(sides) > zero).any(0)
    return pierces


def _flat_overlap(a: _Faces, b: _Faces) -> BoolArray:
    """Tell whether triangles in one plane share area: no side of either separates them."""
    heights, zero = _heights(a, b.corners, b.sizes)
    rows = np.flatnonzero((np.abs(heights) <= zero).all(0))
    result = np.zeros(len(zero), bool)
    result[rows] = _overlap_in_plane(a[rows], b[rows])
    return result


def _overlap_in_plane(a: _Faces, b: _Faces) -> BoolArray:
    length = np.linalg.norm(a.normals, axis=1, keepdims=True)
    normal = a.normals / np.maximum(length, 1e-300)
    overlap: BoolArray = length[:, 0] > 0
    for faces in (a, b):
        for side in range(3):
            along = faces.corners[:, (side + 1) % 3] - faces.corners[:, side]
            overlap &= _spans_overlap(np.cross(along, normal), a.corners, b.corners)
    return overlap


def _spans_overlap(axis: Float64Array, a: Float64Array, b: Float64Array) -> BoolArray:
    span_a, span_b = (np.einsum("ni,nmi->mn", axis, corners - a[:, :1]) for corners in (a, b))
    least = OVERLAP * np.maximum(np.ptp(span_a, axis=0), np.ptp(span_b, axis=0))
    shared = np.minimum(span_a.max(0), span_b.max(0)) - np.maximum(span_a.min(0), span_b.min(0))
    overlap: BoolArray = shared > least
    return overlap


_TESTS: dict[int, Callable[[_Faces, _Faces], BoolArray]] = {
    0: _apart_meet,
    1: _at_corner_meet,
    2: _flat_overlap,
}

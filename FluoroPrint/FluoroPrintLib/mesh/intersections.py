"""Faces of a mesh that cut or touch other faces of it where they should not.

Candidates come from overlapping bounding boxes. Two triangles meet if a side of one crosses the other; the
signs of tetrahedron volumes tell (Moller, Journal of Graphics Tools 2(2), 1997, in the segment form of Guigue
and Devillers, 2003). Coordinates are float32 values, so differences are exact in float64 and a sign is wrong
only where a volume is below about 1e-15 of the cube of the size: a contact, no more. Flat pairs are compared
in their plane by separating axes. Triangles that share a corner meet there by right: only the side opposite
the corner counts; those that share a side meet only if folded flat onto each other.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from ..arrays import BoolArray, Float64Array, IntArray
from ..progress import Progress, silent
from .candidates import overlapping_pairs

FLAT = 1e-12  # relative to the cube of the size: all corners lie in one plane
OVERLAP = 1e-9  # relative to the size: less overlap in the plane is a shared border


def intersecting_pairs(points: Float64Array, triangles: IntArray, progress: Progress = silent) -> IntArray:
    """Return the pairs of triangles that meet other than at shared corners and sides: (M, 2).

    Faces of no area and faces with the same three points (duplicates) are left out: other faults.

    Parameters
    ----------
    points : (P, 3) in mm, all different
    triangles : (F, 3) numbers of points
    """
    corners = points[triangles]
    found = [np.zeros((0, 2), np.int64)]
    for count, pairs in enumerate(overlapping_pairs(corners)):
        progress(1 - 0.8**count, "looking for faces that cut each other")
        found.append(pairs[_meet(corners, triangles, pairs)])
    return np.concatenate(found)


def _meet(corners: Float64Array, triangles: IntArray, pairs: IntArray) -> BoolArray:
    one, two = triangles[pairs[:, 0]], triangles[pairs[:, 1]]
    same = one[:, :, None] == two[:, None, :]
    shared = same.sum((1, 2))
    result = np.zeros(len(pairs), bool)
    for number, test in ((0, _apart_meet), (1, _at_corner_meet), (2, _flat_overlap)):
        rows = np.flatnonzero(shared == number)
        a, b = corners[pairs[rows, 0]], corners[pairs[rows, 1]]
        if number == 1:
            a, b = _corner_first(a, same[rows].any(2)), _corner_first(b, same[rows].any(1))
        result[rows] = test(a, b)
    return result


def _corner_first(corners: Float64Array, is_shared: BoolArray) -> Float64Array:
    """Turn each triangle so that its shared corner comes first, the sense of rotation kept."""
    turn = (is_shared.argmax(1)[:, None] + np.arange(3)) % 3
    return np.take_along_axis(corners, turn[:, :, None], axis=1)


def _heights(corners: Float64Array, of: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return six times the volumes over triangle `corners` (N, 3, 3) of the points `of` (N, M, 3): (N, M).

    Also what counts as zero for each row: (N, 1).
    """
    origin = corners[:, :1]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    heights: Float64Array = np.einsum("ni,nmi->nm", normal, of - origin)
    size = np.maximum(_largest(corners - origin), _largest(of - origin))
    return heights, FLAT * size[:, None] ** 3


def _largest(values: Float64Array) -> Float64Array:
    """Return the largest magnitude in each row of (N, ...): numpy's own reduction is slow on short rows."""
    columns = np.abs(values.reshape(len(values), -1)).T
    return reduce(np.maximum, columns)


def _apart_meet(a: Float64Array, b: Float64Array) -> BoolArray:
    result = np.zeros(len(a), bool)
    rows = np.flatnonzero(_straddles(a, b))
    rows = rows[_straddles(b[rows], a[rows])]
    a, b = a[rows], b[rows]
    meet = _flat_overlap(a, b)
    for start in range(3):
        end = (start + 1) % 3
        meet |= _side_meets(a[:, start], a[:, end], b) | _side_meets(b[:, start], b[:, end], a)
    result[rows] = meet
    return result


def _straddles(a: Float64Array, b: Float64Array) -> BoolArray:
    """Tell whether b does not lie wholly to one side of a's plane."""
    heights, zero = _heights(a, b)
    straddles: BoolArray = (reduce(np.minimum, heights.T) <= zero[:, 0]) & (
        reduce(np.maximum, heights.T) >= -zero[:, 0]
    )
    return straddles


def _at_corner_meet(a: Float64Array, b: Float64Array) -> BoolArray:
    """Tell whether triangles with a common first corner meet anywhere else."""
    return (
        _side_meets(a[:, 1], a[:, 2], b) | _side_meets(b[:, 1], b[:, 2], a) | _flat_overlap(a, b)
    )


def _side_meets(start: Float64Array, end: Float64Array, corners: Float64Array) -> BoolArray:
    """Tell whether the segments (N, 3) cross or touch the triangles (N, 3, 3), those in the plane apart."""
    heights, zero = _heights(corners, np.stack([start, end], 1))
    above, below = heights > zero, heights < -zero
    crosses = ~(above.all(1) | below.all(1)) & (above | below).any(1)
    result = np.zeros(len(start), bool)
    rows = np.flatnonzero(crosses)
    if len(rows):
        result[rows] = _line_pierces(start[rows], end[rows], corners[rows])
    return result


def _line_pierces(start: Float64Array, end: Float64Array, corners: Float64Array) -> BoolArray:
    """Tell whether the line through start and end passes a triangle on the same side of all its sides."""
    along = (end - start)[:, None]
    arms = corners - start[:, None]
    sides = np.einsum("nmi,nmi->nm", np.cross(arms, np.roll(arms, -1, axis=1)), np.broadcast_to(along, arms.shape))
    zero = FLAT * np.maximum(_largest(along), _largest(arms))[:, None] ** 3
    inside: BoolArray = (sides >= -zero).all(1) | (sides <= zero).all(1)
    return inside & (np.abs(sides) > zero).any(1)


def _flat_overlap(a: Float64Array, b: Float64Array) -> BoolArray:
    """Tell whether triangles in one plane share area: no side of either separates them."""
    heights, zero = _heights(a, b)
    rows = np.flatnonzero((np.abs(heights) <= zero).all(1))
    result = np.zeros(len(a), bool)
    if len(rows):
        result[rows] = _overlap_in_plane(a[rows], b[rows])
    return result


def _overlap_in_plane(a: Float64Array, b: Float64Array) -> BoolArray:
    normal = np.cross(a[:, 1] - a[:, 0], a[:, 2] - a[:, 0])
    length = np.linalg.norm(normal, axis=1)
    overlap = length > 0
    for corners in (a, b):
        sides = np.roll(corners, -1, axis=1) - corners
        axes = np.cross(sides, normal[:, None] / np.maximum(length, 1e-300)[:, None, None])
        for axis in np.moveaxis(axes, 1, 0):
            overlap &= _spans_overlap(axis, a, b)
    return overlap


def _spans_overlap(axis: Float64Array, a: Float64Array, b: Float64Array) -> BoolArray:
    span_a, span_b = (np.einsum("ni,nmi->nm", axis, corners - a[:, :1]) for corners in (a, b))
    least = OVERLAP * np.maximum(np.ptp(span_a, axis=1), np.ptp(span_b, axis=1))
    shared = np.minimum(span_a.max(1), span_b.max(1)) - np.maximum(span_a.min(1), span_b.min(1))
    overlap: BoolArray = shared > least
    return overlap

"""Faces without area: the longest side is turned, so that the face takes part of its neighbour's area."""

from __future__ import annotations

import numpy as np

from ..arrays import BoolArray, Float64Array, IntArray
from .columns import side_lengths_mm
from .polydata import triangle_areas_mm2

ROUNDING = 4.0  # units in the last place of the coordinates: a face no higher than this is a line
Side = tuple[int, int]


def turned_flat_faces(points: Float64Array, triangles: IntArray) -> tuple[IntArray, int]:
    """Return the triangles with the longest side of each face without area turned; and how many were.

    Parameters
    ----------
    points : (P, 3) coordinates that are float32 values
    triangles : (F, 3)
    """
    flat = np.flatnonzero(_is_line(points, triangles))
    faces = triangles.copy()
    near = np.flatnonzero(np.isin(faces, faces[flat]).any(1)) if len(flat) else flat
    at_side: dict[Side, set[int]] = {}
    for face in near.tolist():
        _enter(at_side, faces, face)
    return faces, sum(_turn_longest_side(points, faces, at_side, face) for face in flat.tolist())


def _is_line(points: Float64Array, triangles: IntArray) -> BoolArray:
    """Tell which faces are lower than float32 tells apart: (F,)."""
    longest = side_lengths_mm(points, triangles).max(0)
    furthest = np.abs(points).max(1, initial=0.0)[triangles.T].max(0)
    least = ROUNDING * np.spacing(furthest.astype(np.float32))
    line: BoolArray = 2 * triangle_areas_mm2(points, triangles) <= least * longest
    return line


def _sides(faces: IntArray, face: int) -> list[Side]:
    a, b, c = sorted(faces[face].tolist())
    return [(a, b), (a, c), (b, c)]


def _enter(at_side: dict[Side, set[int]], faces: IntArray, face: int) -> None:
    for side in _sides(faces, face):
        at_side.setdefault(side, set()).add(face)


def _leave(at_side: dict[Side, set[int]], faces: IntArray, face: int) -> None:
    for side in _sides(faces, face):
        at_side[side].discard(face)


def _turn_longest_side(
    points: Float64Array, faces: IntArray, at_side: dict[Side, set[int]], face: int
) -> int:
    """Turn it if one other face is there, and the new side is not there yet; return how many were turned."""
    corners = points[faces[face]]
    longest = int(np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1).argmax())
    start, end, tip = (int(faces[face, (longest + step) % 3]) for step in range(3))
    others = at_side[min(start, end), max(start, end)] - {face}
    if len(others) != 1:
        return 0
    other = others.pop()
    far = int(faces[other][(faces[other] != start) & (faces[other] != end)][0])
    if far == tip or at_side.get((min(far, tip), max(far, tip))):
        return 0
    for one in (face, other):
        _leave(at_side, faces, one)
    faces[face], faces[other] = (start, far, tip), (far, end, tip)
    for one in (face, other):
        _enter(at_side, faces, one)
    return 1

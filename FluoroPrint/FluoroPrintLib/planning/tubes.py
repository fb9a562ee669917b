"""Tubes along a line, closed at their ends, full or with a bore."""

from __future__ import annotations

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array, IntArray
from ..mesh.polydata import polydata_from

SIDES = 32


def tube(places_ras: Float64Array, radius_mm: Float64Array, wall_mm: float | None = None) -> vtkPolyData:
    """Return a closed tube along a line, facing outward.

    Parameters
    ----------
    places_ras : (N, 3) RAS mm, N of at least 2
    radius_mm : (N,) outer radius
    wall_mm : thickness of its wall; full where None
    """
    frames = carried_frames(places_ras)
    outer = _rings(places_ras, radius_mm, frames)
    if wall_mm is None:
        points = np.concatenate([outer.reshape(-1, 3), places_ras[[0, -1]]])
        return polydata_from(points, np.concatenate([_wall(len(outer)), *_lids(len(outer))]))
    inner = _rings(places_ras, np.maximum(radius_mm - wall_mm, 0.05), frames)
    points = np.concatenate([outer.reshape(-1, 3), inner.reshape(-1, 3)])
    start = len(outer) * SIDES
    inside = _wall(len(outer))[:, ::-1] + start
    return polydata_from(points, np.concatenate([_wall(len(outer)), inside, *_rims(len(outer), start)]))


def carried_frames(places_ras: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return two unit vectors across a line at each place, (N, 3) each, that turn as little as can be.

    The double reflection of W. Wang et al., "Computation of rotation minimizing frames", ACM Transactions on
    Graphics 27(1), 2008.
    """
    tangents = np.gradient(places_ras, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    first = np.zeros_like(tangents)
    start = np.cross(tangents[0], np.eye(3)[np.abs(tangents[0]).argmin()])
    first[0] = start / np.linalg.norm(start)
    for at in range(len(tangents) - 1):
        step = places_ras[at + 1] - places_ras[at]
        carried, pointing = _reflected(first[at], step), _reflected(tangents[at], step)
        first[at + 1] = _reflected(carried, tangents[at + 1] - pointing)
    return first, np.cross(tangents, first)


def _reflected(vector: Float64Array, normal: Float64Array) -> Float64Array:
    square = float(normal @ normal)
    return vector - 2 * float(vector @ normal) / square * normal if square > 1e-18 else vector


def _rings(
    places: Float64Array, radii: Float64Array, frames: tuple[Float64Array, Float64Array]
) -> Float64Array:
    """Return points about each place, (N, SIDES, 3)."""
    turn = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)[None, :, None]
    around = np.cos(turn) * frames[0][:, None] + np.sin(turn) * frames[1][:, None]
    rings: Float64Array = places[:, None] + np.asarray(radii)[:, None, None] * around
    return rings


def _wall(rings: int) -> IntArray:
    here = np.arange(SIDES)
    after = (here + 1) % SIDES
    quad = [
        np.column_stack([here, after, after + SIDES]),
        np.column_stack([here, after + SIDES, here + SIDES]),
    ]
    band = np.concatenate(quad)
    wall: IntArray = np.concatenate([band + ring * SIDES for ring in range(rings - 1)])
    return wall


def _lids(rings: int) -> tuple[IntArray, IntArray]:
    """Return the triangles of the two ends, whose middles come last among the points."""
    here = np.arange(SIDES)
    after = (here + 1) % SIDES
    top, low = (rings - 1) * SIDES, rings * SIDES
    first = np.column_stack([after, here, np.full(SIDES, low)])
    last = np.column_stack([here + top, after + top, np.full(SIDES, low + 1)])
    return first, last


def _rims(rings: int, start: int) -> tuple[IntArray, ...]:
    """Return the triangles between outer and inner ring at both ends."""
    here = np.arange(SIDES)
    after = (here + 1) % SIDES
    top = (rings - 1) * SIDES
    return (
        np.column_stack([after, here, here + start]),
        np.column_stack([after, here + start, after + start]),
        np.column_stack([here + top, after + top, after + top + start]),
        np.column_stack([here + top, after + top + start, here + top + start]),
    )

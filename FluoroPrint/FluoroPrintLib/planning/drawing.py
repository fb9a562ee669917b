"""Solids that objects of a plan are drawn from: turned about an axis, and balls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkAppendPolyData

from ..arrays import Float64Array, IntArray
from ..mesh.polydata import polydata_from

SIDES = 24


def turned_solid(profile: Sequence[tuple[float, float]], start_ras: Any, axis_ras: Any) -> vtkPolyData:
    """Return the closed solid that a profile makes when turned about an axis, facing outward.

    Parameters
    ----------
    profile : (along, radius) in mm from one end to the other; along grows, radii are above 0
    start_ras : where `along` is 0, RAS mm
    axis_ras : unit vector along which it grows
    """
    along, radii = np.array(profile, np.float64).T
    start, axis = np.asarray(start_ras, np.float64), np.asarray(axis_ras, np.float64)
    first, second = across(axis)
    turn = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)[:, None]
    rim = np.cos(turn) * first + np.sin(turn) * second
    middles = start + along[:, None] * axis
    rings = middles[:, None] + radii[:, None, None] * rim
    points = np.concatenate([rings.reshape(-1, 3), middles[[0, -1]]])
    return polydata_from(points, _triangles(len(along)))


def across(axis: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return two unit vectors at right angles to a unit vector and to each other; the three right-handed."""
    first = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    first /= np.linalg.norm(first)
    return first, np.cross(axis, first)


def _triangles(rings: int) -> IntArray:
    """Return the triangles between rings of `SIDES` points and of the two lids, whose middles come last."""
    here = np.arange(SIDES)
    after = (here + 1) % SIDES
    wall = np.concatenate(
        [np.column_stack([here, after, after + SIDES]), np.column_stack([here, after + SIDES, here + SIDES])]
    )
    walls = [wall + ring * SIDES for ring in range(rings - 1)]
    low, high = rings * SIDES, rings * SIDES + 1
    top = (rings - 1) * SIDES
    lids = [
        np.column_stack([after, here, np.full(SIDES, low)]),
        np.column_stack([here + top, after + top, np.full(SIDES, high)]),
    ]
    triangles: IntArray = np.concatenate([*walls, *lids]).astype(np.int64)
    return triangles


def balls(places_ras: Any, radius_mm: float) -> vtkPolyData:
    """Return a ball about each place, RAS mm, as one surface; an empty one without places."""
    angles = np.linspace(0, np.pi, 9)[1:-1]
    profile = [(float(-radius_mm * np.cos(a)), float(radius_mm * np.sin(a))) for a in angles]
    joined = vtkAppendPolyData()
    joined.AddInputData(vtkPolyData())
    for place in places_ras:
        joined.AddInputData(turned_solid(profile, place, (0.0, 0.0, 1.0)))
    joined.Update()
    result: vtkPolyData = joined.GetOutput()
    return result

"""Closed surfaces put together from rings of points: turned on a lathe, extruded, lofted along a path."""

from __future__ import annotations

from typing import Any

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import AnyArray, Float64Array, IntArray
from ..mesh.check import has_repeated_point
from ..mesh.polydata import points_of, polydata_from, signed_volume_mm3, triangles_of, welded

SIDES, FINE_SIDES = 96, 48
ARC_STEPS, CORNER_STEPS = 24, 8
NO_RADIUS_MM = 1e-9
PART = "part"
"""Name of the array of cells that tells the parts of a surface: contacts of a lead."""


def surface_of_rings(rings: Any, closed: bool = False, parts: AnyArray | None = None) -> vtkPolyData:
    """Return the closed surface over rings of points, facing outward.

    Parameters
    ----------
    rings : (K, N, 3) in mm, points in the same sense; a ring may be a single place N times
    closed : the last ring is joined to the first; otherwise both ends get lids, which are star-shaped as
        seen from the middle of their ring
    parts : (K, N) whole number of each piece of the sides, from ring k to the next, from point n to the
        next; kept as an array of the cells, lids count as 0
    """
    rings = np.asarray(rings, np.float64)
    count, around = rings.shape[:2]
    index = np.arange(count * around).reshape(count, around)
    after = np.roll(index, -1, axis=0) if closed else index[1:]
    here = index if closed else index[:-1]
    sides = _quads(here, after)
    labels = np.zeros(len(sides), np.int64)
    if parts is not None:
        labels = np.repeat(np.asarray(parts)[: len(here)].ravel(), 2)
    points, faces = rings.reshape(-1, 3), sides
    if not closed:
        points = np.vstack([points, rings[0].mean(axis=0), rings[-1].mean(axis=0)])
        lids = [_fan(index[0], len(points) - 2)[:, ::-1], _fan(index[-1], len(points) - 1)]
        faces = np.vstack([sides, *lids])
        labels = np.concatenate([labels, np.zeros(2 * around, np.int64)])
    return closed_surface(points, faces, labels if parts is not None else None)


def closed_surface(points: Float64Array, faces: IntArray, labels: IntArray | None = None) -> vtkPolyData:
    """Return a surface of which points that fall together are one, faces without area are none."""
    points, faces = welded(points, faces)
    sound = ~has_repeated_point(faces)
    faces = faces[sound]
    if signed_volume_mm3(points, faces) < 0:
        faces = faces[:, ::-1]
    surface = polydata_from(points, faces)
    if labels is not None:
        array = numpy_to_vtk(labels[sound].astype(np.int32), deep=True)
        array.SetName(PART)
        surface.GetCellData().AddArray(array)
    return surface


def lathe(profile: Any, closed: bool = False, parts: Any = None, sides: int = SIDES) -> vtkPolyData:
    """Return the surface of revolution about z of a profile, (M, 2) of radius and height in mm.

    The polygon that stands for the circle has the circle's area. `parts` are whole numbers, one for each
    piece of the profile, or rows of one for each side of it.
    """
    profile = np.asarray(profile, np.float64)
    turns = 2 * np.pi * np.arange(sides) / sides
    radii = np.where(np.abs(profile[:, :1]) < NO_RADIUS_MM, 0.0, profile[:, :1] * same_area(sides))
    rings = np.stack(
        [radii * np.cos(turns), radii * np.sin(turns), np.repeat(profile[:, 1:], sides, axis=1)], axis=-1
    )
    if parts is None:
        return surface_of_rings(rings, closed)
    rows = np.asarray(parts, np.int64)
    rows = np.repeat(rows[:, None], sides, axis=1) if rows.ndim == 1 else rows
    return surface_of_rings(rings, closed, rows)


def frame_extruded(outer: Any, inner: Any, low: Any, high: Any) -> vtkPolyData:
    """Return a ring-shaped slab between an outer and an inner outline, (N, 2) each, point facing point.

    `low` and `high` are functions of (N, 2) places that return the heights of the slab's faces there, (N,).
    """
    outer, inner = np.asarray(outer, float), np.asarray(inner, float)
    rings = [
        np.column_stack([o, f(o)]) for o, f in ((outer, low), (outer, high), (inner, high), (inner, low))
    ]
    return surface_of_rings(rings, closed=True)


def same_area(sides: int) -> float:
    """Return by what a regular polygon's radius exceeds that of the circle of its area."""
    return float(np.sqrt(2 * np.pi / sides / np.sin(2 * np.pi / sides)))


def arc(
    radius: float,
    from_deg: float,
    to_deg: float,
    centre: tuple[float, float] = (0.0, 0.0),
    steps: int = ARC_STEPS,
) -> Float64Array:
    """Return places (M, 2) on a circle, counted from the first coordinate's axis; both ends among them."""
    turns = np.radians(np.linspace(from_deg, to_deg, steps + 1))
    return np.column_stack([centre[0] + radius * np.cos(turns), centre[1] + radius * np.sin(turns)])


def placed_in(surface: vtkPolyData, origin: Any, axis: Any, side_axis: Any) -> vtkPolyData:
    """Return a surface with its z along `axis`, its x along `side_axis` as far as may be, at `origin`.

    Arrays of the cells are kept.
    """
    z = np.asarray(axis, float) / np.linalg.norm(axis)
    x = np.asarray(side_axis, float) - np.dot(side_axis, z) * z
    x = x / np.linalg.norm(x)
    turned = points_of(surface) @ np.array([x, np.cross(z, x), z]) + np.asarray(origin, float)
    placed = polydata_from(turned, triangles_of(surface))
    placed.GetCellData().ShallowCopy(surface.GetCellData())
    return placed


def _quads(here: IntArray, after: IntArray) -> IntArray:
    """Return two triangles for each piece between rings of point numbers, (2 K N, 3), piece by piece."""
    a, b = here, np.roll(here, -1, axis=1)
    c, d = np.roll(after, -1, axis=1), after
    pieces: IntArray = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], axis=2).reshape(-1, 3)
    return pieces


def _fan(ring: IntArray, middle: int) -> IntArray:
    return np.column_stack([ring, np.roll(ring, -1), np.full(len(ring), middle)])

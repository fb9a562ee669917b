"""Exact distances of many points from a surface: on all processors where numba is installed, else by VTK.

The sign is that of the angle-weighted pseudonormal at the closest place (Baerentzen and Aanaes, IEEE TVCG
11(3), 2005), as VTK's is.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkDoubleArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkImplicitPolyDataDistance

from ..arrays import BoolArray, Float64Array, IntArray
from ..progress import Progress, silent
from .polydata import points_of, triangles_of
from .topology import edges_of

POINTS_AT_ONCE = 20_000  # a fraction of a second by VTK, so that a cancel is heard
COMPILED_AT_ONCE = 400_000
WORTH_COMPILING = 300_000  # points; for fewer VTK is done before the compiled loops are loaded


def distances_mm(points: Float64Array, surface: vtkPolyData, progress: Progress = silent) -> Float64Array:
    """Return the distance of points (N, 3) from the faces of a surface: (N,), none negative."""
    if not _is_compiled(len(points)):
        return np.abs(_by_vtk(points, surface, progress))
    return _by_numba(points, points_of(surface)[triangles_of(surface)], progress)[0]


def signed_distances_mm(
    points: Float64Array, surface: vtkPolyData, progress: Progress = silent
) -> Float64Array:
    """Return the distance of points (N, 3) from the faces of a surface: (N,), negative inside."""
    if not _is_compiled(len(points)):
        return _by_vtk(points, surface, progress)
    places, triangles = points_of(surface), triangles_of(surface)
    found, face, weights = _by_numba(points, places[triangles], progress)
    gap = points - np.einsum("nk,nki->ni", weights, places[triangles[face]])
    inside = np.einsum("ni,ni->n", gap, _pseudonormals(places, triangles, face, weights)) < 0
    return np.where(inside, -found, found)


def _is_compiled(count: int) -> bool:
    return count >= WORTH_COMPILING and find_spec("numba") is not None


def _by_vtk(points: Float64Array, surface: vtkPolyData, progress: Progress = silent) -> Float64Array:
    distance = vtkImplicitPolyDataDistance()
    distance.SetInput(surface)
    found = [np.zeros(0)]
    for start in range(0, len(points), POINTS_AT_ONCE):
        progress(start / len(points), "measuring distances")
        result = vtkDoubleArray()
        part = np.ascontiguousarray(points[start : start + POINTS_AT_ONCE], np.float64)
        distance.FunctionValue(numpy_to_vtk(part, deep=True), result)
        found.append(vtk_to_numpy(result).copy())
    return np.concatenate(found)


def _by_numba(
    points: Float64Array, corners: Float64Array, progress: Progress
) -> tuple[Float64Array, IntArray, Float64Array]:
    """Return distances, closest faces, and the closest places as weights of their corners (N, 3)."""
    from .closest_numba import boxed, closest_places

    faces, found = boxed(corners), []
    for start in range(0, len(points), COMPILED_AT_ONCE):
        progress(start / len(points), "measuring distances")
        found.append(closest_places(points[start : start + COMPILED_AT_ONCE], faces))
    distance, face, s, t = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return distance, face, np.stack([1 - s - t, s, t], -1)


def _pseudonormals(
    points: Float64Array, triangles: IntArray, face: IntArray, weights: Float64Array
) -> Float64Array:
    """Return the normal at places on faces: of the face, of both faces at a side, or of all at a corner."""
    units, angles = _units_and_angles(points[triangles])
    edges = edges_of(triangles)
    at_edges = _summed(edges.of_side, np.repeat(units[:, None], 3, axis=1), len(edges.count))
    at_points = _summed(triangles, angles[..., None] * units[:, None], len(points))
    normals, is_zero = units[face], _is_nothing(weights)
    # A side ends at the corner after its own; the corner that has no weight is the one across.
    for across in range(3):
        rows = np.flatnonzero(is_zero[:, across])
        normals[rows] = at_edges[edges.of_side[face[rows], (across + 1) % 3]]
    for corner in range(3):
        rows = np.flatnonzero(is_zero[:, (corner + 1) % 3] & is_zero[:, (corner + 2) % 3])
        normals[rows] = at_points[triangles[face[rows], corner]]
    return normals


def _is_nothing(weights: Float64Array) -> BoolArray:
    nothing: BoolArray = weights <= 1e-12
    return nothing


def _units_and_angles(corners: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the unit normals (F, 3) and the angles at the corners (F, 3) of faces (F, 3, 3)."""
    sides = np.roll(corners, -1, axis=1) - corners
    normals = np.cross(sides[:, 0], sides[:, 1])
    doubled = np.linalg.norm(normals, axis=1)
    angles = np.arctan2(doubled[:, None], -(sides * np.roll(sides, 1, axis=1)).sum(2))
    return normals / np.maximum(doubled, 1e-300)[:, None], angles


def _summed(place: IntArray, vectors: Float64Array, count: int) -> Float64Array:
    """Return the sum of the vectors (F, 3, 3) at each place (F, 3): (count, 3)."""
    return np.stack([np.bincount(place.ravel(), vectors[..., axis].ravel(), count) for axis in range(3)], -1)

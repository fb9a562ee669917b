"""Between vtkPolyData and arrays: points in RAS mm, triangles as rows of three point numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkTriangleFilter

from ..arrays import AnyArray, Float32Array, Float64Array, IntArray
from .columns import corner_columns, cross, norm

__all__ = ["points_of", "polydata_from", "signed_volume_mm3", "triangles_of", "triangulated", "welded"]


def points_of(polydata: vtkPolyData) -> Float64Array:
    """Return a copy of the points: (P, 3) in the mesh's own frame, (0, 3) where there are none."""
    if polydata.GetNumberOfPoints() == 0:
        return np.zeros((0, 3))
    return np.array(vtk_to_numpy(polydata.GetPoints().GetData()), dtype=np.float64)


def triangulated(polydata: vtkPolyData) -> vtkPolyData:
    """Return a mesh of triangles only: polygons and strips are cut up, lines and vertices left out."""
    triangles = vtkTriangleFilter()
    triangles.SetInputData(polydata)
    triangles.PassVertsOff()
    triangles.PassLinesOff()
    triangles.Update()
    result: vtkPolyData = triangles.GetOutput()
    return result


def triangles_of(polydata: vtkPolyData) -> IntArray:
    """Return a copy of the triangles: (F, 3) numbers of points; polygons and strips are cut up."""
    polygons = polydata.GetPolys()
    if polydata.GetNumberOfStrips() or (polygons.GetNumberOfCells() and polygons.IsHomogeneous() != 3):
        polygons = triangulated(polydata).GetPolys()
    if polygons.GetNumberOfCells() == 0:
        return np.zeros((0, 3), np.int64)
    return np.array(vtk_to_numpy(polygons.GetConnectivityArray()), dtype=np.int64).reshape(-1, 3)


def polydata_from(points: AnyArray, triangles: AnyArray) -> vtkPolyData:
    """Return a mesh that owns its memory.

    Parameters
    ----------
    points : (P, 3) coordinates; kept as float32, the precision of STL, so that what is checked is what a
        file holds
    triangles : (F, 3) numbers of points, counter-clockwise seen from outside
    """
    vtk_points = vtkPoints()
    vtk_points.SetData(numpy_to_vtk(np.ascontiguousarray(points, np.float32).reshape(-1, 3), deep=True))
    cells = vtkCellArray()
    flat = np.ascontiguousarray(triangles, np.int64).ravel()
    cells.SetData(3, numpy_to_vtkIdTypeArray(flat, deep=True))
    mesh = vtkPolyData()
    mesh.SetPoints(vtk_points)
    mesh.SetPolys(cells)
    return mesh


def welded(points: AnyArray, triangles: IntArray) -> tuple[Float64Array, IntArray]:
    """Merge points of equal float32 coordinates, as every reader of an STL does.

    Parameters
    ----------
    points : (P, 3) coordinates
    triangles : (F, 3) numbers of points

    Returns
    -------
    (Q, 3) points that are all different and used, and the (F, 3) triangles renumbered; a triangle whose
    points merged has a repeated number.
    """
    used = np.flatnonzero(np.bincount(triangles.ravel(), minlength=len(points)))
    rounded: Float32Array = np.ascontiguousarray(points, np.float32)[used] + np.float32(0.0)
    bits = rounded.view(np.uint32).astype(np.uint64)
    order = np.lexsort((bits[:, 2], bits[:, 0] << np.uint64(32) | bits[:, 1]))
    is_first = np.ones(len(order), bool)
    is_first[1:] = (bits[order[1:]] != bits[order[:-1]]).any(1)
    # The first of equal points stands for them: the order of those that stay is that of the input.
    first = order[is_first][np.cumsum(is_first) - 1]
    target = np.zeros(len(points), np.int64)
    target[used[order]] = first
    stays = np.zeros(len(used), bool)
    stays[first] = True
    number = np.cumsum(stays) - 1
    return rounded[stays].astype(np.float64), number[target[triangles.ravel()]].reshape(-1, 3)


def signed_volume_mm3(points: Float64Array, triangles: IntArray) -> float:
    """Return the volume inside a closed surface: positive where the triangles face outward.

    The divergence theorem: a sixth of the sum of a . (b x c), about the middle of the points for precision.
    """
    return float(corner_volumes(points, triangles).sum())


def corner_volumes(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Return each triangle's signed share of the volume: (F,) in mm3."""
    if len(triangles) == 0:
        return np.zeros(0)
    a, b, c = corner_columns(points - points.mean(0), triangles)
    shares: Float64Array = np.einsum("if,if->f", a, cross(b, c)) / 6
    return shares


def triangle_areas_mm2(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Return the area of each triangle: (F,) in mm2."""
    a, b, c = corner_columns(points, triangles)
    return norm(cross(b - a, c - a)) / 2


def with_points(polydata: vtkPolyData, points: AnyArray) -> vtkPolyData:
    """Return a mesh of the same triangles with other points, (P, 3)."""
    return polydata_from(points, triangles_of(polydata))


def bounds_of(points: Float64Array) -> tuple[Any, Any]:
    """Return the least and the greatest corner of the points: two (3,) arrays, zeros without points."""
    if len(points) == 0:
        return np.zeros(3), np.zeros(3)
    return points.min(0), points.max(0)

"""Where lines meet a surface, and which face is nearest to a place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import reference
from vtkmodules.vtkCommonDataModel import vtkGenericCell, vtkPolyData, vtkStaticCellLocator
from vtkmodules.vtkFiltersCore import vtkPolyDataNormals

from ..arrays import AnyArray, Float64Array, IntArray
from ..mesh.polydata import points_of, polydata_from, triangles_of

CREASE_DEG = 30.0
"""Faces that meet at a larger angle keep normals of their own there."""
MEAN_COSINE = 0.3
CLEAR_MM = 1e-4
"""A line that goes on from where it met a face starts this far behind it."""


@dataclass(frozen=True)
class Hits:
    """Where lines first met a surface.

    Attributes
    ----------
    along_mm : (N,) from the line's start; infinite where it met nothing
    normals : (N, 3) of the surface there, smooth across faces but for creases; zeros where nothing was met
    """

    along_mm: Float64Array
    normals: Float64Array


class Probe:
    """A surface made ready to be asked many times."""

    def __init__(self, surface: vtkPolyData) -> None:
        creased = _with_normals(surface)
        self.points, self.triangles = points_of(creased), triangles_of(creased)
        self._point_normals = vtk_to_numpy(creased.GetPointData().GetNormals()).astype(np.float64)
        # Its declared types know no references, so it goes untyped.
        self._locator: Any = vtkStaticCellLocator()
        self._locator.SetDataSet(creased)
        self._locator.BuildLocator()
        self.face_normals = _normals(self.points, self.triangles)

    @cached_property
    def _boxes(self) -> tuple[Float64Array, Float64Array]:
        """The low and the high corner of the box about each face, (F, 3) each."""
        corners = self.points[self.triangles]
        return corners.min(axis=1), corners.max(axis=1)

    @cached_property
    def _sizes(self) -> Float64Array:
        """Twice the area of each face, (F,)."""
        sizes: Float64Array = np.linalg.norm(self.face_normals, axis=1)
        return sizes

    def nearest(self, place: AnyArray) -> tuple[Float64Array, int]:
        """Return the point of the surface nearest to a place, and its face."""
        found, face = [0.0, 0.0, 0.0], reference(0)
        self._locator.FindClosestPoint(
            tuple(place), found, vtkGenericCell(), face, reference(0), reference(0.0)
        )
        return np.array(found), int(face)

    def first_hits(self, starts: Float64Array, direction: Float64Array, length_mm: float) -> Hits:
        """Return where lines from points (N, 3) first meet the surface; a direction for all, or one each."""
        along, normals = np.full(len(starts), np.inf), np.zeros((len(starts), 3))
        place, inside = [0.0] * 3, [0.0] * 3
        part: Any = reference(0.0)
        sub, face = reference(0), reference(0)
        for number, (start, end) in enumerate(
            zip(starts.tolist(), (starts + length_mm * direction).tolist(), strict=True)
        ):
            if self._locator.IntersectWithLine(start, end, 1e-9, part, place, inside, sub, face):
                along[number] = float(part) * length_mm
                weights = np.array([1 - inside[0] - inside[1], inside[0], inside[1]])
                normals[number] = weights @ self._point_normals[self.triangles[int(face)]]
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        return Hits(along, normals / np.maximum(lengths, 1e-12))

    def mean_normal(self, place: AnyArray, radius_mm: float) -> Float64Array:
        """Return the mean normal of the faces about a place that look the same way as the nearest one."""
        here = self.face_normals[self.nearest(place)[1]]
        here = here / max(float(np.linalg.norm(here)), 1e-12)
        (low, high), sizes = self._boxes, self._sizes
        # From the place to the box about each face; large faces count for what may lie within the radius.
        away = np.linalg.norm(np.maximum(low - place, 0) + np.maximum(place - high, 0), axis=1)
        alike = (away < radius_mm) & (self.face_normals @ here > MEAN_COSINE * sizes)
        share = np.minimum(1.0, 2 * np.pi * radius_mm**2 / np.maximum(sizes, 1e-12))[alike]
        total = share @ self.face_normals[alike] + 1e-9 * here
        mean: Float64Array = total / np.linalg.norm(total)
        return mean


def _normals(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Return the outward normal of each face, as long as twice its area: (F, 3)."""
    a, b, c = points[triangles.T]
    normals: Float64Array = np.cross(b - a, c - a)
    return normals


def _with_normals(surface: vtkPolyData) -> vtkPolyData:
    """Return the triangles of a surface with normals at their points, which are doubled along creases."""
    normals = vtkPolyDataNormals()
    normals.SetInputData(polydata_from(points_of(surface), triangles_of(surface)))
    normals.SetFeatureAngle(CREASE_DEG)
    normals.SplittingOn()
    normals.ConsistencyOff()
    normals.AutoOrientNormalsOff()
    normals.Update()
    result: vtkPolyData = normals.GetOutput()
    return result

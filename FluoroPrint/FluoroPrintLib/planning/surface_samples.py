"""Places all over a surface, each with the area that it stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array, IntArray
from ..mesh.polydata import points_of, triangles_of

SAMPLE_MM, CELL_MM = 1.5, 1.0
"""Longest edge of the patches that a surface is parted into; of what lies in one cell one place is kept."""
FAR = 1 << 20


@dataclass(frozen=True)
class SurfaceSamples:
    """Places on a surface.

    Attributes
    ----------
    places : (N, 3) mm, in the frame of the surface
    areas_mm2 : (N,) how much of the surface each stands for
    """

    places: Float64Array
    areas_mm2: Float64Array


def surface_samples(surface: vtkPolyData) -> SurfaceSamples:
    """Return places all over a surface, nearly all of which lies within `SAMPLE_MM` of one.

    Each triangle is parted along its longest edge and across it into patches. Of the corners and the middles
    of patches in a cube of `CELL_MM` one is kept, a corner if there is one. The areas add up to its area.
    """
    points = points_of(surface)
    corners = _longest_first(points[triangles_of(surface)])
    long = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    along, across = _steps(long), _steps(2 * area / np.maximum(long, 1e-9))
    triangle, i, j = _patches(along, across)
    u, v = (i + 0.5) / along[triangle], (j + 0.5) / across[triangle]
    a, b, c = corners[triangle].transpose(1, 0, 2)
    places = a + v[:, None] * (c - a) + (u * (1 - v))[:, None] * (b - a)
    areas = (2 * area / (along * across))[triangle] * (1 - v)
    return _thinned(np.concatenate([points, places]), np.concatenate([np.zeros(len(points)), areas]))


def _thinned(places: Float64Array, areas: Float64Array) -> SurfaceSamples:
    """Return the first place in each cell, which stands for all that lie in it."""
    cells = np.floor(places / CELL_MM).astype(np.int64) + FAR // 2
    _, kept, cell = np.unique(cells @ np.array([FAR * FAR, FAR, 1]), return_index=True, return_inverse=True)
    summed: Float64Array = np.bincount(cell, areas, len(kept)).astype(np.float64)
    return SurfaceSamples(places[kept], summed)


def _longest_first(corners: Float64Array) -> Float64Array:
    """Return triangles (F, 3, 3) with their corners turned so that the first edge is the longest."""
    edges = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    turn = (edges.argmax(axis=1)[:, None] + np.arange(3)) % 3
    turned: Float64Array = corners[np.arange(len(corners))[:, None], turn]
    return turned


def _steps(length_mm: Float64Array) -> IntArray:
    steps: IntArray = np.maximum(np.ceil(length_mm / SAMPLE_MM), 1).astype(np.int64)
    return steps


def _patches(along: IntArray, across: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return of each patch the number of its triangle, and its own along and across it, (N,) each."""
    counts = along * across
    triangle = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return triangle, number % along[triangle], number // along[triangle]

"""How thick walls and how wide gaps are: rays from places spread over the surface, inward and outward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from vtkmodules.vtkCommonCore import mutable
from vtkmodules.vtkCommonDataModel import vtkStaticCellLocator

from ..arrays import Float64Array, IntArray
from ..mesh.polydata import polydata_from, triangle_areas_mm2
from ..progress import Progress, silent

PLACES = 3000
SEED = 20
START_MM = 1e-3
"""Rays begin this far from the surface, so that they do not meet the face they start from."""
FACING = -0.5
"""A wall's other side faces the other way, within 60 degrees: the cosine of the two normals is below."""


@dataclass(frozen=True)
class Thicknesses:
    """What rays met.

    Attributes
    ----------
    walls_mm : (N,) way through the material at each place, infinite where the other side is slanted
    gaps_mm : (N,) way through the air to the same part, infinite where there is nothing opposite
    """

    walls_mm: Float64Array
    gaps_mm: Float64Array

    def share_of_walls_under(self, limit_mm: float) -> float:
        """Return the share of the surface with walls thinner than a limit."""
        return float((self.walls_mm < limit_mm).mean())

    def share_of_gaps_under(self, limit_mm: float) -> float:
        """Return the share of the surface that faces a gap or hole narrower than a limit."""
        return float((self.gaps_mm < limit_mm).mean())


def thicknesses(
    points: Float64Array,
    triangles: IntArray,
    reach_mm: float,
    *,
    places: int = PLACES,
    progress: Progress = silent,
) -> Thicknesses:
    """Measure walls and gaps at places spread evenly over a closed surface.

    Parameters
    ----------
    points, triangles : (P, 3) mm and (F, 3), facing outward
    reach_mm : what is wider is infinite
    places : how many; a spot is found surely only where it is larger than the surface divided by this
    progress : told how far the work is
    """
    starts, normals = _places(points, triangles, places)
    locator = vtkStaticCellLocator()
    locator.SetDataSet(polydata_from(points, triangles))
    locator.BuildLocator()
    met = np.full((2, len(starts)), np.inf)
    face_normals = _normals(points, triangles)
    for number, (start, normal) in enumerate(zip(starts, normals, strict=True)):
        for side, way in enumerate((-normal, normal)):
            met[side, number] = _way(locator, start, way, normal, reach_mm, face_normals)
        if number % 256 == 0:
            progress(number / len(starts), "Measuring walls")
    return Thicknesses(met[0], met[1])


def _places(points: Float64Array, triangles: IntArray, count: int) -> tuple[Float64Array, Float64Array]:
    """Return places and outward normals, as likely per area everywhere; the same ones at each call."""
    random = np.random.default_rng(SEED)
    areas = triangle_areas_mm2(points, triangles)
    steps = (np.arange(count) + random.random(count)) / count * areas.sum()
    faces = np.minimum(np.searchsorted(np.cumsum(areas), steps), len(areas) - 1)
    u, v = random.random((2, count))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    a, b, c = points[triangles[faces].T]
    return a + u[:, None] * (b - a) + v[:, None] * (c - a), _normals(points, triangles[faces])


def _normals(points: Float64Array, triangles: IntArray) -> Float64Array:
    a, b, c = points[triangles.T]
    across = np.cross(b - a, c - a)
    normals: Float64Array = across / np.maximum(np.linalg.norm(across, axis=1), 1e-30)[:, None]
    return normals


def _way(
    locator: Any,
    start: Float64Array,
    way: Float64Array,
    normal: Float64Array,
    reach_mm: float,
    face_normals: Float64Array,
) -> float:
    """Return how far the surface's other side is along a ray, infinite where there is none within reach."""
    along, part, cell = mutable(0.0), mutable(0), mutable(-1)
    hit, within = [0.0] * 3, [0.0] * 3
    first, last = start + START_MM * way, start + reach_mm * way
    if not locator.IntersectWithLine(first, last, 0.0, along, hit, within, part, cell):
        return np.inf
    opposite = face_normals[int(cell)] @ normal < FACING
    return float(np.linalg.norm(np.array(hit) - start)) if opposite else np.inf

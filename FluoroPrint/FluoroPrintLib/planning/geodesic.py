"""Short ways over a surface through places that were clicked on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import solveh_banded
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersModeling import vtkDijkstraGraphGeodesicPath

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..mesh.polydata import points_of, polydata_from, triangles_of
from ..shape.probing import Probe
from .plan import Place

STEP_MM = 1.0
STIFFNESSES = (*[300.0] * 8, *[30.0] * 16, *[5.0] * 6)
"""How much each round straightens the way before it is laid onto the surface again: less and less."""
SHORTEST_MM = 0.5


def way_over(surface: vtkPolyData, clicks_ras: Sequence[Place], step_mm: float = STEP_MM) -> Float64Array:
    """Return a short way over a surface through places near it: (N, 3), about `step_mm` from one to the next.

    Dijkstra's way along the edges is straightened and laid onto the surface again, in turns, between any two
    of the places, which keep where they are: so it tends to the shortest way nearby.

    Raises
    ------
    FluoroPrintError
        There are fewer than two places, two that follow each other are one, or no way joins them.
    """
    probe = Probe(surface)
    places = [probe.nearest(np.array(click, float))[0] for click in clicks_ras]
    if len(places) < 2:
        raise FluoroPrintError("A way over the bone needs two places or more: add places.")
    parts = [_way_between(surface, probe, *pair, step_mm) for pair in zip(places, places[1:], strict=False)]
    return np.concatenate([parts[0][:1], *(part[1:] for part in parts)])


def _way_between(
    surface: vtkPolyData, probe: Probe, start: Float64Array, end: Float64Array, step_mm: float
) -> Float64Array:
    if np.linalg.norm(end - start) < SHORTEST_MM:
        raise FluoroPrintError("Two places of the way are one: move them apart.")
    way = resampled(np.concatenate([[start], _along_edges(surface, start, end), [end]]), step_mm)
    for stiffness in STIFFNESSES:
        way = resampled(_laid_on(probe, _straightened(way, stiffness)), step_mm)
    return way


def _along_edges(surface: vtkPolyData, start: Float64Array, end: Float64Array) -> Float64Array:
    """Return Dijkstra's way between the points of a mesh nearest to two places."""
    points = points_of(surface)
    first, last = (int(((points - place) ** 2).sum(axis=1).argmin()) for place in (start, end))
    if first == last:
        return points[[first]]
    search = vtkDijkstraGraphGeodesicPath()
    search.SetInputData(polydata_from(points, triangles_of(surface)))
    search.SetStartVertex(first)
    search.SetEndVertex(last)
    search.Update()
    found = search.GetOutput().GetPoints()
    if found is None or found.GetNumberOfPoints() < 2:
        raise FluoroPrintError(
            "No way over the surface joins two of the places: they lie on separate pieces."
        )
    way: Float64Array = vtk_to_numpy(found.GetData()).astype(np.float64)
    return way[::-1] if np.linalg.norm(way[0] - points[first]) > 1e-3 else way


def _straightened(way: Float64Array, stiffness: float) -> Float64Array:
    """Return a way with its bends eased (implicit diffusion), its ends kept."""
    inner = len(way) - 2
    if inner < 1:
        return way
    bands = np.vstack([np.full(inner, -stiffness), np.full(inner, 1 + 2 * stiffness)])
    wanted = way[1:-1].copy()
    wanted[0] += stiffness * way[0]
    wanted[-1] += stiffness * way[-1]
    return np.concatenate([way[:1], solveh_banded(bands, wanted), way[-1:]])


def _laid_on(probe: Probe, way: Float64Array) -> Float64Array:
    inner = [probe.nearest(place)[0] for place in way[1:-1]]
    return np.concatenate([way[:1], np.reshape(inner, (-1, 3)), way[-1:]])


def lengths_along(way: Float64Array) -> Float64Array:
    """Return the length of a way (N, 3) up to each of its points: (N,)."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1))])


def places_along(way: Float64Array, along_mm: Float64Array) -> Float64Array:
    """Return the places at lengths (M,) along a way: (M, 3)."""
    known = lengths_along(way)
    return np.stack([np.interp(along_mm, known, way[:, axis]) for axis in range(3)], -1)


def resampled(way: Float64Array, step_mm: float) -> Float64Array:
    """Return a way with evenly spaced points, both ends kept; points that are one are merged."""
    apart = np.concatenate([[True], np.linalg.norm(np.diff(way, axis=0), axis=1) > 1e-9])
    kept = way[apart]
    length = float(lengths_along(kept)[-1])
    return places_along(kept, np.linspace(0.0, length, max(int(round(length / step_mm)), 2) + 1))

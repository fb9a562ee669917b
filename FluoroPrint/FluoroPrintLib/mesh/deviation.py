"""How far a model lies from the surface that it was made from, measured both ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import BoolArray, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..progress import Progress, part_of, silent
from .columns import side_lengths_mm
from .distance import distances_mm, signed_distances_mm
from .polydata import points_of, triangles_of


@dataclass(frozen=True)
class Deviation:
    """Distances between two surfaces, both ways.

    Attributes
    ----------
    mean_mm : average of the two mean distances (model to reference, reference to model)
    p95_mm : larger of the two 95th percentiles
    max_mm : larger of the two greatest distances (Hausdorff distance of the samples)
    at_points_mm : (P,) distance of each point of the model, positive outside the reference
    """

    mean_mm: float
    p95_mm: float
    max_mm: float
    at_points_mm: Float64Array


def deviation(model: vtkPolyData, reference: vtkPolyData, progress: Progress = silent) -> Deviation:
    """Measure how far the model and the reference surface lie apart.

    Each surface is sampled at its points and across its larger faces, at most the mean edge of the finer
    surface apart; each sample's distance is to the closest point on the faces of the other surface.

    Parameters
    ----------
    model, reference : surfaces in the same frame, mm
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        A surface has no faces.
    """
    if not model.GetNumberOfPolys() or not reference.GetNumberOfPolys():
        raise FluoroPrintError(
            "A surface without faces has no deviation: give a model and what it was made from."
        )
    spacing = min(mean_edge_mm(model), mean_edge_mm(reference))
    count = model.GetNumberOfPoints()
    there = _measured(model, spacing, reference, signed_distances_mm, part_of(progress, 0.0, 0.5))
    back = _measured(reference, spacing, model, distances_mm, part_of(progress, 0.5, 1.0))
    ways = (np.abs(there), back)
    return Deviation(
        mean_mm=float(np.mean([way.mean() for way in ways])),
        p95_mm=float(max(np.percentile(way, 95) for way in ways)),
        max_mm=float(max(way.max() for way in ways)),
        at_points_mm=there[:count].copy(),
    )


def _measured(
    sampled: vtkPolyData,
    spacing_mm: float,
    surface: vtkPolyData,
    measure: Callable[[Float64Array, vtkPolyData, Progress], Float64Array],
    progress: Progress,
) -> Float64Array:
    """Measure samples of one surface to another; those that are corners of its faces are known: nothing."""
    progress(0.0, "measuring distances")
    samples = samples_of(sampled, spacing_mm)
    found = np.zeros(len(samples))
    apart = ~_are_corners(samples, surface)
    if apart.any():
        found[apart] = measure(samples[apart], surface, progress)
    return found


def _are_corners(places: Float64Array, surface: vtkPolyData) -> BoolArray:
    """Tell which places (N, 3) are, to the last digit, corners of faces of a surface: (N,)."""
    used = np.zeros(surface.GetNumberOfPoints(), bool)
    used[triangles_of(surface)] = True
    known = np.sort(_keys(points_of(surface)[used]))
    keys = _keys(places)
    found: BoolArray = known[np.searchsorted(known[:-1], keys)] == keys
    return found


def _keys(places: Float64Array) -> IntArray:
    """Return a number for each place, the same for the same place and as good as never for two (64 bits)."""
    bits = np.ascontiguousarray(places + 0.0).view(np.uint64).reshape(-1, 3)
    with np.errstate(over="ignore"):
        mixed = bits * np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
        mixed ^= mixed >> np.uint64(29)
        keys: IntArray = (mixed * np.array([3, 5, 7], np.uint64)).sum(1, dtype=np.uint64)
    return keys


def rounded_up(value: float) -> float:
    """Return the next 1, 2, 2.5 or 5 times a power of ten at or above a value above 0; 1 for others."""
    if not np.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-9)))


def mean_edge_mm(surface: vtkPolyData) -> float:
    """Return the mean length of the sides of the faces."""
    return float(side_lengths_mm(points_of(surface), triangles_of(surface)).mean())


def samples_of(surface: vtkPolyData, spacing_mm: float) -> Float64Array:
    """Return the points of a surface, then samples across each face whose sides are longer than the spacing.

    Parameters
    ----------
    surface : triangles, in mm
    spacing_mm : samples lie at most about this far apart

    Returns
    -------
    (P + S, 3) points
    """
    points, triangles = points_of(surface), triangles_of(surface)
    longest = side_lengths_mm(points, triangles).max(0)
    # Sides of a little over the spacing, as the diagonals of a labelmap's surface have, need no more points.
    parts = np.clip(np.ceil(longest / spacing_mm - 0.75), 1, 64).astype(np.int64)
    numbers = np.flatnonzero(np.bincount(parts)).tolist()
    across = [_lattice(number) @ points[triangles[parts == number]] for number in numbers if number > 1]
    return np.concatenate([points, *(samples.reshape(-1, 3) for samples in across)])


def _lattice(number: int) -> Float64Array:
    """Return barycentric weights (M, 3): a lattice of `number` steps a side without the corners."""
    grid = np.indices((number + 1, number + 1)).reshape(2, -1).T
    steps = np.column_stack([grid, number - grid.sum(1)])
    inside = (steps >= 0).all(1) & (steps < number).all(1)
    weights: Float64Array = steps[inside] / number
    return weights

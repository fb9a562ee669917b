"""Places within plane outlines: a grid of points inside, and the choice of some that lie far apart."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float64Array
from .solids import Outline

MOST_SAMPLES = 20_000


def samples_within(region: Outline, spacing_mm: float) -> Float64Array:
    """Return points (N, 2) within a region, about the spacing apart, the innermost first."""
    if region.is_empty():
        return np.zeros((0, 2))
    low, high = np.reshape(region.bounds(), (2, 2))
    extent = np.maximum(high - low, 1e-6)
    step = max(min(spacing_mm, float(extent.min()) / 4), float(np.sqrt(extent.prod() / MOST_SAMPLES)))
    ticks = [np.arange(low[axis] + step / 4, high[axis], step) for axis in range(2)]
    grid = np.stack(np.meshgrid(*ticks, indexing="ij"), -1)
    inside = is_within(region, grid.reshape(-1, 2)).reshape(grid.shape[:2])
    depth = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
    order = np.argsort(-depth[inside], kind="stable")
    points: Float64Array = grid[inside][order]
    return points


def is_within(region: Outline, points: Float64Array) -> BoolArray:
    """Tell which points (N, 2) lie within a region: those with an odd number of sides to their right."""
    inside = np.zeros(len(points), bool)
    x, y = points[:, 0], points[:, 1]
    for polygon in region.to_polygons():
        starts = np.asarray(polygon)
        for (x0, y0), (x1, y1) in zip(starts, np.roll(starts, -1, axis=0), strict=True):
            crosses = (y0 > y) != (y1 > y)
            if crosses.any():
                inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0 if y1 != y0 else 1.0))
    return inside


def farthest_points(points: Float64Array, count: int, apart_mm: float) -> Float64Array:
    """Choose some of the points (N, 2), each as far from those before as may be.

    Parameters
    ----------
    points : the innermost first, which is the choice where a single one is wanted
    count : how many are wanted at most
    apart_mm : least distance between two
    """
    if len(points) == 0:
        return points
    first = points[0]
    if count > 1:
        first = points[np.linalg.norm(points - points.mean(0), axis=1).argmax()]
    chosen = [first]
    nearest = np.linalg.norm(points - first, axis=1)
    while len(chosen) < count and nearest.max() >= apart_mm:
        chosen.append(points[nearest.argmax()])
        nearest = np.minimum(nearest, np.linalg.norm(points - chosen[-1], axis=1))
    return np.array(chosen)

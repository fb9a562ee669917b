"""The field of view: what every view of a sweep sees."""

from __future__ import annotations

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..geometry.orbit import Orbit
from ..geometry.sweep import SweepGeometry
from .weights import focal_lengths

COARSE_CELLS = 40
PROBE_VIEWS = 60


def default_size_mm(geometry: SweepGeometry, orbit: Orbit) -> tuple[float, float, float]:
    """Return the edges of the box around the field of view that all views share.

    Returns
    -------
    Length along left-right, front-back and foot-head in mm, for an orbit about the foot-head axis.
    """
    along_columns, along_rows, _ = focal_lengths(geometry)
    half_fan = np.arctan((geometry.columns - 1) / 2 / np.median(along_columns))
    across = 2 * orbit.radius_mm * np.sin(half_fan)
    along = (geometry.rows - 1) / np.median(along_rows) * orbit.radius_mm
    return float(across), float(across), float(along)


def outside_field(
    geometry: SweepGeometry, ijk_to_ras: Float64Array, size_ijk: tuple[int, int, int]
) -> BoolArray:
    """Return (K, J, I): True where a view does not see the voxel.

    The distance to the nearest edge of any frame is worked out on a coarse grid and interpolated.
    """
    cells = [np.linspace(0, n - 1, min(n, COARSE_CELLS)) for n in size_ijk]
    coarse = np.stack(np.meshgrid(*cells, indexing="ij"), -1).reshape(-1, 3)
    views = np.unique(np.linspace(0, geometry.count - 1, PROBE_VIEWS).astype(int))
    ijk_to_pixel = geometry.ras_to_pixel[views] @ ijk_to_ras
    margin = np.full(len(coarse), np.inf)
    for matrix in ijk_to_pixel:
        margin = np.minimum(margin, _margin_px(matrix, coarse, geometry))
    shape = tuple(len(cell) for cell in cells)
    return _interpolated_sign(margin.reshape(shape), size_ijk)


def _margin_px(matrix: Float64Array, points: Float64Array, geometry: SweepGeometry) -> Float64Array:
    """Return how far inside the frame each point falls, in pixels; negative outside."""
    column, row, depth = matrix[:, :3] @ points.T + matrix[:, 3:]
    column, row = column / depth, row / depth
    inside: Float64Array = np.minimum.reduce(
        [column, geometry.columns - 1 - column, row, geometry.rows - 1 - row]
    )
    return np.where(depth > 0, inside, -np.inf)


def _interpolated_sign(margin_ijk: Float64Array, size_ijk: tuple[int, int, int]) -> BoolArray:
    """Return (K, J, I): where the margin, interpolated to the full grid, is under zero."""
    result = margin_ijk.astype(np.float32)  # the full grid of float64 would weigh twice the volume
    for axis, count in enumerate(size_ijk):
        result = _stretched(result, axis, count)
    return np.ascontiguousarray((result < 0).transpose(2, 1, 0))


def _stretched(array: Float32Array, axis: int, count: int) -> Float32Array:
    places = np.linspace(0, array.shape[axis] - 1, count)
    lower = np.minimum(places.astype(int), max(array.shape[axis] - 2, 0))
    upper = np.minimum(lower + 1, array.shape[axis] - 1)
    shape = [1, 1, 1]
    shape[axis] = count
    share = (places - lower).astype(np.float32).reshape(shape)
    stretched: Float32Array = array.take(lower, axis) * (1 - share) + array.take(upper, axis) * share
    return stretched

"""The field of view: what every view of a sweep sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array, Float64Array, IntArray
from ..geometry.orbit import Orbit
from ..geometry.sweep import SweepGeometry, focal_lengths

COARSE_CELLS = 24
PROBE_VIEWS = 60
MARGIN_VOXELS = 1


def default_size_mm(geometry: SweepGeometry, orbit: Orbit) -> tuple[float, float, float]:
    """Return the edges of the box around the field of view that all views share.

    Returns
    -------
    Length along left-right, front-back and foot-head in mm, for an orbit about the foot-head axis.
    """
    distance = float(np.median(np.linalg.norm(geometry.sources_ras - orbit.centre_ras, axis=1)))
    distance = max(distance, float(np.median(np.linalg.norm(geometry.sources_ras, axis=1))))
    along_columns, along_rows, principal = focal_lengths(geometry)
    reach_columns = np.maximum(principal[:, 0], geometry.columns - 1 - principal[:, 0])
    reach_rows = np.maximum(principal[:, 1], geometry.rows - 1 - principal[:, 1])
    across = 2 * distance * np.sin(np.arctan(np.median(reach_columns / along_columns)))
    along = 2 * distance * np.median(reach_rows / along_rows)
    return float(across), float(across), float(along)


@dataclass(frozen=True)
class Field:
    """Which voxels of a grid all views see.

    Attributes
    ----------
    margin_ijk : how far inside the nearest edge of any frame a point of a coarse grid falls, in pixels;
        negative outside; the coarse grid spans the voxel grid
    size_ijk : number of voxels of the grid along i, j, k
    """

    margin_ijk: Float32Array
    size_ijk: tuple[int, int, int]

    def rows(self, axis: int) -> IntArray:
        """Return (P, 2): first row and end of the rows in the field, for each plane along axis 0 or 1.

        Rows run along the other one of the two axes.
        """
        flat = self.margin_ijk.max(2) if axis == 0 else self.margin_ijk.max(2).T
        inside = _stretched(_stretched(flat, 0, self.size_ijk[axis]), 1, self.size_ijk[1 - axis]) >= 0
        count = inside.shape[1]
        first = np.where(inside.any(1), inside.argmax(1) - MARGIN_VOXELS, 0)
        end = np.where(inside.any(1), count - inside[:, ::-1].argmax(1) + MARGIN_VOXELS, 0)
        limits: IntArray = np.clip(np.stack([first, end], 1), 0, count)
        return limits

    def fill_outside(self, volume_kji: Float32Array, value: float) -> None:
        """Set the voxels (K, J, I) that a view does not see."""
        flat = _stretched(_stretched(self.margin_ijk, 0, self.size_ijk[0]), 1, self.size_ijk[1])
        flat = np.ascontiguousarray(flat.transpose(2, 1, 0))
        for k, place in enumerate(np.linspace(0, len(flat) - 1, self.size_ijk[2])):
            lower = min(int(place), max(len(flat) - 2, 0))
            upper = min(lower + 1, len(flat) - 1)
            share = np.float32(place - lower)
            volume_kji[k][flat[lower] * (1 - share) + flat[upper] * share < 0] = value


def field_of_view(geometry: SweepGeometry, ijk_to_ras: Float64Array, size_ijk: tuple[int, int, int]) -> Field:
    """Return the field of view of a sweep on a grid, from some of its views on a coarse grid."""
    cells = [np.linspace(0, n - 1, min(n, COARSE_CELLS)) for n in size_ijk]
    coarse = np.stack(np.meshgrid(*cells, indexing="ij"), -1).reshape(-1, 3)
    views = np.unique(np.linspace(0, geometry.count - 1, PROBE_VIEWS).astype(int))
    margin = np.full(len(coarse), np.inf)
    for matrix in geometry.ras_to_pixel[views] @ ijk_to_ras:
        margin = np.minimum(margin, _margin_px(matrix, coarse, geometry))
    return Field(margin.reshape([len(cell) for cell in cells]).astype(np.float32), size_ijk)


def _margin_px(matrix: Float64Array, points: Float64Array, geometry: SweepGeometry) -> Float64Array:
    """Return how far inside the frame each point falls, in pixels; negative outside."""
    column, row, depth = matrix[:, :3] @ points.T + matrix[:, 3:]
    column, row = column / depth, row / depth
    edges = [column, geometry.columns - 1 - column, row, geometry.rows - 1 - row]
    inside: Float64Array = np.minimum.reduce(edges)
    behind = -float(geometry.columns + geometry.rows)
    return np.where(depth > 0, inside, behind)


def _stretched(array: Float32Array, axis: int, count: int) -> Float32Array:
    """Return an array interpolated linearly to `count` places along an axis."""
    places = np.linspace(0, array.shape[axis] - 1, count)
    lower = np.minimum(places.astype(int), max(array.shape[axis] - 2, 0))
    upper = np.minimum(lower + 1, array.shape[axis] - 1)
    shape = [1] * array.ndim
    shape[axis] = count
    share = (places - lower).astype(np.float32).reshape(shape)
    stretched: Float32Array = array.take(lower, axis) * (1 - share) + array.take(upper, axis) * share
    return stretched

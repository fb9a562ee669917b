"""A mask on an upright grid: axes along right, anterior and superior, cubic voxels, whatever it came on."""

from __future__ import annotations

import itertools

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float64Array
from ..geometry.volume import Volume, transformed

FINEST_MM, COARSEST_MM = 0.8, 1.0
"""Finer voxels cost time and show the anatomy no better."""


def upright(mask: Volume, step_mm: float | None = None) -> Volume:
    """Return the mask (not 0 is bone) as bool on an upright grid over the same box."""
    step = step_mm or float(np.clip(mask.spacing_mm.min(), FINEST_MM, COARSEST_MM))
    low, high = box_of(mask)
    size = np.ceil((high - low) / step - 1e-6).astype(int) + 1
    matrix = np.diag([step, step, step, 1.0])
    matrix[:3, 3] = low
    return Volume(resampled(mask, matrix, (int(size[2]), int(size[1]), int(size[0]))), matrix)


def resampled(mask: Volume, ijk_to_ras: Float64Array, shape_kji: tuple[int, ...]) -> BoolArray:
    """Return a mask on another grid, (K, J, I) of bool."""
    taken = np.linalg.inv(mask.ijk_to_ras) @ ijk_to_ras
    found: BoolArray = (
        ndimage.affine_transform(
            (mask.array_kji > 0).astype(np.float32),
            taken[:3, :3][::-1, ::-1],
            taken[:3, 3][::-1],
            output_shape=shape_kji,
            order=1,
            mode="grid-constant",  # else rounding takes the outermost voxels for places beyond the grid
        )
        > 0.5
    )
    return found


def box_of(volume: Volume) -> tuple[Float64Array, Float64Array]:
    """Return the lowest and the highest R, A and S of the voxels' centres, (3,) each in mm."""
    corners = np.array(list(itertools.product(*((0, size - 1) for size in volume.size_ijk))))
    places = transformed(corners, volume.ijk_to_ras)
    return places.min(axis=0), places.max(axis=0)


def cropped(mask: Volume, low_ras: Float64Array, high_ras: Float64Array) -> Volume:
    """Return the part of a volume that covers a box in RAS mm; the whole of it where the box misses it."""
    box = np.array(list(itertools.product(*zip(low_ras, high_ras, strict=True))))
    ijk = transformed(box, np.linalg.inv(mask.ijk_to_ras))
    first = np.clip(np.floor(ijk.min(axis=0)), 0, np.subtract(mask.size_ijk, 1)).astype(int)
    last = np.clip(np.ceil(ijk.max(axis=0)), 0, np.subtract(mask.size_ijk, 1)).astype(int)
    i, j, k = (slice(int(a), int(b) + 1) for a, b in zip(first, last, strict=True))
    matrix = mask.ijk_to_ras.copy()
    matrix[:3, 3] = transformed(first, mask.ijk_to_ras)
    return Volume(mask.array_kji[k, j, i], matrix)

"""In how many directions bone is met: a place with bone all round lies within a bone or in its canal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from ..arrays import BoolArray, UInt8Array

FAR = 255
"""Steps are counted in a byte; bone further than this is not met."""
Direction = tuple[int, int, int]


def directions(in_slice: bool) -> Iterator[Direction]:
    """Yield the 26 directions to a voxel's neighbours, or the 8 within its axial slice (k, j, i)."""
    for direction in itertools.product((0,) if in_slice else (-1, 0, 1), (-1, 0, 1), (-1, 0, 1)):
        if direction != (0, 0, 0):
            yield direction


def hits(mask_kji: BoolArray, reach_voxels: float, in_slice: bool = False) -> UInt8Array:
    """Return for each voxel in how many of the `directions` bone lies within reach; cubic voxels."""
    count = np.zeros(mask_kji.shape, np.uint8)
    for direction in directions(in_slice):
        steps = min(int(reach_voxels / np.linalg.norm(direction)), FAR - 1)
        axis = next(axis for axis in range(3) if direction[axis])
        across = tuple(direction[other] for other in range(3) if other != axis)
        slices, counts = np.moveaxis(mask_kji, axis, 0), np.moveaxis(count, axis, 0)
        ahead = np.full(slices.shape[1:], FAR, np.uint8)
        for index in range(len(slices))[:: -direction[axis]]:
            ahead = np.where(slices[index], 0, np.minimum(_seen_along(ahead, across), FAR - 1) + 1)
            ahead = ahead.astype(np.uint8)
            counts[index] += ahead <= steps
    return count


def _seen_along(ahead: UInt8Array, across: tuple[int, ...]) -> UInt8Array:
    """Return the steps to bone of the next slice as each voxel of this one sees it, `across` aside."""
    if not any(across):
        return ahead
    seen = np.full_like(ahead, FAR)
    here = tuple(
        slice(max(0, -step), length - max(0, step)) for step, length in zip(across, ahead.shape, strict=True)
    )
    there = tuple(
        slice(max(0, step), length - max(0, -step)) for step, length in zip(across, ahead.shape, strict=True)
    )
    seen[here] = ahead[there]
    return seen

"""Dark gaps between bright bones, and the marrow that bone encloses: what a joint is told by."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array
from ..progress import Progress, silent

AXES = [step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)]
"""One of each two opposite directions to a neighbour: 13."""
DARKEST = np.float32(-1e4)
COARSE_MM = 2.0
RAY_MM = 30.0


def valley_depths(
    values: Float32Array,
    spacing_kji: Float64Array,
    widths_mm: tuple[float, ...],
    progress: Progress = silent,
) -> list[Float32Array]:
    """Return how much darker each voxel is than what lies on both sides of it, averaged over 13 directions.

    On one line through a voxel this is the morphological closing by a segment, less the voxel; a sheet as
    thin as a joint space answers on all lines across it, an edge on none.

    Parameters
    ----------
    values : (K, J, I)
    spacing_kji : (3,) mm
    widths_mm : how far to look to either side, ascending
    progress : told how far the work is

    Returns
    -------
    One array for each width.
    """
    depths = [np.zeros_like(values) for _ in widths_mm]
    for index, axis in enumerate(AXES):
        progress(index / len(AXES), "finding joint spaces")
        one, other = np.full_like(values, DARKEST), np.full_like(values, DARKEST)
        seen: set[tuple[int, ...]] = {(0, 0, 0)}
        for depth, width_mm in zip(depths, widths_mm, strict=True):
            for offset in _offsets(axis, spacing_kji, width_mm, seen):
                _brighter(one, values, offset)
                _brighter(other, values, tuple(-steps for steps in offset))
            depth += np.maximum(np.minimum(one, other) - values, 0)
    for depth in depths:
        depth /= len(AXES)
    return depths


def enclosure(
    bone: BoolArray, unmeasured: BoolArray, spacing_kji: Float64Array, progress: Progress = silent
) -> Float32Array:
    """Return the share of 26 rays from each voxel that meet bone, or leave the field, within 30 mm.

    Marrow is told so where the shell about it has holes, or is cut by the border of the field.
    """
    factors = [max(1, round(COARSE_MM / length)) for length in spacing_kji]
    blocked: BoolArray = _any_in_blocks(bone | unmeasured, factors)
    steps_mm = np.array(factors) * spacing_kji
    hits = np.zeros(blocked.shape, np.float32)
    directions = [*AXES, *(tuple(-step for step in axis) for axis in AXES)]
    for index, direction in enumerate(directions):
        progress(index / len(directions), "finding marrow")
        hits += _met(blocked, direction, int(RAY_MM / np.linalg.norm(steps_mm * direction)))
    return _spread(hits / np.float32(len(directions)), factors, bone.shape)


def _offsets(
    axis: tuple[int, ...], spacing_kji: Float64Array, width_mm: float, seen: set[tuple[int, ...]]
) -> Iterator[tuple[int, ...]]:
    """Yield the voxels along a direction in millimetres that were not seen yet."""
    line = np.array(axis) / np.linalg.norm(axis)
    step_mm = spacing_kji.min() / 2
    for length_mm in np.arange(step_mm, width_mm + step_mm / 2, step_mm):
        offset = tuple(int(steps) for steps in np.round(line * length_mm / spacing_kji))
        if offset not in seen:
            seen.add(offset)
            yield offset


def overlap(offset: tuple[int, ...], shape: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return the slices of the voxels that have a neighbour at an offset, and of those neighbours."""
    here = tuple(slice(max(0, -d), max(0, min(n, n - d))) for d, n in zip(offset, shape, strict=True))
    there = tuple(slice(max(0, d), max(0, min(n, n + d))) for d, n in zip(offset, shape, strict=True))
    return here, there


def _brighter(brightest: Float32Array, values: Float32Array, offset: tuple[int, ...]) -> None:
    here, there = overlap(offset, values.shape)
    np.maximum(brightest[here], values[there], out=brightest[here])


def _any_in_blocks(mask: BoolArray, factors: list[int]) -> BoolArray:
    pad = [(0, -size % factor) for size, factor in zip(mask.shape, factors, strict=True)]
    padded: AnyArray = np.pad(mask, pad)
    shape = [n for size, factor in zip(padded.shape, factors, strict=True) for n in (size // factor, factor)]
    blocks: BoolArray = np.any(padded.reshape(shape), axis=(1, 3, 5))
    return blocks


def _met(blocked: BoolArray, direction: tuple[int, ...], steps: int) -> BoolArray:
    """Tell from where a ray meets something; beyond the grid lies nothing."""
    met: BoolArray = blocked.copy()
    front: BoolArray = blocked
    here, there = overlap(direction, blocked.shape)
    for _ in range(steps):
        moved: BoolArray = np.zeros(blocked.shape, bool)
        moved[here] = front[there]
        front = moved
        np.logical_or(met, front, out=met)
    return met


def _spread(coarse: Float32Array, factors: list[int], shape: tuple[int, ...]) -> Float32Array:
    for axis, factor in enumerate(factors):
        coarse = np.repeat(coarse, factor, axis)
    fine: Float32Array = coarse[tuple(slice(0, size) for size in shape)]
    return fine

"""The part of a mask about a place, told from the rest by the necks between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float64Array, IntArray

NECK_SHARE = 0.5
"""A place narrower than this share of the narrower of two parts is a neck between them."""
WIDER = 1.3
"""A region does not enter parts that are wider than itself by more than this."""
LARGEST_HOLE_MM3 = 500.0
STEP_SHARE, LEAST_STEP_MM = 0.08, 0.3


def without_small_holes(mask: BoolArray, spacing_mm: Float64Array) -> BoolArray:
    """Return the mask with the holes filled that noise leaves in spongy bone and marrow."""
    labels: IntArray = ndimage.label(~mask)[0]
    sizes = np.bincount(labels.ravel()) * float(np.prod(spacing_mm))
    small = sizes <= LARGEST_HOLE_MM3
    small[0] = False
    filled: BoolArray = mask | small[labels]
    return filled


def part_about(
    mask: BoolArray, start: Any, spacing_mm: Float64Array, neck_mm: float, sprawl: float
) -> tuple[BoolArray, float]:
    """Return the part about a voxel of the mask, and the width of neck that it was held to.

    Balls are rolled from the widest place about the start into ever narrower ones, down to `neck_mm`. They
    stop before they pass a neck: where a part is met that is wider than the way to it. What they cover is
    the part; where it is more than `sprawl` times the widest ball, the balls are made wider until it is not,
    and at last cut off by the distance from the start.

    Parameters
    ----------
    mask : (K, J, I)
    start : index of a voxel of the mask
    spacing_mm : (3,) of the mask's axes
    neck_mm : narrowest way that is taken
    sprawl : largest volume, in volumes of the widest ball
    """
    depth = _depth_mm(mask, spacing_mm)
    top = _climb(depth, start, spacing_mm)
    most = sprawl * 4 / 3 * np.pi * depth[top] ** 3 / float(np.prod(spacing_mm))
    radius = depth[top]
    part = None
    for core, radius in reversed(_rolled(depth, top, neck_mm / 2)):
        part = _covered(mask, core, radius, start, top, spacing_mm)
        if np.count_nonzero(part) <= most:
            return part, 2 * float(radius)
    return _nearest_of(part, start, int(most), spacing_mm), 2 * float(radius)


def with_wall(part: BoolArray, bone: BoolArray, spacing_mm: Float64Array, wall_mm: float) -> BoolArray:
    """Return the part with the bone about it, up to the thickness of a wall."""
    near = ndimage.distance_transform_edt(~part, sampling=spacing_mm) <= wall_mm
    widened: BoolArray = part | (near & bone)
    return widened


def _depth_mm(mask: BoolArray, spacing_mm: Float64Array) -> Float64Array:
    depth: Float64Array = ndimage.distance_transform_edt(mask, sampling=spacing_mm)
    if mask.all():
        depth[...] = float(np.min(np.array(mask.shape) * spacing_mm)) / 2
    return depth


def _climb(depth: Float64Array, start: Any, spacing_mm: Float64Array) -> Any:
    """Return the centre of the widest ball that holds the start, then of wider ones about it."""
    away = _distances_mm(depth.shape, start, spacing_mm)
    top = np.unravel_index(int(np.where(away < depth, depth, 0).argmax()), depth.shape)
    while True:
        away = _distances_mm(depth.shape, top, spacing_mm)
        best = np.unravel_index(int(np.where(away < depth[top], depth, 0).argmax()), depth.shape)
        if depth[best] <= depth[top]:
            return top
        top = best


def _rolled(depth: Float64Array, top: Any, least_mm: float) -> list[tuple[BoolArray, float]]:
    """Return the centres that balls of each radius reach from the top, widest ball first."""
    own = radius = float(depth[top])
    reached: list[tuple[BoolArray, float]] = []
    before: IntArray | None = None
    while True:
        labels: IntArray = ndimage.label(depth >= radius - 1e-6)[0]
        core: BoolArray = labels == labels[top]
        if before is not None and _passes_a_neck(depth, before, core, top, radius, own):
            return reached
        reached.append((core, radius))
        before = labels
        if radius <= least_mm:
            return reached
        radius = max(least_mm, radius - max(LEAST_STEP_MM, STEP_SHARE * radius))


def _passes_a_neck(
    depth: Float64Array, before: IntArray, core: BoolArray, top: Any, radius: float, own: float
) -> bool:
    """Tell whether the centres, once of several parts, met at a place that is narrow for both."""
    met = np.unique(before[core])
    met = met[(met > 0) & (met != before[top])]
    if met.size == 0:
        return False
    widths = np.atleast_1d(ndimage.maximum(depth, before, met))
    return bool((radius < NECK_SHARE * np.minimum(widths, own)).any() or (widths > WIDER * own).any())


def _covered(
    mask: BoolArray, core: BoolArray, radius: float, start: Any, top: Any, spacing_mm: Float64Array
) -> BoolArray:
    near = ndimage.distance_transform_edt(~core, sampling=spacing_mm) <= radius
    near[start] = True
    labels: IntArray = ndimage.label(near & mask)[0]
    part: BoolArray = (labels == labels[top]) | (labels == labels[start])
    return part & (labels > 0)


def _nearest_of(part: BoolArray | None, start: Any, count: int, spacing_mm: Float64Array) -> BoolArray:
    assert part is not None, "there is a ball at least"
    away = np.where(part, _distances_mm(part.shape, start, spacing_mm), np.inf)
    limit = np.partition(away, max(count, 1) - 1, axis=None)[max(count, 1) - 1]
    labels: IntArray = ndimage.label(away <= limit)[0]
    kept: BoolArray = labels == labels[start]
    return kept


def _distances_mm(shape: tuple[int, ...], place: Any, spacing_mm: Float64Array) -> Float64Array:
    axes = np.ogrid[tuple(slice(0, size) for size in shape)]
    parts = zip(axes, place, spacing_mm, strict=True)
    distances: Float64Array = np.sqrt(sum(((axis - at) * step) ** 2 for axis, at, step in parts))
    return distances

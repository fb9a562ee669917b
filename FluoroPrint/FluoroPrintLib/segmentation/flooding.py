"""Regions by watershed, and parts made of connected pieces."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import SimpleITK as sitk  # noqa: N813 - the name that everyone uses
from scipy import ndimage

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array, IntArray
from .valleys import overlap

STEPS = 400
"""The relief is flooded in whole steps: so many for 1."""


def image_of(array: AnyArray, spacing_kji: Float64Array) -> sitk.Image:
    """Return an array as an image of SimpleITK."""
    image = sitk.GetImageFromArray(array)
    image.SetSpacing([float(length) for length in spacing_kji[::-1]])
    return image


def basins(relief: Float32Array, least_depth: float, spacing_kji: Float64Array) -> IntArray:
    """Return the catchment basins of a relief, numbered from 1; each is at least so deep.

    Parameters
    ----------
    relief : (K, J, I), 0 to 100
    least_depth : shallower basins are joined to what they would flow over to
    spacing_kji : (3,) mm
    """
    flooded = sitk.MorphologicalWatershed(
        image_of(_steps(relief), spacing_kji), least_depth * STEPS, markWatershedLine=False
    )
    found: IntArray = sitk.GetArrayFromImage(flooded).astype(np.int32)
    return found


def faces(
    regions: IntArray, where: BoolArray, values: Float32Array, combine: Callable[..., AnyArray]
) -> tuple[IntArray, IntArray, AnyArray]:
    """Return the two regions, the lower number first, and a value for each face between regions.

    Parameters
    ----------
    regions : (K, J, I)
    where : (K, J, I) both voxels of a face lie here
    values : (K, J, I)
    combine : makes the face's value of those of its two voxels
    """
    found = []
    for axis in range(3):
        here, there = overlap(tuple(int(axis == other) for other in range(3)), regions.shape)
        met = where[here] & where[there] & (regions[here] != regions[there])
        one, other = regions[here][met], regions[there][met]
        value = combine(values[here][met], values[there][met])
        found.append((np.minimum(one, other), np.maximum(one, other), value))
    low, high, value = (np.concatenate(column) for column in zip(*found, strict=True))
    return low, high, value


def separated(
    regions: IntArray, relief: Float32Array, seeds_kji: IntArray, part: IntArray, spacing_kji: Float64Array
) -> IntArray:
    """Return regions none of which holds seeds of two parts: such a one is flooded from its seeds.

    Parameters
    ----------
    regions : (K, J, I) numbers from 1
    relief : (K, J, I)
    seeds_kji : (N, 3) voxels, those of different parts each another
    part : (N,) the part of each seed, from 0
    spacing_kji : (3,) mm
    """
    pairs = np.unique(np.column_stack([regions[tuple(seeds_kji.T)], part]), axis=0)
    shared = np.zeros(regions.max() + 1, bool)
    numbers, counts = np.unique(pairs[:, 0], return_counts=True)
    shared[numbers[counts > 1]] = True
    if not shared.any():
        return regions
    markers = np.zeros(regions.shape, np.uint8)
    markers[tuple(seeds_kji.T)] = part + 1
    flooded = sitk.MorphologicalWatershedFromMarkers(
        image_of(_steps(relief), spacing_kji), image_of(markers, spacing_kji), markWatershedLine=False
    )
    own: IntArray = sitk.GetArrayFromImage(flooded).astype(np.int32)
    own[tuple(seeds_kji.T)] = part + 1
    order = np.cumsum(shared, dtype=np.int32)[regions] * np.int32(part.max() + 1)
    split: IntArray = np.where(shared[regions], len(shared) + order + own, regions).astype(np.int32)
    return split


def _steps(relief: Float32Array) -> AnyArray:
    steps: AnyArray = (relief * np.float32(STEPS)).astype(np.uint16)
    return steps


def connected_parts(
    labels: IntArray, mask: BoolArray, kept_at: IntArray, spacing_kji: Float64Array
) -> IntArray:
    """Give pieces that lie loose between other parts to the part they touch; every voxel has a part after.

    What the mask itself holds apart stays with its part, and so do pieces that hold a seed.

    Parameters
    ----------
    labels : (K, J, I) parts from 1
    mask : (K, J, I) what gets a part
    kept_at : (N, 3) the seeds
    spacing_kji : (3,) mm
    """
    kept: IntArray = np.where(mask, labels, 0)
    for label in range(1, int(labels.max()) + 1):
        kept[_loose(kept == label, (kept > 0) & (kept != label), kept_at)] = 0
    missing = mask & (kept == 0)
    if missing.any():
        nearest = ndimage.distance_transform_edt(
            kept == 0, sampling=spacing_kji, return_distances=False, return_indices=True
        )
        kept[missing] = kept[tuple(nearest[:, missing])]
    return kept


def _loose(part: BoolArray, others: BoolArray, kept_at: IntArray) -> BoolArray:
    """Return the pieces of a part, but its largest and those with a seed, that touch another part."""
    pieces, count = ndimage.label(part)
    if count < 2:
        return np.zeros_like(part)
    touching = np.zeros(count + 1, bool)
    touching[pieces[ndimage.binary_dilation(others) & part]] = True
    touching[np.bincount(pieces[part]).argmax()] = False
    touching[pieces[tuple(kept_at.T)]] = False
    touching[0] = False
    loose: BoolArray = touching[pieces]
    return loose

"""Regions grown from points: along paths of least cost, then by watershed where the regions meet."""

from __future__ import annotations

from itertools import product

import numpy as np
import SimpleITK as sitk  # noqa: N813 - the name that everyone uses
from scipy import ndimage

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array, IntArray
from .valleys import overlap

FARTHEST = 1e7
LEVELS = 200
OPEN, GAP = 230, 255
STEPS_A_MM = 25


def image_of(array: AnyArray, spacing_kji: Float64Array) -> sitk.Image:
    """Return an array as an image of SimpleITK."""
    image = sitk.GetImageFromArray(array)
    image.SetSpacing([float(length) for length in spacing_kji[::-1]])
    return image


def nearest_by_cost(speed: Float32Array, seeds_kji: IntArray, spacing_kji: Float64Array) -> IntArray:
    """Return for each voxel which seed reaches it first, 1 for the first seed; 0 where none does.

    Parameters
    ----------
    speed : (K, J, I) of the front, 0 where it cannot pass
    seeds_kji : (N, 3) voxels, each another
    spacing_kji : (3,) mm
    """
    march = sitk.FastMarchingImageFilter()
    march.SetTrialPoints([[int(index) for index in seed[::-1]] for seed in seeds_kji])
    march.SetStoppingValue(FARTHEST)
    arrival = sitk.GetArrayFromImage(march.Execute(image_of(speed, spacing_kji)))
    labels: AnyArray = np.zeros(speed.size, np.int32)
    labels[np.ravel_multi_index(tuple(seeds_kji.T), speed.shape)] = np.arange(1, len(seeds_kji) + 1)
    found: IntArray = labels[_origins(arrival, seeds_kji)].reshape(speed.shape)
    return found


def _origins(arrival: AnyArray, seeds_kji: IntArray) -> IntArray:
    """Follow each voxel's front back to where it started; return flat indices."""
    parent = _earliest_neighbours(arrival)
    seeds = np.array(np.ravel_multi_index(tuple(seeds_kji.T), arrival.shape))
    parent[seeds] = seeds
    while True:
        farther = parent[parent]
        if np.array_equal(farther, parent):
            return parent
        parent = farther


def _earliest_neighbours(arrival: AnyArray) -> IntArray:
    earliest = arrival.copy()
    index: AnyArray = np.arange(arrival.size, dtype=np.int32).reshape(arrival.shape)
    parent = index.copy()
    for offset in product((-1, 0, 1), repeat=3):
        if np.abs(offset).sum() == 1:
            here, there = overlap(offset, arrival.shape)
            earlier = arrival[there] < earliest[here]
            earliest[here][earlier] = arrival[there][earlier]
            parent[here][earlier] = index[there][earlier]
    flat: IntArray = parent.ravel()
    return flat


def watershed(
    depth_mm: Float32Array, gap: BoolArray, markers: IntArray, spacing_kji: Float64Array
) -> IntArray:
    """Flood from markers: the deep of the bone first, then what is open, gaps last.

    Parameters
    ----------
    depth_mm : how far in each voxel of bone lies; 0 outside
    gap : the joint spaces
    markers : a number a region, 0 where the flood decides
    spacing_kji : (3,) mm
    """
    relief = np.where(depth_mm > 0, LEVELS - np.clip(depth_mm * STEPS_A_MM, 0, LEVELS), OPEN)
    relief[gap] = GAP
    flooded = sitk.MorphologicalWatershedFromMarkers(
        image_of(relief.astype(np.uint8), spacing_kji),
        image_of(markers.astype(np.uint8), spacing_kji),
        markWatershedLine=False,
    )
    labels: IntArray = sitk.GetArrayFromImage(flooded).astype(np.int32)
    return labels


def without_rims(labels: IntArray, width_mm: float, spacing_kji: Float64Array) -> IntArray:
    """Return labels with 0 nearer to another label than the width."""
    rim = np.zeros(labels.shape, bool)
    for axis in range(3):
        offset = tuple(int(axis == other) for other in range(3))
        here, there = overlap(offset, labels.shape)
        differ = labels[here] != labels[there]
        rim[here] |= differ
        rim[there] |= differ
    if not rim.any():
        return labels
    near = ndimage.distance_transform_edt(~rim, sampling=spacing_kji) < width_mm
    cleared: IntArray = np.where(near, 0, labels)
    return cleared


def connected_parts(labels: IntArray, mask: BoolArray, spacing_kji: Float64Array) -> IntArray:
    """Give pieces that lie loose between other parts to the part they touch; every voxel has a part after.

    What the mask itself holds apart stays with its part.
    """
    kept: IntArray = np.where(mask, labels, 0)
    for label in range(1, int(labels.max()) + 1):
        kept[_loose(kept == label, (kept > 0) & (kept != label))] = 0
    missing = mask & (kept == 0)
    if missing.any():
        nearest = ndimage.distance_transform_edt(
            kept == 0, sampling=spacing_kji, return_distances=False, return_indices=True
        )
        kept[missing] = kept[tuple(nearest[:, missing])]
    return kept


def _loose(part: BoolArray, others: BoolArray) -> BoolArray:
    """Return the pieces of a part, but its largest, that touch another part."""
    pieces, count = ndimage.label(part)
    if count < 2:
        return np.zeros_like(part)
    touching = np.zeros(count + 1, bool)
    touching[pieces[ndimage.binary_dilation(others) & part]] = True
    touching[np.bincount(pieces[part]).argmax()] = False
    touching[0] = False
    loose: BoolArray = touching[pieces]
    return loose

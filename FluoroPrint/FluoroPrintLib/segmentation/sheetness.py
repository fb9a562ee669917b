"""How much the surroundings of a voxel are a sheet, from the Hessian: cortex, and the gaps between bones."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..arrays import AnyArray, Float32Array, Float64Array
from ..progress import Progress, silent

SLAB_VOXELS = 2**21
"""The six second derivatives are held for as many voxels at once: memory stays bounded."""
TRUNCATED_AT = 3.0


def dark_sheetness(
    values: AnyArray,
    spacing_kji_mm: Float64Array,
    scales_mm: tuple[float, ...],
    progress: Progress = silent,
) -> Float32Array:
    """Return how much each voxel lies in a dark sheet, in the unit of the values, at the best of the scales.

    With the eigenvalues of the Hessian l1 >= l2 >= l3, normalised by the squared scale (Lindeberg), this is
    l1 - max(|l2|, |l3|) - t |gradient|, at least 0, at the scale t: bent across one direction only, as in the
    measures of Sato (1998) and Descoteaux (2006), and level, since the foot of an edge is bent too. A dark
    tube and a dark ball give 0; an edge of height A at most 0.07 A; a sheet with a Gaussian profile of
    depth A and deviation s gives A s t^2 / (s^2 + t^2)^1.5 at its middle.

    Parameters
    ----------
    values : (K, J, I), finite
    spacing_kji_mm : (3,) edges of a voxel
    scales_mm : deviations of the Gaussian derivatives
    progress : told after each slab

    Returns
    -------
    (K, J, I) ndarray
    """
    found = np.zeros(values.shape, np.float32)
    for index, scale_mm in enumerate(scales_mm):
        sigma = np.asarray(scale_mm / spacing_kji_mm, np.float64)
        for slab, wide in _slabs(values.shape, int(np.ceil(TRUNCATED_AT * sigma[0])) + 1):
            progress((index + slab.start / max(len(values), 1)) / len(scales_mm), "looking for gaps")
            inner = slice(slab.start - wide.start, slab.stop - wide.start)
            block = np.asarray(values[wide], np.float32)
            here = _sheetness(*_hessian(block, sigma, inner)) - _steepness(block, sigma, inner)
            np.maximum(found[slab], here, out=found[slab])
    return found


def _slabs(shape: tuple[int, ...], margin: int) -> list[tuple[slice, slice]]:
    """Return slabs along the first axis, each with a wider one that its filters see."""
    thick = max(1, SLAB_VOXELS // max(shape[1] * shape[2], 1))
    starts = range(0, shape[0], thick)
    return [
        (
            slice(start, min(start + thick, shape[0])),
            slice(max(start - margin, 0), min(start + thick + margin, shape[0])),
        )
        for start in starts
    ]


def _hessian(block: Float32Array, sigma: Float64Array, inner: slice) -> list[Float32Array]:
    """Return the second derivatives kk, jj, ii, kj, ki, ji times the squared scale."""
    orders = [(2, 0, 0), (0, 2, 0), (0, 0, 2), (1, 1, 0), (1, 0, 1), (0, 1, 1)]
    # A derivative along an index times sigma in voxels is one along mm times sigma in mm.
    return [
        ndimage.gaussian_filter(block, sigma, order, mode="nearest", truncate=TRUNCATED_AT)[inner]
        * np.float32(np.prod(sigma ** np.array(order)))
        for order in orders
    ]


def _steepness(block: Float32Array, sigma: Float64Array, inner: slice) -> Float32Array:
    """Return the magnitude of the gradient times the scale."""
    squared = np.zeros(block[inner].shape, np.float32)
    for order in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
        slope = ndimage.gaussian_filter(block, sigma, order, mode="nearest", truncate=TRUNCATED_AT)[inner]
        squared += (slope * np.float32(sigma @ np.array(order))) ** 2
    return np.sqrt(squared)


def _sheetness(
    kk: Float32Array, jj: Float32Array, ii: Float32Array, kj: Float32Array, ki: Float32Array, ji: Float32Array
) -> Float32Array:
    """Return l1 - max(|l2|, |l3|) of symmetric matrices, by the trigonometric formula (Smith, 1961)."""
    mean: AnyArray = (kk + jj + ii) / 3
    kk, jj, ii = (of.astype(np.float32) for of in (kk - mean, jj - mean, ii - mean))
    spread = np.sqrt((kk**2 + jj**2 + ii**2 + 2 * (kj**2 + ki**2 + ji**2)) / 6)
    determinant = kk * (jj * ii - ji**2) - kj * (kj * ii - ji * ki) + ki * (kj * ji - jj * ki)
    cosine = determinant / np.maximum(2 * spread**3, np.finfo(np.float32).tiny)
    angle = np.arccos(np.clip(cosine, -1, 1)) / 3
    largest = mean + 2 * spread * np.cos(angle)
    least = mean + 2 * spread * np.cos(angle + 2 * np.pi / 3)
    middle = 3 * mean - largest - least
    sheet = np.maximum(largest - np.maximum(np.abs(middle), np.abs(least)), 0)
    return np.asarray(sheet, np.float32)

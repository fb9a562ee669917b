"""Volumes made ready for a threshold: flattened, denoised, edges restored as far as noise allows."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk  # noqa: N813 - the name that everyone uses
from scipy import ndimage

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array
from .threshold import soft_tissue_peak_hu

TISSUE_WITHIN_HU = (350.0, 250.0, 150.0)
"""Soft tissue is this near its level; narrower in each pass, since each pass has flattened it further."""
BIAS_MM = 30.0
BLOCK = 4
LEAST_SHARE_OF_TISSUE = 0.05
CURVATURE_TIME_STEP = 0.0625  # stable in three dimensions for voxels of edge 1
NOISE_HALVING_HU, MOST_SHARPENING = 18.0, 1.5
FEWEST_ITERATIONS, MOST_ITERATIONS = 3, 9
NORMAL_MAD = 1.4826
"""Of a normal distribution: standard deviation over median absolute deviation."""


def flattened(values_hu: Float32Array, inside: BoolArray, spacing_kji_mm: Float64Array) -> Float32Array:
    """Return the volume with soft tissue at one level everywhere; the input stays as it is.

    Cupping by scatter and truncation bends the scale slowly across the volume. The bend is the mean of what
    is soft tissue, about each place, less the tissue's commonest value in the whole volume; it is taken
    within some centimetres, on blocks of voxels, and not where there is next to no tissue. A bend as narrow
    as a vertebra cannot be told from anatomy and stays.

    Parameters
    ----------
    values_hu : (K, J, I)
    inside : (K, J, I) where it was measured
    spacing_kji_mm : (3,)
    """
    flat = values_hu
    level = soft_tissue_peak_hu(values_hu[inside]) if inside.any() else 0.0
    for within_hu in TISSUE_WITHIN_HU:
        tissue = ndimage.binary_erosion(inside & (np.abs(flat - level) < within_hu))
        flat = flat - _bend(flat - np.float32(level), tissue, spacing_kji_mm)
    return flat


def _bend(above_hu: Float32Array, tissue: BoolArray, spacing_kji_mm: Float64Array) -> Float32Array:
    """Return the mean of the tissue about each voxel, faded to 0 where there is hardly any."""
    sigma = BIAS_MM / (spacing_kji_mm * BLOCK)
    share = ndimage.gaussian_filter(_block_means(tissue.astype(np.float32)), sigma)
    sums = ndimage.gaussian_filter(_block_means(np.where(tissue, above_hu, np.float32(0))), sigma)
    coarse = sums / np.maximum(share, 1e-6) * np.clip(share / LEAST_SHARE_OF_TISSUE, 0, 1)
    factors = [whole / part for whole, part in zip(above_hu.shape, coarse.shape, strict=True)]
    bend: Float32Array = ndimage.zoom(coarse, factors, order=1, mode="nearest", grid_mode=True)
    return bend


def _block_means(values: Float32Array) -> Float32Array:
    missing = [(0, -length % BLOCK) for length in values.shape]
    padded = np.pad(values, missing, mode="edge")
    k, j, i = (length // BLOCK for length in padded.shape)
    means: Float32Array = padded.reshape(k, BLOCK, j, BLOCK, i, BLOCK).mean((1, 3, 5))
    return means


def denoised(values_hu: Float32Array, spacing_kji_mm: Float64Array, iterations: int) -> Float32Array:
    """Return the volume smoothed by curvature flow, which keeps edges (Sethian, 1999)."""
    image = sitk.GetImageFromArray(values_hu)
    # In units of the smallest spacing: the time step is stable on any grid, and the shape of voxels kept.
    image.SetSpacing([float(length) for length in spacing_kji_mm[::-1] / spacing_kji_mm.min()])
    smooth: Float32Array = sitk.GetArrayFromImage(sitk.CurvatureFlow(image, CURVATURE_TIME_STEP, iterations))
    return smooth


def median_filtered(values_hu: Float32Array) -> Float32Array:
    """Return the median of each voxel and its neighbours, 3 x 3 x 3."""
    image = sitk.Median(sitk.GetImageFromArray(values_hu), [1, 1, 1])
    smooth: Float32Array = sitk.GetArrayFromImage(image)
    return smooth


def noise_hu(values_hu: AnyArray, inside: BoolArray) -> float:
    """Return the standard deviation of the noise in soft tissue, 0 where there is too little of it.

    What the mean of a voxel's neighbours leaves, by its median absolute deviation: edges do not count.
    """
    level = soft_tissue_peak_hu(values_hu[inside]) if inside.any() else 0.0
    tissue = ndimage.binary_erosion(inside & (np.abs(values_hu - level) < TISSUE_WITHIN_HU[-1]), iterations=2)
    if np.count_nonzero(tissue) < 100:
        return 0.0
    rest = (values_hu - ndimage.uniform_filter(values_hu, 3))[tissue]
    return NORMAL_MAD * float(np.median(np.abs(rest - np.median(rest))))


def denoising_for(noise: float) -> int:
    """Return how many iterations of curvature flow a noise in HU takes: more in noisier volumes.

    Three up to `NOISE_HALVING_HU`, then in proportion to the noise.
    """
    return int(
        np.clip(round(FEWEST_ITERATIONS * noise / NOISE_HALVING_HU), FEWEST_ITERATIONS, MOST_ITERATIONS)
    )


def sharpening_for(noise: float, iterations: int = FEWEST_ITERATIONS) -> float:
    """Return how much of the edges to restore at a noise in HU: less the more of it denoising has left.

    A blurred wall reads thin and dark, so that a fixed threshold loses it. The amounts were chosen on four
    reconstructions of 11 to 37 HU and on one of 30 HU, see docs/validation.md.
    """
    left = noise * FEWEST_ITERATIONS / iterations
    return MOST_SHARPENING if left * MOST_SHARPENING <= NOISE_HALVING_HU else NOISE_HALVING_HU / left


def sharpened(values_hu: Float32Array, amount: float, spacing_kji_mm: Float64Array) -> Float32Array:
    """Return the volume with `amount` times what a Gaussian takes out put on top.

    The Gaussian is as wide as the finest spacing along all axes: edges between thick slices are no blur.
    """
    if amount == 0:
        return values_hu
    blurred = ndimage.gaussian_filter(values_hu, spacing_kji_mm.min() / spacing_kji_mm)
    sharp: Float32Array = values_hu + np.float32(amount) * (values_hu - blurred)
    return sharp

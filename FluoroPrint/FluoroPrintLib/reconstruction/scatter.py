"""Scatter taken out of the frames: how much there is, and what they would have been without it.

Scatter is a broad haze of light over each frame. Behind the body it outshines a good part of the beam, so
that line integrals are too small there: the volume is dark in its middle and bone stands out less.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ..arrays import Float32Array, Float64Array
from ..geometry.orbit import fit_orbit
from ..geometry.sweep import Sweep, focal_lengths
from ..geometry.volume import Volume
from ..progress import Progress, silent
from ..segmentation.restoration import flattened
from ..segmentation.threshold import TISSUE_WITHIN_HU, lean_tissue_hu, soft_tissue_peak_hu
from .binning import binned, with_views

SPREAD_MM = 50.0  # at the axis of rotation; some 80 mm at the panel
HAZE_PIXEL_MM = 2.0  # at the axis; coarser ones mistake the mean of what attenuates for its attenuation
COARSE_MM = 4.0
BEHIND = 0.5  # line integrals above this are behind the body
LEAST_PRIMARY = 0.05  # of what was measured stays
ROUNDS = 5
LARGEST_SHARE = 1.5
FEWEST_VIEWS = 60
LEAN_HU = 5.0  # what lean tissue ought to read, on average with what lies about it at a coarse resolution
DARK_HU = -40.0  # lean tissue that reads darker than this has scatter before it
LEAST_TISSUE = 0.05  # of the field must be soft tissue for its level to tell anything
BISECTIONS = 7


@dataclass(frozen=True)
class ScatterFound:
    """How much scatter there is.

    Attributes
    ----------
    share : scatter behind the body as a share of the primary beam's mean there; 0 where there is none
    tissue_hu : what lean soft tissue reads with it; None where there is too little soft tissue to tell
    """

    share: float
    tissue_hu: float | None

    @property
    def note(self) -> str:
        """A sentence for the user; nothing where there is no scatter."""
        if self.share == 0 or self.tissue_hu is None:
            return ""
        return (
            f"Lean tissue read {self.tissue_hu:.0f} HU: scatter of {100 * self.share:.0f} % of the primary "
            "beam was taken out; set scatter to 0 to leave it in."
        )


def without_scatter(sweep: Sweep, share: float, progress: Progress = silent) -> Sweep:
    """Return a sweep as it would be without scatter; the frames of the given one stay.

    Scatter has the shape of what is taken from the beam, primary times line integral, spread by a wide
    Gaussian (the convolution model of Swindell and Evans, Med. Phys. 23(1), 1996, with one kernel), and its
    mean behind the body is `share` times that of the primary. The primary is found by fixed-point iteration
    on coarse pixels, since scatter is smooth. At least 5 % of what was measured stays.

    Parameters
    ----------
    sweep : line integrals
    share : scatter behind the body as a share of the primary beam's mean there; 0 returns the sweep itself
    progress : told how far the work is; may cancel
    """
    if share == 0:
        return sweep
    pixel_mm = _pixel_at_axis_mm(sweep)
    factor = max(1, round(HAZE_PIXEL_MM / pixel_mm))
    frames = np.empty_like(sweep.frames)
    for index, integrals in enumerate(sweep.frames):
        progress(index / len(frames), "Taking out scatter")
        measured = np.exp(-integrals)
        haze = _scatter(_block_means(measured, factor), share, SPREAD_MM / (pixel_mm * factor))
        primary = np.maximum(
            measured - _spread_out(haze, integrals.shape, factor), np.float32(LEAST_PRIMARY) * measured
        )
        frames[index] = -np.log(primary)
    return replace(sweep, frames=frames)


def find_scatter(
    sweep: Sweep, reconstruct: Callable[[Sweep], Volume], progress: Progress = silent
) -> ScatterFound:
    """Find how much scatter a sweep has, by the level of lean tissue in quick reconstructions.

    Where lean tissue reads far below water, the share of scatter is sought, by bisection, that brings it
    back. A body without soft tissue, as a phantom in air, tells nothing: it is left as it is.

    Parameters
    ----------
    sweep : line integrals; it stays as it is
    reconstruct : makes a coarse volume in HU, without correcting scatter, of a coarse sweep
    progress : told how far the work is; may cancel
    """
    coarse = _coarse(sweep)
    progress(0.0, "Looking for scatter")
    level, tissue = _tissue(reconstruct(coarse))
    if tissue < LEAST_TISSUE:
        return ScatterFound(0.0, None)
    if level > DARK_HU:
        return ScatterFound(0.0, level)
    low, high = 0.0, LARGEST_SHARE
    for step in range(BISECTIONS):
        progress((1 + step) / (1 + BISECTIONS), "Looking for scatter")
        middle = (low + high) / 2
        corrected, tissue = _tissue(reconstruct(without_scatter(coarse, middle)))
        # Far too much taken out leaves hardly any soft tissue.
        low, high = (low, middle) if corrected > LEAN_HU or tissue < LEAST_TISSUE else (middle, high)
    return ScatterFound(low, level)


def _pixel_at_axis_mm(sweep: Sweep) -> float:
    return fit_orbit(sweep.geometry).radius_mm / float(np.median(focal_lengths(sweep.geometry)[0]))


def _coarse(sweep: Sweep) -> Sweep:
    """Return fewer views of larger pixels."""
    count = sweep.geometry.count
    views = np.unique(np.append(np.arange(0, count, max(1, count // FEWEST_VIEWS)), count - 1))
    return with_views(binned(sweep, max(1, round(COARSE_MM / _pixel_at_axis_mm(sweep)))), views)


def _tissue(volume: Volume) -> tuple[float, float]:
    """Return what lean soft tissue reads in HU, and the share of soft tissue in the field."""
    values = volume.array_kji
    inside = ndimage.binary_erosion(values != -1000, iterations=2)
    if not inside.any():
        return 0.0, 0.0
    flat = flattened(values, inside, volume.spacing_mm[::-1])
    near = np.abs(flat - soft_tissue_peak_hu(flat[inside])) < TISSUE_WITHIN_HU
    tissue = ndimage.binary_erosion(inside & near)
    return (
        lean_tissue_hu(values[tissue]) if tissue.any() else 0.0,
        float(tissue.sum() / inside.sum()),
    )


def _scatter(measured: Float64Array, share: float, sigma: float) -> Float64Array:
    """Return the scatter of a frame on its own pixels."""
    behind = measured < np.exp(-BEHIND)
    haze = np.zeros_like(measured)
    primary = measured
    for _ in range(ROUNDS if behind.any() else 0):
        shape = ndimage.gaussian_filter(-primary * np.log(primary), sigma, mode="nearest")
        haze = shape * (share * primary[behind].mean() / shape[behind].mean())
        primary = np.maximum(measured - haze, LEAST_PRIMARY * measured)
    return haze


def _block_means(image: Float32Array, factor: int) -> Float64Array:
    """Return the means of blocks; those at the lower and right border may be smaller."""
    starts = [np.arange(0, size, factor) for size in image.shape]
    sums = np.add.reduceat(np.add.reduceat(image, starts[0], 0, np.float64), starts[1], 1)
    sizes = [np.diff(np.append(start, size)) for start, size in zip(starts, image.shape, strict=True)]
    means: Float64Array = sums / np.outer(*sizes)
    return means


def _spread_out(coarse: Float64Array, shape: tuple[int, ...], factor: int) -> Float32Array:
    """Return a coarse image on fine pixels, linear between the middles of blocks."""
    rows, columns = (
        _interpolation(size, blocks, factor) for size, blocks in zip(shape, coarse.shape, strict=True)
    )
    fine: Float32Array = (rows @ coarse @ columns.T).astype(np.float32)
    return fine


def _interpolation(size: int, blocks: int, factor: int) -> Float64Array:
    """Return the weights (size, blocks) of blocks for each fine place along an axis."""
    places = np.clip((np.arange(size) + 0.5) / factor - 0.5, 0, blocks - 1)
    weights: Float64Array = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(blocks)))
    return weights

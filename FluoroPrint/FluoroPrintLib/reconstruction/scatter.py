"""Scatter taken out of the frames: what they would have been without it.

Scatter is a broad haze of light over each frame. Behind the body it outshines a good part of the beam, so
that line integrals are too small there: the volume is dark in its middle and bone stands out less.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from ..arrays import Float32Array, Float64Array
from ..geometry.orbit import fit_orbit
from ..geometry.sweep import Sweep, focal_lengths
from ..progress import Progress, silent

SPREAD_MM = 40.0  # at the axis of rotation, some 60 mm at the panel; where the frames do not tell
HAZE_PIXEL_MM = 2.0  # at the axis; coarser ones mistake the mean of what attenuates for its attenuation
BEHIND = 0.5  # line integrals above this are behind the body
LEAST_PRIMARY = 0.05  # of what was measured stays
ROUNDS = 5


def without_scatter(
    sweep: Sweep, share: float, spread_mm: float = SPREAD_MM, progress: Progress = silent
) -> Sweep:
    """Return a sweep as it would be without scatter; the frames of the given one stay.

    Scatter has the shape of what is taken from the beam, primary times line integral, spread by a wide
    Gaussian (the convolution model of Swindell and Evans, Med. Phys. 23(1), 1996, with one kernel), and its
    mean behind the body is `share` times that of the primary. The primary is found by fixed-point iteration
    on coarse pixels, since scatter is smooth. Beyond the panel's edge, where the beam is collimated, nothing
    scatters. At least 5 % of what was measured stays.

    Parameters
    ----------
    sweep : line integrals
    share : scatter behind the body as a share of the primary beam's mean there; 0 returns the sweep itself
    spread_mm : standard deviation of the Gaussian as seen at the axis of rotation
    progress : told how far the work is; may cancel
    """
    if share == 0:
        return sweep
    pixel_mm = pixel_at_axis_mm(sweep)
    factor = max(1, round(HAZE_PIXEL_MM / pixel_mm))
    frames = np.empty_like(sweep.frames)
    for index, integrals in enumerate(sweep.frames):
        progress(index / len(frames), "Taking out scatter")
        measured = np.exp(-integrals)
        haze = _scatter(_block_means(measured, factor), share, spread_mm / (pixel_mm * factor))
        primary = np.maximum(
            measured - _spread_out(haze, integrals.shape, factor), np.float32(LEAST_PRIMARY) * measured
        )
        frames[index] = -np.log(primary)
    return replace(sweep, frames=frames)


def pixel_at_axis_mm(sweep: Sweep) -> float:
    """Return the width of a pixel as seen at the axis of rotation."""
    return fit_orbit(sweep.geometry).radius_mm / float(np.median(focal_lengths(sweep.geometry)[0]))


def _scatter(measured: Float64Array, share: float, sigma: float) -> Float64Array:
    """Return the scatter of a frame on its own pixels."""
    behind = measured < np.exp(-BEHIND)
    haze = np.zeros_like(measured)
    primary = measured
    for _ in range(ROUNDS if behind.any() else 0):
        shape = ndimage.gaussian_filter(-primary * np.log(primary), sigma, mode="constant")
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

"""How much like a bright tube each place is, at several scales, and what such tubes fill."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array
from ..errors import FluoroPrintError
from ..progress import Progress, silent
from .edge_spread import box_about
from .hessian import hessian_eigenvalues

SIGMA_TO_RADIUS = np.sqrt(2)
"""A tube of radius r answers most at the scale r / sqrt(2)..."""
IDEAL_ANSWER = np.exp(-1)
"""...and there its axis answers with this share of its contrast."""
GROUND_HU = (-300.0, 300.0)
LEAST_CONTRAST_HU = 150.0
STANDS_OUT = 6.0
"""Vessels are brighter than their surroundings by so many times the noise."""
SCALE_STEP = 1.5
FINEST_SIGMA_VOXELS = 0.6
COARSE_SIGMA_VOXELS = 1.75
"""A scale this many voxels wide is computed on a coarser grid."""
ALONG = 0.25
"""Sato's weight of a curvature along the line that rises instead of falling."""
CANDIDATE_SHARE = 0.3
"""Below this share of the contrast there is no lumen."""
DARKEST_SHARE = -0.5
"""Lung and air beside a vessel are no darker than this many times the contrast."""
REACH_RADII = 1.25
"""The lumen ends within so many radii from the line."""
BRIGHTER_THAN_LUMEN = 1.6
"""What stands out so many times as much as the nearest line is bone that touches the vessel."""


@dataclass(frozen=True)
class Contrast:
    """What vessels stand out by.

    Attributes
    ----------
    ground_hu : value of what surrounds them
    half_hu : half way from there to contrast
    """

    ground_hu: float
    half_hu: float

    @property
    def step_hu(self) -> float:
        """From the surroundings to contrast."""
        return max(2 * (self.half_hu - self.ground_hu), 1.0)


def contrast_of(values_kji: Float32Array, measured_kji: BoolArray, half_hu: float | None = None) -> Contrast:
    """Return what soft tissue and all that is clearly brighter differ by.

    Parameters
    ----------
    values_kji : HU, lightly smoothed
    measured_kji : voxels inside the field
    half_hu : half way from one to the other, where the user gave it

    Raises
    ------
    FluoroPrintError
        Nothing stands out.
    """
    measured = values_kji[measured_kji]
    counts, edges = np.histogram(measured, 60, GROUND_HU)
    best = int(np.convolve(counts, np.ones(5), "same").argmax())
    ground = float((edges[best] + edges[best + 1]) / 2)
    if half_hu is not None:
        return Contrast(min(ground, half_hu - 1), half_hu)
    steps = np.abs(np.diff(values_kji, axis=-1))[measured_kji[..., 1:] & measured_kji[..., :-1]]
    noise = float(np.median(steps)) if steps.size else 0.0
    bright = measured[measured > ground + max(LEAST_CONTRAST_HU, STANDS_OUT * noise)]
    if bright.size == 0:
        raise FluoroPrintError(
            f"No vessel was found: nothing stands out of soft tissue at {ground:.0f} HU; "
            "check the volume, or give lower_hu."
        )
    return Contrast(ground, (ground + float(np.median(bright))) / 2)


def lumen_about_lines(
    values_kji: Float32Array,
    smooth_kji: Float32Array,
    spacing_kji: Float64Array,
    contrast: Contrast,
    *,
    diameters_mm: tuple[float, float],
    thresholds: tuple[float, float],
    progress: Progress = silent,
) -> tuple[BoolArray, BoolArray]:
    """Return the lumen about all lines, and where lines are surely tubes.

    Parameters
    ----------
    values_kji : HU
    smooth_kji : the same with less noise
    spacing_kji : (3,) mm
    contrast : between surroundings and vessels
    diameters_mm : of the thinnest and the widest vessel
    thresholds : least vesselness of a line, and of its seeds; an ideal tube is 1
    progress : told how far the work is; may cancel
    """
    lumen, seeds = np.zeros(values_kji.shape, bool), np.zeros(values_kji.shape, bool)
    sigmas = scales_mm(diameters_mm, spacing_kji)
    groups = [(factor, list(some)) for factor, some in groupby(sigmas, lambda s: _factors(s, spacing_kji))]
    for done, (factors, some) in enumerate(groups):
        progress(done / len(groups), f"looking for tubes of {_diameters(some)} mm")
        coarse = _averaged(smooth_kji, factors)
        given = _averaged(values_kji, factors), coarse
        answer, best = _answers(given, spacing_kji * factors, contrast, some)
        if not (answer >= thresholds[0]).any():
            continue
        summit = _summit_about(answer >= thresholds[0], best, coarse, spacing_kji * factors)
        lumen |= _between(smooth_kji, _finer(summit, factors, values_kji.shape), contrast.ground_hu)
        seeds |= _finer(answer >= thresholds[1], factors, values_kji.shape)
    return lumen, seeds


def scales_mm(diameters_mm: tuple[float, float], spacing_kji: Float64Array) -> list[float]:
    """Return the scales at which tubes of these diameters answer most, at most `SCALE_STEP` apart."""
    low, high = (max(d / 2 / SIGMA_TO_RADIUS, FINEST_SIGMA_VOXELS * spacing_kji.min()) for d in diameters_mm)
    count = int(np.ceil(np.log(high / low) / np.log(SCALE_STEP))) + 1 if high > low else 1
    return [float(sigma) for sigma in np.geomspace(low, high, count)]


def tube_answer(eigenvalues: Float32Array) -> Float32Array:
    """Return how much like a bright line each place is, as a share of an ideal tube's answer: (N,).

    The line filter of Sato et al. (Med. Image Anal. 2(2), 1998) with both exponents 1: sheets have no second
    curvature, balls fall off along the line too.

    Parameters
    ----------
    eigenvalues : (3, N) of the scaled Hessian, ascending
    """
    across, along = -eigenvalues[1], eigenvalues[2]
    answer = np.where(along < 0, across + along, across - np.float32(ALONG) * along)
    found: Float32Array = np.maximum(answer, 0) / np.float32(IDEAL_ANSWER)
    return found


def _answers(
    given: tuple[Float32Array, Float32Array],
    spacing_kji: Float64Array,
    contrast: Contrast,
    sigmas: list[float],
) -> tuple[Float32Array, Float32Array]:
    """Return the best answer of all scales, 1 for an ideal tube, and the scale that gave it."""
    # A share of the place's own contrast: bone may be brighter than vessels, and small vessels are dimmer.
    values, smooth = (
        (some - np.float32(contrast.ground_hu)) / np.float32(contrast.step_hu) for some in given
    )
    own = np.maximum(ndimage.maximum_filter(smooth, 3), CANDIDATE_SHARE)
    where = smooth > CANDIDATE_SHARE
    answer, best = np.zeros(values.shape, np.float32), np.zeros(values.shape, np.float32)
    for sigma in sigmas:
        for slab, chosen, eigenvalues in hessian_eigenvalues(
            np.maximum(values, DARKEST_SHARE), spacing_kji, sigma, where
        ):
            found = tube_answer(eigenvalues) / own[slab][chosen]
            better = found > answer[slab][chosen]
            answer[slab][chosen] = np.where(better, found, answer[slab][chosen])
            best[slab][chosen] = np.where(better, np.float32(sigma), best[slab][chosen])
    return answer, best


def _summit_about(
    lines: BoolArray, sigmas: Float32Array, values: Float32Array, spacing_kji: Float64Array
) -> Float32Array:
    """Return the value on the nearest line for what lies within its reach, NaN elsewhere."""
    found = np.full(values.shape, np.nan, np.float32)
    reach_mm = REACH_RADII * SIGMA_TO_RADIUS * float(sigmas[lines].max())
    box = box_about(lines, reach_mm, spacing_kji)
    lines, sigmas = lines[box], sigmas[box]
    summit = ndimage.maximum_filter(np.where(lines, values[box], np.float32(-np.inf)), 3)
    distance, nearest = ndimage.distance_transform_edt(~lines, sampling=spacing_kji, return_indices=True)
    at = tuple(nearest)
    reached = distance <= REACH_RADII * SIGMA_TO_RADIUS * sigmas[at]
    found[box][reached] = summit[at][reached]
    return found


def _between(values: Float32Array, summit: Float32Array, ground_hu: float) -> BoolArray:
    """Return what is brighter than half the step to the line's value, but not as bright as bone."""
    excess, step = values - np.float32(ground_hu), summit - np.float32(ground_hu)
    lumen: BoolArray = (excess > step / 2) & (excess < BRIGHTER_THAN_LUMEN * step)
    return lumen


def _factors(sigma_mm: float, spacing_kji: Float64Array) -> tuple[int, ...]:
    """Return how many voxels to average along each axis, so that the scale stays fine enough."""
    voxels = sigma_mm / spacing_kji / COARSE_SIGMA_VOXELS
    return tuple(int(2 ** max(0, np.floor(np.log2(many)))) for many in voxels)


def _averaged(values: Float32Array, factors: tuple[int, ...]) -> Float32Array:
    """Return the means of blocks of voxels; the border is repeated to fill the last block."""
    pads = [(0, -length % factor) for length, factor in zip(values.shape, factors, strict=True)]
    padded = np.pad(values, pads, mode="edge")
    for axis, factor in enumerate(factors):
        shape = (*padded.shape[:axis], -1, factor, *padded.shape[axis + 1 :])
        padded = padded.reshape(shape).mean(axis + 1)
    return padded


def _finer(values: np.ndarray, factors: tuple[int, ...], shape: tuple[int, ...]) -> np.ndarray:
    """Return the values of blocks at each of their voxels."""
    for axis, factor in enumerate(factors):
        values = np.repeat(values, factor, axis) if factor > 1 else values
    return values[tuple(slice(0, length) for length in shape)]


def _diameters(sigmas: list[float]) -> str:
    first, last = (2 * SIGMA_TO_RADIUS * sigma for sigma in (sigmas[0], sigmas[-1]))
    return f"{first:.1f}" if len(sigmas) == 1 else f"{first:.1f} to {last:.1f}"

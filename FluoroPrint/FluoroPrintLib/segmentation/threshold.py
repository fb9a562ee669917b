"""Where soft tissue ends and bone begins, from the histogram of a volume."""

from __future__ import annotations

import numpy as np

from ..arrays import AnyArray, Float64Array
from ..errors import FluoroPrintError

SOFT_TISSUE_HU = (-300.0, 300.0)  # its peak is looked for here: truncation shifts the scale of C-arm volumes
RANGE_ABOVE_PEAK_HU = (-50.0, 1500.0)  # what is told apart: without air and lung below, without metal above
WATER_HU = 0.0
LEAST_CONTRAST_HU = 150.0  # bone is at least this much brighter than the rest, on average
LEAST_SHARE = 1e-4  # of the voxels in range must be bone
BINS = 256
EDGE_SHARE = 2 / 3  # of the way from soft tissue to the threshold
BONE_IN_CT_HU = 350.0  # what is above this in a CT is called bone; Otsu's goes higher where all bone is dense
DARKENING = 2.0  # chosen on simulated sweeps of two bodies, with and without scatter
LEAN_HU = 25.0  # lean tissue in a reconstruction whose scale is right
LEAN_PERCENTILE, TISSUE_WITHIN_HU = 75, 150.0
SHIFTED_HU = 150.0  # soft tissue, from fat to muscle, lies nearer to 0 than this where the scale is right


def bone_threshold_hu(values_hu: AnyArray) -> float:
    """Return where bone begins: `half_way_hu`, but not above `BONE_IN_CT_HU`, moved as the scale is.

    What makes lean tissue dark, as scatter does, takes contrast from bone too, so that its level falls by
    `DARKENING` times as much. Parameters and errors are those of `half_way_hu`.
    """
    lean = lean_tissue_hu(values_hu)
    dark = min(lean - LEAN_HU, 0.0)
    bright = max(_shift_hu(soft_tissue_peak_hu(values_hu)), 0.0)
    in_ct = BONE_IN_CT_HU + DARKENING * dark + bright
    return min(half_way_hu(values_hu), max(in_ct, lean + LEAST_CONTRAST_HU))


def half_way_hu(values_hu: AnyArray) -> float:
    """Return the threshold half way between soft tissue and bone.

    Otsu's method (IEEE Trans SMC 9, 1979) on the values from just below the soft-tissue peak to dense
    cortical bone. The peak is found in the volume itself, since truncation and scatter shift the scale of
    C-arm volumes by some hundred HU.

    Parameters
    ----------
    values_hu : (N,) values of measured voxels, denoised

    Raises
    ------
    FluoroPrintError
        There is nothing, or nothing as much brighter than the rest as bone is.
    """
    peak = soft_tissue_peak_hu(values_hu)
    # Not below water: where the commonest tissue is fat, muscle would pull the threshold down.
    low, high = max(peak + RANGE_ABOVE_PEAK_HU[0], WATER_HU + _shift_hu(peak)), peak + RANGE_ABOVE_PEAK_HU[1]
    used = values_hu[(values_hu > low) & (values_hu < high)]
    if used.size < 2 or used.min() == used.max():
        raise _no_bone(values_hu)
    threshold = otsu_threshold(used)
    bone = used > threshold
    contrast = float(used[bone].mean() - used[~bone].mean())
    if contrast < LEAST_CONTRAST_HU or bone.mean() < LEAST_SHARE:
        raise _no_bone(values_hu)
    return threshold


def _shift_hu(peak_hu: float) -> float:
    return peak_hu if abs(peak_hu) > SHIFTED_HU else 0.0


def edge_threshold_hu(values_hu: AnyArray, threshold_hu: float) -> float:
    """Return the level down to which thin walls are followed from bone.

    Parameters
    ----------
    values_hu : (N,) values of measured voxels, denoised
    threshold_hu : between soft tissue and bone
    """
    peak = soft_tissue_peak_hu(values_hu)
    return peak + EDGE_SHARE * (threshold_hu - peak) if peak < threshold_hu else threshold_hu


def seed_threshold_hu(values_hu: AnyArray, lower_hu: float) -> float:
    """Return the value half way from the threshold to the mean of bone, metal counted as dense bone."""
    above = values_hu[values_hu > lower_hu]
    if above.size == 0:
        return lower_hu
    mean = float(np.minimum(above, lower_hu + RANGE_ABOVE_PEAK_HU[1]).mean(dtype=np.float64))
    return lower_hu + (mean - lower_hu) / 2


def otsu_threshold(values: AnyArray) -> float:
    """Return the threshold with the greatest variance between the classes below and above it.

    Parameters
    ----------
    values : (N,) not all alike
    """
    counts, edges = np.histogram(values, BINS)
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    sums = np.cumsum(counts * middles)
    weight = np.maximum(below * (below[-1] - below), 1).astype(np.float64)
    between: Float64Array = (sums[-1] * below - sums * below[-1]) ** 2 / weight
    best = np.flatnonzero(between[:-1] >= between[:-1].max() * (1 - 1e-12))
    # Between two separate peaks all thresholds are as good: the middle is the half height of the edge.
    return float((edges[best[0] + 1] + edges[best[-1] + 1]) / 2)


def lean_tissue_hu(values_hu: AnyArray) -> float:
    """Return the upper quartile of soft tissue: lean tissue, much as there may be of fat.

    Parameters
    ----------
    values_hu : (N,) values of measured voxels
    """
    tissue = values_hu[np.abs(values_hu - soft_tissue_peak_hu(values_hu)) < TISSUE_WITHIN_HU]
    return float(np.percentile(tissue, LEAN_PERCENTILE)) if tissue.size else LEAN_HU


def soft_tissue_peak_hu(values_hu: AnyArray) -> float:
    """Return the most frequent value in the range of soft tissue, its middle where nothing lies there.

    Parameters
    ----------
    values_hu : (N,) values of measured voxels
    """
    counts, edges = np.histogram(values_hu, 60, SOFT_TISSUE_HU)
    if counts.sum() == 0:
        return 0.0
    smooth = np.convolve(counts, np.ones(5), "same")
    best = int(smooth.argmax())
    return float((edges[best] + edges[best + 1]) / 2)


def _no_bone(values_hu: AnyArray) -> FluoroPrintError:
    highest = f"the highest value is {values_hu.max():.0f} HU" if values_hu.size else "nothing was measured"
    return FluoroPrintError(
        f"No bone was found in the volume ({highest}): check the sweep and its scale, or give lower_hu."
    )

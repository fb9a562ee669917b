"""What growing reads of a volume, made once: smooth values, dark sheets, marrow, the levels of bone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..progress import Progress, part_of, silent
from ..threads import beside
from .chambers import DARKEST, chambers
from .sheetness import dark_sheetness
from .threshold import WATER_HU, bone_threshold_hu, half_way_hu, soft_tissue_peak_hu

AIR_HU, HIGHEST_HU = -1000.0, 4000.0
SMOOTH_MM, WALL_SMOOTH_MM, CHAMBER_SMOOTH_MM = 1.0, 0.5, 1.2
SCALES_MM = (1.2,)
BRIGHTEST = 2.0
LEVEL_SHARE = 0.5
"""The blurred rim of bone reaches down to this share of the way from soft tissue to bone's threshold."""


@dataclass(frozen=True)
class Ground:
    """What regions grow on.

    Attributes
    ----------
    values_hu : (K, J, I), smoothed
    gaps_hu : (K, J, I), `dark_sheetness`: joint spaces
    chambers : (K, J, I), numbers of the `chambers` of marrow, 0 elsewhere
    spacing_kji_mm : (3,)
    soft_hu, threshold_hu : peak of soft tissue, threshold to bone
    """

    values_hu: Float32Array
    gaps_hu: Float32Array
    chambers: IntArray
    spacing_kji_mm: Float64Array
    soft_hu: float
    threshold_hu: float

    @property
    def bone(self) -> BoolArray:
        """Where bone is above its threshold."""
        return self.values_hu > self.threshold_hu

    @property
    def lower_hu(self) -> float:
        """What the blurred rim of bone is above."""
        return self.soft_hu + LEVEL_SHARE * (self.threshold_hu - self.soft_hu)


def ground_of(volume: Volume, progress: Progress = silent) -> Ground:
    """Smooth a volume and find its gaps, marrow and levels.

    Raises
    ------
    FluoroPrintError
        The volume is empty, holds no numbers or one value, or shows no bone.
    """
    progress(0.0, "smoothing")
    values = _numbers(volume)
    spacing = volume.spacing_mm[::-1].copy()
    measured = values[np.isfinite(volume.array_kji) & (volume.array_kji != 0) & (values > AIR_HU)]
    threshold = half_way_hu(measured)
    # Not below water: where fat is the commonest tissue, muscle would be taken for bone.
    soft = min(max(soft_tissue_peak_hu(measured), WATER_HU), threshold)
    # Not below the grid: there derivatives are noise.
    scales = tuple(max(scale, float(spacing.min())) for scale in SCALES_MM)
    with beside(lambda inner: dark_sheetness(values, spacing, scales, inner)) as gaps:
        smooth = _smoothed(values, SMOOTH_MM, spacing)
        progress(0.1, "smoothing")
        contrast = (values - np.float32(soft)) / np.float32(max(threshold - soft, 1.0))
        contrast = _smoothed(np.clip(contrast, DARKEST, BRIGHTEST), CHAMBER_SMOOTH_MM, spacing)
        walls = _smoothed(values, WALL_SMOOTH_MM, spacing) > bone_threshold_hu(measured)
        marrow = chambers(
            contrast, smooth > threshold, walls | _unmeasured(volume), spacing, part_of(progress, 0.2, 0.9)
        )
        progress(0.9, "finding gaps")
        return Ground(smooth, gaps(), marrow, spacing, soft, threshold)


def _smoothed(values: Float32Array, sigma_mm: float, spacing: Float64Array) -> Float32Array:
    smooth: Float32Array = ndimage.gaussian_filter(values, sigma_mm / spacing, mode="nearest", truncate=3.0)
    return smooth


def _unmeasured(volume: Volume) -> BoolArray:
    """Return where nothing was measured: outside the field reconstructions write NaN, 0 or -1000 exactly."""
    values = volume.array_kji
    outside: BoolArray = ~np.isfinite(values) | (values == 0) | (values <= AIR_HU)
    opened: BoolArray = ndimage.binary_opening(outside, iterations=2)
    return opened


def _numbers(volume: Volume) -> Float32Array:
    values = np.asarray(volume.array_kji, np.float32)
    if values.ndim != 3 or values.size == 0:
        raise FluoroPrintError("The volume has no voxels: give a reconstructed volume.")
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        raise FluoroPrintError("The volume holds no numbers, only NaN or infinity: reconstruct it again.")
    if finite.min() == finite.max():
        raise FluoroPrintError("The volume has one value everywhere, so it shows no bone: check the sweep.")
    numbers: Float32Array = np.clip(
        np.nan_to_num(values, nan=AIR_HU, posinf=AIR_HU, neginf=AIR_HU), AIR_HU, HIGHEST_HU
    )
    return numbers

"""What growing reads of a volume, made once: smooth values, dark sheets, the levels of tissue and bone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..arrays import Float32Array, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..progress import Progress, part_of, silent
from .sheetness import dark_sheetness
from .threshold import WATER_HU, half_way_hu, soft_tissue_peak_hu

AIR_HU, HIGHEST_HU = -1000.0, 4000.0
SMOOTH_MM = 1.0
SCALES_MM = (1.2,)


@dataclass(frozen=True)
class Ground:
    """What regions grow on.

    Attributes
    ----------
    values_hu : (K, J, I), smoothed
    gaps_hu : (K, J, I), `dark_sheetness`: joint spaces
    walls_hu : (K, J, I), that of the negative: cortex, endplates
    spacing_kji_mm : (3,)
    soft_hu, threshold_hu : peak of soft tissue, threshold to bone
    """

    values_hu: Float32Array
    gaps_hu: Float32Array
    walls_hu: Float32Array
    spacing_kji_mm: Float64Array
    soft_hu: float
    threshold_hu: float


def ground_of(volume: Volume, progress: Progress = silent) -> Ground:
    """Smooth a volume and find its gaps, walls and levels.

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
    smooth = ndimage.gaussian_filter(values, SMOOTH_MM / spacing, mode="nearest", truncate=3.0)
    # Not below the grid: there derivatives are noise.
    scales = tuple(max(scale, float(spacing.min())) for scale in SCALES_MM)
    gaps = dark_sheetness(values, spacing, scales, part_of(progress, 0.2, 0.6))
    walls = dark_sheetness(-values, spacing, scales, part_of(progress, 0.6, 1.0))
    return Ground(smooth, gaps, walls, spacing, soft, threshold)


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

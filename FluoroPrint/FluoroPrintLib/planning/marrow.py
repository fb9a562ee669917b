"""Marrow by its greys: brighter than what fills the canal, though the cortex about it has gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array
from ..geometry.volume import Volume, transformed
from .canal import Canal

SMOOTHING_MM = 1.2
SOFT = 0.5
"""Likeness below which a voxel is nearer to what fills the canal than to marrow."""
OPENING_MM = 3.0
"""What soft tissue reaches through wider openings than this is no marrow; gaps of the cortex are narrower."""
IN_CANAL_MM = 2.0
LEAST_CONTRAST = 3.0
"""Marrow must differ from the canal by so many standard errors of either: else greys tell nothing."""


def greys_on(volume: Volume, bone: Volume) -> Float32Array:
    """Return the greys of a volume on the grid of a mask, (K, J, I); beyond the volume its lowest grey."""
    taken = np.linalg.inv(volume.ijk_to_ras) @ bone.ijk_to_ras
    greys: Float32Array = ndimage.affine_transform(
        volume.array_kji.astype(np.float32),
        taken[:3, :3][::-1, ::-1],
        taken[:3, 3][::-1],
        output_shape=bone.array_kji.shape,
        order=1,
        cval=float(volume.array_kji.min()),
    )
    return greys


@dataclass(frozen=True)
class Likeness:
    """How like marrow greys are: 0 as what fills the canal, 1 as marrow or brighter, cut off beyond either.

    Attributes
    ----------
    level_kji : of each voxel by itself, (K, J, I); 1 in bone
    bone : the mask on the same grid
    """

    level_kji: Float32Array
    bone: Volume

    def smooth(self) -> Float32Array:
        """Return the likeness without noise, cortex counted as marrow."""
        smoothed: Float32Array = ndimage.gaussian_filter(self.level_kji, self._sigma)
        return smoothed

    def soft(self) -> BoolArray:
        """Return the voxels nearer to what fills the canal; bright cortex beside them does not count."""
        beside = (self.bone.array_kji == 0).astype(np.float32)
        level = ndimage.gaussian_filter(self.level_kji * beside, self._sigma)
        share = ndimage.gaussian_filter(beside, self._sigma)
        soft: BoolArray = (beside > 0) & (level < SOFT * share)
        return soft

    @property
    def _sigma(self) -> Float64Array:
        sigma: Float64Array = SMOOTHING_MM / self.bone.spacing_mm[::-1]
        return sigma


def likeness(greys_kji: Float32Array, bone: Volume, marrow: BoolArray, canal: Canal) -> Likeness | None:
    """Return how like marrow the greys of voxels are; None where marrow and canal can't be told apart.

    Greys beyond either are cut off before they are smoothed, so that the border of bone neither moves out
    beside bright cortex nor in beside air.

    Parameters
    ----------
    greys_kji : greys on the grid of `bone`
    bone : mask
    marrow : voxels that are marrow for certain, as bone lies all round them
    canal : its middle holds no bone
    """
    mask = bone.array_kji > 0
    soft, spread = _in_canal(greys_kji, bone, canal)
    known = greys_kji[marrow & ~mask]
    bright = float(np.median(known)) if len(known) else soft
    if bright - soft <= LEAST_CONTRAST * spread:
        return None
    level = np.clip((greys_kji - soft) / (bright - soft), 0.0, 1.0)
    level[mask] = 1.0
    return Likeness(level, bone)


def reached(soft: BoolArray, outside: BoolArray, step_mm: float) -> BoolArray:
    """Return the soft tissue that hangs together with that outside by more than `OPENING_MM` of width.

    Foramina do, though bone lies all round them; fatty places in marrow do not, though its cortex has gaps.

    Parameters
    ----------
    soft : voxels that are no bone by their greys, (K, J, I)
    outside : voxels that are no bone for certain where they are soft
    step_mm : edge of a voxel
    """
    radius = OPENING_MM / 2
    depth = ndimage.distance_transform_edt(np.pad(soft, 1, constant_values=True))[1:-1, 1:-1, 1:-1]
    labels, count = ndimage.label(depth * step_mm > radius, np.ones((3, 3, 3)))
    open_ones = np.zeros(count + 1, bool)
    open_ones[labels[outside]] = True
    open_ones[0] = False
    near = ndimage.distance_transform_edt(~open_ones[labels]) * step_mm <= radius + step_mm
    result: BoolArray = soft & near
    return result


def _in_canal(greys: Float32Array, bone: Volume, canal: Canal) -> tuple[float, float]:
    """Return the median grey in the middle of the canal and its standard error, by the median deviation."""
    offsets = np.arange(-IN_CANAL_MM, IN_CANAL_MM + 0.1)
    places = (
        canal.places_ras[:, None, None]
        + offsets[:, None, None] * canal.right[:, None, None]
        + offsets[:, None] * canal.anterior[:, None, None]
    )
    ijk: Float64Array = transformed(places.reshape(-1, 3), np.linalg.inv(bone.ijk_to_ras))
    sampled = ndimage.map_coordinates(greys, ijk[:, ::-1].T, order=0, mode="nearest")
    middle = float(np.median(sampled))
    deviation = 1.4826 * float(np.median(np.abs(sampled - middle)))
    return middle, deviation / np.sqrt(max(len(canal.places_ras), 1))

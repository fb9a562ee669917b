"""Marrow by its greys: brighter than what fills the canal, though the cortex about it has gaps."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array
from ..geometry.volume import Volume, transformed
from .canal import Canal

SMOOTHING_MM = 1.2
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


def likeness(greys_kji: Float32Array, bone: Volume, marrow: BoolArray, canal: Canal) -> Float32Array | None:
    """Return how like marrow the greys of voxels are: 0 as what fills the canal, 1 as marrow or brighter.

    Greys beyond either are cut off before they are smoothed, so that the border of bone neither moves out
    beside bright cortex nor in beside air. None is returned where the two can't be told apart.

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
    smooth: Float32Array = ndimage.gaussian_filter(level, SMOOTHING_MM / bone.spacing_mm[::-1])
    return smooth


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

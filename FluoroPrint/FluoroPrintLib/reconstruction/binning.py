"""Smaller sweeps for quick looks: fewer views, larger pixels, the same place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import Float32Array, Float64Array, IntArray
from ..geometry.sweep import Sweep


def with_views(sweep: Sweep, views: IntArray) -> Sweep:
    """Return a sweep of some of the frames; the frames are copied only where some are left out."""
    geometry = sweep.geometry
    if len(views) == geometry.count:
        return sweep
    fewer = replace(
        geometry,
        ras_to_pixel=geometry.ras_to_pixel[views],
        primary_deg=_of(geometry.primary_deg, views),
        secondary_deg=_of(geometry.secondary_deg, views),
    )
    return replace(sweep, frames=sweep.frames[views], geometry=fewer)


def _of(angles: Float64Array | None, views: IntArray) -> Float64Array | None:
    return None if angles is None else angles[views]


def binned(sweep: Sweep, factor: int) -> Sweep:
    """Return a sweep whose pixels are the means of factor x factor pixels, its matrices moved along.

    The centre of a binned pixel is the middle of its pixels: column c of the frame is column
    (c + 0.5) / factor - 0.5 of the binned one. Rows and columns that do not fill a block, at the bottom and
    right, are left out.

    Parameters
    ----------
    sweep : the frames stay as they are
    factor : pixels along an edge of a block; 1 returns the sweep itself
    """
    if factor == 1:
        return sweep
    geometry = sweep.geometry
    rows, columns = geometry.rows // factor, geometry.columns // factor
    scale = np.diag([1 / factor, 1 / factor, 1.0])
    scale[:2, 2] = 0.5 / factor - 0.5
    pixel = geometry.pixel_mm
    small = replace(
        geometry,
        ras_to_pixel=scale @ geometry.ras_to_pixel,
        rows=rows,
        columns=columns,
        pixel_mm=None if pixel is None else (pixel[0] * factor, pixel[1] * factor),
    )
    return replace(sweep, frames=_means(sweep.frames, factor), geometry=small)


def _means(frames: Float32Array, factor: int) -> Float32Array:
    """Return the means of blocks of pixels, (N, rows // factor, columns // factor)."""
    rows, columns = (size // factor for size in frames.shape[1:])
    sums = np.zeros((len(frames), rows, columns), np.float32)
    for row in range(factor):
        for column in range(factor):
            sums += frames[:, row : rows * factor : factor, column : columns * factor : factor]
    sums /= np.float32(factor * factor)
    return sums

"""A quick look at a volume: binned frames, fewer views, coarser voxels, the same reconstruction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import Float32Array, Float64Array, IntArray
from ..geometry.orbit import fit_orbit
from ..geometry.sweep import Sweep, SweepGeometry
from ..geometry.volume import Volume
from ..progress import Progress, part_of, silent
from .fdk import ReconstructionParameters, reconstruct
from .field import default_size_mm

QUARTER = 4
FEWEST_PIXELS = 64
"""Frames are not binned to fewer columns than this: there would be nothing to see."""
MOST_VIEWS = 120
COARSEST_VOXELS = 32
"""The longest edge of a preview has at least this many voxels."""
LARGEST_VOXEL_MM = 10.0


def preview(
    sweep: Sweep, parameters: ReconstructionParameters | None = None, progress: Progress = silent
) -> Volume:
    """Reconstruct a sweep at a quarter of the resolution, to see in seconds whether its geometry is right.

    Parameters
    ----------
    sweep : line integrals with a projection matrix a frame; it stays as it is
    parameters : of the full reconstruction; its voxels are taken four times as large
    progress : as for `reconstruct`

    Returns
    -------
    Volume in HU in the same place as the full one, of coarser voxels.

    Raises
    ------
    FluoroPrintError
        As `reconstruct` does.
    Cancelled
        Raised by `progress`.
    """
    parameters = parameters or ReconstructionParameters()
    progress(0.0, "Binning the frames")
    small = binned(with_views(sweep, preview_views(sweep.geometry.count)), preview_factor(sweep.geometry))
    coarse = replace(parameters, voxel_mm=preview_voxel_mm(sweep.geometry, parameters))
    return reconstruct(small, coarse, part_of(progress, 0.1, 1.0))


def preview_factor(geometry: SweepGeometry) -> int:
    """Return how many pixels of a frame become one: four, fewer where frames are small already."""
    return int(np.clip(geometry.columns // FEWEST_PIXELS, 1, QUARTER))


def preview_views(count: int) -> IntArray:
    """Return the views to use, evenly spread with the first and the last: the arc stays a short scan."""
    if count <= MOST_VIEWS:
        return np.arange(count)
    step = int(np.ceil((count - 1) / (MOST_VIEWS - 1)))
    views: IntArray = np.unique(np.append(np.arange(0, count, step), count - 1))
    return views


def preview_voxel_mm(geometry: SweepGeometry, parameters: ReconstructionParameters) -> float:
    """Return the edge of a preview's voxel: four times the full one's, finer where the volume is small."""
    size_mm = parameters.size_mm or default_size_mm(geometry, fit_orbit(geometry))
    coarsest = max(max(size_mm) / COARSEST_VOXELS, parameters.voxel_mm)
    return float(min(QUARTER * parameters.voxel_mm, coarsest, LARGEST_VOXEL_MM))


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

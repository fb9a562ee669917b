"""A quick look at a volume: binned frames, fewer views, coarser voxels, the same reconstruction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import IntArray
from ..geometry.orbit import fit_orbit
from ..geometry.sweep import Sweep, SweepGeometry
from ..geometry.volume import Volume
from ..progress import Progress, part_of, silent
from .binning import binned, with_views
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

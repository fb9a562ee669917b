"""Bone given as a closed surface, as a mask."""

from __future__ import annotations

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..shape.inset import grid_around, mask_within

FINEST_MM, ACROSS = 0.6, 250
SMALLEST_BONE_MM = 3.0


def bone_within(surface: vtkPolyData) -> Volume:
    """Return the inside of a closed surface in RAS mm as a mask; voxels of 0.6 mm, larger for large bones.

    Raises
    ------
    FluoroPrintError
        The surface is too small to be in mm, or encloses nothing.
    """
    longest = float(np.diff(np.reshape(surface.GetBounds(), (3, 2))).max())
    if longest < SMALLEST_BONE_MM:
        raise FluoroPrintError(
            f"The model is {longest:.2g} mm long: scale it to millimetres first (shape --operation scale)."
        )
    grid = grid_around(surface, max(FINEST_MM, longest / ACROSS))
    mask = mask_within(surface, grid)
    if not mask.any():
        raise FluoroPrintError("The model encloses nothing: repair it first.")
    return Volume(mask.astype(np.uint8), grid.ijk_to_ras)

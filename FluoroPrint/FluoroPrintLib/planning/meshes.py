"""Bone given as a closed surface, as a mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..segmentation.filling import enclosed_cavities
from ..shape.inset import grid_around, grid_over, mask_within
from .upright import box_of, resampled

FINEST_MM, ACROSS = 0.6, 250
SMALLEST_BONE_MM = 3.0
JOINT_MM = 4.0
"""Gaps up to this wide between bones are joints that a screw may cross."""


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


def joined(bones: Sequence[Volume]) -> Volume:
    """Return masks (not 0 is bone) as one on an upright grid over all, the joints between them closed.

    What is wider than `JOINT_MM`, as a foramen or the spinal canal, stays open; what only narrower gaps open
    to the outside, as marrow behind thin cortex, is filled.
    """
    boxes = [box_of(bone) for bone in bones]
    low, high = (edge([box[i] for box in boxes], axis=0) for i, edge in enumerate((np.min, np.max)))
    step = max(FINEST_MM, *(float(bone.spacing_mm.min()) for bone in bones))
    grid = grid_over(low, high, step)
    shape = grid.size_ijk[::-1]
    mask = np.any([resampled(bone, grid.ijk_to_ras, shape) for bone in bones], axis=0)
    margin = int(np.ceil(JOINT_MM / step)) + 1
    grown = ndimage.distance_transform_edt(~np.pad(mask, margin)) * step <= JOINT_MM / 2
    grown |= enclosed_cavities(grown)
    closed = ndimage.distance_transform_edt(grown) * step > JOINT_MM / 2
    inner = (slice(margin, -margin),) * 3
    return Volume((mask | closed[inner]).astype(np.uint8), grid.ijk_to_ras)

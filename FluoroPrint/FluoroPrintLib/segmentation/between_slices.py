"""Slices between contoured ones, by their shape (Raya and Udupa, IEEE Trans. Medical Imaging 9(1), 1990)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import SimpleITK as sitk  # noqa: N813 - the name that everyone uses

from ..arrays import BoolArray, Float32Array
from ..errors import FluoroPrintError


def between_slices(
    contoured: Mapping[int, BoolArray], spacing_mm: tuple[float, float] = (1.0, 1.0)
) -> dict[int, BoolArray]:
    """Return the masks of all slices from the first to the last contoured one; these stay as they are.

    Between two contoured slices the distance to their borders changes evenly. What lies over nothing in the
    next contoured slice ends half way or earlier: a branch that moves by more than its width from one to the
    next needs contours nearer to each other.

    Parameters
    ----------
    contoured : mask (rows, columns) by the number of its slice
    spacing_mm : width and height of a pixel

    Raises
    ------
    FluoroPrintError
        There are no contours, or one is empty.
    """
    if not contoured or not all(mask.any() for mask in contoured.values()):
        raise FluoroPrintError("A slice has no contour: contour the first and the last slice of the bone.")
    numbers = sorted(contoured)
    distances = {number: depth_inside_mm(contoured[number], spacing_mm[::-1]) for number in numbers}
    filled = dict(contoured)
    for low, high in zip(numbers[:-1], numbers[1:], strict=True):
        for number in range(low + 1, high):
            share = (number - low) / (high - low)
            filled[number] = (1 - share) * distances[low] + share * distances[high] > 0
    return filled


def depth_inside_mm(mask: BoolArray, spacing_mm: tuple[float, ...]) -> Float32Array:
    """Return how deep each pixel or voxel lies within the mask's border: negative outside.

    It passes through zero half way between the centres on both sides of the border.

    Parameters
    ----------
    mask : not empty, of any number of axes; beyond its edges is outside
    spacing_mm : along the axes of the array, in their order
    """
    half, padded = np.float32(min(spacing_mm) / 2), np.pad(mask, 1)
    within, beyond = (_distance_to_mm(other, spacing_mm) for other in (~padded, padded))
    depth: Float32Array = np.where(padded, within - half, half - beyond)
    return depth[(slice(1, -1),) * mask.ndim]


def _distance_to_mm(mask: BoolArray, spacing_mm: tuple[float, ...]) -> Float32Array:
    """Return the distance of the pixels outside of a mask to its nearest pixel, centre to centre."""
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing([float(length) for length in spacing_mm[::-1]])
    found = sitk.SignedMaurerDistanceMap(
        image, insideIsPositive=False, squaredDistance=False, useImageSpacing=True
    )
    distance: Float32Array = sitk.GetArrayFromImage(found)
    return distance

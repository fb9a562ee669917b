"""The inside of bone: cavities that it encloses, and marrow that thin or broken cortex surrounds."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk  # noqa: N813
from scipy import ndimage

from ..arrays import BoolArray, Float64Array, IntArray

GAP_MM = 2.5
"""Gaps of the cortex up to twice this are bridged."""
LARGEST_HOLE_MM2 = 2500.0
STRIPS_MM = 1.0
DIRECTIONS_NEEDED = 2


def enclosed_cavities(mask_kji: BoolArray) -> BoolArray:
    """Return the background that does not reach the border of the volume, connected by faces and edges."""
    padded = np.pad(~mask_kji, 1, constant_values=True)
    structure = ndimage.generate_binary_structure(3, 2)
    labels: IntArray = ndimage.label(padded, structure)[0]
    enclosed: BoolArray = padded & (labels != labels[0, 0, 0])
    return enclosed[1:-1, 1:-1, 1:-1]


def with_marrow(mask_kji: BoolArray, spacing_kji_mm: Float64Array) -> BoolArray:
    """Return bone with its marrow.

    Gaps of the cortex are closed; a voxel is marrow where it then lies in a hole of the slices of at least
    two of the three directions. So a canal that is open at both ends, such as the spinal canal, stays open,
    and so does the inside of the skull, whose holes are larger than a bone's.

    Parameters
    ----------
    mask_kji : (K, J, I)
    spacing_kji_mm : (3,)
    """
    closed = _closed(mask_kji, GAP_MM, spacing_kji_mm)
    holes = sum(_holes(closed, axis, spacing_kji_mm).astype(np.uint8) for axis in range(3))
    solid = closed | (holes >= DIRECTIONS_NEEDED)
    without_strips = ~_closed(~solid, STRIPS_MM, spacing_kji_mm)
    result: BoolArray = mask_kji | (without_strips & solid)
    return result


def _holes(mask: BoolArray, axis: int, spacing_kji_mm: Float64Array) -> BoolArray:
    """Return the background of each slice across `axis` that reaches no border and is not too large."""
    in_slice = np.zeros((3, 3, 3), bool)
    in_slice[1] = ndimage.generate_binary_structure(2, 1)
    labels, count = ndimage.label(~mask, np.moveaxis(in_slice, 0, axis))
    area_mm2 = float(np.prod(np.delete(spacing_kji_mm, axis)))
    hole = np.bincount(labels.ravel(), minlength=count + 1) * area_mm2 <= LARGEST_HOLE_MM2
    for across in {0, 1, 2} - {axis}:
        for end in (0, -1):
            hole[np.take(labels, end, across)] = False
    hole[0] = False
    found: BoolArray = hole[labels]
    return found


def _closed(mask: BoolArray, radius_mm: float, spacing_kji_mm: Float64Array) -> BoolArray:
    """Return the closing by a ball, by distances: anisotropic spacing counts, and nothing ends at borders."""
    margin = int(np.ceil(radius_mm / spacing_kji_mm.min())) + 1
    image = sitk.GetImageFromArray(np.pad(mask, margin).astype(np.uint8))
    image.SetSpacing([float(length) for length in spacing_kji_mm[::-1]])
    grown = sitk.LessEqual(_distances(image), radius_mm)
    shrunk = sitk.GetArrayFromImage(sitk.LessEqual(_distances(grown), -radius_mm)) > 0
    inner = (slice(margin, -margin),) * 3
    result: BoolArray = shrunk[inner] | mask
    return result


def _distances(image: sitk.Image) -> sitk.Image:
    return sitk.SignedMaurerDistanceMap(
        image, insideIsPositive=False, squaredDistance=False, useImageSpacing=True
    )

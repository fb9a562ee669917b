"""Slicer's oriented images, as the Segment Editor hands them to its effects: to data and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import BoolArray
from ..geometry.volume import Volume
from .nodes import image_array, matrix_array, vtk_image


def volume_from_image(image: Any, name: str) -> Volume:
    """Return what a vtkOrientedImageData holds; its extent may begin anywhere.

    Parameters
    ----------
    image : vtkOrientedImageData
    name : what the user knows it by, for the error

    Raises
    ------
    FluoroPrintError
        It holds no voxels, or several numbers a voxel.
    """
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    array_kji = image_array(image, name)
    image_to_world = vtkMatrix4x4()
    image.GetImageToWorldMatrix(image_to_world)
    first_voxel = np.eye(4)
    first_voxel[:3, 3] = image.GetExtent()[::2]
    return Volume(array_kji, matrix_array(image_to_world) @ first_voxel)


def place_of_image(image: Any) -> Any:
    """Return a vtkOrientedImageData without voxels that keeps extent and place of another."""
    import slicer
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    place, image_to_world = slicer.vtkOrientedImageData(), vtkMatrix4x4()
    image.GetImageToWorldMatrix(image_to_world)
    place.SetExtent(image.GetExtent())
    place.SetImageToWorldMatrix(image_to_world)
    return place


def image_from_mask(mask_kji: BoolArray, place: Any) -> Any:
    """Return a vtkOrientedImageData of 0 and 1 in a place; the editor's masks need its very extent.

    Parameters
    ----------
    mask_kji : (K, J, I), of the dimensions of `place`
    place : vtkOrientedImageData; its voxels, if any, are not used
    """
    image = place_of_image(place)
    image.GetPointData().SetScalars(vtk_image(mask_kji).GetPointData().GetScalars())
    return image

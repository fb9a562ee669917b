"""Slicer's oriented images, as the Segment Editor hands them to its effects: to data and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import BoolArray
from ..geometry.volume import Volume
from .nodes import image_array, matrix_array, vtk_image, vtk_matrix


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


def image_from_mask(mask_kji: BoolArray, volume: Volume) -> Any:
    """Return a vtkOrientedImageData of 0 and 1 in the place of `volume`.

    Parameters
    ----------
    mask_kji : (K, J, I), of the volume's shape
    """
    import slicer

    image = slicer.vtkOrientedImageData()
    image.ShallowCopy(vtk_image(volume.with_array(mask_kji).array_kji))
    image.SetImageToWorldMatrix(vtk_matrix(volume.ijk_to_ras))
    return image

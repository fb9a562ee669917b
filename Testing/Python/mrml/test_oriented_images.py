"""What the Segment Editor hands to an effect and takes back, in the right place."""

import numpy as np
import pytest
import slicer
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mrml.nodes import vtk_image, vtk_matrix
from FluoroPrintLib.mrml.oriented_images import image_from_mask, place_of_image, volume_from_image

OBLIQUE = np.array(
    [[0.0, -2.0, 0.0, 5.0], [0.5, 0.0, 0.0, -7.0], [0.0, 0.0, 3.0, 11.0], [0.0, 0.0, 0.0, 1.0]]
)


def oriented_image(array_kji, first_voxel=(0, 0, 0)):
    image = slicer.vtkOrientedImageData()
    image.ShallowCopy(vtk_image(array_kji))
    extent = [
        (first, first + size - 1) for first, size in zip(first_voxel, array_kji.shape[::-1], strict=True)
    ]
    image.SetExtent(*(index for pair in extent for index in pair))
    image.SetImageToWorldMatrix(vtk_matrix(OBLIQUE))
    return image


def test_an_image_whose_extent_begins_anywhere_stays_where_it_was():
    array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    volume = volume_from_image(oriented_image(array, (3, 4, 5)), "source")
    np.testing.assert_array_equal(volume.array_kji, array)
    np.testing.assert_allclose(volume.ijk_to_ras @ [0, 0, 0, 1], OBLIQUE @ [3, 4, 5, 1])
    np.testing.assert_allclose(volume.ijk_to_ras @ [1, 2, 1, 1], OBLIQUE @ [4, 6, 6, 1])


def test_a_mask_goes_back_to_the_very_voxels_of_its_image():
    source = oriented_image(np.zeros((2, 3, 4), np.int16), (3, 4, 5))
    mask = np.zeros((2, 3, 4), bool)
    mask[1, 2, 3] = True
    image = image_from_mask(mask, place_of_image(source))
    assert slicer.vtkOrientedImageDataResample.DoGeometriesMatch(image, source)
    assert image.GetExtent() == source.GetExtent()
    np.testing.assert_array_equal(volume_from_image(image, "mask").array_kji, mask)


def test_the_place_of_an_image_holds_no_voxels():
    place = place_of_image(oriented_image(np.zeros((2, 3, 4), np.int16), (3, 4, 5)))
    assert place.GetPointData().GetScalars() is None


def test_an_empty_image_is_refused_by_its_name():
    with pytest.raises(FluoroPrintError, match="source volume"):
        volume_from_image(slicer.vtkOrientedImageData(), "source volume")

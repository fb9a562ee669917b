"""Data put into nodes comes back as it was, and parent transforms count."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mrml.deviations import DEVIATION_ARRAY
from FluoroPrintLib.mrml.models import add_model, surface_from_node
from FluoroPrintLib.mrml.segmentations import add_segmentation, segmentation_from_node
from FluoroPrintLib.mrml.sweeps import GEOMETRY_ROLE, add_sweep, detector_centres_ras, sweep_from_nodes
from FluoroPrintLib.mrml.tables import column_numbers
from FluoroPrintLib.mrml.volumes import add_volume, volume_from_node
from vtkmodules.util.numpy_support import vtk_to_numpy

MOVE = np.array([[0, -1, 0, 5.0], [1, 0, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])


def put_under_transform(scene, node, matrix):
    from FluoroPrintLib.mrml.nodes import vtk_matrix

    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Move")
    transform.SetMatrixTransformToParent(vtk_matrix(matrix))
    node.SetAndObserveTransformNodeID(transform.GetID())


def put_under_bent_transform(scene, node):
    from vtkmodules.vtkCommonTransforms import vtkThinPlateSplineTransform

    transform = scene.AddNewNodeByClass("vtkMRMLTransformNode", "Bend")
    transform.SetAndObserveTransformToParent(vtkThinPlateSplineTransform())
    node.SetAndObserveTransformNodeID(transform.GetID())


def assert_same_sweep(found, expected):
    np.testing.assert_array_equal(found.frames, expected.frames)
    for field in ("ras_to_pixel", "primary_deg", "secondary_deg"):
        np.testing.assert_array_equal(getattr(found.geometry, field), getattr(expected.geometry, field))
    for field in ("rows", "columns", "sid_mm", "sod_mm", "pixel_mm"):
        assert getattr(found.geometry, field) == getattr(expected.geometry, field)
    assert (found.i0, dict(found.provenance), found.warnings) == (
        expected.i0,
        dict(expected.provenance),
        expected.warnings,
    )


def test_a_sweep_comes_back_to_the_last_digit(scene, sweep):
    assert_same_sweep(sweep_from_nodes(add_sweep(scene, sweep, "Run")), sweep)


def test_a_sweep_without_angles_and_distances_comes_back(scene, sweep):
    from dataclasses import replace

    bare = replace(
        sweep.geometry, primary_deg=None, secondary_deg=None, sid_mm=None, sod_mm=None, pixel_mm=None
    )
    found = sweep_from_nodes(add_sweep(scene, replace(sweep, geometry=bare), "Run")).geometry
    assert (found.primary_deg, found.sid_mm, found.sod_mm, found.pixel_mm) == (None, None, None, None)
    np.testing.assert_array_equal(found.ras_to_pixel, bare.ras_to_pixel)


def test_the_detector_lies_opposite_the_source_at_the_known_distance(scene, sweep):
    table = add_sweep(scene, sweep, "Run").GetNodeReference(GEOMETRY_ROLE)
    source = np.stack([column_numbers(table, f"Source{axis}") for axis in "RAS"], -1)
    detector = np.stack([column_numbers(table, f"Detector{axis}") for axis in "RAS"], -1)
    np.testing.assert_allclose(detector, -source * (1200.5 - 785.25) / 785.25, atol=1e-9)
    np.testing.assert_allclose(detector_centres_ras(sweep.geometry, 1200.5), detector, atol=1e-9)


def test_a_coronal_slice_of_the_stack_shows_a_frame_upright(scene, sweep):
    volume = volume_from_node(add_sweep(scene, sweep, "Run"))
    np.testing.assert_allclose(volume.ijk_to_ras[:3, 0], [-0.9, 0, 0])  # columns to the patient's left
    np.testing.assert_allclose(volume.ijk_to_ras[:3, 1], [0, 0, -1.04])  # rows to the feet
    np.testing.assert_allclose(volume.centre_ras, 0, atol=1e-9)


def test_a_volume_that_is_no_sweep_is_refused_as_one(scene, volume):
    with pytest.raises(FluoroPrintError, match="'CT' has no geometry table"):
        sweep_from_nodes(add_volume(scene, volume, "CT"))


def test_a_volume_comes_back(scene, volume):
    found = volume_from_node(add_volume(scene, volume, "CT"))
    np.testing.assert_array_equal(found.array_kji, volume.array_kji)
    np.testing.assert_allclose(found.ijk_to_ras, volume.ijk_to_ras, atol=1e-12)


def test_a_linear_parent_transform_goes_into_the_volumes_matrix(scene, volume):
    node = add_volume(scene, volume, "CT")
    put_under_transform(scene, node, MOVE)
    np.testing.assert_allclose(volume_from_node(node).ijk_to_ras, MOVE @ volume.ijk_to_ras, atol=1e-9)


def test_a_transform_that_bends_space_is_named(scene, volume):
    node = add_volume(scene, volume, "CT")
    put_under_bent_transform(scene, node)
    with pytest.raises(FluoroPrintError, match="'CT' stands under 'Bend'"):
        volume_from_node(node)


def test_an_empty_volume_is_named(scene):
    with pytest.raises(FluoroPrintError, match="'Empty' holds no voxels"):
        volume_from_node(scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty"))


def test_nothing_chosen_is_said(scene):
    for read in (volume_from_node, segmentation_from_node, surface_from_node, sweep_from_nodes):
        with pytest.raises(FluoroPrintError, match="Nothing"):
            read(None)


def test_two_nodes_of_one_name_get_different_names(scene, volume):
    names = [add_volume(scene, volume, "CT").GetName() for _ in range(3)]
    assert names == ["CT", "CT 2", "CT 3"]


def test_a_segmentation_comes_back_with_labels_names_colours_and_terminology(scene, volume, segmentation):
    source = add_volume(scene, volume, "CT")
    found = segmentation_from_node(add_segmentation(scene, segmentation, "Bones", source))
    assert found.segments == segmentation.segments
    np.testing.assert_array_equal(found.labelmap.array_kji, segmentation.labelmap.array_kji)
    np.testing.assert_allclose(found.labelmap.ijk_to_ras, segmentation.labelmap.ijk_to_ras, atol=1e-12)


def test_a_segmentation_without_a_source_volume_keeps_its_place(scene, segmentation):
    found = segmentation_from_node(add_segmentation(scene, segmentation, "Bones"))
    points = [np.argwhere(s.labelmap.array_kji == 7)[0][::-1] for s in (found, segmentation)]
    places = [s.labelmap.ijk_to_ras @ [*p, 1.0] for s, p in zip((found, segmentation), points, strict=True)]
    np.testing.assert_allclose(places[0], places[1], atol=1e-9)


def test_a_parent_transform_moves_a_segmentation(scene, volume, segmentation):
    node = add_segmentation(scene, segmentation, "Bones", add_volume(scene, volume, "CT"))
    put_under_transform(scene, node, MOVE)
    found = segmentation_from_node(node).labelmap.ijk_to_ras
    np.testing.assert_allclose(found, MOVE @ volume.ijk_to_ras, atol=1e-9)


def test_slicer_can_make_its_own_surfaces_of_the_segments(scene, segmentation):
    node = add_segmentation(scene, segmentation, "Bones", closed_surface=True)
    assert node.GetClosedSurfaceInternalRepresentation(
        node.GetSegmentation().GetNthSegmentID(0)
    ).GetNumberOfPoints()


def test_a_model_carries_colour_and_deviations(scene, model):
    node = add_model(scene, model)
    assert node.GetName() == "Skull"
    assert node.GetDisplayNode().GetColor() == pytest.approx(model.colour)
    found = vtk_to_numpy(node.GetPolyData().GetPointData().GetArray(DEVIATION_ARRAY))
    np.testing.assert_array_equal(found, model.deviation.at_points_mm)
    assert model.surface.GetPointData().GetArray(DEVIATION_ARRAY) is None


def test_a_parent_transform_moves_a_surface(scene, model):
    node = add_model(scene, model)
    put_under_transform(scene, node, MOVE)
    points = vtk_to_numpy(model.surface.GetPoints().GetData())
    found = vtk_to_numpy(surface_from_node(node).GetPoints().GetData())
    np.testing.assert_allclose(found, points @ MOVE[:3, :3].T + MOVE[:3, 3], atol=1e-4)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("mean_distance_mm", ("mean distance", "mm")),
        ("volume_mm3", ("volume", "mm³")),
        ("water_per_mm", ("water", "per mm")),
        ("is_watertight", ("is watertight", "")),
        ("mm", ("mm", "")),
    ],
)
def test_a_figures_name_says_its_unit(name, shown):
    from FluoroPrintLib.mrml.tables import words_and_unit

    assert words_and_unit(name) == shown

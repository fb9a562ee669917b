"""The effects "Metal" and "Vessel", which find several segments: previewed, applied and undone at once."""

import numpy as np
import pytest
import slicer
import stand_in
from bone_editor import add_segment, apply, choose, count_of, open_editor, preview, previews
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.case_parameters import store_parameters
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.segmentations import segmentation_from_node
from FluoroPrintLib.mrml.stages import apply_stage, method_stage
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.metal import MetalParameters, find_metal
from FluoroPrintLib.segmentation.vessel import VesselParameters, find_vessels
from slicer.util import arrayFromSegmentBinaryLabelmap, arrayFromSegmentInternalBinaryLabelmap

SIZE = 48
AT_K, AT_J, AT_I = np.indices((SIZE, SIZE, SIZE)) - SIZE // 2
FOUND = {
    "Metal": lambda volume: find_metal(volume).segmentation,
    "Vessel": lambda volume: find_vessels(volume, VesselParameters(wall_mm=2.0)).segmentation,
}
OTHER = {"Metal": "Metal 2", "Vessel": "Vessel wall"}


def volume_of_rods(values_hu):
    """Two rods along I and K, the first one wider, in soft tissue with noise, voxels of 1 mm."""
    voxels = np.random.default_rng(1).normal(40.0, 20.0, (SIZE, SIZE, SIZE))
    voxels[(AT_K - 10) ** 2 + (AT_J - 8) ** 2 <= 5**2] = values_hu
    voxels[((AT_I - 10) ** 2 + (AT_J + 12) ** 2 <= 3**2) & (np.abs(AT_K) < 15)] = values_hu
    return Volume(voxels.astype(np.float32), grid_centred_at((0, 0, 0), (SIZE, SIZE, SIZE), 1.0))


VOLUMES = {"Metal": volume_of_rods(9000.0), "Vessel": volume_of_rods(700.0)}


@pytest.fixture(params=["Metal", "Vessel"])
def name(request):
    return request.param


@pytest.fixture
def rods(scene, name):
    return add_volume(scene, VOLUMES[name], "Rods")


@pytest.fixture
def editor(registered, scene, rods, name):
    store_parameters(scene, "vessel", VesselParameters(wall_mm=2.0))
    return choose(open_editor(scene, "SegmentEditor"), scene, rods, name)


def segments_of(node):
    segmentation = node.GetSegmentation()
    return [segmentation.GetNthSegment(index) for index in range(segmentation.GetNumberOfSegments())]


def id_named(editor, name):
    return editor.segmentation.GetSegmentation().GetSegmentIdBySegmentName(name)


def test_apply_writes_the_first_and_adds_the_others_as_they_were_found(editor, application, rods, name):
    apply(editor)
    assert application.errors == []
    expected = FOUND[name](VOLUMES[name])
    labels = expected.labelmap.array_kji
    first, other = expected.segments
    selected, added = segments_of(editor.segmentation)
    assert selected.GetName() == "bone"
    assert selected.GetColor() == pytest.approx((0.2, 0.4, 0.6))
    assert added.GetName() == other.name == OTHER[name]
    assert added.GetColor() == pytest.approx(other.colour)
    assert segmentation_from_node(editor.segmentation).segments[1].terminology == other.terminology
    for segment_id, segment in ((editor.segment_id, first), (id_named(editor, other.name), other)):
        written = arrayFromSegmentBinaryLabelmap(editor.segmentation, segment_id, rods)
        np.testing.assert_array_equal(written > 0, labels == segment.label)


def test_one_undo_takes_all_back(editor, rods):
    apply(editor)
    assert len(segments_of(editor.segmentation)) == 2
    editor.widget.undo()
    assert [segment.GetName() for segment in segments_of(editor.segmentation)] == ["bone"]
    assert count_of(editor, rods) == 0


def test_a_preview_shows_all_in_their_colours_and_changes_no_segment(editor, application, scene, rods, name):
    preview(editor)
    assert application.errors == []
    expected = FOUND[name](VOLUMES[name])
    (node,) = previews(scene)
    shown = segments_of(node)
    assert [segment.GetColor() for segment in shown] == [
        pytest.approx(segment.colour) for segment in expected.segments
    ]
    for index, segment in enumerate(expected.segments):
        voxels = arrayFromSegmentInternalBinaryLabelmap(node, node.GetSegmentation().GetNthSegmentID(index))
        count = np.count_nonzero(expected.labelmap.array_kji == segment.label)
        assert np.count_nonzero(voxels == shown[index].GetLabelValue()) == count
    assert count_of(editor, rods) == 0
    assert len(segments_of(editor.segmentation)) == 1
    stand_in.click(editor.options.previewButton)
    assert previews(scene) == []


def test_masks_hold_for_the_segments_that_are_added_too(editor, rods, name):
    half = AT_J >= -12
    mask_id = add_segment(editor, "half", half)
    editor.node.SetOverwriteMode(editor.node.OverwriteNone)
    editor.node.SetMaskSegmentID(mask_id)
    editor.node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    apply(editor)
    written = arrayFromSegmentBinaryLabelmap(editor.segmentation, id_named(editor, OTHER[name]), rods) > 0
    assert written.any()
    assert not (written & ~half).any()


def test_the_note_says_what_was_found(editor, name):
    apply(editor)
    told = editor.options.work.label.text
    assert told.startswith("2 pieces of metal" if name == "Metal" else "Lumen of ")


def test_nothing_to_find_is_one_sentence(editor, application, scene, name):
    plain = Volume(np.full((8, 8, 8), 40.0, np.float32), grid_centred_at((0, 0, 0), (8, 8, 8), 1.0))
    editor.widget.setSourceVolumeNode(add_volume(scene, plain, "Plain"))
    apply(editor)
    (told,) = application.errors
    assert told.startswith(f"No {name.lower()} was found")
    assert len(segments_of(editor.segmentation)) == 1


def test_the_effects_tell_their_names_and_show_their_icons(editor, name):
    effect = editor.widget.activeEffect()
    assert (effect.name, effect.title, effect.perSegment) == (name, name, True)
    assert not effect.self().icon().isNull()
    assert "undo" in effect.self().helpText()


def test_the_stage_in_the_scene_finds_what_the_function_finds_under_a_transform(scene, rods, name):
    move = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    moved = np.array([[0.6, -0.8, 0, 12], [0.8, 0.6, 0, -5], [0, 0, 1, 30], [0, 0, 0, 1.0]])
    move.SetMatrixTransformToParent(vtk_matrix(moved))
    rods.SetAndObserveTransformNodeID(move.GetID())
    parameters = MetalParameters() if name == "Metal" else VesselParameters(wall_mm=2.0)
    (node,) = apply_stage(scene, method_stage(name.lower()), rods, parameters)
    found, expected = segmentation_from_node(node), FOUND[name](VOLUMES[name])
    assert [segment.name for segment in found.segments] == [segment.name for segment in expected.segments]
    np.testing.assert_array_equal(found.labelmap.array_kji, expected.labelmap.array_kji)
    np.testing.assert_allclose(found.labelmap.ijk_to_ras, moved @ VOLUMES[name].ijk_to_ras, atol=1e-9)

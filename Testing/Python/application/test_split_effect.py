"""The Segment Editor effect "Joint split", used as from the editor's own panel, with real point lists."""

from types import SimpleNamespace

import numpy as np
import pytest
import slicer
import stand_in
from bone_editor import GRID, SIZE, apply, ended, open_editor, preview, previews, segmentation_over
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mrml.nodes import vtk_image, vtk_matrix
from FluoroPrintLib.mrml.volumes import add_volume
from slicer.util import arrayFromSegmentBinaryLabelmap

ALONG_K, ALONG_J, ALONG_I = np.indices((SIZE, SIZE, SIZE)) - (SIZE - 1) / 2
BOTH = (np.abs(ALONG_I) < 19) & (np.abs(ALONG_J) < 8) & (np.abs(ALONG_K) < 8)
BONES = BOTH & (np.abs(ALONG_I) > 1)
POINTS_RAS = ((11.0, 0.0, 0.0), (-11.0, 1.0, 0.0))
"""The first lies where the index i is small: i runs to the patient's left."""


@pytest.fixture
def editor(registered, scene):
    noise = np.random.default_rng(4).normal(0, 10, BONES.shape)
    volume = add_volume(scene, Volume((np.where(BONES, 800.0, 30.0) + noise).astype(np.float32), GRID), "V")
    segmentation = segmentation_over(scene, volume)
    image = slicer.vtkOrientedImageData()
    image.ShallowCopy(vtk_image(BOTH))
    image.SetImageToWorldMatrix(vtk_matrix(GRID))
    bone = segmentation.AddSegmentFromBinaryLabelmapRepresentation(image, "Bones")
    widget = open_editor(scene, "SegmentEditor")
    widget.setSegmentationNode(segmentation)
    widget.setSourceVolumeNode(volume)
    widget.setCurrentSegmentID(bone)
    widget.setActiveEffectByName("Joint split")
    return SimpleNamespace(
        widget=widget,
        node=widget.real.node,
        volume=volume,
        segmentation=segmentation,
        bone=bone,
        options=widget.activeEffect().self().options,
    )


def place(scene, editor, points=POINTS_RAS):
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Points")
    for point in points:
        node.AddControlPoint(list(point))
    editor.options.points.chooser.setCurrentNode(node)
    return node


def voxels(editor):
    """Return the mask of each segment by its name."""
    segments = editor.segmentation.GetSegmentation()
    ids = [segments.GetNthSegmentID(index) for index in range(segments.GetNumberOfSegments())]
    return {
        segments.GetSegment(one).GetName(): arrayFromSegmentBinaryLabelmap(
            editor.segmentation, one, editor.volume
        )
        > 0
        for one in ids
    }


def assert_split(found):
    assert list(found) == ["Bones", "Part 2"]
    one, two = found.values()
    np.testing.assert_array_equal(one | two, BOTH)
    assert not (one & two).any()
    assert one[BONES & (ALONG_I < 0)].mean() > 0.99
    assert two[BONES & (ALONG_I > 0)].mean() > 0.99


def test_apply_makes_a_segment_of_each_part_and_one_undo_brings_the_single_one_back(
    editor, application, scene
):
    place(scene, editor)
    apply(editor)
    assert application.errors == []
    assert_split(voxels(editor))
    assert editor.options.work.label.text.startswith("2 parts: Part 1 ")
    editor.widget.undo()
    (name, whole), *others = voxels(editor).items()
    assert (name, others) == ("Bones", [])
    np.testing.assert_array_equal(whole, BOTH)


def test_preview_shows_each_part_in_its_colour_and_changes_no_segment(editor, scene):
    place(scene, editor)
    preview(editor)
    (shown,) = previews(scene)
    segments = shown.GetSegmentation()
    assert segments.GetNumberOfSegments() == 2
    assert segments.GetNthSegment(0).GetColor() != segments.GetNthSegment(1).GetColor()
    assert list(voxels(editor)) == ["Bones"]
    apply(editor)
    assert previews(scene) == []
    assert_split(voxels(editor))


def test_the_preview_follows_the_points(editor, scene):
    points = place(scene, editor)
    preview(editor)
    points.AddControlPoint([11.0, 5.0, 6.0])
    points.InvokeEvent(points.PointPositionDefinedEvent)
    points.RemoveNthControlPoint(1)
    points.AddControlPoint([-11.0, 0.0, 0.0])
    stand_in.wait_until(lambda: _count(scene) == 3)


def _count(scene):
    shown = previews(scene)
    return shown[0].GetSegmentation().GetNumberOfSegments() if shown else 0


def test_under_a_transform_the_points_mean_the_place_where_they_are_seen(editor, application, scene):
    move = np.eye(4)
    move[:3, 3] = (30.0, 4.0, -7.0)
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(vtk_matrix(move))
    for node in (editor.segmentation, editor.volume):
        node.SetAndObserveTransformNodeID(transform.GetID())
    place(scene, editor, np.array(POINTS_RAS) + move[:3, 3])
    apply(editor)
    assert application.errors == []
    assert_split(voxels(editor))


@pytest.mark.parametrize("points", [(), POINTS_RAS[:1]])
def test_too_few_points_are_one_sentence(editor, application, scene, points):
    place(scene, editor, points)
    stand_in.click(editor.options.applyButton)
    assert application.errors == ["Place at least two points, one in each part, before the split."]
    assert list(voxels(editor)) == ["Bones"]


def test_a_point_off_the_bone_is_one_sentence_and_nothing_is_written(editor, application, scene):
    place(scene, editor, (POINTS_RAS[0], (-11.0, 20.0, 0.0)))
    apply(editor)
    (told,) = application.errors
    assert told.startswith("Point 2 lies ")
    assert list(voxels(editor)) == ["Bones"]


def test_an_empty_segment_is_one_sentence(editor, application, scene):
    place(scene, editor)
    editor.widget.setCurrentSegmentID(editor.segmentation.GetSegmentation().AddEmptySegment("empty"))
    stand_in.click(editor.options.applyButton)
    assert application.errors == ["The selected segment is empty: segment the bones first, then split them."]


def test_placing_makes_a_list_and_ends_with_the_effect(editor, scene):
    stand_in.click(editor.options.points.placeButton)
    node = editor.options.points.chooser.currentNode()
    assert node.IsA("vtkMRMLMarkupsFiducialNode")
    interaction = scene.GetNodeByID("vtkMRMLInteractionNodeSingleton")
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    editor.widget.setActiveEffectByName("")
    assert interaction.GetCurrentInteractionMode() == interaction.ViewTransform


def test_cancel_leaves_the_segment(editor, scene):
    place(scene, editor)
    stand_in.click(editor.options.applyButton)
    stand_in.click(editor.options.work.cancelButton)
    ended(editor)
    assert list(voxels(editor)) == ["Bones"]


def test_a_second_apply_gives_the_same_segments_and_no_more(editor, application, scene):
    place(scene, editor)
    apply(editor)
    segments = editor.segmentation.GetSegmentation()
    segments.GetNthSegment(1).SetName("L5")
    apply(editor)
    assert application.errors == []
    found = voxels(editor)
    assert list(found) == ["Bones", "L5"]
    assert_split({"Bones": found["Bones"], "Part 2": found["L5"]})


def test_a_second_apply_with_fewer_parts_takes_the_surplus_one_back(editor, application, scene):
    points = place(scene, editor, (*POINTS_RAS, (11.0, 5.0, 6.0)))
    apply(editor)
    assert list(voxels(editor)) == ["Bones", "Part 2", "Part 3"]
    points.RemoveNthControlPoint(2)
    apply(editor)
    assert application.errors == []
    assert_split(voxels(editor))


def test_a_mask_of_the_selected_segment_lets_all_parts_be_written(editor, scene):
    editor.node.SetMaskSegmentID(editor.bone)
    editor.node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    place(scene, editor)
    apply(editor)
    assert_split(voxels(editor))


def test_outside_the_editable_intensity_range_nothing_changes(editor, scene):
    editor.node.SetSourceVolumeIntensityMask(True)
    editor.node.SetSourceVolumeIntensityMaskRange(400.0, 2000.0)
    place(scene, editor)
    apply(editor)
    found = voxels(editor)
    np.testing.assert_array_equal(found["Bones"] | found["Part 2"], BOTH)
    assert not found["Part 2"][~BONES].any()
    assert found["Part 2"][BONES & (ALONG_I > 0)].mean() > 0.99


def test_points_placed_before_and_after_next_part_belong_to_two_parts(editor, application, scene):
    stand_in.click(editor.options.points.placeButton)
    points = editor.options.points.chooser.currentNode()
    for side in (1.0, -1.0):
        for at in ((16.0 * side, 0.0, 0.0), (4.0 * side, 1.0, 0.0)):
            points.AddControlPoint(list(at))
            points.InvokeEvent(points.PointPositionDefinedEvent)
        if side > 0:
            stand_in.click(editor.options.nextButton)
            assert editor.options.work.label.text == "Points placed now belong to Part 2."
    interaction = scene.GetNodeByID("vtkMRMLInteractionNodeSingleton")
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    apply(editor)
    assert application.errors == []
    assert_split(voxels(editor))


def test_descriptions_of_a_list_name_the_parts(editor, scene):
    points = place(scene, editor, (*POINTS_RAS, (4.0, 1.0, 0.0)))
    for index, name in enumerate(("L4", "L5", "L4")):
        points.SetNthControlPointDescription(index, name)
    apply(editor)
    assert_split({"Part 2" if name == "L5" else name: mask for name, mask in voxels(editor).items()})

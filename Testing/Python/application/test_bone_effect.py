"""The Segment Editor effect "Fluoro bone", used as from the editor's own panel: Apply."""

import numpy as np
import pytest
import slicer
import stand_in
from bone_editor import (
    BALL_MM3,
    CENTRED_KJI,
    GRID,
    NAME,
    SIZE,
    add_segment,
    apply,
    count_of,
    ended,
    preview,
    previewed,
    previews,
    volume_of_ball,
)
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.case_parameters import store_parameters
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.bone import BoneParameters
from slicer.util import arrayFromSegmentBinaryLabelmap

MODULE = "SegmentEditorFluoroPrint"  # each of its handlers is called here: see every_handler.py
CONFIRM = "qSlicerSegmentEditorAbstractEffect.confirmCurrentSegmentVisible"


def test_apply_puts_bone_into_the_selected_segment(editor, application, ball):
    stand_in.click(editor.options.applyButton)
    assert editor.options.work.busy
    assert not editor.options.applyButton.enabled
    ended(editor)
    assert application.errors == []
    assert count_of(editor, ball) == pytest.approx(BALL_MM3, rel=0.05)
    assert editor.options.applyButton.enabled
    assert editor.options.work.label.text.startswith("Bone above ")


def test_undo_takes_the_bone_back(editor, ball):
    apply(editor)
    editor.widget.undo()
    assert count_of(editor, ball) == 0


def test_the_segment_is_replaced_not_added_to(editor, ball):
    apply(editor)
    store_parameters(slicer.mrmlScene, "bone", BoneParameters(lower_hu=1020.0, min_piece_mm3=0.0))
    apply(editor)
    assert 0 < count_of(editor, ball) < 0.8 * BALL_MM3


def test_a_segmentation_under_a_transform_gets_its_bone_where_the_volume_shows_it(editor, scene, ball):
    move = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    editor.segmentation.SetAndObserveTransformNodeID(move.GetID())
    move.SetMatrixTransformToParent(_shift(6.0))
    preview(editor)
    assert previews(scene)[0].GetTransformNodeID() == move.GetID()
    apply(editor)
    voxels = arrayFromSegmentBinaryLabelmap(editor.segmentation, editor.segment_id, ball)
    np.testing.assert_allclose(np.argwhere(voxels).mean(0), SIZE // 2, atol=0.3)


def _shift(mm):
    matrix = np.eye(4)
    matrix[0, 3] = mm
    return vtk_matrix(matrix)


@pytest.mark.parametrize("inside", [True, False])
def test_masks_of_the_editor_are_respected(editor, ball, inside):
    half = CENTRED_KJI[2] >= 0
    mask_id = add_segment(editor, "half", half)
    editor.node.SetOverwriteMode(editor.node.OverwriteNone)
    modes = slicer.vtkMRMLSegmentationNode
    if inside:
        editor.node.SetMaskSegmentID(mask_id)
        editor.node.SetMaskMode(modes.EditAllowedInsideSingleSegment)
    else:
        editor.node.SetMaskMode(modes.EditAllowedOutsideAllSegments)
    apply(editor)
    voxels = arrayFromSegmentBinaryLabelmap(editor.segmentation, editor.segment_id, ball) > 0
    assert np.count_nonzero(voxels) == pytest.approx(BALL_MM3 / 2, rel=0.1)
    assert not (voxels & (half != inside)).any()


def test_the_editable_intensity_range_is_respected(editor, ball):
    voxels = slicer.util.arrayFromVolume(ball)
    editor.node.SetSourceVolumeIntensityMask(True)
    editor.node.SetSourceVolumeIntensityMaskRange(1000.0, 5000.0)
    apply(editor)
    written = arrayFromSegmentBinaryLabelmap(editor.segmentation, editor.segment_id, ball) > 0
    assert np.count_nonzero(written) == pytest.approx(BALL_MM3 / 2, rel=0.1)
    assert voxels[written].min() >= 1000.0


def test_the_editable_range_holds_where_the_grid_begins_elsewhere(editor, ball):
    """The extent of a segmentation's grid need not begin at 0, as after a crop."""
    geometry = slicer.vtkOrientedImageData()
    geometry.SetExtent(8, 40, 8, 40, 8, 40)
    geometry.SetImageToWorldMatrix(vtk_matrix(GRID))
    editor.segmentation.SetReferenceImageGeometryParameterFromVolumeNode(None)
    text = slicer.vtkSegmentationConverter.SerializeImageGeometry(geometry)
    role = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
    editor.segmentation.GetSegmentation().SetConversionParameter(role, text)
    editor.node.SetSourceVolumeIntensityMask(True)
    editor.node.SetSourceVolumeIntensityMaskRange(500.0, 5000.0)
    apply(editor)
    assert count_of(editor, ball) == pytest.approx(BALL_MM3, rel=0.05)


def test_nothing_is_written_where_the_user_leaves_the_segment_hidden(editor, application, ball, scene):
    editor.segmentation.GetDisplayNode().SetSegmentVisibility(editor.segment_id, False)
    application.answers[CONFIRM] = False
    preview(editor)
    stand_in.click(editor.options.applyButton)
    assert [key for key, _ in application.asked] == [CONFIRM]
    assert not editor.options.work.busy
    assert count_of(editor, ball) == 0
    assert previews(scene)
    application.answers[CONFIRM] = True
    apply(editor)
    assert count_of(editor, ball) == pytest.approx(BALL_MM3, rel=0.05)


@pytest.mark.parametrize("button", ["applyButton", "previewButton"])
@pytest.mark.parametrize("segment_id", ["", "gone"])
def test_no_segment_selected_is_one_sentence(editor, application, scene, button, segment_id):
    editor.widget.setCurrentSegmentID(segment_id)
    stand_in.click(getattr(editor.options, button))
    assert application.errors == ["No segment is selected: add one, or select the one to write into."]
    assert not editor.options.work.busy
    assert not editor.options.previewButton.checked
    assert previews(scene) == []


@pytest.mark.parametrize(
    ("voxels", "sentence"),
    [
        (np.full((8, 8, 8), 40.0), "The volume has one value everywhere"),
        (np.full((8, 8, 8), np.nan), "The volume holds no numbers, only NaN or infinity"),
        (np.random.default_rng(3).normal(40.0, 5.0, (8, 8, 8)), "No bone was found in the volume"),
    ],
)
@pytest.mark.parametrize("button", ["applyButton", "previewButton"])
def test_a_volume_without_bone_is_one_sentence(editor, application, scene, voxels, sentence, button):
    node = add_volume(
        scene, Volume(voxels.astype(np.float32), grid_centred_at((0, 0, 0), (8, 8, 8), 1.0)), "V"
    )
    editor.segmentation.SetReferenceImageGeometryParameterFromVolumeNode(node)
    editor.widget.setSourceVolumeNode(node)
    stand_in.click(getattr(editor.options, button))
    ended(editor)
    (told,) = application.errors
    assert sentence in told
    assert not editor.options.previewButton.checked
    assert editor.options.applyButton.enabled
    assert previews(scene) == []
    assert stand_in.running_timers() == []


def test_a_volume_without_voxels_is_one_sentence(editor, application, scene):
    editor.widget.setSourceVolumeNode(scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty"))
    stand_in.click(editor.options.applyButton)
    assert application.errors == ["'The source volume' holds no voxels: load or compute it first."]


def test_cancel_leaves_the_segment(editor, application, ball):
    stand_in.click(editor.options.applyButton)
    stand_in.click(editor.options.work.cancelButton)
    ended(editor)
    assert count_of(editor, ball) == 0
    assert editor.options.work.label.text == "Cancelled; nothing was changed."
    assert application.errors == []
    apply(editor)
    assert count_of(editor, ball) == pytest.approx(BALL_MM3, rel=0.05)


def test_another_volume_chosen_while_apply_computes_is_told_and_nothing_written(editor, scene, ball):
    stand_in.click(editor.options.applyButton)
    editor.widget.setSourceVolumeNode(add_volume(scene, volume_of_ball(8), "Other"))
    assert not editor.options.work.busy
    assert count_of(editor, ball) == 0
    assert editor.options.work.label.text == "The source volume was changed: nothing was written."
    apply(editor)
    assert count_of(editor, ball) == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.08)


def test_another_segment_selected_meanwhile_gets_nothing(editor, application, ball, computed):
    other = editor.segmentation.GetSegmentation().AddEmptySegment("other")
    stand_in.click(editor.options.applyButton)
    editor.widget.setCurrentSegmentID(other)
    ended(editor)
    (told,) = application.errors
    assert told.startswith("Another segment was selected meanwhile: nothing was written.")
    assert count_of(editor, ball) == count_of(editor, ball, other) == 0
    apply(editor)
    assert len(computed) == 1
    assert count_of(editor, ball, other) == pytest.approx(BALL_MM3, rel=0.05)


def test_apply_writes_what_the_preview_came_to_show(editor, scene, ball):
    preview(editor)
    before = previewed(scene)
    store_parameters(scene, "bone", BoneParameters(lower_hu=995.0, seed_hu=1000.0))
    stand_in.wait_until(lambda: previews(scene) and previewed(scene) < before)
    shown = previewed(scene)
    apply(editor)
    assert count_of(editor, ball) == shown


def test_the_effect_tells_its_name_and_shows_its_icon(editor):
    effect = editor.widget.activeEffect()
    assert (effect.name, effect.title, effect.perSegment) == (NAME, NAME, True)
    assert not effect.self().icon().isNull()
    assert "bone" in effect.self().helpText()


def test_the_segment_editor_finds_the_effect_by_its_name(registered):
    assert NAME in [effect.name for effect in registered]
    assert slicer.qMRMLSegmentEditorWidget().effectByName(NAME).title == NAME
    assert slicer.qMRMLSegmentEditorWidget().effectByName("Paint") is None

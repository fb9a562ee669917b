"""The preview of "Fluoro bone": over the slices, after every change, and gone without a trace."""

import numpy as np
import pytest
import slicer
import stand_in
from bone_editor import BALL_MM3, apply, count_of, ended, preview, previewed, previews, volume_of_ball
from FluoroPrintLib.mrml.case_parameters import store_parameters
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.bone import BoneParameters


def test_a_preview_shows_the_bone_and_changes_no_segment(editor, application, scene, ball):
    preview(editor)
    assert application.errors == []
    assert previewed(scene) == pytest.approx(BALL_MM3, rel=0.05)
    assert count_of(editor, ball) == 0
    (node,) = previews(scene)
    assert node.GetSegmentation().GetNthSegment(0).GetColor() == pytest.approx((0.2, 0.4, 0.6))
    assert editor.options.previewButton.checked
    assert "Bone above" in editor.options.work.label.text


def test_a_preview_follows_a_changed_parameter(editor, scene, computed):
    preview(editor)
    before = previewed(scene)
    case = editor.options.rows["bone_min_piece_mm3"]
    case.value = 50.0
    case.value = 40.0
    assert computed == [BoneParameters()]
    stand_in.wait_until(lambda: len(computed) == 2)
    ended(editor)
    assert computed[1].min_piece_mm3 == 40.0
    assert previewed(scene) == before
    stand_in.type_text(editor.options.rows["bone_lower_hu"], "1010")
    stand_in.wait_until(lambda: len(computed) == 3)
    ended(editor)
    assert previewed(scene) < 0.8 * before


def test_a_parameter_changed_while_a_preview_is_computed_is_previewed_next(editor, scene, computed):
    stand_in.click(editor.options.previewButton)
    store_parameters(scene, "bone", BoneParameters(lower_hu=1010.0))
    editor.options._follow()
    stand_in.wait_until(lambda: len(computed) == 2)
    ended(editor)
    assert [parameters.lower_hu for parameters in computed] == [None, 1010.0]
    assert previewed(scene) < 0.8 * BALL_MM3
    assert editor.options.applyButton.enabled


def test_a_text_that_is_no_value_yet_is_told_beside_the_form(editor, application, scene, computed):
    preview(editor)
    told = editor.options.work.label.text
    stand_in.type_text(editor.options.rows["bone_lower_hu"], "wide")
    stand_in.wait_until(lambda: not previews(scene))
    assert editor.options.work.label.text == "lower_hu is 'wide': it takes a number."
    assert application.errors == []
    editor.options.rows["bone_lower_hu"].text = ""
    stand_in.wait_until(lambda: previews(scene))
    assert editor.options.work.label.text == told
    assert len(computed) == 1


def test_a_text_that_is_no_value_while_a_preview_is_computed_opens_no_dialog(editor, application, scene):
    stand_in.click(editor.options.previewButton)
    editor.options.rows["bone_lower_hu"].text = "wide"
    editor.options._follow()
    ended(editor)
    assert application.errors == []
    assert "lower_hu is 'wide'" in editor.options.work.label.text
    assert editor.options.previewButton.checked
    assert editor.options.applyButton.enabled


def test_apply_after_a_preview_does_not_compute_twice(editor, scene, ball, computed):
    preview(editor)
    stand_in.click(editor.options.applyButton)
    assert not editor.options.work.busy
    assert len(computed) == 1
    assert count_of(editor, ball) == pytest.approx(BALL_MM3, rel=0.05)
    assert previews(scene) == []
    assert not editor.options.previewButton.checked


def test_a_parameter_changed_while_apply_computes_does_not_cancel_it(editor, scene, ball, computed):
    preview(editor)
    store_parameters(scene, "bone", BoneParameters(min_piece_mm3=50.0))
    stand_in.click(editor.options.applyButton)
    store_parameters(scene, "bone", BoneParameters(min_piece_mm3=60.0))
    ended(editor)
    assert count_of(editor, ball) == pytest.approx(BALL_MM3, rel=0.05)
    assert [parameters.min_piece_mm3 for parameters in computed] == [100.0, 50.0]
    assert stand_in.running_timers() == []


def off(editor, scene):
    stand_in.click(editor.options.previewButton)


def left(editor, scene):
    editor.widget.setActiveEffect(None)


def closed(editor, scene):
    scene.Clear(False)


def deleted(editor, scene):
    stand_in.close_editor(editor.widget)


def another_segmentation(editor, scene):
    editor.widget.setSegmentationNode(scene.AddNewNodeByClass("vtkMRMLSegmentationNode"))


@pytest.mark.parametrize("leave", [off, left, closed, deleted, another_segmentation])
def test_a_preview_goes_away_whole(editor, application, scene, leave):
    apply(editor)
    before = scene.GetNumberOfNodes()
    preview(editor)
    assert scene.GetNumberOfNodes() > before
    leave(editor, scene)
    assert previews(scene) == []
    if leave in (off, left, deleted):
        assert scene.GetNumberOfNodes() == before
    assert stand_in.running_timers() == []
    assert application.errors == []


@pytest.mark.parametrize("leave", [off, left, closed, deleted, another_segmentation])
def test_a_preview_that_is_still_computed_never_comes(editor, application, scene, computed, leave):
    stand_in.click(editor.options.previewButton)
    editor.options._follow()
    leave(editor, scene)
    assert stand_in.running_timers() == []
    slicer.app.processEvents()
    assert previews(scene) == []
    assert len(computed) <= 1
    assert application.errors == []


def test_a_segment_deselected_while_its_preview_is_computed_is_told_once(editor, application, scene):
    stand_in.click(editor.options.previewButton)
    editor.widget.setCurrentSegmentID("")
    ended(editor)
    assert len(application.errors) == 1
    assert previews(scene) == []
    assert not editor.options.previewButton.checked


def test_a_segment_removed_under_its_preview_is_told_once(editor, application, scene):
    preview(editor)
    editor.segmentation.GetSegmentation().RemoveSegment(editor.segment_id)
    store_parameters(scene, "bone", BoneParameters(min_piece_mm3=50.0))
    stand_in.wait_until(lambda: application.errors)
    assert len(application.errors) == 1
    assert previews(scene) == []
    assert not editor.options.previewButton.checked
    assert stand_in.running_timers() == []


def test_a_cancelled_preview_is_off(editor, scene):
    stand_in.click(editor.options.previewButton)
    stand_in.click(editor.options.work.cancelButton)
    ended(editor)
    assert not editor.options.previewButton.checked
    assert previews(scene) == []


@pytest.mark.parametrize("computing", [True, False])
def test_a_preview_follows_another_volume(editor, scene, computed, computing):
    stand_in.click(editor.options.previewButton)
    if not computing:
        ended(editor)
    editor.widget.setSourceVolumeNode(add_volume(scene, volume_of_ball(8), "Other"))
    assert previews(scene) == []
    stand_in.wait_until(lambda: previews(scene))
    assert len(computed) == 2
    assert previewed(scene) == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.08)


def test_voxels_changed_after_a_preview_are_computed_anew(editor, scene, ball, computed):
    preview(editor)
    slicer.util.updateVolumeFromArray(ball, volume_of_ball(8).array_kji)
    apply(editor)
    assert len(computed) == 2
    assert count_of(editor, ball) == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.08)

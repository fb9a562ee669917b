""" "Fluoro bone" through the life of editors and scenes: opened, closed, saved, several at once."""

import sys

import pytest
import stand_in
from bone_editor import (
    BALL_MM3,
    NAME,
    apply,
    choose,
    count_of,
    open_editor,
    preview,
    previews,
    volume_of_ball,
)
from FluoroPrintLib.mrml.case_parameters import case_node, store_parameters, stored_parameters
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.bone import BoneParameters


def test_several_editors_share_parameters_and_nothing_else(editor, scene, ball):
    second = choose(open_editor(scene, "Other"), scene, ball)
    assert second.options is not editor.options
    preview(editor)
    preview(second)
    assert len(previews(scene)) == 2
    second.options.rows["bone_min_piece_mm3"].value = 55.0
    assert editor.options.rows["bone_min_piece_mm3"].value == 55.0
    stand_in.close_editor(second.widget)
    assert len(previews(scene)) == 1
    apply(editor)
    assert count_of(editor, ball) == pytest.approx(BALL_MM3, rel=0.05)
    assert count_of(second, ball) == 0


@pytest.mark.parametrize("button", ["applyButton", "previewButton"])
def test_closing_the_scene_in_the_middle_of_work_leaves_the_effect_usable(editor, application, scene, button):
    stand_in.click(getattr(editor.options, button))
    scene.Clear(False)
    assert not editor.options.work.busy
    assert stand_in.running_timers() == []
    ball = add_volume(scene, volume_of_ball(), "Ball")
    again = choose(editor.widget, scene, ball)
    apply(again)
    assert count_of(again, ball) == pytest.approx(BALL_MM3, rel=0.05)
    assert application.errors == []


def test_work_and_preview_end_before_the_scene_is_emptied(editor, scene):
    seen = []
    scene.AddObserver(
        scene.StartCloseEvent, lambda *_: seen.append((previews(scene), editor.options.work.busy))
    )
    preview(editor)
    scene.Clear(False)
    assert seen == [([], False)]


def test_options_that_were_left_write_no_parameter(editor, scene):
    editor.widget.setActiveEffect(None)
    editor.options.rows["bone_min_piece_mm3"].value = 70.0
    assert stored_parameters(scene, "bone") == BoneParameters()
    editor.widget.setActiveEffectByName(NAME)
    assert editor.options.rows["bone_min_piece_mm3"].value == 100.0


def test_a_scene_that_is_added_in_the_middle_of_work_leaves_the_effect_bound(editor, scene, ball, tmp_path):
    path = str(tmp_path / "added.mrml")
    (tmp_path / "added.mrml").write_text("<MRML></MRML>")
    stand_in.click(editor.options.applyButton)
    scene.SetURL(path)
    assert scene.Import()
    assert not editor.options.work.busy
    assert editor.options.applyButton.enabled
    editor.options.rows["bone_min_piece_mm3"].value = 70.0
    assert stored_parameters(scene, "bone").min_piece_mm3 == 70.0


@pytest.mark.parametrize("doing", ["applyButton", "previewButton", None])
def test_nothing_observes_or_ticks_after_the_editor_is_gone(registered, scene, ball, doing):
    case = case_node(scene)
    store_parameters(scene, "bone", BoneParameters())
    widget = open_editor(scene, "SegmentEditor")
    before = stand_in.observed_events(scene), stand_in.observed_events(case)
    editor = choose(widget, scene, ball)
    if doing:
        stand_in.click(getattr(editor.options, doing))
        editor.options.rows["bone_min_piece_mm3"].value = 70.0
    widget.setActiveEffect(None)
    assert stand_in.running_timers() == []
    assert (stand_in.observed_events(scene), stand_in.observed_events(case)) == before
    widget.setActiveEffectByName(NAME)
    stand_in.close_editor(widget)
    assert stand_in.running_timers() == []
    assert stand_in.observed_events(case) == before[1]


def test_a_saved_scene_restores_the_parameters_and_holds_no_preview(editor, scene, tmp_path):
    stand_in.type_text(editor.options.rows["bone_lower_hu"], "333")
    editor.options.rows["bone_cavities"].currentText = "enclosed"
    preview(editor)
    path = tmp_path / "scene.mrml"
    scene.SetURL(str(path))
    assert scene.Commit(str(path))
    saved = path.read_text()
    assert previews(scene)[0].GetID() not in saved
    assert previews(scene)[0].GetDisplayNode().GetID() not in saved
    scene.Clear(False)
    assert stored_parameters(scene, "bone") == BoneParameters()
    scene.Connect()
    assert previews(scene) == []
    assert stored_parameters(scene, "bone") == BoneParameters(lower_hu=333.0, cavities="enclosed")
    editor.widget.setActiveEffectByName(NAME)
    assert editor.options.rows["bone_lower_hu"].text == "333"
    assert editor.options.rows["bone_cavities"].currentText == "enclosed"


def test_the_library_is_loaded_when_the_effect_is_chosen_not_before(registered, scene, monkeypatch):
    widget = open_editor(scene, "SegmentEditor")
    assert widget.effectByName(NAME).self().options is None
    assert "FluoroPrintLib.slicer_app.method_options" not in sys.modules
    widget.setActiveEffectByName(NAME)
    first = widget.activeEffect().self().options
    widget.setActiveEffect(None)
    widget.setActiveEffectByName(NAME)
    assert widget.activeEffect().self().options is first

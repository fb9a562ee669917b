"""The effect "Fluoro grow": pointer and clicks in a slice view over a ball of bone."""

import sys
import threading
import time

import numpy as np
import pytest
import slicer
import stand_in
from bone_editor import (
    BALL_MM3,
    CENTRED_KJI,
    add_segment,
    choose,
    count_of,
    ended,
    open_editor,
    previewed,
    previews,
)
from FluoroPrintLib.mrml.case_parameters import store_parameters
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.segmentation.grow import GrowParameters
from qt_side.slice_widgets import slice_widget_of
from slicer.util import arrayFromSegmentBinaryLabelmap

NAME = "Fluoro grow"
CONFIRM = "qSlicerSegmentEditorAbstractEffect.confirmCurrentSegmentVisible"
VIEW_PIXELS = 200
MIDDLE, TISSUE = (100, 100), (100, 175)
"""The centre of the ball, and 18.75 mm from it: the view shows 50 mm."""


@pytest.fixture
def growing(registered, scene, ball):
    return choose(open_editor(scene, "SegmentEditor"), scene, ball, NAME)


@pytest.fixture
def view(scene):
    node = scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    node.SetDimensions(VIEW_PIXELS, VIEW_PIXELS, 1)
    node.SetFieldOfView(50.0, 50.0, 1.0)
    node.UpdateMatrices()
    return slice_widget_of(node)


def rest_at(editor, view, xy):
    """Move the pointer, and wait until what it calls for was computed."""
    assert not stand_in.interact(editor.widget, view, "MouseMoveEvent", xy)
    assert stand_in.running_timers(), "the pointer starts a preview"
    stand_in.wait_until(lambda: not stand_in.running_timers() and not editor.options.work.busy)


def click_at(editor, view, xy, **keys):
    taken = stand_in.interact(editor.widget, view, "LeftButtonPressEvent", xy, **keys)
    ended(editor)
    return taken


def test_a_click_adds_the_region_about_it(growing, application, view, ball):
    assert click_at(growing, view, MIDDLE)
    assert application.errors == []
    assert count_of(growing, ball) == pytest.approx(BALL_MM3, rel=0.2)
    assert growing.options.work.label.text.startswith("Grown above ")


def test_a_click_keeps_what_is_there_and_with_control_takes_away(growing, view, ball):
    other = np.zeros(CENTRED_KJI.shape[1:], bool)
    other[:3] = True
    growing.widget.setCurrentSegmentID(add_segment(growing, "other", other))
    chosen = growing.widget.currentSegmentID()
    before = count_of(growing, ball, chosen)
    click_at(growing, view, MIDDLE)
    assert count_of(growing, ball, chosen) == pytest.approx(before + BALL_MM3, rel=0.15)
    click_at(growing, view, MIDDLE, control=True)
    assert count_of(growing, ball, chosen) == before == other.sum()


@pytest.mark.parametrize("key", ["shift", "alt"])
def test_other_keys_leave_the_click_to_slicer(growing, view, ball, key):
    assert not click_at(growing, view, MIDDLE, **{key: True})
    assert count_of(growing, ball) == 0


def test_undo_takes_a_click_back(growing, view, ball):
    click_at(growing, view, MIDDLE)
    growing.widget.undo()
    assert count_of(growing, ball) == 0


def test_the_preview_shows_what_a_click_adds_and_goes_with_the_pointer(growing, view, scene, ball):
    rest_at(growing, view, MIDDLE)
    shown = previewed(scene)
    assert shown == pytest.approx(BALL_MM3, rel=0.2)
    assert count_of(growing, ball) == 0
    stand_in.interact(growing.widget, view, "LeaveEvent")
    assert previews(scene) == []
    click_at(growing, view, MIDDLE)
    assert count_of(growing, ball) == shown


def test_no_preview_comes_after_the_pointer_has_left(growing, view, scene):
    stand_in.interact(growing.widget, view, "MouseMoveEvent", MIDDLE)
    stand_in.wait_until(lambda: growing.options.work.busy)
    stand_in.interact(growing.widget, view, "LeaveEvent")
    ended(growing)
    assert previews(scene) == []
    assert stand_in.running_timers() == []


def module_of_options():
    return sys.modules["FluoroPrintLib.slicer_app.grow_options"]


def test_places_that_the_pointer_has_left_are_not_computed(growing, monkeypatch, view, scene):
    module, seeds = module_of_options(), []
    grow, may_go_on = module.grow_in_box, threading.Event()

    def slow(parts, seed):
        seeds.append(seed)
        may_go_on.wait(stand_in.LONGEST_S)
        return grow(parts, seed)

    monkeypatch.setattr(module, "grow_in_box", slow)
    stand_in.interact(growing.widget, view, "MouseMoveEvent", MIDDLE)
    stand_in.wait_until(lambda: seeds)
    for x in (80, 85, 90, 95):  # the last one alone is computed
        stand_in.interact(growing.widget, view, "MouseMoveEvent", (x, 100))
        rested = time.monotonic() + 0.2
        stand_in.wait_until(lambda: time.monotonic() > rested)  # noqa: B023
    assert len(seeds) == 1
    may_go_on.set()
    stand_in.wait_until(lambda: not stand_in.running_timers() and not growing.options.work.busy)
    first, *others = seeds
    assert len(set(others)) == 1
    assert len(others) <= 2
    assert others[0] != first
    assert len(previews(scene)) == 1


def test_the_pointer_over_soft_tissue_is_told_beside_the_form_and_shows_nothing(
    growing, application, view, scene
):
    rest_at(growing, view, MIDDLE)
    rest_at(growing, view, TISSUE)
    assert application.errors == []
    assert previews(scene) == []
    assert growing.options.work.label.text.startswith("The seed lies in no bone above ")


def test_a_preview_that_is_not_wanted_is_not_made(growing, view, scene):
    growing.options.previewBox.checked = False
    stand_in.interact(growing.widget, view, "MouseMoveEvent", MIDDLE)
    assert stand_in.running_timers() == []


def test_masks_and_the_editable_range_are_respected(growing, view, ball):
    half = CENTRED_KJI[2] >= 0
    growing.node.SetMaskSegmentID(add_segment(growing, "half", half))
    growing.node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    growing.node.SetOverwriteMode(growing.node.OverwriteNone)
    growing.node.SetSourceVolumeIntensityMask(True)
    growing.node.SetSourceVolumeIntensityMaskRange(1000.0, 5000.0)
    click_at(growing, view, MIDDLE)
    written = arrayFromSegmentBinaryLabelmap(growing.segmentation, growing.segment_id, ball) > 0
    assert np.count_nonzero(written) == pytest.approx(BALL_MM3 / 4, rel=0.1)
    assert slicer.util.arrayFromVolume(ball)[written].min() >= 1000.0
    assert not (written & ~half).any()


def test_a_click_is_where_the_view_shows_it_under_a_transform(growing, scene, view, ball):
    move = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    growing.segmentation.SetAndObserveTransformNodeID(move.GetID())
    shift = np.eye(4)
    shift[0, 3] = 6.0
    move.SetMatrixTransformToParent(vtk_matrix(shift))
    store_parameters(slicer.mrmlScene, "grow", GrowParameters(reach_mm=5.0))
    click_at(growing, view, MIDDLE)
    voxels = arrayFromSegmentBinaryLabelmap(growing.segmentation, growing.segment_id, ball)
    np.testing.assert_allclose(np.argwhere(voxels).mean(0), CENTRED_KJI.shape[1] // 2, atol=0.8)


def test_nothing_is_written_where_the_user_leaves_the_segment_hidden(growing, application, view, ball):
    growing.segmentation.GetDisplayNode().SetSegmentVisibility(growing.segment_id, False)
    application.answers[CONFIRM] = False
    assert click_at(growing, view, MIDDLE)
    assert count_of(growing, ball) == 0


def test_a_click_without_a_segment_or_outside_of_the_volume_is_one_sentence(growing, application, view):
    growing.widget.setCurrentSegmentID("")
    click_at(growing, view, MIDDLE)
    growing.widget.setCurrentSegmentID(growing.segment_id)
    click_at(growing, view, (400, 100))
    assert application.errors[0] == "No segment is selected: add one, or select the one to write into."
    assert "lies outside of the volume" in application.errors[1]


def test_a_volume_that_was_changed_is_grown_in_as_it_is_now(growing, view, ball):
    click_at(growing, view, MIDDLE)
    growing.widget.undo()
    voxels = slicer.util.arrayFromVolume(ball)
    voxels[(CENTRED_KJI**2).sum(0) > 8**2] = 40.0
    slicer.util.arrayFromVolumeModified(ball)
    click_at(growing, view, MIDDLE)
    assert count_of(growing, ball) == pytest.approx(4 / 3 * np.pi * 8.5**3, rel=0.15)


def test_parameters_that_were_changed_hold_at_the_next_click(growing, view, ball):
    click_at(growing, view, MIDDLE)
    growing.widget.undo()
    store_parameters(slicer.mrmlScene, "grow", GrowParameters(reach_mm=5.0))
    click_at(growing, view, MIDDLE)
    assert count_of(growing, ball) == pytest.approx(4 / 3 * np.pi * 5.0**3, rel=0.15)


def test_leaving_the_effect_leaves_nothing(growing, view, scene):
    rest_at(growing, view, MIDDLE)
    growing.widget.setActiveEffectByName("")
    assert previews(scene) == []
    assert stand_in.running_timers() == []


def test_three_d_views_are_left_alone(growing):
    other = slicer.qMRMLWidget()
    assert not stand_in.interact(growing.widget, other, "LeftButtonPressEvent", MIDDLE)


def test_the_effect_shows_its_icon_and_help(growing):
    effect = growing.widget.activeEffect()
    assert (effect.name, effect.title) == (NAME, NAME)
    assert not effect.self().icon().isNull()
    assert "Ctrl + click" in effect.self().helpText()

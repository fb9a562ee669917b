"""The section "Plan" of FluoroPrint Plan: objects planned, dragged, edited, undone, saved, by clicks."""

import numpy as np
import pytest
import stand_in
from FluoroPrintLib.files.plan_files import read_plan
from FluoroPrintLib.mrml.case_parameters import SCREWS, store_parameters
from FluoroPrintLib.mrml.cases import case_of
from FluoroPrintLib.mrml.files import open_case, write_case
from FluoroPrintLib.mrml.plan_objects import drawings_of, handles_of
from FluoroPrintLib.mrml.plan_store import history_of
from FluoroPrintLib.mrml.provenance import source_of
from FluoroPrintLib.planning.pedicle_screws import PedicleScrewParameters
from FluoroPrintLib.planning.plan import USER
from plan_panel import (
    ENTRY,
    add_bone,
    drag_tip,
    line_node,
    place_at,
    plan_in,
    press,
    screw_in_bars,
    two_bars,
    two_vertebrae,
)


@pytest.fixture
def widget(application, monkeypatch):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPlan")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    return widget


def cells(widget, row):
    table = widget.ui.objectsTable
    return [table.item(row, column).text() for column in range(table.columnCount)]


def test_an_empty_panel_says_what_is_lacking(widget):
    ui = widget.ui
    for button in (ui.measureButton, ui.planButton, ui.placeButton, ui.largerButton, ui.savePlanButton):
        assert not button.enabled
    assert "Choose a bone first" in ui.measureButton.toolTip
    assert "Choose an object in the table first" in ui.mirrorButton.toolTip
    assert ui.openPlanButton.enabled


def test_a_screw_along_a_line_is_measured_and_shown(widget, scene, application):
    name = screw_in_bars(widget, scene)
    assert application.errors == []
    screw = plan_in(widget).named(name)
    assert screw.points["entry"] == (ENTRY,)
    assert (screw.figures["length"].value, screw.figures["grade"].value) == (40.0, "A")
    assert cells(widget, 0) == ["", "Screw 1", "5 mm", "40 mm", "3.5 mm", "A"]
    assert "% in bone" in widget.ui.seenLabel.text
    node = widget.ui.planChooser.currentNode()
    assert (case_of(node), source_of(node).GetName()) == ("Bone", "Bone")
    assert handles_of(node)[name].GetNumberOfControlPoints() == 2


def test_figures_follow_the_hand_and_the_plan_takes_what_rests(widget, scene):
    name = screw_in_bars(widget, scene)
    before, shown = plan_in(widget), widget.ui.seenLabel.text
    handle = drag_tip(widget, name, (-13.0, 0.0, 9.0))
    handle.InvokeEvent(handle.PointStartInteractionEvent)
    stand_in.wait_until(lambda: widget.ui.seenLabel.text != shown)
    assert "length 39.6" in widget.ui.seenLabel.text, "as long as it is dragged"
    assert plan_in(widget) == before, "nothing is kept while the mouse holds it"
    handle.InvokeEvent(handle.PointEndInteractionEvent)
    stand_in.wait_until(lambda: plan_in(widget) != before)
    after = plan_in(widget).named(name)
    assert after.figures["length"].value == 40.0
    assert after.figures["margin"].value < before.named(name).figures["margin"].value
    assert after.decisions[-1].by == USER
    assert "moved by hand (by hand" in widget.ui.decisionsLabel.text
    press(widget, "undoPlanButton")
    assert plan_in(widget) == before
    assert handle.GetNthControlPointPositionWorld(1)[0] == pytest.approx(-20.0)
    press(widget, "redoPlanButton")
    assert plan_in(widget).named(name) == after


def test_the_way_to_the_cortex_is_drawn_and_follows_the_hand(widget, scene):
    name = screw_in_bars(widget, scene)
    label = widget.ui.profileLabel
    assert not label.real.isHidden()
    assert (label.pixmap.width(), label.pixmap.height()) == (340, 130)
    drawn = label.pixmap.toImage()
    handle = drag_tip(widget, name, (-13.0, 0.0, 9.0))
    handle.InvokeEvent(handle.PointStartInteractionEvent)
    stand_in.wait_until(lambda: label.pixmap.toImage() != drawn)
    handle.InvokeEvent(handle.PointEndInteractionEvent)
    press(widget, "removeButton")
    assert label.real.isHidden(), "nothing is chosen"


@pytest.mark.slow
def test_a_drag_that_did_not_rest_yet_is_kept_before_an_edit(widget, scene):
    name = screw_in_bars(widget, scene)
    drag_tip(widget, name, (-20.0, 0.0, 4.0))
    press(widget, "largerButton")
    figures = plan_in(widget).named(name).figures
    assert (figures["length"].value, figures["diameter"].value) == (35.0, 5.5)
    assert len(history_of(widget.ui.planChooser.currentNode()).past) == 3


def test_undo_takes_a_drag_back_that_did_not_rest_yet(widget, scene):
    name = screw_in_bars(widget, scene)
    plan = plan_in(widget)
    handle = drag_tip(widget, name, (-20.0, 0.0, 4.0))
    press(widget, "undoPlanButton")
    assert plan_in(widget) == plan
    assert handle.GetNthControlPointPositionWorld(1)[2] == pytest.approx(10.0)
    press(widget, "redoPlanButton")
    assert plan_in(widget).named(name).figures["length"].value == 35.0


def test_one_key_sizes_the_chosen_object(widget):
    keys = {
        name: getattr(widget.ui, name).real.shortcut().toString()
        for name in ("largerButton", "smallerButton")
    }
    assert keys == {"largerButton": "+", "smallerButton": "-"}


@pytest.mark.slow
def test_a_size_that_there_is_not_is_told(widget, scene, application):
    screw_in_bars(widget, scene)
    for _ in range(2):
        press(widget, "smallerButton")
    press(widget, "smallerButton")
    assert "no smaller diameter than 4 mm" in application.errors[-1]


def test_the_mirror_image_lies_in_the_other_bar(widget, scene):
    name = screw_in_bars(widget, scene)
    press(widget, "mirrorButton")
    image = plan_in(widget).objects[1]
    assert image.id == f"{name}-mirrored"
    np.testing.assert_allclose(image.points["entry"][0], (20.0, 0.0, -30.0), atol=0.6)
    assert image.figures["grade"].value == "A"
    plane = scene.AddNewNodeByClass("vtkMRMLMarkupsPlaneNode", "Plane")
    plane.SetOriginWorld(0.0, 0.0, 0.0)
    plane.SetNormalWorld(0.0, 0.0, 1.0)
    widget.ui.mirrorChooser.setCurrentNode(plane)
    press(widget, "mirrorButton")
    np.testing.assert_allclose(plan_in(widget).objects[2].points["entry"][0], (-20.0, 0.0, 30.0), atol=1e-5)


@pytest.mark.slow
def test_overlap_is_told(widget, scene):
    screw_in_bars(widget, scene)
    place_at(widget, line_node(scene, (-18.0, 0.0, -30.0), (-18.0, 0.0, 11.0)))
    assert "Overlaps Screw 1 by" in widget.ui.seenLabel.text


def test_a_locked_screw_goes_back_when_it_is_dragged(widget, scene, application):
    name = screw_in_bars(widget, scene)
    press(widget, "lockButton")
    assert widget.ui.lockButton.text == "Unlock"
    assert cells(widget, 0)[0] == "🔒"
    assert "unlock it first" in widget.ui.largerButton.toolTip
    plan, handle = plan_in(widget), drag_tip(widget, name, (0.0, 0.0, 0.0))
    stand_in.wait_until(lambda: bool(application.errors))
    assert "locked" in application.errors[-1]
    assert plan_in(widget) == plan
    assert handle.GetNthControlPointPositionWorld(1)[0] == pytest.approx(-20.0)


@pytest.mark.slow
def test_pedicle_screws_of_a_spine_leave_locked_ones(widget, scene, application):
    store_parameters(scene, SCREWS, PedicleScrewParameters(margin_mm=0.5))
    widget.ui.boneChooser.setCurrentNode(add_bone(scene, two_vertebrae(), "Spine"))
    press(widget, "planButton")
    assert application.errors == []
    plan = plan_in(widget)
    assert len(plan.objects) == 4
    assert {planned.figures["grade"].value for planned in plan.objects} == {"A"}
    assert "Vertebrae are counted from the uppermost" in widget.ui.planNotesLabel.text
    assert widget.ui.spineBox.checked
    assert widget.ui.measureLabel.text == "", "the bone is measured with its marrow"
    stand_in.emit(widget.ui.objectsTable, "cellClicked(int,int)", 2, 1)
    press(widget, "smallerButton")
    press(widget, "lockButton")
    assert plan_in(widget).objects[2].figures["grade"].value == "A"
    kept, changed = plan_in(widget).objects[2], plan_in(widget).objects[3]
    stand_in.emit(widget.ui.objectsTable, "cellClicked(int,int)", 3, 1)
    press(widget, "smallerButton")
    press(widget, "planButton")
    assert plan_in(widget).objects[2] == kept
    assert plan_in(widget).objects[3].figures["diameter"] == changed.figures["diameter"]


def test_without_a_measured_bone_margins_are_not_told(widget, scene):
    widget.ui.boneChooser.setCurrentNode(add_bone(scene, two_bars()))
    place_at(widget, line_node(scene))
    assert "margin" not in plan_in(widget).objects[0].figures
    assert "Measure in the bone" in widget.ui.measureLabel.text
    press(widget, "measureButton")
    assert plan_in(widget).objects[0].figures["margin"].value == pytest.approx(3.5, abs=0.6)
    assert widget.ui.measureLabel.text == ""


@pytest.mark.slow
def test_a_spine_s_marrow_is_another_bone_to_measure(widget, scene):
    screw_in_bars(widget, scene)
    assert widget.ui.measureLabel.text == ""
    stand_in.click(widget.ui.spineBox)
    assert "Measure in the bone" in widget.ui.measureLabel.text
    press(widget, "measureButton")
    assert widget.ui.measureLabel.text == ""


@pytest.mark.slow
def test_a_plan_is_written_and_opened(widget, scene, application, tmp_path):
    screw_in_bars(widget, scene)
    application.answers["QFileDialog.getSaveFileName"] = str(tmp_path / "PLAN.json")
    press(widget, "savePlanButton")
    assert read_plan(tmp_path / "PLAN.json") == plan_in(widget)
    application.answers["QFileDialog.getOpenFileName"] = str(tmp_path / "PLAN.json")
    first = widget.ui.planChooser.currentNode()
    press(widget, "openPlanButton")
    assert widget.ui.planChooser.currentNode() is not first
    assert plan_in(widget) == read_plan(tmp_path / "PLAN.json")


def test_a_saved_scene_brings_plan_choice_and_undo_back(widget, scene, tmp_path):
    name = screw_in_bars(widget, scene)
    press(widget, "largerButton")
    plan = plan_in(widget)
    write_case(scene, tmp_path / "case.mrb")
    open_case(scene, tmp_path / "case.mrb")
    assert plan_in(widget) == plan
    assert (widget.chosen.object, cells(widget, 0)[2]) == (name, "5.5 mm")
    press(widget, "undoPlanButton")
    assert cells(widget, 0)[2] == "5 mm"
    drag_tip(widget, name, (-20.0, 0.0, 4.0))
    stand_in.wait_until(lambda: plan_in(widget).named(name).figures["length"].value == 35.0)


def test_nothing_of_a_plan_is_followed_after_the_panel_is_gone(application, monkeypatch, scene):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPlan")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    name = screw_in_bars(widget, scene)
    node = widget.ui.planChooser.currentNode()
    handle = drag_tip(widget, name, (0.0, 0.0, 0.0))
    followed = stand_in.observed_events(handle)["functions"]
    stand_in.close_panel(widget)
    assert stand_in.running_timers() == []
    assert stand_in.observed_events(handle)["functions"] < followed
    assert name in drawings_of(node)


@pytest.mark.slow
def test_a_removed_plan_node_leaves_the_panel_usable(widget, scene, application):
    name = screw_in_bars(widget, scene)
    drag_tip(widget, name, (-20.0, 0.0, 4.0))
    scene.RemoveNode(widget.ui.planChooser.currentNode())
    widget.ui.planChooser.setCurrentNode(None)
    press(widget, "placeButton")
    assert application.errors == []
    assert len(plan_in(widget).objects) == 1


def test_of_many_decisions_the_last_are_told(widget, scene):
    screw_in_bars(widget, scene)
    for name in ("lockButton",) * 6:
        press(widget, name)
    told = widget.ui.decisionsLabel.text
    count = len(plan_in(widget).objects[0].decisions)
    assert (told.count("<li>"), f"{count - 4} earlier" in told) == (5, True)

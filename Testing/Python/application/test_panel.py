"""What all panels share: parameters in the scene, work beside the window, closing the scene, clean ends."""

import importlib
from pathlib import Path

import pytest
import slicer
import stand_in
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.sweep_parameters import SweepParameters
from FluoroPrintLib.mesh.model import ModelParameters
from FluoroPrintLib.mrml.case_parameters import CASE_MODULE, case_node, store_parameters, stored_parameters

EXAMPLE = Path(__file__).parent / "example"


@pytest.fixture
def module(application, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.delitem(__import__("sys").modules, "ExamplePanel", raising=False)
    return importlib.import_module("ExamplePanel")


@pytest.fixture
def widget(module):
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    return widget


@pytest.fixture
def model(widget, scene):
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", "Bone")
    widget.ui.modelChooser.setCurrentNode(node)
    return node


def row(widget, name):
    return slicer.util.findChild(widget.root, name)


def test_rows_show_what_the_dataclasses_say(widget):
    smoothing = row(widget, "model_smoothing")
    assert (smoothing.value, smoothing.minimum, smoothing.maximum) == (0.3, 0.0, 1.0)
    assert smoothing.toolTip.startswith("Smoothing strength")
    assert row(widget, "model_smoothing_iterations").decimals == 0
    assert row(widget, "sweep_intensity").currentText == "auto"
    assert row(widget, "sweep_sid_mm").placeholderText == "automatic (mm)"


def test_what_the_user_sets_reaches_the_parameters_of_the_case(widget, scene):
    row(widget, "model_smoothing").value = 0.5
    row(widget, "model_smoothing_iterations").value = 30
    stand_in.type_text(row(widget, "sweep_sid_mm"), "1195.5")
    stand_in.type_text(row(widget, "sweep_pixel_mm"), "0.4, 0.3")
    row(widget, "sweep_intensity").currentText = "linear"
    stand_in.click(row(widget, "sweep_flip_rows"))
    assert stored_parameters(scene, "model") == ModelParameters(smoothing=0.5, smoothing_iterations=30)
    expected = SweepParameters(sid_mm=1195.5, pixel_mm=(0.4, 0.3), intensity="linear", flip_rows=True)
    assert stored_parameters(scene, "sweep") == expected


def test_what_a_script_stores_is_shown(widget, scene):
    store_parameters(scene, "model", ModelParameters(smoothing=0.9))
    store_parameters(scene, "sweep", SweepParameters(sid_mm=900.0, pixel_mm=(0.4, 0.3)))
    assert row(widget, "model_smoothing").value == 0.9
    assert (row(widget, "sweep_sid_mm").text, row(widget, "sweep_pixel_mm").text) == ("900.0", "0.4, 0.3")


def test_a_text_that_is_no_value_is_told_by_its_field(widget, scene):
    stand_in.type_text(row(widget, "sweep_sid_mm"), "far")
    with pytest.raises(FluoroPrintError, match=r"sid_mm is 'far': it takes a number"):
        stored_parameters(scene, "sweep")


def test_the_button_follows_choice_and_work(widget, model):
    assert widget.ui.applyButton.enabled
    stand_in.click(widget.ui.applyButton)
    assert widget.work.busy
    assert not widget.ui.applyButton.enabled
    stand_in.wait_until(lambda: not widget.work.busy)
    assert widget.results == [42]
    assert widget.ui.applyButton.enabled


def test_a_saved_scene_restores_the_panel(widget, model, scene, tmp_path):
    row(widget, "model_smoothing").value = 0.7
    stand_in.click(widget.ui.closedBox)
    path = str(tmp_path / "scene.mrml")
    scene.SetURL(path)
    assert scene.Commit(path)
    scene.Clear(False)
    assert row(widget, "model_smoothing").value == 0.3
    assert not widget.ui.closedBox.checked
    scene.SetURL(path)
    scene.Connect()
    assert row(widget, "model_smoothing").value == 0.7
    assert widget.ui.closedBox.checked
    assert widget.ui.modelChooser.currentNode().GetName() == "Bone"


def test_closing_the_scene_ends_work_and_leaves_the_panel_usable(widget, model, scene):
    stand_in.click(widget.ui.applyButton)
    scene.Clear(False)
    assert not widget.work.busy
    assert stand_in.running_timers() == []
    assert not widget.ui.applyButton.enabled
    widget.ui.modelChooser.setCurrentNode(scene.AddNewNodeByClass("vtkMRMLModelNode"))
    stand_in.click(widget.ui.applyButton)
    stand_in.wait_until(lambda: not widget.work.busy)
    assert widget.results == [42]


def test_a_panel_left_while_the_scene_closes_takes_it_up_when_shown_again(widget, scene):
    widget.parent.exit()
    scene.Clear(False)
    assert widget.chosen is None
    widget.parent.enter()
    row(widget, "model_smoothing").value = 0.6
    assert stored_parameters(scene, "model").smoothing == 0.6


def test_a_fault_in_showing_the_panel_is_told_once_and_traced_in_the_log(
    widget, application, monkeypatch, caplog
):
    def break_down():
        raise RuntimeError("the node is bent")

    monkeypatch.setattr(widget, "update", break_down)
    for smoothing in (0.5, 0.6):
        row(widget, "model_smoothing").value = smoothing
    (told,) = application.errors
    assert "RuntimeError: the node is bent" in told
    assert "in break_down" in caplog.text


def test_a_kept_value_that_is_none_is_told_and_another_scene_is_taken_up(module, application, scene):
    case_node(scene).SetParameter("model_smoothing", "strong")
    widget = stand_in.open_panel(module)
    (told,) = application.errors
    assert told.startswith("The scene keeps 'strong' for model_smoothing, which is a number")
    assert widget.chosen is None
    widget.parent.enter()
    assert len(application.errors) == 1
    scene.Clear(False)
    assert row(widget, "model_smoothing").value == 0.3
    row(widget, "model_smoothing").value = 0.5
    assert stored_parameters(scene, "model").smoothing == 0.5


def test_nothing_observes_or_ticks_after_the_panel_is_gone(module, scene):
    before = stand_in.observed_events(scene)
    widget = stand_in.open_panel(module)
    widget.ui.modelChooser.setCurrentNode(scene.AddNewNodeByClass("vtkMRMLModelNode"))
    nodes = [
        scene.GetSingletonNode(name, "vtkMRMLScriptedModuleNode") for name in (CASE_MODULE, "ExamplePanel")
    ]
    stand_in.click(widget.ui.applyButton)
    stand_in.close_panel(widget)
    assert stand_in.running_timers() == []
    assert stand_in.observed_events(scene) == before
    for node in nodes:
        assert stand_in.observed_events(node)["functions"] == 0

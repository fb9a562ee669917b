"""What holds for every module's panel: scenes that come and go during work, reload, cancel, faults, end."""

import importlib
import logging
import time
from dataclasses import dataclass

import numpy as np
import pytest
import slicer
import stand_in
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.model import ModelParameters
from FluoroPrintLib.mrml.case_parameters import store_parameters
from FluoroPrintLib.mrml.files import open_case, write_case
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.mrml.sweeps import add_sweep
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters
from FluoroPrintLib.segmentation.bone import BoneParameters
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from pictures import PANELS
from vtkmodules.vtkFiltersSources import vtkSphereSource

RESULTS = ("vtkMRMLScalarVolumeNode", "vtkMRMLModelNode", "vtkMRMLSegmentationNode", "vtkMRMLTableNode")
REPORT_S = 0.3
"""How long each report takes where work shall be long."""
FEWEST_REPORTS = 5


@dataclass(frozen=True)
class Panel:
    """A panel's nodes by the name of the choice, the button that starts its work, what computes it."""

    choices: dict
    button: str
    computed_by: str


FDK = "FluoroPrintLib.reconstruction.fdk.reconstruct"
PANEL = {
    "FluoroPrint": Panel({}, "runButton", FDK),
    "FluoroPrintReconstruct": Panel({"sweep": "Run 7"}, "applyButton", FDK),
    "FluoroPrintPrepare": Panel(
        {"segmentation": "Bones"}, "applyButton", "FluoroPrintLib.mesh.model.models_from_segmentation"
    ),
    "FluoroPrintPlan": Panel(
        {"sweep": "Run 7", "model": "Ball"},
        "allButton",
        "FluoroPrintLib.mrml.agreements.agreement_in_frames",
    ),
}


@pytest.fixture(params=PANELS)
def name(request):
    return request.param


@pytest.fixture
def module(name, application, monkeypatch):
    return stand_in.start_module(monkeypatch, name)[0]


@pytest.fixture
def fill(scene, sweep, tmp_path):
    """What puts a sweep, a segmentation, a model and quick parameters into the scene."""

    def fill():
        store_parameters(scene, "reconstruction", ReconstructionParameters(voxel_mm=5.0, engine="numpy"))
        store_parameters(scene, "bone", BoneParameters(min_piece_mm3=20.0))
        store_parameters(scene, "model", ModelParameters(smoothing_iterations=5, min_island_mm3=1.0))
        add_sweep(scene, sweep, "Run 7")
        add_segmentation(scene, two_balls(), "Bones")
        add_ball(scene)

    return fill


def two_balls():
    k, j, i = np.indices((24, 24, 48)) - 11.5
    labels = (k**2 + j**2 + i**2 < 36).astype(np.uint8)
    labels[k**2 + j**2 + (i - 24) ** 2 < 36] = 2
    segments = (Segment("Femur", 1, (0.9, 0.8, 0.6)), Segment("Tibia", 2, (0.6, 0.8, 0.9)))
    return Segmentation(Volume(labels, np.eye(4)), segments)


def add_ball(scene):
    source = vtkSphereSource()
    source.SetRadius(15.0)
    source.SetThetaResolution(24)
    source.SetPhiResolution(24)
    source.Update()
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", "Ball")
    node.SetAndObservePolyData(source.GetOutput())
    node.CreateDefaultDisplayNodes()


@pytest.fixture
def ready(module, name, fill, scene, tmp_path):
    """A panel with its nodes chosen: its work can be started."""
    fill()
    return opened(module, name, tmp_path)


def opened(module, name, tmp_path):
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    choose(widget, name, tmp_path)
    return widget


def choose(widget, name, tmp_path):
    if name == "FluoroPrint":
        widget.ui.folderEdit.currentPath = str(tmp_path / "out")
        stand_in.wait_until(lambda: "Run 7" in cases_of(widget))
        widget.ui.caseBox.currentText = "Run 7"
    for choice, node in PANEL[name].choices.items():
        getattr(widget.ui, f"{choice}Chooser").setCurrentNode(slicer.mrmlScene.GetFirstNodeByName(node))


def cases_of(widget):
    return [widget.ui.caseBox.itemText(n) for n in range(widget.ui.caseBox.count)]


def start_button(widget):
    return getattr(widget.ui, PANEL[widget.moduleName].button)


def start(widget):
    stand_in.click(start_button(widget))
    assert widget.work.busy


def ended(widget):
    stand_in.wait_until(lambda: not widget.work.busy)


def work_makes_results(widget, scene):
    """Start the work and wait for its first result; a run of all stages is not waited for."""
    before = results(scene)
    start(widget)
    stand_in.wait_until(lambda: results(scene) > before or not widget.work.busy)
    assert results(scene) > before
    widget.work.cancel()
    ended(widget)


def results(scene):
    return sum(scene.GetNumberOfNodesByClass(kind) for kind in RESULTS)


def choices_of(widget):
    """What is chosen: values as they are, nodes by their names."""
    chosen = {name: widget.chosen.getValue(name) for name in widget.choices}
    return {name: value.GetName() if hasattr(value, "GetName") else value for name, value in chosen.items()}


def events_of(scene):
    """How many observers each event of the scene and its nodes has."""
    nodes = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]
    return {thing: stand_in.observed_events(thing) for thing in (scene, *nodes)}


@pytest.fixture
def slow_reports(ready, monkeypatch):
    """Each report of progress takes a while, so that the real work is long; return those that were made."""
    from FluoroPrintLib.slicer_app.work import Job

    report, made = Job._report, []

    def slow(job, fraction, message):
        made.append(fraction)
        report(job, fraction, message)
        time.sleep(REPORT_S)

    monkeypatch.setattr(Job, "_report", slow)
    return made


def test_a_scene_saved_as_a_bundle_restores_the_panel(ready, application, scene, tmp_path):
    before = choices_of(ready)
    write_case(scene, tmp_path / "case.mrb")
    scene.Clear(False)
    assert choices_of(ready) != before
    open_case(scene, tmp_path / "case.mrb")
    assert choices_of(ready) == before
    assert application.errors == []
    assert start_button(ready).enabled


@pytest.mark.parametrize("instead", [False, True])
@pytest.mark.slow
def test_a_scene_that_comes_in_the_middle_of_work_leaves_the_panel_usable(
    ready, instead, application, scene, tmp_path
):
    write_case(scene, tmp_path / "case.mrb")
    start(ready)
    open_case(scene, tmp_path / "case.mrb", clear=instead)
    assert ready.work.busy is not instead
    ended(ready)
    assert application.errors == []
    choose(ready, ready.moduleName, tmp_path)
    work_makes_results(ready, scene)
    assert application.errors == []


@pytest.mark.slow
def test_closing_the_scene_in_the_middle_of_work_leaves_the_panel_usable(
    ready, application, fill, scene, tmp_path
):
    start(ready)
    scene.Clear(False)
    assert not ready.work.busy
    assert stand_in.running_timers() == [] or ready.moduleName == "FluoroPrint"
    fill()
    choose(ready, ready.moduleName, tmp_path)
    work_makes_results(ready, scene)
    assert application.errors == []


@pytest.mark.slow
def test_a_reload_in_the_middle_of_work_makes_the_panel_anew(ready, name, application, scene):
    before, count = choices_of(ready), results(scene)
    start(ready)
    slicer.util.reloadScriptedModule(name)
    stand_in.raise_fault()
    assert not ready.work.busy
    anew = slicer.util.getModuleWidget(name)
    assert anew is not ready
    assert type(anew) is not type(ready)
    assert choices_of(anew) == before
    assert results(scene) == count
    work_makes_results(anew, scene)
    assert application.errors == []


@pytest.mark.parametrize("reloaded", [False, True])
def test_no_observer_or_timer_outlives_the_panel(module, name, fill, scene, tmp_path, monkeypatch, reloaded):
    fill()
    stand_in.close_panel(opened(module, name, tmp_path))
    before = events_of(scene)
    stand_in.start_module(monkeypatch, name)
    widget = opened(module, name, tmp_path)
    assert events_of(scene) != before
    start(widget)
    if reloaded:
        slicer.util.reloadScriptedModule(name)
        widget = slicer.util.getModuleWidget(name)
        start(widget)
    stand_in.close_panel(widget)
    assert stand_in.running_timers() == []
    after = events_of(scene)
    assert {node: after[node] for node in before} == before


def watched(work, reports):
    """Let work show some steps; return how often the window ran meanwhile, and what it showed.

    A window that waits for the work runs less than once a report; how long it waited tells nothing on a
    machine that is busy with other work.
    """
    ticks, shown = 0, set()

    def seen():
        nonlocal ticks
        ticks += 1
        shown.add((work.bar.value, work.label.text))
        steps = {value for value, _ in shown if value}, {text for _, text in shown if text}
        return not work.busy or (len(reports) >= FEWEST_REPORTS and steps[0] and len(steps[1]) > 1)

    stand_in.wait_until(seen)
    return ticks, shown


@pytest.mark.slow
def test_long_work_shows_how_far_it_is_and_ends_when_cancelled(
    ready, slow_reports, application, scene, tmp_path
):
    before = results(scene)
    start(ready)
    ticks, shown = watched(ready.work, slow_reports)
    assert ready.work.busy
    assert ticks > 2 * len(slow_reports)
    assert max(value for value, _ in shown) > 0
    assert len({text for _, text in shown} - {""}) > 1
    assert not ready.work.bar.real.isHidden()
    stand_in.click(ready.work.cancelButton)
    ended(ready)
    assert ready.work.label.text == "Cancelled; nothing was changed."
    assert ready.work.bar.real.isHidden()
    assert (results(scene), application.errors) == (before, [])
    assert start_button(ready).enabled


def test_an_unexpected_fault_is_told_in_the_one_dialog_and_traced_in_the_log(
    ready, name, application, scene, monkeypatch, caplog
):
    before = results(scene)
    target, _, function = PANEL[name].computed_by.rpartition(".")

    def break_down(*_arguments, **_options):
        raise RuntimeError("the disk of numbers is bent")

    monkeypatch.setattr(importlib.import_module(target), function, break_down)
    with caplog.at_level(logging.ERROR):
        stand_in.click(start_button(ready))
        ended(ready)
    (told,) = application.errors
    assert "RuntimeError: the disk of numbers is bent" in told
    assert "please report it" in told
    assert "Traceback" in caplog.text
    assert "in break_down" in caplog.text
    assert results(scene) == before
    assert start_button(ready).enabled

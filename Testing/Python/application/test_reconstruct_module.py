"""The module FluoroPrint Reconstruct: a file to a checked sweep, a preview, a volume, a turning C-arm."""

from dataclasses import replace

import numpy as np
import pydicom
import pytest
import stand_in
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.files.geometry_files import write_geometry
from FluoroPrintLib.files.sweep_parameters import SweepParameters
from FluoroPrintLib.files.xa_writer import write_xa_sweep
from FluoroPrintLib.mrml.case_parameters import store_parameters, stored_parameters
from FluoroPrintLib.mrml.playback import FRAME_ROLE, playback_of
from FluoroPrintLib.mrml.provenance import source_of
from FluoroPrintLib.mrml.sweeps import add_sweep, sweep_from_nodes
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters
from FluoroPrintLib.simulation.phantom import lumbar_phantom
from FluoroPrintLib.simulation.sweeps import SimulationParameters, simulate_sweep, sweep_of_simulated

MODULE = "FluoroPrintReconstruct"  # each of its handlers is called here: see every_handler.py

COARSE = ReconstructionParameters(voxel_mm=5.0, engine="numpy")


@pytest.fixture(scope="session")
def simulated():
    parameters = SimulationParameters(frames=60, arc_deg=204.0, panel_mm=(240.0, 400.0), pixel_mm=6.0)
    return simulate_sweep(lumbar_phantom(3.0), parameters)


@pytest.fixture
def run(tmp_path, simulated):
    """A run in a file."""
    path = tmp_path / "run7.dcm"
    write_xa_sweep(
        path,
        simulated.counts,
        primary_deg=simulated.primary_deg,
        secondary_deg=simulated.secondary_deg,
        sid_mm=simulated.nominal.sid_mm,
        sod_mm=simulated.nominal.sod_mm,
        pixel_mm=simulated.nominal.pixel_mm,
        bits_stored=14,
    )
    return path


@pytest.fixture
def widget(application, monkeypatch, scene):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintReconstruct")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    store_parameters(scene, "reconstruction", COARSE)
    return widget


@pytest.fixture
def chosen(widget, scene, sweep):
    node = add_sweep(scene, sweep, "Run 7")
    widget.ui.sweepChooser.setCurrentNode(node)
    return node


def volumes_of(scene):
    nodes = scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    return [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]


def load(widget, path):
    widget.ui.fileEdit.currentPath = str(path)
    stand_in.click(widget.ui.loadButton)
    ended(widget)


def ended(widget):
    stand_in.wait_until(lambda: not widget.work.busy)


def findings(widget):
    listing = widget.ui.findingsList
    return [listing.item(row).text() for row in range(listing.count)]


def without(path, *keywords):
    dataset = pydicom.dcmread(path)
    for keyword in keywords:
        delattr(dataset, keyword)
    dataset.save_as(path)
    return path


def test_an_empty_scene_says_what_to_do(widget):
    ui = widget.ui
    assert "Choose a sweep in the scene, or load one" in ui.hintLabel.text
    buttons = (ui.loadButton, ui.checkButton, ui.previewButton, ui.applyButton, ui.browseButton)
    assert not any(button.enabled for button in buttons)


def test_a_file_is_loaded_checked_and_chosen(widget, run, application, scene):
    composite = scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    load(widget, run)
    assert application.errors == []
    node = widget.ui.sweepChooser.currentNode()
    assert node.GetName() == "run7"
    assert composite.GetBackgroundVolumeID() == node.GetID()
    assert "Ready to be reconstructed" in widget.ui.verdictLabel.text
    assert "207.5° (a volume needs" in widget.ui.figuresLabel.text
    assert "60 of 67 x 40 pixels" in widget.ui.figuresLabel.text
    assert not widget.ui.pictureLabel.pixmap.isNull()


def test_only_sweeps_can_be_chosen(widget, scene, chosen):
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    assert widget.ui.sweepChooser.nodeCount() == 1


def test_what_a_file_lacks_is_named_and_mended_by_typing(widget, run, application, scene):
    load(widget, without(run, "DistanceSourceToDetector"))
    assert "Not ready" in widget.ui.verdictLabel.text
    assert any("distance source to detector" in words for words in findings(widget))
    assert volumes_of(scene) == []
    assert not widget.ui.readingSection.collapsed
    stand_in.type_text(stand_in.slicer.util.findChild(widget.root, "sweep_sid_mm"), "1180")
    stand_in.click(widget.ui.loadButton)
    ended(widget)
    assert "Not ready" not in widget.ui.verdictLabel.text
    assert len(volumes_of(scene)) == 1


def test_a_geometry_file_is_taken_in_place_of_the_header_s(widget, run, application, simulated, tmp_path):
    path = tmp_path / "geometry.json"
    true = sweep_of_simulated(simulated).geometry
    write_geometry(path, true)
    stand_in.type_text(widget.ui.geometryEdit, str(path))
    load(widget, without(run, "DistanceSourceToDetector"))
    assert application.errors == []
    read = sweep_from_nodes(widget.ui.sweepChooser.currentNode()).geometry
    np.testing.assert_allclose(read.sources_ras, true.sources_ras, atol=1e-6)


def test_a_fix_is_applied_and_the_sweep_read_again_in_its_place(widget, run, application, scene):
    store_parameters(scene, "sweep", SweepParameters(reverse_angles=True))
    load(widget, run)
    node = widget.ui.sweepChooser.currentNode()
    row = next(n for n, words in enumerate(findings(widget)) if words.startswith(("✖", "▲")))
    widget.ui.findingsList.setCurrentRow(row)
    assert widget.ui.fixButton.text == "Set reverse angles → no"
    before = sweep_from_nodes(node).geometry.primary_deg
    stand_in.click(widget.ui.fixButton)
    ended(widget)
    assert stored_parameters(scene, "sweep") == SweepParameters()
    assert "Ready" in widget.ui.verdictLabel.text
    assert widget.ui.sweepChooser.currentNode() is node
    np.testing.assert_allclose(sweep_from_nodes(node).geometry.primary_deg, -before)
    assert len(volumes_of(scene)) == 1


def test_a_sweep_without_a_file_is_checked_but_cannot_be_read_anew(widget, chosen, application):
    stand_in.click(widget.ui.checkButton)
    ended(widget)
    assert application.errors == []
    assert "Ready" in widget.ui.verdictLabel.text
    assert not widget.ui.fixButton.enabled
    assert "load it from the file" in widget.ui.fixButton.toolTip


def test_another_sweep_hides_the_check_of_the_first(widget, chosen, scene, sweep):
    stand_in.click(widget.ui.checkButton)
    ended(widget)
    assert not widget.ui.verdictLabel.real.isHidden()
    widget.ui.sweepChooser.setCurrentNode(add_sweep(scene, sweep, "Run 8"))
    assert widget.ui.verdictLabel.real.isHidden()


def test_a_preview_is_one_volume_however_often_it_is_made(widget, chosen, application, scene):
    for _ in range(2):
        stand_in.click(widget.ui.previewButton)
        ended(widget)
    assert application.errors == []
    assert [node.GetName() for node in volumes_of(scene)] == ["Run 7", "Run 7 preview"]
    assert volumes_of(scene)[1].GetImageData().GetScalarRange()[1] > 150


def test_the_volume_is_made_beside_the_window_and_knows_its_sweep(widget, chosen, application, scene):
    composite = scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    assert "voxels; computing it takes" in widget.ui.sizeLabel.text
    stand_in.click(widget.ui.applyButton)
    assert widget.work.busy
    assert not widget.ui.applyButton.enabled
    ended(widget)
    assert application.errors == []
    volume = volumes_of(scene)[1]
    assert volume.GetSpacing() == (5.0, 5.0, 5.0)
    assert source_of(volume) is chosen
    assert composite.GetBackgroundVolumeID() == volume.GetID()


@pytest.mark.slow
def test_what_was_corrected_is_said_beside_the_button(widget, chosen, monkeypatch):
    from FluoroPrintLib.reconstruction import fdk

    note = "Lean tissue read -200 HU."
    made = fdk.reconstruct
    monkeypatch.setattr(fdk, "reconstruct", lambda *given: replace(made(*given), notes=(note,)))
    stand_in.click(widget.ui.applyButton)
    ended(widget)
    assert widget.work.label.text == note


def test_cancel_leaves_the_scene(widget, chosen, application, scene):
    stand_in.click(widget.ui.applyButton)
    stand_in.click(widget.work.cancelButton)
    ended(widget)
    assert len(volumes_of(scene)) == 1
    assert application.errors == []


def test_a_parameter_that_is_none_is_told_before_anything_runs(widget, chosen, application):
    widget.case.reconstruction_size_mm = "wide"
    assert widget.ui.sizeLabel.text == "size_mm is 'wide': it takes a number."
    stand_in.click(widget.ui.applyButton)
    assert application.errors == ["size_mm is 'wide': it takes a number."]
    assert not widget.work.busy


def test_browsing_turns_the_c_arm_to_the_frame_of_the_slider(widget, chosen, application, scene, sweep):
    stand_in.click(widget.ui.browseButton)
    assert widget.ui.browseButton.text == "Hide the C-arm"
    assert widget.ui.frameSlider.maximum == 60
    widget.ui.frameSlider.value = 45
    browser = playback_of(chosen)
    assert browser.GetSelectedItemNumber() == 44
    frame = browser.GetNodeReference(FRAME_ROLE)
    assert frame.GetImageData().GetScalarRange()[1] == pytest.approx(float(sweep.frames[44].max()))
    assert widget.ui.frameLabel.text == "Frame 45 of 60: LAO 50.1°, cranial 0.0°"
    stand_in.click(widget.ui.browseButton)
    assert playback_of(chosen) is None
    assert not widget.ui.frameSlider.enabled
    assert application.errors == []


@pytest.mark.slow
def test_closing_the_scene_in_the_middle_of_work_leaves_the_panel_usable(widget, chosen, scene, sweep):
    stand_in.click(widget.ui.browseButton)
    stand_in.click(widget.ui.applyButton)
    scene.Clear(False)
    assert not widget.work.busy
    assert not widget.ui.applyButton.enabled
    widget.ui.frameSlider.value = 1
    store_parameters(scene, "reconstruction", COARSE)
    widget.ui.sweepChooser.setCurrentNode(add_sweep(scene, sweep, "Run 8"))
    stand_in.click(widget.ui.applyButton)
    ended(widget)
    assert len(volumes_of(scene)) == 2


def test_what_was_chosen_comes_back_with_the_scene(widget, chosen, scene, tmp_path):
    widget.ui.fileEdit.currentPath = "run7.dcm"
    path = str(tmp_path / "scene.mrml")
    scene.SetURL(path)
    assert scene.Commit(path)
    scene.Clear(False)
    assert widget.ui.fileEdit.currentPath == ""
    scene.SetURL(path)
    scene.Connect()
    assert widget.ui.fileEdit.currentPath == "run7.dcm"
    assert stored_parameters(scene, "reconstruction") == COARSE


def test_nothing_observes_or_ticks_after_the_panel_is_gone(application, monkeypatch, scene, sweep):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintReconstruct")
    before = stand_in.observed_events(scene)
    widget = stand_in.open_panel(module)
    widget.ui.sweepChooser.setCurrentNode(add_sweep(scene, sweep, "Run 7"))
    stand_in.click(widget.ui.applyButton)
    stand_in.close_panel(widget)
    assert stand_in.running_timers() == []
    assert stand_in.observed_events(scene) == before


@pytest.fixture
def logic(application, monkeypatch):
    return stand_in.load_module(monkeypatch, "FluoroPrintReconstruct").FluoroPrintReconstructLogic()


@pytest.mark.slow
def test_the_logic_goes_from_a_file_to_a_volume_on_any_scene(logic, run, scene):
    node = logic.load(scene, run)
    assert logic.check(node).is_ready
    assert logic.reconstruct(scene, node, COARSE).GetSpacing() == (5.0, 5.0, 5.0)


def test_a_cancelled_logic_leaves_the_scene(logic, run, scene):
    def cancel(fraction, message):
        if fraction > 0.6:
            raise Cancelled

    node = logic.load(scene, run)
    with pytest.raises(Cancelled):
        logic.reconstruct(scene, node, COARSE, progress=cancel)
    assert len(volumes_of(scene)) == 1


def test_a_missing_file_is_told_by_its_name(logic, scene):
    with pytest.raises(FluoroPrintError, match=r"missing\.dcm"):
        logic.load(scene, "missing.dcm")

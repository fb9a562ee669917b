"""The module FluoroPrint: the case stage by stage, presets, everything at once, the report."""

from pathlib import Path

import numpy as np
import pytest
import slicer
import stand_in
from FluoroPrintLib.catalog.anatomy import anatomies
from FluoroPrintLib.mesh.model import ModelParameters
from FluoroPrintLib.mrml.case_parameters import store_parameters, stored_parameters
from FluoroPrintLib.mrml.sweeps import add_sweep, is_sweep_node
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters
from FluoroPrintLib.segmentation.bone import BoneParameters

MODULE = "FluoroPrint"  # each of its handlers is called here: see every_handler.py

COARSE = ReconstructionParameters(voxel_mm=4.0, engine="numpy")
FILES = {"volume.nrrd", "segmentation.seg.nrrd", "model.stl", "model.3mf", "report.html", "case.json"}
STAGES = ("acquire", "segment", "model", "print", "plan")


@pytest.fixture
def widget(application, monkeypatch):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrint")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    return widget


@pytest.fixture
def loaded(widget, scene, sweep):
    """A sweep in the scene and parameters that are quick."""
    store_parameters(scene, "reconstruction", COARSE)
    store_parameters(scene, "bone", BoneParameters(min_piece_mm3=20.0))
    node = add_sweep(scene, sweep, "Run 7")
    stand_in.wait_until(lambda: widget.ui.caseBox.currentText == "Run 7")
    return node


def states(widget):
    return {stage: getattr(widget.ui, f"{stage}State").text for stage in STAGES}


def marks(widget):
    return "".join(getattr(widget.ui, f"{stage}Mark").text for stage in STAGES)


def run(widget, folder):
    widget.ui.folderEdit.currentPath = str(folder)
    stand_in.click(widget.ui.runButton)


def ended(widget):
    stand_in.wait_until(lambda: not widget.work.busy)


def test_sample_data_is_offered_once_slicer_has_started(widget):
    from SampleData import SampleDataLogic

    assert not SampleDataLogic.sampleDataSourcesByCategory("FluoroPrint")
    stand_in.emit(slicer.app, "startupCompleted()")
    assert SampleDataLogic.sampleDataSourcesByCategory("FluoroPrint")


def test_an_empty_scene_says_where_to_begin(widget):
    assert "Begin with a sweep" in widget.ui.nextLabel.text
    assert states(widget) == {
        "acquire": "begin here",
        "segment": "needs a volume",
        "model": "needs a segmentation",
        "print": "needs a model",
        "plan": "needs a model and a sweep",
    }
    assert [getattr(widget.ui, f"{stage}Button").enabled for stage in STAGES] == [True] + 4 * [False]
    assert not widget.ui.runButton.enabled
    assert widget.ui.runButton.toolTip == "Choose a sweep first."
    assert "not a cleared medical device" in widget.ui.introLabel.text


def test_a_loaded_sweep_is_a_case_to_be_reconstructed(widget, loaded):
    assert "reconstruct 'Run 7'" in widget.ui.nextLabel.text
    assert marks(widget) == "▶····"
    assert states(widget)["acquire"] == "Run 7"


def test_nodes_made_by_hand_move_the_case_on(widget, scene):
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CBCT")
    segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Bone")
    segmentation.SetNodeReferenceID("referenceImageGeometryRef", volume.GetID())
    stand_in.wait_until(lambda: marks(widget) == "✔✔▶··")
    assert widget.ui.caseBox.currentText == "CBCT"
    assert "make a model of 'Bone'" in widget.ui.nextLabel.text
    scene.RemoveNode(segmentation)
    stand_in.wait_until(lambda: marks(widget) == "✔▶···")


def test_cases_do_not_mix_and_the_user_chooses_among_them(widget, loaded, scene):
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CBCT")
    stand_in.wait_until(lambda: widget.ui.caseBox.count == 2)
    widget.ui.caseBox.currentIndex = 1
    assert marks(widget) == "✔▶···"
    widget.ui.caseBox.currentIndex = 0
    assert marks(widget) == "▶····"


def test_run_all_takes_the_case_through_every_stage(widget, loaded, application, tmp_path):
    run(widget, tmp_path)
    assert widget.work.busy
    assert not widget.ui.runButton.enabled
    ended(widget)
    assert application.errors == []
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert marks(widget) == "✔✔✔✔▶"
    assert "compare 'Bone model' with the sweep" in widget.ui.nextLabel.text
    assert widget.ui.acquireTime.text.endswith(" s")
    assert widget.ui.caseBox.currentText == "Run 7"
    assert widget.work.label.text.startswith("Done in")


def test_a_sweep_is_read_from_a_file(widget, scene, application, tmp_path):
    store_parameters(scene, "reconstruction", ReconstructionParameters(voxel_mm=5.0, engine="numpy"))
    sample = stand_in.REPOSITORY / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm"
    widget.ui.sourceBox.currentIndex = 1
    stand_in.type_text(widget.ui.sweepEdit, str(sample))
    run(widget, tmp_path)
    ended(widget)
    assert application.errors == []
    assert widget.ui.caseBox.currentText == "head-small-xa"
    assert is_sweep_node(widget.state.sweep)


def test_the_report_is_opened_in_the_browser(widget, loaded, application, tmp_path):
    assert not widget.ui.reportButton.enabled
    run(widget, tmp_path)
    ended(widget)
    opened = []
    application.answers["QDesktopServices.openUrl"] = opened.append
    import qt

    qt.QDesktopServices.openUrl = lambda url: opened.append(url.toLocalFile())
    try:
        stand_in.click(widget.ui.reportButton)
    finally:
        del qt.QDesktopServices.openUrl
    assert opened == [str(tmp_path / "report.html")]


def test_cancel_leaves_scene_and_folder_as_they_were(widget, loaded, scene, tmp_path):
    before = scene.GetNumberOfNodes()
    folder = tmp_path / "new"
    run(widget, folder)
    stand_in.wait_until(lambda: scene.GetFirstNodeByName("Volume") is not None)
    mine = scene.AddNewNodeByClass("vtkMRMLModelNode", "Mine")
    stand_in.click(widget.work.cancelButton)
    ended(widget)
    assert not folder.exists()
    assert mine.GetScene() is scene
    assert scene.GetNumberOfNodes() - before <= 3  # the user's own, and the provenance text and colour nodes
    assert scene.GetFirstNodeByName("Volume") is None


def test_a_fault_leaves_scene_and_folder_as_they_were(widget, loaded, scene, application, tmp_path):
    store_parameters(scene, "bone", BoneParameters(lower_hu=2900.0, seed_hu=3000.0))
    run(widget, tmp_path / "new")
    ended(widget)
    assert "lower the thresholds" in application.errors[0]
    assert not (tmp_path / "new").exists()
    assert scene.GetFirstNodeByName("Volume") is None
    assert widget.ui.runButton.enabled


def test_a_parameter_that_is_none_is_told(widget, loaded, scene, application, tmp_path):
    widget.case.bone_lower_hu = "many"
    run(widget, tmp_path)
    assert application.errors == ["lower_hu is 'many': it takes a number."]
    assert list(tmp_path.iterdir()) == []


def test_closing_the_scene_in_the_middle_of_a_run_leaves_the_panel_usable(
    widget, loaded, scene, sweep, tmp_path
):
    run(widget, tmp_path / "new")
    scene.Clear(False)
    assert not widget.work.busy
    assert not (tmp_path / "new").exists()
    assert "Begin with a sweep" in widget.ui.nextLabel.text
    add_sweep(scene, sweep, "Run 8")
    stand_in.wait_until(lambda: widget.ui.caseBox.currentText == "Run 8")


@pytest.mark.parametrize("place", range(1, 7))
def test_a_preset_sets_the_parameters_of_all_stages(widget, scene, place):
    preset = anatomies()[place - 1]
    widget.ui.anatomyBox.currentIndex = place
    assert {stage: stored_parameters(scene, stage) for stage in preset.parameters} == dict(preset.parameters)
    assert widget.ui.anatomyLabel.text.startswith(preset.summary)


def test_parameters_that_are_no_preset_any_more_are_shown_as_custom(widget, scene):
    widget.ui.anatomyBox.currentIndex = 3
    store_parameters(scene, "model", ModelParameters(smoothing=0.77))
    assert widget.ui.anatomyBox.currentText == "Custom"
    assert "smoothing 0.77" in widget.ui.anatomyLabel.text
    widget.ui.anatomyBox.currentIndex = 0
    assert stored_parameters(scene, "model") == ModelParameters()
    assert widget.ui.anatomyLabel.text == "Every parameter has its standard value."


@pytest.mark.parametrize(
    ("stage", "module", "choices"),
    [
        ("acquire", "FluoroPrintReconstruct", {"sweep": "Run 7"}),
        ("model", "FluoroPrintPrepare", {"segmentation": "Bone", "model": "Bone model"}),
        ("print", "FluoroPrintPrepare", {"segmentation": "Bone", "model": "Bone model"}),
        ("plan", "FluoroPrintPlan", {"model": "Bone model", "sweep": "Run 7"}),
    ],
)
def test_a_stage_opens_its_module_with_the_case_s_nodes(
    widget, loaded, application, monkeypatch, scene, tmp_path, stage, module, choices
):
    stand_in.start_module(monkeypatch, module)
    run(widget, tmp_path)
    ended(widget)
    stand_in.click(getattr(widget.ui, f"{stage}Button"))
    node = scene.GetSingletonNode(module, "vtkMRMLScriptedModuleNode")
    assert {name: node.GetNodeReference(name).GetName() for name in choices} == choices
    assert slicer.util.selectedModule() == module


def test_segmenting_opens_the_segment_editor_on_the_volume(widget, application, scene):
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CBCT")
    volume.SetAndObserveImageData(slicer.vtkOrientedImageData())
    stand_in.wait_until(lambda: widget.ui.segmentButton.enabled)
    stand_in.click(widget.ui.segmentButton)
    editor = scene.GetSingletonNode("SegmentEditor", "vtkMRMLSegmentEditorNode")
    assert application.errors == []
    assert editor.GetSourceVolumeNode() is volume
    assert editor.GetActiveEffectName() == "Fluoro bone"
    assert (
        editor.GetSegmentationNode().GetSegmentation().GetSegment(editor.GetSelectedSegmentID()).GetName()
        == "Bone"
    )
    assert slicer.util.selectedModule() == "SegmentEditor"


def test_a_module_that_is_not_there_is_told(widget, application, scene):
    stand_in.click(widget.ui.acquireButton)
    assert application.errors == [
        "The module FluoroPrintReconstruct is not there: install FluoroPrint again."
    ]


def test_what_was_chosen_comes_back_with_the_scene(widget, loaded, scene, tmp_path):
    widget.ui.folderEdit.currentPath = str(tmp_path)
    widget.ui.anatomyBox.currentIndex = 2
    path = str(tmp_path / "scene.mrml")
    scene.SetURL(path)
    assert scene.Commit(path)
    scene.Clear(False)
    assert widget.ui.anatomyBox.currentIndex == 0
    scene.SetURL(path)
    scene.Connect()
    assert widget.ui.anatomyBox.currentIndex == 2
    assert widget.ui.folderEdit.currentPath == str(tmp_path)


def test_nothing_observes_or_ticks_after_the_panel_is_gone(application, monkeypatch, scene, sweep):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrint")
    before = stand_in.observed_events(scene)
    widget = stand_in.open_panel(module)
    add_sweep(scene, sweep, "Run 7")
    stand_in.close_panel(widget)
    assert stand_in.running_timers() == []
    assert stand_in.observed_events(scene) == before


@pytest.mark.slow
def test_the_logic_works_on_any_scene_without_a_window(application, monkeypatch, scene, sweep, tmp_path):
    from FluoroPrintLib.pipeline.case_parameters import CaseParameters

    module, _ = stand_in.start_module(monkeypatch, "FluoroPrint")
    parameters = CaseParameters(reconstruction=COARSE, bone=BoneParameters(min_piece_mm3=20.0))
    node = add_sweep(scene, sweep, "Run 7")
    report = module.FluoroPrintLogic().run(scene, node, tmp_path, parameters=parameters)
    assert Path(report).is_file()
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert np.isfinite(scene.GetFirstNodeByName("Volume").GetImageData().GetScalarRange()).all()

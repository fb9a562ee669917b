"""The Segment Editor effect "Learned models", used as from the editor's own panel, with a stand-in runner."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import slicer
import stand_in
from bone_editor import apply, choose, count_of, ended, open_editor, preview, previews
from FluoroPrintLib.learned.models import LearnedParameters, find_learned
from FluoroPrintLib.mrml.case_parameters import store_parameters, stored_parameters
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.segmentations import segmentation_from_node
from FluoroPrintLib.mrml.stages import apply_stage, method_stage
from FluoroPrintLib.mrml.volumes import add_volume
from slicer.util import arrayFromSegmentBinaryLabelmap

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "learned"))
from stand_in_runner import make_model, make_runner, volume_of_ball  # noqa: E402 - in the folder of the library's

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in Python is a shell script")
NAME = "Learned models"
VOLUME = volume_of_ball()
EXPECTED = (VOLUME.array_kji > 300).astype(np.uint8) + (VOLUME.array_kji > 2000)


@pytest.fixture
def runner(tmp_path):
    return make_runner(tmp_path / "runner")


@pytest.fixture
def folder(tmp_path):
    made = make_model(tmp_path / "Dataset900_Spine" / "nnUNetTrainer__nnUNetPlans__3d_fullres")
    (made / "LICENSE").write_text("Creative Commons Attribution 4.0 International")
    return made


@pytest.fixture
def volume(scene):
    return add_volume(scene, VOLUME, "Ball")


@pytest.fixture
def editor(registered, scene, volume, runner):
    store_parameters(scene, "learned", LearnedParameters(python=runner.python))
    return choose(open_editor(scene, "SegmentEditor"), scene, volume, NAME)


def set_to(editor, **values):
    """Set parameters as the user does in the rows; wait until what is lacking was told."""
    for name, value in values.items():
        row = editor.options.rows[f"learned_{name}"]
        if isinstance(value, bool):
            row.checked = value
        elif row.inherits("QComboBox"):
            row.currentText = value
        else:
            row.text = value
    stand_in.wait_until(lambda: not editor.options._delay.active)


def reasons(editor):
    """Return why Apply and Preview cannot be pressed; each must be disabled if it says so."""
    buttons = (editor.options.applyButton, editor.options.previewButton)
    return tuple("" if button.enabled else button.toolTip for button in buttons)


def names_of(editor):
    segments = editor.segmentation.GetSegmentation()
    return [segments.GetNthSegment(index).GetName() for index in range(segments.GetNumberOfSegments())]


def test_the_buttons_say_what_is_lacking_one_after_the_other(editor, folder):
    assert "No model is chosen" in reasons(editor)[0] == reasons(editor)[1]
    assert "No model is chosen" in editor.options.licenceText.plainText
    set_to(editor, model=str(folder))
    assert "licence of Dataset900_Spine (Creative Commons" in reasons(editor)[0] == reasons(editor)[1]
    assert "Creative Commons Attribution 4.0 International" in editor.options.licenceText.plainText
    assert "whose makers you trust" in editor.options.licenceText.plainText
    set_to(editor, licence_read=True)
    assert reasons(editor) == ("", "")
    assert "Replace the selected segment" in editor.options.applyButton.toolTip
    set_to(editor, python="/gone/python")
    assert "is no program" in reasons(editor)[0]
    (folder / "plans.json").unlink()
    set_to(editor, python="")
    assert "plans.json is missing" in reasons(editor)[0]


def test_a_runner_that_is_not_installed_is_told_with_what_to_install(editor, folder, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    set_to(editor, model=str(folder), licence_read=True, python="")
    assert "install the extension NNUNet" in reasons(editor)[0]
    assert editor.options.lackingLabel.text == reasons(editor)[0]
    assert not editor.options.lackingLabel.real.isHidden()


def test_what_is_lacking_is_told_once(editor, folder):
    said = editor.options.lackingLabel
    assert ("No model is chosen" in editor.options.licenceText.plainText, said.text) == (True, "")
    set_to(editor, model=str(folder))
    assert "The licence of Dataset900_Spine" in said.text
    set_to(editor, licence_read=True)
    assert (said.text, said.real.isHidden()) == ("", True)


def test_apply_writes_a_segment_for_each_structure_and_one_undo_takes_all_back(
    editor, application, volume, folder
):
    set_to(editor, model=str(folder), licence_read=True)
    apply(editor)
    assert application.errors == []
    assert names_of(editor) == ["bone", "mystery"]
    for index, label in enumerate((1, 2)):
        segment_id = editor.segmentation.GetSegmentation().GetNthSegmentID(index)
        written = arrayFromSegmentBinaryLabelmap(editor.segmentation, segment_id, volume)
        np.testing.assert_array_equal(written > 0, np.equal(EXPECTED, label))
    assert "Dataset900_Spine found 2 structures" in editor.options.work.label.text
    editor.widget.undo()
    assert names_of(editor) == ["bone"]
    assert count_of(editor, volume) == 0


def test_a_preview_runs_once_and_apply_writes_what_it_showed(
    editor, scene, application, runner, folder, volume
):
    set_to(editor, model=str(folder), licence_read=True)
    preview(editor)
    assert application.errors == []
    assert len(previews(scene)) == 1
    assert count_of(editor, volume) == 0
    (runner.root / "given.json").unlink()
    apply(editor)
    assert not (runner.root / "given.json").exists(), "the model did not run again"
    assert count_of(editor, volume) == np.count_nonzero(EXPECTED == 1)


@pytest.mark.slow
def test_a_changed_parameter_ends_the_preview_and_runs_nothing(editor, scene, runner, folder):
    set_to(editor, model=str(folder), licence_read=True)
    preview(editor)
    (runner.root / "given.json").unlink()
    set_to(editor, device="cpu")
    assert previews(scene) == []
    assert not editor.options.previewButton.checked
    assert not editor.options.work.busy
    assert "click Preview to run" in editor.options.work.label.text
    assert not (runner.root / "given.json").exists()
    editor.options._case.bone_lower_hu = "200"
    preview(editor)
    editor.options._case.bone_lower_hu = "300"
    assert len(previews(scene)) == 1, "a parameter of another stage changes nothing here"


@pytest.mark.slow
def test_another_model_asks_for_its_licence_anew(editor, scene, folder, tmp_path):
    other = make_model(tmp_path / "Dataset901_Other" / "t__p__c")
    set_to(editor, model=str(folder), licence_read=True)
    set_to(editor, device="cpu")
    assert reasons(editor) == ("", "")
    set_to(editor, model=str(other))
    assert not editor.options.rows["learned_licence_read"].checked
    assert "licence of Dataset901_Other" in reasons(editor)[0]
    set_to(editor, licence_read=True)
    editor.widget.setActiveEffectByName("")
    kept = stored_parameters(scene, "learned")
    store_parameters(scene, "learned", replace(kept, model=str(tmp_path)))
    editor.widget.setActiveEffectByName(NAME)
    assert not stored_parameters(scene, "learned").licence_read, "changed while the effect was not chosen"
    editor.widget.setActiveEffectByName("")
    store_parameters(scene, "learned", kept)
    editor.widget.setActiveEffectByName(NAME)
    assert stored_parameters(scene, "learned").licence_read, "agreed to before, in this session"
    type(editor.options).agreed.clear()
    editor.widget.setActiveEffectByName("")
    editor.widget.setActiveEffectByName(NAME)
    assert not stored_parameters(scene, "learned").licence_read, "as in a scene of somebody else"


@pytest.mark.slow
def test_cancel_ends_the_run(editor, application, runner, folder, volume):
    runner.behave("hang")
    set_to(editor, model=str(folder), licence_read=True)
    stand_in.click(editor.options.applyButton)
    stand_in.wait_until((runner.root / "pids.txt").exists)
    assert "Something is being computed" in reasons(editor)[0]
    stand_in.click(editor.options.work.cancelButton)
    ended(editor)
    assert application.errors == []
    assert count_of(editor, volume) == 0
    for pid in (runner.root / "pids.txt").read_text().split():
        stand_in.wait_until(lambda pid=pid: not running(int(pid)))


def running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").exists() else True


def test_another_volume_ends_the_run(editor, application, scene, runner, folder):
    runner.behave("hang")
    set_to(editor, model=str(folder), licence_read=True)
    stand_in.click(editor.options.previewButton)
    stand_in.wait_until((runner.root / "pids.txt").exists)
    editor.widget.setSourceVolumeNode(add_volume(scene, VOLUME, "Other"))
    assert not editor.options.work.busy
    assert "source volume was changed" in editor.options.work.label.text
    for pid in (runner.root / "pids.txt").read_text().split():
        stand_in.wait_until(lambda pid=pid: not running(int(pid)))
    assert application.errors == []


def test_a_failing_run_is_one_sentence(editor, application, runner, folder):
    runner.behave("fail")
    set_to(editor, model=str(folder), licence_read=True)
    apply(editor)
    (told,) = application.errors
    assert told.startswith("nnU-Net stopped with the fault “RuntimeError: CUDA out of memory”")
    assert names_of(editor) == ["bone"]


def test_the_folder_is_chosen_in_a_dialog(editor, application, folder):
    application.answers["QFileDialog.getExistingDirectory"] = str(folder)
    stand_in.click(editor.options.folderButton)
    assert editor.options.rows["learned_model"].text == str(folder)
    application.answers["QFileDialog.getExistingDirectory"] = ""
    stand_in.click(editor.options.folderButton)
    assert editor.options.rows["learned_model"].text == str(folder), "a dialog that was left changes nothing"


def test_rows_of_the_other_runner_cannot_be_set(editor):
    rows = editor.options.rows
    assert (rows["learned_folds"].enabled, rows["learned_task"].enabled) == (True, False)
    set_to(editor, runner="totalsegmentator")
    assert (rows["learned_folds"].enabled, rows["learned_task"].enabled) == (False, True)


def test_the_weights_of_dentalsegmentator_are_found_where_it_is_installed(editor, monkeypatch, tmp_path):
    set_to(editor, runner="dentalsegmentator")
    assert "Resources/ML" in reasons(editor)[0]
    make_model(tmp_path / "D" / "Resources" / "ML" / "Dataset111_453CT" / "t__p__3d_fullres")
    module = SimpleNamespace(path=str(tmp_path / "D" / "DentalSegmentator.py"))
    monkeypatch.setattr(slicer.modules, "dentalsegmentator", module, raising=False)
    set_to(editor, runner="nnunet")
    set_to(editor, runner="dentalsegmentator")
    assert editor.options.rows["learned_model"].text == str(tmp_path / "D" / "Resources" / "ML")
    assert "licence of Dataset111_453CT" in reasons(editor)[0]


def test_the_stage_in_the_scene_finds_what_the_function_finds_under_a_transform(
    scene, volume, runner, folder
):
    move = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    moved = np.array([[0.6, -0.8, 0, 12], [0.8, 0.6, 0, -5], [0, 0, 1, 30], [0, 0, 0, 1.0]])
    move.SetMatrixTransformToParent(vtk_matrix(moved))
    volume.SetAndObserveTransformNodeID(move.GetID())
    parameters = LearnedParameters(model=str(folder), licence_read=True, python=runner.python)
    (node,) = apply_stage(scene, method_stage("learned-model"), volume, parameters)
    found, expected = segmentation_from_node(node), find_learned(VOLUME, parameters).segmentation
    assert [s.name for s in found.segments] == [s.name for s in expected.segments]
    assert [s.terminology for s in found.segments] == [s.terminology for s in expected.segments]
    np.testing.assert_array_equal(found.labelmap.array_kji, expected.labelmap.array_kji)
    np.testing.assert_allclose(found.labelmap.ijk_to_ras, moved @ VOLUME.ijk_to_ras, atol=1e-9)


def test_the_effect_tells_its_name_and_shows_its_icon(editor):
    effect = editor.widget.activeEffect()
    assert (effect.name, effect.title, effect.perSegment) == (NAME, NAME, True)
    assert not effect.self().icon().isNull()
    assert "No weights come with this extension" in effect.self().helpText()

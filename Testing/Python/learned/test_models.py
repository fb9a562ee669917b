"""A model on a volume, run in a process of its own by stand-ins of the same command lines."""

import os
import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.learned import models, pythons
from FluoroPrintLib.learned.models import LearnedParameters, find_learned
from stand_in_runner import FILES, LABELS, make_model, make_runner, make_weights, volume_of_ball

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in Python is a shell script")
VOLUME = volume_of_ball()
EXPECTED = (VOLUME.array_kji > 300).astype(np.uint8) + (VOLUME.array_kji > 2000)


@pytest.fixture
def parameters(folder, runner):
    return LearnedParameters(model=str(folder), python=runner.python, licence_read=True)


@pytest.fixture
def total(tmp_path, runner):
    weights = make_weights(tmp_path / "weights", 291, 292, 293, 294, 295, 297)
    return LearnedParameters(
        runner="totalsegmentator", model=str(weights), python=runner.python, licence_read=True
    )


def fault_of(parameters, volume=VOLUME):
    with pytest.raises(FluoroPrintError) as told:
        find_learned(volume, parameters)
    assert "\n" not in str(told.value)
    assert str(told.value).endswith(".")
    return str(told.value)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").exists() else True


def test_labels_come_back_in_place_on_an_oblique_grid_of_uneven_voxels(parameters, temporary):
    before = VOLUME.array_kji.copy()
    found = find_learned(VOLUME, parameters)
    np.testing.assert_array_equal(found.segmentation.labelmap.array_kji, EXPECTED)
    assert found.segmentation.labelmap.array_kji.dtype == np.uint8
    np.testing.assert_array_equal(found.segmentation.labelmap.ijk_to_ras, VOLUME.ijk_to_ras)
    assert [(s.name, s.label) for s in found.segmentation.segments] == [("L5 vertebra", 1), ("mystery", 2)]
    np.testing.assert_array_equal(VOLUME.array_kji, before)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("ending", [".nii", ".nrrd", ".mha"])
def test_the_volume_is_written_as_the_model_reads_it(parameters, tmp_path, ending):
    other = make_model(tmp_path / "Dataset901_Other" / "t__p__c", file_ending=ending)
    found = find_learned(VOLUME, replace(parameters, model=str(other)))
    np.testing.assert_array_equal(found.segmentation.labelmap.array_kji, EXPECTED)


def test_nnunet_gets_the_model_the_folds_and_one_worker_each(parameters, runner, tmp_path):
    many = make_model(tmp_path / "Dataset902_Many" / "t__p__c", ("0", "1", "4"))
    find_learned(VOLUME, replace(parameters, model=str(many), folds="4 0", device="cpu"))
    given = runner.given()
    assert (given["m"], given["f"], given["device"]) == (str(many), ["4", "0"], "cpu")
    assert (given["npp"], given["nps"], given["disable_tta"]) == (1, 1, True)
    find_learned(VOLUME, replace(parameters, model=str(many), mirroring=True))
    assert (runner.given()["f"], runner.given()["disable_tta"]) == (["0", "1", "4"], False)


def test_nothing_reaches_the_network_or_another_temporary_folder(parameters, runner, temporary, monkeypatch):
    for name in ("HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "http://real.example:8080")
    monkeypatch.setenv("PYTHONHOME_UNTOUCHED", "kept")
    find_learned(VOLUME, parameters)
    seen = runner.environment()
    assert {seen[n] for n in seen if n.lower().endswith("_proxy")} == {pythons.NOWHERE}
    assert not {"no_proxy", "NO_PROXY"} & set(seen)
    assert seen["PYTHONHOME_UNTOUCHED"] == "kept"
    for name in ("TMPDIR", "nnUNet_results", "nnUNet_raw", "nnUNet_preprocessed"):
        assert Path(seen[name]).is_relative_to(temporary)


@pytest.mark.slow
def test_slicers_own_libraries_are_kept_from_another_python(parameters, runner, monkeypatch):
    monkeypatch.setenv("SLICER_HOME", "/opt/Slicer")
    monkeypatch.setenv("QT_PLUGIN_PATH", "/opt/Slicer/lib")
    find_learned(VOLUME, parameters)
    assert "QT_PLUGIN_PATH" not in runner.environment()
    monkeypatch.delenv("SLICER_HOME")
    find_learned(VOLUME, parameters)
    assert runner.environment()["QT_PLUGIN_PATH"] == "/opt/Slicer/lib"


def test_progress_rises_and_names_what_runs(parameters, runner):
    runner.behave("slowly")
    told = []
    find_learned(VOLUME, parameters, lambda fraction, message: told.append((fraction, message)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert len({f for f, message in told if message == "nnU-Net"}) >= 3, "the bars of the run are followed"


def test_nothing_runs_before_the_licence_was_read(parameters, folder, runner):
    (folder / "LICENSE").write_text("Creative Commons Attribution 4.0\n")
    told = fault_of(replace(parameters, licence_read=False))
    assert "licence of Dataset900_Spine (Creative Commons Attribution 4.0) was not agreed to" in told
    assert not (runner.root / "given.json").exists()


def test_weights_of_another_hash_do_not_run(parameters, runner, folder):
    assert "hash" in fault_of(replace(parameters, sha256="ab" * 32))
    note = find_learned(VOLUME, replace(parameters, record_hash=True)).note
    assert "recorded in fluoroprint.sha256" in note
    assert "as recorded" in find_learned(VOLUME, parameters).note
    (runner.root / "given.json").unlink()
    with (folder / "plans.json").open("a") as plans:
        plans.write(" ")
    assert "changed or damaged" in fault_of(parameters)
    assert not (runner.root / "given.json").exists()


@pytest.mark.slow
def test_the_hash_is_that_of_all_folds_whichever_run(parameters, tmp_path):
    many = str(make_model(tmp_path / "Dataset902_Many" / "t__p__c", ("0", "1")))
    find_learned(VOLUME, replace(parameters, model=many, record_hash=True, folds="1"))
    assert "as recorded" in find_learned(VOLUME, replace(parameters, model=many)).note


def test_a_failing_run_tells_its_last_line_and_keeps_its_log(parameters, runner, temporary):
    runner.behave("fail")
    told = fault_of(parameters)
    assert told.startswith("nnU-Net stopped with the fault “RuntimeError: CUDA out of memory”: its log is ")
    (log,) = temporary.iterdir()
    assert told.endswith(f"{log}.")
    assert "Traceback (most recent call last)" in log.read_text()


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("killed", "was ended by the system, most often for lack of memory"),
        ("fetch", "wanted to fetch something, and the network is shut off"),
        ("nothing", "ended without a result"),
        ("moved", "on another grid than the volume's"),
        ("smaller", "on another grid than the volume's"),
        ("large", "gave values outside 0 to 255"),
        ("empty", "found nothing in the volume"),
    ],
)
def test_a_run_of_no_use_is_one_sentence(parameters, runner, behaviour, said):
    runner.behave(behaviour)
    assert said in fault_of(parameters)


def test_a_cancel_ends_the_run_and_what_it_started_and_leaves_nothing(parameters, runner, temporary):
    runner.behave("hang")
    pids = runner.root / "pids.txt"

    def stop_once_it_runs(fraction, message):
        if pids.exists():
            raise Cancelled

    start = time.monotonic()
    with pytest.raises(Cancelled):
        find_learned(VOLUME, parameters, stop_once_it_runs)
    assert time.monotonic() - start < 200.0, "it ended by itself"
    running = [int(pid) for pid in pids.read_text().split()]
    assert len(running) == 2
    assert not any(alive(pid) for pid in running)
    assert list(temporary.iterdir()) == []


def test_a_volume_that_is_hardly_in_hu_is_doubted(parameters):
    assert "in HU" not in find_learned(VOLUME, parameters).note
    bright = VOLUME.with_array(np.maximum(VOLUME.array_kji, 0.0))
    assert "seems not to be in HU" in find_learned(bright, parameters).note


def test_what_is_no_number_counts_as_air(parameters):
    voxels = VOLUME.array_kji.copy()
    voxels[10, 16, 12] = np.nan
    found = find_learned(VOLUME.with_array(voxels), parameters).segmentation.labelmap.array_kji
    assert found[10, 16, 12] == 0
    np.testing.assert_array_equal(found[:10], EXPECTED[:10])


@pytest.mark.parametrize(
    ("volume", "said"),
    [
        (VOLUME.with_array(np.full_like(VOLUME.array_kji, 40.0)), "the same value"),
        (VOLUME.with_array(np.full_like(VOLUME.array_kji, np.nan)), "the same value"),
        (Volume(VOLUME.array_kji[:1], VOLUME.ijk_to_ras), "fewer than 4 voxels"),
        (Volume(VOLUME.array_kji, VOLUME.ijk_to_ras @ (np.eye(4) + np.eye(4, k=1) * 0.2)), "is sheared"),
    ],
)
def test_a_volume_of_no_use_is_one_sentence(parameters, volume, said):
    assert said in fault_of(parameters, volume)


def test_a_missing_runner_says_what_to_install(parameters, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    told = fault_of(replace(parameters, python=None))
    assert "install the extension NNUNet" in told
    assert "`pip install nnunetv2`" in told
    assert "is no program" in fault_of(replace(parameters, python="/gone/python"))
    bare = make_runner(tmp_path / "bare", {"other/__init__.py": ""})
    assert "holds no nnU-Net" in fault_of(replace(parameters, python=bare.python))


def test_a_runner_is_found_by_variable_by_its_command_and_in_this_python(runner, monkeypatch, tmp_path):
    monkeypatch.setenv(pythons.PYTHON_VARIABLE, runner.python)
    assert pythons.find_interpreter(pythons.NNUNET) == pythons.Interpreter(runner.python, own=False)
    monkeypatch.delenv(pythons.PYTHON_VARIABLE)
    command = Path(runner.python).parent / pythons.NNUNET.command
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(command.parent), prepend=os.pathsep)
    assert pythons.find_interpreter(pythons.NNUNET) == pythons.Interpreter(runner.python, own=False)
    monkeypatch.syspath_prepend(str(runner.root / "packages"))
    found = pythons.find_interpreter(pythons.NNUNET)
    assert (found.path, found.own) == (pythons.own_python(), True)


def test_slicers_window_runs_its_own_python_by_its_name(monkeypatch, tmp_path):
    beside = tmp_path / "PythonSlicer"
    beside.write_text("#!/bin/sh\n")
    beside.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pythons.own_python() == pythons.sys.executable
    monkeypatch.setattr(pythons.sys, "executable", "/opt/Slicer/bin/SlicerApp-real")
    assert pythons.own_python() == str(beside)


def test_a_device_that_is_not_there_is_told(parameters):
    assert "finds no device gpu" in fault_of(replace(parameters, device="gpu"))
    assert pythons.device_for("auto", {"cuda": True}) == pythons.device_for("gpu", {"cuda": True}) == "cuda"
    assert pythons.device_for("auto", {"cuda": False, "mps": True}) == "cpu"
    assert pythons.device_for("mps", {"mps": True}) == "mps"


def test_no_model_chosen_says_which_folder_to_take(parameters):
    assert "trained nnU-Net v2 model" in fault_of(replace(parameters, model=None))
    dental = fault_of(replace(parameters, model=None, runner="dentalsegmentator"))
    assert "Resources/ML" in dental


def test_the_weights_of_dentalsegmentator_run_as_the_nnunet_model_that_they_are(parameters, tmp_path):
    labels = {"background": 0, "Upper Skull": 1, "Mandibular canal": 2}
    weights = tmp_path / "ML"
    make_model(weights / "Dataset111_453CT" / "nnUNetTrainer__nnUNetPlans__3d_fullres", labels=labels)
    found = find_learned(VOLUME, replace(parameters, runner="dentalsegmentator", model=str(weights)))
    assert [s.name for s in found.segmentation.segments] == ["Skull", "Mandibular canal"]


def test_totalsegmentator_gets_its_weights_and_sends_nothing(total, runner, temporary):
    found = find_learned(VOLUME, total)
    np.testing.assert_array_equal(found.segmentation.labelmap.array_kji, EXPECTED)
    assert [s.name for s in found.segmentation.segments] == ["L5 vertebra", "Implant"]
    given, seen = runner.given(), runner.environment()
    assert (given["task"], given["fast"], given["fastest"], given["device"]) == ("total", False, False, "cpu")
    assert given["home"]["send_usage_stats"] is False
    assert seen["TOTALSEG_WEIGHTS_PATH"] == total.model
    assert Path(seen["TOTALSEG_HOME_DIR"]).is_relative_to(temporary)
    assert list(temporary.iterdir()) == []


def test_the_quality_chooses_model_and_weights(total, runner):
    find_learned(VOLUME, replace(total, quality="fast"))
    assert (runner.given()["fast"], runner.given()["fastest"]) == (True, False)
    told = fault_of(replace(total, quality="fastest"))
    assert "task total are lacking (data set 298)" in told
    assert "totalseg_download_weights -t total_fast" in told
    assert total.model in told
    assert "one quality only" in fault_of(replace(total, task="teeth", quality="fast"))


@pytest.mark.parametrize("name", ["dataset.json", "plans.json", "checkpoint_final.pth"])
def test_weights_of_which_a_file_is_missing_are_lacking(total, name):
    (missing,) = Path(total.model).glob(f"Dataset292_*/*/**/{name}")
    missing.unlink()
    assert re.search(r"lacking \(data set 292\)", fault_of(total))


def test_tasks_that_crop_need_the_rough_model_too(total):
    told = fault_of(replace(total, task="teeth"))
    assert "data set 113, 115, 298" in told
    assert "`totalseg_download_weights -t teeth` and `-t total_fast`" in told


def test_a_task_with_a_licence_number_needs_one(total, runner, tmp_path, monkeypatch):
    monkeypatch.setenv("TOTALSEG_HOME_DIR", str(tmp_path / "home"))
    bones = replace(total, task="appendicular_bones")
    assert "needs a licence number" in fault_of(bones)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.json").write_text('{"license_number": "aca_ABCDEFGHIJKLMN"}')
    make_weights(Path(total.model), 304)
    find_learned(VOLUME, bones)
    assert runner.given()["home"]["license_number"] == "aca_ABCDEFGHIJKLMN"


def test_weights_are_looked_for_where_totalsegmentator_keeps_them(total, monkeypatch, tmp_path):
    monkeypatch.setenv("TOTALSEG_WEIGHTS_PATH", total.model)
    find_learned(VOLUME, replace(total, model=None))
    monkeypatch.delenv("TOTALSEG_WEIGHTS_PATH")
    monkeypatch.setenv("TOTALSEG_HOME_DIR", str(tmp_path / "home"))
    assert str(tmp_path / "home" / "nnunet" / "results") in fault_of(replace(total, model=None))


def test_a_licence_holds_for_one_model(parameters, total):
    key = models.model_key
    assert key(parameters) == key(replace(parameters, device="cpu", folds="0", task="teeth"))
    assert key(parameters) != key(replace(parameters, model="/other"))
    assert key(total) != key(parameters)
    assert key(total) != key(replace(total, task="teeth"))


@pytest.mark.slow
def test_the_real_nnunet_finds_what_its_network_was_made_to_find(tmp_path):
    """Where nnunetv2 is installed, or FLUOROPRINT_LEARNED_PYTHON holds it: a network that thresholds."""
    try:
        interpreter = pythons.find_interpreter(pythons.NNUNET)
    except FluoroPrintError as lacking:
        pytest.skip(str(lacking))
    from real_nnunet import make_real_model

    made = make_real_model(tmp_path / "Dataset903_Real", interpreter, LABELS)
    voxels = np.full((40, 44, 48), -500.0, np.float32)
    voxels[10:30, 12:32, 14:34] = 1500.0
    matrix = VOLUME.ijk_to_ras @ np.diag([1 / 0.9, 1 / 1.2, 1 / 1.5, 1.0])
    found = find_learned(Volume(voxels, matrix), LearnedParameters(model=str(made), licence_read=True))
    inside = found.segmentation.labelmap.array_kji == 1
    both = (
        np.count_nonzero(inside & (voxels > 0))
        * 2
        / (np.count_nonzero(inside) + np.count_nonzero(voxels > 0))
    )
    assert both > 0.95
    np.testing.assert_allclose(found.segmentation.labelmap.ijk_to_ras, matrix)


def test_the_stand_ins_hold_all_that_is_imported_of_the_real_ones():
    from FluoroPrintLib.learned import nnunet, totalsegmentator

    for line in (nnunet.RUN, totalsegmentator.RUN):
        module = line.split()[1].replace(".", "/")
        assert f"{module}.py" in FILES

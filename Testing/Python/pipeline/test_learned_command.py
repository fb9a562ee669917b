"""Learned models on the command line: what is written is what the function finds; `info` tells the hash."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from command_line import COMMAND, environment, fluoroprint, refused
from FluoroPrintLib.files.volumes import read_volume, write_volume
from FluoroPrintLib.learned.models import LearnedParameters, find_learned
from FluoroPrintLib.mrml.files import read_segmentation
from FluoroPrintLib.mrml.scene import headless_scene
from FluoroPrintLib.mrml.segmentations import segmentation_from_node

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "learned"))
from stand_in_runner import make_model, make_runner, volume_of_ball  # noqa: E402 - in the folder of the library's

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in Python is a shell script")


@pytest.fixture
def runner(tmp_path):
    return make_runner(tmp_path / "runner")


@pytest.fixture
def folder(tmp_path):
    return make_model(tmp_path / "Dataset900_Spine" / "nnUNetTrainer__nnUNetPlans__3d_fullres")


@pytest.fixture
def words(tmp_path, runner, folder):
    write_volume(tmp_path / "v.nrrd", volume_of_ball())
    words = ["segment", tmp_path / "v.nrrd", "--method", "learned-model", "--model", folder]
    return [*words, "--python", runner.python, "--out", tmp_path / "out.seg.nrrd"]


def test_the_command_writes_what_the_function_finds(tmp_path, words, folder, runner):
    done = fluoroprint(*words, "--licence-read")
    assert done.code == 0, done
    parameters = LearnedParameters(model=str(folder), python=runner.python, licence_read=True)
    found = find_learned(read_volume(tmp_path / "v.nrrd"), parameters)
    assert found.note in done.out
    with headless_scene() as headless:
        written = segmentation_from_node(read_segmentation(headless.scene, tmp_path / "out.seg.nrrd"))
    np.testing.assert_array_equal(written.labelmap.array_kji, found.segmentation.labelmap.array_kji)
    np.testing.assert_allclose(written.labelmap.ijk_to_ras, found.segmentation.labelmap.ijk_to_ras, atol=1e-6)
    for one, other in zip(written.segments, found.segmentation.segments, strict=True):
        assert (one.name, one.label, one.terminology) == (other.name, other.label, other.terminology)


def test_nothing_is_written_before_the_licence_was_read_or_with_other_weights(tmp_path, words):
    assert "was not agreed to: read it, then tick Licence read (--licence-read)" in refused(tmp_path, *words)
    assert "have the hash" in refused(tmp_path, *words, "--licence-read", "--sha256", "ab" * 32)


def test_info_tells_labels_licence_and_the_hash_that_the_command_takes(words, folder):
    (folder.parent / "LICENSE").write_text("CC BY 4.0\n" + "Attribution. " * 100)
    done = fluoroprint("info", folder.parent)
    assert (done.code, done.err) == (0, "")
    facts = [line.split(maxsplit=1) for line in done.out.splitlines()]
    assert ["label", "1: vertebrae_L5 (L5 vertebra)"] in facts
    assert ["label", "2: mystery"] in facts
    assert ["licence", "CC BY 4.0"] in facts
    assert ["recorded", "no hash: --record-hash records it"] in facts
    digest = dict(facts)["sha256"]
    done = fluoroprint(*words, "--licence-read", "--sha256", digest, "--record-hash")
    assert "recorded in fluoroprint.sha256" in done.out
    assert "recorded  the same hash" in fluoroprint("info", folder).out
    (folder / "plans.json").write_text((folder / "plans.json").read_text() + " ")
    assert "The recorded hash is" in fluoroprint("info", folder).out


def test_info_of_a_model_that_is_not_whole_is_its_fault(tmp_path, folder):
    (folder / "fold_0" / "checkpoint_final.pth").unlink()
    assert "checkpoint_final.pth is missing" in refused(tmp_path, "info", folder)


@pytest.mark.slow
def test_an_interrupted_command_ends_the_model_too(tmp_path, words, runner):
    runner.behave("hang")
    line = [*COMMAND, *map(str, words), "--licence-read"]
    process = subprocess.Popen(line, env=environment(), stderr=subprocess.DEVNULL)
    pids, deadline = runner.root / "pids.txt", time.monotonic() + 300.0
    while not pids.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) != 0
    assert not (tmp_path / "out.seg.nrrd").exists()
    for pid in map(int, pids.read_text().split()):
        assert not Path(f"/proc/{pid}").exists() or "State:\tZ" in Path(f"/proc/{pid}/status").read_text()

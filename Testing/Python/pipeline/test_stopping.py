"""Who stops a command finds everything as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from command_line import COMMAND, Done, contents, environment, fluoroprint, nothing_left_in, sentence_of
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.mrml.nodes import new_node
from FluoroPrintLib.mrml.scene import headless_scene
from FluoroPrintLib.pipeline.case import CaseParameters, run_case
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters
from FluoroPrintLib.segmentation.bone import BoneParameters

COARSE = CaseParameters(reconstruction=ReconstructionParameters(voxel_mm=6.0))
LONGEST_S = 300
"""Far longer than a run takes alone: it shares the machine with others."""
PLACES = np.sort(np.random.default_rng(7).random(10))


class StopAt:
    """A progress that cancels once a fraction is reached."""

    def __init__(self, fraction: float) -> None:
        self.fraction = fraction

    def __call__(self, fraction: float, message: str) -> None:
        if fraction >= self.fraction:
            raise Cancelled


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files of this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.mark.parametrize("fraction", [0.0, *PLACES])
def test_a_cancelled_run_leaves_no_file(
    sweep: Path, tmp_path: Path, temporary: Path, fraction: float
) -> None:
    with nothing_left_in(tmp_path), pytest.raises(Cancelled):
        run_case(sweep, tmp_path / "new" / "case", parameters=COARSE, progress=StopAt(fraction))


@pytest.mark.parametrize("fraction", [0.3, 0.85, 1.0])
def test_a_cancelled_run_leaves_the_earlier_result(
    sweep: Path, case: SimpleNamespace, fraction: float
) -> None:
    with nothing_left_in(case.folder), pytest.raises(Cancelled):
        run_case(sweep, case.folder, parameters=COARSE, progress=StopAt(fraction))


def items_of(scene: object) -> list[str]:
    import slicer
    from vtkmodules.vtkCommonCore import vtkIdList

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    items = vtkIdList()
    hierarchy.GetItemChildren(hierarchy.GetSceneItemID(), items, True)
    return [hierarchy.GetItemName(items.GetId(index)) for index in range(items.GetNumberOfIds())]


@pytest.mark.parametrize("fraction", [0.2, 0.45, 0.7, 0.85])
def test_a_cancelled_run_takes_its_nodes_out_of_the_scene_and_leaves_others(
    sweep: Path, tmp_path: Path, fraction: float
) -> None:
    with headless_scene() as headless:
        scene = headless.scene
        new_node(scene, "vtkMRMLModelNode", "Mine")
        names = [scene.GetNthNode(index).GetName() for index in range(scene.GetNumberOfNodes())]
        items = items_of(scene)
        with pytest.raises(Cancelled):
            run_case(sweep, tmp_path, parameters=COARSE, scene=scene, progress=StopAt(fraction))
        assert [scene.GetNthNode(i).GetName() for i in range(scene.GetNumberOfNodes())] == names
        assert items_of(scene) == items


def test_a_run_that_fails_takes_its_nodes_out_of_the_scene_and_names_the_input(
    sweep: Path, tmp_path: Path
) -> None:
    hopeless = CaseParameters(reconstruction=COARSE.reconstruction, bone=BoneParameters(min_piece_mm3=1e6))
    with headless_scene() as headless:
        count = headless.scene.GetNumberOfNodes()
        with pytest.raises(FluoroPrintError, match=sweep.name):
            run_case(sweep, tmp_path, parameters=hopeless, scene=headless.scene)
        assert headless.scene.GetNumberOfNodes() == count
    assert contents(tmp_path) == {}


def test_a_run_that_works_leaves_its_nodes_in_the_scene(sweep: Path, tmp_path: Path) -> None:
    with headless_scene() as headless:
        run_case(sweep, tmp_path, parameters=COARSE, scene=headless.scene, title="Knee")
        for name in ("Sweep", "Volume", "Bone"):
            assert headless.scene.GetFirstNodeByName(name) is not None
        assert "Knee" in items_of(headless.scene)


def signalled(words: tuple[object, ...], when: Callable[[Path], bool], folder: Path, sign: int) -> Done:
    """Start a command, send it a signal once `when` holds, and return how it ended."""
    options = {"env": environment(TMPDIR=str(folder)), "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([*COMMAND, *map(str, words)], text=True, **options)  # type: ignore[call-overload]
    try:
        deadline = time.monotonic() + LONGEST_S
        while not when(folder):
            assert process.poll() is None, "it ended before the signal was sent"
            assert time.monotonic() < deadline, f"it is not so far after {LONGEST_S} s"
            time.sleep(0.005)
        process.send_signal(sign)
        out, err = process.communicate(timeout=LONGEST_S)
    finally:
        process.kill()
    return Done(process.returncode, out, err)


def begun(folder: Path) -> bool:
    return any((folder / "case").glob(".*"))


def writing(folder: Path) -> bool:
    return any((folder / "case").glob(".*/volume.nrrd"))


@pytest.mark.parametrize(
    ("when", "sign"),
    [
        (begun, signal.SIGINT),
        pytest.param(writing, signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(writing, signal.SIGINT, marks=pytest.mark.slow),
    ],
)
def test_a_signal_in_the_middle_of_a_run_stops_it_cleanly(
    sweep: Path, tmp_path: Path, when: Callable[[Path], bool], sign: int
) -> None:
    words = ("run", sweep, "--out", tmp_path / "case", "--voxel-mm", "2.5")
    with nothing_left_in(tmp_path):
        done = signalled(words, when, tmp_path, sign)
        assert "nothing was written" in sentence_of(done, 130)


def test_who_has_seen_enough_of_the_output_hears_no_complaint(case: SimpleNamespace) -> None:
    reading, writing_end = os.pipe()
    os.close(reading)
    with os.fdopen(writing_end, "w") as nobody_reads:
        done = subprocess.run(
            [*COMMAND, "info", str(case.folder / "case.json")],
            stdout=nobody_reads,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            timeout=LONGEST_S,
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_too_little_memory_is_a_sentence(
    case: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("FluoroPrintLib.segmentation.bone.find_bone", exhausted)
    out = tmp_path / "b.seg.nrrd"
    said = sentence_of(fluoroprint("segment", case.folder / "volume.nrrd", "--out", out))
    assert "memory" in said
    assert contents(tmp_path) == {}

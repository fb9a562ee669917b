"""What does not fit into memory is refused before it is allocated."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import refused
from FluoroPrintLib import memory
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.volumes import read_volume
from FluoroPrintLib.reconstruction.checks import check_memory
from FluoroPrintLib.simulation.sweeps import SimulationParameters, simulate_sweep


@pytest.fixture
def one_gigabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory_bytes", lambda: 10**9)


def test_the_sentence_tells_need_room_and_remedy(one_gigabyte: None) -> None:
    with pytest.raises(FluoroPrintError) as caught:
        check_memory((1000, 1000, 500))
    assert str(caught.value) == (
        "A volume of 1000 x 1000 x 500 voxels needs about 4.0 GB of memory, but 1.0 GB are free: choose "
        "larger voxels (--voxel-mm) or a smaller region (--size-mm)."
    )


def test_what_fits_is_allowed(one_gigabyte: None) -> None:
    check_memory((500, 500, 499))


def test_where_the_machine_does_not_tell_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory_bytes", lambda: None)
    check_memory((10**6, 10**6, 10**6))


def test_this_machine_tells_a_plausible_room() -> None:
    free = memory.free_memory_bytes()
    assert free is not None
    assert 10**7 < free < 10**14


def test_the_limit_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "max").write_text("3000000\n")
    (tmp_path / "current").write_text("1000000\n")
    (tmp_path / "none").write_text("max\n")
    limits = ((tmp_path / "none", tmp_path / "current"), (tmp_path / "max", tmp_path / "current"))
    monkeypatch.setattr(memory, "_GROUP_LIMITS", limits)
    assert memory.free_memory_bytes() == 2000000


def test_a_run_of_more_frames_than_memory_is_not_simulated(simulated: object, one_gigabyte: None) -> None:
    huge = SimulationParameters(frames=2000, pixel_mm=0.1)
    with pytest.raises(FluoroPrintError, match="2000 frames of 4000 x 3000 pixels needs about 144.0 GB"):
        simulate_sweep(read_volume(vars(simulated)["ct"]), huge)


def test_a_run_that_does_not_fit_is_not_read(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_memory_bytes", lambda: 1000)
    said = refused(tmp_path, "reconstruct", sweep, "--out", tmp_path / "v.nrrd")
    assert str(sweep) in said
    assert "GB are free" in said


@pytest.mark.parametrize("command", ["run", "reconstruct"])
def test_voxels_too_fine_for_this_machine_are_refused_at_once(
    sweep: Path, tmp_path: Path, command: str
) -> None:
    huge = ("--voxel-mm", "0.05", "--size-mm", "500", "500", "500")
    said = refused(tmp_path, command, sweep, "--out", tmp_path / "v.nrrd", *huge)
    assert str(sweep) in said
    assert "10000 x 10000 x 10000 voxels needs about 8000.0 GB" in said

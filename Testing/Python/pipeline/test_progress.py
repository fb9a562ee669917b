"""How far the work is: told on a terminal with the time left, seldom in a log file."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest
from command_line import COMMAND, Done, environment
from FluoroPrintLib.pipeline import terminal
from FluoroPrintLib.pipeline.case import CaseParameters, run_case
from FluoroPrintLib.pipeline.terminal import line_progress
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters

LARGEST_STEP = 0.25


def test_a_run_reports_from_zero_to_one_without_stepping_back(sweep: Path, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    parameters = CaseParameters(reconstruction=ReconstructionParameters(voxel_mm=6.0))
    run_case(sweep, tmp_path, parameters=parameters, progress=lambda *told_now: told.append(told_now))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert max(b - a for a, b in zip(fractions, fractions[1:], strict=False)) < LARGEST_STEP
    assert all(message for _, message in told)


def on_a_terminal(*words: object, **more: str) -> tuple[int, str]:
    """Run a command with stderr on a terminal; return its exit code and what the terminal was sent."""
    outside, inside = pty.openpty()
    env = environment(TERM="xterm", COLUMNS="120", **more)
    process = subprocess.Popen(
        [*COMMAND, *map(str, words)], stdout=subprocess.DEVNULL, stderr=inside, env=env
    )
    os.close(inside)
    sent = b""
    while True:
        try:
            block = os.read(outside, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not block:
            break
        sent += block
    os.close(outside)
    return process.wait(timeout=300), sent.decode("utf-8", "replace")


@pytest.mark.slow
def test_a_terminal_shows_a_bar_with_the_time_left_that_goes_away(sweep: Path, tmp_path: Path) -> None:
    code, sent = on_a_terminal("reconstruct", sweep, "--out", tmp_path / "v.nrrd", "--voxel-mm", "1.5")
    assert code == 0
    assert "left" in sent
    assert re.search(r"left\S* \S*\d:\d\d:\d\d", sent)
    assert re.search(r"\d+ %", sent)
    assert "Back-projecting" in sent
    assert sent.rstrip("\r\n").endswith(("\x1b[2K", "\x1b[?25h"))


@pytest.mark.slow
def test_a_fault_on_a_terminal_is_still_one_line(tmp_path: Path) -> None:
    code, sent = on_a_terminal("run", tmp_path / "no.dcm", "--out", tmp_path / "case")
    visible = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sent)
    lines = [line for line in re.split(r"[\r\n]+", visible) if "fluoroprint:" in line]
    assert code == 2
    assert len(lines) == 1
    assert "no.dcm does not exist" in lines[0]


@pytest.mark.slow
def test_without_rich_the_work_is_done_all_the_same(sweep: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "rich.py").write_text("raise ImportError('not installed')")
    path = os.pathsep.join([str(hidden), environment()["PYTHONPATH"]])
    words = ("reconstruct", sweep, "--out", tmp_path / "v.nrrd", "--voxel-mm", "6")
    code, said = on_a_terminal(*words, PYTHONPATH=path)
    assert (code, Done(code, "", said.replace("\r", "")).said) == (0, "")
    assert (tmp_path / "v.nrrd").is_file()


def test_a_log_gets_a_line_every_ten_seconds_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    report = line_progress(clock=lambda: now[0])
    for second in range(41):
        now[0] = float(second)
        report(second / 40, f"Step {second}")
    said = capsys.readouterr().err.splitlines()
    assert said == [
        " 25 %, about 30 s left: Step 10",
        " 50 %, about 20 s left: Step 20",
        " 75 %, about 10 s left: Step 30",
        "100 %, about 0 s left: Step 40",
    ]


def test_nothing_is_said_of_short_work(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.terminal_progress() as report:
        for step in range(11):
            report(step / 10, "Working")
    assert capsys.readouterr() == ("", "")


def test_the_signals_are_given_back_after_a_command() -> None:

    before = signal.getsignal(signal.SIGTERM)
    with terminal.stopped_by_signals(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_interrupt_that_a_library_told_as_an_error_of_its_own_stops_all_the_same() -> None:
    def fail_by_signal() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            fail()

    def fail() -> None:
        raise ImportError("Failed to load a module")

    with pytest.raises(KeyboardInterrupt), terminal.stopped_by_signals():
        fail_by_signal()
    with pytest.raises(ImportError), terminal.stopped_by_signals():
        fail()

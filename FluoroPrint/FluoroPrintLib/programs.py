"""A program of its own: its lines tell the progress; a cancel ends it with all that it started."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from .errors import FluoroPrintError
from .progress import Progress

POLL_S, GRACE_S = 0.1, 3.0
LONGEST_TOLD = 300
LONGEST_TAIL = 1 << 16
NETWORK_SHUT, LAST_LINES = "ProxyError", 40
"""What requests raises where `learned.pythons.NOWHERE` is the way to the network."""
OF_A_PYTHON = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__")
OF_SLICER = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH")
_PERCENT = re.compile(r"(\d{1,3})(?:%\|| => )")
"""tqdm's "40%|", PrusaSlicer's "40 => "."""
_BREAKS = re.compile(r"[\r\n]+")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def outside_environment() -> dict[str, str]:
    """Return the environment for a program of the system: without Slicer's libraries and Python."""
    dropped = OF_A_PYTHON + (OF_SLICER if "SLICER_HOME" in os.environ else ())
    return {name: value for name, value in os.environ.items() if name not in dropped}


def run_program(
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    title: str,
    progress: Progress,
) -> list[str]:
    """Run a program to its end and return its last lines.

    Parameters
    ----------
    words : of the command line; no shell reads them
    folder : it runs in this one
    environment : all of it
    log : what it says goes here, whole
    title : what the user knows it by
    progress : told the percentage that it says; a `Cancelled` of it ends the program at once

    Raises
    ------
    FluoroPrintError
        It cannot be started, or it ends with a fault: its last line is told. The log stays then.
    Cancelled
        `progress` stopped the work.
    """
    process = _started(words, folder, environment, title)
    try:
        lines = _followed(process, log, title, progress)
        code = process.wait()
    finally:
        end_with_children(process)  # its workers may be waiting still, after a fault above all
    if code != 0:
        raise FluoroPrintError(_fault(title, code, lines, log))
    return lines


def _started(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], title: str
) -> subprocess.Popen[bytes]:
    """Start a program in a group of processes of its own, without a window of its own."""
    group: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    try:
        return subprocess.Popen(
            list(words),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **group,
        )
    except OSError as error:
        raise FluoroPrintError(
            f"{title} cannot be started: {words[0]} is no program that runs here."
        ) from error


def _followed(process: subprocess.Popen[bytes], log: Path, title: str, progress: Progress) -> list[str]:
    """Read what a program says until it ends; report often, also while it says nothing."""
    said: queue.Queue[bytes | None] = queue.Queue()
    assert process.stdout is not None
    threading.Thread(target=_read, args=(process.stdout, said), daemon=True).start()
    tail, fraction = "", 0.0
    with log.open("wb") as written:
        for chunk in _chunks(said, process):
            written.write(chunk)
            tail = (tail + chunk.decode("utf-8", "replace"))[-LONGEST_TAIL:]
            percents = _PERCENT.findall(tail)
            fraction = min(int(percents[-1]) / 100.0, 1.0) if percents else fraction
            progress(fraction, title)
    return [line.strip() for line in _BREAKS.split(_COLOURS.sub("", tail)) if line.strip()]


def _read(stream: IO[bytes], said: queue.Queue[bytes | None]) -> None:
    with stream:
        while chunk := os.read(stream.fileno(), 1 << 16):
            said.put(chunk)
    said.put(None)


def _chunks(said: queue.Queue[bytes | None], process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Give what was said, nothing at each poll; end soon after the program, whatever its children do."""
    ended_at = None
    while True:
        try:
            chunk = said.get(timeout=POLL_S)
        except queue.Empty:
            chunk = b""
            ended_at = ended_at or (time.monotonic() if process.poll() is not None else None)
            if ended_at is not None and time.monotonic() - ended_at > GRACE_S:
                return
        if chunk is None:
            return
        yield chunk


def end_with_children(process: subprocess.Popen[bytes]) -> None:
    """End a program and all that it started: asked first, so that it can tidy up, then made to."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        process.wait()
    else:
        _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        while _group_lives(process) and time.monotonic() < deadline:
            time.sleep(POLL_S / 2)
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # none is left, or none but dead ones
        return


def _group_lives(process: subprocess.Popen[bytes]) -> bool:
    process.poll()  # a program that ended stays in its group until it was asked for
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _fault(title: str, code: int, lines: list[str], log: Path) -> str:
    if code in (-signal.SIGTERM, -9):
        return f"{title} was ended by the system, most often for lack of memory: its log is {log}."
    if any(NETWORK_SHUT in line for line in lines[-LAST_LINES:]):
        return (
            f"{title} wanted to fetch something, and the network is shut off for it: get the weights that it "
            f"lacks yourself; its log is {log}."
        )
    last = lines[-1][:LONGEST_TOLD].rstrip(".") if lines else f"code {code}"
    return f"{title} stopped with the fault “{last}”: its log is {log}."

"""The command line as its users meet it, in this process or in one of its own."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from FluoroPrintLib.__main__ import main

BALL_MM, BALL_HU = 25.0, 1200.0
RECONSTRUCTION = ("--voxel-mm", "3")
COMMAND = (sys.executable, "-m", "FluoroPrintLib")
LIBRARY = str(Path(__file__).resolve().parents[3] / "FluoroPrint")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """What it said on stderr beside its progress, of which a busy machine hears a line now and then."""
        return re.sub(r"^ *\d+ %.*\n", "", self.err, flags=re.MULTILINE)


def fluoroprint(*words: object) -> Done:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(word) for word in words])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def own_process(*words: object, **options: Any) -> Done:
    """Run a command in a process of its own."""
    made = subprocess.run(
        [*COMMAND, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
        **{"env": environment(), **options},
    )
    return Done(made.returncode, made.stdout, made.stderr)


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": LIBRARY, **more}


def contents(folder: Path) -> dict[str, str]:
    """Every file and folder below a folder, hidden ones too, with a digest of what it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


def sentence_of(done: Done, code: int = 2) -> str:
    """The one line that a command which did not work says."""
    assert (done.code, done.out) == (code, ""), done
    assert done.said.count("\n") == 1, done.err
    assert done.said.startswith("fluoroprint: "), done.err
    assert done.said.endswith(".\n"), done.err
    assert "Traceback" not in done.said
    return done.said.removeprefix("fluoroprint: ").strip()


@contextlib.contextmanager
def nothing_left_in(*folders: Path) -> Iterator[None]:
    """Hold that the block changes nothing in the folders."""
    before = [contents(folder) for folder in folders]
    yield
    assert [contents(folder) for folder in folders] == before


def refused(folder: Path, *words: object, by: Callable[..., Done] = fluoroprint) -> str:
    """Run a command that must be refused; nothing may be left in `folder`. Return what it says."""
    with nothing_left_in(folder):
        return sentence_of(by(*words))

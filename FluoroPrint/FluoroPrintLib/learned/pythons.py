"""Which Python holds a package of learned models, what it says of it, and the surroundings it runs in."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..programs import outside_environment, run_program
from ..progress import Progress, silent

PYTHON_VARIABLE = "FLUOROPRINT_LEARNED_PYTHON"
NOWHERE = "http://127.0.0.1:9"
"""A proxy that refuses every connection (the discard port of this machine): nothing is fetched or sent."""
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")
"""Slicer's launcher puts its own libraries there, which another Python must not load."""
_PROBE = """\
import importlib.metadata as m, importlib.util as u, json, sys
package, distribution = sys.argv[1:3]
said = {"found": u.find_spec(package) is not None, "version": "", "cuda": False, "mps": False}
if said["found"]:
    try:
        said["version"] = m.version(distribution)
    except m.PackageNotFoundError:
        pass
    try:
        import torch
        said["cuda"] = torch.cuda.is_available()
        said["mps"] = torch.backends.mps.is_available()
    except ImportError:
        pass
print("\\n" + json.dumps(said))
"""


@dataclass(frozen=True)
class Package:
    """A package that runs models.

    Attributes
    ----------
    title : for people
    name : what Python imports
    distribution : what pip installs
    command : what it adds to the path
    extension : the extension of Slicer that installs it
    """

    title: str
    name: str
    distribution: str
    command: str
    extension: str


NNUNET = Package("nnU-Net", "nnunetv2", "nnunetv2", "nnUNetv2_predict_from_modelfolder", "NNUNet")
TOTALSEGMENTATOR = Package(
    "TotalSegmentator", "totalsegmentator", "TotalSegmentator", "TotalSegmentator", "TotalSegmentator"
)


@dataclass(frozen=True)
class Interpreter:
    """A Python that holds a package.

    Attributes
    ----------
    path : its executable
    own : whether it is the one that runs this
    """

    path: str
    own: bool


def find_interpreter(package: Package, python: str | None = None) -> Interpreter:
    """Return the Python to run a package with: the one named, this one, or that of the command on the path.

    Nothing is started, so that a window may ask often.

    Raises
    ------
    FluoroPrintError
        There is none; the sentence says what to install.
    """
    named = python or os.environ.get(PYTHON_VARIABLE)
    if named:
        found = shutil.which(os.path.expanduser(named))
        if found is None:
            raise FluoroPrintError(f"{named} is no program: name the Python that holds {package.title}.")
        return Interpreter(os.path.abspath(found), own=False)
    own = own_python()
    if own is not None and importlib.util.find_spec(package.name) is not None:
        return Interpreter(own, own=True)
    beside = _python_beside(shutil.which(package.command))
    if beside is not None:
        return Interpreter(beside, own=False)
    raise FluoroPrintError(lacking(package))


def lacking(package: Package) -> str:
    """Return the sentence for a package that is not installed."""
    return (
        f"{package.title} is not installed: in Slicer install the extension {package.extension} and run it "
        f"once, elsewhere `pip install {package.distribution}`, or name a Python that holds it."
    )


def own_python() -> str | None:
    """Return the executable of this Python; in Slicer's window, of the PythonSlicer beside it."""
    if "python" in Path(sys.executable or "").name.lower():
        return sys.executable
    return shutil.which("PythonSlicer")


def _python_beside(command: str | None) -> str | None:
    """Return the Python of the environment that a command lies in; conda's lies one above on Windows."""
    if command is None:
        return None
    places = (Path(command).parent, Path(command).resolve().parent, Path(command).parent.parent)
    names = ("python.exe",) if sys.platform == "win32" else ("python3", "python")
    files = (place / name for place in places for name in names)
    return next((str(file) for file in files if file.is_file()), None)


def surroundings(interpreter: Interpreter, folder: Path, **more: str) -> dict[str, str]:
    """Return the environment for a package: no network, all temporary files in one folder.

    Parameters
    ----------
    interpreter : runs the package
    folder : for its temporary files
    more : further variables
    """
    inherited = dict(os.environ) if interpreter.own else outside_environment()
    kept = {name: value for name, value in inherited.items() if name.lower() not in (*PROXIES, "no_proxy")}
    proxies = {spelled: NOWHERE for name in PROXIES for spelled in (name, name.upper())}
    temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(folder))
    settings = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "HF_HUB_OFFLINE": "1"}
    return kept | proxies | temporary | settings | more


def ask(
    interpreter: Interpreter, code: str, words: tuple[str, ...], folder: Path, log: Path, title: str
) -> Any:
    """Run a few lines of Python there and return what they print last, as JSON.

    Raises
    ------
    FluoroPrintError
        They fail, or print something else.
    """
    line = [interpreter.path, "-c", code, *words]
    lines = run_program(line, folder, surroundings(interpreter, folder), log, title, silent)
    try:
        return json.loads(lines[-1])
    except (IndexError, ValueError) as error:
        raise FluoroPrintError(
            f"{interpreter.path} does not answer as a Python: name another one."
        ) from error


def probe(
    interpreter: Interpreter, package: Package, folder: Path, log: Path, progress: Progress
) -> Mapping[str, Any]:
    """Ask a Python for a package: its version, and the devices that its torch can use.

    Raises
    ------
    FluoroPrintError
        It does not hold the package.
    """
    progress(0.0, f"Asking for {package.title}")
    said: dict[str, Any] = ask(
        interpreter, _PROBE, (package.name, package.distribution), folder, log, package.title
    )
    if not said.get("found"):
        raise FluoroPrintError(f"{interpreter.path} holds no {package.title}: {lacking(package)}")
    return said


def device_for(chosen: str, said: Mapping[str, Any]) -> str:
    """Return "cuda", "mps" or "cpu": the one chosen, or the fastest there is.

    Raises
    ------
    FluoroPrintError
        The one chosen is not there.
    """
    if chosen == "auto":
        return "cuda" if said.get("cuda") else "cpu"
    device = {"gpu": "cuda"}.get(chosen, chosen)
    if device != "cpu" and not said.get(device):
        raise FluoroPrintError(f"torch there finds no device {chosen}: choose auto or cpu.")
    return device

"""The extension as a zip for "Install from file" of Slicer's Extensions Manager: `make package`.

Slicer's own build needs CMake and Slicer's build tree. A package of scripted modules needs neither: the files
that the modules' CMakeLists.txt list, in the folders where Slicer looks, and a description of the extension.
docs/packaging.md says what Slicer makes of it.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import cmake_lists
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.atomic import written_whole

REPOSITORY = Path(__file__).resolve().parent.parent
LICENCE = "LICENSE.txt"
FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)
READABLE_FILE = 0o100644
MADE_ON_UNIX = 3
DESCRIBED = ("DEPENDS", "HOMEPAGE", "CONTRIBUTORS", "ICONURL", "DESCRIPTION", "SCREENSHOTURLS", "KEYWORDS")
"""The settings EXTENSION_... that the description takes over."""
UNKNOWN = "NA"
"""What Slicer writes for what it does not know."""


def project_name(repository: Path = REPOSITORY) -> str:
    """Return the extension's name."""
    return _found(r"^project\((\w+)\)$", repository / "CMakeLists.txt")


def version(repository: Path = REPOSITORY) -> str:
    """Return the project's version."""
    return _found(r'^version = "(.+)"$', repository / "pyproject.toml")


def slicer_version(repository: Path = REPOSITORY) -> str:
    """Return the oldest Slicer that the project runs with: "5.12"."""
    return _found(r'"slicer-core>=(\d+\.\d+)"', repository / "pyproject.toml")


def _found(pattern: str, file: Path) -> str:
    found = re.search(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise FluoroPrintError(f"{file.name} has no line that matches {pattern}: the package needs it")
    return found.group(1)


def extension_setting(name: str, repository: Path = REPOSITORY) -> str:
    """Return the value of `set(EXTENSION_<name> ...)` as one line, without its quotes."""
    value = _found(rf"^set\(EXTENSION_{name}\s+(.*)\)$", repository / "CMakeLists.txt")
    return " ".join(value.strip('"').split())


def revision(repository: Path = REPOSITORY) -> str:
    """Return the commit that is packaged, with "-dirty" where files differ from it; NA outside git."""
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        told = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN
    return told.stdout.strip()


def description(repository: Path = REPOSITORY) -> str:
    """Return the text of the extension's .s4ext file: a line a fact, the key first."""
    catalog = json.loads((repository / f"{project_name(repository)}.json").read_text(encoding="utf-8"))
    facts = {
        "scm": catalog.get("scm_type", "git"),
        "scmurl": catalog["scm_url"],
        "scmrevision": revision(repository),
        "category": catalog["category"],
        "tier": str(catalog["tier"]),
        "enabled": "1",
    }
    for name in DESCRIBED:
        facts[name.lower()] = extension_setting(name, repository)
    return "".join(f"{key} {value}\n" for key, value in facts.items())


def module_files(repository: Path = REPOSITORY) -> dict[str, Path]:
    """Return the listed files of all modules, by their place in the one folder that modules share.

    Raises
    ------
    FluoroPrintError
        A listed file is missing, or two would lie in the same place.
    """
    files: dict[str, Path] = {}
    taken: set[str] = set()
    for folder in cmake_lists.module_folders(repository):
        for place in _listed(folder):
            _refuse_missing(folder / place, repository)
            _refuse_taken(place, taken)
            files[place] = folder / place
    return files


def _listed(folder: Path) -> list[str]:
    text = (folder / "CMakeLists.txt").read_text(encoding="utf-8")
    variables = (cmake_lists.SCRIPTS, cmake_lists.RESOURCES)
    return [file for variable in variables for file in cmake_lists.listed_files(text, variable)]


def _refuse_missing(file: Path, repository: Path) -> None:
    if not file.is_file():
        raise FluoroPrintError(
            f"{file.relative_to(repository).as_posix()} is listed in its module's CMakeLists.txt and does "
            "not exist: restore it or run 'make cmake-lists'"
        )


def _refuse_taken(place: str, taken: set[str]) -> None:
    # Windows and macOS hold names for equal that differ by case alone.
    if place.casefold() in taken:
        raise FluoroPrintError(f"{place} is listed by two modules, which share one folder: rename one")
    taken.add(place.casefold())


def package_name(slicer: str, mac_revision: str | None = None, repository: Path = REPOSITORY) -> str:
    """Return the name of the zip, without its ending."""
    name = f"{project_name(repository)}-{version(repository)}-Slicer-{slicer}"
    return f"{name}-macOS-{mac_revision}" if mac_revision else name


def layout(slicer: str, mac_revision: str | None = None, repository: Path = REPOSITORY) -> dict[str, bytes]:
    """Return the content of every file of the package by its path, sorted.

    Parameters
    ----------
    slicer : "5.12": names the folders in which that Slicer looks
    mac_revision : revision of the Slicer on macOS that shall take the package; None for Windows and Linux
    """
    name, top = project_name(repository), package_name(slicer, mac_revision, repository)
    # On macOS Slicer looks for its own revision below the top folder and takes nothing else.
    root = f"{top}/Slicer.app/Contents/Extensions-{mac_revision}/{name}" if mac_revision else top
    share = f"{root}/share/Slicer-{slicer}"
    files = {
        f"{share}/{name}.s4ext": description(repository).encode(),
        f"{share}/{name}-{LICENCE}": (repository / LICENCE).read_bytes(),
    }
    for place, file in module_files(repository).items():
        files[f"{root}/lib/Slicer-{slicer}/qt-scripted-modules/{place}"] = file.read_bytes()
    return dict(sorted(files.items()))


def write_package(
    folder: Path, slicer: str, mac_revision: str | None = None, repository: Path = REPOSITORY
) -> Path:
    """Write the zip into a folder, which is made where it is missing; return its path.

    The same files make the same zip: they are sorted, and all of one date.
    """
    files = layout(slicer, mac_revision, repository)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{package_name(slicer, mac_revision, repository)}.zip"
    with written_whole(path) as temporary, zipfile.ZipFile(temporary, "w") as package:
        for name, content in files.items():
            package.writestr(_entry(name), content, zipfile.ZIP_DEFLATED)
    return path


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, FIRST_DAY_OF_ZIP)
    entry.create_system, entry.external_attr = MADE_ON_UNIX, READABLE_FILE << 16
    return entry


def main(arguments: list[str] | None = None) -> int:
    """Write the package that the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build", help="folder for the zip")
    parser.add_argument("--slicer", type=_version, help="Slicer's version (default: the oldest that fits)")
    parser.add_argument("--mac-revision", type=_revision, help="for macOS: the revision of that Slicer")
    options = parser.parse_args(arguments)
    try:
        path = write_package(options.out, options.slicer or slicer_version(), options.mac_revision)
    except (FluoroPrintError, OSError) as fault:
        print(f"no package: {fault}", file=sys.stderr)
        return 1
    print(path)
    return 0


def _version(text: str) -> str:
    if not re.fullmatch(r"\d+\.\d+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no version such as 5.12")
    return text


def _revision(text: str) -> str:
    if not re.fullmatch(r"\w+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no revision such as 34045")
    return text


if __name__ == "__main__":
    sys.exit(main())

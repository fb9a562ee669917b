"""Slicing by CuraEngine where it and Cura's definition files are installed.

Like PrusaSlicer it returns 0 on a mesh with holes and on one higher than the printer: refuse both before.
The header of the G-code that it writes is a placeholder; what it says of time and filament is put there.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from ..errors import FluoroPrintError
from ..programs import outside_environment, run_program
from ..progress import Progress, silent
from .cura_profile import CuraSettings, cura_settings_of
from .machines import Material, Printer
from .settings import PrintSettings
from .slicers import Sliced

CURA_TITLE = "CuraEngine"
CURA_VARIABLE, DEFINITIONS_VARIABLE = "FLUOROPRINT_CURA_ENGINE", "CURA_ENGINE_SEARCH_PATH"
CURA_NAMES = ("CuraEngine", "curaengine")
DEFINITION = "fdmprinter.def.json"
_RESOURCES = Path("share") / "cura" / "resources"
_TIME = re.compile(r"Print time \(s\): (\d+)")
_FILAMENT = re.compile(r"Filament \(mm\^3\): (\d+)")
_PLACEHOLDER = re.compile(r"\A;FLAVOR:[^\n]*\n(?:;[^\n]*\n)+")


def find_cura() -> str | None:
    """Return where CuraEngine is: what FLUOROPRINT_CURA_ENGINE names, else what is on the path."""
    named = os.environ.get(CURA_VARIABLE)
    if named:
        return shutil.which(named)
    return next((found for found in map(shutil.which, CURA_NAMES) if found), None)


def required_cura() -> tuple[str, list[Path]]:
    """Return where CuraEngine is, and the folders of definition files.

    Raises
    ------
    FluoroPrintError
        The program or its definition files are not there.
    """
    found = find_cura()
    if found is None:
        raise FluoroPrintError(
            f"CuraEngine was not found: install it, or let the variable {CURA_VARIABLE} name its program."
        )
    folders = _folders_of_definitions(Path(found))
    if not any((folder / DEFINITION).is_file() for folder in folders):
        raise FluoroPrintError(
            f"Cura's file {DEFINITION} was not found: install Cura, or let the variable "
            f"{DEFINITIONS_VARIABLE} name its folder of definitions."
        )
    return found, folders


def _folders_of_definitions(program: Path) -> list[Path]:
    """Return the folders that may hold definitions: those named, and those beside the program."""
    named = [Path(folder) for folder in os.environ.get(DEFINITIONS_VARIABLE, "").split(os.pathsep) if folder]
    beside = program.resolve().parent.parent / _RESOURCES
    return [*named, beside / "definitions", beside / "extruders"]


def slice_by_cura(
    plate: Path,
    out: Path,
    printer: Printer,
    material: Material,
    settings: PrintSettings,
    *,
    progress: Progress = silent,
) -> Sliced:
    """Slice a plate whose parts lie where they are to be printed.

    Parameters
    ----------
    plate : STL, its origin in the middle of the bed; closed parts that fit, which is not checked here
    out : name of the result without suffix; .gcode is added
    printer, material, settings : what the settings are written from
    progress : called often; may stop it

    Raises
    ------
    FluoroPrintError
        CuraEngine is not there, does not know the technology, or fails.
    Cancelled
        `progress` stopped the work.
    """
    program, folders = required_cura()
    wanted = _words(cura_settings_of(printer, material, settings))
    definition = next(folder / DEFINITION for folder in folders if (folder / DEFINITION).is_file())
    made, log = out.with_name(f"{out.name}.gcode"), out.parent / f".{out.name}.log"
    # Those of the printer come first; the extruder has defaults of its own, which would stand above them.
    words = [program, "slice", "-v", "-j", str(definition.absolute()), *wanted, "-e0", *wanted]
    words += ["-o", str(made.absolute()), "-l", str(plate.absolute())]
    environment = {**outside_environment(), DEFINITIONS_VARIABLE: os.pathsep.join(map(str, folders))}
    try:
        lines = run_program(words, out.parent, environment, log, CURA_TITLE, progress)
        said = "\n".join(lines)
    finally:
        log.unlink(missing_ok=True)
    return _read(made, said)


def _words(settings: CuraSettings) -> list[str]:
    told = {
        name: str(value).lower() if isinstance(value, bool) else value for name, value in settings.items()
    }
    return [word for name, value in told.items() for word in ("-s", f"{name}={value}")]


def _read(made: Path, said: str) -> Sliced:
    """Take time and filament from what was said, and tell them in the G-code's header too."""
    time, filament = _TIME.search(said), _FILAMENT.search(said)
    if time is None or filament is None or not made.is_file() or made.stat().st_size == 0:
        raise FluoroPrintError(f"{CURA_TITLE} made no print of the plate: open the 3MF file in Cura.")
    text = made.read_text(encoding="utf-8")
    header = f";FLAVOR:Marlin\n;TIME:{time.group(1)}\n;Filament used: {filament.group(1)} mm3\n"
    made.write_text(_PLACEHOLDER.sub(header, text), encoding="utf-8", newline="\n")
    return Sliced(made, float(time.group(1)), float(filament.group(1)) / 1000, CURA_TITLE)

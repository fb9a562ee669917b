"""Slicing by PrusaSlicer where it is installed: a program of its own, run in a folder that is thrown away.

It returns 0 on a mesh with holes and on one higher than the printer, so both are to be refused before.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ..errors import FluoroPrintError
from ..programs import outside_environment, run_program
from ..progress import Progress, silent
from .machines import VAT, Material, Printer
from .profile import profile_of, profile_text
from .settings import PrintSettings

VARIABLE = "FLUOROPRINT_PRUSA_SLICER"
NAMES = ("prusa-slicer", "PrusaSlicer", "prusa-slicer-console")
TITLE = "PrusaSlicer"
TAIL_BYTES = 1 << 16
_DURATION = re.compile(r"(\d+)([dhms])")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


@dataclass(frozen=True)
class Sliced:
    """What a slicing program made.

    Attributes
    ----------
    path : G-code, or an SL1 archive
    seconds : how long it says that the print takes
    volume_ml : filament or resin, supports counted
    program : what it is called
    """

    path: Path
    seconds: float
    volume_ml: float
    program: str = TITLE


def find_slicer() -> str | None:
    """Return where PrusaSlicer is: what FLUOROPRINT_PRUSA_SLICER names, else what is on the path."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    return next((found for found in map(shutil.which, NAMES) if found), None)


def required_slicer() -> str:
    """Return where PrusaSlicer is; FluoroPrintError where it is not."""
    found = find_slicer()
    if found is None:
        raise FluoroPrintError(
            f"PrusaSlicer was not found: install it, or let the variable {VARIABLE} name its program."
        )
    return found


def slice_plate(
    plate: Path,
    out: Path,
    printer: Printer,
    material: Material,
    settings: PrintSettings,
    *,
    own_profile: Path | None = None,
    progress: Progress = silent,
) -> Sliced:
    """Slice a plate whose parts lie where they are to be printed.

    Parameters
    ----------
    plate : 3MF or STL in the coordinates of the bed; closed parts that fit, which is not checked here
    out : name of the result without suffix; .gcode or .sl1 is added
    printer, material, settings : what the profile is written from
    own_profile : an .ini file of PrusaSlicer whose values stand above those
    progress : told how far the program says it is; may stop it

    Raises
    ------
    FluoroPrintError
        PrusaSlicer is not there, does not know the technology, or fails.
    Cancelled
        `progress` stopped the work.
    """
    program = required_slicer()
    profile = profile_of(printer, material, settings)
    if own_profile is not None and not own_profile.is_file():
        raise FluoroPrintError(f"{own_profile} does not exist: check the name of the profile.")
    is_vat = printer.technology == VAT
    made = out.with_name(f"{out.name}.sl1" if is_vat else f"{out.name}.gcode")
    folder = out.parent
    ini, log = folder / f".{out.name}.ini", folder / f".{out.name}.log"
    try:
        ini.write_text(profile_text(profile), encoding="utf-8")
        loads = [word for path in (ini, own_profile) if path for word in ("--load", str(path.absolute()))]
        words = [program, "--export-sla" if is_vat else "--export-gcode", *loads, "--dont-arrange"]
        words += ["-o", str(made.absolute()), str(plate.absolute())]
        lines = run_program(words, folder, outside_environment(), log, TITLE, progress)
        _refuse_unmade(made, lines)
    finally:
        ini.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
    return _read_resin(made) if is_vat else _read_filament(made)


def _refuse_unmade(made: Path, lines: list[str]) -> None:
    """PrusaSlicer returns 0 also where it wrote nothing."""
    if not made.is_file() or made.stat().st_size == 0:
        last = lines[-1].rstrip(".") if lines else "it said nothing"
        raise FluoroPrintError(f"{TITLE} made no file of the plate ({last}): open the 3MF file in it.")


def _read_filament(path: Path) -> Sliced:
    """Read time and filament from the comments at the end of G-code."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read().decode("utf-8", "replace")
    volume = re.search(r"; filament used \[cm3\] = ([\d.]+)", tail)
    time = re.search(r"; estimated printing time \(normal mode\) = (.+)", tail)
    if volume is None or time is None:
        raise FluoroPrintError(f"{path.name} tells no time and filament: open the 3MF file in {TITLE}.")
    return Sliced(path, _seconds_of(time.group(1)), float(volume.group(1)))


def _seconds_of(words: str) -> float:
    """Return the seconds of "1d 9h 52m 3s"."""
    return float(sum(int(count) * _SECONDS[unit] for count, unit in _DURATION.findall(words)))


def _read_resin(path: Path) -> Sliced:
    """Read time and resin from the config.ini within an SL1 archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read("config.ini").decode("utf-8")
        config = configparser.ConfigParser(interpolation=None)
        config.read_string(f"[sl1]\n{text}")
        section = config["sl1"]
        return Sliced(path, float(section["printTime"]), float(section["usedMaterial"]))
    except (zipfile.BadZipFile, KeyError, ValueError, configparser.Error) as error:
        raise FluoroPrintError(
            f"{path.name} tells no time and resin: open the 3MF file in {TITLE}."
        ) from error

"""Which program slices: PrusaSlicer or CuraEngine, by choice or by what is installed."""

from __future__ import annotations

from .cura import find_cura, required_cura
from .cura_profile import cura_settings_of
from .machines import Material, Printer
from .profile import profile_of
from .settings import PrintSettings
from .slicers import find_slicer, required_slicer

PRUSA, CURA = "prusa-slicer", "cura-engine"
PROGRAMS = (PRUSA, CURA)


def slicing_program(wanted: str = "") -> str:
    """Return which program slices: the wanted one; else CuraEngine where it alone is installed."""
    return wanted or (CURA if find_slicer() is None and find_cura() is not None else PRUSA)


def refuse_unsliceable(program: str, printer: Printer, material: Material, settings: PrintSettings) -> None:
    """Refuse before the work what a program would refuse after it.

    Raises
    ------
    FluoroPrintError
        The program is not there, does not know the technology, or needs a figure that is not known.
    """
    if program == CURA:
        cura_settings_of(printer, material, settings)
        required_cura()
    else:
        profile_of(printer, material, settings)
        required_slicer()

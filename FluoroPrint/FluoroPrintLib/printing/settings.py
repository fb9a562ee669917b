"""How parts are filled and layered: what an estimate, a slicing program's profile and a check agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from .machines import Printer

LINE_PER_NOZZLE = 1.125
"""Width of an extruded line: 0.45 mm of a nozzle of 0.4 mm, as PrusaSlicer's profiles have it."""
SUPPORT_BELOW_DEG, SUPPORT_SPACING_MM = 45, 2
"""Supports stand below faces flatter than this; the room between their lines."""


@dataclass(frozen=True)
class PrintSettings(Parameters):
    """Settings of a print; walls and infill are for extrusion, other technologies print solid."""

    layer_mm: Annotated[
        float | None, Bounds(0.01, 1.0), Unit("mm"), Help("Thickness of a layer; the printer's unless given.")
    ] = None
    walls: Annotated[int, Bounds(1, 20), Help("Lines of a wall; as thick are top and bottom.")] = 2
    infill_percent: Annotated[float, Bounds(0.0, 100.0), Unit("%"), Help("Share of the inside filled.")] = (
        15.0
    )
    support: Annotated[bool, Help("Support overhangs.")] = True


def layer_of(printer: Printer, settings: PrintSettings) -> float | None:
    """Return the thickness of a layer in mm, None where neither the settings nor the printer tell."""
    return settings.layer_mm if settings.layer_mm is not None else printer.layer_mm


def required_layer(printer: Printer, settings: PrintSettings) -> float:
    """Return the thickness of a layer in mm; FluoroPrintError where nobody tells."""
    layer = layer_of(printer, settings)
    if layer is None:
        raise FluoroPrintError(f"The layer of {printer.title} is not known: give a layer height.")
    return layer


def line_width_mm(printer: Printer) -> float:
    """Return the width of an extruded line."""
    return LINE_PER_NOZZLE * (printer.nozzle_mm or 0.4)


def shell_mm(printer: Printer, settings: PrintSettings) -> float:
    """Return the thickness of the solid shell about the infill."""
    return settings.walls * line_width_mm(printer)

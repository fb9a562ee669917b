"""What stands against printing a part on a printer, or is to be looked at, each in words."""

from __future__ import annotations

from dataclasses import dataclass

from ..arrays import Float64Array
from ..mesh.check import MeshCheck
from ..mesh.fitness import Level
from .machines import EXTRUSION, POWDER, VAT, Material, Printer
from .orientation import OrientationTerms
from .settings import PrintSettings
from .walls import Thicknesses

LEAST_SHARE = 0.005
"""Of the surface: less is an edge that thins out, as every edge does."""
SPARSE_PERCENT = 100.0


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes
    ----------
    level : `Level.STOP` refuses slicing, `Level.LOOK` is for a person to judge
    text : a sentence or two: what it is, how much, what to do
    """

    level: Level
    text: str


def findings_of(
    check: MeshCheck, found: Thicknesses, terms: OrientationTerms, printer: Printer, material: Material
) -> tuple[Finding, ...]:
    """Return what was found of one part."""
    return (
        *_of_mesh(check),
        *_of_walls(found, printer, material),
        *_of_gaps(found, printer),
        *_of_cavities(check, printer),
        *_of_standing(terms, printer),
    )


def findings_of_material(
    printer: Printer, material: Material, settings: PrintSettings
) -> tuple[Finding, ...]:
    """Return what holds for all parts: sterilisation of parts that are not solid."""
    sparse = printer.technology == EXTRUSION and settings.infill_percent < SPARSE_PERCENT
    if not (sparse and any(material.sterilisation.values())):
        return ()
    text = (
        f"With {settings.infill_percent:g} % infill parts are hollow, and of hollow parts 20 to 30 % stayed "
        "contaminated after sterilisation in a study: print what shall be sterile solid (infill 100 %)."
    )
    return (Finding(Level.LOOK, text),)


def _of_mesh(check: MeshCheck) -> tuple[Finding, ...]:
    stops = not check.is_watertight or check.volume_mm3 <= 0 or check.inverted_shells > 0
    level = Level.STOP if stops else Level.LOOK
    return tuple(Finding(level, fault) for fault in check.faults)


def _of_walls(found: Thicknesses, printer: Printer, material: Material) -> tuple[Finding, ...]:
    least = max(printer.min_wall_mm, material.min_feature_mm)
    share = found.share_of_walls_under(least)
    if share < LEAST_SHARE:
        return ()
    text = (
        f"{_percent(share)} of the surface has walls under {least:g} mm, the least of {printer.title} with "
        f"{material.title}; the thinnest {_thinnest(found.walls_mm)}: thicken them or choose a finer printer."
    )
    return (Finding(Level.LOOK, text),)


def _of_gaps(found: Thicknesses, printer: Printer) -> tuple[Finding, ...]:
    share = found.share_of_gaps_under(printer.min_hole_mm)
    if share < LEAST_SHARE:
        return ()
    text = (
        f"{_percent(share)} of the surface faces a hole or gap under {printer.min_hole_mm:g} mm, the least "
        f"of {printer.title}; the narrowest {_thinnest(found.gaps_mm)}: it may close."
    )
    return (Finding(Level.LOOK, text),)


def _of_cavities(check: MeshCheck, printer: Printer) -> tuple[Finding, ...]:
    kept = {VAT: "resin", POWDER: "powder"}.get(printer.technology)
    if check.cavities == 0 or kept is None:
        return ()
    count = "a closed cavity" if check.cavities == 1 else f"{check.cavities} closed cavities"
    return (Finding(Level.LOOK, f"In {count} {kept} stays: fill it, or open a drain."),)


def _of_standing(terms: OrientationTerms, printer: Printer) -> tuple[Finding, ...]:
    if printer.technology != EXTRUSION or terms.stability_mm > 0:
        return ()
    text = "Its centre of mass is not above what rests on the bed: it stands by its supports, add a brim."
    return (Finding(Level.LOOK, text),)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _thinnest(ways_mm: Float64Array) -> str:
    return f"{ways_mm.min():.2f} mm"

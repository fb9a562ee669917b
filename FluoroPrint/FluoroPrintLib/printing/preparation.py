"""All that precedes slicing, in one: parts laid on beds, checked, and what they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..mesh.check import MeshCheck, check_mesh
from ..mesh.fitness import Level
from ..mesh.named import NamedSurface
from ..mesh.polydata import bounds_of, points_of, triangles_of
from ..progress import Progress, part_of, silent
from .estimates import Body, Estimate, estimate
from .findings import Finding, findings_of, findings_of_material
from .machines import Material, Printer, refuse_unfit
from .orientation import OrientationParameters
from .plate import PlacedPart, laid_out
from .settings import PrintSettings
from .walls import thicknesses

REACH = 3.0
"""Walls and gaps are measured up to this many times what the printer needs."""


@dataclass(frozen=True)
class PreparedPart:
    """A part on its bed, with what was found in it."""

    placed: PlacedPart
    check: MeshCheck
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class PrintJob:
    """Parts ready to be written and sliced.

    Attributes
    ----------
    printer, material, settings : what it was prepared for
    parts : in the order of the models
    estimates : of each plate
    findings : what holds for all parts
    """

    printer: Printer
    material: Material
    settings: PrintSettings
    parts: tuple[PreparedPart, ...]
    estimates: tuple[Estimate, ...]
    findings: tuple[Finding, ...]

    def on_plate(self, plate: int) -> tuple[PreparedPart, ...]:
        """Return the parts of a plate, counted from 0."""
        return tuple(part for part in self.parts if part.placed.plate == plate)


def prepare_print(
    models: Sequence[NamedSurface],
    printer: Printer,
    material: Material,
    orientation: OrientationParameters = OrientationParameters(),  # noqa: B008 - frozen
    settings: PrintSettings = PrintSettings(),  # noqa: B008 - frozen
    progress: Progress = silent,
) -> PrintJob:
    """Lay models on the beds of a printer, check each, estimate each bed.

    Parameters
    ----------
    models : surfaces in mm; they stay as they are
    printer, material : of the catalogue
    orientation : how ways to lie are weighed
    settings : layers, walls, infill, supports
    progress : told how far the work is

    Raises
    ------
    FluoroPrintError
        There is no model, the printer does not take the material, or a part does not fit.
    """
    if not models:
        raise FluoroPrintError("There is nothing to print: give a model.")
    refuse_unfit(printer, material)
    placed = laid_out(models, printer, orientation, part_of(progress, 0.0, 0.5))
    step = 0.5 / len(placed)
    parts = tuple(
        _prepared(part, printer, material, part_of(progress, 0.5 + number * step, 0.5 + (number + 1) * step))
        for number, part in enumerate(placed)
    )
    plates = 1 + max(part.plate for part in placed)
    bodies = [[_body(part) for part in parts if part.placed.plate == plate] for plate in range(plates)]
    estimates = tuple(estimate(each, printer, material, settings) for each in bodies)
    return PrintJob(
        printer, material, settings, parts, estimates, findings_of_material(printer, material, settings)
    )


def _prepared(part: PlacedPart, printer: Printer, material: Material, progress: Progress) -> PreparedPart:
    check = _check(part, part_of(progress, 0.0, 0.5))
    reach = REACH * max(printer.min_wall_mm, printer.min_hole_mm, material.min_feature_mm)
    points, triangles = points_of(part.surface), triangles_of(part.surface)
    measured = thicknesses(points, triangles, reach, progress=part_of(progress, 0.5, 1.0))
    found = findings_of(check, measured, part.orientation.terms, printer, material)
    return PreparedPart(part, check, found)


def _check(part: PlacedPart, progress: Progress) -> MeshCheck:
    """Return the check of a part as it lies; that of its model holds, the corners of its box aside."""
    known = getattr(part.source, "check", None)
    if not isinstance(known, MeshCheck):
        return check_mesh(part.surface, progress)
    low, high = bounds_of(points_of(part.surface))
    return replace(known, low_ras_mm=_triple(low), high_ras_mm=_triple(high))


def _triple(values: Float64Array) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return (x, y, z)


def _body(part: PreparedPart) -> Body:
    return Body(abs(part.check.volume_mm3), part.check.area_mm2, part.placed.orientation.terms)


def refuse_unprintable(job: PrintJob) -> None:
    """Refuse parts that are no solids: slicing programs print something of them all the same.

    Raises
    ------
    FluoroPrintError
        A part has a finding of the level STOP.
    """
    for part in job.parts:
        for finding in part.findings:
            if finding.level == Level.STOP:
                raise FluoroPrintError(
                    f'"{part.placed.name}" is no solid ({finding.text.rstrip(".")}): repair it first.'
                )

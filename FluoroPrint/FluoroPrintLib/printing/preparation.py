"""All that precedes slicing, in one: parts laid on beds, checked, and what they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..mesh.check import MeshCheck, check_mesh
from ..mesh.fitness import Level
from ..mesh.named import NamedSurface, material_of
from ..mesh.polydata import bounds_of, points_of, triangles_of
from ..progress import Progress, part_of, silent
from .estimates import Body, Estimate, estimate
from .findings import Finding, findings_of, findings_of_material
from .machines import EXTRUSION, JETTING, Material, Printer, material_called, refuse_unfit
from .orientation import OrientationParameters
from .paths import paths_of
from .plate import PlacedPart, laid_out
from .settings import PrintSettings
from .walls import thicknesses

REACH = 3.0
"""Walls and gaps are measured up to this many times what the printer needs."""


@dataclass(frozen=True)
class PreparedPart:
    """A part on its bed, with what was found in it, and what it is printed of."""

    placed: PlacedPart
    check: MeshCheck
    findings: tuple[Finding, ...]
    material: Material


@dataclass(frozen=True)
class PrintJob:
    """Parts ready to be written and sliced.

    Attributes
    ----------
    printer, material, settings : what it was prepared for; a part may have a material of its own
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

    def materials_on(self, plate: int) -> tuple[Material, ...]:
        """Return the materials of a plate: one, unless the printer jets several at once."""
        return tuple({part.material.id: part.material for part in self.on_plate(plate)}.values())

    @property
    def materials(self) -> tuple[Material, ...]:
        """The materials of all parts, in their order."""
        return tuple({part.material.id: part.material for part in self.parts}.values())


def prepare_print(
    models: Sequence[NamedSurface],
    printer: Printer,
    material: Material,
    orientation: OrientationParameters = OrientationParameters(),  # noqa: B008 - frozen
    settings: PrintSettings = PrintSettings(),  # noqa: B008 - frozen
    progress: Progress = silent,
    known: Sequence[Material] = (),
) -> PrintJob:
    """Lay models on the beds of a printer, check each, estimate each bed.

    Parts of different materials lie on different beds, but for printers that jet several at once.

    Parameters
    ----------
    models : surfaces in mm; they stay as they are
    printer, material : of the catalogue; the material is that of models which have none of their own
    orientation : how ways to lie are weighed
    settings : layers, walls, infill, supports
    progress : told how far the work is
    known : materials of the catalogue, among which the models' own are looked for

    Raises
    ------
    FluoroPrintError
        There is no model, the printer does not take a material, or a part does not fit.
    """
    if not models:
        raise FluoroPrintError("There is nothing to print: give a model.")
    refuse_unfit(printer, material)
    own = [own_material(model, known, printer) or material for model in models]
    groups = [""] * len(own) if printer.technology == JETTING else [each.id for each in own]
    placed = laid_out(models, printer, orientation, part_of(progress, 0.0, 0.5), groups)
    step = 0.5 / len(placed)
    parts = tuple(
        _prepared(part, printer, mine, part_of(progress, 0.5 + number * step, 0.5 + (number + 1) * step))
        for number, (part, mine) in enumerate(zip(placed, own, strict=True))
    )
    plates = 1 + max(part.plate for part in placed)
    bodies = [
        [_body(part, printer, settings) for part in parts if part.placed.plate == plate]
        for plate in range(plates)
    ]
    estimates = tuple(estimate(each, printer, _of_plate(each, material), settings) for each in bodies)
    found = dict.fromkeys(
        finding for part in parts for finding in findings_of_material(printer, part.material, settings)
    )
    unknown = tuple(
        _unknown(model.name, material_of(model), material)
        for model in models
        if material_of(model) and material_called(material_of(model), known) is None
    )
    return PrintJob(printer, material, settings, parts, estimates, (*found, *unknown))


def _unknown(name: str, wanted: str, material: Material) -> Finding:
    text = f'"{name}" names the material "{wanted}", which the catalogue does not know: it is taken as '
    return Finding(Level.LOOK, f"{text}{material.title}.")


def _of_plate(bodies: Sequence[Body], material: Material) -> Material:
    """Return the material that a plate's powder and times are of: of its first part."""
    return bodies[0].material or material


def own_material(model: NamedSurface, known: Sequence[Material], printer: Printer) -> Material | None:
    """Return the material that a model names; None where it names none, or one that is not known.

    Raises
    ------
    FluoroPrintError
        The printer does not take it.
    """
    found = material_called(material_of(model), known)
    if found is not None and printer.process not in found.processes:
        raise FluoroPrintError(
            f'"{model.name}" is of {found.title}, which {printer.title} ({printer.process}) does not print: '
            "choose another material for it, or print it apart."
        )
    return found


def _prepared(part: PlacedPart, printer: Printer, material: Material, progress: Progress) -> PreparedPart:
    check = _check(part, part_of(progress, 0.0, 0.5))
    reach = REACH * max(printer.min_wall_mm, printer.min_hole_mm, material.min_feature_mm)
    points, triangles = points_of(part.surface), triangles_of(part.surface)
    measured = thicknesses(points, triangles, reach, progress=part_of(progress, 0.5, 1.0))
    found = findings_of(check, measured, part.orientation.terms, printer, material)
    return PreparedPart(part, check, found, material)


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


def _body(part: PreparedPart, printer: Printer, settings: PrintSettings) -> Body:
    surface, paths = part.placed.surface, None
    if printer.technology == EXTRUSION:
        paths = paths_of(points_of(surface), triangles_of(surface), printer, settings)
    return Body(abs(part.check.volume_mm3), part.placed.orientation.terms, part.material, paths)


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

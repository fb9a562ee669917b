"""What the commands `print` and `printers` do."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FluoroPrintError
from ..progress import Progress, part_of, silent
from .dressing import dressed
from .faults import naming
from .options import parameters_from

if TYPE_CHECKING:
    from ..mesh.named import NamedModel
    from ..printing.estimates import Estimate
    from ..printing.machines import Material, Printer
    from ..printing.orientation import OrientationParameters
    from ..printing.preparation import PreparedPart, PrintJob
    from ..printing.settings import PrintSettings
    from ..printing.slicers import Sliced

Lines = list[str]
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class WrittenPlate:
    """A file of a plate that was written, and what is to be said of it."""

    path: Path
    words: str = ""

    @property
    def line(self) -> str:
        """What the terminal tells."""
        return f"Wrote {self.path} ({self.words})" if self.words else f"Wrote {self.path}"


def print_models(arguments: argparse.Namespace, progress: Progress) -> Lines:
    """Lay models on beds, check and estimate them; write the plates and slice them where asked."""
    from ..catalog.machines import read_catalogue
    from ..printing.orientation import OrientationParameters
    from ..printing.preparation import prepare_print
    from ..printing.settings import PrintSettings

    orientation = parameters_from(arguments, OrientationParameters)
    settings = parameters_from(arguments, PrintSettings)
    catalogue = read_catalogue(arguments.catalogue)
    printer, material = catalogue.printer(arguments.printer), catalogue.material(arguments.material)
    if arguments.slice and arguments.out is None:
        raise FluoroPrintError("Slicing needs a folder for its files: add --out FOLDER.")
    slicing = slicing_of(arguments)
    refuse_unsliceable(printer, material, settings, slicing)
    models = dressed(read_named(arguments.input), arguments.materials, catalogue)
    ended = 0.5 if arguments.slice else 0.95
    share = part_of(progress, 0.0, ended)
    job = prepare_print(models, printer, material, orientation, settings, share, catalogue.materials)
    lines = [*_heading(job), *_table_of_parts(job, orientation), *_plates(job), *_findings(job)]
    if arguments.out is None:
        return lines
    written = write_plates(
        job,
        arguments.out,
        slicing=slicing,
        progress=part_of(progress, ended, 1.0),
    )
    return [*lines, *(each.line for each in written)]


@dataclass(frozen=True)
class Slicing:
    """How plates are sliced.

    Attributes
    ----------
    program : of `printing.slicing.PROGRAMS`; "" takes what is installed
    profile : an .ini file of PrusaSlicer whose values stand above ours
    """

    program: str = ""
    profile: Path | None = None


def slicing_of(arguments: argparse.Namespace) -> Slicing | None:
    """Return how a command is to slice, None where it is not.

    Raises
    ------
    FluoroPrintError
        A profile of PrusaSlicer is given to another program.
    """
    from ..printing.slicing import CURA

    if not arguments.slice:
        return None
    program = arguments.slicer or ""
    if arguments.profile is not None and program == CURA:
        raise FluoroPrintError("--profile is for PrusaSlicer: leave it out, or leave out --slicer.")
    return Slicing(program, arguments.profile)


def refuse_unsliceable(
    printer: Printer, material: Material, settings: PrintSettings, slicing: Slicing | None
) -> None:
    """Refuse before the work what slicing would refuse after it.

    Raises
    ------
    FluoroPrintError
        The printer does not take the material; or, where it is to be sliced, the program cannot.
    """
    from ..printing.machines import refuse_unfit
    from ..printing.slicing import refuse_unsliceable as refuse

    refuse_unfit(printer, material)
    if slicing is not None:
        refuse(program_of(slicing), printer, material, settings)


def program_of(slicing: Slicing) -> str:
    """Return which program slices; a profile of PrusaSlicer asks for that."""
    from ..printing.slicing import PRUSA, slicing_program

    return PRUSA if slicing.profile is not None else slicing_program(slicing.program)


def read_named(paths: Sequence[Path]) -> list[NamedModel]:
    """Read all models; give those of equal names numbers, so that a table tells them apart."""
    from ..files.plates import read_models
    from ..mesh.named import NamedModel

    models = []
    for path in paths:
        with naming(path):
            models += read_models(path)
    counts, seen = Counter(model.name for model in models), Counter[str]()
    named = []
    for model in models:
        seen[model.name] += 1
        name = f"{model.name} {seen[model.name]}" if counts[model.name] > 1 else model.name
        named.append(NamedModel(name, model.colour, model.surface, model.warnings, model.material))
    return named


def _heading(job: PrintJob) -> Lines:
    printer = job.printer
    return [
        f"Printer   {printer.title}: {printer.process} ({printer.technology}, ISO/ASTM 52900), "
        f"{printer.size_words}",
        *(
            f"Material  {material.title}: {material.kind}; sterilisation: {material.sterilisation_words}"
            for material in job.materials
        ),
    ]


def _table_of_parts(job: PrintJob, orientation: OrientationParameters) -> Lines:
    heads = ("Part", "Plate", "Size as it lies", "Support", "Rests on", "Within its base", "Score")
    rows = [_row(part) for part in job.parts]
    told = [f"Of {job.parts[0].placed.orientation.candidates} ways to lie the best was taken: score = "]
    if job.printer.needs_support:
        told[0] += (
            f"{orientation.support_weight:g} x support / surface + {orientation.height_weight:g} x height / "
            f"length + {orientation.stability_weight:g} x unsteadiness."
        )
    else:
        told[0] += "height / length, since powder supports all."
    return ["", *aligned([heads, *rows]), *(told if orientation.orient else ()), ""]


def _row(part: PreparedPart) -> Sequence[str]:
    placed, terms = part.placed, part.placed.orientation.terms
    size = " x ".join(f"{edge:.1f}" for edge in placed.size_mm)
    return (
        placed.name,
        str(placed.plate + 1),
        f"{size} mm",
        f"{terms.support_mm2:.0f} mm2",
        f"{terms.rest_mm2:.0f} mm2",
        f"{terms.stability_mm:.1f} mm",
        f"{placed.orientation.score:.3f}",
    )


def aligned(rows: Rows) -> Lines:
    """Return rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _plates(job: PrintJob) -> Lines:
    several = len(job.materials) > 1
    return [
        f"Plate {number + 1}{_of(job.materials_on(number)) if several else ''}: about {_taken(each)}"
        for number, each in enumerate(job.estimates)
    ]


def _of(materials: Sequence[Material]) -> str:
    return f" ({', '.join(material.title for material in materials)})"


def _taken(each: Estimate) -> str:
    """Return what a plate takes: what is not known is left out, or said where one would look for it."""
    from ..printing.estimates import duration

    told = [f"{each.material_ml:.1f} ml ({each.support_ml:.1f} ml of it supports)"]
    told.append("mass not known" if each.mass_g is None else f"{each.mass_g:.1f} g")
    if each.waste_g is not None:
        told.append(f"{each.waste_g:.0f} g of powder to be replaced")
    if each.cost is not None:
        years = {share.material.cost.year for share in each.shares if share.material.cost is not None}
        priced = " and ".join(f"{year:g}" for year in sorted(years))
        told.append(f"{each.cost:.2f} {each.currency} of material (price of {priced})")
    else:
        told.append("cost not known")
    told.append("time not known" if each.seconds is None else duration(each.seconds))
    if len(each.shares) > 1:
        told += [share.words for share in each.shares]
    errors = ""
    if each.material_error is not None and each.time_error is not None:
        errors = f"; {100 * each.material_error:.0f} % off in material, {100 * each.time_error:.0f} % in time"
        errors += f" at most where {each.compared} were compared with PrusaSlicer"
    return ", ".join(told) + errors + "."


def _findings(job: PrintJob) -> Lines:
    from ..mesh.fitness import Level

    words = {Level.STOP: "Fault", Level.LOOK: "Note"}
    told = [f"{words[each.level]}: {each.text}" for each in job.findings]
    for part in job.parts:
        told += [f"{words[each.level]}: {part.placed.name}: {each.text}" for each in part.findings]
    return told


def write_plates(
    job: PrintJob,
    folder: Path,
    *,
    slicing: Slicing | None = None,
    progress: Progress = silent,
) -> tuple[WrittenPlate, ...]:
    """Write a 3MF file for each plate, and its slices where wanted, into a folder: all or nothing.

    Parameters
    ----------
    job : of `prepare_print`
    folder : made where it is missing
    slicing : how the plates are sliced too; None: they are not
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        A part is no solid, the folder cannot be written, or the slicing fails.
    Cancelled
        `progress` stopped the work.
    """
    from ..printing.estimates import duration
    from ..printing.preparation import refuse_unprintable
    from .output_folder import filled_whole

    refuse_unprintable(job)
    names = plate_names(job)
    written = []
    with filled_whole(folder, names) as staging:
        made = plates_into(job, staging, slicing, progress)
    for name, sliced in made:
        written.append(WrittenPlate(folder / name))
        if sliced is not None:
            words = f"{sliced.program}: {sliced.volume_ml:.1f} ml, {duration(sliced.seconds)}"
            written.append(WrittenPlate(folder / sliced.path.name, words))
    return tuple(written)


def plate_names(job: PrintJob) -> list[str]:
    """Return the names of the plates' files."""
    return [f"plate-{number + 1}.3mf" for number in range(len(job.estimates))]


def plates_into(
    job: PrintJob, folder: Path, slicing: Slicing | None, progress: Progress
) -> list[tuple[str, Sliced | None]]:
    """Write a 3MF file for each plate, and its slices where wanted; return their names and what was sliced.

    Parameters
    ----------
    job : of printable parts
    folder : gets the files
    slicing : how to slice each plate; None: not at all
    progress : told how far the work is
    """
    from ..files.plates import write_plate

    names, made = plate_names(job), []
    for number, name in enumerate(names):
        share = part_of(progress, number / len(names), (number + 1) / len(names))
        share(0.0, f"Writing {name}")
        path = folder / name
        write_plate(path, [part.placed for part in job.on_plate(number)], path.stem)
        made.append((name, None if slicing is None else _sliced(job, number, path, slicing, share)))
    return made


def _sliced(job: PrintJob, number: int, plate: Path, slicing: Slicing, progress: Progress) -> Sliced:
    """Slice a plate whose 3MF file was written."""
    from ..files.plates import write_stl_of_plate
    from ..printing.cura import slice_by_cura
    from ..printing.slicers import slice_plate
    from ..printing.slicing import CURA

    machine, out = (job.printer, job.materials_on(number)[0], job.settings), plate.with_suffix("")
    if program_of(slicing) != CURA:
        return slice_plate(plate, out, *machine, own_profile=slicing.profile, progress=progress)
    stl, (width, depth) = plate.with_name(f".{plate.stem}.stl"), job.printer.bed_mm
    try:
        write_stl_of_plate(stl, [part.placed for part in job.on_plate(number)], (width / 2, depth / 2))
        return slice_by_cura(stl, out, *machine, progress=progress)
    finally:
        stl.unlink(missing_ok=True)


def list_catalogue(arguments: argparse.Namespace, progress: Progress) -> Lines:
    """List printers and materials; of one of them tell everything, with its sources."""
    from ..catalog.machines import read_catalogue

    catalogue = read_catalogue(arguments.catalogue)
    if arguments.input is None:
        return [*_printers(catalogue.printers), "", *_materials(catalogue.materials)]
    name = str(arguments.input)
    entries: tuple[Printer | Material, ...] = (*catalogue.printers, *catalogue.materials)
    for each in entries:
        if each.id == name:
            return aligned(list(_facts(each)))
    raise FluoroPrintError(f"There is no printer or material {name}: fluoroprint printers lists them.")


def _printers(printers: Sequence[Printer]) -> Lines:
    heads = ("Printer", "", "Process", "Bed and height", "Wall", "Hole", "Clearance")
    rows = [
        (
            *(each.id, each.title, f"{each.process}, {each.technology}", each.size_words),
            *(f"{value:g} mm" for value in (each.min_wall_mm, each.min_hole_mm, each.clearance_mm)),
        )
        for each in printers
    ]
    return aligned([heads, *rows])


def _materials(materials: Sequence[Material]) -> Lines:
    heads = ("Material", "", "Kind", "For", "Density", "Price", "Sterilisation")
    rows = [
        (
            *(each.id, each.title, each.kind, ", ".join(each.processes)),
            "not known" if each.density_g_cm3 is None else f"{each.density_g_cm3:g} g/cm3",
            _price(each),
            each.sterilisation_words,
        )
        for each in materials
    ]
    return aligned([heads, *rows])


def _price(material: Material) -> str:
    cost = material.cost
    if cost is None:
        return "not known"
    return f"{cost.amount:g} {cost.currency}/{cost.per} ({cost.year:g})"


def _facts(each: Printer | Material) -> Iterator[tuple[str, str]]:
    from dataclasses import fields

    for field in fields(each):
        value = getattr(each, field.name)
        if field.name == "sources":
            yield from ((f"source of {name}", text) for name, text in value.items())
        elif field.name == "cost":
            yield "cost", _price(each)  # type: ignore[arg-type]
        elif field.name == "sterilisation":
            yield "sterilisation", each.sterilisation_words  # type: ignore[union-attr]
        elif value is not None:
            yield field.name, " x ".join(map(str, value)) if isinstance(value, tuple) else str(value)

"""The print sheet: one HTML file that goes with a print, to read, to print on A4, and to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..mesh.fitness import Level
from ..mesh.named import NamedSurface
from ..printing.estimates import Share
from ..printing.findings import Finding
from ..printing.settings import layer_of
from ..printing.slicers import TITLE
from ..progress import Progress, part_of, silent
from .case import INTENDED_USE
from .markup import Markup, element, facts, figure, joined, section, table
from .plots import shown_seconds
from .print_record import PartFacts, PlateFacts, PrintRecord, sliced_mass_g
from .sheet_caliper import caliper_section
from .sheet_forms import cleaning_section, files_section, footer, registry_section, signing_section
from .sheet_style import SHEET_STYLE
from .stylesheet import STYLESHEET
from .surfaces import SIX_SIDES, Mesh, mesh_of, scene_extent_mm, surface_picture

PICTURE_PX = 400
BONE = (0.93, 0.87, 0.74)
UNKNOWN = "not known"


def write_sheet(
    path: Path, record: PrintRecord, surfaces: Sequence[NamedSurface], progress: Progress = silent
) -> None:
    """Write a print sheet.

    Parameters
    ----------
    path : where it goes, such as sheet.html
    record : what is known of the print
    surfaces : of its parts, in RAS mm, in the record's order
    progress : told how far the pictures are; may cancel
    """
    path.write_text(sheet_html(record, surfaces, progress), encoding="utf-8")


def sheet_html(record: PrintRecord, surfaces: Sequence[NamedSurface], progress: Progress = silent) -> str:
    """Return a print sheet as HTML text; see `write_sheet`."""
    meshes = [mesh_of(surface.surface, BONE) for surface in surfaces]
    views = _views(record, meshes, part_of(progress, 0.0, 0.5))
    caliper = caliper_section(record, meshes, part_of(progress, 0.5, 0.95))
    main = [
        _alarm(record),
        _parts_section(record),
        element("div", joined([_print_section(record), _estimate_section(record)]), class_="pair"),
        _checks_section(record),
        *views,
        *map(cleaning_section, record.materials),
        caliper,
        registry_section(record),
        signing_section(),
        files_section(record),
        footer(record),
    ]
    progress(1.0, "Print sheet composed")
    return _document(record, joined([_header(record), element("main", joined(main))]))


def _document(record: PrintRecord, body: Markup) -> str:
    head = joined(
        [
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", f"Print sheet {record.wanted.case}".strip()),
            element("style", Markup(STYLESHEET + SHEET_STYLE)),
        ]
    )
    return f'<!DOCTYPE html>\n<html lang="en">\n{element("head", head)}\n{element("body", body)}\n</html>\n'


def _header(record: PrintRecord) -> Markup:
    case = f"Case {record.wanted.case}" if record.wanted.case else "Case ____________"
    content = [
        element("p", "FluoroPrint print sheet", class_="kind"),
        element("h1", case),
        element("p", f"Made {record.created.replace('T', ' ')}", class_="meta"),
        element("p", INTENDED_USE, class_="use", role="note"),
    ]
    return element("header", element("div", joined(content), class_="inner"))


def _alarm(record: PrintRecord) -> Markup:
    """Return the warnings of the parts, so that nobody overlooks them."""
    several = len(record.parts) > 1
    told = [
        f"⚠ {f'{part.name}: ' if several else ''}{sentence}"
        for part in record.parts
        for sentence in part.warnings
    ]
    return joined(element("p", sentence, class_="alarm", role="alert") for sentence in told)


def _parts_section(record: PrintRecord) -> Markup:
    heads = ("Part", "Plate", "Left-right", "Front-back", "Up-down", "Volume", "Surface", "Pieces", "Mesh")
    rows = [_part_row(part) for part in record.parts]
    note = f"Bounding box in the patient's axes. Scale: {record.scale_words.rstrip('.')}."
    return section("What is printed", table(heads, rows, "numbers"), element("p", note, class_="note"))


def _part_row(part: PartFacts) -> Sequence[object]:
    check = part.check
    good = element("span", "✓ no fault", class_="pass") if check.is_printable else _look(check.is_watertight)
    return (
        part.name,
        part.plate,
        *(f"{edge:.1f} mm" for edge in part.size_mm),
        f"{check.volume_mm3 / 1000:.2f} ml",
        f"{check.area_mm2 / 100:.1f} cm²",
        f"{check.pieces:,}",
        good,
    )


def _look(is_watertight: bool) -> Markup:
    return element("span", "see notes" if is_watertight else "✗ not closed", class_="fail")


def _print_section(record: PrintRecord) -> Markup:
    printer, settings = record.printer, record.settings
    layer = layer_of(printer, settings)
    shown = {
        "Printer": printer.title,
        "Technology": f"{printer.technology} (ISO/ASTM 52900); {printer.process}",
        "Material": "; ".join(f"{material.title}, {material.kind}" for material in record.materials),
        "Layer": UNKNOWN if layer is None else f"{layer:g} mm",
    }
    if printer.technology == "material extrusion":
        shown["Walls and infill"] = f"{settings.walls} lines, {settings.infill_percent:g} %"
    shown["Supports"] = "yes" if settings.support and printer.needs_support else "none"
    return section("Printer and material", facts(shown))


def _estimate_section(record: PrintRecord) -> Markup:
    tables = [_plate_facts(record, plate) for plate in record.plates]
    note = f"Cost is that of the material alone.{_errors(record.plates[0])}"
    return section("What it takes", *tables, element("p", note, class_="note"))


def _errors(plate: PlateFacts) -> str:
    """Return how far estimates were off where they were compared with a slicing program."""
    material, time = plate.estimate.material_error, plate.estimate.time_error
    if material is None or time is None:
        return ""
    off = f" Against {TITLE} estimates of {plate.estimate.compared} were off by "
    off += f"{100 * material:.0f} % in material and "
    return f"{off}{100 * time:.0f} % in time at most."


def _plate_facts(record: PrintRecord, plate: PlateFacts) -> Markup:
    each, sliced = plate.estimate, plate.sliced
    heads = (plate.file, "Estimated", *([f"By {sliced.program}"] if sliced else []))
    cost = UNKNOWN if each.cost is None else f"{each.cost:.2f} {each.currency}"
    rows = [
        ["Material", f"{each.material_ml:.1f} ml"],
        ["of it supports", f"{each.support_ml:.1f} ml"],
        ["Mass", _grams(each.mass_g)],
        ["Cost", cost],
        ["Time", _hours(each.seconds)],
    ]
    if len(each.shares) > 1:
        rows[1:1] = [[f"of it {share.material.title}", _share_words(share)] for share in each.shares]
    if each.waste_g is not None:
        rows.insert(len(rows) - 2, ["Powder replaced", _grams(each.waste_g)])
    if sliced is not None:
        told = {
            "Material": f"{sliced.volume_ml:.1f} ml",
            "Mass": _grams(sliced_mass_g(plate)),
            "Time": _hours(sliced.seconds),
        }
        rows = [[*row, told.get(row[0], "")] for row in rows]
    return table(heads, rows, "numbers")


def _share_words(share: Share) -> str:
    mass = "" if share.mass_g is None else f", {share.mass_g:.1f} g"
    return f"{share.material_ml:.1f} ml{mass}"


def _grams(mass_g: float | None) -> str:
    return UNKNOWN if mass_g is None else f"{mass_g:.1f} g"


def _hours(seconds: float | None) -> str:
    if seconds is None:
        return UNKNOWN
    if seconds < 60:
        return shown_seconds(seconds)
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def _views(record: PrintRecord, meshes: list[Mesh], progress: Progress) -> list[Markup]:
    sections = []
    for number, (part, mesh) in enumerate(zip(record.parts, meshes, strict=True)):
        share = part_of(progress, number / len(meshes), (number + 1) / len(meshes))
        sections.append(_part_section(record, part, mesh, share))
    return sections


def _part_section(record: PrintRecord, part: PartFacts, mesh: Mesh, progress: Progress) -> Markup:
    extent, figures = scene_extent_mm([mesh]), []
    for index, view in enumerate(SIX_SIDES):
        progress(index / len(SIX_SIDES), f"{part.name}: drawing the {view.name} view")
        figures.append(figure(surface_picture([mesh], view, PICTURE_PX, extent_mm=extent), "on-light"))
    grid = element("div", joined(figures), class_="row three")
    drawn = section(f"{part.name} from six sides", grid)
    return Markup(drawn.replace("<section>", '<section class="keep">', 1))


def _checks_section(record: PrintRecord) -> Markup:
    """Return what was found in each part and in all, and how far the parts lie from the segmentation."""
    found = [_finding(each) for each in record.findings]
    for part in record.parts:
        found += [_finding(each, part.name if len(record.parts) > 1 else "") for each in part.findings]
    if not found:
        found = [element("li", "The checks found nothing to tell.", class_="good")]
    apart = table(
        ("Deviation from the segmentation", "Mean", "95 % within", "Largest"),
        [_deviation_row(part) for part in record.parts],
        "numbers",
    )
    return section("Checks", element("ul", joined(found), class_="findings"), apart)


def _finding(found: Finding, name: str = "") -> Markup:
    is_fault = found.level == Level.STOP
    heading = f"{'Fault' if is_fault else 'Note'}: {f'{name}: ' if name else ''}"
    return element("li", joined([element("b", heading), found.text]), class_="fault" if is_fault else "look")


def _deviation_row(part: PartFacts) -> Sequence[str]:
    apart = part.deviation
    if apart is None:
        return (part.name, UNKNOWN, UNKNOWN, UNKNOWN)
    return (part.name, *(f"{value:.3f} mm" for value in (apart.mean_mm, apart.p95_mm, apart.max_mm)))

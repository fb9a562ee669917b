"""What a prepared print takes and what was found, in three tables of the scene: parts, plates, findings."""

from __future__ import annotations

from collections.abc import Sequence

from ..mesh.fitness import Level
from ..printing.estimates import Estimate, duration
from ..printing.findings import Finding
from ..printing.preparation import PreparedPart, PrintJob
from .nodes import Node, Scene
from .tables import add_text_column, column_texts

PARTS, PLATES, FINDINGS = "Print parts", "Print plates", "Print findings"
UNKNOWN = "not known"
ALL_PARTS = "all parts"
FAULT = "fault"
"""The level of a finding that refuses slicing; others are notes."""
COLUMNS = {
    PARTS: ("Part", "Plate", "Size, mm", "Support"),
    PLATES: ("Plate", "Material", "Mass", "Cost", "Time"),
    FINDINGS: ("Level", "Part", "Finding"),
}
Rows = Sequence[Sequence[str]]


def add_print_tables(scene: Scene, job: PrintJob) -> tuple[Node, ...]:
    """Add the tables of a job to a scene; return the nodes."""
    rows = {
        PARTS: [_part_row(part) for part in job.parts],
        PLATES: [
            _plate_row(n + 1, each, several=len(job.materials) > 1) for n, each in enumerate(job.estimates)
        ],
        FINDINGS: finding_rows(job),
    }
    return tuple(_added(scene, name, rows[name]) for name in COLUMNS)


def print_rows(scene: Scene, name: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of one of the tables, as texts; none where nothing was prepared."""
    table = _table(scene, name)
    if table is None:
        return ()
    return tuple(zip(*(column_texts(table, column) for column in COLUMNS[name]), strict=True))


def finding_rows(job: PrintJob) -> tuple[tuple[str, str, str], ...]:
    """Return level, part and sentence of each finding of a job, what holds for all parts first."""
    found = [(ALL_PARTS, finding) for finding in job.findings]
    found += [(part.placed.name, finding) for part in job.parts for finding in part.findings]
    return tuple((_level(finding), part, finding.text) for part, finding in found)


def _level(finding: Finding) -> str:
    return FAULT if finding.level == Level.STOP else "note"


def _part_row(part: PreparedPart) -> tuple[str, ...]:
    placed, terms = part.placed, part.placed.orientation.terms
    size = " × ".join(f"{edge:.0f}" for edge in placed.size_mm)
    return (placed.name, str(placed.plate + 1), size, f"{terms.support_mm2 / 100:.1f} cm²")


def _plate_row(number: int, each: Estimate, *, several: bool) -> tuple[str, ...]:
    """Return a row of the table of plates; where plates differ in their materials these are named."""
    of = ", ".join(share.material.title for share in each.shares)
    material = f"{each.material_ml:.1f} ml{f' {of}' if several else ''}"
    cost = UNKNOWN if each.cost is None else f"{each.cost:.2f} {each.currency}"
    mass = UNKNOWN if each.mass_g is None else f"{each.mass_g:.1f} g"
    if each.waste_g is not None:
        mass = f"{mass} + {each.waste_g:.0f} g powder"
    time = UNKNOWN if each.seconds is None else duration(each.seconds)
    return (str(number), material, mass, cost, time)


def _added(scene: Scene, name: str, rows: Rows) -> Node:
    table = scene.AddNewNodeByClass("vtkMRMLTableNode", name)
    for number, column in enumerate(COLUMNS[name]):
        add_text_column(table, column, [row[number] for row in rows])
    return table


def _table(scene: Scene, name: str) -> Node:
    count = scene.GetNumberOfNodesByClass("vtkMRMLTableNode")
    tables = (scene.GetNthNodeByClass(index, "vtkMRMLTableNode") for index in range(count))
    return next((table for table in tables if table.GetName() == name), None)

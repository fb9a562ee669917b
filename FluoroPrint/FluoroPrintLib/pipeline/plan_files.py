"""What all that plans by the command shares: reading bone, writing the plan, printing its table."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FluoroPrintError

if TYPE_CHECKING:
    from ..planning.plan import Figure, Plan, Planned
    from ..segmentation.segments import Segmentation

WIDEST = 110
BONE = (0.93, 0.87, 0.74)
MODELS = (".stl", ".obj", ".ply", ".vtp")


def add_place(parser: argparse.ArgumentParser, option: str, words: str, *, most: int = 1) -> None:
    """Add an option that takes a place, RAS mm; where there may be more it can be repeated."""
    again = "; may be repeated" if most > 1 else ""
    shown = {"metavar": ("X", "Y", "Z"), "help": f"{words}, RAS mm{again}."}
    action = "append" if most > 1 else "store"
    parser.add_argument(option, nargs=3, type=float, action=action, **shown)  # type: ignore[arg-type]


def segmentation_in(path: Path) -> Segmentation:
    """Return the segmentation in a file."""
    from ..mrml.files import read_segmentation
    from ..mrml.scene import headless_scene
    from ..mrml.segmentations import segmentation_from_node

    with headless_scene() as headless:
        return segmentation_from_node(read_segmentation(headless.scene, path))


def bone_in(path: Path, segment: str | None = None) -> Segmentation:
    """Return the bone in a closed model, on a grid of its own, or in a segmentation: all, or one segment."""
    from ..files.mesh_formats import read_mesh
    from ..planning.meshes import bone_within
    from ..segmentation.segments import Segment, Segmentation

    if path.suffix.lower() in MODELS:
        return Segmentation(bone_within(read_mesh(path)), (Segment(case_in(path), 1, BONE),))
    found = segmentation_in(path)
    return found if segment is None else _only(found, segment, path)


def spared_in(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what must be spared, masks by name: segments of the files of --spare but for the bone itself.

    Raises
    ------
    FluoroPrintError
        The input is among the files, and no segment of it was named as the bone.
    """
    found: dict[str, Any] = {}
    for path in arguments.spare:
        is_input = path.resolve() == arguments.input.resolve()
        if is_input and arguments.segment is None:
            raise FluoroPrintError(f"{path} is bone and to be spared: name the bone in it with --segment.")
        held = bone_in(path)
        for segment in held.segments:
            if not (is_input and segment.name == arguments.segment):
                mask = held.labelmap.array_kji == segment.label
                found[segment.name] = held.labelmap.with_array(mask.astype("uint8"))
    return found


def added_to(path: Path | None, found: Plan) -> Plan:
    """Return the plan in a file with what was planned at its end; what was planned alone without a file."""
    from dataclasses import replace

    from ..files.plan_files import read_plan
    from ..planning.edits import free_id
    from ..planning.plan import with_planned

    if path is None:
        return found
    plan = read_plan(path)
    for planned in found.objects:
        name = free_id(plan, planned.id)
        number = name.removeprefix(planned.id).replace("-", " ")
        plan = with_planned(plan, replace(planned, id=name, label=f"{planned.label}{number}"))
    return replace(plan, notes=tuple(dict.fromkeys((*plan.notes, *found.notes))))


def _only(found: Segmentation, name: str, path: Path) -> Segmentation:
    from ..segmentation.segments import Segmentation

    for segment in found.segments:
        if segment.name == name:
            labels = found.labelmap.array_kji
            alone = found.labelmap.with_array((labels == segment.label) * segment.label)
            return Segmentation(alone, (segment,))
    known = ", ".join(segment.name for segment in found.segments)
    raise FluoroPrintError(f"{path} has no segment {name}: choose one of {known}.")


def surface_in(path: Path, segment: str | None = None) -> Any:
    """Return the surface (vtkPolyData, RAS mm) of a model, or of a segmentation: all, or one segment."""
    from ..files.mesh_formats import read_mesh
    from ..mesh.surface import surface_of_mask

    if path.suffix.lower() in MODELS:
        return read_mesh(path)
    labels = bone_in(path, segment).labelmap
    return surface_of_mask(labels.array_kji > 0, labels.ijk_to_ras)


def case_in(path: Path) -> str:
    """Return the name of a case: that of the file, without its endings."""
    return path.name.split(".")[0]


def written(out: Path, plan: Plan, columns: Iterable[str]) -> list[str]:
    """Write a plan; return the table, the notes and where it went."""
    from ..files.plan_files import write_plan
    from ..planning.plan import INTENDED_USE

    write_plan(out, plan)
    notes = [f"Note: {note}" for note in plan.notes]
    return [*table_of(plan.objects, columns), *notes, f"Wrote {out}", INTENDED_USE]


def table_of(objects: Sequence[Planned], columns: Iterable[str]) -> list[str]:
    """Return figures of objects as lines of a table: an object a row, or a column where that is wide.

    Numbers and words alone, and figures that any of them has; curves are in the file.
    """
    names = [name for name in columns if any(name in planned.figures for planned in objects)]
    rows = [["", *names], *([planned.label, *_cells(planned, names)] for planned in objects)]
    lines = _aligned(rows)
    return (
        lines if max(map(len, lines)) <= WIDEST else _aligned([list(row) for row in zip(*rows, strict=True)])
    )


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _cells(planned: Planned, names: Iterable[str]) -> list[str]:
    return [_cell(planned.figures.get(name)) for name in names]


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    text = f"{figure.value:.2f}".rstrip("0").rstrip(".") if isinstance(figure.value, float) else figure.value
    return f"{text} {figure.unit}".rstrip()

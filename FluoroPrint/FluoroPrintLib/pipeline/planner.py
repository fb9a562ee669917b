"""What a word after `plan` stands for, and what all of them share: reading bone, writing the plan."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..parameters import Parameters
from ..progress import Progress

if TYPE_CHECKING:
    from ..geometry.volume import Volume
    from ..planning.plan import Figure, Plan, Planned
    from ..segmentation.segments import Segmentation

COLUMNS = ("diameter", "length", "margin", "grade", "least distance at")
MODELS = (".stl", ".obj", ".ply", ".vtp")


@dataclass(frozen=True)
class Planner:
    """Something that can be planned by the command.

    Attributes
    ----------
    word : what to type after `plan`
    run : plans, writes, and returns the lines to print
    parameters : returns title and parameter dataclass of each group of options; called when chosen
    add_options : adds what is no parameter: files and places
    fills_folder : whether --out is a folder
    """

    word: str
    run: Callable[[argparse.Namespace, Progress], list[str]]
    parameters: Callable[[], Mapping[str, type[Parameters]]]
    add_options: Callable[[argparse.ArgumentParser], None]
    fills_folder: bool = False


def add_place(parser: argparse.ArgumentParser, option: str, words: str, *, required: bool = False) -> None:
    """Add an option that takes a place, RAS mm."""
    shown = {"metavar": ("X", "Y", "Z"), "help": f"{words}, RAS mm."}
    parser.add_argument(option, nargs=3, type=float, required=required, **shown)  # type: ignore[arg-type]


def segmentation_in(path: Path) -> Segmentation:
    """Return the segmentation in a file."""
    from ..mrml.files import read_segmentation
    from ..mrml.scene import headless_scene
    from ..mrml.segmentations import segmentation_from_node

    with headless_scene() as headless:
        return segmentation_from_node(read_segmentation(headless.scene, path))


def bone_in(path: Path) -> Volume:
    """Return a mask of the bone in a model, on a grid of its own, or in a segmentation."""
    from ..files.mesh_formats import read_mesh
    from ..planning.meshes import bone_within

    if path.suffix.lower() in MODELS:
        return bone_within(read_mesh(path))
    return segmentation_in(path).labelmap


def case_in(path: Path) -> str:
    """Return the name of a case: that of the file, without its endings."""
    return path.name.split(".")[0]


def written(out: Path, plan: Plan, columns: Iterable[str] = COLUMNS) -> list[str]:
    """Write a plan; return the table, the notes and where it went."""
    from ..files.plan_files import write_plan
    from ..planning.plan import INTENDED_USE

    write_plan(out, plan)
    notes = [f"Note: {note}" for note in plan.notes]
    return [*table_of(plan.objects, columns), *notes, f"Wrote {out}", INTENDED_USE]


def table_of(objects: Iterable[Planned], columns: Iterable[str] = COLUMNS) -> list[str]:
    """Return figures of objects as lines of a table, numbers and words alone; curves are in the file."""
    names = tuple(columns)
    rows = [["", *names], *([planned.label, *_cells(planned, names)] for planned in objects)]
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

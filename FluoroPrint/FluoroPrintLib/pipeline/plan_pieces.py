"""The command that writes what a plan makes of bone: moved pieces, plates, templates, tables of bends."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import FluoroPrintError
from ..progress import Progress, part_of
from .faults import naming
from .output_folder import filled_whole
from .plan_files import bone_in, surface_in

if TYPE_CHECKING:
    from ..planning.pieces import Bones
    from ..planning.plan import Plan

Colour: TypeAlias = tuple[float, float, float]


def add_pieces_options(parser: argparse.ArgumentParser) -> None:
    """Add what is cut beside the plan."""
    words = "Bone that is cut or broken: a closed model, or a segmentation with a segment a fragment."
    parser.add_argument("--bone", metavar="BONE", type=Path, help=words)
    words = "Donor bone from which segments are taken: a closed model or a segmentation."
    parser.add_argument("--donor", metavar="BONE", type=Path, help=words)


def write_pieces(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Write a model of each piece where it is planned, of each plate and its template, and its bends."""
    from ..files.plan_files import read_plan
    from ..planning.pieces import bends_of_plates, pieces_in
    from ..planning.plan import INTENDED_USE

    with naming(arguments.input, arguments.bone, arguments.donor):
        plan = read_plan(arguments.input)
        progress(0.1, "Reading the bones")
        bones = _bones(plan, arguments)
        progress(0.3, "Cutting")
        models = {piece.name: (piece.colour, piece.placed) for piece in pieces_in(plan, bones)}
        _refuse_nothing(models)
        written = write_piece_files(arguments.out, models, bends_of_plates(plan), part_of(progress, 0.6, 1.0))
    lines = [f"Wrote {path}" + (f"  {volume:.1f} mm3" if volume else "") for path, volume in written.items()]
    return [*lines, INTENDED_USE]


def names_of_files(models: Iterable[str], bends: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the files that `write_piece_files` writes."""
    return (*(f"{name}.stl" for name in models), *(f"{name}-bends.csv" for name in bends))


def write_piece_files(
    folder: Path,
    models: Mapping[str, tuple[Colour, Any]],
    bends: Mapping[str, Sequence[tuple[float, ...]]],
    progress: Progress,
) -> dict[Path, float]:
    """Write models as STL, each read back and checked, and bends of plates as CSV: all of them, or none.

    Parameters
    ----------
    folder : made where it is missing; files of these names in it are replaced
    models : colour and surface (vtkPolyData, RAS mm) by name
    bends : rows as `plate.BENDS` names them, by the name of the plate
    progress : told how far the writing is

    Returns
    -------
    The volume in mm3 of each model by its file, 0 for tables.

    Raises
    ------
    FluoroPrintError
        A model is not closed in its file, or the folder cannot be written.
    Cancelled
        `progress` stopped the work; the folder is as it was.
    """
    from ..files.bending_table import write_bending_table

    found = {}
    with filled_whole(folder, names_of_files(models, bends)) as filled:
        for number, (name, (colour, surface)) in enumerate(models.items()):
            progress(number / len(models), f"Writing {name}")
            found[folder / f"{name}.stl"] = _written(filled / f"{name}.stl", name, colour, surface)
        for name, rows in bends.items():
            write_bending_table(filled / f"{name}-bends.csv", rows)
            found[folder / f"{name}-bends.csv"] = 0.0
    return found


def _bones(plan: Plan, arguments: argparse.Namespace) -> Bones:
    from ..planning.fragment_kind import FRAGMENT
    from ..planning.pieces import Bones
    from ..planning.reduction_planner import fragments_of

    bone = surface_in(arguments.bone) if arguments.bone is not None else None
    donor = surface_in(arguments.donor) if arguments.donor is not None else None
    broken = bone is not None and bool(plan.of_kind(FRAGMENT))
    return Bones(bone, donor, fragments_of(bone_in(arguments.bone), bone) if broken else ())


def _written(path: Path, name: str, colour: Colour, surface: Any) -> float:
    """Write a model, read it back, and return its volume in mm3; one that is not closed is refused."""
    from ..files.mesh_formats import read_mesh, write_mesh
    from ..mesh.check import check_mesh
    from ..mesh.named import NamedModel

    write_mesh(path, [NamedModel(name, colour, surface)])
    found = check_mesh(read_mesh(path))
    if not found.is_watertight:
        raise FluoroPrintError(f"{name} is not closed in its file: move its cuts a little.")
    return float(found.volume_mm3)


def _refuse_nothing(models: dict[str, Any]) -> None:
    if not models:
        raise FluoroPrintError(
            "The plan has nothing to be written for these bones: give --bone for osteotomies, plates and "
            "fragments, --donor for segments of donor bone."
        )

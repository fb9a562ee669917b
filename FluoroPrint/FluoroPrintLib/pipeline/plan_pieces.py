"""The command that writes what a plan makes of bone: moved pieces, plates, templates, tables of bends."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FluoroPrintError
from ..progress import Progress
from .faults import naming
from .output_folder import filled_whole
from .plan_files import BONE, bone_in, surface_in

if TYPE_CHECKING:
    from ..planning.pieces import Bones
    from ..planning.plan import Plan

METAL = (0.7, 0.72, 0.75)


def add_pieces_options(parser: argparse.ArgumentParser) -> None:
    """Add what is cut beside the plan."""
    words = "Bone that is cut or broken: a closed model, or a segmentation with a segment a fragment."
    parser.add_argument("--bone", metavar="BONE", type=Path, help=words)
    words = "Donor bone from which segments are taken: a closed model or a segmentation."
    parser.add_argument("--donor", metavar="BONE", type=Path, help=words)


def write_pieces(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Write a model of each piece where it is planned, of each plate and its template, and its bends."""
    from ..files.bending_table import write_bending_table
    from ..files.plan_files import read_plan
    from ..planning.pieces import bends_of_plates, models_of_plates, pieces_in
    from ..planning.plan import INTENDED_USE

    lines: list[str] = []
    files = arguments.input, arguments.bone, arguments.donor
    with naming(*files), filled_whole(arguments.out) as folder:
        plan = read_plan(arguments.input)
        progress(0.1, "Reading the bones")
        bones = _bones(plan, arguments)
        progress(0.3, "Cutting")
        models = {piece.name: (BONE, piece.placed) for piece in pieces_in(plan, bones)}
        plates = models_of_plates(plan, bones.bone)
        models |= {name: (METAL, surface) for name, surface in plates.items()}
        _refuse_nothing(models)
        for number, (name, (colour, surface)) in enumerate(models.items()):
            progress(0.6 + 0.4 * number / len(models), f"Writing {name}")
            volume = _written(folder / f"{name}.stl", name, colour, surface)
            lines.append(f"Wrote {arguments.out / name}.stl  {volume:.1f} mm3")
        for name, rows in bends_of_plates(plan).items():
            write_bending_table(folder / f"{name}-bends.csv", rows)
            lines.append(f"Wrote {arguments.out / name}-bends.csv")
    return [*lines, INTENDED_USE]


def _bones(plan: Plan, arguments: argparse.Namespace) -> Bones:
    from ..planning.fragment_kind import FRAGMENT
    from ..planning.pieces import Bones
    from ..planning.reduction_planner import fragments_of

    bone = surface_in(arguments.bone) if arguments.bone is not None else None
    donor = surface_in(arguments.donor) if arguments.donor is not None else None
    broken = bone is not None and bool(plan.of_kind(FRAGMENT))
    return Bones(bone, donor, fragments_of(bone_in(arguments.bone), bone) if broken else ())


def _written(path: Path, name: str, colour: tuple[float, float, float], surface: Any) -> float:
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

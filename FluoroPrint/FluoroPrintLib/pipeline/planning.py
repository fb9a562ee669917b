"""The command that plans: pedicle screws from a segmentation, a screw in a corridor of any bone, a guide."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FluoroPrintError
from ..parameters import Parameters
from ..progress import Progress, part_of
from . import guides
from .faults import naming
from .options import parameters_from

if TYPE_CHECKING:
    from ..geometry.volume import Volume
    from ..planning.plan import Figure, Plan, Planned
    from ..segmentation.segments import Segmentation

SCREWS, CORRIDOR, GUIDE = "screws", "corridor", "guide"
COLUMNS = ("diameter", "length", "margin", "grade", "least distance at")


def plans() -> Mapping[str, Callable[[argparse.Namespace, Progress], list[str]]]:
    """Return what can be planned by the word to type."""
    return {SCREWS: plan_screws, CORRIDOR: plan_corridor, GUIDE: guides.plan_guide}


def plan_parameters(what: str) -> Mapping[str, type[Parameters]]:
    """Return title and parameter dataclass of each group of options of a plan; none of an unknown word."""
    from ..planning.corridors import CorridorParameters
    from ..planning.guide_parameters import GuideParameters
    from ..planning.pedicle_screws import PedicleScrewParameters
    from ..planning.quality import QualityParameters

    groups: dict[str, dict[str, type[Parameters]]] = {
        SCREWS: {"screws": PedicleScrewParameters, "bone quality": QualityParameters},
        CORRIDOR: {"corridor": CorridorParameters},
        GUIDE: {"guide": GuideParameters},
    }
    return groups.get(what, {})


def make_plan(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Plan what was asked for, write PLAN.json, return a table of the figures."""
    from ..files.atomic import check_writable

    check_writable(arguments.out)
    return plans()[arguments.what](arguments, progress)


def plan_screws(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Plan a screw for each pedicle of a segmentation."""
    from ..catalog.screws import screw_family
    from ..files.volumes import read_volume
    from ..planning.pedicle_screws import PedicleScrewParameters
    from ..planning.quality import QualityParameters
    from ..planning.screw_objects import spine_plan
    from ..planning.spine import plan_pedicle_screws

    chosen = parameters_from(arguments, PedicleScrewParameters)
    quality = parameters_from(arguments, QualityParameters)
    family = screw_family(arguments.family or "pedicle")
    with naming(arguments.input, arguments.volume):
        bone = _segmentation(arguments.input)
        volume = read_volume(arguments.volume) if arguments.volume is not None else None
        names = {segment.label: segment.name for segment in bone.segments}
        found = plan_pedicle_screws(bone.labelmap, family, chosen, names, part_of(progress, 0.1, 0.95))
        plan = spine_plan(arguments.input.name.split(".")[0], found, chosen, volume, quality)
    return _written(arguments.out, plan)


def plan_corridor(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Plan a screw from an entry to a target."""
    from ..catalog.screws import screw_family
    from ..planning.corridors import CorridorParameters, screw_in_corridor
    from ..planning.field import bone_field
    from ..planning.plan import AUTOMATIC, USER
    from ..planning.screw_objects import corridor_plan

    if arguments.entry is None or arguments.target is None:
        raise FluoroPrintError(
            "A corridor needs an entry and a target: give --entry X Y Z and --target X Y Z."
        )
    chosen = parameters_from(arguments, CorridorParameters)
    family = screw_family(arguments.family or "cannulated")
    with naming(arguments.input):
        bone = _bone(arguments.input)
        progress(0.3, "Measuring how deep the bone is")
        field = bone_field(bone)
        screw = screw_in_corridor(field, tuple(arguments.entry), tuple(arguments.target), family, chosen)
        found_by = AUTOMATIC if chosen.patch_mm > 0 else USER
        plan = corridor_plan(arguments.input.name.split(".")[0], screw, field, chosen, chosen_by=found_by)
    return _written(arguments.out, plan)


def add_planning(parser: argparse.ArgumentParser, words: Iterable[str]) -> None:
    """Add the choice of what to plan and the options of the one that `words` choose."""
    from .options import add_options

    parser.add_argument("what", choices=tuple(plans()), help="What to plan.")
    chosen = next((word for word in words if word in plans()), "")
    if chosen == GUIDE:
        guides.add_guide_options(parser)
    else:
        words_of_help = (
            "Family of screws in the catalogue: pedicle, cannulated, cortical-3.5 or cortical-4.5."
        )
        parser.add_argument("--family", metavar="ID", help=words_of_help)
    if chosen == SCREWS:
        words_of_help = "The volume that was segmented: bone quality along each screw is measured in it."
        parser.add_argument("--volume", metavar="VOLUME", type=Path, help=words_of_help)
    if chosen == CORRIDOR:
        axes = {"nargs": 3, "type": float, "metavar": ("X", "Y", "Z"), "required": True}
        parser.add_argument("--entry", **axes, help="Where the screw enters, RAS mm.")  # type: ignore[arg-type]
        parser.add_argument("--target", **axes, help="Where it shall end, RAS mm.")  # type: ignore[arg-type]
    for title, parameters in plan_parameters(chosen).items():
        add_options(parser, parameters, title)


def _segmentation(path: Path) -> Segmentation:
    from ..mrml.files import read_segmentation
    from ..mrml.scene import headless_scene
    from ..mrml.segmentations import segmentation_from_node

    with headless_scene() as headless:
        return segmentation_from_node(read_segmentation(headless.scene, path))


def _bone(path: Path) -> Volume:
    """Return a mask of the bone in a mesh, on a grid of its own, or in a segmentation."""
    from ..files.mesh_formats import read_mesh
    from ..planning.meshes import bone_within

    if path.suffix.lower() in (".stl", ".obj", ".ply", ".vtp"):
        return bone_within(read_mesh(path))
    return _segmentation(path).labelmap


def _written(out: Path, plan: Plan) -> list[str]:
    from ..files.plan_files import write_plan
    from ..planning.plan import INTENDED_USE

    write_plan(out, plan)
    notes = [f"Note: {note}" for note in plan.notes]
    return [*table_of(plan.objects), *notes, f"Wrote {out}", INTENDED_USE]


def table_of(objects: Iterable[Planned]) -> list[str]:
    """Return the figures of screws as lines of a table, numbers and words alone; curves are in the file."""
    rows = [["", *COLUMNS], *([planned.label, *map(_cell, _figures(planned))] for planned in objects)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _figures(planned: Planned) -> list[Figure | None]:
    return [planned.figures.get(name) for name in COLUMNS]


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    text = f"{figure.value:.2f}".rstrip("0").rstrip(".") if isinstance(figure.value, float) else figure.value
    return f"{text} {figure.unit}".rstrip()

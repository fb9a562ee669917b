"""The command that plans: pedicle screws from a segmentation, a screw in a corridor of any bone."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FluoroPrintError
from ..parameters import Parameters
from ..progress import Progress, part_of
from .faults import naming
from .options import parameters_from

if TYPE_CHECKING:
    from ..geometry.volume import Volume
    from ..planning.corridors import CorridorParameters
    from ..planning.plan import Figure, Plan, Planned
    from ..planning.screw_sizes import ScrewFamily
    from ..segmentation.segments import Segmentation

SCREWS, CORRIDOR = "screws", "corridor"
COLUMNS = ("diameter", "length", "margin", "grade", "least distance at")


def plans() -> Mapping[str, Callable[[argparse.Namespace, Progress], list[str]]]:
    """Return what can be planned by the word to type."""
    return {SCREWS: plan_screws, CORRIDOR: plan_corridor}


def plan_parameters(what: str) -> Mapping[str, type[Parameters]]:
    """Return title and parameter dataclass of each group of options of a plan; none of an unknown word."""
    from ..planning.corridors import CorridorParameters
    from ..planning.pedicle_screws import PedicleScrewParameters
    from ..planning.quality import QualityParameters

    groups: dict[str, dict[str, type[Parameters]]] = {
        SCREWS: {"screws": PedicleScrewParameters, "bone quality": QualityParameters},
        CORRIDOR: {"corridor": CorridorParameters},
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
        planning = part_of(progress, 0.1, 0.95)
        found = plan_pedicle_screws(bone.labelmap, family, chosen, names, planning, volume)
        plan = spine_plan(arguments.input.name.split(".")[0], found, chosen, volume, quality)
    return _written(arguments.out, plan)


def plan_corridor(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Plan a screw from an entry to a target, or in a corridor of the pelvis that is found by itself."""
    from ..catalog.screws import screw_family
    from ..planning.corridors import CorridorParameters, screw_in_corridor
    from ..planning.field import bone_field
    from ..planning.plan import AUTOMATIC, USER
    from ..planning.screw_objects import corridor_plan

    _refuse_half_given(arguments)
    chosen = parameters_from(arguments, CorridorParameters)
    family = screw_family(arguments.family or "cannulated")
    case = arguments.input.name.split(".")[0]
    with naming(arguments.input, arguments.volume):
        if arguments.region is not None:
            return _written(arguments.out, _region_plan(arguments, case, family, chosen, progress))
        bone = _bone(arguments.input)
        progress(0.3, "Measuring how deep the bone is")
        field = bone_field(bone)
        screw = screw_in_corridor(field, tuple(arguments.entry), tuple(arguments.target), family, chosen)
        found_by = AUTOMATIC if chosen.patch_mm > 0 else USER
        plan = corridor_plan(case, screw, field, chosen, chosen_by=found_by)
    return _written(arguments.out, plan)


def _refuse_half_given(arguments: argparse.Namespace) -> None:
    if arguments.region is None and (arguments.entry is None or arguments.target is None):
        raise FluoroPrintError(
            "A corridor needs an entry and a target, or a region: give --entry X Y Z and --target X Y Z, or "
            "--region and --side."
        )
    if arguments.region is not None and arguments.side is None:
        raise FluoroPrintError("A corridor of the pelvis needs a side: give --side left or --side right.")
    if arguments.region is not None and (arguments.entry is not None or arguments.target is not None):
        raise FluoroPrintError(
            "A region finds entry and target by itself: leave out --region, or --entry and --target."
        )


def _region_plan(
    arguments: argparse.Namespace,
    case: str,
    family: ScrewFamily,
    chosen: CorridorParameters,
    progress: Progress,
) -> Plan:
    """Return the plan of a screw in a corridor of the pelvis; the bone's joints are closed if iliosacral."""
    from ..files.volumes import read_volume
    from ..planning.field import bone_field
    from ..planning.meshes import joined
    from ..planning.pelvic_corridors import ILIOSACRAL, screw_in_region
    from ..planning.plan import AUTOMATIC
    from ..planning.screw_objects import corridor_plan
    from ..planning.spine import with_marrow_by_greys

    bones = [_bone(path) for path in (arguments.input, *arguments.together)]
    if arguments.volume is not None:
        progress(0.1, "Looking for marrow")
        bones[0] = with_marrow_by_greys(bones[0], read_volume(arguments.volume))
    progress(0.3, "Measuring how deep the bone is")
    field = bone_field(joined(bones) if arguments.region == ILIOSACRAL else bones[0])
    progress(0.5, "Looking for the corridor")
    screw = screw_in_region(field, arguments.region, arguments.side, family, chosen)
    return corridor_plan(
        case, screw, field, chosen, chosen_by=AUTOMATIC, region=arguments.region, side=arguments.side
    )


def add_planning(parser: argparse.ArgumentParser, words: Iterable[str]) -> None:
    """Add the choice of what to plan and the options of the one that `words` choose."""
    from .options import add_options

    parser.add_argument("what", choices=tuple(plans()), help="What to plan.")
    chosen = next((word for word in words if word in plans()), "")
    words_of_help = "Family of screws in the catalogue: pedicle, cannulated, cortical-3.5 or cortical-4.5."
    parser.add_argument("--family", metavar="ID", help=words_of_help)
    if chosen == SCREWS:
        words_of_help = "The volume that was segmented: bone quality along each screw is measured in it."
        parser.add_argument("--volume", metavar="VOLUME", type=Path, help=words_of_help)
    if chosen == CORRIDOR:
        _add_corridor(parser)
    for title, parameters in plan_parameters(chosen).items():
        add_options(parser, parameters, title)


def _add_corridor(parser: argparse.ArgumentParser) -> None:
    from ..planning.pelvic_corridors import PELVIC_REGIONS, SIDES

    axes = {"nargs": 3, "type": float, "metavar": ("X", "Y", "Z")}
    parser.add_argument("--entry", **axes, help="Where the screw enters, RAS mm.")  # type: ignore[arg-type]
    parser.add_argument("--target", **axes, help="Where it shall end, RAS mm.")  # type: ignore[arg-type]
    words_of_help = "Corridor of the pelvis to find by itself, in place of entry and target."
    parser.add_argument("--region", choices=PELVIC_REGIONS, help=words_of_help)
    parser.add_argument("--side", choices=SIDES, help="Side of the patient that the region is on.")
    words_of_help = "Other bones that an iliosacral screw may pass, joints between them closed."
    parser.add_argument("--together", metavar="MESH", type=Path, nargs="+", default=[], help=words_of_help)
    words_of_help = "The volume that was segmented: its greys tell marrow where the cortex has gaps."
    parser.add_argument("--volume", metavar="VOLUME", type=Path, help=words_of_help)


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

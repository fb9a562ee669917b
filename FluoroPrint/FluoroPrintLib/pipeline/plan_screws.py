"""Planning screws by the command: for all pedicles of a spine, or along a corridor of any bone."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from ..errors import FluoroPrintError
from ..parameters import Parameters
from ..progress import Progress, part_of
from .faults import naming
from .options import parameters_from
from .planner import Planner, add_place, bone_in, case_in, segmentation_in, written


def screw_planners() -> tuple[Planner, ...]:
    """Return what plans screws."""
    return (
        Planner("screws", plan_screws, _of_screws, _add_screws),
        Planner("corridor", plan_corridor, _of_corridor, _add_corridor),
    )


def _of_screws() -> Mapping[str, type[Parameters]]:
    from ..planning.pedicle_screws import PedicleScrewParameters
    from ..planning.quality import QualityParameters

    return {"screws": PedicleScrewParameters, "bone quality": QualityParameters}


def _of_corridor() -> Mapping[str, type[Parameters]]:
    from ..planning.corridors import CorridorParameters

    return {"corridor": CorridorParameters}


def _add_family(parser: argparse.ArgumentParser) -> None:
    words_of_help = "Family of screws in the catalogue: pedicle, cannulated, cortical-3.5 or cortical-4.5."
    parser.add_argument("--family", metavar="ID", help=words_of_help)


def _add_screws(parser: argparse.ArgumentParser) -> None:
    _add_family(parser)
    words_of_help = "The volume that was segmented: bone quality along each screw is measured in it."
    parser.add_argument("--volume", metavar="VOLUME", type=Path, help=words_of_help)


def _add_corridor(parser: argparse.ArgumentParser) -> None:
    _add_family(parser)
    add_place(parser, "--entry", "Where the screw enters", required=True)
    add_place(parser, "--target", "Where it shall end", required=True)


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
        bone = segmentation_in(arguments.input)
        volume = read_volume(arguments.volume) if arguments.volume is not None else None
        names = {segment.label: segment.name for segment in bone.segments}
        found = plan_pedicle_screws(bone.labelmap, family, chosen, names, part_of(progress, 0.1, 0.95))
        plan = spine_plan(case_in(arguments.input), found, chosen, volume, quality)
    return written(arguments.out, plan)


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
        bone = bone_in(arguments.input)
        progress(0.3, "Measuring how deep the bone is")
        field = bone_field(bone)
        screw = screw_in_corridor(field, tuple(arguments.entry), tuple(arguments.target), family, chosen)
        found_by = AUTOMATIC if chosen.patch_mm > 0 else USER
        plan = corridor_plan(case_in(arguments.input), screw, field, chosen, chosen_by=found_by)
    return written(arguments.out, plan)

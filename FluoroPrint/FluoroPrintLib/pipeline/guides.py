"""The command that makes a drill or cutting guide, and keeps it in a plan."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FluoroPrintError
from ..progress import Progress, part_of
from .faults import naming
from .options import parameters_from

if TYPE_CHECKING:
    from ..planning.guide import Guide
    from ..planning.guide_parameters import CutPlane, DrillLine
    from ..planning.plan import Places, Plan, Planned

COLOUR = (0.45, 0.65, 0.9)


def plan_guide(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Make a guide on a bone, write its model, and add it to a plan where one is named."""
    from ..files.atomic import check_writable
    from ..files.mesh_formats import read_mesh, write_mesh
    from ..files.plan_files import write_plan
    from ..mesh.named import NamedModel
    from ..planning.guide import make_guide
    from ..planning.guide_objects import planned_guide
    from ..planning.guide_parameters import GuideParameters
    from ..planning.plan import with_planned

    chosen = parameters_from(arguments, GuideParameters)
    plan = _plan_so_far(arguments)
    if arguments.plan is not None:
        check_writable(arguments.plan)
    with naming(arguments.input, arguments.plan):
        bone = read_mesh(arguments.input)
        way = tuple(arguments.direction) if arguments.direction else None
        drills, cuts = _drills(arguments, plan, chosen.plate_depth_mm), _cuts(arguments)
        guide = make_guide(bone, drills, cuts, chosen, way, part_of(progress, 0.1, 0.95))
    number = 1 + len(plan.of_kind("guide"))
    planned = planned_guide(f"guide-{number}", f"Guide {number}", guide, given=way is not None)
    write_mesh(arguments.out, [NamedModel(planned.label, COLOUR, guide.surface)])
    if arguments.plan is not None:
        write_plan(arguments.plan, with_planned(plan, planned))
    return _lines(arguments, guide, planned)


def _plan_so_far(arguments: argparse.Namespace) -> Plan:
    from ..files.plan_files import read_plan
    from ..planning.plan import Plan

    if arguments.plan is not None and arguments.plan.exists():
        return read_plan(arguments.plan)
    if arguments.screw or arguments.plate:
        raise FluoroPrintError(
            "--screw and --plate name objects of a plan: give --plan with one that holds them."
        )
    return Plan(arguments.input.name.split(".")[0])


def _drills(arguments: argparse.Namespace, plan: Plan, depth_mm: float) -> list[DrillLine]:
    """Return the drills given and the holes of plates; without these and a plane, the screws of the plan."""
    from ..planning.guide_planner import lines_between, lines_of

    lines = lines_between(_places(arguments.entry), _places(arguments.target))
    named = [plan.named(name) for name in (*(arguments.plate or ()), *(arguments.screw or ()))]
    if not named and not lines and not arguments.plane:
        named = list(plan.of_kind("screw"))
    return [*lines, *lines_of(named, depth_mm)]


def _places(typed: list[list[float]] | None) -> Places:
    return tuple((x, y, z) for x, y, z in typed or ())


def _cuts(arguments: argparse.Namespace) -> list[CutPlane]:
    from ..planning.guide_parameters import CutPlane

    return [CutPlane((p[0], p[1], p[2]), (p[3], p[4], p[5])) for p in arguments.plane or []]


def _lines(arguments: argparse.Namespace, guide: Guide, planned: Planned) -> list[str]:
    from ..planning.plan import INTENDED_USE

    shown = {title: figure for title, figure in planned.figures.items() if figure.value != ""}
    width = max(map(len, shown))
    table = [
        f"{title.ljust(width)}  {_cell(figure.value)} {figure.unit}".rstrip()
        for title, figure in shown.items()
    ]
    written = [f"Wrote {path}" for path in (arguments.out, arguments.plan) if path is not None]
    return [*table, *(f"Note: {note}" for note in guide.notes), *written, INTENDED_USE]


def _cell(value: float | str | tuple[float, ...]) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_cell, value))
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def add_guide_options(parser: argparse.ArgumentParser) -> None:
    """Add what a guide takes beside its parameters: drills, cuts, its way off, a plan."""
    xyz = {"nargs": 3, "type": float, "metavar": ("X", "Y", "Z")}
    many = {**xyz, "action": "append"}
    parser.add_argument("--entry", **many, help="Where a drill enters, RAS mm; one for each drill.")  # type: ignore[arg-type]
    parser.add_argument("--target", **many, help="Where it ends, RAS mm; as often as --entry.")  # type: ignore[arg-type]
    parser.add_argument(
        "--plane",
        nargs=6,
        type=float,
        action="append",
        metavar=("X", "Y", "Z", "NX", "NY", "NZ"),
        help="A cut: a point of its plane near the surface, where the slot shall be, and its normal, RAS mm.",
    )
    words = "The way in which it comes off, RAS; without it the one with least undercut is taken."
    parser.add_argument("--direction", **xyz, help=words)  # type: ignore[arg-type]
    words = (
        "Plan to which the guide is added; it is made if there is none. Without drills and cuts given, its "
        "screws are drilled."
    )
    parser.add_argument("--plan", metavar="PLAN.json", type=Path, help=words)
    words = "Id of a screw of the plan to be drilled; may be repeated."
    parser.add_argument("--screw", metavar="ID", action="append", help=words)
    words = "Id of a plate of the plan whose holes are drilled; may be repeated."
    parser.add_argument("--plate", metavar="ID", action="append", help=words)

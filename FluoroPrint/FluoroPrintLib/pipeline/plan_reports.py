"""The report of a plan by the command: HTML with pictures, the plan again, and a table, in one folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..progress import Progress, part_of
from .faults import naming
from .output_folder import filled_whole
from .plan_files import surface_in

if TYPE_CHECKING:
    from ..planning.plan import Plan

NAMES = ("plan.html", "PLAN.json", "plan.csv")


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add what a report takes beside the plan."""
    words = "Bone about the objects: a closed model or a segmentation; left out of the pictures if not given."
    parser.add_argument("--bone", metavar="BONE", type=Path, help=words)
    words = "Volume that the sections show, in HU."
    parser.add_argument("--volume", metavar="VOLUME", type=Path, help=words)


def report_plan(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Report a plan into a folder."""
    from ..files.plan_files import read_plan, write_plan
    from ..files.plan_table import write_plan_table
    from ..files.volumes import read_volume
    from ..planning.plan import INTENDED_USE
    from ..report.plan_report import write_plan_report

    files = arguments.input, arguments.bone, arguments.volume
    with naming(*files), filled_whole(arguments.out, NAMES) as folder:
        plan = read_plan(arguments.input)
        bone = surface_in(arguments.bone) if arguments.bone is not None else None
        volume = read_volume(arguments.volume) if arguments.volume is not None else None
        drawing = part_of(progress, 0.2, 1.0)
        write_plan_report(folder / NAMES[0], plan, bone, _surfaces(plan), volume, drawing)
        write_plan(folder / NAMES[1], plan)
        write_plan_table(folder / NAMES[2], plan)
    return [*(f"Wrote {arguments.out / name}" for name in NAMES), INTENDED_USE]


def _surfaces(plan: Plan) -> dict[str, Any]:
    from ..planning.kinds import kind_of

    return {planned.id: kind_of(planned).surface(planned) for planned in plan.objects}

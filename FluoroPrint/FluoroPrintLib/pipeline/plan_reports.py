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
    from ..geometry.volume import Volume
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
    from ..files.plan_files import read_plan
    from ..files.volumes import read_volume
    from ..planning.plan import INTENDED_USE

    with naming(arguments.input, arguments.bone, arguments.volume):
        plan = read_plan(arguments.input)
        bone = surface_in(arguments.bone) if arguments.bone is not None else None
        volume = read_volume(arguments.volume) if arguments.volume is not None else None
        written = write_plan_files(arguments.out, plan, bone, volume, part_of(progress, 0.2, 1.0))
    return [*(f"Wrote {path}" for path in written), INTENDED_USE]


def write_plan_files(
    folder: Path, plan: Plan, bone: Any | None, volume: Volume | None, progress: Progress
) -> tuple[Path, ...]:
    """Write report, plan and table of a plan into a folder: all of them, or none.

    Parameters
    ----------
    folder : made where it is missing; files of these `NAMES` in it are replaced
    plan : what is reported
    bone : vtkPolyData, RAS mm, drawn about the objects; may be None
    volume : in HU, shown in the sections; may be None
    progress : told how far the pictures are

    Returns
    -------
    The files: HTML, JSON, CSV.

    Raises
    ------
    FluoroPrintError
        The folder cannot be written.
    Cancelled
        `progress` stopped the work; the folder is as it was.
    """
    from ..files.plan_files import write_plan
    from ..files.plan_table import write_plan_table
    from ..report.plan_report import write_plan_report

    with filled_whole(folder, NAMES) as filled:
        write_plan_report(filled / NAMES[0], plan, bone, _surfaces(plan), volume, progress)
        write_plan(filled / NAMES[1], plan)
        write_plan_table(filled / NAMES[2], plan)
    return tuple(folder / name for name in NAMES)


def _surfaces(plan: Plan) -> dict[str, Any]:
    from ..planning.kinds import kind_of

    return {planned.id: kind_of(planned).surface(planned) for planned in plan.objects}

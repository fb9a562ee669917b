"""The passes of instruments in a plan, done one after the other by the command: the bone after each."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FluoroPrintError
from ..progress import Progress, part_of
from .faults import naming
from .output_folder import filled_whole
from .plan_files import BONE, surface_in

if TYPE_CHECKING:
    from ..planning.plan import Planned
    from ..planning.replay import Step

TABLE = "passes.csv"


def add_replay_options(parser: argparse.ArgumentParser) -> None:
    """Add the bone in which passes are done, and how many are."""
    words = "Bone in which the passes are done: a closed model or a segmentation."
    parser.add_argument("--bone", metavar="BONE", type=Path, required=True, help=words)
    words = "Name of the bone's segment, where there are several; all of them if left out."
    parser.add_argument("--segment", metavar="NAME", help=words)
    parser.add_argument("--upto", metavar="N", type=int, help="Do the first N passes alone.")


def replay_plan(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Do the passes of a plan one after the other; write the bone after each and a table of volumes."""
    from ..files.plan_files import read_plan
    from ..files.replay_table import write_replay_table
    from ..planning.instrument_objects import passes_of
    from ..planning.plan import INTENDED_USE
    from ..planning.replay import replayed

    with naming(arguments.input, arguments.bone):
        passes = _wanted(passes_of(read_plan(arguments.input)), arguments)
        names = [_name(number, planned) for number, planned in enumerate(passes, start=1)]
        with filled_whole(arguments.out, (*names, TABLE)) as folder:
            surface = surface_in(arguments.bone, arguments.segment)
            steps = []
            for name, step in zip(names, replayed(surface, passes, part_of(progress, 0.1, 1.0)), strict=True):
                _write(folder / name, step)
                steps.append(step)
            write_replay_table(folder / TABLE, steps, names)
    table = [f"{n}  {s.planned.label}  {_words(s)}" for n, s in enumerate(steps, start=1)]
    return [*table, *(f"Wrote {arguments.out / name}" for name in (*names, TABLE)), INTENDED_USE]


def _wanted(passes: tuple[Planned, ...], arguments: argparse.Namespace) -> tuple[Planned, ...]:
    """Return the passes that are to be done; FluoroPrintError where there are none, or too few."""
    if not passes:
        raise FluoroPrintError(
            f"{arguments.input} holds no pass of an instrument: plan a drilling, a guide wire or a saw cut."
        )
    upto = len(passes) if arguments.upto is None else arguments.upto
    if not 1 <= upto <= len(passes):
        raise FluoroPrintError(f"--upto is {upto}, the plan holds {len(passes)} passes: choose 1 to that.")
    return passes[:upto]


def _name(number: int, planned: Planned) -> str:
    return f"bone-{number:02d}-{planned.id}.stl"


def _write(path: Path, step: Step) -> None:
    from ..files.mesh_formats import write_mesh
    from ..mesh.named import NamedModel
    from ..planning.replay import surface_after

    write_mesh(path, [NamedModel(path.stem, BONE, surface_after(step))])


def _words(step: Step) -> str:
    words = f"removed {step.removed_mm3:.1f} mm³"
    earlier = step.alone_mm3 - step.removed_mm3
    return words if earlier < 0.05 else f"{words}, {earlier:.1f} mm³ of its room were removed before"

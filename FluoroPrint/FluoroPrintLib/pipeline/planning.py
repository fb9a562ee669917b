"""The command that plans: what can be planned, with the options of each."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping

from ..progress import Progress
from .plan_electrodes import electrode_planners
from .plan_reports import report_planners
from .plan_screws import screw_planners
from .plan_vessels import vessel_planners
from .planner import Planner


def planners() -> Mapping[str, Planner]:
    """Return what can be planned by the word to type."""
    known = (*screw_planners(), *vessel_planners(), *electrode_planners(), *report_planners())
    return {planner.word: planner for planner in known}


def make_plan(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Plan what was asked for, write PLAN.json, return a table of the figures."""
    from ..files.atomic import check_writable

    planner = planners()[arguments.what]
    if not planner.fills_folder:
        check_writable(arguments.out)
    return planner.run(arguments, progress)


def add_planning(parser: argparse.ArgumentParser, words: Iterable[str]) -> None:
    """Add the choice of what to plan and the options of the one that `words` choose."""
    from .options import add_options

    known = planners()
    parser.add_argument("what", choices=tuple(known), help="What to plan.")
    chosen = next((known[word] for word in words if word in known), None)
    if chosen is None:
        return
    chosen.add_options(parser)
    for title, parameters in chosen.parameters().items():
        add_options(parser, parameters, title)

"""The command that plans: one word for each planner, and those that do more than add to a plan."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..parameters import Parameters
from ..progress import Progress, part_of
from .faults import naming
from .guides import add_guide_options, plan_guide
from .options import parameters_from
from .plan_files import add_place, added_to, bone_in, case_in, spared_in, surface_in, written
from .plan_pieces import add_pieces_options, write_pieces
from .plan_replay import add_replay_options, replay_plan
from .plan_reports import add_report_options, report_plan

if TYPE_CHECKING:
    from ..planning.plan import Places
    from ..planning.planner import Planner


@dataclass(frozen=True)
class PlanTask:
    """What a word after `plan` does.

    Attributes
    ----------
    run : plans, writes, and returns the lines to print
    add_options : adds what is no parameter: files and places
    parameters : parameter dataclass of each group of options by its title
    fills_folder : whether --out is a folder
    """

    run: Callable[[argparse.Namespace, Progress], list[str]]
    add_options: Callable[[argparse.ArgumentParser], None]
    parameters: Mapping[str, type[Parameters]]
    fills_folder: bool = False


def plan_tasks() -> Mapping[str, PlanTask]:
    """Return what can be planned by the word to type."""
    from ..planning.guide_parameters import GuideParameters
    from ..planning.planners import planners

    known = {
        word: PlanTask(partial(_plan_by, planner), partial(_add_planner, planner), planner.parameters)
        for word, planner in planners().items()
        if planner.has_command
    }
    return {
        **known,
        "guide": PlanTask(plan_guide, add_guide_options, {"guide": GuideParameters}),
        "pieces": PlanTask(write_pieces, add_pieces_options, {}, fills_folder=True),
        "report": PlanTask(report_plan, add_report_options, {}, fills_folder=True),
        "replay": PlanTask(replay_plan, add_replay_options, {}, fills_folder=True),
    }


def make_plan(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Plan what was asked for, write PLAN.json, return a table of the figures."""
    from ..files.atomic import check_writable

    task = plan_tasks()[arguments.what]
    if not task.fills_folder:
        check_writable(arguments.out)
    return task.run(arguments, progress)


def add_planning(parser: argparse.ArgumentParser, words: Iterable[str]) -> None:
    """Add the choice of what to plan and the options of the one that `words` choose."""
    from .options import add_options

    known = plan_tasks()
    parser.add_argument("what", choices=tuple(known), help="What to plan.")
    chosen = next((known[word] for word in words if word in known), None)
    if chosen is None:
        return
    chosen.add_options(parser)
    for title, parameters in chosen.parameters.items():
        add_options(parser, parameters, title)


def _add_planner(planner: Planner, parser: argparse.ArgumentParser) -> None:
    """Add places, catalogue, volume and side, as far as a planner asks for them."""
    parser.description = planner.help
    words = "Name of the segment to look at, where there are several; all of them if left out."
    parser.add_argument("--segment", metavar="NAME", help=words)
    words = "Plan to add to: its objects come first, and it stays as it is unless --out names it."
    parser.add_argument("--plan", metavar="PLAN.json", type=Path, help=words)
    for asked in planner.places:
        add_place(parser, f"--{asked.name}", asked.words, most=asked.most)
    if planner.places:
        words = (
            "Places in a file instead, by their names: Slicer's .mrk.json or .fcsv, or x y z in RAS mm and a "
            "name a line."
        )
        parser.add_argument("--landmarks", metavar="FILE", type=Path, help=words)
    if planner.families:
        _add_catalogue(planner, parser)
    if planner.takes_volume:
        words = "The volume that was segmented: its greys tell marrow and the quality of bone."
        parser.add_argument("--volume", metavar="VOLUME", type=Path, help=words)
    if planner.takes_others:
        words = f"{planner.others_words}."
        parser.add_argument("--together", metavar="BONE", type=Path, nargs="+", default=[], help=words)
    if planner.takes_spared:
        words = (
            "What must be spared: closed models, or segmentations, all segments but --segment of the input."
        )
        parser.add_argument("--spare", metavar="FILE", type=Path, nargs="+", default=[], help=words)
    if planner.takes_side:
        parser.add_argument("--side", choices=("left", "right"), default="", help="Side of the patient.")


def _add_catalogue(planner: Planner, parser: argparse.ArgumentParser) -> None:
    from ..catalog.families import families_of

    kind, usual = next(iter(planner.families.items()))
    listed = ", ".join(family.id for family in families_of(kind))
    words = f"Family of the catalogue: {listed} (default {usual})."
    parser.add_argument("--family", metavar="ID", default=usual, help=words)
    words = "Catalogue of your own, as catalog/implants.json is; its families are chosen from too."
    parser.add_argument("--implants", metavar="FILE.json", type=Path, help=words)


def _plan_by(planner: Planner, arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Let a planner plan what the arguments say."""
    from ..files.volumes import read_volume
    from ..planning.planner import PlanRequest, refuse_lacking

    volume = getattr(arguments, "volume", None)
    places = _places(planner, arguments)
    refuse_lacking(planner, places)
    together = getattr(arguments, "together", ())
    with naming(arguments.input, volume, *together):
        request = PlanRequest(
            case_in(arguments.input),
            bone_in(arguments.input, arguments.segment),
            partial(surface_in, arguments.input, arguments.segment),
            tuple(bone_in(path).labelmap for path in together),
            read_volume(volume) if volume is not None else None,
            places,
            _families(planner, arguments),
            getattr(arguments, "side", ""),
            {kind: parameters_from(arguments, kind) for kind in planner.parameters.values()},
            spared_in(arguments) if planner.takes_spared else {},
            lambda: tuple(surface_in(path) for path in together),
        )
        found = planner.plan(request, part_of(progress, 0.1, 0.95))
        plan = added_to(arguments.plan, found)
    return written(arguments.out, plan, planner.columns)


def _families(planner: Planner, arguments: argparse.Namespace) -> dict[str, Any]:
    from ..catalog.families import family_of

    wanted = dict(planner.families)
    if wanted:
        wanted[next(iter(wanted))] = arguments.family
    return {kind: family_of(kind, name, arguments.implants) for kind, name in wanted.items()}


def _places(planner: Planner, arguments: argparse.Namespace) -> dict[str, Places]:
    """Return the places by their names; those typed stand in for those of the file."""
    from ..files.landmarks import read_landmarks
    from ..planning.planner import places_by_name

    path: Path | None = getattr(arguments, "landmarks", None)
    read = read_landmarks(path) if path else {}
    found: dict[str, Places] = {name: (place,) for name, place in read.items()}
    found |= places_by_name(read, planner.places)
    for asked in planner.places:
        typed = getattr(arguments, asked.name.replace("-", "_"))
        if typed is not None:
            found[asked.name] = tuple((x, y, z) for x, y, z in (typed if asked.most > 1 else [typed]))
    return found

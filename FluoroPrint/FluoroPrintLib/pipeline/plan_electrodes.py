"""Planning an electrode by the command: a lead from an entry to a target, clear of what must be spared."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..parameters import Parameters
from ..progress import Progress
from .faults import naming
from .options import parameters_from
from .planner import Planner, add_place, case_in, segmentation_in, written

if TYPE_CHECKING:
    from ..planning.electrode import Structure

COLUMNS = ("lead", "length", "least clearance")
DEFAULT_FAMILY = "lead-3389"


def electrode_planners() -> tuple[Planner, ...]:
    """Return what plans electrodes."""
    return (Planner("electrode", plan_electrode, _parameters, _add_options),)


def _parameters() -> Mapping[str, type[Parameters]]:
    from ..planning.electrode import ElectrodeParameters

    return {"electrode": ElectrodeParameters}


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_place(parser, "--entry", "Where the electrode enters", required=True)
    add_place(parser, "--target", "Where it shall end", required=True)
    words = f"Lead in the catalogue of implants (default {DEFAULT_FAMILY})."
    parser.add_argument("--family", metavar="ID", default=DEFAULT_FAMILY, help=words)
    parser.add_argument("--side", choices=("left", "right"), default="", help="Side of the patient.")


def plan_electrode(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Plan an electrode; every segment of the input is to be spared."""
    from ..catalog.implants import implant_family
    from ..planning.electrode import ElectrodeParameters, clearance_of, electrode_to, safest_entry
    from ..planning.electrode_objects import lead_of_family, planned_electrode
    from ..planning.plan import Plan

    chosen = parameters_from(arguments, ElectrodeParameters)
    lead = lead_of_family(implant_family(arguments.family))
    given, target = tuple(arguments.entry), tuple(arguments.target)
    with naming(arguments.input):
        spared = _structures(arguments.input)
        progress(0.5, "Looking for the entry")
        entry = safest_entry(given, target, lead, spared, chosen)
        electrode = electrode_to(entry, target, lead, chosen.beyond_mm)
        clear = {name: clearance_of(electrode, field) for name, field in spared.items()}
    moved = float(np.linalg.norm(np.subtract(entry, given)))
    name = f"electrode-{arguments.side}" if arguments.side else "electrode-1"
    label = f"Electrode, {arguments.side}" if arguments.side else "Electrode"
    planned = planned_electrode(name, label, electrode, clear, chosen, side=arguments.side, moved_mm=moved)
    near = [word for word, each in clear.items() if each.least_mm < chosen.margin_mm]
    notes = tuple(f"The electrode comes nearer to {word} than {chosen.margin_mm:g} mm." for word in near)
    return written(arguments.out, Plan(case_in(arguments.input), arguments.side, (planned,), notes), COLUMNS)


def _structures(path: Path) -> dict[str, Structure]:
    """Return the segments that hold anything, by name."""
    from ..planning.electrode import structure_of

    found = segmentation_in(path)
    labels = found.labelmap.array_kji
    return {
        segment.name: structure_of(found.labelmap.with_array(np.uint8(labels == segment.label)))
        for segment in found.segments
        if (labels == segment.label).any()
    }

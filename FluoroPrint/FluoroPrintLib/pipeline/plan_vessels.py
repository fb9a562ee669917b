"""Planning along a vessel by the command: centreline and widths, landing zones, a stent-graft."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..parameters import Parameters
from ..progress import Progress
from .faults import naming
from .options import parameters_from
from .planner import Planner, add_place, bone_in, case_in, written

if TYPE_CHECKING:
    from ..planning.centreline import Centreline
    from ..planning.landing import Neck
    from ..planning.lumen import LumenSections
    from ..planning.plan import Planned

COLUMNS = ("length", "diameter", "least diameter", "neck length", "neck diameter", "neck angle", "oversize")
DEFAULT_FAMILY = "stent-graft-tube"


def vessel_planners() -> tuple[Planner, ...]:
    """Return what plans along vessels."""
    return (Planner("vessel", plan_vessel, _parameters, _add_options),)


def _parameters() -> Mapping[str, type[Parameters]]:
    from ..planning.centreline import CentrelineParameters
    from ..planning.landing import LandingParameters
    from ..planning.stent_graft import StentGraftParameters

    return {
        "centreline": CentrelineParameters,
        "landing zones": LandingParameters,
        "stent-graft": StentGraftParameters,
    }


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_place(parser, "--start", "Upstream end of the centreline", required=True)
    add_place(parser, "--end", "Downstream end of the centreline", required=True)
    words = "Where the neck begins: the lowest branch that must stay open"
    add_place(parser, "--neck", words)
    words = "Where the zone below the aneurysm ends, such as the next branch; with it a graft is sized"
    add_place(parser, "--distal", words)
    words = f"Family of stent-grafts in the catalogue of implants (default {DEFAULT_FAMILY})."
    parser.add_argument("--family", metavar="ID", default=DEFAULT_FAMILY, help=words)


def plan_vessel(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Plan along a vessel between two places of its lumen."""
    from ..planning.centreline import CentrelineParameters, centreline_of
    from ..planning.field import bone_field
    from ..planning.lumen import lumen_sections
    from ..planning.plan import Plan

    with naming(arguments.input):
        lumen = bone_in(arguments.input)
        progress(0.2, "Looking for the way through the lumen")
        chosen = parameters_from(arguments, CentrelineParameters)
        line = centreline_of(lumen, tuple(arguments.start), tuple(arguments.end), chosen)
        progress(0.7, "Measuring the lumen")
        sections = lumen_sections(bone_field(lumen), line)
        objects, notes = _objects(arguments, line, sections)
    return written(arguments.out, Plan(case_in(arguments.input), "", objects, notes), COLUMNS)


def _objects(
    arguments: argparse.Namespace, line: Centreline, sections: LumenSections
) -> tuple[tuple[Planned, ...], tuple[str, ...]]:
    """Return the centreline with its zones, and the graft where both are known; and what speaks against."""
    from ..planning.landing import (
        LandingParameters,
        lacking_of_access,
        lacking_of_distal,
        lacking_of_neck,
        neck_from,
        place_along,
    )
    from ..planning.vessel_objects import planned_centreline, with_neck

    asked = parameters_from(arguments, LandingParameters)
    found = planned_centreline("centreline-1", "Centreline", line, sections)
    notes = [*lacking_of_access(sections, asked)]
    zones: list[Neck] = []
    for word, place, sign, lacking in (
        ("neck", arguments.neck, 1, lacking_of_neck),
        ("distal zone", arguments.distal, -1, lacking_of_distal),
    ):
        if place is not None:
            zones.append(neck_from(line, sections, place_along(line, tuple(place)), sign, asked))
            said = lacking(zones[-1], asked)
            found = with_neck(found, word, zones[-1], said)
            notes += said
    if len(zones) < 2:
        return (found,), tuple(notes)
    graft = _graft(arguments, line, sections, zones[0], zones[1])
    end = zones[0].start_mm + float(graft.figures["length"].value)  # type: ignore[arg-type]
    if end > zones[1].start_mm:
        over = end - zones[1].start_mm
        notes.append(f"The graft ends {over:.0f} mm beyond the distal zone: choose another family.")
    return (found, graft), tuple(notes)


def _graft(
    arguments: argparse.Namespace, line: Centreline, sections: LumenSections, neck: Neck, zone: Neck
) -> Planned:
    from ..catalog.implants import implant_family
    from ..planning.landing import LandingParameters
    from ..planning.stent_graft import StentGraftParameters, deployed, graft_diameter, graft_length
    from ..planning.vessel_objects import planned_stent_graft

    family = implant_family(arguments.family)
    chosen = parameters_from(arguments, StentGraftParameters)
    first = graft_diameter(neck.diameter_mm, family.sizes("diameter_mm"), chosen)
    last = graft_diameter(zone.diameter_mm, family.sizes("distal_diameter_mm"), chosen)
    held = parameters_from(arguments, LandingParameters).distal_mm
    length = graft_length(zone.end_mm + held - neck.start_mm, family.sizes("length_mm"))
    zones = (neck.diameter_mm, zone.diameter_mm)
    graft = deployed(line, sections, neck.start_mm, zones, (first, last), length)
    return planned_stent_graft("stent-graft-1", family.title, graft)

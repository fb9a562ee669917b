"""Planning along a vessel: its centreline and widths, the landing zones of a stent-graft, the graft."""

from __future__ import annotations

from ..progress import Progress
from .centreline import Centreline, CentrelineParameters, centreline_of
from .field import bone_field
from .landing import (
    LandingParameters,
    Neck,
    lacking_of_access,
    lacking_of_distal,
    lacking_of_neck,
    neck_from,
    place_along,
)
from .lumen import LumenSections, lumen_sections
from .plan import Plan, Planned
from .planner import PlaceAsked, Planner, PlanRequest
from .stent_graft import StentGraft, StentGraftParameters, deployed, graft_diameter, graft_length
from .vessel_objects import planned_centreline, planned_stent_graft, with_neck

COLUMNS = ("length", "diameter", "least diameter", "neck length", "neck diameter", "neck angle", "oversize")
NECK, DISTAL = "neck", "distal"
STENT = "stent"


def vessel_planner() -> Planner:
    """Return what plans along a vessel."""
    return Planner(
        "vessel",
        "Vessel and stent-graft",
        "The centreline of a lumen between two places, its widths, the zones that hold a stent-graft, and "
        "where both zones are known the graft.",
        plan_vessel,
        {
            "centreline": CentrelineParameters,
            "landing zones": LandingParameters,
            "stent-graft": StentGraftParameters,
        },
        (
            PlaceAsked("start", "Upstream end of the centreline"),
            PlaceAsked("end", "Downstream end of the centreline"),
            PlaceAsked(NECK, "Where the neck begins: the lowest branch that must stay open", required=False),
            PlaceAsked(DISTAL, "Where the zone below ends, such as the next branch", required=False),
        ),
        {STENT: "stent-graft-tube"},
        COLUMNS,
    )


def plan_vessel(request: PlanRequest, progress: Progress) -> Plan:
    """Plan along a vessel between two places of its lumen."""
    lumen = request.bone.labelmap
    progress(0.0, "Looking for the way through the lumen")
    ends = request.place("start"), request.place("end")
    line = centreline_of(lumen, *ends, request.of(CentrelineParameters))
    progress(0.7, "Measuring the lumen")
    sections = lumen_sections(bone_field(lumen), line)
    found, zones, notes = _with_zones(request, line, sections)
    if len(zones) < 2:
        return Plan(request.case, "", (found,), notes)
    graft = _graft(request, line, sections, zones[0], zones[1])
    notes += _beyond(graft, zones[0], zones[1])
    planned = planned_stent_graft("stent-graft-1", request.families[STENT].title, graft)
    return Plan(request.case, "", (found, planned), notes)


def _with_zones(
    request: PlanRequest, line: Centreline, sections: LumenSections
) -> tuple[Planned, list[Neck], tuple[str, ...]]:
    """Return the centreline with the zones that were asked for, these, and what speaks against them."""
    asked = request.of(LandingParameters)
    found = planned_centreline("centreline-1", "Centreline", line, sections)
    notes, zones = [*lacking_of_access(sections, asked)], []
    for name, word, sign, lacking_of in (
        (NECK, "neck", 1, lacking_of_neck),
        (DISTAL, "distal zone", -1, lacking_of_distal),
    ):
        if request.places.get(name):
            begin = place_along(line, request.place(name))
            zones.append(neck_from(line, sections, begin, sign, asked))
            said = lacking_of(zones[-1], asked)
            found = with_neck(found, word, zones[-1], said)
            notes += said
    return found, zones, tuple(notes)


def _graft(
    request: PlanRequest, line: Centreline, sections: LumenSections, neck: Neck, zone: Neck
) -> StentGraft:
    """Return the graft that holds in both zones, as short as can be."""
    chosen, family = request.of(StentGraftParameters), request.families[STENT]
    first = graft_diameter(neck.diameter_mm, family.sizes("diameter_mm"), chosen)
    last = graft_diameter(zone.diameter_mm, family.sizes("distal_diameter_mm"), chosen)
    covered = zone.end_mm + request.of(LandingParameters).distal_mm - neck.start_mm
    length = graft_length(covered, family.sizes("length_mm"))
    zones = (neck.diameter_mm, zone.diameter_mm)
    return deployed(line, sections, neck.start_mm, zones, (first, last), length)


def _beyond(graft: StentGraft, neck: Neck, zone: Neck) -> tuple[str, ...]:
    over = neck.start_mm + graft.length_mm - zone.start_mm
    if over <= 0:
        return ()
    return (f"The graft ends {over:.0f} mm beyond the distal zone: choose another family.",)

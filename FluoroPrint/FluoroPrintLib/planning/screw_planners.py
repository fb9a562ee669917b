"""Planning screws: for all pedicles of a spine, or along a corridor of any bone."""

from __future__ import annotations

from ..progress import Progress, part_of
from .corridors import CorridorParameters, screw_in_corridor
from .field import bone_field
from .pedicle_screws import PedicleScrewParameters
from .plan import AUTOMATIC, USER, Plan
from .planner import PlaceAsked, Planner, PlanRequest
from .quality import QualityParameters
from .screw_objects import SCREW, corridor_plan, spine_plan
from .spine import plan_pedicle_screws

COLUMNS = ("diameter", "length", "margin", "grade", "least distance at")


def screw_planners() -> tuple[Planner, ...]:
    """Return what plans screws."""
    return (
        Planner(
            "screws",
            "Pedicle screws",
            "A screw for every pedicle in view, from the segmentation of the bone alone.",
            plan_screws,
            {"screws": PedicleScrewParameters, "bone quality": QualityParameters},
            families={SCREW: "pedicle"},
            columns=COLUMNS,
            takes_volume=True,
        ),
        Planner(
            "corridor",
            "Screw in a corridor",
            "A screw from an entry to a target, or the widest corridor near them.",
            plan_corridor,
            {"corridor": CorridorParameters},
            (PlaceAsked("entry", "Where the screw enters"), PlaceAsked("target", "Where it shall end")),
            {SCREW: "cannulated"},
            COLUMNS,
        ),
    )


def plan_screws(request: PlanRequest, progress: Progress) -> Plan:
    """Plan a screw for each pedicle of a segmentation; see `spine.plan_pedicle_screws`."""
    chosen, quality = request.of(PedicleScrewParameters), request.of(QualityParameters)
    names = {segment.label: segment.name for segment in request.bone.segments}
    planning = part_of(progress, 0.0, 0.95)
    found = plan_pedicle_screws(request.bone.labelmap, request.families[SCREW], chosen, names, planning)
    return spine_plan(request.case, found, chosen, request.volume, quality)


def plan_corridor(request: PlanRequest, progress: Progress) -> Plan:
    """Plan a screw from an entry to a target; see `corridors.screw_in_corridor`."""
    chosen = request.of(CorridorParameters)
    progress(0.1, "Measuring how deep the bone is")
    field = bone_field(request.bone.labelmap)
    progress(0.4, "Looking for the corridor")
    ends = request.place("entry"), request.place("target")
    screw = screw_in_corridor(field, *ends, request.families[SCREW], chosen)
    found_by = AUTOMATIC if chosen.patch_mm > 0 else USER
    return corridor_plan(request.case, screw, field, chosen, chosen_by=found_by)

"""Planning screws: for all pedicles of a spine, or along a corridor of any bone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..errors import FluoroPrintError
from ..parameters import Choices, Help, Parameters
from ..progress import Progress, part_of
from .corridors import CorridorParameters, screw_in_corridor
from .field import bone_field
from .meshes import joined
from .pedicle_screws import PedicleScrewParameters
from .pelvic_corridors import ILIOSACRAL, PELVIC_REGIONS, screw_in_region
from .plan import AUTOMATIC, USER, Plan
from .planner import PlaceAsked, Planner, PlanRequest
from .quality import QualityParameters
from .screw_objects import SCREW, corridor_plan, spine_plan
from .spine import plan_pedicle_screws, with_marrow_by_greys

ENTRY, TARGET = "entry", "target"
GIVEN = "given"
COLUMNS = ("diameter", "length", "margin", "grade", "least distance at")


@dataclass(frozen=True)
class RegionParameters(Parameters):
    """Which corridor of the pelvis is looked for."""

    region: Annotated[
        str,
        Choices((GIVEN, *PELVIC_REGIONS)),
        Help("Corridor of the pelvis to find by itself; given: from entry to target."),
    ] = GIVEN


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
            "A screw from an entry to a target, or the widest corridor near them; or in a corridor of the "
            "pelvis that is found by itself.",
            plan_corridor,
            {"region": RegionParameters, "corridor": CorridorParameters},
            (
                PlaceAsked(ENTRY, "Where the screw enters", required=False),
                PlaceAsked(TARGET, "Where it shall end", required=False),
            ),
            {SCREW: "cannulated"},
            COLUMNS,
            takes_side=True,
            takes_volume=True,
            takes_others=True,
        ),
    )


def plan_screws(request: PlanRequest, progress: Progress) -> Plan:
    """Plan a screw for each pedicle of a segmentation; see `spine.plan_pedicle_screws`."""
    chosen, quality = request.of(PedicleScrewParameters), request.of(QualityParameters)
    names = {segment.label: segment.name for segment in request.bone.segments}
    planning = part_of(progress, 0.0, 0.95)
    found = plan_pedicle_screws(
        request.bone.labelmap, request.families[SCREW], chosen, names, planning, request.volume
    )
    return spine_plan(request.case, found, chosen, request.volume, quality)


def plan_corridor(request: PlanRequest, progress: Progress) -> Plan:
    """Plan a screw from an entry to a target, or in a corridor of the pelvis.

    Raises
    ------
    FluoroPrintError
        Neither entry and target nor a region are given, or both; a region lacks its side; nothing fits.
    """
    region = request.of(RegionParameters).region
    given = [name for name in (ENTRY, TARGET) if request.places.get(name)]
    _refuse_unclear(request, region, given)
    progress(0.1, "Measuring how deep the bone is")
    return _between(request, progress) if region == GIVEN else _in_region(request, region, progress)


def _refuse_unclear(request: PlanRequest, region: str, given: list[str]) -> None:
    if region == GIVEN and len(given) < 2:
        raise FluoroPrintError("A corridor needs entry and target, or a region with its side: give these.")
    if region != GIVEN and given:
        raise FluoroPrintError("A region finds entry and target by itself: leave out the one or the others.")
    if region != GIVEN and not request.side:
        raise FluoroPrintError("A corridor of the pelvis needs a side: choose left or right.")


def _between(request: PlanRequest, progress: Progress) -> Plan:
    chosen = request.of(CorridorParameters)
    field = bone_field(request.bone.labelmap)
    progress(0.4, "Looking for the corridor")
    ends = request.place(ENTRY), request.place(TARGET)
    screw = screw_in_corridor(field, *ends, request.families[SCREW], chosen)
    found_by = AUTOMATIC if chosen.patch_mm > 0 else USER
    return corridor_plan(request.case, screw, field, chosen, chosen_by=found_by)


def _in_region(request: PlanRequest, region: str, progress: Progress) -> Plan:
    """Plan in a corridor of the pelvis; for an iliosacral screw the joints between all bones are closed."""
    chosen, first = request.of(CorridorParameters), request.bone.labelmap
    if request.volume is not None:
        first = with_marrow_by_greys(first, request.volume)
    field = bone_field(joined([first, *request.others]) if region == ILIOSACRAL else first)
    progress(0.4, "Looking for the corridor")
    screw = screw_in_region(field, region, request.side, request.families[SCREW], chosen)
    return corridor_plan(
        request.case, screw, field, chosen, chosen_by=AUTOMATIC, region=region, side=request.side
    )

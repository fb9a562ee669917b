"""Planning a guide on what a plan holds already: its screws, the holes of its plates, its cuts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ..errors import FluoroPrintError
from ..progress import Progress
from ..shape.solids import unit
from .guide import make_guide
from .guide_objects import GUIDE, planned_guide
from .guide_parameters import CutPlane, DrillLine, GuideParameters
from .osteotomy_objects import OSTEOTOMY, osteotomy_of
from .plan import Place, Places, Plan, Planned, place_of
from .planner import PlaceAsked, Planner, PlanRequest
from .plate import drill_lines
from .plate_objects import PLATE, plate_of
from .screw_objects import SCREW, screw_of

ENTRY, TARGET, CUT = "entry", "target", "cut"
MOST = 20


def guide_planner() -> Planner:
    """Return what plans a guide."""
    return Planner(
        GUIDE,
        "Drill or cutting guide",
        "A base that lies on the bone, with a sleeve for each screw and each hole of a plate chosen in the "
        "table, a slot in each cut; or for the places given. Hold Ctrl to choose several rows.",
        plan_guide,
        {GUIDE: GuideParameters},
        (
            PlaceAsked(ENTRY, "Where a drill enters the bone; more than one in their order", False, MOST),
            PlaceAsked(TARGET, "Where it ends, as many as entries", False, MOST),
            PlaceAsked(
                CUT,
                "Where the slot of a chosen cut shall be; without a cut three places of the plane to be "
                "sawn, the first where its slot shall be",
                False,
                MOST,
            ),
        ),
        columns=("bore diameter", "clearance", "gap, median", "penetration on removal"),
        builds_on=(SCREW, PLATE, OSTEOTOMY),
        has_command=False,
    )


def plan_guide(request: PlanRequest, progress: Progress) -> Plan:
    """Make a guide on the closed surface of a bone, and check it.

    Raises
    ------
    FluoroPrintError
        There is nothing to be drilled or sawn, an entry lacks its target, a cut its place, or this bone
        carries no guide for them.
    """
    chosen, places = request.of(GuideParameters), request.places
    drills = [*lines_between(places.get(ENTRY, ()), places.get(TARGET, ()))]
    drills += lines_of(request.objects, chosen.plate_depth_mm)
    cuts = cuts_at(places.get(CUT, ()), request.objects)
    if not drills and not cuts:
        raise FluoroPrintError(
            "There is nothing to guide: choose screws, plates or cuts of the plan, or give entry and target."
        )
    guide = make_guide(request.surface(), drills, cuts, chosen, None, progress)
    planned = planned_guide("guide-1", _label(request.objects), guide)
    return Plan(request.case, "", (planned,), guide.notes)


def _label(objects: Sequence[Planned]) -> str:
    return f"Guide for {', '.join(planned.label for planned in objects)}" if objects else "Guide"


def lines_between(entries: Places, targets: Places) -> tuple[DrillLine, ...]:
    """Return the line of each entry to its target, RAS mm.

    Raises
    ------
    FluoroPrintError
        There are more of the one than of the other.
    """
    if len(entries) != len(targets):
        raise FluoroPrintError("A drill needs an entry and a target: give them as a pair each.")
    return tuple(DrillLine(entry, target) for entry, target in zip(entries, targets, strict=True))


def lines_of(objects: Iterable[Planned], plate_depth_mm: float) -> list[DrillLine]:
    """Return what is drilled for objects of a plan: screws from entry to tip, the holes of plates so deep."""
    found: list[DrillLine] = []
    for planned in objects:
        if planned.kind == SCREW:
            screw = screw_of(planned)
            found.append(DrillLine(screw.entry_ras, screw.tip_ras))
        elif planned.kind == PLATE:
            found += drill_lines(plate_of(planned), plate_depth_mm)
    return found


def cuts_at(places: Places, objects: Iterable[Planned]) -> list[CutPlane]:
    """Return the planes to be sawn: each place in the nearest cut of the objects, else that of three places.

    Raises
    ------
    FluoroPrintError
        A cut of the objects has no place, or there are not three places of a plane.
    """
    planes = [cut for planned in objects if planned.kind == OSTEOTOMY for cut in osteotomy_of(planned).cuts]
    if planes:
        if not places:
            raise FluoroPrintError(f'Give the place "{CUT}": where on the bone the slot of the cut shall be.')
        return [_onto(planes, place) for place in places]
    if not places:
        return []
    if len(places) != 3:
        raise FluoroPrintError(f'A plane needs three places called "{CUT}"; {len(places)} were given.')
    first, second, third = (np.asarray(place) for place in places)
    normal = np.cross(second - first, third - first)
    if np.linalg.norm(normal) < 1e-6:
        raise FluoroPrintError(f'The three places called "{CUT}" lie on a line: move one of them aside.')
    return [CutPlane(places[0], place_of(unit(normal)))]


def _onto(planes: Sequence[CutPlane], place: Place) -> CutPlane:
    """Return the nearest of some planes, told by the place of it that is nearest to a place."""
    offsets = [float(np.dot(np.subtract(place, plane.point_ras), unit(plane.normal_ras))) for plane in planes]
    nearest = int(np.argmin(np.abs(offsets)))
    normal = unit(planes[nearest].normal_ras)
    return CutPlane(place_of(np.asarray(place) - offsets[nearest] * normal), place_of(normal))

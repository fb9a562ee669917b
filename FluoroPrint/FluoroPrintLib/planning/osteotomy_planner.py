"""Planning an osteotomy: a cut, a hinge, and how far the wedge is opened or closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress
from ..shape.solids import frame_along, unit
from .guide_parameters import CutPlane
from .osteotomy import angle_of_chord_deg, width_mm
from .osteotomy_objects import (
    ANGLE,
    AREA,
    CONTACT,
    HEIGHT,
    KERF,
    OVERLAP,
    SLIDE,
    VOLUMES,
    WEDGE,
    Osteotomy,
    planned_osteotomy,
)
from .plan import Place, Places, Plan, place_of
from .planner import PlaceAsked, Planner, PlanRequest

CUT, TOWARDS, HINGE, SECOND = "cut", "towards", "hinge", "second-cut"
OPENING, CLOSING = "opening", "closing"


@dataclass(frozen=True)
class OsteotomyParameters(Parameters):
    """How a bone is cut, and how the part beyond the cut is moved."""

    angle_deg: Annotated[
        float, Bounds(0.0, 180.0), Unit("°"), Help("How far the part beyond the cut is turned.")
    ] = 0.0
    height_mm: Annotated[
        float,
        Bounds(0.0, 60.0),
        Unit("mm"),
        Help("Height of the wedge at the far cortex, instead of the angle; 0: by the angle."),
    ] = 0.0
    wedge: Annotated[
        str,
        Choices((OPENING, CLOSING)),
        Help("Whether the turn opens the cut, or closes a wedge that is taken out."),
    ] = OPENING
    slide_mm: Annotated[
        float, Bounds(-60.0, 60.0), Unit("mm"), Help("How far the part is moved along the hinge.")
    ] = 0.0
    kerf_mm: Annotated[float, Bounds(0.0, 5.0), Unit("mm"), Help("What the saw takes away.")] = 1.0


def osteotomy_planner() -> Planner:
    """Return what plans an osteotomy."""
    return Planner(
        "osteotomy",
        "Osteotomy",
        "A bone is cut by a plane, and what lies beyond it is turned about a hinge and slid along it.",
        plan_osteotomy,
        {"osteotomy": OsteotomyParameters},
        (
            PlaceAsked(CUT, "The cut: three places of its plane, or one", most=3),
            PlaceAsked(
                TOWARDS,
                "A place in the part that moves; with one place of the cut, it is square to the way there",
            ),
            PlaceAsked(HINGE, "Places of the hinge: one, or two for its direction", required=False, most=2),
            PlaceAsked(SECOND, "Three places of a second cut, as for a segment", required=False, most=3),
        ),
        columns=(ANGLE, HEIGHT, SLIDE, KERF, CONTACT, WEDGE, OVERLAP, AREA, VOLUMES),
        takes_side=True,
    )


def plan_osteotomy(request: PlanRequest, progress: Progress) -> Plan:
    """Plan an osteotomy on the closed surface of a bone.

    Raises
    ------
    FluoroPrintError
        The places make no plane or hinge, a turn lacks its hinge, or the cut does not part the bone.
    """
    chosen, bone = request.of(OsteotomyParameters), request.surface()
    progress(0.2, "Cutting the bone")
    first = cut_through(request.places[CUT], request.place(TOWARDS))
    cuts = [first]
    if request.places.get(SECOND):
        cuts.append(_second(request.places[SECOND], first))
    hinge, axis = hinge_of(request.places.get(HINGE, ()), first, chosen)
    angle = chosen.angle_deg
    if chosen.height_mm > 0:
        angle = angle_of_chord_deg(width_mm(bone, first, hinge, axis), chosen.height_mm)
    turn = angle if chosen.wedge == OPENING else -angle
    osteotomy = Osteotomy(tuple(cuts), chosen.kerf_mm, hinge, axis, turn, chosen.slide_mm)
    side = request.side
    name, label = (f"osteotomy-{side}", f"Osteotomy, {side}") if side else ("osteotomy-1", "Osteotomy")
    planned = planned_osteotomy(name, label, osteotomy, bone, side=side)
    count = len(planned.figures[VOLUMES].value)  # type: ignore[arg-type]
    notes = () if count == len(cuts) + 1 else (f"The cuts part the bone into {count} pieces: look at them.",)
    return Plan(request.case, side, (planned,), notes)


def cut_through(places: Places, towards: Place) -> CutPlane:
    """Return the plane through one place or three, its normal to the side of `towards`.

    Raises
    ------
    FluoroPrintError
        There are two places, three lie in a line, or `towards` lies in the plane.
    """
    origin = np.mean(places, axis=0)
    away = np.asarray(towards) - origin
    if len(places) == 1:
        return CutPlane(places[0], place_of(unit(away, "way to the part that moves")))
    normal = _normal(places)
    side = float(away @ normal)
    if abs(side) < 1e-6:
        raise FluoroPrintError("The place in the part that moves lies in the cut: give one beyond it.")
    return CutPlane(place_of(origin), place_of(np.sign(side) * normal))


def _normal(places: Places) -> Float64Array:
    if len(places) != 3:
        raise FluoroPrintError("A plane needs three places: give three.")
    one, two, three = np.asarray(places, np.float64)
    return unit(np.cross(two - one, three - one), "normal of the three places, which lie in a line,")


def _second(places: Places, first: CutPlane) -> CutPlane:
    """Return a second cut, its normal as the first one's as far as may be."""
    normal = _normal(places)
    sign = 1.0 if normal @ np.asarray(first.normal_ras) >= 0 else -1.0
    return CutPlane(place_of(np.mean(places, axis=0)), place_of(sign * normal))


def hinge_of(places: Places, cut: CutPlane, chosen: OsteotomyParameters) -> tuple[Place, Place]:
    """Return a point and the direction of a hinge, such that a turn above 0 opens the cut.

    Of one place the hinge lies in the cut, square to the way from it to the cut's point; two give its
    direction. One that is square to the cut turns by the right hand.

    Raises
    ------
    FluoroPrintError
        Something is to be moved and there is no hinge, or it is the cut's own point.
    """
    normal = np.asarray(cut.normal_ras)
    if not places:
        if chosen.angle_deg or chosen.height_mm or chosen.slide_mm:
            raise FluoroPrintError("To turn or slide the part beyond the cut it needs a hinge: give one.")
        return cut.point_ras, place_of(frame_along(normal)[0])
    away = np.asarray(cut.point_ras) - np.asarray(places[0])
    if len(places) == 1:
        return places[0], place_of(unit(np.cross(away, normal), "way from the hinge to the cut"))
    axis = unit(np.subtract(places[1], places[0]), "hinge")
    opens = float(np.cross(axis, away) @ normal)
    return places[0], place_of(axis if opens >= -1e-9 else -axis)

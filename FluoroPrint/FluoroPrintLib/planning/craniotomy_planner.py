"""Planning a craniotomy: a closed curve over a bone through places, and the flap that it cuts out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress
from .craniotomy import Craniotomy, cut_flap
from .craniotomy_objects import (
    AREA,
    CRANIOTOMY,
    KERF,
    PERIMETER,
    THICKEST,
    THINNEST,
    VOLUME,
    planned_craniotomy,
)
from .laid_curve import LaidCurve
from .plan import Plan
from .planner import PlaceAsked, Planner, PlanRequest

PLACE, MOST_PLACES = "place", 60


@dataclass(frozen=True)
class CraniotomyParameters(Parameters):
    """How a flap is cut out."""

    kerf_mm: Annotated[
        float, Bounds(0.1, 5.0), Unit("mm"), Help("What the cut takes away, half of it on either side.")
    ] = 1.5
    deepest_mm: Annotated[
        float,
        Bounds(1.0, 80.0),
        Unit("mm"),
        Help("The cut goes through the bone where it is no thicker than this."),
    ] = 25.0


def craniotomy_planner() -> Planner:
    """Return what plans a craniotomy."""
    return Planner(
        CRANIOTOMY,
        "Craniotomy",
        "A flap cut out along a closed curve over the bone, square to it and no deeper than it is thick.",
        plan_craniotomy,
        {"craniotomy": CraniotomyParameters},
        (PlaceAsked(PLACE, "A place on the bone that the curve goes through, in order", most=MOST_PLACES),),
        columns=(AREA, VOLUME, PERIMETER, THINNEST, THICKEST, KERF),
        takes_side=True,
    )


def plan_craniotomy(request: PlanRequest, progress: Progress) -> Plan:
    """Plan a craniotomy on the closed surface of a bone.

    Raises
    ------
    FluoroPrintError
        There are fewer than three places, the curve leaves the bone, or the cut sets no flap free.
    """
    chosen, side = request.of(CraniotomyParameters), request.side
    wanted = Craniotomy(request.places[PLACE], chosen.kerf_mm, chosen.deepest_mm)
    progress(0.1, "Reading the bone")
    bone = request.surface()
    progress(0.3, "Cutting the flap")
    flap = cut_flap(bone, wanted)
    name, label = (f"craniotomy-{side}", f"Craniotomy, {side}") if side else ("craniotomy-1", "Craniotomy")
    planned = planned_craniotomy(name, label, wanted, flap, side=side)
    return Plan(request.case, side, (planned,), _notes(flap.curve))


def _notes(curve: LaidCurve) -> tuple[str, ...]:
    if curve.over_holes == 0:
        return ()
    return (f"{100 * curve.over_holes:.0f} % of the curve run over holes of the bone: look at them.",)

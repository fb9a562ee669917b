"""Planning a cut along an open curve over a bone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress
from ..shape.probing import Probe
from ..shape.solids import unit
from .curve_cut import CURVE_CUT, KERF, LENGTH, VOLUMES, planned_curve_cut, smooth_line
from .laid_curve import NORMAL_MM
from .osteotomy import CutCurve, cut_bone
from .plan import Place, Places, Plan, place_of
from .planner import PlaceAsked, Planner, PlanRequest

PLACE, TOWARDS, MOST_PLACES = "place", "towards", 60


@dataclass(frozen=True)
class CurveCutParameters(Parameters):
    """How a bone is cut along a curve."""

    kerf_mm: Annotated[float, Bounds(0.0, 5.0), Unit("mm"), Help("What the saw takes away.")] = 1.0


def curve_cut_planner() -> Planner:
    """Return what plans a cut along an open curve."""
    return Planner(
        CURVE_CUT,
        "Cut along a curve",
        "A bone parted along an open curve, straight through; beyond its ends the cut goes on straight.",
        plan_curve_cut,
        {"curve-cut parameters": CurveCutParameters},
        (
            PlaceAsked(PLACE, "A place on the bone that the curve goes through, in order", most=MOST_PLACES),
            PlaceAsked(
                TOWARDS,
                "A place to which the saw goes from the middle of the curve; else it goes square to the bone",
                required=False,
            ),
        ),
        columns=(LENGTH, KERF, VOLUMES),
        takes_side=True,
    )


def plan_curve_cut(request: PlanRequest, progress: Progress) -> Plan:
    """Plan a cut along an open curve on the closed surface of a bone.

    Raises
    ------
    FluoroPrintError
        There are fewer than two places, two are one, or the cut does not part the bone.
    """
    places, kerf = request.places[PLACE], request.of(CurveCutParameters).kerf_mm
    line = tuple(map(place_of, smooth_line(places)))
    progress(0.1, "Reading the bone")
    bone = request.surface()
    along = _way(Probe(bone), places, request.places.get(TOWARDS, ()))
    progress(0.4, "Cutting the bone")
    pieces = cut_bone(bone, [CutCurve(line, along, closed=False)], kerf)
    side = request.side
    name, label = (f"cut-{side}", f"Cut along a curve, {side}") if side else ("cut-1", "Cut along a curve")
    volumes = [piece.volume_mm3 for piece in pieces]
    planned = planned_curve_cut(name, label, places, along, kerf, volumes, side=side)
    notes = () if len(pieces) == 2 else (f"The cut parts the bone into {len(pieces)} pieces: look at them.",)
    return Plan(request.case, side, (planned,), notes)


def _way(probe: Probe, places: Places, towards: Places) -> Place:
    """Return the direction of the saw: to a place, else square to the bone at the curve's places."""
    if towards:
        return place_of(unit(np.subtract(towards[0], np.mean(places, axis=0)), "way of the saw"))
    outward = [probe.mean_normal(np.asarray(place, np.float64), NORMAL_MM) for place in places]
    return place_of(-unit(np.sum(outward, axis=0), "way square to the bone"))

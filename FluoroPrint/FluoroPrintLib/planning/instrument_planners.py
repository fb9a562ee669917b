"""Planning passes of instruments: drilled, sawn, and wires put in, between places that were given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Unit
from ..progress import Progress
from .implants import ImplantFamily, chosen_implant
from .instrument import DrillPass, SawPass
from .instrument_bone import (
    InstrumentParameters,
    Removed,
    depth_in,
    removed_from,
    removed_in_samples,
    spared_by,
    way_of,
)
from .instrument_kinds import TITLES
from .instrument_objects import (
    BY_BOOLEAN,
    CLEAR,
    CORTEX,
    CUT_AREA,
    DEPTH,
    DIAMETER,
    DRILLING,
    END,
    ENTRY,
    GUIDE_WIRE,
    IN_BONE,
    IN_SAMPLES,
    LENGTH,
    OVERSHOOT,
    REMOVED,
    REST,
    SAW_CUT,
    START,
    THICKNESS,
    THROUGH,
    WIDTH,
    pass_of,
    place_figures,
    planned_drilling,
    planned_saw_cut,
    surface_of_pass,
)
from .plan import USER, Decision, Place, Plan, Planned
from .planner import PlaceAsked, Planner, PlanRequest
from .surface_samples import surface_samples

TARGET = "target"
DRILL, WIRE, SAW = "drill", "wire", "saw"
"""Kinds of the catalogue."""
FOUND = (IN_BONE, THROUGH, OVERSHOOT, REMOVED, CORTEX, REST)


@dataclass(frozen=True)
class DrillingParameters(InstrumentParameters):
    """With what is drilled, and how what is removed is told apart."""

    diameter_mm: Annotated[
        float, Bounds(0.2, 50.0), Unit("mm"), Help("Diameter of the bit, one of its family.")
    ] = 3.2


@dataclass(frozen=True)
class GuideWireParameters(InstrumentParameters):
    """Which wire is put in, and how what is removed is told apart."""

    diameter_mm: Annotated[
        float, Bounds(0.2, 10.0), Unit("mm"), Help("Diameter of the wire, one of its family.")
    ] = 2.0


@dataclass(frozen=True)
class SawCutParameters(InstrumentParameters):
    """With which blade is sawn, and how what is removed is told apart."""

    width_mm: Annotated[
        float, Bounds(1.0, 100.0), Unit("mm"), Help("Width of the blade, one of its family.")
    ] = 19.0
    thickness_mm: Annotated[
        float, Bounds(0.1, 10.0), Unit("mm"), Help("Thickness of the blade, one of its family.")
    ] = 0.89


def instrument_planners() -> tuple[Planner, ...]:
    """Return what plans passes of drills, guide wires and saws."""
    tip = PlaceAsked(TARGET, "Where the tip shall end")
    cut = "Where the teeth shall end: a place at the depth, beside the line from start to end"
    return (
        _planner(
            "A hole drilled from an entry to a target: what it takes out of the bone.",
            DRILLING,
            partial(plan_drilling, DRILLING, DRILL, DrillingParameters),
            DrillingParameters,
            (PlaceAsked(ENTRY, "Where the drill enters"), tip),
            {DRILL: "drill-bit"},
            (DIAMETER, LENGTH, *FOUND, CLEAR),
        ),
        _planner(
            "A guide wire from an entry to a target: its way in bone.",
            GUIDE_WIRE,
            partial(plan_drilling, GUIDE_WIRE, WIRE, GuideWireParameters),
            GuideWireParameters,
            (PlaceAsked(ENTRY, "Where the wire enters"), tip),
            {WIRE: "k-wire"},
            (DIAMETER, LENGTH, *FOUND, CLEAR),
        ),
        _planner(
            "A kerf of a saw blade, along a line and into the depth: what it takes out of the bone.",
            SAW_CUT,
            plan_saw_cut,
            SawCutParameters,
            (
                PlaceAsked(START, "Where the kerf starts"),
                PlaceAsked(END, "Where it ends"),
                PlaceAsked(TARGET, cut),
            ),
            {SAW: "saw-blade"},
            (DEPTH, LENGTH, THICKNESS, WIDTH, *FOUND, CUT_AREA, CLEAR),
        ),
    )


def _planner(
    words: str,
    kind: str,
    plan: Callable[[PlanRequest, Progress], Plan],
    parameters: type[InstrumentParameters],
    places: tuple[PlaceAsked, ...],
    families: dict[str, str],
    columns: tuple[str, ...],
) -> Planner:
    title = TITLES.get(kind, "Saw cut")
    flags: dict[str, Any] = {"takes_side": True, "takes_volume": True, "takes_spared": True}
    return Planner(kind, title, words, plan, {kind: parameters}, places, families, columns, **flags)


def plan_drilling(
    kind: str,
    what: str,
    parameters: type[DrillingParameters] | type[GuideWireParameters],
    request: PlanRequest,
    progress: Progress,
) -> Plan:
    """Plan a pass of a drill or a wire.

    Parameters
    ----------
    kind : of the object, one of `DRILLED`
    what : kind of the catalogue
    parameters : class of what was chosen
    request : with the places `entry` and `target`
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        A place is missing, both are one, or the family has no such diameter.
    """
    chosen, family = request.of(parameters), request.families[what]
    sizes = chosen_implant(family, diameter_mm=chosen.diameter_mm).dimensions
    drill = DrillPass(request.place(ENTRY), request.place(TARGET), sizes["diameter_mm"], sizes["point_deg"])
    decision = Decision(f"{TITLES[kind].lower()}, diameter {drill.diameter_mm:g} mm", USER, note="as given")
    name, label = _called(kind, TITLES[kind], request.side)
    planned = planned_drilling(kind, name, label, drill, family.id, side=request.side, decisions=(decision,))
    return _measured(planned, chosen, request, progress, _too_long(family, drill.reach_mm, label))


def plan_saw_cut(request: PlanRequest, progress: Progress) -> Plan:
    """Plan a pass of a saw blade from the places `start`, `end` and `target`.

    Raises
    ------
    FluoroPrintError
        A place is missing, two are one, all lie on a line, or the family has no such blade.
    """
    chosen, family = request.of(SawCutParameters), request.families[SAW]
    wanted = {"width_mm": chosen.width_mm, "thickness_mm": chosen.thickness_mm}
    chosen_implant(family, **wanted)
    start, end = request.place(START), request.place(END)
    into = _across_line(start, end, request.place(TARGET))
    depth = float(np.linalg.norm(into))
    x, y, z = (into / depth).tolist()
    saw = SawPass(start, end, (x, y, z), depth, chosen.width_mm, chosen.thickness_mm)
    blade = f"blade of {saw.width_mm:g} x {saw.thickness_mm:g} mm"
    decision = Decision(f"saw cut, {blade}", USER, note="as given")
    name, label = _called(SAW_CUT, "Saw cut", request.side)
    planned = planned_saw_cut(name, label, saw, family.id, side=request.side, decisions=(decision,))
    return _measured(planned, chosen, request, progress, _too_long(family, depth, label))


def _across_line(start: Place, end: Place, target: Place) -> Float64Array:
    """Return the way from a line to a place beside it; FluoroPrintError where there is none."""
    line, way = np.subtract(end, start), np.subtract(target, start)
    length = float(np.linalg.norm(line))
    into: Float64Array = way - way @ line / max(length, 1e-9) ** 2 * line
    if length < 0.1 or np.linalg.norm(into) < 0.1:
        raise FluoroPrintError(
            "Start, end and target of a saw cut lie on one line: put the target into the depth."
        )
    return into


def _called(kind: str, title: str, side: str) -> tuple[str, str]:
    return (f"{kind}-{side}", f"{title}, {side}") if side else (f"{kind}-1", title)


def _too_long(family: ImplantFamily, reach_mm: float, label: str) -> tuple[str, ...]:
    """Return a note where no instrument of the family reaches so far."""
    longest = max(family.sizes("length_mm"))
    if reach_mm <= longest:
        return ()
    return (f"{label} goes {reach_mm:.0f} mm deep, the longest of {family.title} is {longest:g} mm long.",)


def _measured(
    planned: Planned,
    chosen: InstrumentParameters,
    request: PlanRequest,
    progress: Progress,
    notes: tuple[str, ...],
) -> Plan:
    """Return the plan of a pass with what it does in the bone."""
    progress(0.1, "Taking the bone's surface")
    found, surface = pass_of(planned), request.surface()
    progress(0.4, "Counting what is removed")
    removed, counted, why = _removed(planned, chosen, request, surface)
    progress(0.8, "Measuring the way in bone")
    figures = place_figures(
        found,
        way_of(depth_in(surface), found),
        removed,
        chosen,
        counted=counted,
        by_density=request.volume is not None and chosen.cortex_from_hu > 0,
        spared=spared_by(found, surface_samples(surface_of_pass(planned)).places, request.spared),
    )
    told = replace(planned, figures={**planned.figures, **figures})
    return Plan(request.case, request.side, (told,), (*notes, *why, *_notes_on(told)))


def _removed(
    planned: Planned, chosen: InstrumentParameters, request: PlanRequest, surface: Any
) -> tuple[Removed, str, tuple[str, ...]]:
    """Return what is removed, how it was counted, and a note where it is not by the model."""
    found = pass_of(planned)
    try:
        return removed_from(surface, found, chosen, request.volume), BY_BOOLEAN, ()
    except FluoroPrintError as error:
        counted = removed_in_samples(depth_in(surface), found, chosen, request.volume)
        return counted, IN_SAMPLES, (f"What is removed was counted in samples. {error}",)


def _notes_on(planned: Planned) -> tuple[str, ...]:
    """Return what the user ought to know of a pass."""
    notes = []
    if planned.figures[IN_BONE].value == 0:
        notes.append(f"{planned.label} meets no bone along its way.")
    if CLEAR in planned.figures and float(planned.figures[CLEAR].value) < 0:  # type: ignore[arg-type]
        notes.append(f"{planned.label} runs into what must be spared.")
    return tuple(notes)

"""Passes of instruments as objects of a plan, with their figures; and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..mesh.polydata import polydata_from
from .drawing import turned_solid
from .instrument import DrillPass, Pass, SawPass
from .instrument_bone import InstrumentParameters, Removed, Spared, Way
from .plan import Decision, Figure, Plan, Planned, place_of

DRILLING, GUIDE_WIRE, SAW_CUT = "drilling", "guide-wire", "saw-cut"
DRILLED = (DRILLING, GUIDE_WIRE)
PASSES = (*DRILLED, SAW_CUT)
ENTRY, TIP, START, END = "entry", "tip", "start", "end"
AXIS, INTO = "axis", "depth"
FAMILY, DIAMETER, POINT, LENGTH = "family", "diameter", "point", "length"
WIDTH, THICKNESS, DEPTH = "width", "thickness", "depth"
REMOVED, CORTEX, REST = "removed", "removed from cortex", "removed from the rest"
IN_BONE, THROUGH, OVERSHOOT = "in bone", "breakthrough", "overshoot"
CLEAR, TIP_TO, CUT_AREA = "least clearance", "tip to ", "cut area"
COUNTED, CORTEX_BY = "removed, counted", "cortex told by"
OF_PLACE = (REMOVED, CORTEX, REST, IN_BONE, THROUGH, OVERSHOOT, CLEAR, CUT_AREA, COUNTED, CORTEX_BY)
BY_BOOLEAN, IN_SAMPLES = "in the model", "in samples"
BOX = ((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))


def planned_drilling(
    kind: str,
    name: str,
    label: str,
    drill: DrillPass,
    family: str,
    *,
    side: str = "",
    decisions: Iterable[Decision] = (),
) -> Planned:
    """Return a pass of a drill or a wire, `kind` of `DRILLED`, as an object of a plan, not measured."""
    figures = {
        FAMILY: Figure(family),
        DIAMETER: Figure(drill.diameter_mm, "mm"),
        POINT: Figure(drill.point_deg, "°"),
        LENGTH: Figure(round(drill.reach_mm, 3), "mm"),
    }
    points = {ENTRY: (drill.entry_ras,), TIP: (drill.tip_ras,)}
    directions = {AXIS: (place_of(drill.axis_ras),)}
    return Planned(name, label, kind, side, points, directions, figures, tuple(decisions))


def planned_saw_cut(
    name: str,
    label: str,
    saw: SawPass,
    family: str,
    *,
    side: str = "",
    decisions: Iterable[Decision] = (),
) -> Planned:
    """Return a pass of a saw blade as an object of a plan, not measured."""
    figures = {
        FAMILY: Figure(family),
        WIDTH: Figure(saw.width_mm, "mm"),
        THICKNESS: Figure(saw.thickness_mm, "mm"),
        DEPTH: Figure(round(saw.depth_mm, 3), "mm"),
        LENGTH: Figure(round(saw.length_mm, 3), "mm"),
    }
    points = {START: (saw.start_ras,), END: (saw.end_ras,)}
    directions = {INTO: (place_of(saw.axes_ras[2]),)}
    return Planned(name, label, SAW_CUT, side, points, directions, figures, tuple(decisions))


def pass_of(planned: Planned) -> Pass:
    """Return the pass of an object of a plan; FluoroPrintError where it is none, or lacks places or sizes."""
    if planned.kind not in PASSES:
        raise FluoroPrintError(f"{planned.id} is no pass of an instrument: it is a {planned.kind}.")
    try:
        return _saw_of(planned) if planned.kind == SAW_CUT else _drill_of(planned)
    except (KeyError, ValueError) as error:
        raise FluoroPrintError(
            f"{planned.id} is no {planned.kind}: it needs its two ends and the sizes of its instrument."
        ) from error


def _drill_of(planned: Planned) -> DrillPass:
    (entry,), (tip,) = planned.points[ENTRY], planned.points[TIP]
    return DrillPass(entry, tip, _size(planned, DIAMETER), _size(planned, POINT))


def _saw_of(planned: Planned) -> SawPass:
    (start,), (end,), (into,) = planned.points[START], planned.points[END], planned.directions[INTO]
    sizes = (_size(planned, name) for name in (DEPTH, WIDTH, THICKNESS))
    return SawPass(start, end, into, *sizes)


def _size(planned: Planned, name: str) -> float:
    value = planned.figures[name].value
    if not isinstance(value, int | float) or value <= 0:
        raise ValueError(name)
    return float(value)


def passes_of(plan: Plan) -> tuple[Planned, ...]:
    """Return the passes of instruments in a plan, in the order in which they are done."""
    return tuple(planned for planned in plan.objects if planned.kind in PASSES)


def surface_of_pass(planned: Planned) -> vtkPolyData:
    """Draw the room that an instrument takes, from its entry on, RAS mm."""
    found = pass_of(planned)
    if isinstance(found, SawPass):
        faces = [(a, b, c) for a, b, c, _ in BOX] + [(a, c, d) for a, _, c, d in BOX]
        return polydata_from(found.corners(), np.array(faces))
    assert isinstance(found, DrillPass), "what is no saw cut goes in along its axis"
    radius, point = found.diameter_mm / 2, min(found.point_mm, 0.9 * found.reach_mm)
    shoulder = found.reach_mm - point
    profile = [(0.0, radius), (shoulder, radius), (found.reach_mm, 0.02 * radius)]
    return turned_solid(profile, found.entry_ras, found.axis_ras)


def place_figures(
    found: Pass,
    way: Way,
    removed: Removed,
    parameters: InstrumentParameters,
    *,
    counted: str = IN_SAMPLES,
    by_density: bool = False,
    spared: Mapping[str, Spared] | None = None,
) -> dict[str, Figure]:
    """Return what a pass does in bone as figures.

    Parameters
    ----------
    found, way, removed : the pass and what was measured of it, in bone that is whole
    parameters : what cortex is
    counted : `BY_BOOLEAN` or `IN_SAMPLES`
    by_density : whether cortex was told by a volume's values
    spared : how far it keeps from each structure, by name
    """
    told = f"{parameters.cortex_from_hu:g} HU" if by_density else f"{parameters.cortex_mm:g} mm of depth"
    figures = {
        IN_BONE: Figure(round(way.in_bone_mm, 3), "mm"),
        THROUGH: Figure("yes" if way.breaks_through else "no"),
        OVERSHOOT: Figure(round(way.overshoot_mm if way.breaks_through else 0.0, 3), "mm"),
        REMOVED: Figure(round(removed.volume_mm3, 2), "mm³"),
        CORTEX: Figure(round(removed.cortex_mm3, 2), "mm³"),
        REST: Figure(round(removed.rest_mm3, 2), "mm³"),
        COUNTED: Figure(counted),
        CORTEX_BY: Figure(told),
    }
    if isinstance(found, SawPass):
        figures[CUT_AREA] = Figure(round(removed.volume_mm3 / found.thickness_mm, 2), "mm²")
    if spared:
        figures[CLEAR] = Figure(round(min(each.least_mm for each in spared.values()), 3), "mm")
        for name, each in spared.items():
            figures[f"{TIP_TO}{name}"] = Figure(round(each.tip_mm, 3), "mm")
    return figures


def is_of_place(name: str) -> bool:
    """Say whether a figure tells of a pass's place: it does not hold elsewhere."""
    return name in OF_PLACE or name.startswith(TIP_TO)

"""What passes of instruments can do as objects of a plan: be drawn, dragged, sized, measured anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..errors import FluoroPrintError
from .hip_kinds import stepped
from .implants import ImplantFamily
from .instrument import DrillPass, SawPass
from .instrument_bone import InstrumentParameters, removed_in_samples, way_of
from .instrument_objects import (
    AXIS,
    CLEAR,
    CORTEX,
    CUT_AREA,
    DEPTH,
    DIAMETER,
    DRILLED,
    DRILLING,
    END,
    ENTRY,
    FAMILY,
    GUIDE_WIRE,
    IN_BONE,
    INTO,
    LENGTH,
    OVERSHOOT,
    REMOVED,
    SAW_CUT,
    START,
    THICKNESS,
    THROUGH,
    TIP,
    WIDTH,
    is_of_place,
    pass_of,
    place_figures,
    surface_of_pass,
)
from .kind import BAD, DOUBTFUL, GOOD, LINE, UNKNOWN, Kind, Surroundings
from .plan import Figure, Places, Planned, place_of
from .screw import entry_into_bone

TITLES = {DRILLING: "Drilling", GUIDE_WIRE: "Guide wire"}
DEPTH_STEP_MM = 1.0
FAR_BEYOND_MM = 5.0
"""A drill or wire that goes further beyond the far cortex is doubtful; a blade passes beside round bone."""
SNAP_BACK_MM = 30.0


def instrument_kinds() -> tuple[Kind, ...]:
    """Return what passes of drills, guide wires and saws can do."""
    return (*(_drilled_kind(word) for word in DRILLED), _saw_kind())


def _drilled_kind(word: str) -> Kind:
    return Kind(
        word,
        TITLES[word],
        surface_of_pass,
        refreshed_pass,
        LINE,
        (ENTRY, TIP),
        reshaped_pass,
        (DIAMETER,),
        sized_pass,
        snapped_drilling,
        columns=(DIAMETER, IN_BONE, REMOVED, OVERSHOOT, CORTEX, THROUGH, CLEAR),
        verdict=pass_verdict,
    )


def _saw_kind() -> Kind:
    return Kind(
        SAW_CUT,
        "Saw cut",
        surface_of_pass,
        refreshed_pass,
        LINE,
        (START, END),
        reshaped_pass,
        (THICKNESS, DEPTH, WIDTH),
        sized_pass,
        columns=(DEPTH, IN_BONE, REMOVED, OVERSHOOT, THICKNESS, LENGTH, CORTEX, THROUGH, CUT_AREA, CLEAR),
        verdict=pass_verdict,
    )


def refreshed_pass(planned: Planned, around: Surroundings) -> Planned:
    """Return a pass measured where it lies; without bone, and of what must be spared, nothing is told."""
    found = pass_of(planned)
    figures = {name: figure for name, figure in planned.figures.items() if not is_of_place(name)}
    if isinstance(found, SawPass):
        figures[LENGTH] = Figure(round(found.length_mm, 3), "mm")
        directions = {INTO: (place_of(found.axes_ras[2]),)}
    else:
        assert isinstance(found, DrillPass), "what is no saw cut goes in along its axis"
        figures[LENGTH] = Figure(round(found.reach_mm, 3), "mm")
        directions = {AXIS: (place_of(found.axis_ras),)}
    if around.bone is not None:
        asked = InstrumentParameters()
        removed = removed_in_samples(around.bone.at, found, asked)
        figures |= place_figures(found, way_of(around.bone.at, found), removed, asked)
    return replace(planned, figures=figures, directions={**planned.directions, **directions})


def reshaped_pass(planned: Planned, places: Mapping[str, Places], _around: Surroundings) -> Planned:
    """Return a pass between other ends; FluoroPrintError where they are one place."""
    moved = replace(planned, points={**planned.points, **places})
    found = pass_of(moved)
    _ = found.axes_ras if isinstance(found, SawPass) else found.lines
    return moved


def sized_pass(planned: Planned, size: str, step: int, around: Surroundings) -> Planned:
    """Return a pass so many sizes larger: of the catalogue, the depth of a saw in millimetres.

    Raises
    ------
    FluoroPrintError
        There is no such size, or its family is not in the catalogue.
    """
    now = float(planned.figures[size].value)  # type: ignore[arg-type]
    if size == DEPTH:
        larger = now + step * DEPTH_STEP_MM
        if larger <= 0:
            raise FluoroPrintError(f"{planned.label} is {now:g} mm deep: it cannot be less.")
    else:
        larger = stepped(_family_of(planned, around).sizes(f"{size}_mm"), now, step, planned.label)
    return replace(planned, figures={**planned.figures, size: Figure(larger, "mm")})


def _family_of(planned: Planned, around: Surroundings) -> ImplantFamily:
    name = planned.figures[FAMILY].value if FAMILY in planned.figures else ""
    for family in around.catalogue.get(planned.kind, ()):
        if family.id == name:
            found: ImplantFamily = family
            return found
    raise FluoroPrintError(f"{planned.label} is of a family that the catalogue does not hold: {name}.")


def snapped_drilling(planned: Planned, around: Surroundings) -> Planned:
    """Return a drilling moved along its axis until its entry lies in the surface of the bone.

    Raises
    ------
    FluoroPrintError
        There is no bone, or the axis meets none.
    """
    if around.bone is None:
        raise FluoroPrintError("There is no bone to snap to: choose a segmentation or a model first.")
    found = pass_of(planned)
    assert isinstance(found, DrillPass), "only what goes in along its axis is moved along it"
    behind = np.asarray(found.entry_ras) - SNAP_BACK_MM * found.axis_ras
    entry = entry_into_bone(around.bone, place_of(behind), found.tip_ras)
    tip = np.asarray(entry) + found.reach_mm * found.axis_ras
    return replace(planned, points={**planned.points, ENTRY: (entry,), TIP: (place_of(tip),)})


def pass_verdict(planned: Planned) -> str:
    """Judge a pass: bad where it meets what must be spared, doubtful where far beyond or without bone."""
    way, beyond, clear = (_number(planned, name) for name in (IN_BONE, OVERSHOOT, CLEAR))
    if clear is not None and clear < 0:
        return BAD
    if way is None or beyond is None:
        return UNKNOWN
    far = planned.kind in DRILLED and beyond > FAR_BEYOND_MM
    return DOUBTFUL if way == 0 or far else GOOD


def _number(planned: Planned, name: str) -> float | None:
    figure = planned.figures.get(name)
    return float(figure.value) if figure is not None and isinstance(figure.value, int | float) else None

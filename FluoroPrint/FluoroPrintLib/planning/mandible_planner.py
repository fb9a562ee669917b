"""Planning a jaw: segments of a donor bone along a line of places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress
from ..shape.solids import solid_of, unit
from .donor_kind import LENGTH, LONGEST, RADIUS, planned_segment
from .mandible import DonorLine, DonorSegment, donor_segments, placed_segments
from .osteotomy import from_axis_mm
from .plan import Figure, Place, Plan, Planned, place_of
from .planner import PlaceAsked, Planner, PlanRequest

LINE, UP, DONOR, DONOR_UP = "line", "up", "donor", "donor-up"
VOLUME = "volume"
NEAR_MM = 40.0
"""Of the donor's surface what is nearer to its axis counts as its thickness."""


@dataclass(frozen=True)
class MandibleParameters(Parameters):
    """How segments are cut from a donor bone."""

    kerf_mm: Annotated[float, Bounds(0.0, 5.0), Unit("mm"), Help("What each cut takes away.")] = 1.0
    radius_mm: Annotated[
        float,
        Bounds(0.0, 40.0),
        Unit("mm"),
        Help("Half the donor's greatest thickness; 0: measured on the donor bone."),
    ] = 0.0


def mandible_planner() -> Planner:
    """Return what plans a jaw."""
    return Planner(
        "mandible",
        "Jaw from donor bone",
        "A gap in a jaw bridged by segments of a donor bone along a line of places; mitres halve each bend.",
        plan_mandible,
        {"mandible": MandibleParameters},
        (
            PlaceAsked(LINE, "A place of the line that the segments follow, in order", most=12),
            PlaceAsked(UP, "A place on the side of the jaw to which the donor's own side shall face"),
            PlaceAsked(DONOR, "The ends of the donor's usable stretch, on its axis", most=2),
            PlaceAsked(DONOR_UP, "A place on the donor's own side: that of its vessel, or flat"),
        ),
        columns=(LENGTH, LONGEST, RADIUS, VOLUME),
        takes_others=True,
        others_words="The donor bone",
    )


def plan_mandible(request: PlanRequest, progress: Progress) -> Plan:
    """Plan the segments; with the donor bone their volumes too.

    Raises
    ------
    FluoroPrintError
        A place is missing, a bend is too sharp, or the donor is too short or too thin.
    """
    chosen, line = request.of(MandibleParameters), request.places[LINE]
    if len(request.places[DONOR]) != 2:
        raise FluoroPrintError("The donor needs two places, the ends of its usable stretch: give both.")
    start, end = request.places[DONOR]
    bones = request.surfaces_of_others()
    progress(0.2, "Measuring the donor")
    radius = chosen.radius_mm or _radius_mm(bones, start, end)
    donor = DonorLine(
        start, end, place_of(_aside(request.place(DONOR_UP), (start, end))), radius, chosen.kerf_mm
    )
    up = _aside(request.place(UP), (line[0], line[-1]))
    progress(0.4, "Laying the segments")
    segments = donor_segments(line, donor, place_of(up))
    objects = tuple(
        planned_segment(f"segment-{number}", f"Segment {number}", segment, donor)
        for number, segment in enumerate(segments, 1)
    )
    if bones:
        objects = _with_volumes(objects, bones[0], segments)
    return Plan(request.case, "", objects, _notes(bones))


def _aside(place: Place, ends: tuple[Place, Place]) -> Float64Array:
    """Return the direction from a line to a place beside it, square to the line."""
    axis = unit(np.subtract(ends[1], ends[0]), "line")
    away = np.subtract(place, ends[0])
    return unit(away - (away @ axis) * axis, "way to the side, whose place lies on the line,")


def _radius_mm(bones: tuple[Any, ...], start: Place, end: Place) -> float:
    """Return how far the donor's surface is from its axis at most, along the usable stretch."""
    if not bones:
        raise FluoroPrintError("Give the donor bone, or its radius.")
    axis = unit(np.subtract(end, start), "donor's axis")
    between = solid_of(bones[0]).trim_by_plane(tuple(axis), float(axis @ np.asarray(start)))
    between = between.trim_by_plane(tuple(-axis), -float(axis @ np.asarray(end)))
    corners = np.asarray(between.to_mesh().vert_properties[:, :3], np.float64)
    away = from_axis_mm(corners, start, place_of(axis))
    near = away[away < NEAR_MM]
    if len(near) == 0:
        raise FluoroPrintError("There is no donor bone between its ends: move them, or give its radius.")
    return float(near.max())


def _with_volumes(
    objects: tuple[Planned, ...], bone: Any, segments: tuple[DonorSegment, ...]
) -> tuple[Planned, ...]:
    """Return the segments with the volumes that they have when they are cut from a donor bone."""
    volumes = [Figure(round(piece.volume_mm3, 3), "mm3") for piece in placed_segments(bone, segments)]
    pairs = zip(objects, volumes, strict=True)
    return tuple(replace(planned, figures={**planned.figures, VOLUME: volume}) for planned, volume in pairs)


def _notes(bones: tuple[Any, ...]) -> tuple[str, ...]:
    return () if bones else ("Without the donor bone nothing says that the segments lie within it.",)

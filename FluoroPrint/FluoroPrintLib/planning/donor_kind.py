"""Segments of donor bone as objects of a plan: where each is taken, where it goes, its cuts; and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..shape.solids import rod, surface_of, unit
from .guide_parameters import CutPlane
from .kind import ORIGIN, Kind, Surroundings
from .mandible import DonorLine, DonorSegment
from .moved_bone import FRAME, FRAME_AXES, frame_axes, frame_point, movement_of, refuse_mirrored
from .plan import AUTOMATIC, USER, Decision, Figure, Planned, place_of

DONOR = "donor-segment"
ENDS, AXIS, NORMALS = "ends", "axis", "cut normals"
LENGTH, LONGEST, RADIUS, LEANS = "length", "longest edge", "radius", "lean of the cuts"
FROM_START = "cut on the donor"


def planned_segment(
    name: str, label: str, segment: DonorSegment, donor: DonorLine, *, side: str = ""
) -> Planned:
    """Return a segment of donor bone, in its place, as an object of a plan.

    Points: `origin` (its middle), `ends` (where its axis meets its cuts), `frame`; directions: `axis`,
    `cut normals`, `frame axes`. Figures: lengths, how far the cuts lean from square, and how far from the
    donor's start its axis is cut.
    """
    start, end = (np.asarray(cut.point_ras) for cut in segment.place_cuts)
    axis = unit(np.subtract(donor.end_ras, donor.start_ras), "donor's axis")
    taken = [
        round(float(axis @ np.subtract(cut.point_ras, donor.start_ras)), 3) for cut in segment.donor_cuts
    ]
    return Planned(
        name,
        label,
        DONOR,
        side,
        {
            ORIGIN: (place_of((start + end) / 2),),
            ENDS: (place_of(start), place_of(end)),
            FRAME: frame_point(segment.to_place),
        },
        {
            AXIS: (place_of(unit(end - start)),),
            NORMALS: tuple(place_of(unit(cut.normal_ras)) for cut in segment.place_cuts),
            FRAME_AXES: frame_axes(segment.to_place),
        },
        {
            LENGTH: Figure(round(segment.length_mm, 3), "mm"),
            LONGEST: Figure(round(segment.longest_mm, 3), "mm"),
            LEANS: Figure(tuple(round(angle, 3) for angle in segment.angles_deg), "°"),
            RADIUS: Figure(round(donor.radius_mm, 3), "mm"),
            FROM_START: Figure(tuple(taken), "mm"),
        },
        (
            Decision("line of the segments", USER),
            Decision("cuts", AUTOMATIC, note="each bend is halved between its neighbours"),
        ),
    )


def segment_of(planned: Planned) -> DonorSegment:
    """Return the segment of an object of a plan, with its cuts in place and on the donor.

    Raises
    ------
    FluoroPrintError
        The object is no segment of donor bone, or lacks a place or a figure.
    """
    if planned.kind != DONOR:
        raise FluoroPrintError(f"{planned.id} is no segment of donor bone.")
    matrix = movement_of(planned)
    back = np.linalg.inv(matrix)
    try:
        pairs = zip(planned.points[ENDS], planned.directions[NORMALS], strict=True)
        first, last = (CutPlane(point, normal) for point, normal in pairs)
        length, longest = (float(planned.figures[name].value) for name in (LENGTH, LONGEST))  # type: ignore[arg-type]
        start, end = np.array(planned.figures[LEANS].value, np.float64)
    except (KeyError, ValueError, TypeError) as error:
        raise FluoroPrintError(
            f"{planned.id} lacks a figure or place of a segment: plan it again."
        ) from error
    taken = [
        CutPlane(
            place_of(back[:3, :3] @ cut.point_ras + back[:3, 3]), place_of(back[:3, :3] @ cut.normal_ras)
        )
        for cut in (first, last)
    ]
    return DonorSegment(
        length, longest, (float(start), float(end)), (first, last), (taken[0], taken[1]), matrix
    )


def donor_kind() -> Kind:
    """Return what a segment of donor bone can do."""
    return Kind(
        DONOR,
        "Segment of donor bone",
        surface_of_segment,
        _refreshed,
        columns=(LENGTH, LONGEST, RADIUS),
        mirrored=refuse_mirrored,
        drawn_by=(ENDS, AXIS, NORMALS, LONGEST, RADIUS),
    )


def surface_of_segment(planned: Planned) -> vtkPolyData:
    """Draw a segment of donor bone as a round bar between its two cuts, RAS mm."""
    segment = segment_of(planned)
    radius = float(planned.figures[RADIUS].value)  # type: ignore[arg-type]
    start, end = (np.asarray(cut.point_ras) for cut in segment.place_cuts)
    way = unit(end - start)
    room = segment.longest_mm * way
    body = rod(start - room, end + room, radius)
    for cut, sign in zip(segment.place_cuts, (1.0, -1.0), strict=True):
        inward = sign * unit(cut.normal_ras)
        body = body.trim_by_plane(tuple(inward), float(inward @ np.asarray(cut.point_ras)))
    return surface_of(body)


def _refreshed(planned: Planned, _around: Surroundings) -> Planned:
    """Return a segment with its length between its ends."""
    start, end = np.array(planned.points[ENDS])
    length = Figure(round(float(np.linalg.norm(end - start)), 3), "mm")
    return replace(planned, figures={**planned.figures, LENGTH: length})

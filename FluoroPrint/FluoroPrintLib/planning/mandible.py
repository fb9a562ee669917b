"""A gap in a jaw bridged by segments of a donor bone: their mitred cuts at the place and on the donor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..shape.solids import frame_along, solid_of, unit
from .guide_parameters import CutPlane
from .osteotomy import BonePiece
from .plan import Place, place_of

SHARPEST_DEG = 120.0
LEAST_SEGMENT_MM = 1.0


@dataclass(frozen=True)
class DonorLine:
    """Where segments are taken.

    Attributes
    ----------
    start_ras, end_ras : ends of the usable stretch of the donor bone's axis, RAS mm
    up_ras : the side of the donor that shall face `up` at the place: the vessel or the flat cortex
    radius_mm : half the greatest thickness; neighbouring cuts do not cross within it
    kerf_mm : what a cut takes away
    """

    start_ras: Place
    end_ras: Place
    up_ras: Place
    radius_mm: float
    kerf_mm: float = 1.0


@dataclass(frozen=True)
class DonorSegment:
    """A segment of donor bone.

    Attributes
    ----------
    length_mm : along its axis
    longest_mm : along its longest edge
    angles_deg : how far its cuts lean from square, at its start and its end
    place_cuts, donor_cuts : its two cuts, normals along the line; where it goes and where it is taken
    to_place : (4, 4) from the donor to its place
    """

    length_mm: float
    longest_mm: float
    angles_deg: tuple[float, float]
    place_cuts: tuple[CutPlane, CutPlane]
    donor_cuts: tuple[CutPlane, CutPlane]
    to_place: Float64Array


def donor_segments(
    line_ras: Sequence[Place],
    donor: DonorLine,
    up_ras: Place,
    end_normals: tuple[Place, Place] | None = None,
) -> tuple[DonorSegment, ...]:
    """Return the segments that follow a line of points, one between any two.

    At each point between, both neighbours are cut along the plane that halves the bend, so that equal
    sections meet without a step. The ends are cut square, or along `end_normals`, the resection's planes.
    On the donor the segments follow each other, as closely as their slanting cuts and the kerf allow.

    Raises
    ------
    FluoroPrintError
        A segment has no length, a bend is too sharp, or the donor is too short.
    """
    points = np.array(line_ras, float)
    steps = np.diff(points, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    if len(points) < 2 or lengths.min(initial=np.inf) < LEAST_SEGMENT_MM:
        raise FluoroPrintError("The line needs two points or more, each a millimetre or more from the next.")
    ways = steps / lengths[:, None]
    normals = mitres(ways, end_normals)
    frame = frame_along(_axis(donor), unit(donor.up_ras, "donor's side"))
    found: list[DonorSegment] = []
    at = 0.0
    for number, way in enumerate(ways):
        slants = [_slant(normals[number + end], way) for end in (0, 1)]
        at += donor.radius_mm * slants[0] if number == 0 else _spacing(donor, found[-1], slants[0])
        axes = frame_along(way, unit(up_ras, "side of the place"))
        start = np.asarray(donor.start_ras) + at * frame[2]
        matrix = _between(start, frame, points[number], axes)
        place = tuple(CutPlane(place_of(points[number + e]), place_of(normals[number + e])) for e in (0, 1))
        found.append(_segment(float(lengths[number]), slants, place, matrix, donor.radius_mm))
        at += float(lengths[number])
    needed = at + donor.radius_mm * slants[1]
    there = float(np.linalg.norm(np.subtract(donor.end_ras, donor.start_ras)))
    if needed > there + 1e-6:
        raise FluoroPrintError(
            f"The segments need {needed:.1f} mm of donor bone, there are {there:.1f}: shorten the line, take "
            "fewer segments or a longer stretch."
        )
    return tuple(found)


def mitres(ways: Float64Array, end_normals: tuple[Place, Place] | None) -> Float64Array:
    """Return the normals of the cuts (N + 1, 3) for the directions of N segments.

    Raises
    ------
    FluoroPrintError
        Two neighbours turn back on each other.
    """
    bends = np.degrees(np.arccos(np.clip((ways[:-1] * ways[1:]).sum(1), -1, 1)))
    if (bends > SHARPEST_DEG).any():
        raise FluoroPrintError(
            f"The line bends by {bends.max():.0f} degrees: no more than {SHARPEST_DEG:g} can be cut."
        )
    between = [unit(one + two) for one, two in zip(ways[:-1], ways[1:], strict=True)]
    first, last = (ways[0], ways[-1]) if end_normals is None else map(unit, end_normals)
    ends = [vector * np.sign(vector @ way or 1.0) for vector, way in ((first, ways[0]), (last, ways[-1]))]
    return np.array([ends[0], *between, ends[1]])


def _axis(donor: DonorLine) -> Float64Array:
    return unit(np.subtract(donor.end_ras, donor.start_ras), "donor's axis")


def _slant(normal: Float64Array, way: Float64Array) -> float:
    """Return the tangent of a cut's lean from square."""
    cosine = float(np.clip(normal @ way, 1e-6, 1.0))
    return float(np.sqrt(1 - cosine**2) / cosine)


def _spacing(donor: DonorLine, before: DonorSegment, slant: float) -> float:
    leaning = float(np.tan(np.radians(before.angles_deg[1])))
    return donor.kerf_mm + donor.radius_mm * (leaning + slant)


def _between(
    start: Float64Array, frame: Float64Array, place: Float64Array, axes: Float64Array
) -> Float64Array:
    """Return the movement that takes axes (rows) at a start to others at a place."""
    matrix = np.eye(4)
    matrix[:3, :3] = axes.T @ frame
    matrix[:3, 3] = place - matrix[:3, :3] @ start
    return matrix


def _segment(
    length: float,
    slants: Sequence[float],
    place: tuple[CutPlane, ...],
    matrix: Float64Array,
    radius_mm: float,
) -> DonorSegment:
    back = np.linalg.inv(matrix)
    donor = [
        CutPlane(
            place_of(back[:3, :3] @ cut.point_ras + back[:3, 3]),
            place_of(back[:3, :3] @ cut.normal_ras),
        )
        for cut in place
    ]
    angles = [float(np.degrees(np.arctan(slant))) for slant in slants]
    return DonorSegment(
        length,
        length + radius_mm * (slants[0] + slants[1]),
        (angles[0], angles[1]),
        (place[0], place[1]),
        (donor[0], donor[1]),
        matrix,
    )


def placed_segments(donor: vtkPolyData, segments: Sequence[DonorSegment]) -> tuple[BonePiece, ...]:
    """Return the segments cut from a closed donor bone and moved to their places.

    Raises
    ------
    FluoroPrintError
        The donor is not closed, or a segment lies outside it.
    """
    solid, pieces = solid_of(donor), []
    for number, segment in enumerate(segments, 1):
        start, end = segment.donor_cuts
        part = solid.trim_by_plane(start.normal_ras, float(np.dot(start.normal_ras, start.point_ras)))
        away = -np.asarray(end.normal_ras)
        part = part.trim_by_plane(tuple(away), float(away @ np.asarray(end.point_ras)))
        if part.is_empty():
            raise FluoroPrintError(f"Segment {number} lies outside the donor bone: move the donor's line.")
        pieces.append(BonePiece(f"segment {number}", part, segment.to_place))
    return tuple(pieces)

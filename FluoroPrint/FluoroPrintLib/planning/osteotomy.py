"""Bone cut by planes and curves into pieces that move on their own, and what is measured on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..shape.solids import (
    Outline,
    Solid,
    UntouchedError,
    engine,
    frame_along,
    placed,
    reach_mm,
    solid_of,
    surface_of,
    unit,
    unplaced,
)
from .guide_parameters import CutPlane
from .plan import Place

CONTACT_MM = 0.05
"""Cut faces are looked at so deep behind them: faces that are no further apart touch."""
CRUMB_MM3 = 1.0


@dataclass(frozen=True)
class CutCurve:
    """A cut along a curve, carried straight through the bone.

    Attributes
    ----------
    points_ras : (N, 3) RAS mm, in order
    along_ras : the direction in which the saw goes
    closed : whether the last point is joined to the first, as in a craniotomy; an open curve goes on
        straight beyond its ends
    """

    points_ras: tuple[Place, ...]
    along_ras: Place
    closed: bool = True


@dataclass(frozen=True)
class BonePiece:
    """A piece of a bone.

    Attributes
    ----------
    name : "piece 1", the largest
    solid : as it was cut, RAS mm
    to_place : (4, 4) where it was moved, from where it was cut
    """

    name: str
    solid: Solid
    to_place: Float64Array

    @property
    def moved_solid(self) -> Solid:
        """The piece where it was moved."""
        return self.solid.transform(self.to_place[:3])

    @property
    def surface(self) -> vtkPolyData:
        """Its surface where it was moved, RAS mm."""
        return surface_of(self.moved_solid)

    @property
    def volume_mm3(self) -> float:
        """Its volume."""
        return float(self.solid.volume())


def cut_bone(
    bone: vtkPolyData, cuts: Sequence[CutPlane | CutCurve], kerf_mm: float = 0.0
) -> tuple[BonePiece, ...]:
    """Cut a closed bone by planes and curves, all of them through all of it.

    Each cut takes `kerf_mm` away about itself. Pieces that do not hang together are pieces of their own;
    the largest comes first; crumbs of less than a cubic millimetre are left out.

    Raises
    ------
    UntouchedError
        A cut does not meet the bone.
    FluoroPrintError
        The bone is not closed, or a curve has too few points.
    """
    return as_pieces(parted_by([solid_of(bone)], cuts, kerf_mm))


def parted_by(parts: Sequence[Solid], cuts: Sequence[CutPlane | CutCurve], kerf_mm: float) -> list[Solid]:
    """Return what cuts leave of the parts of a bone.

    Raises
    ------
    UntouchedError
        A cut meets none of them.
    """
    parts = list(parts)
    for cut in cuts:
        parted = [piece for part in parts for piece in _parted(part, cut, kerf_mm)]
        if len(parted) == len(parts) and abs(_volume(parted) - _volume(parts)) < 1e-6 * _volume(parts):
            raise UntouchedError("A cut does not part the bone: choose another place or direction.")
        parts = parted
    return parts


def as_pieces(parts: Sequence[Solid]) -> tuple[BonePiece, ...]:
    """Return what hangs together of some parts as pieces, the largest first, crumbs left out."""
    pieces = [piece for part in parts for piece in part.decompose() if piece.volume() > CRUMB_MM3]
    pieces.sort(key=lambda piece: -piece.volume())
    return tuple(BonePiece(f"piece {n}", piece, np.eye(4)) for n, piece in enumerate(pieces, 1))


def _volume(parts: Sequence[Solid]) -> float:
    return float(sum(part.volume() for part in parts))


def _parted(solid: Solid, cut: CutPlane | CutCurve, kerf_mm: float) -> list[Solid]:
    if isinstance(cut, CutCurve):
        prism, wider = curve_prism(solid, cut, -kerf_mm / 2), curve_prism(solid, cut, kerf_mm / 2)
        halves = [solid ^ prism, solid - wider]
    else:
        normal = unit(cut.normal_ras, "normal")
        at = float(np.dot(normal, cut.point_ras))
        halves = [
            solid.trim_by_plane(tuple(normal), at + kerf_mm / 2),
            solid.trim_by_plane(tuple(-normal), -at + kerf_mm / 2),
        ]
    return [half for half in halves if not half.is_empty()]


def curve_prism(solid: Solid, cut: CutCurve, wider_mm: float) -> Solid:
    """Return all that lies on the inner side of a curve, through a bone; `wider_mm` moves its walls outward.

    Raises
    ------
    FluoroPrintError
        The curve has too few points, or crosses itself into nothing.
    """
    points = np.array(cut.points_ras, float)
    if len(points) < (3 if cut.closed else 2):
        raise FluoroPrintError("A closed curve needs three points, an open one two: add points.")
    axes = frame_along(unit(cut.along_ras))
    origin = points.mean(axis=0)
    flat = (points - origin) @ axes[:2].T
    far = 2 * reach_mm(solid, origin)
    if not cut.closed:
        flat = _side_of(flat, far)
    library = engine()
    outline = library.CrossSection([flat], library.FillRule.EvenOdd)
    if wider_mm:
        outline = outline.offset(wider_mm, library.JoinType.Round)
    if outline.area() < 1e-6:
        raise FluoroPrintError("The curve encloses nothing as seen along the cut: choose another direction.")
    prism = outline.extrude(2 * far).translate((0, 0, -far))
    return placed(prism, origin, axes)


def _side_of(flat: Float64Array, far: float) -> Float64Array:
    """Return the polygon on the left of an open line (N, 2), which goes on straight beyond its ends."""
    begin, end = flat[0] - flat[1], flat[-1] - flat[-2]
    first = flat[0] + far * begin / np.linalg.norm(begin)
    last = flat[-1] + far * end / np.linalg.norm(end)
    along = (last - first) / np.linalg.norm(last - first)
    left = far * np.array([-along[1], along[0]])
    return np.concatenate([[first], flat, [last], [last + left], [first + left]])


def hinged(point_ras: Place, axis_ras: Place, angle_deg: float, slide_mm: float = 0.0) -> Float64Array:
    """Return the movement (4, 4) about a hinge by the right hand, and along it."""
    axis = unit(axis_ras, "hinge")
    turn = turn_about(axis, np.radians(angle_deg))
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    matrix[:3, 3] = np.asarray(point_ras) - turn @ np.asarray(point_ras) + slide_mm * axis
    return matrix


def turn_about(axis: Float64Array, angle: float) -> Float64Array:
    """Return the rotation (3, 3) about a unit vector by the right hand, in radians (Rodrigues' formula)."""
    cross = np.cross(np.eye(3), axis)
    turn: Float64Array = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return turn


def moved_piece(piece: BonePiece, matrix: Float64Array) -> BonePiece:
    """Return a piece moved by a rigid movement (4, 4) from where it is now."""
    return replace(piece, to_place=matrix @ piece.to_place)


def angle_between_deg(one: CutPlane, other: CutPlane) -> float:
    """Return the angle of the wedge between two planes, 0 to 90."""
    cosine = abs(float(unit(one.normal_ras) @ unit(other.normal_ras)))
    return float(np.degrees(np.arccos(np.clip(cosine, 0.0, 1.0))))


def opening_mm(
    bone: vtkPolyData, cut: CutPlane, hinge_ras: Place, axis_ras: Place, angle_deg: float
) -> float:
    """Return the height of the wedge that opens when a cut is turned about a hinge, at the far cortex.

    The chord of the place of the cut face that is farthest from the hinge: 2 w sin(angle / 2).

    Raises
    ------
    FluoroPrintError
        The plane does not meet the bone.
    """
    return chord_mm(width_mm(bone, cut, hinge_ras, axis_ras), angle_deg)


def width_mm(bone: vtkPolyData, cut: CutPlane, hinge_ras: Place, axis_ras: Place) -> float:
    """Return how far the far cortex of a cut is from a hinge; faults are those of `opening_mm`."""
    points, _ = _section_points(solid_of(bone), cut)
    return float(from_axis_mm(points, hinge_ras, axis_ras).max())


def from_axis_mm(points: Float64Array, hinge_ras: Place, axis_ras: Place) -> Float64Array:
    """Return the distances (N,) of places (N, 3) from an axis."""
    axis = unit(axis_ras, "hinge")
    away = points - np.asarray(hinge_ras)
    distances: Float64Array = np.linalg.norm(away - np.outer(away @ axis, axis), axis=1)
    return distances


def chord_mm(width: float, angle_deg: float) -> float:
    """Return the chord of an angle at a distance from its hinge."""
    return float(2 * width * np.sin(np.radians(abs(angle_deg)) / 2))


def angle_of_chord_deg(width: float, height_mm: float) -> float:
    """Return the angle that opens by a height at a distance from the hinge: the inverse of `chord_mm`.

    Raises
    ------
    FluoroPrintError
        The wedge is higher than it is wide.
    """
    if not 0 <= height_mm <= width:
        raise FluoroPrintError(
            f"A wedge {width:.1f} mm wide cannot be {height_mm:g} mm high: less than its width is possible."
        )
    return float(np.degrees(2 * np.arcsin(height_mm / (2 * width))))


def segment_length_mm(one: CutPlane, other: CutPlane, point_ras: Place, axis_ras: Place) -> float:
    """Return the distance of two cuts along a line.

    Raises
    ------
    FluoroPrintError
        A cut runs along the line.
    """
    axis, places = unit(axis_ras, "line"), []
    for cut in (one, other):
        normal = unit(cut.normal_ras, "normal")
        slope = float(normal @ axis)
        if abs(slope) < 1e-6:
            raise FluoroPrintError("A cut runs along the line of the segment: choose another line.")
        places.append(float(normal @ np.subtract(cut.point_ras, point_ras)) / slope)
    return abs(places[1] - places[0])


def face_mm2(solid: Solid, cut: CutPlane) -> float:
    """Return the area in which a plane meets a solid."""
    return float(_section(solid, cut, 0.0).area())


def contact_mm2(one: BonePiece, other: BonePiece, cut: CutPlane) -> float:
    """Return the area in which two pieces, where they were moved, face each other across a plane.

    Both are looked at closely behind the plane, each on its own side; what is common to both counts.
    """
    faces = []
    for sign in (-1, 1):
        sections = [_section(piece.moved_solid, cut, sign * CONTACT_MM) for piece in (one, other)]
        faces.append(sections)
    below, above = faces
    return float(max((below[0] ^ above[1]).area(), (below[1] ^ above[0]).area()))


def _section(solid: Solid, cut: CutPlane, above_mm: float) -> Outline:
    axes = frame_along(unit(cut.normal_ras, "normal"))
    return unplaced(solid, np.array(cut.point_ras), axes).slice(above_mm)


def _section_points(solid: Solid, cut: CutPlane) -> tuple[Float64Array, float]:
    """Return the corners (N, 3) of a solid's section, RAS mm, and its area."""
    section = _section(solid, cut, 0.0)
    if section.area() <= 0:
        raise FluoroPrintError("The plane does not meet the bone: move it.")
    flat = np.concatenate([np.asarray(polygon) for polygon in section.to_polygons()])
    axes = frame_along(unit(cut.normal_ras))
    return np.asarray(cut.point_ras) + flat @ axes[:2], float(section.area())

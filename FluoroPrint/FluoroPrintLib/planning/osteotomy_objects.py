"""Osteotomies as objects of a plan, with their figures; and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import transformed
from ..shape.solids import Solid, disc, engine, frame_along, placed, rod, solid_of, surface_of, unit
from .guide_parameters import CutPlane
from .osteotomy import (
    BonePiece,
    angle_between_deg,
    as_pieces,
    contact_mm2,
    cut_bone,
    face_mm2,
    hinged,
    moved_piece,
    opening_mm,
    parted_by,
    segment_length_mm,
)
from .plan import USER, Decision, Figure, Place, Places, Planned, place_of

OSTEOTOMY = "osteotomy"
ORIGIN, NORMAL = "origin", "normal"
"""A point of the first cut, and its normal."""
FURTHER, FURTHER_NORMALS = "further cuts", "further normals"
HINGE, HINGE_AXIS = "hinge", "hinge axis"
KERF, ANGLE, SLIDE = "kerf", "angle", "slide"
HEIGHT, AREA, CONTACT, VOLUMES, OVERLAP, WEDGE = (
    "wedge height",
    "cut area",
    "contact area",
    "volumes",
    "bone in common",
    "wedge taken out",
)
LENGTHS, BETWEEN = "segment lengths", "angles between cuts"
MEASURED = (HEIGHT, AREA, CONTACT, VOLUMES, OVERLAP, WEDGE, LENGTHS, BETWEEN)
"""What is measured where the cuts lie."""
SHEET_MM, DRAWN_MM = 0.4, 30.0


@dataclass(frozen=True)
class Osteotomy:
    """Planes that cut a bone, and a hinge about which what lies beyond the first is turned.

    Attributes
    ----------
    cuts : RAS mm; the normal of the first points to the part that moves
    kerf_mm : what a cut takes away
    hinge_ras, axis_ras : a point of the hinge and its direction
    angle_deg : by the right hand about the axis; below 0 it closes a wedge, which is taken out
    slide_mm : along the axis
    """

    cuts: tuple[CutPlane, ...]
    kerf_mm: float
    hinge_ras: Place
    axis_ras: Place
    angle_deg: float
    slide_mm: float = 0.0

    @property
    def movement(self) -> Float64Array:
        """How the part beyond the first cut moves, (4, 4)."""
        return hinged(self.hinge_ras, self.axis_ras, self.angle_deg, self.slide_mm)

    @property
    def closes(self) -> bool:
        """Whether a wedge is taken out of the part that moves."""
        return self.angle_deg < 0

    @property
    def closing_cut(self) -> CutPlane:
        """The further face of the wedge that closes: what the movement lays onto the first cut."""
        back, first = np.linalg.inv(self.movement), self.cuts[0]
        point = transformed(np.asarray(first.point_ras, np.float64), back)
        return CutPlane(place_of(point), place_of(back[:3, :3] @ unit(first.normal_ras, "normal")))


def pieces_of(osteotomy: Osteotomy, bone: vtkPolyData) -> tuple[BonePiece, ...]:
    """Return the pieces of a closed bone, those beyond the first cut moved.

    Of a wedge that closes both faces are cut, through the hinge, and what lies between them is taken out.
    The blade runs within it there, so that the faces meet where it is closed; other cuts lose the kerf.

    Raises
    ------
    FluoroPrintError
        The bone is not closed, or a cut does not meet it.
    """
    turn, first = osteotomy.movement, osteotomy.cuts[0]
    if osteotomy.closes:
        pieces = _pieces_about_wedge(osteotomy, bone)
    else:
        pieces = cut_bone(bone, osteotomy.cuts, osteotomy.kerf_mm)
    return tuple(moved_piece(piece, turn) if is_beyond(piece, first) else piece for piece in pieces)


def _pieces_about_wedge(osteotomy: Osteotomy, bone: vtkPolyData) -> tuple[BonePiece, ...]:
    """Return the pieces on both sides of a wedge, as they were cut."""
    first, *further = osteotomy.cuts
    closing = osteotomy.closing_cut
    normal = unit(closing.normal_ras)
    at = float(normal @ np.asarray(closing.point_ras))
    parts: list[Solid] = []
    for piece in cut_bone(bone, [first]):
        solid = piece.solid
        parts.append(solid.trim_by_plane(tuple(normal), at) if is_beyond(piece, first) else solid)
    return as_pieces(parted_by(parts, further, osteotomy.kerf_mm))


def is_beyond(piece: BonePiece, cut: CutPlane) -> bool:
    """Say whether a piece, as it was cut, lies on the side to which a cut's normal points."""
    corners = np.asarray(piece.solid.to_mesh().vert_properties[:, :3], np.float64)
    heights = (corners - np.asarray(cut.point_ras)) @ unit(cut.normal_ras, "normal")
    return bool(heights[np.abs(heights).argmax()] > 0)


def planned_osteotomy(
    name: str, label: str, osteotomy: Osteotomy, bone: vtkPolyData, *, side: str = ""
) -> Planned:
    """Return an osteotomy as an object of a plan, measured on a closed bone.

    Points: `origin` (of the first cut), `further cuts`, `hinge`; directions: `normal` (of the first cut, to
    the part that moves), `further normals`, `hinge axis`.
    """
    first, *further = osteotomy.cuts
    points: dict[str, Places] = {ORIGIN: (first.point_ras,), HINGE: (osteotomy.hinge_ras,)}
    directions: dict[str, Places] = {
        NORMAL: (place_of(unit(first.normal_ras)),),
        HINGE_AXIS: (place_of(unit(osteotomy.axis_ras)),),
    }
    if further:
        points[FURTHER] = tuple(cut.point_ras for cut in further)
        directions[FURTHER_NORMALS] = tuple(place_of(unit(cut.normal_ras)) for cut in further)
    figures = {
        KERF: Figure(osteotomy.kerf_mm, "mm"),
        ANGLE: Figure(osteotomy.angle_deg, "°"),
        SLIDE: Figure(osteotomy.slide_mm, "mm"),
    }
    cuts = "1 cut" if not further else f"{len(osteotomy.cuts)} cuts"
    moves = f"{cuts}, turned by {osteotomy.angle_deg:.4g} degrees, slid by {osteotomy.slide_mm:.4g} mm"
    measured = measured_figures(osteotomy, bone)
    return Planned(
        name, label, OSTEOTOMY, side, points, directions, figures | measured, (Decision(moves, USER),)
    )


def measured_figures(osteotomy: Osteotomy, bone: vtkPolyData) -> dict[str, Figure]:
    """Return what is measured of an osteotomy on a closed bone; faults are those of `pieces_of`.

    `contact area`: in which the two largest pieces on either side of the first cut still face each other,
    the kerf left out. `bone in common`: what they share where they were moved, so what a wedge that is
    closed takes away.
    """
    solid, first = solid_of(bone), osteotomy.cuts[0]
    pieces = pieces_of(osteotomy, bone)
    still, moving = sides_of(pieces, first)
    bare = sides_of(pieces_of(replace(osteotomy, cuts=(first,), kerf_mm=0.0), bone), first)
    height = opening_mm(bone, first, osteotomy.hinge_ras, osteotomy.axis_ras, osteotomy.angle_deg)
    common = float((still.moved_solid ^ moving.moved_solid).volume())
    wedge = {WEDGE: Figure(round(wedge_mm3(osteotomy, bone), 3), "mm3")} if osteotomy.closes else {}
    return {
        **wedge,
        HEIGHT: Figure(round(height, 3), "mm"),
        AREA: Figure(tuple(round(face_mm2(solid, cut), 3) for cut in osteotomy.cuts), "mm2"),
        CONTACT: Figure(round(contact_mm2(*bare, first), 3), "mm2"),
        OVERLAP: Figure(round(max(common, 0.0), 3), "mm3"),
        VOLUMES: Figure(tuple(round(piece.volume_mm3, 3) for piece in pieces), "mm3"),
        **figures_between(osteotomy.cuts),
    }


def wedge_mm3(osteotomy: Osteotomy, bone: vtkPolyData) -> float:
    """Return how much bone a wedge that closes takes out of the part that moves."""
    first, closing = osteotomy.cuts[0], osteotomy.closing_cut
    part = solid_of(bone)
    for cut, side in ((first, 1.0), (closing, -1.0)):
        normal = side * unit(cut.normal_ras)
        part = part.trim_by_plane(tuple(normal), float(normal @ np.asarray(cut.point_ras)))
    return float(part.volume())


def sides_of(pieces: Sequence[BonePiece], cut: CutPlane) -> tuple[BonePiece, BonePiece]:
    """Return the largest piece behind a cut and the largest beyond it.

    Raises
    ------
    FluoroPrintError
        There is none on one side.
    """
    beyond = [is_beyond(piece, cut) for piece in pieces]
    if all(beyond) or not any(beyond):
        raise FluoroPrintError("All of the bone lies on one side of the first cut: move it.")
    return pieces[beyond.index(False)], pieces[beyond.index(True)]


def figures_between(cuts: Sequence[CutPlane]) -> dict[str, Figure]:
    """Return the angle from each cut to the next, and how far they are apart along the first one's normal.

    The lengths are left out where a cut runs along that normal.
    """
    if len(cuts) < 2:
        return {}
    first, pairs = cuts[0], list(zip(cuts, cuts[1:], strict=False))
    angles = tuple(round(angle_between_deg(*pair), 3) for pair in pairs)
    found = {BETWEEN: Figure(angles, "°")}
    try:
        lengths = [segment_length_mm(*pair, first.point_ras, first.normal_ras) for pair in pairs]
    except FluoroPrintError:
        return found
    return found | {LENGTHS: Figure(tuple(round(length, 3) for length in lengths), "mm")}


def osteotomy_of(planned: Planned) -> Osteotomy:
    """Return the osteotomy of an object of a plan.

    Raises
    ------
    FluoroPrintError
        The object is no osteotomy, or lacks a figure.
    """
    try:
        points = (*planned.points[ORIGIN], *planned.points.get(FURTHER, ()))
        normals = (*planned.directions[NORMAL], *planned.directions.get(FURTHER_NORMALS, ()))
        (hinge,), (axis,) = planned.points[HINGE], planned.directions[HINGE_AXIS]
        moves = [planned.figures[name].value for name in (KERF, ANGLE)]
        planes = tuple(CutPlane(point, normal) for point, normal in zip(points, normals, strict=True))
    except (KeyError, ValueError) as error:
        raise FluoroPrintError(
            f"{planned.id} is no osteotomy: it needs cuts, a hinge, a kerf and an angle."
        ) from error
    moves.append(planned.figures[SLIDE].value if SLIDE in planned.figures else 0.0)
    kerf, angle, slide = (float(move) for move in moves if isinstance(move, int | float))
    if planned.kind != OSTEOTOMY:
        raise FluoroPrintError(f"{planned.id} is no osteotomy.")
    return Osteotomy(planes, kerf, hinge, axis, angle, slide)


def surface_of_osteotomy(planned: Planned) -> vtkPolyData:
    """Return the cuts as thin discs and the hinge as a rod, RAS mm."""
    osteotomy = osteotomy_of(planned)
    sheet = disc(DRAWN_MM).extrude(SHEET_MM).translate((0, 0, -SHEET_MM / 2))
    body = engine().Manifold()
    for cut in osteotomy.cuts:
        body += placed(sheet, np.array(cut.point_ras), frame_along(unit(cut.normal_ras)))
    reach = DRAWN_MM * unit(osteotomy.axis_ras)
    hinge = np.array(osteotomy.hinge_ras)
    return surface_of(body + rod(hinge - reach, hinge + reach, 1.0))

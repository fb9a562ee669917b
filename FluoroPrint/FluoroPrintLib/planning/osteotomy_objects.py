"""Osteotomies as objects of a plan, with their figures; and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..shape.solids import disc, engine, frame_along, placed, rod, solid_of, surface_of, unit
from .guide_parameters import CutPlane
from .osteotomy import BonePiece, cut_bone, face_mm2, hinged, moved_piece, opening_mm
from .plan import USER, Decision, Figure, Place, Planned

OSTEOTOMY = "osteotomy"
CUTS, NORMALS, HINGE, HINGE_AXIS = "cuts", "cut normals", "hinge", "hinge axis"
KERF, ANGLE = "kerf", "angle"
SHEET_MM, DRAWN_MM = 0.4, 30.0


@dataclass(frozen=True)
class Osteotomy:
    """Planes that cut a bone, and a hinge about which what lies beyond the first is turned.

    Attributes
    ----------
    cuts : RAS mm; the normal of the first points to the part that moves
    kerf_mm : what a cut takes away
    hinge_ras, axis_ras : a point of the hinge and its direction
    angle_deg : by the right hand about the axis
    """

    cuts: tuple[CutPlane, ...]
    kerf_mm: float
    hinge_ras: Place
    axis_ras: Place
    angle_deg: float


def pieces_of(osteotomy: Osteotomy, bone: vtkPolyData) -> tuple[BonePiece, ...]:
    """Return the pieces of a closed bone, those beyond the first cut turned about the hinge.

    Raises
    ------
    FluoroPrintError
        The bone is not closed, or a cut does not meet it.
    """
    turn = hinged(osteotomy.hinge_ras, osteotomy.axis_ras, osteotomy.angle_deg)
    first = osteotomy.cuts[0]
    normal = unit(first.normal_ras, "normal")

    def is_beyond(piece: BonePiece) -> bool:
        low, high = np.reshape(piece.solid.bounding_box(), (2, 3))
        return bool(((low + high) / 2 - np.asarray(first.point_ras)) @ normal > 0)

    pieces = cut_bone(bone, osteotomy.cuts, osteotomy.kerf_mm)
    return tuple(moved_piece(piece, turn) if is_beyond(piece) else piece for piece in pieces)


def planned_osteotomy(
    name: str, label: str, osteotomy: Osteotomy, bone: vtkPolyData, *, side: str = ""
) -> Planned:
    """Return an osteotomy as an object of a plan, measured on a closed bone."""
    solid, pieces = solid_of(bone), pieces_of(osteotomy, bone)
    first = osteotomy.cuts[0]
    height = opening_mm(bone, first, osteotomy.hinge_ras, osteotomy.axis_ras, osteotomy.angle_deg)
    areas = tuple(round(face_mm2(solid, cut), 3) for cut in osteotomy.cuts)
    return Planned(
        name,
        label,
        OSTEOTOMY,
        side,
        {CUTS: tuple(cut.point_ras for cut in osteotomy.cuts), HINGE: (osteotomy.hinge_ras,)},
        {
            NORMALS: tuple(_place(unit(cut.normal_ras)) for cut in osteotomy.cuts),
            HINGE_AXIS: (_place(unit(osteotomy.axis_ras)),),
        },
        {
            KERF: Figure(osteotomy.kerf_mm, "mm"),
            ANGLE: Figure(osteotomy.angle_deg, "°"),
            "wedge height": Figure(round(height, 3), "mm"),
            "cut area": Figure(areas, "mm2"),
            "volumes": Figure(tuple(round(piece.volume_mm3, 3) for piece in pieces), "mm3"),
        },
        (Decision(f"{len(osteotomy.cuts)} cuts, turned by {osteotomy.angle_deg:g} degrees", USER),),
    )


def osteotomy_of(planned: Planned) -> Osteotomy:
    """Return the osteotomy of an object of a plan.

    Raises
    ------
    FluoroPrintError
        The object is no osteotomy, or lacks a figure.
    """
    try:
        cuts, normals = planned.points[CUTS], planned.directions[NORMALS]
        (hinge,), (axis,) = planned.points[HINGE], planned.directions[HINGE_AXIS]
        kerf, angle = planned.figures[KERF].value, planned.figures[ANGLE].value
        planes = tuple(CutPlane(point, normal) for point, normal in zip(cuts, normals, strict=True))
    except (KeyError, ValueError) as error:
        raise FluoroPrintError(
            f"{planned.id} is no osteotomy: it needs cuts, a hinge and an angle."
        ) from error
    if planned.kind != OSTEOTOMY or not isinstance(kerf, int | float) or not isinstance(angle, int | float):
        raise FluoroPrintError(f"{planned.id} is no osteotomy with kerf and angle.")
    return Osteotomy(planes, float(kerf), hinge, axis, float(angle))


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


def _place(ras: Float64Array) -> Place:
    x, y, z = (float(value) for value in ras)
    return x, y, z

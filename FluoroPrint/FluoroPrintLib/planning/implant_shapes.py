"""The shapes of implants and tools, drawn from their dimensions as closed surfaces; no vendor's shape.

Each is drawn in axes of its own, mm; a plan puts its z along `axis` and its x along `side-axis`:

========== ===================================== ======================== ==================
kind       origin                                z                        x
========== ===================================== ======================== ==================
cup        centre of the sphere                  out of the opening       any
head       centre of the sphere                  out of the bore          any
stem       where neck and shaft axes meet        distal along the shaft   medial
screw      under the head                        to the tip               any
plate      middle of its lower face              away from the bone       along the plate
cage       middle                                cranial                  patient's right
dental     middle of its platform                into the bone            any
stent      middle of its proximal end            distal                   any
lead       tip                                   to the tip               first segment
anchor     middle of the flange's lower face     out of the skull         any
wire       tip                                   to the tip               any
drill      tip                                   to the tip               any
saw        middle of the tips of its teeth       forward                  across the blade
========== ===================================== ======================== ==================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .implant_bones import plate, stem
from .implant_solids import (
    ARC_STEPS,
    CORNER_STEPS,
    FINE_SIDES,
    SIDES,
    arc,
    frame_extruded,
    lathe,
    same_area,
    surface_of_rings,
)
from .implants import Implant

Sizes = Mapping[str, float]
HEAD_FACE = 0.5
BORE_WALL_MM, TAPER_MM = 1.0, (6.0, 7.0)
"""Radii of the 12/14 taper at its ends."""
SCREW_HEAD, SCREW_TIP = 0.85, 1.0
LEAD_SHOWN_MM = 60.0
WINDOW_CORNER = 0.25
FLUTE, FLUTE_SHARPNESS = 0.55, 4
"""Depth of a flute by the radius; the power of the cosine that makes it narrow."""
TWIST_STEP_DEG = 9.0


@dataclass(frozen=True)
class Shape:
    """How a kind is drawn, and by what dimensions."""

    draw: Callable[..., vtkPolyData]
    dimensions: tuple[str, ...]


def kinds() -> Mapping[str, Shape]:
    """Return how each kind of implant is drawn."""
    return {
        "cup": Shape(cup, ("diameter_mm", "wall_mm")),
        "head": Shape(head, ("diameter_mm", "bore_mm")),
        "stem": Shape(
            stem, ("neck_shaft_deg", "neck_mm", "length_mm", "width_mm", "tip_mm", "neck_diameter_mm")
        ),
        "screw": Shape(screw, ("diameter_mm", "length_mm")),
        "plate": Shape(plate, ("holes", "pitch_mm", "width_mm", "thickness_mm", "hole_mm", "waist_mm")),
        "cage-box": Shape(
            box_cage, ("width_mm", "depth_mm", "height_mm", "lordosis_deg", "wall_mm", "corner_mm")
        ),
        "cage-kidney": Shape(
            kidney_cage, ("width_mm", "depth_mm", "height_mm", "lordosis_deg", "wall_mm", "bend_mm")
        ),
        "dental": Shape(dental_implant, ("diameter_mm", "length_mm", "apex_mm", "collar_mm")),
        "stent": Shape(stent_graft, ("diameter_mm", "distal_diameter_mm", "length_mm", "wall_mm")),
        "lead": Shape(
            lead, ("diameter_mm", "contact_mm", "gap_mm", "tip_mm", "levels", "segments", "tip_is_contact")
        ),
        "anchor": Shape(anchor, ("burr_mm", "bore_mm", "depth_mm", "flange_mm", "flange_height_mm")),
        "wire": Shape(wire, ("diameter_mm", "length_mm", "point_deg")),
        "drill": Shape(drill, ("diameter_mm", "length_mm", "flutes_mm", "lead_mm", "point_deg")),
        "saw": Shape(saw, ("width_mm", "length_mm", "thickness_mm", "teeth", "tooth_mm", "shank_mm")),
    }


def all_dimensions() -> tuple[str, ...]:
    """Return the names of all dimensions that some kind of implant is drawn by."""
    return tuple(sorted({name for shape in kinds().values() for name in shape.dimensions}))


def drawn(implant: Implant) -> vtkPolyData:
    """Return an implant's closed surface in its own axes.

    Raises
    ------
    FluoroPrintError
        It has no shape of its own and is of no kind that can be drawn, or lacks a dimension.
    """
    own: vtkPolyData | None = implant.shape
    if own is not None:
        return own
    shape = kinds().get(implant.kind)
    if shape is None:
        raise FluoroPrintError(f"{implant.title} cannot be drawn: there is no kind {implant.kind}.")
    missing = [name for name in shape.dimensions if name not in implant.dimensions]
    if missing:
        raise FluoroPrintError(f"{implant.title} cannot be drawn: {', '.join(missing)} is missing.")
    return shape.draw(**{name: implant.dimensions[name] for name in shape.dimensions})


def cup(diameter_mm: float, wall_mm: float) -> vtkPolyData:
    """Return a hemispherical shell."""
    outer = diameter_mm / 2
    return lathe([*arc(outer, -90, 0), *arc(outer - wall_mm, 0, -90)])


def head(diameter_mm: float, bore_mm: float) -> vtkPolyData:
    """Return a ball with a flat face and a bore of 12/14 taper, `bore_mm` deep."""
    radius = diameter_mm / 2
    rim = max(TAPER_MM[1] + BORE_WALL_MM, HEAD_FACE * radius)
    face = float(np.sqrt(radius**2 - rim**2))
    bore = [(TAPER_MM[1], face), (TAPER_MM[0], face - bore_mm), (0.0, face - bore_mm)]
    return lathe([*arc(radius, -90, float(np.degrees(np.arcsin(face / radius)))), *bore])


def screw(diameter_mm: float, length_mm: float) -> vtkPolyData:
    """Return a screw without thread: half a ball as head, cylinder, point."""
    radius, top = diameter_mm / 2, SCREW_HEAD * diameter_mm
    tip = min(SCREW_TIP * diameter_mm, length_mm / 2)
    half_ball = arc(top, -90, 0) * (1.0, 0.6)
    return lathe([*half_ball, (radius, 0.0), (radius, length_mm - tip), (0.0, length_mm)])


def box_cage(
    width_mm: float, depth_mm: float, height_mm: float, lordosis_deg: float, wall_mm: float, corner_mm: float
) -> vtkPolyData:
    """Return a cage of a rounded box with a window for the graft; higher in front by the lordosis."""
    outer = _rounded(width_mm, depth_mm, corner_mm)
    inner = _rounded(width_mm - 2 * wall_mm, depth_mm - 2 * wall_mm, WINDOW_CORNER * corner_mm)
    return _caged(outer, inner, height_mm, lordosis_deg)


def kidney_cage(
    width_mm: float, depth_mm: float, height_mm: float, lordosis_deg: float, wall_mm: float, bend_mm: float
) -> vtkPolyData:
    """Return a cage of an ellipse bent backwards at both ends by `bend_mm`, with a window for the graft."""
    turns = 2 * np.pi * np.arange(SIDES) / SIDES
    circle = same_area(SIDES) * np.column_stack([np.cos(turns), np.sin(turns)])
    half = np.array([width_mm, depth_mm]) / 2
    outlines = []
    for ellipse in (circle * half, circle * (half - wall_mm)):
        bent = bend_mm * ((ellipse[:, 0] / half[0]) ** 2 - 0.25)
        outlines.append(np.column_stack([ellipse[:, 0], ellipse[:, 1] - bent]))
    return _caged(outlines[0], outlines[1], height_mm, lordosis_deg)


def _caged(outer: Float64Array, inner: Float64Array, height_mm: float, lordosis_deg: float) -> vtkPolyData:
    rise = float(np.tan(np.radians(lordosis_deg) / 2))

    def face(sign: float) -> Callable[[Float64Array], Float64Array]:
        return lambda places: sign * (height_mm / 2 + rise * places[:, 1])

    return frame_extruded(outer, inner, face(-1.0), face(1.0))


def _rounded(width: float, depth: float, corner: float) -> Float64Array:
    """Return the outline of a rectangle with round corners, (N, 2) in turn from the right front corner."""
    signs = ((1, 1), (-1, 1), (-1, -1), (1, -1))
    corners = [
        arc(
            corner,
            90 * turn,
            90 * turn + 90,
            (x * (width / 2 - corner), y * (depth / 2 - corner)),
            CORNER_STEPS,
        )
        for turn, (x, y) in enumerate(signs)
    ]
    return np.vstack(corners)


def dental_implant(diameter_mm: float, length_mm: float, apex_mm: float, collar_mm: float) -> vtkPolyData:
    """Return a tapered dental implant without thread: collar, cone to the apex, round end."""
    radius, apex = diameter_mm / 2, apex_mm / 2
    side = [(0.0, 0.0), (radius, 0.0), (radius, collar_mm)]
    return lathe([*side, *arc(apex, 0, 90, (0.0, length_mm - apex))])


def stent_graft(
    diameter_mm: float, distal_diameter_mm: float, length_mm: float, wall_mm: float
) -> vtkPolyData:
    """Return a tube from one diameter to another."""
    top, end = diameter_mm / 2, distal_diameter_mm / 2
    return lathe([(top, 0), (end, length_mm), (end - wall_mm, length_mm), (top - wall_mm, 0)], closed=True)


def lead(
    diameter_mm: float,
    contact_mm: float,
    gap_mm: float,
    tip_mm: float,
    levels: float,
    segments: float,
    tip_is_contact: float,
) -> vtkPolyData:
    """Return the end of a lead, 60 mm of it, with the number of the contact at each cell, from 1 at the tip.

    With `segments` of more than 1 the middle levels are cut into so many contacts about the lead. Where the
    tip is a contact it is the first level, else `tip_mm` of insulation lies before it.
    """
    radius = diameter_mm / 2
    profile = [tuple(place) for place in arc(radius, 90, 0, (0.0, -radius))]
    parts: list[Any] = [[1 if tip_is_contact else 0] * FINE_SIDES] * ARC_STEPS
    at, number = (0.0, 0) if tip_is_contact else (tip_mm, 0)
    for level in range(int(levels)):
        pieces = int(segments) if 0 < level < int(levels) - 1 else 1
        if at > radius:
            profile, parts = [*profile, (radius, -at)], [*parts, [0] * FINE_SIDES]
        row = [number + 1 + side * pieces // FINE_SIDES for side in range(FINE_SIDES)]
        profile, parts = [*profile, (radius, -at - contact_mm)], [*parts, row]
        number, at = number + pieces, at + contact_mm + gap_mm
    profile, parts = (
        [*profile, (radius, -LEAD_SHOWN_MM), (0.0, -LEAD_SHOWN_MM)],
        [*parts, *[[0] * FINE_SIDES] * 3],
    )
    return lathe(profile, parts=parts, sides=FINE_SIDES)


def anchor(
    burr_mm: float, bore_mm: float, depth_mm: float, flange_mm: float, flange_height_mm: float
) -> vtkPolyData:
    """Return a ring for a burr hole, with a flange that lies on the skull and a bore for the lead."""
    bore, burr, flange = bore_mm / 2, burr_mm / 2, flange_mm / 2
    inside = [(bore, flange_height_mm), (bore, -depth_mm), (burr, -depth_mm)]
    return lathe([*inside, (burr, 0.0), (flange, 0.0), (flange, flange_height_mm)], closed=True)


def wire(diameter_mm: float, length_mm: float, point_deg: float) -> vtkPolyData:
    """Return a wire with a point of so many degrees."""
    radius = diameter_mm / 2
    point = radius / float(np.tan(np.radians(point_deg) / 2))
    return lathe([(0.0, 0.0), (radius, -point), (radius, -length_mm), (0.0, -length_mm)])


def drill(
    diameter_mm: float, length_mm: float, flutes_mm: float, lead_mm: float, point_deg: float
) -> vtkPolyData:
    """Return a twist drill with two flutes, which turn once in `lead_mm`, and a plain shank."""
    turns = 2 * np.pi * np.arange(FINE_SIDES) / FINE_SIDES
    radius = diameter_mm / 2
    fluted = same_area(FINE_SIDES) * radius * (1 - FLUTE * np.cos(turns) ** FLUTE_SHARPNESS)
    plain = np.full(FINE_SIDES, same_area(FINE_SIDES) * radius)
    point = radius / float(np.tan(np.radians(point_deg) / 2))
    count = int(np.ceil(360 * flutes_mm / lead_mm / TWIST_STEP_DEG))
    heights = np.concatenate([point * np.arange(4) / 4, np.linspace(point, flutes_mm, count)])
    twists = turns + 2 * np.pi * heights[:, None] / lead_mm
    rings = [
        _ring(min(height / point, 1.0) * fluted, twist, -height)
        for height, twist in zip(heights, twists, strict=True)
    ]
    ends = [_ring(plain, twists[-1], -height) for height in (flutes_mm + radius, length_mm)]
    return surface_of_rings([*rings, *ends])


def saw(
    width_mm: float, length_mm: float, thickness_mm: float, teeth: float, tooth_mm: float, shank_mm: float
) -> vtkPolyData:
    """Return the blade of an oscillating saw: a shank that widens to the edge with its teeth."""
    across = np.linspace(-0.5, 0.5, 2 * int(teeth) + 1)
    rings = []
    for index, share in enumerate(across):
        edge = 0.0 if index % 2 else -tooth_mm
        ends = [(shank_mm, -length_mm), (shank_mm, -0.6 * length_mm), (width_mm, -0.4 * length_mm)]
        line = [(share * wide, at) for wide, at in [*ends, (width_mm, edge)]]
        over = [(x, thickness_mm / 2, z) for x, z in line]
        rings.append([*over, *((x, -y, z) for x, y, z in reversed(over))])
    return surface_of_rings(rings)


def _ring(radii: Float64Array, turns: Float64Array, height: float) -> Float64Array:
    return np.column_stack([radii * np.cos(turns), radii * np.sin(turns), np.full(len(turns), height)])

"""The shapes of stems and plates, which no lathe turns: closed surfaces from their dimensions."""

from __future__ import annotations

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array, IntArray
from .implant_solids import SIDES, closed_surface, same_area, surface_of_rings

SIDE_STEPS, EDGE_STEPS, END_STEPS = 24, 10, 36
TAPER_MM, TAPER_LENGTH_MM = (7.0, 6.0), 13.0
ROUND = (1.55, 1.2, 0.9, 0.6, 0.3, 0.0)
"""Angles, in radians, of the rings of a round tip."""


def stem(
    neck_shaft_deg: float,
    neck_mm: float,
    length_mm: float,
    width_mm: float,
    tip_mm: float,
    neck_diameter_mm: float,
) -> vtkPolyData:
    """Return a straight stem: round tip, body that widens to the medial side, neck, 12/14 taper.

    The middle of the head lies `neck_mm` along the neck from the origin.
    """
    turn, tip = 180.0 - neck_shaft_deg, tip_mm / 2
    up = np.array([np.sin(np.radians(turn)), -np.cos(np.radians(turn))])
    below = neck_mm - TAPER_LENGTH_MM / 2
    rounded = [(0.0, length_mm - tip + tip * np.sin(a), 0.0, tip * np.cos(a), tip * np.cos(a)) for a in ROUND]
    body = [
        (0.0, 0.6 * length_mm, 0.0, 1.15 * tip, 1.1 * tip),
        (0.06 * width_mm, 0.35 * length_mm, 0.0, 0.25 * width_mm, 1.25 * tip),
        (0.14 * width_mm, 0.16 * length_mm, 0.2 * turn, 0.36 * width_mm, 1.45 * tip),
        (0.22 * width_mm, 0.04 * length_mm, 0.5 * turn, 0.42 * width_mm, 1.5 * tip),
    ]
    neck = [(0.42 * neck_mm, 0.62 * neck_diameter_mm), (0.55 * neck_mm, 0.5 * neck_diameter_mm)]
    taper = [
        (below - 1.0, 0.5 * neck_diameter_mm),
        (below, TAPER_MM[0]),
        (below + TAPER_LENGTH_MM, TAPER_MM[1]),
    ]
    along = [(*(up * far), turn, radius, radius) for far, radius in (*neck, *taper)]
    return surface_of_rings([_section(*row) for row in (*rounded, *body, *along)])


def _section(x: float, z: float, turn_deg: float, half_x: float, half_y: float) -> Float64Array:
    """Return an ellipse about a place in the plane of x and z, turned about y from the shaft to the neck."""
    turns = 2 * np.pi * np.arange(SIDES) / SIDES
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    wide = same_area(SIDES) * half_x * np.cos(turns)
    return np.column_stack([x + c * wide, same_area(SIDES) * half_y * np.sin(turns), z + s * wide])


def plate(
    holes: float, pitch_mm: float, width_mm: float, thickness_mm: float, hole_mm: float, waist_mm: float
) -> vtkPolyData:
    """Return a straight plate with round holes; a reconstruction plate has a waist between any two.

    `waist_mm` is how much narrower each side is there.
    """
    count = int(holes)
    points: list[Float64Array] = []
    faces: list[IntArray] = []
    for link in range(count):
        outline, inner_edge = _outline(link == 0, link == count - 1, pitch_mm, width_mm, waist_mm)
        middle = np.array([(link - (count - 1) / 2) * pitch_mm, 0.0])
        ways = outline / np.linalg.norm(outline, axis=1, keepdims=True)
        rings = [_level(middle + o, z) for o, z in _corners(outline, hole_mm / 2 * ways, thickness_mm)]
        faces.append(_link_faces(len(outline), inner_edge) + sum(map(len, points)))
        points.append(np.vstack(rings))
    return closed_surface(np.vstack(points), np.vstack(faces))


def _corners(
    outline: Float64Array, hole: Float64Array, thickness: float
) -> tuple[tuple[Float64Array, float], ...]:
    return (outline, 0.0), (outline, thickness), (hole, thickness), (hole, 0.0)


def _level(places: Float64Array, height: float) -> Float64Array:
    return np.column_stack([places, np.full(len(places), height)])


def _outline(
    first: bool, last: bool, pitch: float, width: float, waist: float
) -> tuple[Float64Array, IntArray]:
    """Return the outline of a link about its hole, (N, 2) in turn, and which pieces join the next link."""
    right = _end(width) if last else _edge(pitch, width / 2 - waist)
    left = -(_end(width) if first else _edge(pitch, width / 2 - waist))
    top = _side(0.0 if last else pitch / 2, 0.0 if first else -pitch / 2, pitch, width, waist)
    bottom = -_side(0.0 if first else pitch / 2, 0.0 if last else -pitch / 2, pitch, width, waist)
    parts = [right, top[1:-1], left, bottom[1:-1]]
    joins = [not last, False, not first, False]
    flags = np.concatenate([np.full(len(part), join) for part, join in zip(parts, joins, strict=True)])
    flags &= np.roll(flags, -1)
    return np.vstack(parts), np.flatnonzero(flags)


def _end(width: float) -> Float64Array:
    turns = np.radians(np.linspace(-90, 90, END_STEPS + 1))
    return width / 2 * np.column_stack([np.cos(turns), np.sin(turns)])


def _edge(pitch: float, half: float) -> Float64Array:
    heights = np.linspace(-half, half, EDGE_STEPS + 1)
    return np.column_stack([np.full(len(heights), pitch / 2), heights])


def _side(from_x: float, to_x: float, pitch: float, width: float, waist: float) -> Float64Array:
    x = np.linspace(from_x, to_x, SIDE_STEPS + 1)
    return np.column_stack([x, width / 2 - waist * (1 - np.cos(2 * np.pi * x / pitch)) / 2])


def _link_faces(count: int, joins: IntArray) -> IntArray:
    """Return the triangles of a link's four rings of `count` points, without the walls where links join."""
    index = np.arange(4 * count).reshape(4, count)
    after = np.roll(index, -1, axis=0)
    a, b, c, d = index, np.roll(index, -1, axis=1), np.roll(after, -1, axis=1), after
    keep = np.ones((4, count), bool)
    keep[0, joins] = False
    pieces = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], axis=2)
    faces: IntArray = pieces[keep].reshape(-1, 3)
    return faces

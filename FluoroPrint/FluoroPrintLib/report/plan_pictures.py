"""Pictures of a plan: its objects seen through the bone, and sections along and across each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..geometry.volume import Volume
from ..mesh.polydata import points_of
from ..planning.plan import Planned
from .colours import hex_colour
from .pictures import Picture
from .sections import section_grid, section_picture
from .surfaces import (
    ANTERIOR,
    LEFT,
    POSTERIOR,
    SUPERIOR,
    Mesh,
    View,
    mesh_of,
    scene_extent_mm,
    surface_picture,
)

VIEWS = (ANTERIOR, LEFT, POSTERIOR, SUPERIOR)
BONE = (0.93, 0.87, 0.74)
COLOURS = (
    (0.05, 0.45, 0.70),
    (0.84, 0.37, 0.00),
    (0.00, 0.60, 0.45),
    (0.80, 0.40, 0.65),
    (0.35, 0.70, 0.90),
    (0.70, 0.20, 0.20),
)
"""After Okabe and Ito (2008): told apart by every kind of sight; used in turn."""
THROUGH = 0.35
"""Share of the bone that is left where an object lies behind or in it."""
SECTION_PX, VIEW_PX = 420, 420
WHITE = 255
AROUND_MM = 20.0


@dataclass(frozen=True)
class Shown:
    """An object of a plan as it is drawn: its surface (vtkPolyData, RAS mm) and its colour, 0 to 1."""

    planned: Planned
    surface: Any
    colour: tuple[float, float, float]


def shown_objects(objects: Sequence[Planned], surfaces: Mapping[str, Any]) -> tuple[Shown, ...]:
    """Return the objects that have a surface (vtkPolyData by id), each with a colour, told apart in turn."""
    drawn = [planned for planned in objects if planned.id in surfaces]
    return tuple(
        Shown(planned, surfaces[planned.id], COLOURS[number % len(COLOURS)])
        for number, planned in enumerate(drawn)
    )


def overview_pictures(
    bone: Any | None, shown: Sequence[Shown], size_px: int = VIEW_PX
) -> tuple[Picture, ...]:
    """Return the bone about the objects from four sides, the objects shining through; none without any."""
    if not shown:
        return ()
    objects = [mesh_of(each.surface, each.colour) for each in shown]
    everything = [*([mesh_of(bone, BONE)] if bone is not None else []), *objects]
    extent = min(scene_extent_mm(everything), scene_extent_mm(objects) + 2 * AROUND_MM)
    return tuple(_overview(everything, objects, view, size_px, extent) for view in VIEWS)


def _overview(
    everything: Sequence[Mesh], objects: Sequence[Mesh], view: View, size_px: int, extent_mm: float
) -> Picture:
    """Draw all, then the objects alone, and let these shine through."""
    points = np.concatenate([mesh.points_ras for mesh in objects])
    middle = (points.min(0) + points.max(0)) / 2
    whole = surface_picture(everything, view, size_px, extent_mm=extent_mm, middle_ras=middle)
    alone = surface_picture(objects, view, size_px, extent_mm=extent_mm, middle_ras=middle).rgb
    is_object = (alone < WHITE).any(-1, keepdims=True)
    mixed = np.where(is_object, THROUGH * whole.rgb + (1 - THROUGH) * alone, whole.rgb)
    return Picture(np.round(mixed).astype(np.uint8), whole.mm_per_px, whole.edges, whole.caption)


def section_pictures(
    each: Shown, bone: Any | None, others: Sequence[Shown], volume: Volume | None = None
) -> tuple[Picture, ...]:
    """Return two sections along an object and one across it, with all that they cut."""
    centre, axis, first, second = frame_of(each)
    extent = _extent_mm(each)
    drawn = [(hex_colour(other.colour), other.surface) for other in others]
    across, words_across = _narrowest(each.planned, centre, axis)
    wanted = (
        (centre, first, axis, "Along it"),
        (centre, second, axis, "Along it, a quarter turn on"),
        (across, first, second, words_across),
    )
    return tuple(
        section_picture(section_grid(where, right, up, extent, SECTION_PX), bone, drawn, volume, words)
        for where, right, up, words in wanted
    )


def frame_of(each: Shown) -> tuple[Float64Array, Float64Array, Float64Array, Float64Array]:
    """Return the middle of an object's surface, its axis and two directions across, RAS.

    The axis is the direction `axis` of the object where it has one, else the longest extent of its surface.
    """
    points = points_of(each.surface)
    centre = (points.min(0) + points.max(0)) / 2
    given = each.planned.directions.get("axis")
    axis = np.array(given[0]) if given else _longest(points)
    centre = points.mean(0) + axis * float((centre - points.mean(0)) @ axis)
    first = _across(axis)
    return centre, axis, first, np.cross(axis, first)


def _across(axis: Float64Array) -> Float64Array:
    """Return the direction across an axis that points most to the patient's left, else to the back."""
    towards = np.array([-1.0, 0.0, 0.0]) if abs(axis[0]) < 0.9 else np.array([0.0, -1.0, 0.0])
    across = towards - axis * float(towards @ axis)
    across /= np.linalg.norm(across)
    return across


def _longest(points: Float64Array) -> Float64Array:
    _, _, directions = np.linalg.svd(points - points.mean(0), full_matrices=False)
    axis: Float64Array = directions[0]
    return axis


def _extent_mm(each: Shown) -> float:
    return float(np.ptp(points_of(each.surface), axis=0).max()) + 2 * AROUND_MM


def _narrowest(planned: Planned, centre: Float64Array, axis: Float64Array) -> tuple[Float64Array, str]:
    """Return where the least bone is left, where the object tells, else its middle; and words for it."""
    along, entry = planned.figures.get("least distance at"), planned.points.get("entry")
    if along is None or entry is None or not isinstance(along.value, int | float):
        return centre, "Across it"
    return np.array(entry[0]) + axis * float(along.value), "Across it, where least bone is left"

"""Where to put a caliper: a picture each distance, with the jaws and the places that touch them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..arrays import Float64Array
from ..printing.caliper import CaliperDistance
from .pictures import Picture
from .surfaces import SIX_SIDES, Mesh, View, camera_axes, fitting_extent_mm, pixels_of, surface_picture

COLOUR = "#b3261e"
_ROOM = 1.12
"""More room than the part needs, for the jaws."""
_JAW = 0.16
"""Length of a jaw to either side, as a share of the picture."""
_DOT_PX = 4.0


def caliper_picture(mesh: Mesh, distance: CaliperDistance, size_px: int) -> Picture:
    """Return a picture of a part in which the jaws stand edge-on, at right angles to the line between.

    Parameters
    ----------
    mesh : of the part, in RAS mm
    distance : what is measured
    size_px : width and height
    """
    view = view_along_jaws(distance)
    extent = fitting_extent_mm([mesh], view) * _ROOM
    picture = surface_picture([mesh], view, size_px, extent_mm=extent)
    sides = [
        pixels_of(np.array(side), [mesh], view, size_px, extent)
        for side in (distance.first_ras_mm, distance.second_ras_mm)
    ]
    lines = tuple((COLOUR, line) for line in _drawn(sides, distance, view, size_px))
    return replace(picture, lines=lines, caption="")


def view_along_jaws(distance: CaliperDistance) -> View:
    """Return the anatomical view that comes next to looking along the jaws, turned until it does.

    Of views that come as near, the one that shows the touching places best is taken.
    """
    across = np.array(distance.direction_ras)
    places = np.vstack([distance.first_ras_mm, distance.second_ras_mm])
    middle = places.mean(0)

    def fault(view: View) -> tuple[float, float]:
        look = np.array(view.look_ras, float)
        return (round(abs(float(look @ across)), 2), float(((places - middle) @ look).mean()))

    nearest = min(SIX_SIDES, key=fault)
    look = np.array(nearest.look_ras, float)
    turned = look - (look @ across) * across
    x, y, z = (float(value) for value in turned / np.linalg.norm(turned))
    return View(nearest.name, (x, y, z), nearest.up_ras)


def _drawn(
    sides: Sequence[Float64Array], distance: CaliperDistance, view: View, size_px: int
) -> list[Float64Array]:
    """Return the jaws, the line between them with its arrow heads, and a dot at each touching place."""
    right, up, _ = camera_axes(view)
    across = np.array(distance.direction_ras)
    way = np.array([across @ right, -(across @ up)])
    way /= np.linalg.norm(way)
    along = np.array([-way[1], way[0]])
    ends = [side.mean(0) for side in sides]
    middle = (ends[0] + ends[1]) @ along / 2
    # The jaws face each other: both stand about the line through the middle of all that they touch.
    ends = [(end @ way) * way + middle * along for end in ends]
    reach = [max(_JAW * size_px, np.abs(side @ along - middle).max() + 8) for side in sides]
    jaws = [np.array([end - r * along, end + r * along]) for end, r in zip(ends, reach, strict=True)]
    dots = [_dot(place) for side in sides for place in side]
    return [*jaws, *_arrow(ends, way, along), *dots]


def _arrow(ends: Sequence[Float64Array], way: Float64Array, along: Float64Array) -> list[Float64Array]:
    first, second = ends
    heads = [
        np.array([end + inward * 9 + 4 * along, end, end + inward * 9 - 4 * along])
        for end, inward in ((first, way), (second, -way))
    ]
    return [np.array([first, second]), *heads]


def _dot(place: Float64Array) -> Float64Array:
    turn = np.linspace(0, 2 * np.pi, 13)
    circle: Float64Array = place + _DOT_PX * np.stack([np.cos(turn), np.sin(turn)], -1)
    return circle

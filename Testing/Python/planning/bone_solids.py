"""Bones of solids for cuts, plates and fragments."""

from __future__ import annotations

import numpy as np
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.planning.planner import PlanRequest
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.shape.solids import engine, surface_of

EMPTY = Segmentation(Volume(np.ones((2, 2, 2), np.uint8), np.eye(4)), (Segment("bone", 1, (1.0, 1.0, 1.0)),))


def box(size, low=None):
    """Return the surface of a box, its middle at the origin unless its low corner is given."""
    low = -np.array(size) / 2 if low is None else low
    return surface_of(engine().Manifold.cube(tuple(size)).translate(tuple(low)))


def request(surface, places, *chosen, others=(), families=None, bone=EMPTY, side=""):
    """Return what a planner is given for a surface."""
    return PlanRequest(
        "case",
        bone,
        lambda: surface,
        places=places,
        families=families or {},
        side=side,
        chosen={type(each): each for each in chosen},
        other_surfaces=lambda: tuple(others),
    )


def lump():
    """Return a bone that no turn maps onto itself, some 60 mm long, right of the midplane."""
    solid = engine().Manifold.sphere(14, 40).scale((1, 0.8, 2.2))
    solid += engine().Manifold.sphere(9, 32).translate((12, 3, 20))
    solid += engine().Manifold.sphere(7, 32).translate((-9, 8, -12))
    solid += engine().Manifold.sphere(6, 32).translate((3, -10, 6))
    return solid.translate((60, 0, 0))


def shell(outer_mm, inner_mm):
    """Return a hollow ball about the origin."""
    ball = engine().Manifold.sphere
    return surface_of(ball(outer_mm, 160) - ball(inner_mm, 160))


def cap_places(radius_mm, angle, count=8):
    """Return places round the rim of a cap of a sphere, whose half opening is an angle in radians."""
    turns = np.linspace(0, 2 * np.pi, count, endpoint=False)
    across, up = radius_mm * np.sin(angle), radius_mm * np.cos(angle)
    places = np.stack([across * np.cos(turns), across * np.sin(turns), np.full(count, up)], axis=-1)
    return tuple(map(tuple, (np.round(places, 6) + 0.0).tolist()))


def sphere_cap_mm2(radius_mm, angle):
    """Return the area of a cap of a sphere, whose half opening is an angle in radians."""
    return 2 * np.pi * radius_mm**2 * (1 - np.cos(angle))

"""The direction in which a guide is taken off the bone: the one that leaves least bone undercut."""

from __future__ import annotations

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..shape.probing import CLEAR_MM, Probe
from ..shape.solids import frame_along

RAY_STEP_MM = 1.5
RINGS, ROUND = 2, 8
ALIKE_MM3 = 1.0
"""Undercuts that differ by less are alike: the direction nearer to the mean normal is taken."""
OVERHUNG_MM = 0.5


def withdrawal_at(
    probe: Probe, site: Float64Array, reach_mm: float, cone_deg: float
) -> tuple[Float64Array, float]:
    """Return the direction out of the bone for a guide at a site, and the volume undercut along it, in mm3.

    Of the mean normal about the site and directions up to `cone_deg` from it, the one with the least
    undercut volume is taken, the nearest to the mean normal of those that are alike.

    Raises
    ------
    FluoroPrintError
        In every direction there is bone above the site.
    """
    found = [
        (undercut_mm3(probe, site, way, reach_mm), number, way)
        for number, way in enumerate(directions_about(probe.mean_normal(site, reach_mm), cone_deg))
    ]
    volume, _, way = min(
        found, key=lambda one: (round(one[0] / ALIKE_MM3) if one[0] < np.inf else np.inf, one[1])
    )
    if volume == np.inf:
        raise FluoroPrintError(
            "Bone hangs over the site of the guide in every direction: choose another place, or give the "
            "direction in which the guide is to come off."
        )
    return way, volume


def directions_about(middle: Float64Array, cone_deg: float) -> list[Float64Array]:
    """Return unit vectors in a cone, the middle one first, then outward ring by ring."""
    x, y, z = frame_along(middle)
    found = [z]
    for ring in range(1, RINGS + 1 if cone_deg > 0 else 1):
        angle = np.radians(cone_deg) * ring / RINGS
        for turn in 2 * np.pi * np.arange(ROUND) / ROUND:
            found.append(np.cos(angle) * z + np.sin(angle) * (np.cos(turn) * x + np.sin(turn) * y))
    return found


def undercut_mm3(probe: Probe, site: Float64Array, way: Float64Array, reach_mm: float) -> float:
    """Return the empty space under bone about a site, seen against a direction.

    Rays within `reach_mm` of the site count it, as deep as that below the site; inf where bone hangs over
    the site itself.
    """
    axes = frame_along(way)
    ticks = np.arange(-reach_mm, reach_mm + 1e-9, RAY_STEP_MM)
    x, y = np.meshgrid(ticks - ticks.mean(), ticks - ticks.mean())
    disc = np.hypot(x, y) <= reach_mm
    places = np.concatenate([[[0.0, 0.0]], np.column_stack([x[disc], y[disc]])])
    far = float(np.linalg.norm(np.ptp(probe.points, axis=0)))
    starts = site + places @ axes[:2] + far * way
    depths = [np.zeros(len(starts))]
    for _ in range(3):
        begun = starts - (depths[-1] + CLEAR_MM)[:, None] * way
        depths.append(depths[-1] + CLEAR_MM + probe.first_hits(begun, -way, 2 * far).along_mm)
        depths[-1][~np.isfinite(depths[-1])] = 4 * far
    if depths[1][0] < far - OVERHUNG_MM:
        return np.inf
    floor = far + reach_mm
    empty = np.minimum(depths[3], floor) - np.minimum(depths[2], floor)
    # A column that ends below in the open is no undercut: nothing of the guide would lie there.
    empty[depths[3] >= floor] = 0.0
    return float(empty[1:].sum()) * RAY_STEP_MM**2

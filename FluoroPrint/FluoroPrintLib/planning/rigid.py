"""Whether an object lies elsewhere only, so that its drawing can be moved and need not be made anew."""

from __future__ import annotations

import numpy as np

from ..arrays import Float64Array
from .plan import Planned

STILL_MM = 1e-3
REACH_MM = 50.0
"""Directions count as places so far away."""


def motion_between(one: Planned, other: Planned, names: tuple[str, ...]) -> Float64Array | None:
    """Return the rigid motion (4, 4) from one place of an object to another; None where it is another object.

    Parameters
    ----------
    one, other : of one kind
    names : of the points, directions and figures that must stay as they are but for the motion
    """
    if one.kind != other.kind or any(one.figures.get(name) != other.figures.get(name) for name in names):
        return None
    before, after = (_marks(planned, names) for planned in (one, other))
    if before is None or after is None or [len(mark) for mark in before] != [len(mark) for mark in after]:
        return None
    matrix = _fitted(*before, *after)
    places, ways = before
    taken = places @ matrix[:3, :3].T + matrix[:3, 3]
    turned = ways @ matrix[:3, :3].T
    off = np.concatenate([taken - after[0], turned - after[1]])
    return matrix if np.abs(off).max() < STILL_MM else None


def _marks(planned: Planned, names: tuple[str, ...]) -> tuple[Float64Array, Float64Array] | None:
    """Return the points, (N, 3), and the directions, (M, 3) of length `REACH_MM`; None without a point."""
    places = [place for name in names for place in planned.points.get(name, ())]
    ways = [way for name in names for way in planned.directions.get(name, ())]
    if not places:
        return None
    return np.array(places), REACH_MM * np.reshape(np.array(ways, np.float64), (-1, 3))


def _fitted(
    places: Float64Array, ways: Float64Array, to_places: Float64Array, to_ways: Float64Array
) -> Float64Array:
    """Return the rigid motion of least squares (Kabsch, Acta Cryst A 1976; 32: 922)."""
    middle, to_middle = places.mean(axis=0), to_places.mean(axis=0)
    spread = (places - middle).T @ (to_places - to_middle) + ways.T @ to_ways
    left, _, right = np.linalg.svd(spread)
    handed = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    matrix = np.eye(4)
    matrix[:3, :3] = (left @ handed @ right).T
    matrix[:3, 3] = to_middle - matrix[:3, :3] @ middle
    return matrix

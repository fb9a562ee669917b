"""Pedicles: the bridges of bone from body to arch, on both sides of the canal, between the foramina."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float64Array
from .canal import Canal
from .field import BoneField

LEFT, RIGHT = "left", "right"
DEPTHS_MM = (-5.0, 4.0)
"""Where a bridge is looked for, from the canal's front wall."""
SPAN_MM = 5
ASIDE_MM = (5.0, 28.0)
ASIDE_STEP_MM = 0.5
LEAST_RADIUS_MM = 1.5
LEAST_APART_MM = 15.0
VALLEY = 0.75
"""Between two pedicles of a side the bridge thins to less than this share of the weaker one."""
PAIR_MM = 10.0
ENDS_MM = 3.0


@dataclass(frozen=True)
class Pedicle:
    """A pedicle.

    Attributes
    ----------
    level : counted from the uppermost vertebra in view, from 1
    side : of the patient
    centre_ras : middle of its narrowest part, mm
    radius_mm : of the largest ball there
    aside_mm : from the middle of the canal
    up, anterior, medial : unit vectors, RAS: along the canal, to the front, to the midplane
    """

    level: int
    side: str
    centre_ras: Float64Array
    radius_mm: float
    aside_mm: float
    up: Float64Array
    anterior: Float64Array
    medial: Float64Array


@dataclass(frozen=True)
class _Peak:
    index: int
    aside_mm: float
    depth_mm: float
    radius_mm: float


def find_pedicles(field: BoneField, canal: Canal) -> tuple[Pedicle, ...]:
    """Return the pedicles from above downwards, left before right.

    In the curved plane along the canal a pedicle is a spot where bone is thick through `SPAN_MM` from back to
    front; spots of one side are kept apart by valleys, the foramina.
    """
    aside = np.arange(-ASIDE_MM[1], ASIDE_MM[1] + 0.1, ASIDE_STEP_MM)
    radii, depths = _bridges(field, canal, aside)
    sides = {
        LEFT: _peaks(radii, depths, aside, canal, aside <= -ASIDE_MM[0]),
        RIGHT: _peaks(radii, depths, aside, canal, aside >= ASIDE_MM[0]),
    }
    return tuple(
        _pedicle(level, side, peak, canal)
        for level, pair in enumerate(_levels(sides, canal.along_mm), start=1)
        for side, peak in pair.items()
    )


def _bridges(field: BoneField, canal: Canal, aside: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the radius of the thickest bridge at each place, (N, M) along and aside, and its depth."""
    depths = np.arange(DEPTHS_MM[0], DEPTHS_MM[1] + 0.1)
    sheets = np.array([field.at(_sheet(canal, aside, depth)) for depth in depths])
    starts = range(len(depths) - SPAN_MM)
    thinnest = np.array([sheets[start : start + SPAN_MM + 1].min(axis=0) for start in starts])
    return thinnest.max(axis=0), depths[thinnest.argmax(axis=0)] + SPAN_MM / 2


def _sheet(canal: Canal, aside: Float64Array, depth: float) -> Float64Array:
    places: Float64Array = (
        canal.places_ras[:, None]
        + (canal.front_mm + depth)[:, None, None] * canal.anterior[:, None]
        + aside[None, :, None] * canal.right[:, None]
    )
    return places


def _peaks(
    radii: Float64Array, depths: Float64Array, aside: Float64Array, canal: Canal, of_side: BoolArray
) -> list[_Peak]:
    """Return the pedicles of one side: the thickest first, each apart from the others."""
    along = canal.along_mm
    within = np.where(of_side, radii, -np.inf)
    profile = ndimage.gaussian_filter1d(within.max(axis=1), 1.0)
    kept: list[int] = []
    for index in np.argsort(-profile):
        at_an_end = not along[0] + ENDS_MM <= along[index] <= along[-1] - ENDS_MM
        if profile[index] < LEAST_RADIUS_MM:
            break
        if not at_an_end and all(_apart(profile, along, int(index), other) for other in kept):
            kept.append(int(index))
    best = within.argmax(axis=1)
    return [_Peak(i, float(aside[best[i]]), float(depths[i, best[i]]), float(within[i].max())) for i in kept]


def _apart(profile: Float64Array, along: Float64Array, one: int, other: int) -> bool:
    valley = profile[min(one, other) : max(one, other) + 1].min()
    far = abs(along[one] - along[other]) >= LEAST_APART_MM
    return bool(far and valley < VALLEY * min(profile[one], profile[other]))


def _levels(sides: dict[str, list[_Peak]], along: Float64Array) -> list[dict[str, _Peak]]:
    """Pair left and right pedicles of a height, from above downwards; one without a partner stays alone."""
    levels: list[dict[str, _Peak]] = [{LEFT: peak} for peak in sides[LEFT]]
    for peak in sides[RIGHT]:
        apart = [_distance(level, peak, along) for level in levels]
        nearest = int(np.argmin(apart)) if apart else -1
        if apart and apart[nearest] <= PAIR_MM:
            levels[nearest][RIGHT] = peak
        else:
            levels.append({RIGHT: peak})
    return sorted(levels, key=lambda level: -float(np.mean([peak.index for peak in level.values()])))


def _distance(level: dict[str, _Peak], peak: _Peak, along: Float64Array) -> float:
    """Return how far a level's left pedicle lies from a right one; infinite where it has its partner."""
    if LEFT not in level or RIGHT in level:
        return float("inf")
    return float(abs(along[peak.index] - along[level[LEFT].index]))


def _pedicle(level: int, side: str, peak: _Peak, canal: Canal) -> Pedicle:
    at = peak.index
    centre = (
        canal.places_ras[at]
        + (canal.front_mm[at] + peak.depth_mm) * canal.anterior[at]
        + peak.aside_mm * canal.right[at]
    )
    medial = canal.right[at] if side == LEFT else -canal.right[at]
    return Pedicle(
        level, side, centre, peak.radius_mm, abs(peak.aside_mm), canal.up[at], canal.anterior[at], medial
    )

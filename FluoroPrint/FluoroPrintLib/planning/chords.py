"""Straight lines through bone: how long they run in it, and how far they keep from its surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import AnyArray, BoolArray, Float64Array
from .field import BoneField

STEP_MM = 2.0
BATCH = 4000
GOLDEN = np.pi * (3.0 - np.sqrt(5.0))


@dataclass(frozen=True)
class Chords:
    """Lines through bone, a row each.

    Attributes
    ----------
    first_ras, last_ras : (N, 3) where the line leaves the bone, mm
    clearance_mm : (N,) least depth between, ends left out
    """

    first_ras: Float64Array
    last_ras: Float64Array
    clearance_mm: Float64Array

    @property
    def length_mm(self) -> Float64Array:
        """From end to end, (N,)."""
        lengths: Float64Array = np.linalg.norm(self.last_ras - self.first_ras, axis=1)
        return lengths

    def where(self, kept: BoolArray) -> Chords:
        """Return the rows that are kept, (N,) of bool."""
        return Chords(self.first_ras[kept], self.last_ras[kept], self.clearance_mm[kept])

    def turned_to(self, direction: AnyArray) -> Chords:
        """Return the same lines, their last ends further along a direction than their first."""
        back = ((self.last_ras - self.first_ras) @ np.asarray(direction) < 0)[:, None]
        first = np.where(back, self.last_ras, self.first_ras)
        return Chords(first, np.where(back, self.first_ras, self.last_ras), self.clearance_mm)


def even_directions(count: int) -> Float64Array:
    """Return unit vectors spread evenly over the sphere, (count, 3): a Fibonacci spiral."""
    index = np.arange(count) + 0.5
    z = 1.0 - 2.0 * index / count
    radius = np.sqrt(1.0 - z**2)
    turn = GOLDEN * index
    directions: Float64Array = np.stack([radius * np.cos(turn), radius * np.sin(turn), z], axis=1)
    return directions


def chords_through(
    field: BoneField,
    places_ras: AnyArray,
    directions: AnyArray,
    reach_mm: float,
    trim_mm: float,
    back_mm: float | None = None,
) -> Chords:
    """Return the chord of each direction, (M, 3), through each place in bone, (N, 3), N x M rows.

    A chord runs from the place both ways to where it first leaves the bone, or as far as `reach_mm`, and
    backwards as far as `back_mm` if that is given. `trim_mm` at either end do not count for its clearance,
    which is below 0 where nothing is left.
    """
    places, ways = np.asarray(places_ras, np.float64), np.asarray(directions, np.float64)
    starts, along_ways = np.repeat(places, len(ways), axis=0), np.tile(ways, (len(places), 1))
    back = reach_mm if back_mm is None else back_mm
    along = np.arange(-np.ceil(back / STEP_MM), np.ceil(reach_mm / STEP_MM) + 1) * STEP_MM
    parts = [
        _chords(field, starts[at : at + BATCH], along_ways[at : at + BATCH], along, trim_mm)
        for at in range(0, len(starts), BATCH)
    ]
    return Chords(
        np.concatenate([part.first_ras for part in parts]),
        np.concatenate([part.last_ras for part in parts]),
        np.concatenate([part.clearance_mm for part in parts]),
    )


def _chords(
    field: BoneField, starts: Float64Array, ways: Float64Array, along: Float64Array, trim_mm: float
) -> Chords:
    depths = field.at(starts[:, None] + along[:, None] * ways[:, None])
    middle = int(np.abs(along).argmin())
    outside = depths <= 0
    behind = middle - 1 - outside[:, middle - 1 :: -1].argmax(axis=1)
    behind = np.where(outside[:, :middle].any(axis=1), behind, 0)
    ahead = np.where(
        outside[:, middle:].any(axis=1), middle + outside[:, middle:].argmax(axis=1), len(along) - 1
    )
    index = np.arange(len(along))
    trim = trim_mm / STEP_MM
    judged = (index >= behind[:, None] + trim) & (index <= ahead[:, None] - trim)
    clearance = np.where(judged, depths, np.inf).min(axis=1)
    clearance = np.where(judged.any(axis=1) & ~outside[:, middle], clearance, -1.0)
    return Chords(starts + along[behind][:, None] * ways, starts + along[ahead][:, None] * ways, clearance)

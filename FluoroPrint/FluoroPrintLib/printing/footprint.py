"""The outline of a part on the bed: how it must be turned about the vertical to fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull

from ..arrays import AnyArray, Float64Array

TURNS_DEG = 180
ROUNDING_MM = 1e-4
"""A part as large as the bed fits, whatever rounding does."""


@dataclass(frozen=True)
class Bed:
    """What can be printed on: width and depth, and the height above it, in mm."""

    width_mm: float
    depth_mm: float
    height_mm: float


def fits_bed(points: Float64Array, bed: Bed) -> bool:
    """Tell whether (P, 3) points fit a bed, turned about z as they need."""
    return bool(np.ptp(points[:, 2]) <= bed.height_mm + ROUNDING_MM) and turn_to_fit(points, bed) is not None


def turn_to_fit(points: Float64Array, bed: Bed) -> float | None:
    """Return the turn about z, in radians, by which points take the least room of those that fit the bed.

    Whole degrees and the edges of the outline are tried, so that a part with a straight side lies along the
    bed's; None where none fits: a part longer than the bed may still lie along its diagonal.
    """
    outline = _outline(points)
    edges = np.roll(outline, -1, axis=0) - outline
    along = -np.arctan2(edges[:, 1], edges[:, 0]) % np.pi
    turns = np.concatenate([[0.0], along, np.radians(np.arange(1, TURNS_DEG))])
    width, depth = _sizes(outline, turns)
    fits = (width <= bed.width_mm + ROUNDING_MM) & (depth <= bed.depth_mm + ROUNDING_MM)
    if not fits.any():
        return None
    # Rounded, so that of turns as good the first is taken: none at all where that is one.
    return float(turns[np.where(fits, (width * depth).round(3), np.inf).argmin()])


def _outline(points: Float64Array) -> Float64Array:
    flat = points[:, :2]
    outline: Float64Array = flat[ConvexHull(flat).vertices]
    return outline


def _sizes(outline: Float64Array, turns: Float64Array) -> tuple[AnyArray, AnyArray]:
    cosine, sine = np.cos(turns)[:, None], np.sin(turns)[:, None]
    x, y = outline.T
    return np.ptp(cosine * x - sine * y, axis=1), np.ptp(sine * x + cosine * y, axis=1)


def about_z(turn: float) -> Float64Array:
    """Return the (3, 3) rotation about z by an angle in radians."""
    cosine, sine = np.cos(turn), np.sin(turn)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])

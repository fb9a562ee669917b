"""A closed curve laid over a bone through places, with the directions square to the bone along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError
from ..shape.probing import CLEAR_MM, Probe
from .field import BoneField
from .geodesic import lengths_along
from .plan import Place

STEP_MM = 1.5
NORMAL_MM = 5.0
"""The surface is looked at so far about a place for the direction away from the bone."""
SMOOTHED_MM = 4.0
REACH_MM = 20.0
"""The curve is laid on what is no further above or below it."""
GAP_MM = 4.0
"""Hollows that are no wider lie within the bone: marrow that was not segmented."""
SAMPLES_A_VOXEL = 2.0
WIDEST_HOLE_MM = 15.0
"""A curve may run over holes of the bone that are no wider."""
OFF_WORDS = "The curve leaves the bone between two of its places: add places there, or move them."


@dataclass(frozen=True)
class LaidCurve:
    """A closed curve on the surface of a bone.

    Attributes
    ----------
    points_ras : (N, 3) RAS mm, about evenly spaced, the first not repeated at the end
    outward_ras : (N, 3) unit vectors square to the surface, away from the bone, smoothed along the curve
    thickness_mm : (N,) how far it is to the other side of the bone, against `outward_ras`; 0 over its holes
    """

    points_ras: Float64Array
    outward_ras: Float64Array
    thickness_mm: Float64Array

    @property
    def length_mm(self) -> float:
        """All round."""
        return float(lengths_along(closed(self.points_ras))[-1])

    @property
    def over_holes(self) -> float:
        """The share of it that runs over holes of the bone."""
        return float(np.mean(self.thickness_mm == 0))

    @property
    def axis_ras(self) -> Float64Array:
        """The direction, (3,), in which the enclosed surface looks on the whole, away from the bone."""
        around = self._sense * self._around
        axis: Float64Array = around / max(float(np.linalg.norm(around)), 1e-12)
        return axis

    @property
    def _around(self) -> Float64Array:
        """Twice the area that it encloses, as a vector (3,)."""
        around: Float64Array = np.cross(self.points_ras, np.roll(self.points_ras, -1, axis=0)).sum(axis=0)
        return around

    @property
    def _sense(self) -> float:
        """1 where it runs counterclockwise as seen from outside the bone, else -1."""
        return 1.0 if self._around @ self.outward_ras.sum(axis=0) >= 0 else -1.0

    @property
    def inward_ras(self) -> Float64Array:
        """Unit vectors (N, 3) within the surface, square to the curve, to what it encloses."""
        along = np.roll(self.points_ras, -1, axis=0) - np.roll(self.points_ras, 1, axis=0)
        aside = self._sense * np.cross(self.outward_ras, along)
        inward: Float64Array = aside / np.maximum(np.linalg.norm(aside, axis=1, keepdims=True), 1e-12)
        return inward


def closed(points: Float64Array) -> Float64Array:
    """Return points (N, 3) with the first again at their end."""
    return np.concatenate([points, points[:1]])


def curve_through(
    places_ras: Sequence[Place], outward_ras: Float64Array, step_mm: float = STEP_MM
) -> tuple[Float64Array, Float64Array]:
    """Return a smooth closed curve through places, and directions along it between those of the places.

    A periodic cubic spline over the lengths of the chords.

    Parameters
    ----------
    places_ras : three or more, in order
    outward_ras : (N, 3) a direction at each
    step_mm : about, from one point to the next

    Returns
    -------
    Points and unit vectors, (M, 3) each.

    Raises
    ------
    FluoroPrintError
        There are fewer than three places, or two that follow each other are one.
    """
    places = np.asarray(places_ras, np.float64)
    if len(places) < 3:
        raise FluoroPrintError("A closed curve needs three places or more: add places.")
    ring = closed(places)
    known = lengths_along(ring)
    if np.diff(known).min() < 1e-3:
        raise FluoroPrintError("Two places of the curve that follow each other are one: move them apart.")
    spline = CubicSpline(known, ring, bc_type="periodic")
    count = max(int(round(known[-1] / step_mm)), 12)
    at = np.linspace(0.0, known[-1], count, endpoint=False)
    ways = closed(np.asarray(outward_ras, np.float64))
    between = np.stack([np.interp(at, known, ways[:, axis]) for axis in range(3)], axis=-1)
    return spline(at), _units(between)


def laid_on(probe: Probe, places_ras: Sequence[Place], deepest_mm: float) -> LaidCurve:
    """Lay a closed curve through places on a surface.

    Parameters
    ----------
    probe : of the closed surface of a bone
    places_ras : near the surface, three or more, in order
    deepest_mm : bone is taken to be no thicker

    Raises
    ------
    FluoroPrintError
        There are fewer than three places, two are one, or the curve leaves the bone.
    """
    nodes = [probe.nearest(np.asarray(place, np.float64))[0] for place in places_ras]
    looks = np.array([probe.mean_normal(node, NORMAL_MM) for node in nodes]).reshape(-1, 3)
    samples, outward = curve_through([(x, y, z) for x, y, z in nodes], looks)
    hits = probe.first_hits(samples + REACH_MM * outward, -outward, 2 * REACH_MM)
    met = np.isfinite(hits.along_mm) & (np.sum(hits.normals * outward, axis=1) > 0)
    if _widest_mm(~met, samples) > WIDEST_HOLE_MM:
        raise FluoroPrintError(OFF_WORDS)
    points = samples + (REACH_MM - bridged(hits.along_mm, met))[:, None] * outward
    square = smoothed(np.where(met[:, None], hits.normals, outward), points)
    thickness = np.where(met, _thickness_on(probe, points, -square, deepest_mm), 0.0)
    return LaidCurve(points, square, thickness)


def _widest_mm(missing: BoolArray, points: Float64Array) -> float:
    """Return the length of the longest stretch of a closed curve (N, 3) that is missing."""
    step = float(lengths_along(closed(points))[-1]) / len(points)
    known = np.flatnonzero(~missing)
    if len(known) == 0:
        return step * len(missing)
    return step * float(np.diff(np.append(known, known[0] + len(missing))).max() - 1)


def bridged(values: Float64Array, known: BoolArray) -> Float64Array:
    """Return values (N,) along a closed curve, those that are not known from their neighbours."""
    at = np.arange(len(values))
    return np.interp(at, at[known], values[known], period=len(values))


def smoothed(normals: Float64Array, points: Float64Array) -> Float64Array:
    """Return unit vectors (N, 3) along a closed curve (N, 3) evened out over some millimetres of it."""
    return _units(_evened(normals, points))


def _evened(values: Float64Array, points: Float64Array) -> Float64Array:
    step = lengths_along(closed(points))[-1] / len(points)
    evened: Float64Array = gaussian_filter1d(values, SMOOTHED_MM / step, axis=0, mode="wrap")
    return evened


def _units(vectors: Float64Array) -> Float64Array:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if lengths.min() < 1e-6:
        raise FluoroPrintError(OFF_WORDS)
    units: Float64Array = vectors / lengths
    return units


def _thickness_on(probe: Probe, points: Float64Array, ways: Float64Array, deepest_mm: float) -> Float64Array:
    """Return how far lines run into a solid until they leave it, narrow hollows passed."""
    depth = np.zeros(len(points))
    going = np.ones(len(points), bool)
    while going.any():
        where = np.flatnonzero(going)
        exits = _next(probe, points[where], ways[where], depth[where], deepest_mm)
        depth[where] = np.minimum(exits, deepest_mm)
        where = where[exits < deepest_mm]
        entries = _next(probe, points[where], ways[where], depth[where], GAP_MM)
        narrow = np.isfinite(entries)
        depth[where[narrow]] = entries[narrow]
        going[:] = False
        going[where[narrow]] = True
    return depth


def _next(
    probe: Probe, points: Float64Array, ways: Float64Array, depth: Float64Array, length_mm: float
) -> Float64Array:
    """Return the depth of the next face on lines, from depths on; infinite where there is none so near."""
    if len(points) == 0:
        return np.zeros(0)
    starts = points + (depth + 10 * CLEAR_MM)[:, None] * ways
    along: Float64Array = depth + 10 * CLEAR_MM + probe.first_hits(starts, ways, length_mm).along_mm
    return along


def laid_in(
    bone: BoneField, points_ras: Float64Array, outward_ras: Float64Array, deepest_mm: float
) -> LaidCurve | None:
    """Lay a closed curve in the field of a bone, to about one of its voxels; None where it leaves the bone.

    Parameters
    ----------
    bone : the field
    points_ras, outward_ras : (N, 3) the curve as it lies, and the directions in which the bone is looked for
    deepest_mm : bone is taken to be no thicker
    """
    step = bone.step_mm / SAMPLES_A_VOXEL
    down = np.arange(-REACH_MM, REACH_MM + step, step)
    depths = bone.at(points_ras[:, None] - down[:, None] * outward_ras[:, None])
    first = (depths > 0).argmax(axis=1)
    met = first > 0
    if _widest_mm(~met, points_ras) > WIDEST_HOLE_MM:
        return None
    rows, at = np.arange(len(first)), np.maximum(first, 1)
    before, after = depths[rows, at - 1], depths[rows, at]
    below = bridged(down[at - 1] - step * before / np.where(met, after - before, 1.0), met)
    points = points_ras - _evened(below, points_ras)[:, None] * outward_ras
    square = smoothed(_away_from(bone, points), points)
    thickness = np.where(met, _thickness_in(bone, points, square, step, deepest_mm), 0.0)
    return LaidCurve(points, square, thickness)


def _away_from(bone: BoneField, points: Float64Array) -> Float64Array:
    """Return the directions (N, 3) in which the depth in the bone falls."""
    shifts = NORMAL_MM / 2 * np.eye(3)
    slopes = [bone.at(points - shift) - bone.at(points + shift) for shift in shifts]
    return np.stack(slopes, axis=-1)


def _thickness_in(
    bone: BoneField, points: Float64Array, outward: Float64Array, step: float, deepest_mm: float
) -> Float64Array:
    along = np.arange(step, deepest_mm + step, step)
    inside = bone.at(points[:, None] - along[:, None] * outward[:, None]) > 0
    return np.array([_last_before_gap(row, along, step) for row in inside])


def _last_before_gap(inside: BoolArray, along: Float64Array, step: float) -> float:
    """Return how far bone goes on along a line that starts in it, narrow hollows passed."""
    bony = np.concatenate([[0.0], along[inside]])
    wide = np.flatnonzero(np.diff(bony) > GAP_MM)
    return float((bony[wide[0]] if len(wide) else bony[-1]) + step / 2)

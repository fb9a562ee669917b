"""A bone, or a part of one, grown from points in it; held back at gaps and necks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..arrays import AnyArray, BoolArray, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume, transformed
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .bone import BONE_COLOUR, BONE_TERMINOLOGY
from .ground import Ground, ground_of
from .necks import part_about, with_wall, without_small_holes
from .segments import Segment, Segmentation

SEED_RADIUS_MM = 2.0
SNAP_MM = 2.5
WALL_HU, WALL_MM = 60.0, 2.0
AIR_BELOW_HU = -300.0
LEVEL_SHARES = (0.25, 0.5)
"""The seed's level is kept between these shares of the way from soft tissue to bone's threshold."""
NORMAL_FROM_MAD = 1.4826


@dataclass(frozen=True)
class GrowParameters(Parameters):
    """How far a region grows from its seed, and what holds it back."""

    neck_mm: Annotated[
        float,
        Bounds(0.0, 30.0),
        Unit("mm"),
        Help("Parts that are joined by a neck narrower than this are not entered."),
    ] = 4.0
    gap_hu: Annotated[
        float,
        Bounds(0.0, 2000.0),
        Unit("HU"),
        Help("Dark sheets deeper than this, as joint spaces are, are not crossed; 0 crosses all."),
    ] = 40.0
    multiplier: Annotated[
        float,
        Bounds(0.1, 10.0),
        Help("The region's level lies this many robust deviations below the values about the seed."),
    ] = 2.5
    sprawl: Annotated[
        float,
        Bounds(1.0, 100.0),
        Help("A region of more than this many times its inscribed ball has leaked: its neck is tightened."),
    ] = 6.0
    reach_mm: Annotated[
        float, Bounds(2.0, 150.0), Unit("mm"), Help("No region reaches farther than this from its seed.")
    ] = 40.0


@dataclass(frozen=True)
class Grown:
    """A grown region.

    Attributes
    ----------
    segmentation : one segment, on the volume's grid
    lower_hu : level of each seed
    neck_mm : the width of necks that each seed's region was held to
    """

    segmentation: Segmentation
    lower_hu: tuple[float, ...]
    neck_mm: tuple[float, ...]

    @property
    def note(self) -> str:
        """Levels and necks as a sentence."""
        return f"Grown above {min(self.lower_hu):.0f} HU through necks from {max(self.neck_mm):.1f} mm."


def grow(
    volume: Volume,
    seeds_ras: Float64Array,
    parameters: GrowParameters | None = None,
    progress: Progress = silent,
    ground: Ground | None = None,
) -> Grown:
    """Grow the region of each seed, and return their union; the volume stays as it is.

    The level is found as in confidence-connected growing: the median about the seed less a multiple of its
    robust deviation, kept between soft tissue and bone. Dark sheets are no part of the region; from spongy
    bone it grows to the walls of cortex about it, and takes them in. Of the rest, the part about the seed is
    taken that `part_about` tells apart by its necks.

    Parameters
    ----------
    volume : in HU
    seeds_ras : (N, 3) points in RAS mm
    parameters : defaults if left out
    progress : told how far it is; may raise `Cancelled`
    ground : what `ground_of` made of the volume, to grow from several points in turn

    Raises
    ------
    FluoroPrintError
        The volume is empty or constant; a seed lies outside, in air, or in no bone.
    """
    wanted = parameters or GrowParameters()
    seeds = seeds_ijk(volume, seeds_ras)
    ground = ground or ground_of(volume, part_of(progress, 0.0, 0.6))
    mask = np.zeros(volume.array_kji.shape, bool)
    told = []
    for index, seed in enumerate(seeds):
        progress(0.6 + 0.4 * index / len(seeds), "growing")
        box, part, lower, neck_mm = grow_in_box(ground, seed, wanted)
        mask[box] |= part
        told.append((lower, neck_mm))
    progress(1.0, "grown")
    bone = Segment("Grown", 1, BONE_COLOUR, BONE_TERMINOLOGY)
    segmentation = Segmentation(volume.with_array(mask.astype(np.uint8)), (bone,))
    return Grown(segmentation, *(tuple(column) for column in zip(*told, strict=True)))


def grow_in_box(
    ground: Ground, seed_kji: tuple[int, int, int], wanted: GrowParameters
) -> tuple[tuple[slice, ...], BoolArray, float, float]:
    """Return the box about a seed, the region in it, its level and the neck it was held to.

    Raises
    ------
    FluoroPrintError
        The seed lies in air, or in no bone.
    """
    spacing = ground.spacing_kji_mm
    box = _box(ground.values_hu.shape, seed_kji, wanted.reach_mm, spacing)
    seed = np.array([index - part.start for index, part in zip(seed_kji, box, strict=True)])
    values = ground.values_hu[box]
    away = _distances_mm(values.shape, seed, spacing)
    about = values[away <= max(SEED_RADIUS_MM, spacing.max())]
    lower, spongy = _level_hu(about, ground, wanted)
    bone = without_small_holes(values > lower, spacing) & (away <= wanted.reach_mm)
    crossed = (ground.gaps_hu[box] < wanted.gap_hu) | (wanted.gap_hu == 0)
    candidate = bone & crossed
    if spongy:
        candidate = without_small_holes(candidate & (ground.walls_hu[box] < WALL_HU), spacing)
    nearest = np.where(candidate, away, np.inf)
    start = np.unravel_index(int(nearest.argmin()), nearest.shape)
    if nearest[start] > max(SNAP_MM, spacing.max()):
        raise FluoroPrintError(f"The seed lies in no bone above {lower:.0f} HU: set it within a bone.")
    part, neck_mm = part_about(candidate, start, spacing, wanted.neck_mm, wanted.sprawl)
    if spongy:
        part = with_wall(part, bone & crossed, spacing, WALL_MM)
    return box, part, lower, neck_mm


def seeds_ijk(volume: Volume, seeds_ras: Float64Array) -> list[tuple[int, int, int]]:
    """Return the voxels (k, j, i) of points.

    Raises
    ------
    FluoroPrintError
        There is none, or one lies outside of the volume.
    """
    points = np.atleast_2d(np.asarray(seeds_ras, np.float64))
    if points.size == 0 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise FluoroPrintError("There is no seed to grow from: set at least one point in a bone.")
    indices = np.rint(transformed(points, np.linalg.inv(volume.ijk_to_ras))).astype(int)
    for point, index in zip(points, indices, strict=True):
        if (index < 0).any() or (index >= volume.size_ijk).any():
            place = ", ".join(f"{value:.1f}" for value in point)
            raise FluoroPrintError(f"The seed at {place} mm (RAS) lies outside of the volume: set it within.")
    return [(int(k), int(j), int(i)) for i, j, k in indices]


def _level_hu(about: AnyArray, ground: Ground, wanted: GrowParameters) -> tuple[float, bool]:
    """Return the level of a region by the values about its seed, and whether these are spongy bone's."""
    median = float(np.median(about))
    if median < AIR_BELOW_HU:
        raise FluoroPrintError(f"The seed lies in air ({median:.0f} HU): set it within a bone.")
    deviation = NORMAL_FROM_MAD * float(np.median(np.abs(about - median)))
    low, high = (ground.soft_hu + share * (ground.threshold_hu - ground.soft_hu) for share in LEVEL_SHARES)
    level = median - wanted.multiplier * deviation
    return float(np.clip(level, low, high)), median < ground.threshold_hu


def _box(
    shape: tuple[int, ...], seed: tuple[int, int, int], reach_mm: float, spacing: Float64Array
) -> tuple[slice, ...]:
    reach = np.ceil(reach_mm / spacing).astype(int) + 1
    return tuple(
        slice(max(index - far, 0), min(index + far + 1, size))
        for index, far, size in zip(seed, reach, shape, strict=True)
    )


def _distances_mm(shape: tuple[int, ...], seed: AnyArray, spacing: Float64Array) -> AnyArray:
    axes = np.ogrid[tuple(slice(0, size) for size in shape)]
    parts = zip(axes, seed, spacing, strict=True)
    distances: AnyArray = np.sqrt(sum(((axis - at) * step) ** 2 for axis, at, step in parts))
    return distances

"""A bone, or a part of one, about points in it: told apart from the rest at gaps, walls and necks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy import ndimage

from ..arrays import AnyArray, BoolArray, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..geometry.volume import Volume, transformed
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from ..threads import beside
from .bone import BONE_COLOUR, BONE_TERMINOLOGY
from .chambers import walls_between
from .ground import Ground, ground_of
from .necks import parts_between_necks
from .segments import Segment, Segmentation

SEED_RADIUS_MM = 2.0
SNAP_MM = 2.5
RIM_MM = 1.7
AIR_BELOW_HU = -300.0
SLAB = 32


@dataclass(frozen=True)
class GrowParameters(Parameters):
    """How far a region grows from its seed, and what holds it back."""

    neck_mm: Annotated[
        float,
        Bounds(0.0, 30.0),
        Unit("mm"),
        Help("Parts that are joined by a neck narrower than this are not entered."),
    ] = 3.0
    gap_hu: Annotated[
        float,
        Bounds(0.0, 2000.0),
        Unit("HU"),
        Help("Dark sheets deeper than this, as joint spaces are, are not crossed; 0 crosses all."),
    ] = 60.0
    size_limit: Annotated[
        float,
        Bounds(1.0, 100.0),
        Help(
            "A region holds at most this many times the largest ball in it: what would hold more has leaked."
        ),
    ] = 9.0
    reach_mm: Annotated[
        float, Bounds(2.0, 150.0), Unit("mm"), Help("No region reaches farther than this from its seed.")
    ] = 60.0


@dataclass(frozen=True)
class Parts:
    """The parts of all bone in a volume, told apart as parameters say; a region is looked up in them.

    Attributes
    ----------
    numbers : (K, J, I), 0 where no bone is
    ground : what they were made of
    parameters : and how
    """

    numbers: IntArray
    ground: Ground
    parameters: GrowParameters


@dataclass(frozen=True)
class Grown:
    """A grown region.

    Attributes
    ----------
    segmentation : one segment, on the volume's grid
    lower_hu : what its bone is above, but for marrow
    """

    segmentation: Segmentation
    lower_hu: float

    @property
    def note(self) -> str:
        """Level and size as a sentence."""
        labelmap = self.segmentation.labelmap
        voxel_mm3 = abs(float(np.linalg.det(labelmap.ijk_to_ras[:3, :3])))
        return grown_note(self.lower_hu, np.count_nonzero(labelmap.array_kji) * voxel_mm3)


def grown_note(lower_hu: float, size_mm3: float) -> str:
    """Return level and size of what was grown as a sentence."""
    return f"Grown above {lower_hu:.0f} HU with its marrow: {size_mm3 / 1000:.1f} ml."


def grow(
    volume: Volume,
    seeds_ras: Float64Array,
    parameters: GrowParameters | None = None,
    progress: Progress = silent,
    ground: Ground | None = None,
) -> Grown:
    """Grow the region of each seed, and return their union; the volume stays as it is.

    All bone of the volume is cut into parts first (`parts_of`); the region of a seed is the part that it lies
    in or beside.

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
    ground = ground or ground_of(volume, part_of(progress, 0.0, 0.5))
    parts = parts_of(ground, wanted, part_of(progress, 0.5, 0.9))
    mask = np.zeros(volume.array_kji.shape, bool)
    for seed in seeds:
        progress(0.9, "growing")
        box, part = grow_in_box(parts, seed)
        mask[box] |= part
    progress(1.0, "grown")
    bone = Segment("Grown", 1, BONE_COLOUR, BONE_TERMINOLOGY)
    segmentation = Segmentation(volume.with_array(mask.astype(np.uint8)), (bone,))
    return Grown(segmentation, ground.lower_hu)


def parts_of(ground: Ground, wanted: GrowParameters, progress: Progress = silent) -> Parts:
    """Cut all bone of a volume, with its marrow, into parts.

    Bone and chambers of marrow are a solid, parted by dark sheets, as joint spaces are, and by the walls
    between two chambers, as endplates are on both sides of a disc. It is then cut at its necks
    (`parts_between_necks`). At last the blurred rim of bone goes to the part beside it.
    """
    progress(0.0, "cutting at necks")
    spacing = ground.spacing_kji_mm
    solid = ground.bone | (ground.chambers > 0)
    crossed = (ground.gaps_hu < wanted.gap_hu) | (wanted.gap_hu == 0)
    free = solid & crossed & ~walls_between(ground.chambers)
    if not free.any():
        return Parts(np.zeros(free.shape, np.int32), ground, wanted)
    with beside(lambda inner: _rim(free, spacing, inner)) as rim_of_free:
        numbers = parts_between_necks(free, spacing, wanted.neck_mm, wanted.size_limit)
        rim = rim_of_free()
    progress(0.9, "cutting at necks")
    # Nor is the inside of a gap the rim of its sides.
    bone = free | (rim & (solid | ((ground.values_hu > ground.lower_hu) & crossed)))
    return Parts(np.where(bone, numbers, 0).astype(np.int32), ground, wanted)


def _rim(free: BoolArray, spacing: Float64Array, progress: Progress = silent) -> BoolArray:
    """Return what lies in a solid or near it; found in slabs, so that memory stays bounded."""
    reach_mm = max(RIM_MM, float(spacing.max()))
    margin = int(np.ceil(reach_mm / spacing[0]))
    near = np.zeros(free.shape, bool)
    for start in range(0, len(free), SLAB):
        progress(start / len(free), "finding rims")
        first, end = max(start - margin, 0), start + SLAB + margin
        if free[first:end].any():
            away = ndimage.distance_transform_edt(~free[first:end], sampling=spacing)
            near[start : start + SLAB] = (away <= reach_mm)[start - first :][:SLAB]
    return near


def grow_in_box(parts: Parts, seed_kji: tuple[int, int, int]) -> tuple[tuple[slice, ...], BoolArray]:
    """Return the box about a seed, and the region in it.

    Raises
    ------
    FluoroPrintError
        The seed lies in air, or in no bone.
    """
    ground, spacing = parts.ground, parts.ground.spacing_kji_mm
    number = parts.numbers[seed_kji] or _nearest(parts, seed_kji)
    box = _box(parts.numbers.shape, seed_kji, parts.parameters.reach_mm, spacing)
    if number == 0:
        raise FluoroPrintError(
            f"The seed lies in no bone above {ground.lower_hu:.0f} HU: set it within a bone."
        )
    near = _distances_mm(box, seed_kji, spacing) <= parts.parameters.reach_mm
    return box, near & (parts.numbers[box] == number)


def _nearest(parts: Parts, seed_kji: tuple[int, int, int]) -> int:
    """Return the part nearest to a seed that is near bone; 0 where there is none."""
    spacing = parts.ground.spacing_kji_mm
    snap_mm = max(SNAP_MM, float(spacing.max()))
    box = _box(parts.numbers.shape, seed_kji, snap_mm, spacing)
    away = _distances_mm(box, seed_kji, spacing)
    about = parts.ground.values_hu[box][away <= max(SEED_RADIUS_MM, spacing.max())]
    median = float(np.median(about))
    if median < AIR_BELOW_HU:
        raise FluoroPrintError(f"The seed lies in air ({median:.0f} HU): set it within a bone.")
    away = np.where((away <= snap_mm) & (parts.numbers[box] > 0), away, np.inf)
    nearest = np.unravel_index(int(away.argmin()), away.shape)
    return int(parts.numbers[box][nearest]) if np.isfinite(away[nearest]) else 0


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


def _box(
    shape: tuple[int, ...], seed: tuple[int, int, int], reach_mm: float, spacing: Float64Array
) -> tuple[slice, ...]:
    reach = np.ceil(reach_mm / spacing).astype(int) + 1
    return tuple(
        slice(max(index - far, 0), min(index + far + 1, size))
        for index, far, size in zip(seed, reach, shape, strict=True)
    )


def _distances_mm(box: tuple[slice, ...], seed_kji: tuple[int, int, int], spacing: Float64Array) -> AnyArray:
    """Return how far the voxels of a box are from a seed."""
    axes = np.ogrid[box]
    parts = zip(axes, seed_kji, spacing, strict=True)
    distances: AnyArray = np.sqrt(sum(((axis - at) * step) ** 2 for axis, at, step in parts))
    return distances

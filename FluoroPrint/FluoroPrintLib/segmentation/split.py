"""Bones that touch, split along the joint space; fragments along the fracture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array, IntArray, UInt8Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume, transformed
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .bone import AIR_HU, BONE_TERMINOLOGY, HIGHEST_HU
from .flooding import basins, connected_parts, separated
from .region_graph import parts_of_regions, region_graph
from .segments import Segment, Segmentation
from .valleys import enclosure, valley_depths

MOST_PARTS = 32
MARGIN_MM = 6.0
SEED_MM, MARROW_SEED_MM = 5.0, 15.0
"""A point this far from the mask is still meant for it; and one in marrow that bone encloses in part."""
ENCLOSED, PARTLY_ENCLOSED = 0.77, 0.4
SOFTEST_PERCENTILE = 25
BRIGHTEST = 2.5
NARROW, OF_WIDE = 0.6, 0.5
"""Narrow spaces are sought so much nearer; wide ones, like marrow in thin bone, count so much less."""
DEEPEST, THINNEST = 8.0, 2.2
"""The relief where the gap is deepest, and where bone is thinnest, in units of the gap depth."""
LEAST_BASIN = 0.32
HINDRANCE = 3.0
NEAR_MM, BLOCK_MM = 2.5, 4.0
BALL = 1.2
MARROW_OPEN, SOFT_OPEN, LEAST_OPEN = 0.1, 2e-3, 1e-6
COLOURS = (
    (0.90, 0.62, 0.00), (0.34, 0.71, 0.91), (0.00, 0.62, 0.45), (0.94, 0.89, 0.26),
    (0.00, 0.45, 0.70), (0.84, 0.37, 0.00), (0.80, 0.47, 0.65), (0.75, 0.75, 0.75),
)  # fmt: skip
"""Okabe and Ito's, which people with any colour vision tell apart."""


@dataclass(frozen=True)
class SplitParameters(Parameters):
    """How parts that touch are told apart."""

    joint_mm: Annotated[
        float,
        Bounds(0.5, 10.0),
        Unit("mm"),
        Help("How far to look across for the other side of a joint space or fracture."),
    ] = 4.0
    smoothing_mm: Annotated[
        float, Bounds(0.0, 3.0), Unit("mm"), Help("Smoothing before joint spaces are sought: more for noise.")
    ] = 0.4
    gap_depth: Annotated[
        float,
        Bounds(0.005, 0.5),
        Help("A joint space is darker than its sides by this share of the contrast of bone."),
    ] = 0.05
    neck_mm: Annotated[
        float,
        Bounds(1.0, 20.0),
        Unit("mm"),
        Help("Bone thinner than twice this is cut the more readily, the thinner it is."),
    ] = 5.0


@dataclass(frozen=True)
class _Ground:
    """What is split: the mask cropped, bone with marrow, and a relief high in gaps and thin bone."""

    mask: BoolArray
    solid: BoolArray
    hidden: Float32Array
    gap: Float32Array
    relief: Float32Array
    spacing_kji: Float64Array


@dataclass(frozen=True)
class _Seeds:
    """Points with their parts: RAS mm, the part of each from 0, the names of the parts."""

    ras: Float64Array
    part: IntArray
    names: tuple[str, ...]


def split_parts(
    volume: Volume,
    segmentation: Segmentation,
    seeds_ras: Float64Array,
    parameters: SplitParameters | None = None,
    progress: Progress = silent,
    *,
    seed_parts: tuple[str, ...] | None = None,
) -> Segmentation:
    """Split what is segmented into parts told by points; volume and segmentation stay.

    Joint spaces are valleys of the image: thin, dark, with bright bone on both sides (valley emphasis for
    the hip: Zoroofi et al., IEEE Trans Inf Technol Biomed 7, 2003). Their depth, and how thin bone is, make a
    relief, whose watershed cuts the image along joint spaces and necks into many regions (Beucher and Meyer,
    1993). Paths of least cost, and a random walk where these are near a tie, tell which part each region
    belongs to (`parts_of_regions`).

    Parameters
    ----------
    volume : HU on any grid; NaN counts as outside the field
    segmentation : all its segments together are split; on any grid
    seeds_ras : (N, 3) points in or on the bones
    parameters : what counts as a gap and as a neck
    progress : told how far the work is; may cancel
    seed_parts : the name of each point's part; a point without a name, or all if left out, is a part alone

    Returns
    -------
    The parts in the order of their first points, by their names or "Part 1" and on; every voxel of the mask
    is in exactly one.

    Raises
    ------
    FluoroPrintError
        There are too few or too many parts, a point lies off the mask, points of two parts lie in one voxel,
        or nothing is segmented within the volume.
    """
    wanted = parameters or SplitParameters()
    seeds = _checked(seeds_ras, seed_parts)
    mask = mask_in(volume, segmentation)
    box = _box(mask, volume.spacing_mm[::-1])
    progress(0.05, "finding joint spaces")
    ground = _ground(volume, mask, box, wanted, part_of(progress, 0.05, 0.5))
    seeds_kji, part = _places(ground, volume, box, seeds)
    labels = np.zeros(mask.shape, np.uint8)
    labels[box] = _labelled(ground, seeds_kji, part, part_of(progress, 0.5, 1.0))
    _check_parts(labels, seeds.names)
    progress(1.0, "parts split")
    return Segmentation(volume.with_array(labels), _segments(seeds.names))


def mask_in(volume: Volume, segmentation: Segmentation) -> BoolArray:
    """Return where anything is segmented, on the grid of a volume.

    Raises
    ------
    FluoroPrintError
        Nothing is segmented within the volume.
    """
    labelmap = segmentation.labelmap
    to_labelmap = np.linalg.inv(labelmap.ijk_to_ras) @ volume.ijk_to_ras
    kji = to_labelmap[2::-1, 2::-1]
    mask: BoolArray = ndimage.affine_transform(
        (labelmap.array_kji > 0).astype(np.uint8),
        kji,
        to_labelmap[2::-1, 3],
        volume.array_kji.shape,
        order=0,
        mode="constant",
    ).astype(bool)
    if not mask.any():
        raise FluoroPrintError("Nothing is segmented within the volume: segment the bone first.")
    return mask


def part_sizes(parts: Segmentation) -> str:
    """Return how large the parts are, as a sentence."""
    counts = np.bincount(parts.labelmap.array_kji.ravel(), minlength=len(parts.segments) + 1)
    voxel_ml = parts.labelmap.voxel_mm3 / 1000
    sizes = (f"{segment.name} {counts[segment.label] * voxel_ml:.1f} ml" for segment in parts.segments)
    return f"{len(parts.segments)} parts: {', '.join(sizes)}."


def _check_parts(labels: UInt8Array, names: tuple[str, ...]) -> None:
    sizes = np.bincount(labels.ravel(), minlength=len(names) + 1)[1:]
    if not sizes.all():
        raise FluoroPrintError(
            f"{names[int(sizes.argmin())]} got no bone, since other points reached all bone about its own: "
            "place each point deep in its bone."
        )


def _checked(seeds_ras: Float64Array, seed_parts: tuple[str, ...] | None) -> _Seeds:
    ras = np.asarray(seeds_ras, np.float64).reshape(-1, 3)
    given = seed_parts or ("",) * len(ras)
    keys = [name or index for index, name in enumerate(given)]
    parts = list(dict.fromkeys(keys))
    if not 2 <= len(parts) <= MOST_PARTS:
        raise FluoroPrintError(
            f"Points are given for {len(parts)} of 2 to {MOST_PARTS} parts: place a point or more in each."
        )
    names = tuple(str(key) if isinstance(key, str) else f"Part {at}" for at, key in enumerate(parts, 1))
    return _Seeds(ras, np.array([parts.index(key) for key in keys]), names)


def _box(mask: BoolArray, spacing_kji: Float64Array) -> tuple[slice, ...]:
    """Return the box about a mask with a margin."""
    margin = np.ceil(MARGIN_MM / spacing_kji).astype(int)
    (found,) = ndimage.find_objects(mask.astype(np.uint8))
    return tuple(slice(max(0, part.start - m), part.stop + m) for part, m in zip(found, margin, strict=True))


def _ground(
    volume: Volume, mask: BoolArray, box: tuple[slice, ...], wanted: SplitParameters, progress: Progress
) -> _Ground:
    spacing = volume.spacing_mm[::-1]
    mask = mask[box]
    values, unmeasured = _numbers(volume.array_kji[box], mask)
    contrast = _contrast(values, mask, wanted.smoothing_mm / spacing)
    narrow, wide = valley_depths(
        contrast, spacing, (NARROW * wanted.joint_mm, wanted.joint_mm), part_of(progress, 0.0, 0.6)
    )
    gap = np.maximum(narrow, OF_WIDE * wide) / np.float32(wanted.gap_depth)
    hidden = enclosure(mask, unmeasured, spacing, part_of(progress, 0.6, 0.9))
    solid = mask | ndimage.binary_opening((hidden >= ENCLOSED) & ~unmeasured)
    inside_mm = ndimage.distance_transform_edt(mask, sampling=spacing).astype(np.float32)
    thin = 1 - np.minimum(inside_mm / np.float32(wanted.neck_mm), 1)
    relief = np.minimum(gap, np.float32(DEEPEST)) + np.float32(THINNEST) * thin
    return _Ground(mask, solid, hidden, gap, relief, spacing)


def _numbers(values: Float32Array, mask: BoolArray) -> tuple[Float32Array, BoolArray]:
    """Return values in a range that holds bone, and where nothing was measured."""
    unmeasured = ~np.isfinite(values) | (values == 0) | (values == AIR_HU)
    numbers = np.nan_to_num(np.asarray(values, np.float32), nan=AIR_HU, posinf=AIR_HU, neginf=AIR_HU)
    outside = ndimage.binary_opening(unmeasured, iterations=2) & ~mask
    return np.clip(numbers, AIR_HU, HIGHEST_HU), outside


def _contrast(values: Float32Array, mask: BoolArray, sigma: Float64Array) -> Float32Array:
    """Return smoothed values from 0 for soft tissue to 1 for bone; 0 everywhere if bone is not brighter."""
    rim = ndimage.binary_dilation(mask, iterations=3) & ~mask
    bone = np.median(values[mask])
    soft = np.percentile(values[rim], SOFTEST_PERCENTILE) if rim.any() else bone
    if soft >= bone:
        return np.zeros_like(values)
    clipped = np.clip((values - soft) / (bone - soft), 0.0, BRIGHTEST)
    smooth: Float32Array = ndimage.gaussian_filter(clipped.astype(np.float32), sigma, truncate=3.0)
    return smooth


def _places(
    ground: _Ground, volume: Volume, box: tuple[slice, ...], seeds: _Seeds
) -> tuple[IntArray, IntArray]:
    """Return the voxels of the points in bone or marrow and the part of each; those of two parts differ."""
    ijk = transformed(seeds.ras, np.linalg.inv(volume.ijk_to_ras))
    placed = ijk[:, ::-1] - [part.start for part in box]
    places = [_place(ground, point, number) for number, point in enumerate(placed, 1)]
    part = np.repeat(seeds.part, [len(voxels) for voxels in places])
    found = np.concatenate(places)
    together = np.unique(np.column_stack([found, part]), axis=0)
    if len(np.unique(together[:, :3], axis=0)) < len(together):
        raise FluoroPrintError("Two points lie in the same piece of bone side by side: move them apart.")
    return found, part


def _place(ground: _Ground, point_kji: Float64Array, number: int) -> list[IntArray]:
    """Return the nearest voxel of the mask, where that is near, and the point's own where it is marrow."""
    reach = np.ceil(MARROW_SEED_MM / ground.spacing_kji) + 1
    low = np.maximum(np.floor(point_kji - reach), 0).astype(int)
    high = np.maximum(np.ceil(point_kji + reach), 0).astype(int)
    within = np.argwhere(ground.mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]) + low
    lengths_mm = np.linalg.norm((within - point_kji) * ground.spacing_kji, axis=1)
    at = tuple(np.clip(np.round(point_kji).astype(int), 0, np.array(ground.mask.shape) - 1))
    farthest_mm = MARROW_SEED_MM if ground.hidden[at] >= PARTLY_ENCLOSED else SEED_MM
    if lengths_mm.min(initial=np.inf) > farthest_mm:
        how_far = f"{lengths_mm.min():.0f} mm" if len(within) else f"more than {MARROW_SEED_MM:.0f} mm"
        raise FluoroPrintError(
            f"Point {number} lies {how_far} off the segment: place each point in its bone."
        )
    if lengths_mm.min() > SEED_MM:
        return [np.array(at)]
    nearest: IntArray = within[lengths_mm.argmin()]
    in_marrow = bool(ground.solid[at] and not ground.mask[at])
    return [nearest, np.array(at)] if in_marrow else [nearest]


def _balls(ground: _Ground, seeds_kji: IntArray) -> BoolArray:
    """Return a ball about each point off the mask that reaches it.

    A point in marrow is so joined to all of the shell about it, and not to the nearest bone only.
    """
    balls = np.zeros(ground.mask.shape, bool)
    for seed in seeds_kji[~ground.mask[tuple(seeds_kji.T)]]:
        reach = np.ceil(MARROW_SEED_MM * BALL / ground.spacing_kji).astype(int)
        about = tuple(slice(max(0, at - r), at + r + 1) for at, r in zip(seed, reach, strict=True))
        offsets = (
            np.indices(balls[about].shape) + np.array([part.start for part in about])[:, None, None, None]
        )
        lengths_mm = np.linalg.norm((offsets.T - seed) * ground.spacing_kji, axis=-1).T
        nearest_mm = lengths_mm[ground.mask[about]].min()
        balls[about] |= lengths_mm <= BALL * nearest_mm
    return balls


def _labelled(ground: _Ground, seeds_kji: IntArray, part: IntArray, progress: Progress) -> IntArray:
    """Return the part of each voxel of the mask."""
    progress(0.0, "cutting at the joints")
    regions = basins(ground.relief, LEAST_BASIN, ground.spacing_kji)
    progress(0.4, "joining the parts")
    far_mm = ndimage.distance_transform_edt(~ground.mask, sampling=ground.spacing_kji)
    balls = _balls(ground, seeds_kji)
    solid = ground.solid | balls
    near = (far_mm < NEAR_MM) | solid
    regions = _in_blocks(regions, near & ~ground.mask, solid, ground.spacing_kji)
    regions = separated(regions, ground.relief, seeds_kji, part, ground.spacing_kji)
    graph = region_graph(regions, _open_share(ground, balls), near, ground.spacing_kji)
    progress(0.6, "joining the parts")
    parts = parts_of_regions(graph, regions[tuple(seeds_kji.T)], part)
    progress(0.7, "joining loose pieces")
    return connected_parts(parts[regions], ground.mask, seeds_kji, ground.spacing_kji)


def _in_blocks(regions: IntArray, where: BoolArray, solid: BoolArray, spacing_kji: Float64Array) -> IntArray:
    """Return regions cut into blocks, and marrow from what lies beside bone, at some places.

    Where the image is level a basin is large without being one piece of bone: it would join all it touches.
    """
    places = np.nonzero(where)
    blocks = [
        (at * length / BLOCK_MM).astype(np.int64) for at, length in zip(places, spacing_kji, strict=True)
    ]
    keys = (regions[places].astype(np.int64), solid[places].astype(np.int64), *blocks)
    number = np.ravel_multi_index(keys, tuple(int(key.max(initial=0)) + 1 for key in keys))
    cut: IntArray = regions.copy()
    cut[places] = regions.max() + 1 + np.unique(number, return_inverse=True)[1].astype(np.int32)
    return cut


def _open_share(ground: _Ground, balls: BoolArray) -> Float32Array:
    """Return how easily each voxel is passed: bone and balls well, marrow less, others hardly, gaps least."""
    clear = np.where(ground.mask, 1.0, np.where(ground.solid, MARROW_OPEN, SOFT_OPEN))
    share: Float32Array = np.maximum(clear * np.exp(-HINDRANCE * ground.gap), LEAST_OPEN).astype(np.float32)
    share[balls & ~ground.mask] = 1.0
    return share


def _segments(names: tuple[str, ...]) -> tuple[Segment, ...]:
    return tuple(
        Segment(name, label, COLOURS[(label - 1) % len(COLOURS)], BONE_TERMINOLOGY)
        for label, name in enumerate(names, 1)
    )

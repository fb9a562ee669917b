"""Bones that touch, split along the joint space; fragments along the fracture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array, IntArray, UInt8Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .bone import AIR_HU, BONE_TERMINOLOGY, HIGHEST_HU
from .flooding import connected_parts, nearest_by_cost, watershed, without_rims
from .segments import Segment, Segmentation
from .valleys import enclosure, large_pieces, valley_depth

MOST_PARTS = 32
MARGIN_MM = 6.0
SEED_MM = 4.0
"""A point this far from the mask is still meant for it."""
SIGHT_MM = 6.0
ENCLOSED = 0.77
SOFTEST_PERCENTILE = 25
BRIGHTEST = 2.5
LEAST_GAP_MM3 = 150.0
RIM_MM = 2.5
OPEN_SPEED, GAP_SPEED, LEAST_SPEED = 2e-3, 3e-4, 1e-3
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
    ] = 0.8
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
    """What is flooded: the mask cropped, the joint spaces, and how deep in bone or marrow each voxel lies."""

    mask: BoolArray
    gap: BoolArray
    depth_mm: Float32Array
    near: BoolArray
    spacing_kji: Float64Array


def split_parts(
    volume: Volume,
    segmentation: Segmentation,
    seeds_ras: Float64Array,
    parameters: SplitParameters | None = None,
    progress: Progress = silent,
) -> Segmentation:
    """Split what is segmented into as many parts as there are points; volume and segmentation stay.

    Joint spaces are valleys of the image: thin, dark, with bright bone on both sides (valley emphasis for
    the hip: Zoroofi et al., IEEE Trans Inf Technol Biomed 7, 2003). They are taken out of bone and marrow;
    how far each voxel then lies from any border makes a relief in which joints and necks are high. Regions
    grow from the points along paths of least cost (the watershed by topographic distance: Meyer, Signal
    Processing 38, 1994), and a watershed from these as markers (Beucher and Meyer, 1993) settles where they
    meet. So a joint is cut along its space, and where it is bridged, at the neck.

    Parameters
    ----------
    volume : HU on any grid; NaN counts as outside the field
    segmentation : all its segments together are split; on any grid
    seeds_ras : (N, 3) a point for each part, in or on its bone
    parameters : what counts as a gap and as a neck
    progress : told how far the work is; may cancel

    Returns
    -------
    "Part 1" and on in the order of the points; every voxel of the mask is in exactly one.

    Raises
    ------
    FluoroPrintError
        There are too few or too many points, one lies off the mask, two lie in one voxel, or nothing is
        segmented within the volume.
    """
    wanted = parameters or SplitParameters()
    seeds_ras = _checked(seeds_ras)
    mask = mask_in(volume, segmentation)
    box = _box(mask, volume.spacing_mm[::-1])
    progress(0.05, "finding joint spaces")
    ground = _ground(volume, mask, box, wanted, part_of(progress, 0.05, 0.5))
    seeds_kji = _seeds(ground, volume, box, seeds_ras)
    progress(0.5, "growing the parts")
    grown = nearest_by_cost(_speed(ground, wanted.neck_mm), seeds_kji, ground.spacing_kji)
    progress(0.75, "cutting at the joints")
    labels = np.zeros(mask.shape, np.uint8)
    labels[box] = _settled(ground, grown, seeds_kji)
    _check_parts(labels, len(seeds_ras))
    progress(1.0, "parts split")
    return Segmentation(volume.with_array(labels), _segments(len(seeds_ras)))


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
    voxel_ml = abs(float(np.linalg.det(parts.labelmap.ijk_to_ras[:3, :3]))) / 1000
    sizes = (f"{segment.name} {counts[segment.label] * voxel_ml:.1f} ml" for segment in parts.segments)
    return f"{len(parts.segments)} parts: {', '.join(sizes)}."


def _check_parts(labels: UInt8Array, count: int) -> None:
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    if not sizes.all():
        raise FluoroPrintError(
            f"Point {int(sizes.argmin()) + 1} got no part, since another point's reached all bone about it: "
            "place each point deep in its bone."
        )


def _checked(seeds_ras: Float64Array) -> Float64Array:
    seeds = np.asarray(seeds_ras, np.float64).reshape(-1, 3)
    if not 2 <= len(seeds) <= MOST_PARTS:
        raise FluoroPrintError(
            f"{len(seeds)} points are given: a split takes 2 to {MOST_PARTS}, one for each part."
        )
    return seeds


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
    depth = valley_depth(
        _contrast(values, mask, wanted.smoothing_mm / spacing),
        spacing,
        wanted.joint_mm,
        part_of(progress, 0.0, 0.6),
    )
    gap = large_pieces(depth > wanted.gap_depth, LEAST_GAP_MM3 / np.prod(spacing))
    hidden = enclosure(mask, unmeasured, spacing, part_of(progress, 0.6, 0.9))
    solid = mask | ndimage.binary_opening((hidden >= ENCLOSED) & ~unmeasured)
    inside = ndimage.distance_transform_edt(solid & ~gap, sampling=spacing).astype(np.float32)
    near = (ndimage.distance_transform_edt(~mask, sampling=spacing) < MARGIN_MM) | solid
    return _Ground(mask, gap, inside, near, spacing)


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


def _seeds(ground: _Ground, volume: Volume, box: tuple[slice, ...], seeds_ras: Float64Array) -> IntArray:
    """Return the voxels of the points, moved into the depth of their bone; all differ."""
    to_ijk = np.linalg.inv(volume.ijk_to_ras)
    placed = (seeds_ras @ to_ijk[:3, :3].T + to_ijk[:3, 3])[:, ::-1] - [part.start for part in box]
    within = np.argwhere(ground.mask | (ground.depth_mm > 0))
    found = [_seed(ground, within, point, number) for number, point in enumerate(placed, 1)]
    if len({tuple(seed) for seed in found}) < len(found):
        raise FluoroPrintError("Two points lie in the same piece of bone side by side: move them apart.")
    return np.array(found)


def _seed(ground: _Ground, within: IntArray, point_kji: Float64Array, number: int) -> IntArray:
    lengths_mm = np.linalg.norm((within - point_kji) * ground.spacing_kji, axis=1)
    if lengths_mm.min() > SEED_MM:
        raise FluoroPrintError(
            f"Point {number} lies {lengths_mm.min():.0f} mm off the segment: place each point in its bone."
        )
    seed: IntArray = within[lengths_mm.argmin()]
    return _deepest_seen(ground, seed)


def _deepest_seen(ground: _Ground, seed: IntArray) -> IntArray:
    """Return the deepest voxel that a straight line through bone reaches: thin bone slows a front."""
    reach = np.ceil(SIGHT_MM / ground.spacing_kji).astype(int)
    low = np.maximum(seed - reach, 0)
    around = ground.depth_mm[tuple(slice(a, b) for a, b in zip(low, seed + reach + 1, strict=True))]
    places = np.argwhere(around > ground.depth_mm[tuple(seed)]) + low
    near = np.linalg.norm((places - seed) * ground.spacing_kji, axis=1) <= SIGHT_MM
    deepest_first = np.argsort(-ground.depth_mm[tuple(places[near].T)], kind="stable")
    for place in places[near][deepest_first]:
        if _is_seen(ground.depth_mm, seed, place):
            found: IntArray = place
            return found
    return seed


def _is_seen(depth_mm: Float32Array, seed: IntArray, place: IntArray) -> bool:
    steps = 2 * int(np.abs(place - seed).max()) + 1
    line = np.round(np.linspace(seed, place, steps)).astype(int)
    return bool((depth_mm[tuple(line.T)] > 0).all())


def _speed(ground: _Ground, neck_mm: float) -> Float32Array:
    """Return how fast a front passes: fast in the depth of bone, slow at necks, slowest in gaps."""
    deep = np.minimum(ground.depth_mm / neck_mm, 1.0) ** 4
    speed = np.where(ground.depth_mm > 0, np.maximum(deep, LEAST_SPEED), OPEN_SPEED)
    speed[ground.gap] = GAP_SPEED
    speed[~ground.near] = 0.0
    return speed.astype(np.float32)


def _settled(ground: _Ground, grown: IntArray, seeds_kji: IntArray) -> IntArray:
    """Return the parts of the mask, their borders moved to the gap or neck that they lie near."""
    markers = np.where(ground.near, without_rims(grown, RIM_MM, ground.spacing_kji), 0)
    markers[tuple(seeds_kji.T)] = np.arange(1, len(seeds_kji) + 1)
    flooded = watershed(ground.depth_mm, ground.gap, markers, ground.spacing_kji)
    return connected_parts(flooded, ground.mask, ground.spacing_kji)


def _segments(count: int) -> tuple[Segment, ...]:
    return tuple(
        Segment(f"Part {label}", label, COLOURS[(label - 1) % len(COLOURS)], BONE_TERMINOLOGY)
        for label in range(1, count + 1)
    )

"""Parts of a solid, told apart by the necks between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array, IntArray
from .flooding import basins, faces

NECK_SHARE = 0.5
"""A place narrower than this share of the narrower of two parts is a neck between them."""
DEEPEST_MM, LEAST_BASIN_MM = 60.0, 0.15


def parts_between_necks(
    solid: BoolArray, spacing_kji: Float64Array, neck_mm: float, size_limit: float
) -> IntArray:
    """Return the parts by their numbers from 1; voxels outside of the solid have that of a part beside them.

    The solid is cut where it is narrowest: into the basins of its depth below the surface. These are joined
    again, the widest way between two first, as balls would pass that are rolled through the solid, ever
    narrower ones. A way narrower than `neck_mm`, or than `NECK_SHARE` of the narrower part, joins nothing,
    but for what is itself thinner than `neck_mm`: that goes with the part beside it. Nor does a part become
    larger than `size_limit` balls as wide as its widest place.

    Parameters
    ----------
    solid : (K, J, I)
    spacing_kji : (3,) mm
    neck_mm : narrowest way that joins
    size_limit : largest volume of a part, in volumes of its widest ball
    """
    depth = _depth_mm(solid, spacing_kji)
    regions = basins(DEEPEST_MM - depth, LEAST_BASIN_MM, spacing_kji)
    regions = _in_blocks(regions, solid, depth, spacing_kji, size_limit)
    radii, volumes = _sizes(regions, solid, depth, spacing_kji)
    ways = _ways(regions, solid, depth, len(radii))
    parts: IntArray = _joined(ways, radii, volumes, neck_mm / 2, size_limit)[regions] + 1
    return parts


def _depth_mm(solid: BoolArray, spacing_kji: Float64Array) -> Float32Array:
    if solid.all():
        return np.full(solid.shape, float(np.min(np.array(solid.shape) * spacing_kji)) / 2, np.float32)
    depth: Float32Array = ndimage.distance_transform_edt(solid, sampling=spacing_kji).astype(np.float32)
    cut: Float32Array = np.minimum(depth, np.float32(DEEPEST_MM))
    return cut


def _sizes(
    regions: IntArray, solid: BoolArray, depth: Float32Array, spacing_kji: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return the widest ball's radius and the volume of each region."""
    radii: Float64Array = np.zeros(int(regions.max()) + 1)
    np.maximum.at(radii, regions[solid], depth[solid])
    counts = np.bincount(regions[solid], minlength=len(radii)).astype(np.float64)
    return radii, counts * float(np.prod(spacing_kji))


def _in_blocks(
    regions: IntArray, solid: BoolArray, depth: Float32Array, spacing_kji: Float64Array, limit: float
) -> IntArray:
    """Return regions of which those that alone pass the limit, as an even plate does, are cut into blocks."""
    radii, volumes = _sizes(regions, solid, depth, spacing_kji)
    large = volumes > limit * _ball_mm3(radii)
    if not large.any():
        return regions
    places = np.nonzero(large[regions] & solid)
    edges_mm = 2 * radii[regions[places]]
    blocks = [
        (at * length / edges_mm).astype(np.int64) for at, length in zip(places, spacing_kji, strict=True)
    ]
    keys = (regions[places].astype(np.int64), *blocks)
    number = np.ravel_multi_index(keys, tuple(int(key.max()) + 1 for key in keys))
    cut: IntArray = regions.copy()
    cut[places] = regions.max() + 1 + np.unique(number, return_inverse=True)[1].astype(np.int32)
    return cut


def _ball_mm3(radius_mm: Any) -> Any:
    return 4 / 3 * np.pi * radius_mm**3


def _ways(
    regions: IntArray, solid: BoolArray, depth: Float32Array, count: int
) -> list[tuple[int, int, float]]:
    """Return pairs of regions and the radius of the way between them, widest first."""
    low, high, radius = faces(regions, solid, depth, np.minimum)
    pairs, of_face = np.unique(low.astype(np.int64) * count + high, return_inverse=True)
    widest = np.zeros(len(pairs))
    np.maximum.at(widest, of_face, radius)
    order = np.argsort(-widest, kind="stable")
    one, other = pairs[order] // count, pairs[order] % count
    return list(zip(one.tolist(), other.tolist(), widest[order].tolist(), strict=True))


def _joined(
    ways: list[tuple[int, int, float]], radii: AnyArray, volumes: AnyArray, least_mm: float, limit: float
) -> IntArray:
    """Return the part of each region: the number of one of its regions."""
    owner = list(range(len(radii)))

    def of(region: int) -> int:
        while owner[region] != region:
            owner[region] = owner[owner[region]]
            region = owner[region]
        return region

    def join(one: int, other: int, radius: float) -> bool:
        narrower, wider = sorted((float(radii[one]), float(radii[other])))
        passes = radius >= max(least_mm, NECK_SHARE * narrower) or narrower < least_mm
        size = volumes[one] + volumes[other]
        if not passes or size > limit * _ball_mm3(max(wider, least_mm)):
            return False
        owner[other], radii[one], volumes[one] = one, wider, size
        return True

    before = -1
    while len(ways) != before:  # what is too large for one part may later fit beside a wider one
        before = len(ways)
        ways = [way for way in ways if of(way[0]) != of(way[1]) and not join(of(way[0]), of(way[1]), way[2])]
    return np.array([of(region) for region in owner])

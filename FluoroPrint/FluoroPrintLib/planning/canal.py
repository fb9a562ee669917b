"""The spinal canal in a mask of bone: the hollow with bone about it that runs through all vertebrae.

In each axial slice hollows are looked for: no bone, with bone in most directions, and wide enough. One
hollow a slice is chosen so that they make a smooth chain in the middle of a symmetric neighbourhood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume, transformed
from .rays import hits

REACH_MM = 25.0
HITS_NEEDED = 5
LEAST_RADIUS_MM, WIDEST_RADIUS_MM = 3.0, 8.0
LEAST_MM2, LARGEST_MM2 = 12.0, 700.0
NEIGHBOURHOOD_MM = 40.0
LONGEST_GAP_MM = 20.0
LEAST_CHAIN_MM = 25.0
SMOOTHING_MM = 10.0
FRONT_MM, HALF_MM = (4.0, 14.0), (5.0, 14.0)
"""Bounds of the canal's extent from its middle forward and to a side."""


@dataclass(frozen=True)
class Canal:
    """The middle of the spinal canal, from below upwards, a row a millimetre or so.

    Attributes
    ----------
    places_ras : (N, 3) mm
    up, anterior, right : (N, 3) unit vectors: along the canal, to the front, to the patient's right
    front_mm : (N,) from the middle to the canal's front wall
    half_mm : (N,) from the middle to its sides
    """

    places_ras: Float64Array
    up: Float64Array
    anterior: Float64Array
    right: Float64Array
    front_mm: Float64Array
    half_mm: Float64Array

    @property
    def along_mm(self) -> Float64Array:
        """Length of the canal from its lowest place: (N,) in mm."""
        steps = np.linalg.norm(np.diff(self.places_ras, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])


def find_canal(bone: Volume) -> Canal:
    """Find the canal in bone on an upright grid.

    Raises
    ------
    FluoroPrintError
        No canal is found.
    """
    step = float(bone.spacing_mm[0])
    found = _hollows(bone.array_kji, step)
    chain = _chain(found, step) if len(found) else found
    if len(chain) * step < LEAST_CHAIN_MM or (chain[-1, 0] - chain[0, 0]) * step < LEAST_CHAIN_MM:
        raise FluoroPrintError(
            "No spinal canal is found in the segmentation: it needs whole vertebrae, in the patient's frame."
        )
    return _walled(bone, _smoothed(chain, step))


def _hollows(mask: BoolArray, step: float) -> Float64Array:
    """Return the hollows, a row each: slice, row and column of the middle (voxels), worth."""
    enclosed = (hits(mask, REACH_MM / step, in_slice=True) >= HITS_NEEDED) & ~mask
    rows = [row for k in range(len(mask)) for row in _hollows_of_slice(mask, enclosed[k], k, step)]
    return np.array(rows, np.float64).reshape(-1, 4)


def _hollows_of_slice(mask: BoolArray, enclosed: BoolArray, k: int, step: float) -> list[tuple[float, ...]]:
    radius = ndimage.distance_transform_edt(np.pad(enclosed, 1))[1:-1, 1:-1] * step
    labels, count = ndimage.label(radius > LEAST_RADIUS_MM)
    numbers = np.arange(1, count + 1)
    areas = ndimage.sum_labels(np.ones_like(radius), labels, numbers) * step**2
    widest = ndimage.maximum(radius, labels, numbers) if count else []
    rows: list[tuple[float, ...]] = []
    for number, area, wide in zip(numbers, areas, widest, strict=True):
        if LEAST_MM2 <= area <= LARGEST_MM2:
            row, column = ndimage.center_of_mass(np.where(labels == number, radius, 0.0))
            roundness = min(wide, WIDEST_RADIUS_MM) / WIDEST_RADIUS_MM * min(1.0, area / 40.0)
            rows.append((k, row, column, 2 * roundness * _symmetry(mask, k, row, column, step) ** 2))
    return rows


def _symmetry(mask: BoolArray, k: int, row: float, column: float, step: float) -> float:
    """Return the Dice overlap of the bone about a place with its mirror image, left to right."""
    reach, j, i = int(NEIGHBOURHOOD_MM / step), round(row), round(column)
    half = min(reach, i, mask.shape[2] - 1 - i)
    if half * step < NEIGHBOURHOOD_MM / 3:
        return 0.0
    part = mask[max(0, k - 1) : k + 2, max(0, j - reach) : j + reach, i - half : i + half + 1]
    return float((part & part[:, :, ::-1]).sum() / max(part.sum(), 1))


def _chain(hollows: Float64Array, step: float) -> Float64Array:
    """Return the best chain of hollows from below upwards (dynamic programming)."""
    slices = hollows[:, 0]
    best, before = hollows[:, 3].copy(), np.full(len(hollows), -1)
    for here in range(len(hollows)):
        low = int(np.searchsorted(slices, slices[here] - LONGEST_GAP_MM / step))
        high = int(np.searchsorted(slices, slices[here]))
        if high > low:
            gains = best[low:high] - _cost(hollows[low:high], hollows[here])
            if gains.max() > 0:
                before[here], best[here] = low + int(gains.argmax()), best[here] + gains.max()
    chain, here = [], int(best.argmax())
    while here >= 0:
        chain.append(hollows[here])
        here = int(before[here])
    return np.array(chain[::-1])


def _cost(lower: Float64Array, upper: Float64Array) -> Float64Array:
    """Return what it costs to go from each hollow to one above; infinite where it is too far."""
    up, forward, aside = np.abs(upper[:3] - lower[:, :3]).T
    cost: Float64Array = 0.15 * (up - 1) + 0.1 * np.maximum(0, forward - up) + 0.3 * aside
    cost[(forward > 1.5 * up + 2) | (aside > 0.5 * up + 1.5)] = np.inf
    return cost


def _smoothed(chain: Float64Array, step: float) -> Float64Array:
    """Return row, column and their slopes in each slice of a chain: local lines that outliers hardly turn."""
    slices = np.arange(chain[0, 0], chain[-1, 0] + 1)
    found = [[k, *_local_line(chain, k, 1, step), *_local_line(chain, k, 2, step)] for k in slices]
    return np.array(found)


def _local_line(chain: Float64Array, k: float, column: int, step: float) -> tuple[float, float]:
    near = np.exp(-0.5 * ((chain[:, 0] - k) * step / SMOOTHING_MM) ** 2)
    lines = np.stack([np.ones(len(chain)), chain[:, 0] - k], axis=1)
    weights, fitted = near, np.zeros(2)
    for _ in range(3):
        root = np.sqrt(weights)
        fitted = np.linalg.lstsq(lines * root[:, None], chain[:, column] * root, rcond=None)[0]
        weights = near / np.maximum(np.abs(chain[:, column] - lines @ fitted), 0.5)
    return float(fitted[0]), float(fitted[1])


def _walled(bone: Volume, lines: Float64Array) -> Canal:
    k, row, row_slope, column, column_slope = lines.T
    places = transformed(np.stack([column, row, k], axis=1), bone.ijk_to_ras)
    up = _unit(np.stack([column_slope, row_slope, np.ones(len(k))], axis=1))
    right = _unit(np.array([1.0, 0.0, 0.0]) - up * up[:, :1])
    return with_walls(bone, places, up, right)


def with_walls(bone: Volume, places: Float64Array, up: Float64Array, right: Float64Array) -> Canal:
    """Return a canal along places, (N, 3) RAS mm, with the extent that the bone about it leaves it.

    `up` and `right` are (N, 3) unit vectors at right angles; see `Canal`.
    """
    anterior = np.cross(up, right)
    step = float(bone.spacing_mm[0])
    middle = np.arange(-4.0, 4.1)
    front = _first_bone(bone, places, anterior, right, middle)
    sides = [_first_bone(bone, places, sign * right, anterior, middle) for sign in (-1, 1)]
    window = 2 * round(8 / step) + 1
    return Canal(
        places,
        up,
        anterior,
        right,
        np.clip(ndimage.median_filter(_without_gaps(front, FRONT_MM[0]), window, mode="nearest"), *FRONT_MM),
        np.clip(
            ndimage.percentile_filter(
                _without_gaps(np.fmin(*sides), HALF_MM[0]), 30, 2 * window, mode="nearest"
            ),
            *HALF_MM,
        ),
    )


def _unit(vectors: Float64Array) -> Float64Array:
    scaled: Float64Array = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def _first_bone(
    bone: Volume, places: Float64Array, forward: Float64Array, aside: Float64Array, offsets: Float64Array
) -> Float64Array:
    """Return the median distance from each place forward to bone over lines `offsets` aside, or NaN."""
    distances = np.arange(0.0, 16.1, 0.5)
    rays = places[:, None, None] + distances[:, None, None] * forward[:, None, None]
    rays = rays + offsets[None, None, :, None] * aside[:, None, None]
    ijk = transformed(rays, np.linalg.inv(bone.ijk_to_ras)).reshape(-1, 3)
    found = ndimage.map_coordinates(bone.array_kji.astype(np.float32), ijk[:, ::-1].T, order=1) > 0.5
    met = found.reshape(rays.shape[:3])
    first = np.where(met.any(axis=1), distances[met.argmax(axis=1)], np.nan)
    known = np.isfinite(first).any(axis=1)
    result = np.full(len(places), np.nan)
    result[known] = np.nanmedian(first[known], axis=1)
    return result


def _without_gaps(values: Float64Array, default: float) -> Float64Array:
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return np.full(len(values), default)
    filled: Float64Array = np.interp(np.arange(len(values)), known, values[known])
    return filled

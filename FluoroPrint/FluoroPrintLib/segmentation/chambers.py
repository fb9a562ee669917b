"""Chambers of marrow: what walls of bone enclose, each told from the next by the walls between them."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array, IntArray
from ..progress import Progress, silent
from .flooding import basins, faces
from .valleys import enclosure, overlap

DARKEST = -0.3
"""Contrast is 0 for soft tissue and 1 at the threshold to bone; darker than this nothing is told apart."""
LEAST_BASIN = 0.03
WALL_RISE = 0.12
"""Two basins are one chamber where the border between them is on average less of a wall than this."""
SAME = 0.12
"""Nor do basins make one chamber that differ by more: the spinal canal and the marrow beside it."""
NEARLY_ENCLOSED, ENCLOSED = 0.5, 0.6
LEAST_MARROW = 0.25
LEAST_MM3 = 100.0


def chambers(
    contrast: Float32Array,
    bone: BoolArray,
    walls: BoolArray,
    spacing_kji: Float64Array,
    progress: Progress = silent,
) -> IntArray:
    """Return the chambers by their numbers, 0 elsewhere; each reaches into the middle of its walls.

    Brightness is a relief whose catchment basins meet in the middle of walls. Noise makes many basins of one
    chamber, and holes in walls let a flood pass, so neither the height of the lowest pass nor that of the
    highest tells chambers apart. Basins are joined in the order of the mean height of all the border between
    them over the brighter of the two.

    Parameters
    ----------
    contrast : (K, J, I) smooth, 0 for soft tissue, 1 at the threshold to bone
    bone : (K, J, I) what is above the threshold
    walls : (K, J, I) what encloses: thin walls too, and what is outside of the field
    spacing_kji : (3,) mm
    progress : told how far the work is
    """
    relief = np.clip(contrast, DARKEST, 1) - np.float32(DARKEST)
    hidden = enclosure(bone, walls, spacing_kji)
    progress(0.3, "finding marrow")
    regions = basins(relief, LEAST_BASIN, spacing_kji)
    progress(0.8, "finding marrow")
    about = (hidden >= NEARLY_ENCLOSED) | bone
    inner = about & ~bone
    regions = _joined(regions, about, inner, relief)[regions]
    count = int(regions.max()) + 1
    # All of a basin counts, or the blurred rim of a bone would make one of the soft tissue about it.
    numbers = regions[~bone]
    sizes = np.bincount(numbers, minlength=count)
    share, mean = (
        np.bincount(numbers, field[~bone], count) / np.maximum(sizes, 1) for field in (hidden, relief)
    )
    marrow = (share >= ENCLOSED) & (mean + DARKEST >= LEAST_MARROW)
    marrow &= sizes * float(np.prod(spacing_kji)) >= LEAST_MM3
    found: IntArray = np.where(marrow[regions] & about, regions, 0)
    return found


def walls_between(numbers: IntArray) -> BoolArray:
    """Return where two chambers meet, a voxel on either side."""
    walls = np.zeros(numbers.shape, bool)
    for axis in range(3):
        here, there = overlap(tuple(int(axis == other) for other in range(3)), numbers.shape)
        met = (numbers[here] != numbers[there]) & (numbers[here] > 0) & (numbers[there] > 0)
        walls[here] |= met
        walls[there] |= met
    return walls


def _joined(regions: IntArray, about: BoolArray, inner: BoolArray, relief: Float32Array) -> IntArray:
    """Return the chamber of each basin: the number of one of its basins."""
    count = int(regions.max()) + 1
    joining = _Joining(regions[inner], relief[inner], count)
    low, high, heights = faces(regions, about, relief, np.maximum)
    pairs, of_face = np.unique(low.astype(np.int64) * count + high, return_inverse=True)
    areas, sums = np.bincount(of_face), np.bincount(of_face, heights)
    for pair, area, total in zip(pairs.tolist(), areas.tolist(), sums.tolist(), strict=True):
        joining.meet(pair // count, pair % count, area, total)
    joining.run()
    return joining.owners()


class _Joining:
    """Basins that are joined, the least wall first; walls are measured anew after each (average linkage)."""

    def __init__(self, numbers: IntArray, heights: Float32Array, count: int) -> None:
        self.sizes = np.maximum(np.bincount(numbers, minlength=count), 1).tolist()
        self.sums = np.bincount(numbers, heights, count).tolist()
        self.borders: list[dict[int, tuple[float, float]]] = [{} for _ in range(count)]
        self.owner = list(range(count))
        self.version = [0] * count

    def meet(self, one: int, other: int, area: float, total: float) -> None:
        """Add to the border of two basins."""
        known = self.borders[one].get(other, (0.0, 0.0))
        self.borders[one][other] = self.borders[other][one] = (known[0] + area, known[1] + total)

    def run(self) -> None:
        """Join all that no wall parts."""
        waiting = [self._entry(one, other) for one, met in enumerate(self.borders) for other in met]
        heapify(waiting)
        while waiting:
            rise, one, other, *versions = heappop(waiting)
            if rise > WALL_RISE:
                return
            if versions == [self.version[one], self.version[other]] and other in self.borders[one]:
                self._join(one, other)
                for near in self.borders[one]:
                    heappush(waiting, self._entry(one, near))

    def owners(self) -> IntArray:
        """Return the basin that stands for each basin's chamber."""
        found = np.array(self.owner)
        while not np.array_equal(found, found[found]):
            found = found[found]
        return found

    def _entry(self, one: int, other: int) -> tuple[float, int, int, int, int]:
        return self._rise(one, other), one, other, self.version[one], self.version[other]

    def _rise(self, one: int, other: int) -> float:
        area, total = self.borders[one][other]
        first, second = (self.sums[at] / self.sizes[at] for at in (one, other))
        return float("inf") if abs(first - second) > SAME else total / area - max(first, second)

    def _join(self, one: int, other: int) -> None:
        self.owner[other] = one
        self.sizes[one] += self.sizes[other]
        self.sums[one] += self.sums[other]
        self.version[one] += 1
        self.version[other] += 1
        for near, (area, total) in self.borders[other].items():
            del self.borders[near][other]
            if near != one:
                self.meet(one, near, area, total)
        self.borders[other] = {}

"""Live-wire: between clicked points the contour follows the strongest edge (Mortensen and Barrett, 1998).

Each step from a pixel to one of its eight neighbours costs its length times how little the image looks like
an edge there; the contour between two points is the cheapest way (Dijkstra). Places are (column, row).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.csgraph import dijkstra

from ..arrays import AnyArray, BoolArray, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..registration.silhouette import layers
from .hull import closed_segments

CROSSING_WEIGHT, STRENGTH_WEIGHT, DIRECTION_WEIGHT = 0.35, 0.5, 0.15
LEAST_COST = 0.02
"""Of an edge as strong as any, so that a longer way along it is never free."""
STRONG_PERCENTILE = 99.0
DETOUR = 0.5
"""The way between two points may lead this share of their distance beyond the farther one."""
LEAST_DETOUR_PX = 24
LEAST_REACH_PX = 64
"""Ways are looked for in boxes about their start that reach this far, twice as far, four times as far."""
STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
REFINED_PX = 1.5
FINE_PX = 0.1


class LiveWire:
    """The edges of an image, ready for contours along them.

    Parameters
    ----------
    image : (rows, columns) values; a frame or a slice
    spacing_mm : width and height of a pixel (along columns' numbers, along rows'), which may differ
    smoothing_mm : standard deviation of the smoothing against noise; 1.5 times the larger pixel by default

    Raises
    ------
    FluoroPrintError
        The image is no image, not finite, or has one value everywhere.
    """

    def __init__(
        self,
        image: AnyArray,
        spacing_mm: tuple[float, float] = (1.0, 1.0),
        smoothing_mm: float | None = None,
    ) -> None:
        values = _checked(image)
        self.spacing_mm = np.asarray(spacing_mm, np.float64)
        sigma = 1.5 * max(spacing_mm) if smoothing_mm is None else smoothing_mm
        smooth = ndimage.gaussian_filter(values, sigma / self.spacing_mm[::-1])
        rows, columns = np.gradient(smooth, *self.spacing_mm[::-1])
        self._gradient = np.stack([columns, rows], -1)
        self._strength = np.hypot(columns, rows)
        self._node_cost = self._costs(smooth)
        self._whole: sparse.csr_matrix | None = None

    def _costs(self, smooth: Float64Array) -> Float64Array:
        """Return how little each pixel looks like an edge: weak, or beside the edge."""
        strongest = max(float(np.percentile(self._strength, STRONG_PERCENTILE)), 1e-12)
        weak = 1 - np.clip(self._strength / strongest, 0, 1)
        second = sum(
            np.gradient(np.gradient(smooth, step, axis=axis), step, axis=axis)
            for axis, step in enumerate(self.spacing_mm[::-1])
        )
        beside = ~_changes_sign(np.asarray(second))
        cost: Float64Array = LEAST_COST + STRENGTH_WEIGHT * weak + CROSSING_WEIGHT * beside
        return cost

    def ways_from(self, start: Sequence[float]) -> Ways:
        """Return the cheapest ways from a place, to look up many of them fast.

        Raises
        ------
        FluoroPrintError
            The place lies outside of the image.
        """
        return Ways(self, self._pixel(start))

    def path(self, start: Sequence[float], end: Sequence[float]) -> Float64Array:
        """Return the pixels (P, 2) of the contour between two places, both ends included.

        Raises
        ------
        FluoroPrintError
            A place lies outside of the image.
        """
        return self.ways_from(start).to(end)

    def contour(self, points: Sequence[Sequence[float]]) -> Float64Array:
        """Return the closed contour (P, 2) through places in their order, moved onto the edge beside it.

        Raises
        ------
        FluoroPrintError
            There are fewer than three places, or one lies outside of the image.
        """
        if len(points) < 3:
            raise FluoroPrintError("A contour needs three points or more: click along the edge.")
        return self.closed_along(
            [self.path(start, end) for start, end in zip(points, [*points[1:], points[0]], strict=True)]
        )

    def closed_along(self, ways: Sequence[Float64Array]) -> Float64Array:
        """Return the closed contour (P, 2) along ways that follow one another, moved onto the edge beside it.

        Raises
        ------
        FluoroPrintError
            The ways go nowhere.
        """
        pieces = [way[:-1] for way in ways if len(way) > 1]
        if sum(map(len, pieces)) < 3:
            raise FluoroPrintError("All points of the contour are one: click along the edge.")
        return self.refined(np.concatenate(pieces))

    def refined(self, contour: Float64Array) -> Float64Array:
        """Move a closed contour's places along its normals to where the image changes most nearby."""
        smooth = _smoothed(contour)
        along = np.roll(smooth, -1, axis=0) - np.roll(smooth, 1, axis=0)
        normals = np.stack([along[:, 1], -along[:, 0]], 1)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        offsets = np.arange(-REFINED_PX, REFINED_PX + FINE_PX / 2, FINE_PX)
        places = smooth[:, None] + offsets[:, None] * normals[:, None]
        read = [places[..., 1], places[..., 0]]
        across = np.abs(
            sum(
                ndimage.map_coordinates(self._gradient[..., part], read, order=1, mode="nearest")
                * normals[:, None, part]
                for part in (0, 1)
            )
        )
        moved = ndimage.gaussian_filter1d(offsets[across.argmax(1)], 2.0, mode="wrap")
        result: Float64Array = smooth + moved[:, None] * normals
        return result

    def _pixel(self, place: Sequence[float]) -> IntArray:
        pixel: IntArray = np.rint(np.asarray(place, np.float64)).astype(np.int64)
        rows, columns = self._strength.shape
        if not ((pixel >= 0) & (pixel < [columns, rows])).all():
            raise FluoroPrintError("A point of the contour lies outside of the image: click within it.")
        return pixel

    def _box(self, middle: IntArray, reach: int) -> tuple[IntArray, IntArray]:
        rows, columns = self._strength.shape
        return np.maximum(middle - reach, 0), np.minimum(middle + reach + 1, [columns, rows])

    def _graph(self, low: IntArray, high: IntArray) -> sparse.csr_matrix:
        """Return the costs of all steps between the pixels of a box; those of the whole image are kept."""
        if (high - low).tolist() != list(self._strength.shape[::-1]):
            return self._graph_of(low, high)
        if self._whole is None:
            self._whole = self._graph_of(low, high)
        return self._whole

    def _graph_of(self, low: IntArray, high: IntArray) -> sparse.csr_matrix:
        box = slice(low[1], high[1]), slice(low[0], high[0])
        numbers = np.arange(self._strength[box].size).reshape(self._strength[box].shape)
        steps = [self._steps(box, numbers, step) for step in STEPS]
        cost, start, end = (np.concatenate(parts) for parts in zip(*steps, strict=True))
        return sparse.csr_matrix((cost, (start, end)), shape=(numbers.size, numbers.size))

    def _steps(
        self, box: tuple[slice, slice], numbers: IntArray, step: tuple[int, int]
    ) -> tuple[Float64Array, IntArray, IntArray]:
        """Return cost, start and end of all steps one way: its length times what both its ends cost."""
        rows, columns = numbers.shape
        near = slice(0, rows - step[0]), slice(max(0, -step[1]), columns - max(0, step[1]))
        far = slice(step[0], rows), slice(max(0, step[1]), columns + min(0, step[1]))
        node, gradient = self._node_cost[box], self._gradient[box]
        way = np.array([step[1], step[0]]) * self.spacing_mm
        length = float(np.linalg.norm(way))
        across = sum(_share_along(gradient[part], way / length) for part in (near, far)) / 2
        cost = length * ((node[near] + node[far]) / 2 + DIRECTION_WEIGHT * across)
        return cost.ravel(), numbers[near].ravel(), numbers[far].ravel()


class Ways:
    """The cheapest ways from one place of an image to the others.

    They are computed once for a box about the place, and for a larger one when a way first needs it. Which
    box does not depend on what was asked before: the same two places always give the same way.
    """

    def __init__(self, wire: LiveWire, start: IntArray) -> None:
        self._wire, self._start = wire, start
        self._known: dict[tuple[int, ...], IntArray] = {}

    def to(self, end: Sequence[float]) -> Float64Array:
        """Return the pixels (P, 2) of the way to a place, both ends included.

        Raises
        ------
        FluoroPrintError
            The place lies outside of the image.
        """
        last = self._wire._pixel(end)
        low, shape, before = self._within(_reach(int(np.abs(last - self._start).max())))
        row, column = np.unravel_index(_backwards(before, _number(last, low, shape)), shape)
        way: Float64Array = (np.stack([column, row], 1)[::-1] + low).astype(np.float64)
        return way

    def compute_all(self) -> None:
        """Compute what the ways to all places need, so that each is then found at once."""
        rows, columns = self._wire._strength.shape
        farthest = _reach(int(np.maximum(self._start, [columns, rows] - self._start).max()))
        reach = LEAST_REACH_PX
        while reach <= farthest:
            self._within(reach)
            reach *= 2

    def _within(self, reach: int) -> tuple[IntArray, tuple[int, int], IntArray]:
        """Return the first pixel of a box, its rows and columns, and from where each pixel is reached."""
        low, high = self._wire._box(self._start, reach)
        shape, key = (int(high[1] - low[1]), int(high[0] - low[0])), (*low.tolist(), *high.tolist())
        if key not in self._known:
            graph = self._wire._graph(low, high)
            first = _number(self._start, low, shape)
            _, before = dijkstra(graph, directed=False, indices=first, return_predecessors=True)
            self._known[key] = before
        return low, shape, self._known[key]


def _reach(distance_px: int) -> int:
    """Return how far the box about the start reaches for the way to a place at a distance."""
    needed, reach = distance_px + max(LEAST_DETOUR_PX, int(DETOUR * distance_px)), LEAST_REACH_PX
    while reach < needed:
        reach *= 2
    return reach


def _number(pixel: IntArray, low: IntArray, shape: tuple[int, int]) -> int:
    return int(np.ravel_multi_index((pixel[1] - low[1], pixel[0] - low[0]), shape))


def _checked(image: AnyArray) -> Float64Array:
    values = np.asarray(image, np.float64)
    if values.ndim != 2 or min(values.shape) < 3:
        raise FluoroPrintError("A contour needs an image of three by three pixels or more.")
    if not np.isfinite(values).all():
        raise FluoroPrintError("The image holds values that are no numbers: give another one.")
    if values.min() == values.max():
        raise FluoroPrintError("The image has one value everywhere, so it shows no edge.")
    return values


def _changes_sign(values: Float64Array) -> BoolArray:
    """Return the pixels nearest to where values pass through zero, of each pair of neighbours one."""
    nearest = np.zeros(values.shape, bool)
    for axis in (0, 1):
        ahead = np.moveaxis(values, axis, 0)
        found = np.moveaxis(nearest, axis, 0)
        crossed = ahead[:-1] * ahead[1:] < 0
        first = np.abs(ahead[:-1]) <= np.abs(ahead[1:])
        found[:-1] |= crossed & first
        found[1:] |= crossed & ~first
    nearest |= values == 0
    return nearest


def _share_along(gradient: Float64Array, way: Float64Array) -> Float64Array:
    """Return the share of the gradient along a step: 0 where the step follows the edge."""
    share: Float64Array = np.abs(gradient @ way) / np.maximum(np.linalg.norm(gradient, axis=-1), 1e-12)
    return share


def _backwards(before: IntArray, end: int) -> list[int]:
    way = [end]
    while before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    return way


def _smoothed(contour: Float64Array) -> Float64Array:
    """Return a closed contour without the steps of the pixels."""
    smooth: Float64Array = ndimage.gaussian_filter1d(contour, 1.5, axis=0, mode="wrap")
    return smooth


def contour_mask(contours: Sequence[Float64Array], shape: tuple[int, int]) -> BoolArray:
    """Return the pixels (rows, columns) whose centres lie within an odd number of closed contours."""
    if not contours:
        return np.zeros(shape, bool)
    mask: BoolArray = layers(np.concatenate([closed_segments(c) for c in contours]), shape) % 2 != 0
    return mask

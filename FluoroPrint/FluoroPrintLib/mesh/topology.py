"""Topology of triangle meshes from arrays alone: edges, fans around points, shells, nesting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ..arrays import BoolArray, Float64Array, IntArray
from .candidates import parts_of
from .polydata import corner_volumes

WORTH_COMPILING = 1_000_000  # pairs; for fewer SciPy is done before the compiled loop is loaded


@dataclass(frozen=True)
class Edges:
    """The undirected edges of a mesh.

    Attributes
    ----------
    ends : (E, 2) numbers of points, the lower first
    count : (E,) number of triangles at the edge
    balance : (E,) triangles that run it low to high, less those that run it high to low
    sides : (3F,) sides (3 face + corner) in the order of their edges, those of one edge as they come
    first : (E,) where in `sides` those of an edge start
    """

    ends: IntArray
    count: IntArray
    balance: IntArray
    sides: IntArray
    first: IntArray

    @cached_property
    def of_side(self) -> IntArray:
        """Number of the edge from each corner to the next: (F, 3)."""
        number = np.empty(len(self.sides), np.int64)
        number[self.sides] = np.repeat(np.arange(len(self.count)), self.count)
        return number.reshape(-1, 3)

    @property
    def is_closed(self) -> bool:
        """Every edge has exactly two triangles, and they agree about which side is out."""
        return not ((self.count != 2).any() or self.is_mis_oriented.any())

    @property
    def is_open(self) -> BoolArray:
        """Edges with a single triangle: (E,)."""
        single: BoolArray = self.count == 1
        return single

    @property
    def is_non_manifold(self) -> BoolArray:
        """Edges with three triangles and more: (E,)."""
        crowded: BoolArray = self.count > 2
        return crowded

    @property
    def is_mis_oriented(self) -> BoolArray:
        """Edges of two triangles that run it the same way: (E,)."""
        alike: BoolArray = (self.count == 2) & (self.balance != 0)
        return alike


def edges_of(triangles: IntArray) -> Edges:
    """Return the edges of the (F, 3) triangles."""
    start, end = triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()
    low, high = np.minimum(start, end), np.maximum(start, end)
    bits = int(triangles.max(initial=0)).bit_length()
    keys, sides = sorted_with_places(low << bits | high)
    is_first = np.ones(len(keys), bool)
    is_first[1:] = keys[1:] != keys[:-1]
    first = np.flatnonzero(is_first)
    stops = np.append(first[1:], len(keys))[: len(first)]
    upward = np.concatenate([[0], np.cumsum((start < end)[sides])])
    balance = 2 * (upward[stops] - upward[first]) - (stops - first)
    ends = np.stack([keys[first] >> bits, keys[first] & ((1 << bits) - 1)], -1)
    return Edges(ends, stops - first, balance, sides, first)


def sorted_with_places(keys: IntArray) -> tuple[IntArray, IntArray]:
    """Return whole numbers (N,), none negative, sorted, and the place of each; equal ones stay as they come.

    Where number and place fit into 63 bits those are sorted as one, far more quickly than places by number.
    """
    bits = len(keys).bit_length()
    if int(keys.max(initial=0)).bit_length() + bits > 63:
        places = np.argsort(keys, kind="stable")
        return keys[places], places
    both = np.sort(keys << bits | np.arange(len(keys)))
    return both >> bits, both & ((1 << bits) - 1)


def side_pairs(edges: Edges) -> IntArray:
    """Return the sides (3 face + corner) that share each edge of exactly two triangles: (M, 2)."""
    first = edges.first[edges.count == 2]
    return np.stack([edges.sides[first], edges.sides[first + 1]], -1)


def components(count: int, pairs: IntArray) -> tuple[int, IntArray]:
    """Return the number of connected sets among `count` things joined by (M, 2) pairs, and each one's set.

    The sets are numbered in the order of their first things.
    """
    if len(pairs) >= WORTH_COMPILING and find_spec("numba"):
        from .components_numba import joined_sets

        found, of_thing = joined_sets(count, np.ascontiguousarray(pairs))
        return found, of_thing
    ones = np.ones(len(pairs), np.int8)
    graph = coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    number, labels = connected_components(graph, directed=False)
    return int(number), labels.astype(np.int64)


def shells_of(triangles: IntArray, edges: Edges) -> tuple[int, IntArray]:
    """Return how many shells there are and each triangle's shell; triangles join across any shared edge."""
    goes_on = np.ones(len(edges.sides), bool)
    goes_on[edges.first] = False
    later = np.flatnonzero(goes_on)
    return components(len(triangles), np.stack([edges.sides[later - 1], edges.sides[later]], -1) // 3)


def point_fans(triangles: IntArray, edges: Edges) -> tuple[int, IntArray, IntArray]:
    """Return how many fans of triangles there are, the fan of each corner, and the point of each fan.

    The triangles at a point form fans: sets joined by edges of two triangles at that point. A point with
    more than one fan is non-manifold: there the surface touches itself.

    Returns
    -------
    number of fans, (F, 3) fan of each corner, (fans,) point of each fan
    """
    one, two = side_pairs(edges).T
    corners = triangles.ravel()
    next_one, next_two = one - one % 3 + (one + 1) % 3, two - two % 3 + (two + 1) % 3
    same_way = corners[one] == corners[two]
    starts = np.stack([one, np.where(same_way, two, next_two)], -1)
    ends = np.stack([next_one, np.where(same_way, next_two, two)], -1)
    number, fan = components(len(corners), np.concatenate([starts, ends]))
    point = np.zeros(number, np.int64)
    point[fan] = corners
    return number, fan.reshape(-1, 3), point


def non_manifold_points(triangles: IntArray, edges: Edges) -> IntArray:
    """Return the numbers of the points where the surface touches itself."""
    _, _, point = point_fans(triangles, edges)
    fans = np.bincount(point)
    return np.flatnonzero(fans > 1)


def shell_volumes_mm3(points: Float64Array, triangles: IntArray, count: int, shell: IntArray) -> Float64Array:
    """Return the signed volume of each shell: (count,) in mm3."""
    shares = corner_volumes(points, triangles)
    return np.bincount(shell, weights=shares, minlength=count).astype(np.float64)


def shell_depths(points: Float64Array, triangles: IntArray, count: int, shell: IntArray) -> IntArray:
    """Return how many other shells enclose each closed shell: (count,); odd is the wall of a cavity.

    A ray goes up from one face of each shell; a shell that it crosses an odd number of times encloses it,
    if its box does: shells that cut each other reach out of each other's boxes, mostly, and are not nested.
    """
    if count < 2:
        return np.zeros(count, np.int64)
    probes = _probes(points, triangles, count, shell)
    low, high = shell_boxes(points, triangles, count, shell)
    crossings: IntArray = np.zeros((0, 2), np.int64)
    for probe, face in _below_in_plan(probes, points, triangles):
        hit = (shell[face] != probe) & _goes_through(probes[probe], points[triangles[face]])
        crossings = np.concatenate([crossings, np.stack([probe[hit], shell[face[hit]]], -1)])
    pairs, times = np.unique(crossings, axis=0, return_counts=True)
    inner, outer = pairs[times % 2 == 1].T
    enclosed = ((low[outer] < low[inner]) & (high[outer] > high[inner])).all(1)
    depths: IntArray = np.bincount(inner[enclosed], minlength=count).astype(np.int64)
    return depths


def shell_boxes(
    points: Float64Array, triangles: IntArray, count: int, shell: IntArray
) -> tuple[Float64Array, Float64Array]:
    """Return the least and the greatest corner of each shell: (count, 3) each."""
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    corners = points[triangles]
    np.minimum.at(low, shell, corners.min(1))
    np.maximum.at(high, shell, corners.max(1))
    return low, high


def _probes(points: Float64Array, triangles: IntArray, count: int, shell: IntArray) -> Float64Array:
    """Return a point within the most level face of each shell: (count, 3).

    The weights are odd on purpose: on a surface from a grid, rays from corners or middles would hit edges.
    """
    a, b, c = points[triangles.T]
    level = np.abs(np.cross(b - a, c - a)[:, 2])
    order = np.lexsort((-level, shell))
    best = order[np.searchsorted(shell[order], np.arange(count))]
    probes: Float64Array = 0.2718281 * a[best] + 0.3141592 * b[best] + 0.4140127 * c[best]
    return probes


def _below_in_plan(
    probes: Float64Array, points: Float64Array, triangles: IntArray
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield pairs (probe, face) where the face's bounding box lies over the probe seen along z, in pieces."""
    order = np.argsort(probes[:, 0])
    corners = points[triangles]
    low, high = corners.min(1), corners.max(1)
    first = np.searchsorted(probes[order, 0], low[:, 0])
    counts = np.searchsorted(probes[order, 0], high[:, 0], side="right") - first
    for part in parts_of(counts):
        step = np.arange(counts[part].sum()) - np.repeat(np.cumsum(counts[part]) - counts[part], counts[part])
        face = np.repeat(np.arange(len(triangles))[part], counts[part])
        probe = order[np.repeat(first[part], counts[part]) + step]
        y, z = probes[probe, 1], probes[probe, 2]
        over = (low[face, 1] <= y) & (y <= high[face, 1]) & (high[face, 2] >= z)
        yield probe[over], face[over]


def _goes_through(start: Float64Array, corners: Float64Array) -> BoolArray:
    """Tell whether the ray from start (N, 3) along +z goes through the triangles (N, 3, 3)."""
    arms = corners - start[:, None]
    after = np.roll(arms, -1, axis=1)
    # Twice the areas that each side spans with the ray, seen along z: all of one sign if the ray is inside.
    areas = arms[:, :, 0] * after[:, :, 1] - arms[:, :, 1] * after[:, :, 0]
    inside = (areas > 0).all(1) | (areas < 0).all(1)
    volume = np.einsum("ni,ni->n", arms[:, 0], np.cross(arms[:, 1], arms[:, 2]))
    through: BoolArray = inside & (volume * areas.sum(1) > 0)
    return through


def flipped_shells(points: Float64Array, triangles: IntArray, count: int, shell: IntArray) -> BoolArray:
    """Return which closed shells are inside out: (count,), solids that face inward, cavities outward."""
    volumes = shell_volumes_mm3(points, triangles, count, shell)
    cavity = shell_depths(points, triangles, count, shell) % 2 == 1
    flipped: BoolArray = (volumes < 0) != cavity
    return flipped

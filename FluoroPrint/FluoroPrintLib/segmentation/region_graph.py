"""Which part each region of an image belongs to: paths of least cost, then a random walk, over regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import splu

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array, IntArray
from .valleys import overlap

LEAST = 1e-9
CLEARLY_NEARER = 0.5
"""A region is certain where its part is so much nearer than the next part."""


@dataclass(frozen=True)
class RegionGraph:
    """Regions as nodes; edges where they touch.

    Attributes
    ----------
    conductance : sparse (N, N), how easily a walk passes: the more the larger the area of contact
    cost_mm : sparse (N, N), the length of the way from middle to middle, longer where it crosses a barrier
    """

    conductance: Any
    cost_mm: Any


def region_graph(
    regions: IntArray, open_share: Float32Array, where: BoolArray, spacing_kji: Float64Array
) -> RegionGraph:
    """Return how regions touch.

    Parameters
    ----------
    regions : (K, J, I) numbers from 0
    open_share : (K, J, I) how easily a voxel is passed, above 0 to 1
    where : (K, J, I) only these voxels count
    spacing_kji : (3,) mm
    """
    contacts = [_contacts(regions, open_share, where, axis, spacing_kji) for axis in range(3)]
    one, other, passing, area = (np.concatenate(columns) for columns in zip(*contacts, strict=True))
    count = int(regions.max()) + 1
    passed, areas = (_symmetric(one, other, values, count) for values in (passing, area))
    middles_mm = _middles(regions, where, count) * spacing_kji
    rows = np.repeat(np.arange(count), np.diff(passed.indptr))
    steps_mm = np.linalg.norm(middles_mm[rows] - middles_mm[passed.indices], axis=1)
    steps_mm = np.maximum(steps_mm, spacing_kji.min())
    conductance, cost_mm = passed.copy(), passed.copy()
    conductance.data = passed.data / steps_mm
    cost_mm.data = steps_mm * areas.data / np.maximum(passed.data, LEAST)
    return RegionGraph(conductance, cost_mm)


def parts_of_regions(graph: RegionGraph, seeds: IntArray, part: IntArray) -> IntArray:
    """Return the part of each region, from 1; 0 where no seed reaches.

    Where one part is clearly nearer than all others along paths of least cost, the region is its own. A
    random walk from each other region settles which part it meets first most likely (Grady, IEEE Trans
    Pattern Anal Mach Intell 28, 2006): a small hole in a barrier then lets little through, while the first
    path through it would carry all.

    Parameters
    ----------
    graph : of the regions
    seeds : (N,) the region of each seed
    part : (N,) the part of each seed, from 0
    """
    costs = np.stack([_costs(graph, seeds[part == one]) for one in range(int(part.max()) + 1)])
    nearest = costs.argmin(0)
    first, second = np.partition(costs, 1, axis=0)[:2]
    reached = np.isfinite(first)
    certain = reached & (first < CLEARLY_NEARER * second)
    certain[seeds], nearest[seeds] = True, part
    found: IntArray = np.where(certain, nearest + 1, 0).astype(np.int32)
    left = np.flatnonzero(reached & ~certain)
    if len(left):
        found[left] = _walked(graph.conductance, left, np.flatnonzero(certain), nearest, len(costs)) + 1
    return found


def _contacts(
    regions: IntArray, open_share: Float32Array, where: BoolArray, axis: int, spacing_kji: Float64Array
) -> tuple[AnyArray, AnyArray, AnyArray, AnyArray]:
    """Return both regions, what passes and the area of each face between two regions along an axis."""
    here, there = overlap(tuple(int(axis == other) for other in range(3)), regions.shape)
    faces = where[here] & where[there] & (regions[here] != regions[there])
    area = float(np.prod(spacing_kji) / spacing_kji[axis])
    passing = np.minimum(open_share[here][faces], open_share[there][faces]).astype(np.float64) * area
    return regions[here][faces], regions[there][faces], passing, np.full(len(passing), area)


def _symmetric(one: AnyArray, other: AnyArray, values: AnyArray, count: int) -> Any:
    half = sparse.coo_matrix((values, (one, other)), shape=(count, count)).tocsr()
    whole = (half + half.T).tocsr()
    whole.sort_indices()
    return whole


def _middles(regions: IntArray, where: BoolArray, count: int) -> Float64Array:
    """Return the mean index of each region's voxels."""
    places = np.nonzero(where)
    numbers = regions[places]
    sizes = np.maximum(np.bincount(numbers, minlength=count), 1)
    return np.stack([np.bincount(numbers, at, count) / sizes for at in places], axis=1)


def _costs(graph: RegionGraph, seeds: IntArray) -> Float64Array:
    costs: Float64Array = dijkstra(graph.cost_mm, directed=False, indices=seeds, min_only=True)
    return costs


def _walked(conductance: Any, left: IntArray, certain: IntArray, nearest: IntArray, parts: int) -> IntArray:
    """Return the part that a walk from each region meets first most likely: a Dirichlet problem a part."""
    rows = conductance[left]
    laplacian = sparse.diags(np.asarray(rows.sum(1)).ravel()) - rows[:, left]
    met = rows[:, certain] @ (nearest[certain][:, None] == np.arange(parts)).astype(np.float64)
    solver = splu(laplacian.tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    likely: IntArray = solver.solve(met).argmax(1)
    return likely

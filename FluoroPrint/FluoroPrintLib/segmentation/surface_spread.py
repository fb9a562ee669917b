"""Values known at scattered places of a surface, spread over all of it, smoothly and against outliers."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from ..arrays import Float32Array, Float64Array, IntArray

HEXAGONAL = 1.5
"""Over the six neighbours in a regular mesh of edge h, differences add to this times h^2 times Laplacian."""
DAMPING = 0.01
"""Pull towards zero, as a share of what one value weighs: far from all values nothing is known."""
ROUNDS = 2
MOST_STEPS, CLOSE_ENOUGH = 100, 0.01
"""A hundredth of what is moved is far below a voxel."""


def spread_over_surface(
    points: Float64Array,
    triangles: IntArray,
    places: Float64Array,
    values: Float64Array,
    spread_mm: float,
    outlier: float,
) -> Float64Array:
    """Return a value for every point of a surface.

    The least sum of squares: to the values given, of the differences between neighbours, and a little of the
    values themselves. Values further than `outlier` from the result weigh less (Huber), in a few rounds.

    Parameters
    ----------
    points, triangles : (P, 3) in mm and (F, 3)
    places, values : (S, 3) on or near the surface, and (S,)
    spread_mm : about how far a value reaches where others lie about as dense as the points
    outlier : difference beyond which a value weighs less

    Returns
    -------
    (P,)
    """
    sides = _sides(triangles)
    length = float(np.median(np.linalg.norm(points[sides[:, 0]] - points[sides[:, 1]], axis=1)))
    stiff = spread_mm**2 / (HEXAGONAL * length**2) * _laplacian(sides, len(points))
    nearest = cKDTree(points).query(places)[1]
    spread, trust = np.zeros(len(points), np.float32), np.ones(len(places))
    for _ in range(ROUNDS):
        weight = np.bincount(nearest, trust, len(points))
        pull = np.bincount(nearest, trust * values, len(points))
        matrix = (stiff + sparse.diags(weight + DAMPING)).tocsr().astype(np.float32)
        spread = _solved(matrix, pull.astype(np.float32), spread)
        trust = 1 / np.maximum(1, np.abs(values - spread[nearest]) / outlier)
    return spread.astype(np.float64)


def _sides(triangles: IntArray) -> IntArray:
    """Return the edges (E, 2) of a mesh, each once."""
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), 1)
    keys = np.unique(pairs[:, 0] * (pairs.max() + 1) + pairs[:, 1])
    sides = np.stack([keys // (pairs.max() + 1), keys % (pairs.max() + 1)], 1)
    proper: IntArray = sides[sides[:, 0] != sides[:, 1]]
    return proper


def _laplacian(sides: IntArray, count: int) -> sparse.csr_matrix:
    ones = np.ones(len(sides))
    joined = sparse.coo_matrix((ones, (sides[:, 0], sides[:, 1])), shape=(count, count))
    joined = (joined + joined.T).tocsr()
    return (sparse.diags(np.asarray(joined.sum(1)).ravel()) - joined).tocsr()


def _solved(matrix: sparse.csr_matrix, pull: Float32Array, start: Float32Array) -> Float32Array:
    """Solve a symmetric positive system by conjugate gradients, scaled by its diagonal."""
    scale = 1 / matrix.diagonal()
    found: Float32Array = start.copy()
    rest = pull - matrix @ start
    scaled = scale * rest
    way, size = scaled.copy(), float(rest @ scaled)
    goal = CLOSE_ENOUGH**2 * float(pull @ (scale * pull))
    for _ in range(MOST_STEPS):
        if size <= goal:
            break
        ahead = matrix @ way
        step = size / float(way @ ahead)
        found += np.float32(step) * way
        rest -= np.float32(step) * ahead
        scaled = scale * rest
        size, before = float(rest @ scaled), size
        way = scaled + np.float32(size / before) * way
    return found

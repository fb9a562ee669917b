"""Corners of triangles as columns, a row for each axis: numpy is quick along rows as long as the mesh.

Rows of three, a point or a triangle each, take it several times as long.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Float64Array, IntArray


def corner_columns(points: Float64Array, triangles: IntArray) -> tuple[Float64Array, ...]:
    """Return the three corners of each triangle: (3 axes, F) each, for (P, 3) points and (F, 3) triangles."""
    along = np.ascontiguousarray(points.T)
    return tuple(along.take(corner, axis=1) for corner in triangles.T)


def cross(one: Float64Array, two: Float64Array) -> Float64Array:
    """Return the cross products of the vectors: (3, F)."""
    (ax, ay, az), (bx, by, bz) = one, two
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def norm(vectors: Float64Array) -> Float64Array:
    """Return the lengths of (3, F) vectors: (F,)."""
    x, y, z = vectors
    length: Float64Array = np.sqrt(x * x + y * y + z * z)
    return length


def side_lengths_mm(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Return the lengths of the sides from each corner to the next: (3, F) in mm."""
    a, b, c = corner_columns(points, triangles)
    return np.stack([norm(b - a), norm(c - b), norm(a - c)])

"""The closest place on a surface for many points, as compiled loops over all processors. Needs numba.

The faces lie in the order of a space-filling curve; over each run of them, halved again and again, stands a
box. A box further away than the closest face so far is passed by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from ..arrays import Float64Array, IntArray

LEAF = 2  # faces in the smallest boxes
RUN = 512  # points one after the other: the face of one is a good guess for the next


@dataclass(frozen=True)
class BoxedFaces:
    """Faces along the curve, a corner and two sides from it (F, 3, 3); their numbers; the boxes' corners."""

    sides: Float64Array
    number: IntArray
    low: Float64Array
    high: Float64Array


def boxed(corners: Float64Array) -> BoxedFaces:
    """Return faces (F, 3, 3) with the boxes over them."""
    order = along_curve(corners.mean(1))
    along = np.ascontiguousarray(corners[order])
    boxes = boxes_over(along)
    along[:, 1:] -= along[:, :1]
    return BoxedFaces(along, order, *boxes)


def closest_places(
    points: Float64Array, faces: BoxedFaces
) -> tuple[Float64Array, IntArray, Float64Array, Float64Array]:
    """Return for points (N, 3) the distance from the faces, the closest face, and two weights of the place.

    The place is the first corner of the face, and the weights times the sides to its second and third.
    """
    points = np.ascontiguousarray(points, np.float64)
    square, face, s, t = _search(points, faces.sides, faces.low, faces.high)
    return np.sqrt(square), faces.number[face], s, t


def along_curve(middles: Float64Array) -> IntArray:
    """Return the order of points along Morton's curve."""
    extent = max(float(np.ptp(middles, axis=0).max()), 1e-30)
    cells = ((middles - middles.min(0)) / extent * (2**20 - 1)).astype(np.uint64)
    return np.argsort(_spread(cells[:, 0]) | _spread(cells[:, 1]) << 1 | _spread(cells[:, 2]) << 2)


def _spread(bits: IntArray) -> IntArray:
    """Put two zeros behind each of the lowest 21 bits."""
    for shift, mask in (
        (32, 0x1F00000000FFFF),
        (16, 0x1F0000FF0000FF),
        (8, 0x100F00F00F00F00F),
        (4, 0x10C30C30C30C30C3),
        (2, 0x1249249249249249),
    ):
        bits = (bits | bits << np.uint64(shift)) & np.uint64(mask)
    return bits


def boxes_over(faces: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the corners of the boxes: 1 is over all faces, 2 n and 2 n + 1 over the halves of n."""
    leaves = 1 << max(0, int(np.ceil(np.log2(max(1, len(faces) / LEAF)))))
    low, high = np.full((2 * leaves, 3), np.inf), np.full((2 * leaves, 3), -np.inf)
    _fill_boxes(faces, low, high)
    return low, high


@njit(cache=True, nogil=True)
def _fill_boxes(faces, low, high):  # type: ignore[no-untyped-def]
    leaves = len(low) // 2
    for face in range(len(faces)):
        box = leaves + face // LEAF
        for corner in range(3):
            for i in range(3):
                low[box, i] = min(low[box, i], faces[face, corner, i])
                high[box, i] = max(high[box, i], faces[face, corner, i])
    for box in range(leaves - 1, 0, -1):
        for i in range(3):
            low[box, i] = min(low[2 * box, i], low[2 * box + 1, i])
            high[box, i] = max(high[2 * box, i], high[2 * box + 1, i])


@njit(parallel=True, cache=True)
def _search(points, faces, low, high):  # type: ignore[no-untyped-def]
    count, leaves = len(points), len(low) // 2
    square, face = np.full(count, np.inf), np.zeros(count, np.int64)
    s, t = np.zeros(count), np.zeros(count)
    for run in prange((count + RUN - 1) // RUN):
        stack, away = np.empty(64, np.int64), np.empty(64)
        best = 0
        for n in range(run * RUN, min(count, (run + 1) * RUN)):
            x, y, z = points[n, 0], points[n, 1], points[n, 2]
            least, best_s, best_t = place_on_face(x, y, z, faces, best)
            stack[0], away[0], top = 1, 0.0, 1
            while top > 0:
                top -= 1
                if away[top] >= least:
                    continue
                box = stack[top]
                if box >= leaves:
                    first = (box - leaves) * LEAF
                    for f in range(first, min(first + LEAF, len(faces))):
                        value, one, two = place_on_face(x, y, z, faces, f)
                        if value < least:
                            least, best, best_s, best_t = value, f, one, two
                    continue
                left = _to_box(x, y, z, low, high, 2 * box)
                right = _to_box(x, y, z, low, high, 2 * box + 1)
                # The nearer half is put on top, so that it is looked into first.
                nearer = 0 if left <= right else 1
                stack[top], away[top] = 2 * box + 1 - nearer, max(left, right)
                stack[top + 1], away[top + 1] = 2 * box + nearer, min(left, right)
                top += 2
            square[n], face[n], s[n], t[n] = least, best, best_s, best_t
    return square, face, s, t


@njit(cache=True, nogil=True)
def is_near(
    x: float,
    y: float,
    z: float,
    square: float,
    faces: Float64Array,
    low: Float64Array,
    high: Float64Array,
    stack: IntArray,
) -> bool:
    """Tell whether a face of `BoxedFaces` lies within a squared distance; `stack` holds 64 numbers."""
    leaves = len(low) // 2
    stack[0], top = 1, 1
    while top > 0:
        top -= 1
        box = stack[top]
        if box >= leaves:
            first = (box - leaves) * LEAF
            for f in range(first, min(first + LEAF, len(faces))):
                if place_on_face(x, y, z, faces, f)[0] <= square:
                    return True
            continue
        left = _to_box(x, y, z, low, high, 2 * box)
        right = _to_box(x, y, z, low, high, 2 * box + 1)
        nearer = 0 if left <= right else 1
        if max(left, right) <= square:
            stack[top] = 2 * box + 1 - nearer
            top += 1
        if min(left, right) <= square:
            stack[top] = 2 * box + nearer
            top += 1
    return False


@njit(cache=True, nogil=True)
def _to_box(x, y, z, low, high, box):  # type: ignore[no-untyped-def]
    dx = max(low[box, 0] - x, x - high[box, 0], 0.0)
    dy = max(low[box, 1] - y, y - high[box, 1], 0.0)
    dz = max(low[box, 2] - z, z - high[box, 2], 0.0)
    return dx * dx + dy * dy + dz * dz


@njit(cache=True, nogil=True)
def place_on_face(x: float, y: float, z: float, faces: Float64Array, f: int) -> tuple[float, float, float]:
    """Return squared distance and weights: where the gradient vanishes if in the face, else on a side."""
    ax, ay, az = x - faces[f, 0, 0], y - faces[f, 0, 1], z - faces[f, 0, 2]
    ox, oy, oz = faces[f, 1, 0], faces[f, 1, 1], faces[f, 1, 2]
    wx, wy, wz = faces[f, 2, 0], faces[f, 2, 1], faces[f, 2, 2]
    aa, bb, ab = ox * ox + oy * oy + oz * oz, wx * wx + wy * wy + wz * wz, ox * wx + oy * wy + oz * wz
    d1, d2 = ax * ox + ay * oy + az * oz, ax * wx + ay * wy + az * wz
    area = aa * bb - ab * ab
    s, t = bb * d1 - ab * d2, aa * d2 - ab * d1
    if area > 1e-24 * aa * bb and s >= 0.0 and t >= 0.0 and s + t <= area:
        s, t = s / area, t / area
    else:
        u = min(max((d2 - d1 + aa - ab) / max(aa - 2 * ab + bb, 1e-300), 0.0), 1.0)
        s, t = 1.0 - u, u
        least = s * (s * aa - 2 * d1) + t * (t * bb - 2 * d2) + 2 * s * t * ab
        along = min(max(d1 / max(aa, 1e-300), 0.0), 1.0)
        if along * (along * aa - 2 * d1) < least:
            least, s, t = along * (along * aa - 2 * d1), along, 0.0
        along = min(max(d2 / max(bb, 1e-300), 0.0), 1.0)
        if along * (along * bb - 2 * d2) < least:
            s, t = 0.0, along
    gx, gy, gz = ax - s * ox - t * wx, ay - s * oy - t * wy, az - s * oz - t * wz
    return gx * gx + gy * gy + gz * gz, s, t

"""Pairs of triangles of a large mesh that may meet, as compiled loops over all processors. Needs numba.

Boxes are compared in a tree over faces along a space-filling curve. Then those pairs are dropped of which one
lies to one side of the other's plane, which are nearly all.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numba import njit

from ..arrays import Float64Array, IntArray
from ..threads import in_threads
from .closest_numba import LEAF, along_curve, boxes_over

AT_ONCE = 50_000  # faces, so that a cancel is heard
SLACK = 4.0  # times what counts as flat: what is dropped here is not looked at again


def pairs_that_may_meet(corners: Float64Array, triangles: IntArray, flat: float) -> Iterator[IntArray]:
    """Yield pairs of faces, each pair once, in pieces of (M, 2); few of them do not meet.

    Parameters
    ----------
    corners : (F, 3, 3) coordinates
    triangles : (F, 3) numbers of points: those that share a point or a side meet there by right
    flat : a tetrahedron of less than this share of the cube of its faces' size is none
    """
    if len(corners) < 2:
        return
    order = along_curve(corners.mean(1))
    along, names = np.ascontiguousarray(corners[order]), np.ascontiguousarray(triangles[order])
    low, high = boxes_over(along)

    def pairs_from(start: int) -> IntArray:
        found = _pairs(along, names, low, high, SLACK * flat, start, min(start + AT_ONCE, len(along)))
        pairs: IntArray = order[found]
        return pairs

    yield from in_threads(pairs_from, range(0, len(along), AT_ONCE))


@njit(cache=True, nogil=True)
def _pairs(corners, names, low, high, flat, start, stop):  # type: ignore[no-untyped-def]
    leaves = len(low) // 2
    stack, found, count = np.empty(64, np.int64), np.empty((1024, 2), np.int64), 0
    box_low, box_high = np.empty(3), np.empty(3)
    for one in range(start, stop):
        for i in range(3):
            x, y, z = corners[one, 0, i], corners[one, 1, i], corners[one, 2, i]
            box_low[i], box_high[i] = min(x, y, z), max(x, y, z)
        stack[0], top = 1, 1
        while top > 0:
            top -= 1
            box = stack[top]
            if (
                low[box, 0] > box_high[0]
                or high[box, 0] < box_low[0]
                or low[box, 1] > box_high[1]
                or high[box, 1] < box_low[1]
                or low[box, 2] > box_high[2]
                or high[box, 2] < box_low[2]
            ):
                continue
            if box < leaves:
                stack[top], stack[top + 1] = 2 * box, 2 * box + 1
                top += 2
                continue
            first = (box - leaves) * LEAF
            for two in range(max(first, one + 1), min(first + LEAF, len(corners))):
                if not _overlaps(corners, two, box_low, box_high):
                    continue
                if _is_apart(corners, names, one, two, flat):
                    continue
                if count == len(found):
                    more = np.empty((2 * count, 2), np.int64)
                    more[:count] = found
                    found = more
                found[count, 0], found[count, 1] = one, two
                count += 1
    return found[:count]


@njit(cache=True, nogil=True)
def _overlaps(corners, f, low, high):  # type: ignore[no-untyped-def]
    for i in range(3):
        x, y, z = corners[f, 0, i], corners[f, 1, i], corners[f, 2, i]
        if max(x, y, z) < low[i] or min(x, y, z) > high[i]:
            return False
    return True


@njit(cache=True, nogil=True)
def _is_apart(corners, names, one, two, flat):  # type: ignore[no-untyped-def]
    """Tell whether the faces meet only where they share points, as the sides of their planes tell."""
    shared, own = 0, 0
    for i in range(3):
        for j in range(3):
            if names[one, i] == names[two, j]:
                shared += 1
                own |= 1 << i
                own |= 8 << j
    if shared > 2:
        return True
    zero = flat * (_size(corners, one) + _size(corners, two)) ** 3
    if _to_one_side(corners, one, two, own >> 3, shared, zero):
        return True
    return _to_one_side(corners, two, one, own & 7, shared, zero)


@njit(cache=True, nogil=True)
def _size(corners, f):  # type: ignore[no-untyped-def]
    size = 0.0
    for i in range(3):
        x, y, z = corners[f, 0, i], corners[f, 1, i], corners[f, 2, i]
        size = max(size, max(x, y, z) - min(x, y, z))
    return size


@njit(cache=True, nogil=True)
def _to_one_side(corners, plane, other, common, shared, zero):  # type: ignore[no-untyped-def]
    """Tell whether the corners of `other` lie to one side of a face's plane; those in common do not count.

    Of faces with a common side one corner is left: it lies to one side unless it lies in the plane.
    """
    a, b, c = corners[plane, 0], corners[plane, 1], corners[plane, 2]
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    least, most = np.inf, -np.inf
    for k in range(3):
        if common >> k & 1:
            continue
        p = corners[other, k]
        height = nx * (p[0] - a[0]) + ny * (p[1] - a[1]) + nz * (p[2] - a[2])
        least, most = min(least, height), max(most, height)
    return least > zero or most < -zero

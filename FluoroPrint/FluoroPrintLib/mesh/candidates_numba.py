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

AT_ONCE = 50_000  # faces at most, about, so that a cancel is heard
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
    order = along_curve((corners[:, 0] + corners[:, 1] + corners[:, 2]) / 3)
    along, names = corners.take(order, axis=0), triangles.take(order, axis=0)
    low, high = boxes_over(along)
    first = 1 << max(0, int(np.log2(len(low) // 2 * LEAF / AT_ONCE)))

    def pairs_from(box: int) -> IntArray:
        found = _pairs(along, names, low, high, SLACK * flat, first, box)
        pairs: IntArray = order[found]
        return pairs

    yield from in_threads(pairs_from, range(first, 2 * first))


@njit(cache=True, nogil=True)
def _pairs(corners, names, low, high, flat, first, box):  # type: ignore[no-untyped-def]
    """Return the pairs of faces in a box, one of `first` of a depth, and in it and one after it.

    Of boxes that overlap both are halved until they are leaves, so that they are of equal depth.
    """
    leaves = len(low) // 2
    stack, found, count = np.empty((first + 128, 2), np.int64), np.empty((1024, 2), np.int64), 0
    for top in range(2 * first - box):
        stack[top, 0], stack[top, 1] = box, box + top
    top, scratch = 2 * first - box, np.empty((2, 3))
    while top > 0:
        top -= 1
        one, two = stack[top, 0], stack[top, 1]
        if _are_apart(low, high, one, two):
            continue
        if one < leaves:
            for half in range(4):
                if one < two or half != 2:
                    stack[top, 0], stack[top, 1] = 2 * one + half // 2, 2 * two + half % 2
                    top += 1
            continue
        if count + LEAF * LEAF > len(found):
            more = np.empty((2 * len(found), 2), np.int64)
            more[:count] = found[:count]
            found = more
        count = _pairs_of_leaves(corners, names, flat, one - leaves, two - leaves, found, count, scratch)
    return found[:count]


@njit(cache=True, nogil=True)
def _are_apart(low, high, one, two):  # type: ignore[no-untyped-def]
    return (
        low[one, 0] > high[two, 0]
        or high[one, 0] < low[two, 0]
        or low[one, 1] > high[two, 1]
        or high[one, 1] < low[two, 1]
        or low[one, 2] > high[two, 2]
        or high[one, 2] < low[two, 2]
    )


@njit(cache=True, nogil=True)
def _pairs_of_leaves(corners, names, flat, leaf, other, found, count, scratch):  # type: ignore[no-untyped-def]
    low, high = scratch[0], scratch[1]
    for one in range(leaf * LEAF, min((leaf + 1) * LEAF, len(corners))):
        for i in range(3):
            x, y, z = corners[one, 0, i], corners[one, 1, i], corners[one, 2, i]
            low[i], high[i] = min(x, y, z), max(x, y, z)
        for two in range(max(other * LEAF, one + 1), min((other + 1) * LEAF, len(corners))):
            if _overlaps(corners, two, low, high) and not _is_apart(corners, names, one, two, flat):
                found[count, 0], found[count, 1] = one, two
                count += 1
    return count


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

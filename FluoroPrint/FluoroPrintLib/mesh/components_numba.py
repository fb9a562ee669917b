"""Connected sets of many things, as a compiled loop. Needs numba."""

from __future__ import annotations

import numpy as np
from numba import njit

from ..arrays import IntArray


@njit(cache=True, nogil=True)
def joined_sets(count: int, pairs: IntArray) -> tuple[int, IntArray]:
    """Return how many sets there are and the set of each of `count` things, numbered by their first ones.

    Each thing points to an earlier one of its set (union-find; the way is halved as it is gone).
    """
    parent = np.arange(count).astype(np.int32)
    for row in range(len(pairs)):
        one, two = pairs[row, 0], pairs[row, 1]
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        while parent[two] != two:
            parent[two] = parent[parent[two]]
            two = parent[two]
        if one < two:
            parent[two] = one
        else:
            parent[one] = two
    number, label = 0, np.empty(count, np.int64)
    for thing in range(count):
        if parent[thing] == thing:
            label[thing] = number
            number += 1
        else:
            label[thing] = label[parent[thing]]
    return number, label

"""Sides of faces halved, so that the mesh stays closed."""

from __future__ import annotations

import numpy as np

from ..arrays import IntArray
from .topology import Edges


def halved(triangles: IntArray, edges: Edges, chosen: IntArray, first: int) -> IntArray:
    """Return the triangles with the chosen edges halved by new points, numbered from `first`.

    Parameters
    ----------
    triangles : (F, 3)
    edges : those of the triangles
    chosen : (N,) numbers of edges
    first : number of the first new point
    """
    middle_of = np.full(len(edges.ends), -1)
    middle_of[chosen] = first + np.arange(len(chosen))
    middles = middle_of[edges.of_side]
    count = (middles >= 0).sum(1)
    made = [triangles[count == 0]]
    # Turned so that the one side to halve comes first, or the one to leave comes last.
    turn = np.where(count == 1, (middles >= 0).argmax(1), ((middles < 0).argmax(1) + 1) % 3)
    order = (turn[:, None] + np.arange(3)) % 3
    a, b, c = np.take_along_axis(triangles, order, 1).T
    p, q, r = np.take_along_axis(middles, order, 1).T
    for number, corners in (
        (1, ((a, p, c), (p, b, c))),
        (2, ((p, b, q), (a, p, q), (a, q, c))),
        (3, ((a, p, r), (p, b, q), (r, q, c), (p, q, r))),
    ):
        made += [np.stack(each, -1)[count == number] for each in corners]
    return np.concatenate(made)

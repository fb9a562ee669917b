"""Seams: borders that should be one and lie a hair apart, as some programs write halves and patches."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from ..arrays import Float64Array, IntArray
from .topology import Edges, components

WIDEST_SEAM_MM = 0.01
OF_AN_EDGE = 0.1  # of a border's edge: nearer points are the same, further ones its shape


def merged_seams(points: Float64Array, triangles: IntArray, edges: Edges) -> tuple[IntArray, int]:
    """Return the triangles with points of open edges merged that lie within a seam; and how many went.

    Parameters
    ----------
    points : (P, 3) in mm
    triangles : (F, 3)
    edges : those of the triangles
    """
    border = edges.ends[edges.is_open]
    if len(border) == 0:
        return triangles, 0
    ends = np.unique(border)
    length = np.median(np.linalg.norm(points[border[:, 0]] - points[border[:, 1]], axis=1))
    width = min(WIDEST_SEAM_MM, OF_AN_EDGE * float(length))
    pairs = cKDTree(points[ends]).query_pairs(width, output_type="ndarray")
    if len(pairs) == 0:
        return triangles, 0
    number, group = components(len(ends), pairs)
    first = np.full(number, -1)
    first[group[::-1]] = ends[::-1]
    target = np.arange(len(points))
    target[ends] = first[group]
    return target[triangles], len(ends) - number

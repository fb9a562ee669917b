"""Pairs of triangles whose bounding boxes overlap, found on a hierarchy of grids, in arrays alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import BoolArray, Float64Array, IntArray
from ..threads import in_threads

PAIRS_AT_ONCE = 100_000  # the arrays of one step stay near a processor's cache


@dataclass(frozen=True)
class _Boxes:
    """Bounding boxes of triangles, from (0, 0, 0) on, and the level of each: the power of two of its size."""

    low: Float64Array
    high: Float64Array
    level: IntArray
    cell_mm: float


def overlapping_pairs(corners: Float64Array) -> Iterator[IntArray]:
    """Yield the pairs of triangles whose bounding boxes overlap, each pair once, in pieces of (M, 2).

    A triangle's own grid has cells at least as large as its box, so the box lies in at most eight of them;
    there it is paired with triangles of its own size and smaller. Work and memory stay linear in the number
    of triangles even where sizes differ a thousandfold.

    Parameters
    ----------
    corners : (F, 3, 3) coordinates of the corners of each triangle
    """
    if len(corners) < 2:
        return
    boxes = _boxes(corners)
    for level in np.unique(boxes.level):
        yield from _pairs_at(boxes, int(level))


def _boxes(corners: Float64Array) -> _Boxes:
    low, high = corners.min(1), corners.max(1)
    origin = low.min(0)
    extent = (high - low).max(1)
    cell = max(float(np.median(extent)), float(extent.max()) * 2.0**-16, 1e-9)
    level = np.ceil(np.log2(np.maximum(extent / cell, 1.0))).astype(np.int64)
    return _Boxes(low - origin, high - origin, level, cell)


def _pairs_at(boxes: _Boxes, level: int) -> Iterator[IntArray]:
    """Yield the pairs whose larger triangle is of this level."""
    cell = boxes.cell_mm * 2.0**level
    face, key = _entries(boxes, np.flatnonzero(boxes.level <= level), cell)
    own = boxes.level[face] == level
    order = np.lexsort((~own, key))
    face, key, own = face[order], key[order], own[order]
    ends = np.searchsorted(key, key, side="right")
    places = np.flatnonzero(own)
    counts = ends[places] - places - 1

    def pairs_of(part: slice) -> IntArray:
        first = np.repeat(places[part], counts[part])
        step = np.arange(len(first)) - np.repeat(np.cumsum(counts[part]) - counts[part], counts[part])
        pairs = np.stack([face[first], face[first + 1 + step]], -1)
        return pairs[_meet_here(boxes, pairs, key[first], cell)]

    yield from in_threads(pairs_of, parts_of(counts))


def _entries(boxes: _Boxes, faces: IntArray, cell: float) -> tuple[IntArray, IntArray]:
    """Return (face, cell number) for every cell that each face's box lies in."""
    low = np.floor(boxes.low[faces] / cell).astype(np.int64)
    high = np.floor(boxes.high[faces] / cell).astype(np.int64)
    found_faces, found_keys = [], []
    for offset in np.ndindex(2, 2, 2):
        there = _in_all(low + offset <= high)
        found_faces.append(faces[there])
        found_keys.append(_cell_number(low[there] + offset))
    return np.concatenate(found_faces), np.concatenate(found_keys)


def _cell_number(cells: IntArray) -> IntArray:
    return (cells[:, 0] << 42) + (cells[:, 1] << 21) + cells[:, 2]


def _meet_here(boxes: _Boxes, pairs: IntArray, key: IntArray, cell: float) -> BoolArray:
    """Tell which boxes overlap, and have the low corner of the overlap in this cell: so each pair once."""
    a, b = pairs.T
    low = np.maximum(boxes.low[a], boxes.low[b])
    overlap = _in_all(low <= np.minimum(boxes.high[a], boxes.high[b]))
    here: BoolArray = overlap & (_cell_number(np.floor(low / cell).astype(np.int64)) == key)
    return here


def _in_all(axes: BoolArray) -> BoolArray:
    """Tell which rows of (N, 3) are all true: numpy's own reduction is slow on short rows."""
    return axes[:, 0] & axes[:, 1] & axes[:, 2]


def parts_of(counts: IntArray) -> Iterator[slice]:
    """Yield slices of `counts` that sum to about PAIRS_AT_ONCE."""
    total = np.cumsum(counts)
    cuts = np.searchsorted(
        total, np.arange(PAIRS_AT_ONCE, int(total[-1]) if len(total) else 0, PAIRS_AT_ONCE)
    )
    edges = np.unique(np.concatenate([[0], cuts, [len(counts)]]))
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        yield slice(int(start), int(end))

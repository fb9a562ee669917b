"""Closing holes of a triangle mesh: each loop of open edges gets a patch of triangles."""

from __future__ import annotations

import numpy as np

from ..arrays import BoolArray, Float64Array, IntArray
from .topology import Edges

LARGEST_EAR_CLIP = 2000  # points: clipping ears takes time with the square of the number


def closed_holes(points: Float64Array, triangles: IntArray, edges: Edges) -> tuple[IntArray, int]:
    """Return the triangles with a patch for each hole, and how many holes were closed.

    A hole is a loop of open edges. It is patched by clipping the ear with the smallest angle again and again
    (in the sense of Liepa, SGP 2003, without refinement), so no point is added.

    Parameters
    ----------
    points : (P, 3) in mm
    triangles : (F, 3), consistently oriented about the holes
    edges : those of the triangles
    """
    loops = open_loops(triangles, edges)
    patches = [_patch(points, loop) for loop in loops if 3 <= len(loop) <= LARGEST_EAR_CLIP]
    return np.concatenate([triangles, *patches]), len(patches)


def open_loops(triangles: IntArray, edges: Edges) -> list[IntArray]:
    """Return the loops of open edges, each in the order in which its patch runs them."""
    sides = np.sort(edges.sides[edges.first[edges.is_open]])
    face, corner = sides // 3, sides % 3
    starts, ends = triangles[face, corner], triangles[face, (corner + 1) % 3]
    # The patch runs each edge against the face that is there.
    return _loops_of(dict(_grouped(ends.tolist(), starts.tolist())))


def _grouped(starts: list[int], ends: list[int]) -> list[tuple[int, list[int]]]:
    following: dict[int, list[int]] = {}
    for start, end in zip(starts, ends, strict=True):
        following.setdefault(start, []).append(end)
    return list(following.items())


def _loops_of(following: dict[int, list[int]]) -> list[IntArray]:
    """Walk from point to point; where the walk meets itself, a loop is complete and cut off."""
    loops = []
    while following:
        path = [next(iter(following))]
        place = {path[0]: 0}
        while path and path[-1] in following:
            point = _next_point(following, path[-1])
            if point in place:
                loops.append(np.array(path[place[point] :], np.int64))
                for left in path[place[point] + 1 :]:
                    del place[left]
                del path[place[point] + 1 :]
            else:
                place[point] = len(path)
                path.append(point)
    return loops


def _next_point(following: dict[int, list[int]], point: int) -> int:
    choices = following[point]
    chosen = choices.pop()
    if not choices:
        del following[point]
    return chosen


def _patch(points: Float64Array, loop: IntArray) -> IntArray:
    """Clip the sharpest ear until a triangle is left."""
    if len(loop) == 3:
        return loop[None]
    ring = loop.tolist()
    patch = []
    normal = _loop_normal(points[loop])
    while len(ring) > 3:
        corners = points[ring]
        ear = int(_sharpness(corners, normal).argmax())
        patch.append([ring[ear - 1], ring[ear], ring[(ear + 1) % len(ring)]])
        del ring[ear]
    return np.array([*patch, ring], np.int64)


def _loop_normal(corners: Float64Array) -> Float64Array:
    """Return the area vector of a loop by Newell's sum, as a unit vector; zero for a loop without area."""
    vector = np.cross(corners - corners.mean(0), np.roll(corners, -1, axis=0) - corners.mean(0)).sum(0)
    unit: Float64Array = vector / max(float(np.linalg.norm(vector)), 1e-30)
    return unit


def _sharpness(corners: Float64Array, normal: Float64Array) -> Float64Array:
    """Return how good an ear each corner is: the cosine of its angle, below -1 where it bends inward."""
    back, on = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(back, axis=1) * np.linalg.norm(on, axis=1)
    cosine = np.einsum("ni,ni->n", back, on) / np.maximum(lengths, 1e-30)
    convex: BoolArray = np.cross(on, back) @ normal > 0
    sharpness: Float64Array = np.where(convex, cosine, cosine - 3.0)
    return sharpness

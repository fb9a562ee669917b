"""A surface at an even distance from a solid, its faces made smaller where they cut across a bend.

Where the solid has an edge, the offset turns about it with the radius of the distance itself, mostly within
one voxel of the grid that the offset was found on: flat faces there lie too near. Sides of faces whose middle
does so are halved, their middles set onto the distance, until none is left.
"""

from __future__ import annotations

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import BoolArray, Float64Array, IntArray
from ..mesh.distance import signed_distances_mm
from ..mesh.halving import halved
from ..mesh.topology import Edges, edges_of

ROUNDS = 6
SHORT_MM, SHORT_SHARE = 0.005, 0.05
"""A middle that lies nearer by more than the lesser of this and this share of the distance is set out."""
STEPS = 2
Mesh = tuple[Float64Array, IntArray]


def refined(mesh: Mesh, may_move: BoolArray, surface: vtkPolyData, by_mm: float) -> Mesh:
    """Return a closed mesh of points (P, 3) and triangles (F, 3) with smaller faces where it bends.

    Parameters
    ----------
    mesh : at `by_mm` from the surface at its points
    may_move : (P,) points that do not lie where the mesh ends of itself; sides between others stay
    surface : closed, facing outward
    by_mm : the distance, above 0
    """
    points, triangles = mesh
    least = min(SHORT_MM, SHORT_SHARE * by_mm)
    for _ in range(ROUNDS):
        edges, normals = edges_of(triangles), unit_normals(points, triangles)
        bent = np.flatnonzero(_sagitta_mm(points, normals, edges) > least / 2)
        bent = bent[may_move[edges.ends[bent]].all(1)]
        middles = points[edges.ends[bent]].mean(1)
        short = by_mm - signed_distances_mm(middles, surface)
        chosen = short > least
        if not chosen.any():
            break
        sides = bent[chosen]
        out = normals[edges.ends[sides]].sum(1)
        out /= np.maximum(np.linalg.norm(out, axis=1), 1e-30)[:, None]
        set_out = moved_onto(middles[chosen], out, surface, by_mm, by_mm)
        triangles = halved(triangles, edges, sides, len(points))
        points = np.concatenate([points, set_out])
        may_move = np.concatenate([may_move, np.ones(len(set_out), bool)])
    return points, triangles


def _sagitta_mm(points: Float64Array, normals: Float64Array, edges: Edges) -> Float64Array:
    """Return how far an arc square to the normals at the ends of each edge leaves its middle: (E,)."""
    first, second = edges.ends.T
    length = np.linalg.norm(points[first] - points[second], axis=1)
    turn = np.linalg.norm(normals[first] - normals[second], axis=1)
    sagitta: Float64Array = length * turn / 8
    return sagitta


def moved_onto(
    points: Float64Array, along: Float64Array, surface: vtkPolyData, by_mm: float, most_mm: float
) -> Float64Array:
    """Move points (N, 3) along directions onto a distance, by limited steps, never for the worse."""
    error = by_mm - signed_distances_mm(points, surface)
    for _ in range(STEPS):
        moved = points + along * np.clip(error, -most_mm, most_mm)[:, None]
        left = by_mm - signed_distances_mm(moved, surface)
        better = np.abs(left) < np.abs(error)
        points = np.where(better[:, None], moved, points)
        error = np.where(better, left, error)
    return points


def unit_normals(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Return the outward unit normals at points, of the faces about them by their area: (P, 3)."""
    corners = points[triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sums = [np.bincount(triangles.ravel(), np.repeat(faces[:, axis], 3), len(points)) for axis in range(3)]
    normals = np.stack(sums, -1)
    unit: Float64Array = normals / np.maximum(np.linalg.norm(normals, axis=1), 1e-30)[:, None]
    return unit

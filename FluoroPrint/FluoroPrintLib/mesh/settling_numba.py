"""Places of a coarser mesh that are too far from the one it was made of, set onto it. Needs numba.

Points that are too far move to the closest place; of a face with places too far the longest side is halved,
and its middle moves there. What was changed is measured anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ..arrays import BoolArray, Float64Array, IntArray
from .closest_numba import BoxedFaces, boxed, closest_places
from .columns import side_lengths_mm
from .deviation import samples_of
from .distance import distances_mm
from .halving import halved
from .polydata import polydata_from, welded
from .topology import edges_of

ROUNDS = 10
WITHIN = 0.98  # of the bound: where points that were too far come to lie
CORNER = 0.999  # of the weight of a corner: a place is nearest to that corner itself


@dataclass(frozen=True)
class Fine:
    """The mesh that a coarser one was made of.

    Attributes
    ----------
    points : (P, 3) in mm
    faces : with boxes over them
    bound_mm : greatest distance allowed
    spacing_mm : of the samples on the coarser mesh's faces
    """

    points: Float64Array
    faces: BoxedFaces
    bound_mm: float
    spacing_mm: float


@dataclass(frozen=True)
class Settled:
    """A mesh after its far places were set onto the finer one.

    Attributes
    ----------
    points, triangles : (Q, 3) in mm, float32 values, and (G, 3)
    max_mm : no sample or point that was measured here is further off, but for those in `far`
    far : (N, 3) places that are still too far, on this mesh or on the finer one
    """

    points: Float64Array
    triangles: IntArray
    max_mm: float
    far: Float64Array


def settled(points: Float64Array, triangles: IntArray, fine: Fine) -> Settled:
    """Return a mesh with its places that are too far from the finer one set onto it, as far as may be.

    Distances from samples of the mesh are all measured, those from points of the finer one where it changed.

    Parameters
    ----------
    points, triangles : (Q, 3) in mm, float32 values, and (G, 3), closed
    fine : what it was made of
    """
    furthest, changed = 0.0, np.ones(len(triangles), bool)
    for number in range(ROUNDS + 1):
        places, apart = _measured(points, triangles[changed], fine)
        if number > 0:
            back, away = _finer_about(points, triangles, changed, fine)
            places, apart = np.concatenate([places, back]), np.concatenate([apart, away])
        is_far = apart > fine.bound_mm
        furthest = max(furthest, float(apart[~is_far].max(initial=0.0)))
        if number == ROUNDS or not is_far.any():
            break
        points, triangles, moved = _set_onto(points, triangles, places[is_far], fine)
        changed = np.asarray(moved[triangles].any(1))
    return Settled(points, triangles, furthest, places[is_far])


def _measured(points: Float64Array, triangles: IntArray, fine: Fine) -> tuple[Float64Array, Float64Array]:
    """Return samples of faces, and how far each is from the finer mesh."""
    samples = samples_of(polydata_from(*welded(points, triangles)), fine.spacing_mm)
    return samples, closest_places(samples, fine.faces)[0]


def _finer_about(
    points: Float64Array, triangles: IntArray, changed: BoolArray, fine: Fine
) -> tuple[Float64Array, Float64Array]:
    """Return the points of the finer mesh about changed faces, and how far each is from the coarser one."""
    corners = points[triangles[changed]]
    middles = corners.mean(1)
    reach = np.linalg.norm(corners - middles[:, None], axis=2).max(1) + 2 * fine.bound_mm
    found = cKDTree(fine.points).query_ball_point(middles, reach)
    there = fine.points[np.unique(np.concatenate(found).astype(np.int64))]
    return there, distances_mm(there, polydata_from(points, triangles))


def _set_onto(
    points: Float64Array, triangles: IntArray, far: Float64Array, fine: Fine
) -> tuple[Float64Array, IntArray, BoolArray]:
    """Return the mesh nearer to the finer one at some places, and which of its points moved or are new.

    A point of the mesh that a place is nearest to moves; else the longest side of the face there is halved.
    """
    _, face, s, t = closest_places(far, boxed(points[triangles]))
    weights = np.stack([1 - s - t, s, t], -1)
    is_corner = weights.max(1) > CORNER
    corner = np.unique(triangles[face, weights.argmax(1)][is_corner])
    edges, inner = edges_of(triangles), face[~is_corner]
    sides = np.unique(edges.of_side[inner, side_lengths_mm(points, triangles[inner]).argmax(0)])
    middles = points[edges.ends[sides]].mean(1)
    moved = np.zeros(len(points) + len(sides), bool)
    moved[corner] = moved[len(points) :] = True
    points = np.concatenate([points, middles])
    points[corner] = _nearer(points[corner], fine, WITHIN * fine.bound_mm)
    points[len(points) - len(sides) :] = _nearer(middles, fine, 0.0)
    return points, halved(triangles, edges, sides, len(points) - len(sides)), moved


def _nearer(places: Float64Array, fine: Fine, within_mm: float) -> Float64Array:
    """Return places moved towards the finer mesh until that near, as a file keeps them."""
    away, face, s, t = closest_places(places, fine.faces)
    row = np.empty(len(fine.faces.number), np.int64)
    row[fine.faces.number] = np.arange(len(row))
    corner, first, second = fine.faces.sides[row[face]].transpose(1, 0, 2)
    closest = corner + s[:, None] * first + t[:, None] * second
    left = np.minimum(within_mm / np.maximum(away, 1e-30), 1.0)
    found: Float64Array = closest + left[:, None] * (places - closest)
    return found.astype(np.float32).astype(np.float64)

"""Damage to sound meshes: each kind takes points, faces and a generator, and tells which faces it spoiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from FluoroPrintLib.arrays import BoolArray, Float64Array, IntArray
from FluoroPrintLib.mesh.polydata import points_of, triangles_of
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of
from vtkmodules.vtkCommonDataModel import vtkPolyData


@dataclass(frozen=True)
class Damaged:
    """A damaged mesh.

    Attributes
    ----------
    points, faces : (P, 3) in mm / scale, and (F, 3)
    spoiled : (faces of the sound mesh,) those at which the surface may be another after repair
    scale : what turns the points into mm
    """

    points: Float64Array
    faces: IntArray
    spoiled: BoolArray
    scale: float = 1.0


Damage = Callable[[Float64Array, IntArray, np.random.Generator], Damaged]


def some(count: int, share: float, rng: np.random.Generator) -> BoolArray:
    return np.isin(np.arange(count), rng.choice(count, max(1, int(share * count)), replace=False))


def untouched(faces: IntArray) -> BoolArray:
    return np.zeros(len(faces), bool)


def grown(chosen: BoolArray, faces: IntArray, rings: int) -> BoolArray:
    for _ in range(rings):
        chosen = np.isin(faces, faces[chosen]).any(1)
    return chosen


def dropped(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    gone = some(len(faces), 0.01, rng)
    return Damaged(points, faces[~gone], gone)


def patches_dropped(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    patches = int(np.clip(len(faces) // 2000, 1, 4))
    gone = grown(np.isin(np.arange(len(faces)), rng.choice(len(faces), patches, replace=False)), faces, 1)
    return Damaged(points, faces[~gone], gone)


def flipped(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    turned = some(len(faces), 0.2, rng)
    return Damaged(points, np.where(turned[:, None], faces[:, ::-1], faces), untouched(faces))


def inside_out(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    return Damaged(points, faces[:, ::-1], untouched(faces))


def duplicated(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    again, turned = faces[some(len(faces), 0.05, rng)], faces[some(len(faces), 0.02, rng)][:, ::-1]
    return Damaged(points, rng.permutation(np.concatenate([faces, again, turned])), untouched(faces))


def spiked(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    """Points pushed sideways by three of their edges, and in by one, so that the surface cuts itself.

    A spike that cuts nothing is no fault that could be told from shape.
    """
    chosen = rng.choice(len(points), 3, replace=False)
    moved = points.copy()
    for point, way in zip(chosen, rng.normal(size=(3, 3)), strict=True):
        a, b, c = points[faces[(faces == point).any(1)]].transpose(1, 0, 2)
        edge = np.linalg.norm(b - a, axis=1).mean()
        inward = -unit(np.cross(b - a, c - a).sum(0, keepdims=True))[0]
        sideways = unit((way - (way @ inward) * inward)[None])[0]
        moved[point] += edge * (3 * sideways + inward)
    return Damaged(moved, faces, grown(np.isin(faces, chosen).any(1), faces, 4))


def unit(vectors: Float64Array) -> Float64Array:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def seam(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    """Two halves whose common border is not merged: its points lie up to a micrometre apart."""
    across = unit(rng.normal(size=3))
    far = (points[faces].mean(1) - points.mean(0)) @ across > 0
    apart = points + rng.uniform(-0.0005, 0.0005, points.shape)
    return Damaged(np.concatenate([points, apart]), faces + len(points) * far[:, None], untouched(faces))


def soup(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    corners = points[rng.permutation(faces)].reshape(-1, 3)
    return Damaged(corners, np.arange(len(corners)).reshape(-1, 3), untouched(faces))


def degenerate(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    """Faces cut at the middle of a side, with a face without area along it towards the neighbour; needles."""
    cut = np.flatnonzero(some(len(faces), 0.01, rng))
    a, b, c = faces[cut].T
    middle = len(points) + np.arange(len(cut))
    points = np.concatenate([points, (points[a] + points[b]) / 2])
    new = [np.stack(three, -1) for three in ((a, middle, c), (middle, b, c), (a, b, middle), (a, a, b))]
    spoiled = np.isin(np.arange(len(faces)), cut)
    return Damaged(points, np.concatenate([faces[~spoiled], *new]), untouched(faces))


def flaps(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    """Loose faces that hang on an edge, as inner sheets do."""
    on = faces[some(len(faces), 0.01, rng)]
    tips = points[on].mean(1) + rng.normal(size=(len(on), 3)) * 0.5
    new = np.stack([on[:, 0], on[:, 1], len(points) + np.arange(len(on))], -1)
    return Damaged(np.concatenate([points, tips]), np.concatenate([faces, new]), untouched(faces))


def mixed(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    first = dropped(points, faces, rng)
    second = duplicated(first.points, flipped(first.points, first.faces, rng).faces, rng)
    return replace(second, spoiled=first.spoiled)


def metres(points: Float64Array, faces: IntArray, rng: np.random.Generator) -> Damaged:
    damaged = mixed(points, faces, rng)
    return replace(damaged, points=damaged.points / 1000, scale=1000.0)


def overlapped_by_ball(
    sound: vtkPolyData, rng: np.random.Generator, share: float = 0.1
) -> tuple[vtkPolyData, Damaged]:
    """Return what a ball about a point of the surface makes with it, and both in one mesh, not united."""
    at = points_of(sound)[rng.integers(sound.GetNumberOfPoints())]
    radius = share * float(np.linalg.norm(np.diff(np.reshape(sound.GetBounds(), (3, 2)))))
    ball = engine().Manifold.sphere(radius, 60).translate(at.tolist())
    union, other = surface_of(solid_of(sound) + ball), surface_of(ball)
    points = np.concatenate([points_of(sound), points_of(other)])
    faces = np.concatenate([triangles_of(sound), triangles_of(other) + sound.GetNumberOfPoints()])
    return union, Damaged(points, faces, np.zeros(union.GetNumberOfPolys(), bool))


KINDS: dict[str, Damage] = {
    "faces dropped": dropped,
    "patches dropped": patches_dropped,
    "faces flipped": flipped,
    "inside out": inside_out,
    "faces repeated": duplicated,
    "points pushed through": spiked,
    "seam not merged": seam,
    "no points merged": soup,
    "faces without area": degenerate,
    "loose flaps": flaps,
    "dropped, flipped, repeated": mixed,
    "the same in metres": metres,
}

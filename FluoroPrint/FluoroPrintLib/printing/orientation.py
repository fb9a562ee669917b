"""How a part should lie on the bed: little to support, low, and standing firm; every term is told.

Candidates are the planes that the part can rest on (faces of its convex hull) and directions spread over the
sphere. Overhangs are judged face by face: what stands below a face on the part itself is not looked for, so
the support of a part that shades itself is overestimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from ..arrays import Float64Array, IntArray
from ..errors import FluoroPrintError
from ..mesh.polydata import corner_volumes
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, silent
from .footprint import Bed, fits_bed

RESTING_MM = 0.2
"""What lies within this of the lowest point rests on the bed: a layer."""
RESTING_COSINE = 0.99
"""A face rests where it is turned to the bed this far."""
FACES_AT_ONCE = 4096
HULL_PLANES = 60
ALIKE = 0.9998  # cosine: planes within about a degree are one


@dataclass(frozen=True)
class OrientationParameters(Parameters):
    """Weights of what makes an orientation good; each term lies between 0 and 1 before it is weighted."""

    orient: Annotated[bool, Help("Turn each part to lie well; else parts stand as they are.")] = True
    support_weight: Annotated[
        float, Bounds(0.0, 100.0), Help("Weight of the area to be supported, as share of the surface.")
    ] = 1.0
    height_weight: Annotated[
        float, Bounds(0.0, 100.0), Help("Weight of the height, as share of the part's greatest length.")
    ] = 0.2
    stability_weight: Annotated[
        float, Bounds(0.0, 100.0), Help("Weight of standing on a small base under a high centre of mass.")
    ] = 0.1
    overhang_deg: Annotated[
        float, Bounds(10.0, 80.0), Unit("°"), Help("Faces flatter than this above the bed need support.")
    ] = 45.0
    directions: Annotated[int, Bounds(0, 1000), Help("Directions tried beside the planes of rest.")] = 100


@dataclass(frozen=True)
class OrientationTerms:
    """What an orientation costs, measured.

    Attributes
    ----------
    support_mm2 : horizontal area under overhanging faces that do not rest on the bed
    rest_mm2 : area that rests on the bed
    height_mm : of the part
    stability_mm : how far within its base the centre of mass stands; negative: it falls over
    centre_mm : height of the centre of mass
    """

    support_mm2: float
    rest_mm2: float
    height_mm: float
    stability_mm: float
    centre_mm: float


@dataclass(frozen=True)
class Orientation:
    """A way to lie.

    Attributes
    ----------
    down : unit vector of the part that points to the bed
    rotation : (3, 3) that turns `down` to -z
    terms : what it costs
    score : the weighted sum, lower is better
    candidates : how many ways were compared
    """

    down: Float64Array
    rotation: Float64Array
    terms: OrientationTerms
    score: float
    candidates: int


@dataclass(frozen=True)
class _Part:
    """What every candidate is measured on."""

    points: Float64Array
    hull_points: Float64Array
    centroids: Float64Array
    normals: Float64Array
    areas: Float64Array
    centre: Float64Array


def suggested_orientation(
    points: Float64Array,
    triangles: IntArray,
    parameters: OrientationParameters = OrientationParameters(),  # noqa: B008 - frozen
    *,
    bed: Bed | None = None,
    needs_support: bool = True,
    progress: Progress = silent,
) -> Orientation:
    """Return the way a closed part should lie on the bed.

    Parameters
    ----------
    points, triangles : (P, 3) mm and (F, 3), a closed surface facing outward; -z is down as it is given
    parameters : weights; without `orient` only the way it is given is measured
    bed : ways that fit it come before all others
    needs_support : without (a bed of powder), height alone counts
    progress : told how far the work is

    Raises
    ------
    FluoroPrintError
        The part is flat.
    """
    part = _part_of(points, triangles)
    given = np.array([[0.0, 0.0, -1.0]])
    candidates = np.concatenate([given, _planes(part.hull_points), _sphere(parameters.directions)])
    if not parameters.orient:
        candidates = given
    terms = _all_measured(part, candidates, parameters.overhang_deg, progress)
    scores = np.array([_score(part, each, parameters, needs_support) for each in terms])
    if bed is not None:
        fits = [fits_bed(part.hull_points @ turning_down(down).T, bed) for down in candidates]
        scores = np.where(fits, scores, scores + 1e6)
    best = int(scores.round(9).argmin())  # of equal ones the first: as it was given, if that is as good
    return Orientation(
        candidates[best],
        turning_down(candidates[best]),
        terms[best],
        _score(part, terms[best], parameters, needs_support),
        len(candidates),
    )


def terms_of(
    points: Float64Array, triangles: IntArray, down: Float64Array, overhang_deg: float = 45.0
) -> OrientationTerms:
    """Measure one way to lie, `down` being the direction of the part that points to the bed."""
    downs = (down / np.linalg.norm(down))[None]
    return _all_measured(_part_of(points, triangles), downs, overhang_deg, silent)[0]


def turning_down(down: Float64Array) -> Float64Array:
    """Return the (3, 3) rotation that turns a unit vector to -z by the shortest way (Rodrigues)."""
    cosine = -float(down[2])
    if cosine < -1 + 1e-12:
        return np.diag([1.0, -1.0, -1.0])
    axis = np.cross(down, [0.0, 0.0, -1.0])
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    rotation: Float64Array = np.eye(3) + cross + cross @ cross / (1 + cosine)
    return rotation


def _part_of(points: Float64Array, triangles: IntArray) -> _Part:
    a, b, c = points[triangles.T]
    doubled = np.cross(b - a, c - a)
    lengths = np.linalg.norm(doubled, axis=1)
    normals = doubled / np.maximum(lengths, 1e-30)[:, None]
    try:
        hull = points[ConvexHull(points).vertices]
    except (QhullError, ValueError) as error:
        raise FluoroPrintError(
            "The part is flat or empty and cannot lie on a bed: choose another model."
        ) from error
    centroids = (a + b + c) / 3
    return _Part(points, hull, centroids, normals, lengths / 2, _centre_of_mass(points, triangles))


def _centre_of_mass(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Return the centroid of the volume: tetrahedra from the middle of the points to each face."""
    middle = points.mean(0)
    shares = corner_volumes(points, triangles)
    if abs(shares.sum()) < 1e-9:
        return np.asarray(middle, float)
    offsets = (points[triangles].sum(1) - 3 * middle) / 4
    centre: Float64Array = middle + (shares[:, None] * offsets).sum(0) / shares.sum()
    return centre


def _planes(hull_points: Float64Array) -> Float64Array:
    """Return the outward normals of the hull's planes, the largest first; nearly equal ones once."""
    hull = ConvexHull(hull_points)
    normals = hull.equations[:, :3]
    a, b, c = hull_points[hull.simplices.T]
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    _, plane = np.unique(normals.round(3), axis=0, return_inverse=True)
    summed = np.bincount(plane.ravel(), areas)
    first = np.array([np.flatnonzero(plane.ravel() == number)[0] for number in np.argsort(-summed)])
    kept: list[Float64Array] = []
    for normal in normals[first[: 4 * HULL_PLANES]]:
        if len(kept) < HULL_PLANES and all(normal @ other < ALIKE for other in kept):
            kept.append(normal)
    return np.array(kept)


def _sphere(count: int) -> Float64Array:
    """Return unit vectors spread evenly: the Fibonacci spiral."""
    step = np.arange(count) + 0.5
    z = 1 - 2 * step / max(count, 1)
    turn = np.pi * (1 + 5**0.5) * step
    across = np.sqrt(1 - z**2)
    return np.stack([across * np.cos(turn), across * np.sin(turn), z], axis=1)


def _all_measured(
    part: _Part, downs: Float64Array, overhang_deg: float, progress: Progress
) -> list[OrientationTerms]:
    """Measure ways to lie (D, 3), all of them on as many faces at a time as a processor's cache holds."""
    depths = part.hull_points @ downs.T
    lowest = depths.max(0)
    sums = np.zeros((2, len(downs)))
    for start in range(0, len(part.areas), FACES_AT_ONCE):
        end = start + FACES_AT_ONCE
        sums += _areas(part, slice(start, end), downs, lowest, overhang_deg)
        progress(min(end / len(part.areas), 1.0), "Comparing ways to lie")
    touching = _touching(part, downs, lowest)
    return [
        OrientationTerms(
            support_mm2=float(sums[0, number]),
            rest_mm2=float(sums[1, number]),
            height_mm=float(lowest[number] - depths[:, number].min()),
            stability_mm=_stability(part, down, touching[number]),
            centre_mm=float(lowest[number] - part.centre @ down),
        )
        for number, down in enumerate(downs)
    ]


def _areas(
    part: _Part, faces: slice, downs: Float64Array, lowest: Float64Array, overhang_deg: float
) -> Float64Array:
    """Return what some faces add to each way's area to be supported and area at rest: (2, D)."""
    facing, areas, centroids = part.normals[faces] @ downs.T, part.areas[faces], part.centroids[faces]
    face, way = np.nonzero(facing > RESTING_COSINE)
    heights = lowest[way] - np.einsum("ij,ij->i", centroids[face], downs[way])
    face, way = face[heights < RESTING_MM], way[heights < RESTING_MM]
    shadows = np.where(facing > np.cos(np.radians(overhang_deg)) + 1e-9, facing, 0.0) * areas[:, None]
    shadows[face, way] = 0.0
    return np.stack([shadows.sum(0), np.bincount(way, areas[face], len(downs))])


def _touching(part: _Part, downs: Float64Array, lowest: Float64Array) -> list[Float64Array]:
    """Return the points that touch the bed, for each way to lie."""
    found: list[list[Float64Array]] = [[] for _ in downs]
    for start in range(0, len(part.points), FACES_AT_ONCE):
        points = part.points[start : start + FACES_AT_ONCE]
        point, way = np.nonzero(points @ downs.T > lowest - RESTING_MM)
        order = np.argsort(way, kind="stable")
        parted = np.split(points[point[order]], np.searchsorted(way[order], np.arange(1, len(downs))))
        for mine, touching in zip(found, parted, strict=True):
            mine.append(touching)
    return [np.concatenate(mine) for mine in found]


def _stability(part: _Part, down: Float64Array, touching: Float64Array) -> float:
    """Return how far the centre of mass stands within the hull of what touches the bed."""
    rotation = turning_down(down)
    base, centre = (touching @ rotation.T)[:, :2], (rotation @ part.centre)[:2]
    try:
        edges = ConvexHull(base).equations
    except (QhullError, ValueError):  # a point or an edge is no base
        return -float(np.linalg.norm(base - centre, axis=1).min())
    return -float((edges[:, :2] @ centre + edges[:, 2]).max())


def _score(
    part: _Part, terms: OrientationTerms, parameters: OrientationParameters, needs_support: bool
) -> float:
    longest = float(np.linalg.norm(np.ptp(part.hull_points, axis=0)))
    height = terms.height_mm / longest
    if not needs_support:
        return height
    support = terms.support_mm2 / float(part.areas.sum())
    unsteady = 1 - np.clip(terms.stability_mm / max(terms.centre_mm, 1e-9), 0.0, 1.0)
    return float(
        parameters.support_weight * support
        + parameters.height_weight * height
        + parameters.stability_weight * unsteady
    )

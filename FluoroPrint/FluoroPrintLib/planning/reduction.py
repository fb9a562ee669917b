"""Fragments of a broken bone set by the mirrored other side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import transformed
from ..mesh.distance import distances_mm
from ..mesh.polydata import points_of, polydata_from, triangles_of
from ..shape.solids import unit
from .osteotomy import turn_about
from .plan import Place

SAMPLES = 3000
ROUNDS = 80
STILL_MM = 1e-4
KEPT = 0.7
"""The share of a fragment's points that is fitted: those of the broken faces have nothing to lie on."""
LEAST_POINTS = 30
ALIKE_MM = 10.0
"""A normal turned by a radian counts as so much distance."""


@dataclass(frozen=True)
class FragmentPose:
    """Where a fragment belongs.

    Attributes
    ----------
    to_place : (4, 4) from where it lies to where it belongs
    moved_mm : how far the middle of its points moves
    turned_deg : how far it turns
    residual_mm : root mean square distance of the points that were fitted
    residual_p95_mm : 95 % of them are no further
    """

    to_place: Float64Array
    moved_mm: float
    turned_deg: float
    residual_mm: float
    residual_p95_mm: float


def mirrored(
    surface: vtkPolyData, point_ras: Place = (0, 0, 0), normal_ras: Place = (1, 0, 0)
) -> vtkPolyData:
    """Return a surface mirrored in a plane, facing outward."""
    points, normal = points_of(surface), unit(normal_ras, "normal")
    heights = (points - np.asarray(point_ras)) @ normal
    return polydata_from(points - 2 * np.outer(heights, normal), triangles_of(surface)[:, ::-1])


def pose_on(
    moving: vtkPolyData,
    template: vtkPolyData,
    start: Float64Array | None = None,
    kept: float = KEPT,
) -> FragmentPose:
    """Return the rigid movement that lays a surface onto a template.

    Trimmed iterative closest points (Chetverikov et al., ICPR 2002) with the distance from the tangent
    plane (Chen and Medioni, 1992). It finds the nearest rest, so the fragment, moved by `start` (4, 4) where
    that is given, must lie within some millimetres and some twenty degrees of its place.

    Raises
    ------
    FluoroPrintError
        One of the surfaces has too few points.
    """
    target, normals = _sampled(template)
    points, outward = _sampled(moving)
    if min(len(points), len(target)) < LEAST_POINTS:
        raise FluoroPrintError(f"A surface has fewer than {LEAST_POINTS} points: choose finer models.")
    matrix = np.eye(4) if start is None else np.array(start, float)
    # Places and normals together, so that a broken face finds nothing near that looks as it does.
    tree = cKDTree(np.hstack([target, ALIKE_MM * normals]))
    count = max(int(kept * len(points)), LEAST_POINTS)
    for _ in range(ROUNDS):
        now = transformed(points, matrix)
        distance, nearest = tree.query(np.hstack([now, ALIKE_MM * outward @ matrix[:3, :3].T]))
        best = np.argpartition(distance, count - 1)[:count]
        step = _plane_step(now[best], target[nearest[best]], normals[nearest[best]])
        matrix = step @ matrix
        if np.linalg.norm(transformed(now, step) - now, axis=1).max() < STILL_MM:
            break
    return _pose(matrix, points, template, count)


def reduced(
    fragments: Sequence[vtkPolyData], template: vtkPolyData, starts: Sequence[Float64Array] | None = None
) -> tuple[FragmentPose, ...]:
    """Return where each fragment belongs on the template: the mirrored other side, on what is whole."""
    given = list(starts) if starts is not None else [np.eye(4)] * len(fragments)
    return tuple(pose_on(one, template, start) for one, start in zip(fragments, given, strict=True))


def _pose(matrix: Float64Array, points: Float64Array, template: vtkPolyData, count: int) -> FragmentPose:
    moved = transformed(points, matrix)
    gaps = np.sort(distances_mm(moved, template))[:count]
    cosine = np.clip((np.trace(matrix[:3, :3]) - 1) / 2, -1, 1)
    return FragmentPose(
        matrix,
        float(np.linalg.norm(moved.mean(axis=0) - points.mean(axis=0))),
        float(np.degrees(np.arccos(cosine))),
        float(np.sqrt((gaps**2).mean())),
        float(np.percentile(gaps, 95)),
    )


def _sampled(surface: vtkPolyData) -> tuple[Float64Array, Float64Array]:
    """Return places spread over a surface by area, and its normals there: (N, 3) each."""
    corners = points_of(surface)[triangles_of(surface)]
    if len(corners) == 0:
        return np.zeros((0, 3)), np.zeros((0, 3))
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normals, axis=1)
    rng = np.random.default_rng(0)
    face = rng.choice(len(area), SAMPLES, p=area / area.sum())
    u, v = np.sqrt(rng.random(SAMPLES)), rng.random(SAMPLES)
    weights = np.stack([1 - u, u * (1 - v), u * v], -1)
    places = np.einsum("nk,nki->ni", weights, corners[face])
    return places, normals[face] / area[face][:, None]


def _plane_step(points: Float64Array, target: Float64Array, normals: Float64Array) -> Float64Array:
    """Return the small movement (4, 4) that brings points onto the tangent planes, least squares."""
    middle = points.mean(axis=0)
    rows = np.hstack([np.cross(points - middle, normals), normals])
    wanted = ((target - points) * normals).sum(axis=1)
    # A little weight on not moving keeps what the planes leave free, such as the turn of a ball, as it is.
    damped = rows.T @ rows + 1e-6 * len(points) * np.eye(6)
    turn, shift = np.split(np.linalg.solve(damped, rows.T @ wanted), 2)
    matrix = np.eye(4)
    angle = float(np.linalg.norm(turn))
    matrix[:3, :3] = turn_about(turn / max(angle, 1e-12), angle)
    matrix[:3, 3] = middle + shift - matrix[:3, :3] @ middle
    return matrix


def relative_pose(pose: FragmentPose, back: Float64Array, middle_ras: Float64Array) -> FragmentPose:
    """Return a pose as seen from a bone that was moved by the inverse of `back` (4, 4), its residual kept.

    `middle_ras` is the middle of the fragment as it lies, (3,) RAS mm.
    """
    matrix = back @ pose.to_place
    cosine = np.clip((np.trace(matrix[:3, :3]) - 1) / 2, -1, 1)
    return FragmentPose(
        matrix,
        float(np.linalg.norm(transformed(middle_ras, matrix) - middle_ras)),
        float(np.degrees(np.arccos(cosine))),
        pose.residual_mm,
        pose.residual_p95_mm,
    )

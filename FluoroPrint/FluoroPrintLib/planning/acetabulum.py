"""The acetabulum of a pelvis: sphere of its joint surface, plane of its rim, seen from the femoral head.

Rays go out from the centre of the head to the bone. Where they first meet it lies the lunate surface, and
the fossa beside it, which the robust sphere leaves out. The rim is the bone that reaches furthest towards
the opening, azimuth by azimuth; the notch falls to the plane's trimming.
"""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .cup_angles import PelvicLandmarks, PelvisFrame
from .field import BoneField
from .sphere import Sphere, fitted_sphere

RADII_MM = (15.0, 40.0)
RAYS, START_RAYS, COARSE_RAYS = 4000, 600, 240
BESIDE_MM = 5.0
"""The search begins at the head and this far beside it, six ways: a round socket gives one sphere."""
FARTHEST_MM, STEP_MM, COARSE_STEP_MM = 45.0, 0.5, 1.5
CENTRINGS, START_CENTRINGS, CENTRED_MM = 5, 2, 0.1
AZIMUTHS, ELEVATION_STEP_DEG, HIGHEST_DEG = 72, 1.0, 125.0
RIM_TOLERANCE_MM = 3.0
TRIMMED_SHARE, RIM_ROUNDS = 0.25, 4
LEAST_SHARE_OF_RIM = 0.5
SEARCH_MM, SEARCH_STEP_MM = 32.0, 8.0
LEAST_SHARE_OF_RAYS = 0.12
HEAD_FROM_ASIS = (-0.14, -0.22, -0.30)
"""Lateral, anterior, superior in widths between the spines: A. L. Bell et al., Hum Mov Sci 1989; 8: 3."""


@dataclass(frozen=True)
class Acetabulum:
    """What was found of an acetabulum.

    Attributes
    ----------
    centre_ras : centre of the sphere, (3,) RAS mm
    radius_mm : of the sphere through the lunate surface
    rms_mm : of the distances of the surface to the sphere
    axis_ras : unit normal of the rim's plane, out of the opening
    rim_ras : (N, 3) places of the rim, those trimmed off left out
    rim_height_mm : from the centre to the rim's plane along the axis; below 0 the rim lies deeper
    rim_rms_mm : of the distances of the kept rim to its plane
    spread_mm : by how much the diameter varies with the place that the search begins at
    """

    centre_ras: Float64Array
    radius_mm: float
    rms_mm: float
    axis_ras: Float64Array
    rim_ras: Float64Array
    rim_height_mm: float
    rim_rms_mm: float
    spread_mm: float


def find_acetabulum(field: BoneField, head_ras: Float64Array) -> Acetabulum:
    """Return the acetabulum about a femoral head.

    Parameters
    ----------
    field : the pelvis without the femur
    head_ras : (3,) a place near the centre of the head, RAS mm; some 10 mm off is near enough

    Raises
    ------
    FluoroPrintError
        The place lies in bone, or no socket opens about it.
    """
    starts = _spheres_beside(field, np.asarray(head_ras, float))
    best = max(starts, key=lambda found: int(found.is_on.sum()))
    sphere, hits = _sphere_about(field, best.centre, RAYS)
    diameters = [2 * found.radius_mm for found in starts]
    inward = hits[sphere.is_on] - sphere.centre
    bottom = inward.mean(axis=0)
    if np.linalg.norm(bottom) < 1e-6:
        raise FluoroPrintError("Bone surrounds the head on all sides: give the pelvis without the femur.")
    axis = -bottom / np.linalg.norm(bottom)
    for _ in range(RIM_ROUNDS):
        rim = _rim_about(field, sphere, axis)
        kept, axis = _trimmed_plane(rim, axis)
    heights = (kept - sphere.centre) @ axis
    return Acetabulum(
        sphere.centre,
        sphere.radius_mm,
        sphere.rms_mm,
        axis,
        kept,
        float(heights.mean()),
        float(heights.std()),
        max(diameters) - min(diameters),
    )


def head_from_landmarks(landmarks: PelvicLandmarks, frame: PelvisFrame, side: str) -> Float64Array:
    """Return where the centre of the head may be expected, (3,) RAS mm, by the width of the pelvis."""
    spine = landmarks.asis_right if side == "right" else landmarks.asis_left
    expected: Float64Array = np.asarray(spine) + np.array(HEAD_FROM_ASIS) * frame.width_mm @ frame.hip_axes(
        side
    )
    return expected


def find_head(field: BoneField, expected_ras: Float64Array) -> Float64Array:
    """Return the centre of the roundest socket within some 30 mm of where the head is expected.

    Raises
    ------
    FluoroPrintError
        There is none.
    """
    steps = np.arange(-SEARCH_MM, SEARCH_MM + 1, SEARCH_STEP_MM)
    moves = np.array(list(itertools.product(steps, steps, steps)))
    places = expected_ras + moves[np.linalg.norm(moves, axis=1) <= SEARCH_MM]
    free = places[field.at(places) < -RADII_MM[0] / 2]
    found = [(_roundness(field, place), index) for index, place in enumerate(free)]
    share, best = max(found, default=(0.0, 0))
    if share < LEAST_SHARE_OF_RAYS:
        raise FluoroPrintError(
            "No socket of a hip was found by the landmarks: give the centre of the femoral head."
        )
    head: Float64Array = free[best]
    return head


def directions_of_sphere(count: int) -> Float64Array:
    """Return unit vectors spread evenly over the sphere, (count, 3), by the golden angle."""
    index = np.arange(count) + 0.5
    z, azimuth = 1 - 2 * index / count, np.pi * (1 + 5**0.5) * index
    flat = np.sqrt(1 - z**2)
    return np.column_stack([flat * np.cos(azimuth), flat * np.sin(azimuth), z])


def axes_about(axis: Float64Array) -> Float64Array:
    """Return two unit vectors at right angles to a unit axis and each other, (2, 3)."""
    first = np.cross(axis, np.eye(3)[int(np.abs(axis).argmin())])
    first /= np.linalg.norm(first)
    return np.array([first, np.cross(axis, first)])


def first_bone_mm(
    field: BoneField,
    origin_ras: Float64Array,
    directions: Float64Array,
    from_mm: float = 0.0,
    to_mm: float = FARTHEST_MM,
    step_mm: float = STEP_MM,
) -> Float64Array:
    """Return how far along directions (N, 3) bone begins, (N,) in mm; NaN where none is met.

    Bone at `from_mm` already is no beginning of bone, and counts as met there.
    """
    along = np.arange(from_mm, to_mm + step_mm, step_mm)
    depth = field.at(origin_ras + directions[:, None] * along[:, None])
    within = depth > 0
    index = within.argmax(axis=1)
    rows, before = np.arange(len(directions)), np.maximum(index - 1, 0)
    low, high = depth[rows, before], depth[rows, index]
    share = np.where(index > 0, -low / np.maximum(high - low, 1e-9), 0.0)
    return np.where(within.any(axis=1), along[before] + share * step_mm * (index > 0), np.nan)


def _spheres_beside(field: BoneField, head: Float64Array) -> list[Sphere]:
    """Return the spheres found from the head, which must give one, and from beside it, which may."""
    found = [_sphere_about(field, head, START_RAYS)[0]]
    for move in BESIDE_MM * np.vstack([np.eye(3), -np.eye(3)]):
        with suppress(FluoroPrintError):
            found.append(_sphere_about(field, head + move, START_RAYS)[0])
    return found


def _sphere_about(field: BoneField, centre: Float64Array, count: int) -> tuple[Sphere, Float64Array]:
    """Return the sphere of the socket and the hits that it was fitted to, rays begun at its centre."""
    directions = directions_of_sphere(count)
    for _ in range(CENTRINGS if count == RAYS else START_CENTRINGS):
        if float(field.at(centre)) > 0:
            raise FluoroPrintError(
                "The centre of the femoral head lies in bone: give the pelvis without the femur, or move it."
            )
        away = first_bone_mm(field, centre, directions)
        met = np.isfinite(away)
        hits = centre + directions[met] * away[met, None]
        sphere = fitted_sphere(hits, RADII_MM)
        moved, centre = float(np.linalg.norm(sphere.centre - centre)), sphere.centre
        if moved < CENTRED_MM:
            break
    if sphere.is_on.sum() < LEAST_SHARE_OF_RAYS * count:
        raise FluoroPrintError(
            "No socket opens about the centre of the femoral head: move it to the middle of the head."
        )
    return sphere, hits


def _rim_about(field: BoneField, sphere: Sphere, axis: Float64Array) -> Float64Array:
    """Return the highest places of the socket's wall, one for each azimuth that has any, (N, 3) RAS mm."""
    azimuths = np.arange(AZIMUTHS) * 2 * np.pi / AZIMUTHS
    elevations = np.radians(np.arange(20.0, HIGHEST_DEG, ELEVATION_STEP_DEG))
    around = np.column_stack([np.cos(azimuths), np.sin(azimuths)]) @ axes_about(axis)
    rays = np.sin(elevations)[None, :, None] * around[:, None] - np.cos(elevations)[None, :, None] * axis
    low, high = sphere.radius_mm - RIM_TOLERANCE_MM, sphere.radius_mm + RIM_TOLERANCE_MM
    away = first_bone_mm(field, sphere.centre, rays.reshape(-1, 3), low, high).reshape(rays.shape[:2])
    met = np.isfinite(away) & (away > low)
    highest = met.shape[1] - 1 - met[:, ::-1].argmax(axis=1)
    rows = np.flatnonzero(met.any(axis=1))
    if len(rows) < LEAST_SHARE_OF_RIM * AZIMUTHS:
        raise FluoroPrintError(
            "The socket has no rim about most of it: check the segmentation of the pelvis."
        )
    picked: Float64Array = sphere.centre + rays[rows, highest[rows]] * away[rows, highest[rows], None]
    return picked


def _trimmed_plane(rim: Float64Array, axis: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the rim without the quarter that lies farthest from its plane, and the plane's normal."""
    kept = rim
    for _ in range(RIM_ROUNDS):
        middle = kept.mean(axis=0)
        normal = np.linalg.svd(kept - middle)[2][2]
        off = np.abs((rim - middle) @ normal)
        kept = rim[off <= np.quantile(off, 1 - TRIMMED_SHARE) + 1e-9]
    return kept, normal * (1.0 if normal @ axis > 0 else -1.0)


def _roundness(field: BoneField, place: Float64Array) -> float:
    """Return the share of rays that meet bone at one distance, that of a femoral head, as most do."""
    away = first_bone_mm(field, place, directions_of_sphere(COARSE_RAYS), step_mm=COARSE_STEP_MM)
    within = away[(away >= RADII_MM[0]) & (away <= RADII_MM[1])]
    if len(within) == 0:
        return 0.0
    return float((np.abs(within[:, None] - within) < 2.0).sum(axis=1).max() / COARSE_RAYS)

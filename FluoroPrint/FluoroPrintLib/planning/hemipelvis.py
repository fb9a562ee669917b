"""Where a hemipelvis has its obturator foramen and its acetabulum, whatever the frame it comes in.

From places about the bone rays are cast all round. In the foramen bone is met all round in one plane, and
nothing on either side of it; in the middle of the acetabulum it is met at an even distance over half of the
sphere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import transformed
from .chords import even_directions
from .field import BoneField
from .pedicles import LEFT, RIGHT

PLACES_MM = 6.0
FREE_MM = (6.0, 32.0)
"""The middles of foramen and acetabulum lie this far from bone."""
RAYS, RAY_STEP_MM = 128, 2.0
FORAMEN_REACH_MM = 44.0
IN_PLANE, ASIDE_OF_PLANE = 0.15, 0.9
LEAST_RING, MOST_ASIDE = 0.88, 0.2
BALL_MM = (16.0, 34.0)
BALL_SPREAD_MM = 2.5
PUBIC_DEG = (25.0, 85.0)
RING_MM = 50.0


@dataclass(frozen=True)
class Hemipelvis:
    """The landmarks of half a pelvis.

    Attributes
    ----------
    foramen_ras, acetabulum_ras : middles of the obturator foramen and of the acetabulum, mm
    superior, lateral, anterior : unit vectors at right angles: from the foramen to the ilium, out of the
        acetabulum, to the pubis
    side : of the patient that it is from
    """

    foramen_ras: Float64Array
    acetabulum_ras: Float64Array
    superior: Float64Array
    lateral: Float64Array
    anterior: Float64Array
    side: str


def find_hemipelvis(field: BoneField) -> Hemipelvis:
    """Find the landmarks of the half of a pelvis that a field of bone holds.

    The side is told by the shape: of the two parts of the ring beside the acetabulum the pubic one is
    thinner than the ischium.

    Raises
    ------
    FluoroPrintError
        No obturator foramen or no acetabulum is found.
    """
    places, depths = _places(field)
    outside = (depths < -FREE_MM[0]) & (depths > -FREE_MM[1])
    about = places[outside]
    ways = even_directions(RAYS)
    met = _met(field, about, ways)
    foramen, normal = _foramen(about, met, ways)
    acetabulum, opening = _acetabulum(about, met, ways)
    ilium = places[depths > 0].mean(axis=0)
    superior = _unit(ilium - foramen)
    lateral = _unit(opening - (opening @ superior) * superior)
    forward = np.cross(superior, lateral)
    # Right, anterior, superior are right-handed: forward is anterior where lateral is right.
    to_acetabulum = _unit((acetabulum - foramen) - ((acetabulum - foramen) @ normal) * normal)
    beside = _unit(forward - (forward @ normal) * normal - (forward @ to_acetabulum) * to_acetabulum)
    thick = [_thickness(field, foramen, to_acetabulum, sign * beside) for sign in (1.0, -1.0)]
    sign, side = (1.0, RIGHT) if thick[0] < thick[1] else (-1.0, LEFT)
    return Hemipelvis(foramen, acetabulum, superior, lateral, sign * forward, side)


def _places(field: BoneField) -> tuple[Float64Array, Float64Array]:
    low = field.depth_mm.ijk_to_ras[:3, 3]
    matrix = field.depth_mm.ijk_to_ras
    corner = (matrix @ np.append(np.subtract(field.depth_mm.size_ijk, 1), 1.0))[:3]
    axes = [np.arange(min(a, b), max(a, b) + 0.1, PLACES_MM) for a, b in zip(low, corner, strict=True)]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    return places, field.at(places)


def _met(field: BoneField, places: Float64Array, ways: Float64Array) -> Float64Array:
    """Return how far from each place, (N, 3), each ray, (M, 3), meets bone: (N, M), infinite if nowhere."""
    bone = np.pad(field.depth_mm.array_kji > 0, 1)
    to_ijk = np.linalg.inv(field.depth_mm.ijk_to_ras)
    origins, steps = transformed(places, to_ijk), ways @ to_ijk[:3, :3].T
    most = np.array(bone.shape[::-1]) - 1
    met = np.full((len(places), len(ways)), np.inf)
    for distance in np.arange(RAY_STEP_MM, FORAMEN_REACH_MM + 0.1, RAY_STEP_MM)[::-1]:
        ijk = np.rint(origins[:, None] + distance * steps).astype(np.int32) + 1
        i, j, k = np.moveaxis(np.clip(ijk, 0, most), -1, 0)
        met[bone[k, j, i]] = distance
    return met


def _foramen(
    places: Float64Array, met: Float64Array, ways: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return the middle of the largest hole with bone all round in a plane, and the plane's normal."""
    normals = ways[: len(ways) // 2]
    cosines = np.abs(normals @ ways.T)
    within, aside = cosines < IN_PLANE, cosines > ASIDE_OF_PLANE
    hit = np.isfinite(met).astype(np.float64)
    ring = hit @ (within / within.sum(axis=1, keepdims=True)).T
    beside = hit @ (aside / aside.sum(axis=1, keepdims=True)).T
    holes = (ring >= LEAST_RING) & (beside <= MOST_ASIDE)
    if not holes.any():
        raise FluoroPrintError(
            "No obturator foramen is found: the bone must be half a pelvis, whole, in millimetres."
        )
    of_hole = holes.any(axis=1)
    best = int(np.where(holes, ring - beside, -np.inf).max(axis=1).argmax())
    near = of_hole & (np.linalg.norm(places - places[best], axis=1) < FORAMEN_REACH_MM / 2)
    normal = normals[int(np.where(holes[best], ring[best] - beside[best], -np.inf).argmax())]
    return places[near].mean(axis=0), normal


def _acetabulum(
    places: Float64Array, met: Float64Array, ways: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return the middle of the hollow half ball with the evenest wall, and the direction of its opening."""
    on_wall = (met >= BALL_MM[0]) & (met <= BALL_MM[1])
    count = np.maximum(on_wall.sum(axis=1), 1)
    distance = np.where(on_wall, met, 0.0)
    mean = distance.sum(axis=1) / count
    spread = np.sqrt(np.maximum((distance**2).sum(axis=1) / count - mean**2, 0.0))
    towards = on_wall.astype(np.float64) @ ways / count[:, None]
    even = np.exp(-0.5 * (spread / BALL_SPREAD_MM) ** 2)
    worth = count / len(ways) * even * np.linalg.norm(towards, axis=1)
    best = int(worth.argmax())
    if count[best] < len(ways) / 5:
        raise FluoroPrintError(
            "No acetabulum is found: the bone must be half a pelvis, whole, in millimetres."
        )
    weight = np.where(np.linalg.norm(places - places[best], axis=1) < 2 * PLACES_MM, worth, 0.0) ** 4
    return (weight[:, None] * places).sum(axis=0) / weight.sum(), -_unit(towards[best])


def _thickness(field: BoneField, foramen: Float64Array, ahead: Float64Array, beside: Float64Array) -> float:
    """Return the least of the greatest depths over the angles from the acetabulum to one side of the ring."""
    normal = np.cross(ahead, beside)
    angles = np.radians(np.arange(PUBIC_DEG[0], PUBIC_DEG[1] + 0.1, 5.0))
    outwards = np.cos(angles)[:, None] * ahead + np.sin(angles)[:, None] * beside
    far, off = np.arange(5.0, RING_MM + 0.1, 2.0), np.arange(-20.0, 20.1, 2.0)
    places = foramen + far[:, None, None] * outwards[:, None, None] + off[:, None] * normal[None, None, None]
    return float(field.at(places).max(axis=(1, 2)).mean())


def _unit(vector: Float64Array) -> Float64Array:
    scaled: Float64Array = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return scaled

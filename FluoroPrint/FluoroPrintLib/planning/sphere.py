"""The sphere through part of a surface, whatever else is among its points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError

PEEL_MM, LEAST_PEEL_MM = 1.5, 0.5
PEEL_SPREADS = 3.0
"""Points beyond so many standard deviations of the rest are peeled, within the two bounds."""
TO_DEVIATION = 1.4826
SOFT_MM = 0.5
"""Residuals count by their square below this, by their size above."""
TRIALS, SAMPLE, TRIAL_POINTS, ROUNDS = 300, 8, 800, 12
REFINED, NEAR_PEELS, WORST_CONDITION = 4, 2.0, 1e9
FEWEST_POINTS = 12


@dataclass(frozen=True)
class Sphere:
    """A sphere and what of the points lies on it.

    Attributes
    ----------
    centre : (3,) in the points' frame, mm
    radius_mm : its radius
    is_on : (N,) which points were kept
    rms_mm : of the distances of these
    """

    centre: Float64Array
    radius_mm: float
    is_on: BoolArray
    rms_mm: float


def fitted_sphere(points: Float64Array, radii_mm: tuple[float, float] = (5.0, 60.0)) -> Sphere:
    """Return the sphere that most of the points lie on.

    It begins with the best of many spheres through few points (M. A. Fischler, R. C. Bolles, Commun ACM
    1981; 24: 381), is refined by soft L1 least squares of the distances, and points beyond three deviations
    (0.5 to 1.5 mm) are peeled off and the rest fitted again until they stay the same. The same points give
    the same sphere.

    Parameters
    ----------
    points : (N, 3) in mm; a part of the sphere is enough
    radii_mm : least and greatest radius looked for

    Raises
    ------
    FluoroPrintError
        There are too few points, or no sphere of such a radius goes through them.
    """
    found = _best_of_trials(points, radii_mm) if len(points) >= FEWEST_POINTS else None
    if found is None:
        raise FluoroPrintError(
            f"No sphere of {radii_mm[0]:g} to {radii_mm[1]:g} mm radius goes through the points "
            f"({len(points)} of them)."
        )
    kept = _is_near(points, found)
    for _ in range(ROUNDS):
        found = _refined(points[kept], found)
        again = _is_near(points, found, _peel_mm(points[kept], found))
        if (again == kept).all() or again.sum() < FEWEST_POINTS:
            break
        kept = again
    rms = float(np.sqrt(np.mean(_distances(points[kept], found) ** 2)))
    return Sphere(found[:3], float(found[3]), kept, rms)


def _best_of_trials(points: Float64Array, radii_mm: tuple[float, float]) -> Float64Array | None:
    """Return centre and radius (4,) of the sphere through some points that most of all points are near.

    The best few trials are fitted to all that lies about them first: noise turns a small sample's sphere.
    """
    chance = np.random.default_rng(0)
    some = points[chance.permutation(len(points))[:TRIAL_POINTS]]
    spheres = _spheres_through(some[chance.integers(len(some), size=(TRIALS, SAMPLE))])
    spheres = spheres[(spheres[:, 3] >= radii_mm[0]) & (spheres[:, 3] <= radii_mm[1])]
    if len(spheres) == 0:
        return None
    order = np.argsort([-_is_near(some, sphere).sum() for sphere in spheres], kind="stable")
    refined = [_settled(some, sphere) for sphere in spheres[order[:REFINED]]]
    within = [sphere for sphere in refined if radii_mm[0] <= sphere[3] <= radii_mm[1]]
    best = max(within, key=lambda sphere: int(_is_near(some, sphere).sum()), default=None)
    return None if best is None or _is_near(some, best).sum() < FEWEST_POINTS else best


def _spheres_through(samples: Float64Array) -> Float64Array:
    """Return centre and radius of spheres by algebraic least squares, (T, 4), of samples (T, S, 3)."""
    middle = samples.mean(axis=1, keepdims=True)
    own = samples - middle
    rows = np.concatenate([2 * own, np.ones((*own.shape[:2], 1))], axis=-1)
    normal = np.swapaxes(rows, 1, 2) @ rows
    right = np.swapaxes(rows, 1, 2) @ (own**2).sum(axis=-1, keepdims=True)
    sound = np.linalg.cond(normal) < WORST_CONDITION
    solved = np.linalg.solve(normal[sound], right[sound])[..., 0]
    radii = np.sqrt(np.maximum(solved[:, 3] + (solved[:, :3] ** 2).sum(axis=-1), 0.0))
    return np.column_stack([solved[:, :3] + middle[sound, 0], radii])


def _settled(points: Float64Array, sphere: Float64Array) -> Float64Array:
    """Return a sphere fitted to what lies near it, twice."""
    for _ in range(2):
        near = _is_near(points, sphere, NEAR_PEELS * PEEL_MM)
        if near.sum() < FEWEST_POINTS:
            break
        sphere = _refined(points[near], sphere)
    return sphere


def _refined(points: Float64Array, start: Float64Array) -> Float64Array:
    result: Float64Array = least_squares(
        lambda sphere: _distances(points, sphere), start, _slopes(points), loss="soft_l1", f_scale=SOFT_MM
    ).x
    return result


def _slopes(points: Float64Array) -> Callable[[Float64Array], Float64Array]:
    def slopes(sphere: Float64Array) -> Float64Array:
        away = sphere[:3] - points
        lengths = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
        return np.hstack([away / lengths, -np.ones((len(points), 1))])

    return slopes


def _distances(points: Float64Array, sphere: Float64Array) -> Float64Array:
    distances: Float64Array = np.linalg.norm(points - sphere[:3], axis=1) - sphere[3]
    return distances


def _peel_mm(points: Float64Array, sphere: Float64Array) -> float:
    spread = TO_DEVIATION * float(np.median(np.abs(_distances(points, sphere))))
    return float(np.clip(PEEL_SPREADS * spread, LEAST_PEEL_MM, PEEL_MM))


def _is_near(points: Float64Array, sphere: Float64Array, within_mm: float = PEEL_MM) -> BoolArray:
    near: BoolArray = np.abs(_distances(points, sphere)) <= within_mm
    return near

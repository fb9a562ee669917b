"""Rays across a vessel, from its middle to its wall."""

from __future__ import annotations

import numpy as np

from ..arrays import Float64Array
from .field import BoneField

RAYS = 72
FINE = 0.25
"""Samples of a ray lie this share of a voxel apart."""
BRANCH = 1.6
"""A ray longer than this many times the median of its section leads into a branch: it is cut off there."""
REACH = 4.0
LEAST_REACH_MM = 6.0


def wall_distances(lumen: BoneField, places_ras: Float64Array, rays_ras: Float64Array) -> Float64Array:
    """Return how far the wall is from the middle along rays, (N, R) in mm.

    Parameters
    ----------
    lumen : field of the lumen: above 0 inside
    places_ras : (N, 3) in the lumen, RAS mm
    rays_ras : (N, R, 3) unit vectors (`rays_across`)
    """
    reach = max(REACH * float(lumen.at(places_ras).max()), LEAST_REACH_MM)
    steps = np.arange(0.0, reach, FINE * lumen.step_mm)
    found = np.stack(
        [_first_outside(lumen, place, ray, steps) for place, ray in zip(places_ras, rays_ras, strict=True)]
    )
    cut: Float64Array = np.minimum(found, BRANCH * np.median(found, axis=1, keepdims=True))
    return cut


def rays_across(tangents_ras: Float64Array, count: int = RAYS) -> Float64Array:
    """Return unit vectors at right angles to tangents (N, 3), evenly all round: (N, count, 3)."""
    first, second = across_frames(tangents_ras)
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)[:, None]
    rays: Float64Array = np.cos(angles) * first[:, None] + np.sin(angles) * second[:, None]
    return rays


def across_frames(tangents_ras: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return two unit vectors across each tangent, (N, 3) each."""
    helper = np.eye(3)[np.abs(tangents_ras).argmin(axis=1)]
    first = np.cross(tangents_ras, helper)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return first, np.cross(tangents_ras, first)


def _first_outside(
    lumen: BoneField, place: Float64Array, rays: Float64Array, steps: Float64Array
) -> Float64Array:
    """Return where each ray (RAYS, 3) first leaves the lumen, between two samples."""
    depth = lumen.at(place + rays[:, None] * steps[None, :, None])
    outside = depth <= 0
    at = np.where(outside.any(1), outside.argmax(1), len(steps) - 1)
    before = np.maximum(at - 1, 0)
    row = np.arange(len(rays))
    inner, outer = np.maximum(depth[row, before], 0.0), np.minimum(depth[row, at], 0.0)
    share = inner / np.maximum(inner - outer, 1e-9)
    found: Float64Array = steps[before] + np.where(at > before, share, 0.0) * (steps[at] - steps[before])
    return found

"""Weights of a circular cone-beam scan: cosine, short scan, depth."""

from __future__ import annotations

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..geometry.orbit import Orbit, fan_angles_deg
from ..geometry.sweep import SweepGeometry, focal_lengths

SMALLEST_EXCESS = 0.02  # radians over which the ends of too short an arc fade


def short_scan_weights(geometry: SweepGeometry, orbit: Orbit, padding: int = 0) -> Float64Array:
    """Return the share of each ray among the views that see it.

    Parker's weights (Med. Phys. 9(2), 1982) with the excess of the arc over 180 degrees taken as the
    fan, so that every view of an arc up to 360 degrees is used (Silver, Med. Phys. 27(4), 2000). The
    weights of a ray and its opposite sum up to 1. A full turn has 1/2 throughout.

    Returns
    -------
    (N, columns + 2 padding) in 0 to 1; `padding` columns are added on either side
    """
    if orbit.is_full_turn:
        return np.full((geometry.count, geometry.columns + 2 * padding), 0.5)
    half_step = (orbit.arc_deg - np.ptp(orbit.angles_deg)) / 2
    turned = np.radians(orbit.angles_deg - orbit.angles_deg.min() + half_step)[:, None]
    return parker_silver(
        turned, np.radians(fan_angles_deg(geometry, orbit, padding)), np.radians(orbit.arc_deg)
    )


def parker_silver(turned: Float64Array, fan: Float64Array, arc: float) -> Float64Array:
    """Return the short-scan weight of rays.

    Parameters
    ----------
    turned : source angle from the start of the arc, radians, 0 to `arc`
    fan : angle of the ray from the line to the axis, positive in the sense of turning, radians
    arc : length of the arc in radians, from pi plus the fan to 2 pi; under that the ends alone fade

    Returns
    -------
    Weights of the broadcast shape. The ray (t, g) is seen again as (t + pi + 2 g, -g).
    """
    excess = max((arc - np.pi) / 2, SMALLEST_EXCESS)
    fan = np.clip(fan, -0.999 * excess, 0.999 * excess)
    rise = np.sin(np.pi / 4 * np.clip(turned / (excess - fan), 0, 2)) ** 2
    fall = np.sin(np.pi / 4 * np.clip((arc - turned) / (excess + fan), 0, 2)) ** 2
    weights: Float64Array = np.minimum(rise, fall)
    return weights


def cosine_weights(geometry: SweepGeometry, view: int, padding: int = 0) -> Float32Array:
    """Return the cosine of each ray of a view against the panel's normal: (rows, columns + 2 padding)."""
    along_columns, along_rows, principal = (part[view] for part in focal_lengths(geometry))
    x = (np.arange(-padding, geometry.columns + padding) - principal[0]) / along_columns
    y = (np.arange(geometry.rows) - principal[1]) / along_rows
    square = (1 + x**2).astype(np.float32) + (y[:, None] ** 2).astype(np.float32)
    cosine: Float32Array = 1 / np.sqrt(square)
    return cosine

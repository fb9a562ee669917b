"""The path of the source about the patient: axis, radius, angles, arc and field of view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .sweep import SweepGeometry

FULL_TURN_DEG = 360.0
ARC_TOLERANCE_DEG = 1.5
"""An arc this much shorter than needed still makes a volume; headers round their angles."""


@dataclass(frozen=True)
class Orbit:
    """A circle fitted to the source positions.

    Attributes
    ----------
    axis_ras : (3,) unit vector; the source turns about it in the positive sense
    centre_ras : (3,) centre of the circle in RAS mm
    radius_mm : mean distance of the source from the axis
    angles_deg : (N,) angle of each source about the axis, unwrapped; the first is 0
    flex_mm : largest distance of a source from the circle
    """

    axis_ras: Float64Array
    centre_ras: Float64Array
    radius_mm: float
    angles_deg: Float64Array
    flex_mm: float

    @property
    def arc_deg(self) -> float:
        """Angle between the first and the last source along the path, plus one step."""
        span = float(np.ptp(self.angles_deg))
        return span + span / (len(self.angles_deg) - 1)

    @property
    def steps_deg(self) -> Float64Array:
        """Share of the path that each view stands for: (N,) degrees.

        The shares sum up to the arc; those of a full turn to 360, also if its last view repeats the first.
        """
        turned = self.angles_deg % FULL_TURN_DEG if self.is_full_turn else self.angles_deg
        order = np.argsort(turned)
        turned = turned[order]
        steps = np.empty_like(turned)
        if self.is_full_turn:
            around = np.concatenate([turned[-1:] - FULL_TURN_DEG, turned, turned[:1] + FULL_TURN_DEG])
            steps[order] = (around[2:] - around[:-2]) / 2
            return steps
        middles = (turned[1:] + turned[:-1]) / 2
        half = (self.arc_deg - np.ptp(turned)) / 2
        edges = np.concatenate([[turned[0] - half], middles, [turned[-1] + half]])
        steps[order] = np.diff(edges)
        return steps

    @property
    def is_full_turn(self) -> bool:
        """Whether the path closes to a full turn."""
        step = np.ptp(self.angles_deg) / (len(self.angles_deg) - 1)
        return bool(abs(self.arc_deg - FULL_TURN_DEG) < 1.5 * step)


def fit_orbit(geometry: SweepGeometry) -> Orbit:
    """Fit a circle to the source positions of a sweep (plane by SVD, then algebraic circle fit).

    Raises
    ------
    FluoroPrintError
        There are fewer than three frames, or the source does not move on an arc.
    """
    if geometry.count < 3:
        raise FluoroPrintError(
            f"The sweep has {geometry.count} frame{'s' * (geometry.count != 1)}: a reconstruction needs "
            "a run of views about the patient; choose the rotational run."
        )
    sources = geometry.sources_ras
    middle = sources.mean(0)
    _, extent, directions = np.linalg.svd(sources - middle, full_matrices=False)
    if extent[1] < 1e-3 * max(extent[0], 1.0):
        raise FluoroPrintError(
            "The source does not turn about the patient (all frames have the same angle or lie on a line): "
            "the angles are missing; supply them with a geometry file or as start angle and arc."
        )
    flat = (sources - middle) @ directions[:2].T
    centre, radius = _fit_circle(flat)
    axis = np.cross(directions[0], directions[1])
    angles = np.unwrap(np.arctan2(*(flat - centre).T[::-1]))
    if angles[-1] < angles[0]:
        axis, angles = -axis, -angles
    flex = np.hypot(
        np.linalg.norm(flat - centre, axis=1) - radius, (sources - middle) @ np.cross(*directions[:2])
    )
    return Orbit(
        axis, middle + centre @ directions[:2], radius, np.degrees(angles - angles[0]), float(flex.max())
    )


def _fit_circle(points: Float64Array) -> tuple[Float64Array, float]:
    """Return centre (2,) and radius of the circle through points (N, 2) (Kasa's algebraic fit)."""
    system = np.column_stack([2 * points, np.ones(len(points))])
    a, b, c = np.linalg.lstsq(system, (points**2).sum(1), rcond=None)[0]
    return np.array([a, b]), float(np.sqrt(c + a * a + b * b))


def fan_angles_deg(geometry: SweepGeometry, orbit: Orbit, padding: int = 0) -> Float64Array:
    """Return the angle of each pixel column's ray in the plane of the orbit.

    The ray of the middle row stands for its column. Measured from the line source to centre, positive
    in the sense in which the source turns.

    Returns
    -------
    (N, columns + 2 padding) degrees; `padding` columns are added on either side
    """
    middle_row = (geometry.rows - 1) / 2
    columns = np.arange(-padding, geometry.columns + padding)
    pixels = np.stack([columns, np.full(columns.shape, middle_row), np.ones(columns.shape)])
    rays = np.moveaxis(np.linalg.inv(geometry.ras_to_pixel[:, :, :3]) @ pixels, 1, -1)
    inward = orbit.centre_ras - geometry.sources_ras
    inward -= (inward @ orbit.axis_ras)[:, None] * orbit.axis_ras
    inward /= np.linalg.norm(inward, axis=1, keepdims=True)
    sideways = np.cross(orbit.axis_ras, inward)
    fan: Float64Array = np.degrees(
        np.arctan2((rays * sideways[:, None]).sum(-1), (rays * inward[:, None]).sum(-1))
    )
    return fan


def half_fan_deg(geometry: SweepGeometry, orbit: Orbit) -> float:
    """Return the half fan angle that a short scan has to allow for: the widest side of the median view."""
    fan = fan_angles_deg(geometry, orbit)
    return float(max(np.median(fan.max(1)), np.median(-fan.min(1))))


def needed_arc_deg(geometry: SweepGeometry, orbit: Orbit) -> float:
    """Return the arc that determines a volume: 180 degrees plus the fan."""
    return 180.0 + 2 * half_fan_deg(geometry, orbit)


def is_short(geometry: SweepGeometry, orbit: Orbit) -> bool:
    """Tell whether the arc is too short to determine a volume."""
    return orbit.arc_deg < needed_arc_deg(geometry, orbit) - ARC_TOLERANCE_DEG

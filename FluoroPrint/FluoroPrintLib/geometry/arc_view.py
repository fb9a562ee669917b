"""The path of the source as one sees it along its axis of rotation: what a picture of the run shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from .diagnosis import UNEVEN_STEPS, Diagnosis
from .orbit import ARC_TOLERANCE_DEG, Orbit
from .poses import c_arm_axes_ras
from .sweep import SweepGeometry

SIDES = ("LPF", "RAH")
"""Letters of the patient's sides at the negative and the positive ends of x, y, z in RAS."""
_FEET_TO_HEAD = np.array([0.0, 0.0, 1.0])
_TO_THE_FRONT = np.array([0.0, 1.0, 0.0])
_SQUARE_TO_BODY = 0.5


@dataclass(frozen=True)
class ArcView:
    """A run seen along its axis of rotation; lengths are shares of the source's distance from the axis.

    Attributes
    ----------
    is_from_feet : whether that is from the patient's feet, the front of the body up
    sides : the patient's sides at the left, right, top and bottom of the view, a letter each
    sources : (N, 2) to the right and up, of each frame in turn
    panels : (N, 2, 2) the ends of the panel's middle row; None where the panel's place is not known
    angles_deg : (N,) of the source about the axis, anticlockwise from the right, unwrapped
    gaps : indices of frames after which the step is too large
    missing_deg : how much of the needed arc is not there; 0 where nothing is, or where that is not known
    field_radius : of what all frames see; None where that is not known
    """

    is_from_feet: bool
    sides: tuple[str, str, str, str]
    sources: Float64Array
    panels: Float64Array | None
    angles_deg: Float64Array
    gaps: tuple[int, ...] = ()
    missing_deg: float = 0.0
    field_radius: float | None = None

    @property
    def is_anticlockwise(self) -> bool:
        """Whether the source goes round anticlockwise."""
        return bool(self.angles_deg[-1] > self.angles_deg[0])


def arc_view(diagnosis: Diagnosis) -> ArcView | None:
    """Return the view of a run; None where neither its geometry nor its angles are known.

    Where only angles are known, the source is shown on a circle at them.
    """
    if diagnosis.geometry is not None and diagnosis.orbit is not None:
        return _of_orbit(diagnosis, diagnosis.geometry, diagnosis.orbit)
    if diagnosis.primary_deg is None or len(diagnosis.primary_deg) < 2:
        return None
    primary = np.asarray(diagnosis.primary_deg, float)
    sources = -c_arm_axes_ras(primary, np.zeros_like(primary))[:, 2]
    right, up = _axes_of_view(_FEET_TO_HEAD)
    flat = np.stack([sources @ right, sources @ up], -1)
    return ArcView(True, _sides(right, up), flat, None, _turned(flat), _gaps(primary))


def _of_orbit(diagnosis: Diagnosis, geometry: SweepGeometry, orbit: Orbit) -> ArcView:
    is_from_feet = abs(orbit.axis_ras[2]) > _SQUARE_TO_BODY
    looking = orbit.axis_ras * (-1.0 if orbit.axis_ras[2] < 0 else 1.0)
    axes = np.stack(_axes_of_view(looking), -1)

    def seen(points: Float64Array) -> Float64Array:
        flat: Float64Array = (points - orbit.centre_ras) @ axes / orbit.radius_mm
        return flat

    sources = seen(geometry.sources_ras)
    panels = panel_ends_ras(geometry)
    missing = (diagnosis.needed_arc_deg or 0.0) - (diagnosis.arc_deg or 0.0)
    radius = diagnosis.field_radius_mm
    return ArcView(
        is_from_feet,
        _sides(axes[:, 0], axes[:, 1]),
        sources,
        None if panels is None else seen(panels),
        _turned(sources),
        _gaps(orbit.angles_deg),
        missing if missing > ARC_TOLERANCE_DEG else 0.0,
        None if radius is None else radius / orbit.radius_mm,
    )


def panel_ends_ras(geometry: SweepGeometry) -> Float64Array | None:
    """Return the two ends of the panel's middle row for each frame: (N, 2, 3) in RAS mm; None without SID."""
    if geometry.sid_mm is None:
        return None
    row = (geometry.rows - 1) / 2
    pixels = np.array([[-0.5, row, 1.0], [geometry.columns - 0.5, row, 1.0]]) * geometry.sid_mm
    rays = np.einsum("nij,ej->nei", np.linalg.inv(geometry.ras_to_pixel[:, :, :3]), pixels)
    ends: Float64Array = geometry.sources_ras[:, None] + rays
    return ends


def _axes_of_view(looking: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the unit vectors in RAS that point right and up for one who looks along `looking`."""
    towards = _TO_THE_FRONT if abs(looking @ _TO_THE_FRONT) < np.sqrt(0.5) else _FEET_TO_HEAD
    up = towards - (towards @ looking) * looking
    up /= np.linalg.norm(up)
    return np.cross(looking, up), up


def _sides(right: Float64Array, up: Float64Array) -> tuple[str, str, str, str]:
    return _letter(-right), _letter(right), _letter(up), _letter(-up)


def _letter(direction: Float64Array) -> str:
    """Return the side that a direction in RAS points to most."""
    axis = int(np.argmax(np.abs(direction)))
    return SIDES[int(direction[axis] > 0)][axis]


def _turned(flat: Float64Array) -> Float64Array:
    angles: Float64Array = np.degrees(np.unwrap(np.arctan2(flat[:, 1], flat[:, 0])))
    return angles


def _gaps(angles_deg: Float64Array) -> tuple[int, ...]:
    steps = np.abs(np.diff(angles_deg))
    return tuple(int(n) for n in np.nonzero(steps > UNEVEN_STEPS * np.median(steps))[0])

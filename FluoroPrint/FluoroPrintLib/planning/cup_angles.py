"""The three pairs of angles of a cup, and the frame of the pelvis that they are measured in.

Radiographic, operative and anatomic inclination and anteversion after D. W. Murray, "The definition and
measurement of acetabular orientation", J Bone Joint Surg Br 1993; 75: 228. All are of one axis, which points
out of the cup's opening, as seen in the axes of a hip: x lateral, y anterior, z superior. Angles are degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import AnyArray, BoolArray, Float64Array
from ..errors import FluoroPrintError
from .plan import Place

LEFT, RIGHT = "left", "right"
SAFE_INCLINATION_DEG, SAFE_ANTEVERSION_DEG = (30.0, 50.0), (5.0, 25.0)
"""The zone of G. E. Lewinnek et al., J Bone Joint Surg Am 1978; 60: 217; disputed, shown and not enforced."""
NEAREST_LANDMARKS_MM = 10.0


@dataclass(frozen=True)
class PelvicLandmarks:
    """What the anterior pelvic plane goes through, RAS mm.

    Attributes
    ----------
    asis_left, asis_right : anterior superior iliac spines
    tubercle_left, tubercle_right : pubic tubercles
    """

    asis_left: Place
    asis_right: Place
    tubercle_left: Place
    tubercle_right: Place


@dataclass(frozen=True)
class PelvisFrame:
    """Axes of a pelvis.

    Attributes
    ----------
    origin_ras : mid between the anterior superior iliac spines, (3,) in RAS mm
    axes_ras : (3, 3), rows to the patient's right, anterior and superior, unit vectors
    width_mm : distance between the spines
    """

    origin_ras: Float64Array
    axes_ras: Float64Array
    width_mm: float

    def hip_axes(self, side: str) -> Float64Array:
        """Return the axes of a hip as rows: lateral, anterior, superior; left-handed on the left side."""
        lateral = 1.0 if _side(side) == RIGHT else -1.0
        axes: Float64Array = self.axes_ras * np.array([[lateral], [1.0], [1.0]])
        return axes


def pelvis_frame(landmarks: PelvicLandmarks, tilt_deg: float = 0.0) -> PelvisFrame:
    """Return the frame of the anterior pelvic plane, through both spines and the mid of the tubercles.

    Parameters
    ----------
    landmarks : the four of them
    tilt_deg : for angles of another posture than the plane's own: how far the plane leans forward there, its
        spines in front of its tubercles; the frame is that of the posture

    Raises
    ------
    FluoroPrintError
        Landmarks fall together, or left and right are swapped.
    """
    left, right = np.asarray(landmarks.asis_left, float), np.asarray(landmarks.asis_right, float)
    tubercles = np.array([landmarks.tubercle_left, landmarks.tubercle_right], float)
    middle, width = (left + right) / 2, float(np.linalg.norm(right - left))
    to_right = (right - left) / max(width, 1e-9)
    upward = middle - tubercles.mean(axis=0)
    upward -= upward @ to_right * to_right
    if min(width, float(np.linalg.norm(upward))) < NEAREST_LANDMARKS_MM:
        raise FluoroPrintError(
            "The landmarks of the pelvis lie on one line: check both spines and both tubercles."
        )
    if to_right[0] <= 0 or (tubercles[1] - tubercles[0]) @ to_right <= 0:
        raise FluoroPrintError(
            "Left and right landmarks of the pelvis are swapped: R must grow to the right."
        )
    superior = upward / np.linalg.norm(upward)
    anterior = np.cross(superior, to_right)
    c, s = np.cos(np.radians(tilt_deg)), np.sin(np.radians(tilt_deg))
    axes = np.array([to_right, c * anterior + s * superior, c * superior - s * anterior])
    return PelvisFrame(middle, axes, width)


def tilt_in_scan_deg(frame: PelvisFrame) -> float:
    """Return how far the plane leans forward as the patient lies in the scan; RAS axes are the table's."""
    _, anterior, superior = frame.axes_ras[2]
    return float(np.degrees(np.arctan2(anterior, superior)))


def in_hip(axis_ras: AnyArray, frame: PelvisFrame, side: str) -> Float64Array:
    """Return axes (..., 3) as the hip's axes see them: lateral, anterior, superior."""
    seen: Float64Array = np.asarray(axis_ras, float) @ frame.hip_axes(side).T
    return seen


def out_of_hip(axis: AnyArray, frame: PelvisFrame, side: str) -> Float64Array:
    """Return axes (..., 3) in a hip's axes as RAS directions."""
    turned: Float64Array = np.asarray(axis, float) @ frame.hip_axes(side)
    return turned


def radiographic_of(axis: Any) -> Float64Array:
    """Return radiographic inclination and anteversion, (..., 2) in degrees, of axes (..., 3) in a hip."""
    x, y, z = _parts(axis)
    return _degrees(np.arctan2(x, -z), np.arctan2(y, np.hypot(x, z)))


def operative_of(axis: Any) -> Float64Array:
    """Return operative inclination and anteversion, (..., 2) in degrees, of axes (..., 3) in a hip."""
    x, y, z = _parts(axis)
    return _degrees(np.arctan2(x, np.hypot(y, z)), np.arctan2(y, -z))


def anatomic_of(axis: Any) -> Float64Array:
    """Return anatomic inclination and anteversion, (..., 2) in degrees, of axes (..., 3) in a hip."""
    x, y, z = _parts(axis)
    return _degrees(np.arctan2(np.hypot(x, y), -z), np.arctan2(y, x))


def axis_of_radiographic(angles_deg: Any) -> Float64Array:
    """Return the axes (..., 3) in a hip of radiographic inclination and anteversion (..., 2)."""
    inclination, version = _radians(angles_deg)
    flat = np.cos(version)
    return np.stack([flat * np.sin(inclination), np.sin(version), -flat * np.cos(inclination)], axis=-1)


def axis_of_operative(angles_deg: Any) -> Float64Array:
    """Return the axes (..., 3) in a hip of operative inclination and anteversion (..., 2)."""
    inclination, version = _radians(angles_deg)
    flat = np.cos(inclination)
    return np.stack([np.sin(inclination), flat * np.sin(version), -flat * np.cos(version)], axis=-1)


def axis_of_anatomic(angles_deg: Any) -> Float64Array:
    """Return the axes (..., 3) in a hip of anatomic inclination and anteversion (..., 2)."""
    inclination, version = _radians(angles_deg)
    flat = np.sin(inclination)
    return np.stack([flat * np.cos(version), flat * np.sin(version), -np.cos(inclination)], axis=-1)


def is_in_safe_zone(radiographic_deg: Any) -> BoolArray:
    """Say of radiographic angles (..., 2) whether they lie in Lewinnek's zone, borders included."""
    angles = np.asarray(radiographic_deg, float)
    low, high = np.array([SAFE_INCLINATION_DEG, SAFE_ANTEVERSION_DEG]).T
    within: BoolArray = ((angles >= low - 1e-9) & (angles <= high + 1e-9)).all(axis=-1)
    return within


def _side(side: str) -> str:
    if side not in (LEFT, RIGHT):
        raise FluoroPrintError(f"The side of the hip is {side or 'not given'}: give left or right.")
    return side


def _parts(axis: Any) -> tuple[Float64Array, Float64Array, Float64Array]:
    x, y, z = np.moveaxis(np.asarray(axis, np.float64), -1, 0)
    return x, y, z


def _degrees(inclination: Float64Array, version: Float64Array) -> Float64Array:
    return np.degrees(np.stack([inclination, version], axis=-1))


def _radians(angles_deg: Any) -> tuple[Float64Array, Float64Array]:
    inclination, version = np.moveaxis(np.radians(np.asarray(angles_deg, np.float64)), -1, 0)
    return inclination, version

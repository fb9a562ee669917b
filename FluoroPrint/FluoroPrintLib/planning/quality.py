"""Bone quality along a screw: the grey values in a shell about its thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume, transformed
from ..parameters import Bounds, Help, Parameters, Unit
from .field import BoneField, line_places
from .plan import Figure
from .screw import Screw

AROUND = 24
SOFT_MM = (-8.0, -3.0)
"""Soft tissue is read this far from the bone: past the blurred edge."""
NOT_CALIBRATED = (
    "Bone density is relative (0 soft tissue, 1 the median of this bone): "
    "grey values of a cone-beam volume are no HU without a calibration object."
)


@dataclass(frozen=True)
class QualityParameters(Parameters):
    """How bone quality is measured."""

    shell_mm: Annotated[float, Bounds(0.2, 10.0), Unit("mm"), Help("Thickness of the shell.")] = 1.5
    calibrated: Annotated[bool, Help("The volume's values are HU, of a CT or calibrated.")] = False
    cut_off: Annotated[
        float | None,
        Bounds(-1000.0, 3000.0),
        Help(
            "Bone below this is poor; 150 HU where calibrated, else 0.5 of this bone's median, if left out."
        ),
    ] = None

    @property
    def poor_below(self) -> float:
        """The cut-off in HU, or relative."""
        if self.cut_off is not None:
            return self.cut_off
        return 150.0 if self.calibrated else 0.5


@dataclass(frozen=True)
class Scale:
    """What takes grey values to what is reported: (value - zero) / one."""

    zero: float
    one: float
    unit: str


def scale_of(volume: Volume, field: BoneField, parameters: QualityParameters) -> Scale:
    """Return the scale of a volume: HU where it is calibrated, else between its soft tissue and its bone.

    Raises
    ------
    FluoroPrintError
        The bone is no brighter than what surrounds it.
    """
    if parameters.calibrated:
        return Scale(0.0, 1.0, "HU")
    depth = field.depth_mm.array_kji
    bone = _some_values(volume, field, depth > 0)
    soft = _some_values(volume, field, (depth > SOFT_MM[0]) & (depth < SOFT_MM[1]))
    if not len(bone) or not len(soft) or np.median(bone) <= np.median(soft):
        raise FluoroPrintError("The bone is no brighter than what surrounds it: is this its volume?")
    return Scale(float(np.median(soft)), float(np.median(bone) - np.median(soft)), "")


def _some_values(volume: Volume, field: BoneField, mask: BoolArray, most: int = 20000) -> Float64Array:
    """Return the volume's values at up to `most` voxels of a mask, evenly chosen."""
    chosen = np.argwhere(mask)
    places = transformed(chosen[:: max(len(chosen) // most, 1), ::-1], field.depth_mm.ijk_to_ras)
    values = values_at(volume, places)
    return values[np.isfinite(values)]


def values_at(volume: Volume, places_ras: Float64Array) -> Float64Array:
    """Return the volume's values at places, (..., 3) RAS mm to (...); NaN beyond it."""
    ijk = transformed(places_ras, np.linalg.inv(volume.ijk_to_ras)).reshape(-1, 3)
    found: Float64Array = ndimage.map_coordinates(
        volume.array_kji.astype(np.float32, copy=False), ijk[:, ::-1].T, order=1, mode="constant", cval=np.nan
    )
    return found.reshape(places_ras.shape[:-1]).astype(np.float64)


def shell_places(screw: Screw, shell_mm: float) -> Float64Array:
    """Return places in the shell about a screw, (N, 3): from the thread to `shell_mm` out, all round."""
    _, axis_places = line_places(screw.entry_ras, screw.tip_ras, 1.0)
    first, second = _across(screw.axis_ras)
    turn = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)[:, None]
    around = np.cos(turn) * first + np.sin(turn) * second
    radii = screw.diameter_mm / 2 + shell_mm * np.array([0.0, 0.5, 1.0])
    places: Float64Array = axis_places[:, None, None] + radii[None, :, None, None] * around
    return places.reshape(-1, 3)


def _across(axis: Float64Array) -> tuple[Float64Array, Float64Array]:
    first = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    first /= np.linalg.norm(first)
    return first, np.cross(axis, first)


def quality_figures(
    volume: Volume, scale: Scale, screw: Screw, parameters: QualityParameters
) -> dict[str, Figure]:
    """Return mean, tenth percentile and share of poor bone in the shell about a screw."""
    values = values_at(volume, shell_places(screw, parameters.shell_mm))
    values = (values[np.isfinite(values)] - scale.zero) / scale.one
    if not len(values):
        return {}
    name = "density" if parameters.calibrated else "relative density"
    return {
        f"{name}, mean": Figure(round(float(values.mean()), 3), scale.unit),
        f"{name}, P10": Figure(round(float(np.percentile(values, 10)), 3), scale.unit),
        f"share below {parameters.poor_below:g}": Figure(
            round(100 * float((values < parameters.poor_below).mean()), 1), "%"
        ),
    }

"""A screw in bone: how far its thread stays from the cortex, whether it breaches it, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from .field import BoneField, line_places
from .plan import Place

GRADES = (("A", 0.0), ("B", 2.0), ("C", 4.0), ("D", 6.0))
"""Gertzbein and Robbins, Spine 1990; 15: 11: A within bone, B breaches less than 2 mm, C 4, D 6, E more."""
WORST_GRADE = "E"
CURVE_STEP_MM = 0.5
AT_CORTEX_MM = 0.5
"""A tip no deeper than this lies at the far cortex."""


@dataclass(frozen=True)
class TrajectoryParameters(Parameters):
    """What is asked of a screw's place in the bone."""

    margin_mm: Annotated[
        float, Bounds(0.0, 10.0), Unit("mm"), Help("Bone that shall stay between thread and cortex.")
    ] = 1.0
    trim_mm: Annotated[
        float,
        Bounds(0.0, 30.0),
        Unit("mm"),
        Help("Length behind the entry, and before the exit of a screw through both cortices, not judged."),
    ] = 6.0


@dataclass(frozen=True)
class Screw:
    """A screw as a cylinder.

    Attributes
    ----------
    entry_ras, tip_ras : ends of its axis, RAS mm; the entry lies in the surface of the bone
    diameter_mm : outer diameter of the thread
    """

    entry_ras: Place
    tip_ras: Place
    diameter_mm: float

    @property
    def length_mm(self) -> float:
        """From entry to tip."""
        return float(np.linalg.norm(np.subtract(self.tip_ras, self.entry_ras)))

    @property
    def axis_ras(self) -> Float64Array:
        """The unit vector from entry to tip."""
        axis: Float64Array = np.subtract(self.tip_ras, self.entry_ras) / max(self.length_mm, 1e-9)
        return axis


@dataclass(frozen=True)
class Fit:
    """How a screw lies in the bone.

    Attributes
    ----------
    along_mm, depth_mm : (N,) the curve: distance of the axis to the cortex, below 0 outside the bone, from
        entry to tip
    least_mm : the least of it where it is judged
    least_at_mm : where that is, from the entry
    margin_mm : bone between thread and cortex at that place; below 0 the thread breaches by so much
    grade : Gertzbein-Robbins, A to E
    through : whether the tip lies at or beyond the far cortex
    judged_mm : the first and the last place of the axis that is judged, from the entry
    """

    along_mm: Float64Array
    depth_mm: Float64Array
    least_mm: float
    least_at_mm: float
    margin_mm: float
    grade: str
    through: bool
    judged_mm: tuple[float, float]


def breach_grade(margin_mm: float) -> str:
    """Return the grade of Gertzbein and Robbins for the bone left beside the thread; below 0 it breaches."""
    breach = max(0.0, -margin_mm)
    if breach == 0.0:
        return GRADES[0][0]
    return next((grade for grade, below in GRADES[1:] if breach < below), WORST_GRADE)


def fit_of(field: BoneField, screw: Screw, parameters: TrajectoryParameters) -> Fit:
    """Judge a screw in the bone.

    The first `trim_mm` from the entry are left out, where each screw crosses the cortex on purpose; as much
    is left out before the exit if the tip lies at or beyond the far cortex.

    Raises
    ------
    FluoroPrintError
        The screw is no longer than what is left out.
    """
    along, places = line_places(screw.entry_ras, screw.tip_ras, CURVE_STEP_MM)
    depth = field.at(places)
    judged, through = judged_part(along, depth, parameters.trim_mm)
    if not judged.any():
        raise FluoroPrintError(
            f"The screw of {screw.length_mm:.1f} mm ends within the {parameters.trim_mm:g} mm that are not "
            "judged: move entry or target, or shorten what is left out."
        )
    places_judged = np.flatnonzero(judged)
    least = int(places_judged[depth[judged].argmin()])
    margin = float(depth[least]) - screw.diameter_mm / 2
    stretch = float(along[places_judged[0]]), float(along[places_judged[-1]])
    here = float(depth[least]), float(along[least])
    return Fit(along, depth, *here, margin, breach_grade(margin), through, stretch)


def judged_part(along_mm: Float64Array, depth_mm: Float64Array, trim_mm: float) -> tuple[BoolArray, bool]:
    """Return which samples of an axis are judged, and whether it ends at or beyond the far cortex."""
    within = np.flatnonzero(depth_mm > 0)
    through = bool(depth_mm[-1] <= AT_CORTEX_MM and len(within) > 0)
    end = along_mm[within[-1]] - trim_mm if through else along_mm[-1]
    return (along_mm >= trim_mm - 1e-9) & (along_mm <= end + 1e-9), through


def entry_into_bone(field: BoneField, start_ras: Place, target_ras: Place) -> Place:
    """Return where the line from start to target first enters bone; a start within the bone is its own entry.

    Raises
    ------
    FluoroPrintError
        Start and target are one place, or the line meets no bone.
    """
    if np.linalg.norm(np.subtract(target_ras, start_ras)) < CURVE_STEP_MM:
        raise FluoroPrintError("Entry and target are one place: move them apart.")
    _, places = line_places(start_ras, target_ras, CURVE_STEP_MM / 5)
    within = field.at(places) > 0
    if not within.any():
        raise FluoroPrintError(
            "The line from entry to target meets no bone: check their places and the frame."
        )
    x, y, z = places[int(within.argmax())]
    return float(x), float(y), float(z)

"""A stent-graft: sized by rule, and deployed as a tube along the centreline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from .centreline import Centreline
from .lumen import LumenSections

INFOLDS_PERCENT = 30.0
"""Oversized by more than this the fabric folds in."""


@dataclass(frozen=True)
class StentGraftParameters(Parameters):
    """How a stent-graft is sized."""

    oversize_least_percent: Annotated[
        float, Bounds(0.0, 50.0), Unit("%"), Help("The graft is wider than the neck by this at least.")
    ] = 10.0
    oversize_most_percent: Annotated[
        float, Bounds(0.0, 50.0), Unit("%"), Help("The graft is wider than the neck by this at most.")
    ] = 20.0


@dataclass(frozen=True)
class StentGraft:
    """A stent-graft in place.

    Attributes
    ----------
    diameter_mm, distal_mm, length_mm : nominal size: at its start, at its end, along
    oversize_percent, distal_oversize_percent : over the neck and over the zone below
    places_ras : (N, 3) its middle line
    radius_mm : (N,) deployed: nominal, or the lumen's where that is narrower
    """

    diameter_mm: float
    distal_mm: float
    length_mm: float
    oversize_percent: float
    distal_oversize_percent: float
    places_ras: Float64Array
    radius_mm: Float64Array


def graft_diameter(neck_mm: float, diameters_mm: Sequence[float], parameters: StentGraftParameters) -> float:
    """Return the smallest diameter of a family that is wide enough for a neck and not too wide.

    Raises
    ------
    FluoroPrintError
        There is none; says which range was asked for and what comes nearest.
    """
    least = neck_mm * (1 + parameters.oversize_least_percent / 100)
    most = neck_mm * (1 + parameters.oversize_most_percent / 100)
    fitting = [size for size in sorted(diameters_mm) if least <= size <= most]
    if fitting:
        return float(fitting[0])
    nearest = min(diameters_mm, key=lambda size: abs(size - (least + most) / 2))
    raise FluoroPrintError(
        f"No graft is {least:.1f} to {most:.1f} mm wide, as a neck of {neck_mm:.1f} mm asks for: the nearest "
        f"is {nearest:g} mm; choose another family or other limits."
    )


def graft_length(covered_mm: float, lengths_mm: Sequence[float]) -> float:
    """Return the smallest length of a family that covers a stretch.

    Raises
    ------
    FluoroPrintError
        The longest is too short.
    """
    fitting = [length for length in sorted(lengths_mm) if length >= covered_mm]
    if not fitting:
        raise FluoroPrintError(
            f"The longest graft is {max(lengths_mm):g} mm, {covered_mm:.0f} mm are to be covered: plan two."
        )
    return float(fitting[0])


def deployed(
    line: Centreline,
    sections: LumenSections,
    start_mm: float,
    zones_mm: tuple[float, float],
    diameters_mm: tuple[float, float],
    length_mm: float,
) -> StentGraft:
    """Return a graft deployed from a place of the centreline on, in its direction, evenly tapered.

    Parameters
    ----------
    line, sections : of the vessel
    start_mm : along the centreline
    zones_mm : diameters of the neck and of the zone below
    diameters_mm : of the graft at its start and at its end
    length_mm : of the graft

    Raises
    ------
    FluoroPrintError
        The centreline ends before the graft does.
    """
    end = start_mm + length_mm
    if end > line.length_mm + 1e-6:
        raise FluoroPrintError(
            f"The graft of {length_mm:g} mm ends {end - line.length_mm:.0f} mm beyond the centreline: "
            "lengthen that."
        )
    along = np.linspace(start_mm, end, max(int(length_mm), 2) + 1)
    places = np.column_stack([np.interp(along, line.along_mm, axis) for axis in line.places_ras.T])
    lumen = np.interp(along, line.along_mm, sections.mean_mm) / 2
    first, last = (100 * (size / zone - 1) for size, zone in zip(diameters_mm, zones_mm, strict=True))
    nominal = np.linspace(diameters_mm[0], diameters_mm[1], len(along)) / 2
    return StentGraft(*diameters_mm, length_mm, first, last, places, np.minimum(lumen, nominal))

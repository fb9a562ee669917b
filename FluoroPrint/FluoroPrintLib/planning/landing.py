"""Where a stent-graft may hold: the neck above an aneurysm, the zone below it, angles, the access.

The neck runs from the lowest branch that must stay open to where the lumen is wider by a tenth than where it
began (E. Chaikof et al., "Reporting standards for endovascular aortic aneurysm repair", Journal of Vascular
Surgery 35, 2002). Angles are between mean directions of the centreline, as J. van Keulen et al. take them
("Validation of a new standardized method to measure proximal aneurysm neck angulation", ibid. 51, 2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from .centreline import Centreline
from .lumen import LumenSections
from .plan import Place

DIRECTION_MM = 20.0
"""Length of the centreline over which directions are taken, a diameter above and below the neck."""


@dataclass(frozen=True)
class LandingParameters(Parameters):
    """What is asked of the zones that hold a stent-graft; usual limits of instructions for use."""

    wider_percent: Annotated[
        float, Bounds(1.0, 50.0), Unit("%"), Help("The neck ends where the lumen is wider by this.")
    ] = 10.0
    neck_mm: Annotated[float, Bounds(0.0, 100.0), Unit("mm"), Help("Least length of the neck.")] = 15.0
    neck_angle_deg: Annotated[
        float, Bounds(0.0, 180.0), Unit("degrees"), Help("Greatest angle between neck and aneurysm.")
    ] = 60.0
    neck_diameter_mm: Annotated[
        float, Bounds(5.0, 60.0), Unit("mm"), Help("Greatest diameter of the neck.")
    ] = 28.0
    distal_mm: Annotated[
        float, Bounds(0.0, 100.0), Unit("mm"), Help("Least length of the zone below the aneurysm.")
    ] = 10.0
    access_mm: Annotated[
        float, Bounds(0.0, 20.0), Unit("mm"), Help("Least diameter of the way that the device takes.")
    ] = 6.5


@dataclass(frozen=True)
class Neck:
    """A zone of nearly even width beside an aneurysm, along the centreline.

    Attributes
    ----------
    start_mm, end_mm : along the centreline
    diameter_mm : median of the mean diameter over it
    angle_deg : between its direction and that of the aneurysm beyond its end
    before_deg : between its direction and that of the vessel before its start
    """

    start_mm: float
    end_mm: float
    diameter_mm: float
    angle_deg: float
    before_deg: float

    @property
    def length_mm(self) -> float:
        """From start to end along the centreline."""
        return abs(self.end_mm - self.start_mm)


def place_along(line: Centreline, place_ras: Place) -> float:
    """Return where along a centreline a place lies nearest, in mm."""
    far = np.linalg.norm(line.places_ras - np.asarray(place_ras), axis=1)
    return float(line.along_mm[int(far.argmin())])


def neck_from(
    line: Centreline, sections: LumenSections, start_mm: float, sign: int, parameters: LandingParameters
) -> Neck:
    """Return the neck that begins at a place and runs along the centreline (`sign` 1) or against it (-1).

    Raises
    ------
    FluoroPrintError
        The place is at the end of the centreline.
    """
    along, widths = (line.along_mm, sections.mean_mm) if sign > 0 else _reversed(line, sections)
    begin = start_mm if sign > 0 else line.length_mm - start_mm
    first = int(np.searchsorted(along, begin - 1e-6))
    if first >= len(along) - 1:
        raise FluoroPrintError("The zone begins at the end of the centreline: lengthen it beyond that place.")
    end = _end_of_neck(widths, first, parameters)
    places = line.places_ras if sign > 0 else line.places_ras[::-1]
    own = _direction(places, along, along[first], along[end])
    median = float(np.median(widths[first : end + 1]))
    below, above = along[end] + median, along[first] - median  # the line cuts the corner of a bend
    after = _direction(places, along, below, below + DIRECTION_MM)
    before = _direction(places, along, above - DIRECTION_MM, above)
    ends = [float(along[at]) if sign > 0 else line.length_mm - float(along[at]) for at in (first, end)]
    return Neck(ends[0], ends[1], median, _between_deg(own, after), _between_deg(before, own))


def _reversed(line: Centreline, sections: LumenSections) -> tuple[Float64Array, Float64Array]:
    return line.length_mm - line.along_mm[::-1], sections.mean_mm[::-1]


def _end_of_neck(widths: Float64Array, first: int, parameters: LandingParameters) -> int:
    """Return the last sample that is not yet too wide."""
    limit = widths[first] * (1 + parameters.wider_percent / 100)
    wide = widths[first:] > limit
    return first + (int(wide.argmax()) - 1 if wide.any() else len(wide) - 1)


def _direction(places: Float64Array, along: Float64Array, start: float, end: float) -> Float64Array:
    """Return the mean direction of the line between two lengths; of two samples where it is short."""
    ends = [np.array([np.interp(at, along, axis) for axis in places.T]) for at in (start, end)]
    way = ends[1] - ends[0]
    length = float(np.linalg.norm(way))
    if length < 1e-6:
        at = min(int(np.searchsorted(along, start)), len(along) - 2)
        way = places[at + 1] - places[at]
        length = float(np.linalg.norm(way))
    direction: Float64Array = way / length
    return direction


def _between_deg(first: Float64Array, second: Float64Array) -> float:
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second)), first @ second)))


def lacking_of_neck(neck: Neck, parameters: LandingParameters) -> tuple[str, ...]:
    """Return what speaks against a neck, a sentence each; none where it fits."""
    found = []
    if neck.length_mm < parameters.neck_mm:
        found.append(f"The neck is {neck.length_mm:.0f} mm long, {parameters.neck_mm:g} mm are asked for.")
    if neck.angle_deg > parameters.neck_angle_deg:
        found.append(f"The neck bends by {neck.angle_deg:.0f}°, more than {parameters.neck_angle_deg:g}°.")
    if neck.diameter_mm > parameters.neck_diameter_mm:
        limit = parameters.neck_diameter_mm
        found.append(f"The neck is {neck.diameter_mm:.1f} mm wide, more than {limit:g} mm.")
    return tuple(found)


def lacking_of_distal(zone: Neck, parameters: LandingParameters) -> tuple[str, ...]:
    """Return what speaks against the zone below an aneurysm."""
    if zone.length_mm >= parameters.distal_mm:
        return ()
    asked = parameters.distal_mm
    return (f"The zone below the aneurysm is {zone.length_mm:.0f} mm long, {asked:g} mm are asked for.",)


def lacking_of_access(sections: LumenSections, parameters: LandingParameters) -> tuple[str, ...]:
    """Return what speaks against the way of the device: the narrowest place of a centreline."""
    least = float(sections.least_mm.min())
    if least >= parameters.access_mm:
        return ()
    return (f"The way narrows to {least:.1f} mm, {parameters.access_mm:g} mm are asked for.",)

"""What the pelvis and a cup can do as objects of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from .cup import CupParameters
from .cup_objects import (
    AXIS,
    CENTRE,
    CUP,
    DIAMETER,
    LANDMARKS,
    PELVIS,
    SAFE_ZONE,
    WALL,
    WITHIN,
    cup_of,
    measured_cup,
    surface_of_cup,
)
from .drawing import balls
from .hip_stem_objects import with_changes
from .kind import DOUBTFUL, GOOD, UNKNOWN, Kind, Surroundings
from .plan import Figure, Planned

LANDMARK_MM = 2.0
CUP_COLUMNS = (
    DIAMETER,
    "radiographic inclination",
    "radiographic anteversion",
    SAFE_ZONE,
    "coverage",
    "leg length, change",
    "offset, change",
)


def cup_kind() -> Kind:
    """Return what a cup can do."""
    return Kind(
        CUP,
        "Cup",
        surface_of_cup,
        _refreshed,
        sizes=(DIAMETER,),
        sized=_sized,
        columns=CUP_COLUMNS,
        verdict=_verdict,
        drawn_by=(CENTRE, AXIS, DIAMETER, WALL),
    )


def pelvis_kind() -> Kind:
    """Return what the pelvis can do: it shows its landmarks, by which cups are measured."""
    columns = ("tilt", "tilt in the scan", "width between the spines")
    return Kind(PELVIS, "Pelvis", _landmarks, columns=columns, drawn_by=tuple(LANDMARKS))


def _landmarks(planned: Planned) -> vtkPolyData:
    return balls([place for name in LANDMARKS for place in planned.points.get(name, ())], LANDMARK_MM)


def _refreshed(planned: Planned, around: Surroundings) -> Planned:
    """Return a cup measured where it lies, by the pelvis of its plan; without one as it is."""
    pelvis = next((each for each in around.objects if each.kind == PELVIS), None)
    if pelvis is None:
        return planned
    parameters = around.parameters.get(CUP, CupParameters())
    assert isinstance(parameters, CupParameters), "a cup is measured by a cup's parameters"
    return with_changes(measured_cup(planned, pelvis, around.bone, parameters), around.objects)


def _sized(planned: Planned, _size: str, step: int, around: Surroundings) -> Planned:
    """Return a cup so many sizes larger, about the same centre; FluoroPrintError where there is none."""
    families = around.catalogue.get(CUP, ())
    sizes = sorted({size for family in families for size in family.sizes("diameter_mm")})
    larger = stepped(sizes, cup_of(planned).diameter_mm, step, planned.label)
    return replace(planned, figures={**planned.figures, DIAMETER: Figure(larger, "mm")})


def stepped(sizes: Sequence[float], now: float, step: int, what: str) -> float:
    """Return the size `step` places further on in a rising list; a size between two counts as the nearest.

    Raises
    ------
    FluoroPrintError
        There are no sizes, or none so far.
    """
    at = min(range(len(sizes)), key=lambda place: abs(sizes[place] - now), default=0) + step
    if not 0 <= at < len(sizes):
        end = "larger" if step > 0 else "smaller"
        raise FluoroPrintError(f"{what} has no {end} size than {now:g}: choose another family.")
    return sizes[at]


def _verdict(planned: Planned) -> str:
    """Judge a cup by the safe zone, which is shown and not enforced."""
    zone = planned.figures.get(SAFE_ZONE)
    if zone is None or AXIS not in planned.directions:
        return UNKNOWN
    return GOOD if zone.value == WITHIN else DOUBTFUL

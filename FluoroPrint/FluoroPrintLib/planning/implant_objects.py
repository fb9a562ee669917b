"""Implants and tools of the catalogue as objects of a plan, drawn from their figures; and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from .implant_shapes import drawn
from .implant_solids import placed_in
from .implants import Implant, unit_of
from .plan import Decision, Figure, Place, Planned, place_of

IMPLANT = "implant"
ORIGIN, AXIS, SIDE_AXIS = "origin", "axis", "side-axis"
FAMILY, WHAT = "family", "what"


def planned_implant(
    name: str,
    label: str,
    implant: Implant,
    origin_ras: Place,
    axis_ras: Place,
    side_axis_ras: Place | None = None,
    *,
    side: str = "",
    figures: Mapping[str, Figure] | None = None,
    decisions: Iterable[Decision] = (),
) -> Planned:
    """Return an implant as an object of a plan; what its axes mean stands in `implant_shapes`.

    Parameters
    ----------
    name, label : id within the plan, and for people
    implant : one size of a family
    origin_ras : where its origin lies, RAS mm
    axis_ras : where its z points, RAS
    side_axis_ras : where its x points, as far as it can; any way where left out
    side : of the patient
    figures : more figures, of its fit for example
    decisions : that led to it

    Raises
    ------
    FluoroPrintError
        The axis has no length, or both axes are one line.
    """
    z, x = upright_axes(axis_ras, side_axis_ras)
    sizes = {named: Figure(value, unit_of(named)) for named, value in implant.dimensions.items()}
    return Planned(
        name,
        label,
        IMPLANT,
        side,
        {ORIGIN: (origin_ras,)},
        {AXIS: (z,), SIDE_AXIS: (x,)},
        {FAMILY: Figure(implant.family), WHAT: Figure(implant.kind), **sizes, **(figures or {})},
        tuple(decisions),
    )


def implant_of(planned: Planned, shapes: Mapping[str, vtkPolyData] | None = None) -> Implant:
    """Return the implant of an object of a plan.

    Parameters
    ----------
    planned : the object
    shapes : surfaces of the users' own families, by their ids, as the catalogue has them

    Raises
    ------
    FluoroPrintError
        The object is no implant.
    """
    words = [planned.figures.get(name, Figure("")).value for name in (FAMILY, WHAT)]
    if planned.kind != IMPLANT or not all(isinstance(word, str) and word for word in words):
        raise FluoroPrintError(f"{planned.id} is no implant: it names no family.")
    family, what = map(str, words)
    sizes = {
        name: float(figure.value)
        for name, figure in planned.figures.items()
        if isinstance(figure.value, int | float)
    }
    return Implant(family, planned.label, what, sizes, (shapes or {}).get(family))


def surface_of_implant(planned: Planned, shapes: Mapping[str, vtkPolyData] | None = None) -> vtkPolyData:
    """Return the closed surface of an implant in RAS mm, drawn from its figures, or the user's own shape.

    Raises
    ------
    FluoroPrintError
        The object is no implant, has no pose, or its shape is the user's and not among `shapes`.
    """
    origin, axis, side_axis = pose_of(planned)
    return placed_in(drawn(implant_of(planned, shapes)), origin, axis, side_axis)


def pose_of(planned: Planned) -> tuple[Place, Place, Place]:
    """Return origin, axis and side axis of an object that has these three.

    Raises
    ------
    FluoroPrintError
        One of them is missing.
    """
    try:
        (origin,), (axis,) = planned.points[ORIGIN], planned.directions[AXIS]
        (side_axis,) = planned.directions[SIDE_AXIS]
    except (KeyError, ValueError) as error:
        raise FluoroPrintError(f"{planned.id} has no pose: it needs origin, axis and side-axis.") from error
    return origin, axis, side_axis


def upright_axes(axis_ras: Place, side_axis_ras: Place | None) -> tuple[Place, Place]:
    """Return unit vectors: the axis, and the side axis at right angles to it.

    Raises
    ------
    FluoroPrintError
        The axis has no length, or both are one line.
    """
    z = np.asarray(axis_ras, float)
    length = float(np.linalg.norm(z))
    if length < 1e-9:
        raise FluoroPrintError("The axis of the implant has no length: give a direction.")
    z = z / length
    x = np.eye(3)[int(np.abs(z).argmin())] if side_axis_ras is None else np.asarray(side_axis_ras, float)
    x = x - x @ z * z
    if np.linalg.norm(x) < 1e-6:
        raise FluoroPrintError("Axis and side axis of the implant are one line: give another side axis.")
    return place_of(z), place_of(x / np.linalg.norm(x))

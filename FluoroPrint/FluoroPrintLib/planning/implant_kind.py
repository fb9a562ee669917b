"""What an implant of the catalogue can do as an object of a plan: be drawn, moved, sized."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from .cup_objects import CUP, PELVIS
from .drawing import balls
from .hip_kinds import stepped
from .hip_stem_objects import is_stem, refreshed_stem
from .implant_objects import AXIS, FAMILY, IMPLANT, ORIGIN, SIDE_AXIS, WHAT, implant_of, surface_of_implant
from .implant_placing import snapped_implant
from .implant_shapes import all_dimensions
from .implants import ImplantFamily
from .kind import Kind, Surroundings
from .plan import Figure, Planned

UNKNOWN_MM = 4.0
SIZES = ("diameter_mm", "length_mm")


@cache
def shapes_at_hand() -> dict[str, vtkPolyData]:
    """Return the shapes of the user's own families by their ids, to be added to when a file is opened."""
    return {}


def implant_kind(shapes: Mapping[str, vtkPolyData] | None = None) -> Kind:
    """Return what an implant can do.

    Parameters
    ----------
    shapes : of the user's own families, by their ids; those at hand where left out
    """
    known = shapes_at_hand() if shapes is None else shapes

    def drawn(planned: Planned) -> vtkPolyData:
        try:
            return surface_of_implant(planned, known)
        except FluoroPrintError:  # a family of the user's that is not at hand: its place is shown
            return balls([place for found in planned.points.values() for place in found], UNKNOWN_MM)

    return Kind(
        IMPLANT,
        "Implant",
        drawn,
        _refreshed,
        sizes=SIZES,
        sized=_sized,
        snapped=snapped_implant,
        columns=(*SIZES, "holes", FAMILY, "leg length, change", "offset, change"),
        measured_by=(CUP, PELVIS),
        drawn_by=(ORIGIN, AXIS, SIDE_AXIS, FAMILY, WHAT, *all_dimensions()),
    )


def _refreshed(planned: Planned, around: Surroundings) -> Planned:
    """Return an implant measured where it lies: the leg length and offset of a stem; others as they are."""
    return refreshed_stem(planned, around.objects) if is_stem(planned) else planned


def _sized(planned: Planned, size: str, step: int, around: Surroundings) -> Planned:
    """Return an implant so many sizes larger in one of its dimensions.

    Of a family with one diameter or length the first dimension that has several sizes is taken.

    Raises
    ------
    FluoroPrintError
        The family is not in the catalogue, or has no such size.
    """
    family = _family_of(planned, around)
    several = [name for name, sizes in family.dimensions.items() if len(sizes) > 1]
    if not several:
        raise FluoroPrintError(f"{family.title} come in one size: there is none to choose.")
    name = size if size in several else several[0]
    now = implant_of(planned).dimensions[name]
    larger = stepped(family.sizes(name), now, step, planned.label)
    return replace(planned, figures={**planned.figures, name: Figure(larger, planned.figures[name].unit)})


def _family_of(planned: Planned, around: Surroundings) -> ImplantFamily:
    name = implant_of(planned).family
    for family in around.catalogue.get(IMPLANT, ()):
        if family.id == name:
            found: ImplantFamily = family
            return found
    raise FluoroPrintError(f"{planned.label} is of a family that the catalogue does not hold: {name}.")

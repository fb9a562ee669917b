"""Implants and tools of a catalogue: families of sizes, and the one that was chosen of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import FluoroPrintError

UNITS: Mapping[str, str] = {"mm": "mm", "deg": "°"}
"""Unit of a dimension by the last word of its name; others are counts."""


@dataclass(frozen=True)
class ImplantFamily:
    """Implants or tools of one make in all their sizes; parametric, no vendor's shape.

    Attributes
    ----------
    id, title : to choose it by, and for people
    kind : what it is, one of `implant_shapes.kinds()`, or "own" for a shape of the user's
    dimensions : sizes by name, ascending; a name ends in `_mm` or `_deg`, or is a count
    sources : where the figures come from
    shape : closed surface of a user's own implant in mm, in its own axes (vtkPolyData); None where drawn
    """

    id: str
    title: str
    kind: str
    dimensions: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    shape: Any = None

    def sizes(self, name: str) -> tuple[float, ...]:
        """Return the sizes of a dimension; FluoroPrintError where there is no such dimension."""
        if name not in self.dimensions:
            known = ", ".join(self.dimensions) or "none"
            raise FluoroPrintError(f"{self.title} have no dimension {name}: choose among {known}.")
        return self.dimensions[name]


@dataclass(frozen=True)
class Implant:
    """One size of a family.

    Attributes
    ----------
    family, title, kind : of the family
    dimensions : a number for each of its dimensions
    shape : as the family has it
    """

    family: str
    title: str
    kind: str
    dimensions: Mapping[str, float]
    shape: Any = None


def chosen_implant(family: ImplantFamily, **wanted: float) -> Implant:
    """Return an implant of a family: the sizes wanted, the middle one of each other dimension.

    Raises
    ------
    FluoroPrintError
        The family has no such dimension or size.
    """
    for name, value in wanted.items():
        sizes = family.sizes(name)
        if not any(abs(value - size) < 1e-6 for size in sizes):
            listed = ", ".join(f"{size:g}" for size in sizes)
            raise FluoroPrintError(f"{family.title}: {name} is {value:g}, the sizes are {listed}.")
    middle = {name: sizes[(len(sizes) - 1) // 2] for name, sizes in family.dimensions.items()}
    return Implant(family.id, family.title, family.kind, {**middle, **wanted}, family.shape)


def unit_of(dimension: str) -> str:
    """Return the unit that a dimension's name ends in; none for counts."""
    return UNITS.get(dimension.rpartition("_")[2], "")

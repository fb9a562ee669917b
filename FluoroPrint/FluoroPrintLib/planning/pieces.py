"""The bone of a plan in pieces: as each was cut, and how it is moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import transformed
from ..mesh.polydata import points_of, with_points
from ..shape.solids import surface_of
from .donor_kind import DONOR, segment_of
from .fragment_kind import FRAGMENT
from .kind import ORIGIN
from .mandible import placed_segments
from .moved_bone import movement_of
from .osteotomy_objects import OSTEOTOMY, osteotomy_of, pieces_of
from .plan import Plan, Planned
from .plate import bending_rows, plate_solid, plate_template
from .plate_objects import PLATE, plate_of

SAME_MM = 3.0
"""The middle of a fragment lies no further from where it was when it was planned."""


@dataclass(frozen=True)
class PlannedPiece:
    """A piece of bone of a plan.

    Attributes
    ----------
    name : "osteotomy-1-piece-2", the object's id before the piece's own name
    surface : closed, where it was taken, RAS mm (vtkPolyData)
    to_place : (4, 4) from there to where it is planned
    """

    name: str
    surface: Any
    to_place: Float64Array

    @property
    def placed(self) -> Any:
        """The surface where it is planned, RAS mm (vtkPolyData)."""
        return with_points(self.surface, transformed(points_of(self.surface), self.to_place))


@dataclass(frozen=True)
class Bones:
    """The bones of a plan.

    Attributes
    ----------
    bone : closed surface that is cut, or None
    donor : closed surface of the donor bone, or None
    fragments : names and closed surfaces, in the order in which they were planned
    """

    bone: Any = None
    donor: Any = None
    fragments: Sequence[tuple[str, Any]] = ()


def pieces_in(plan: Plan, bones: Bones) -> tuple[PlannedPiece, ...]:
    """Return the pieces of all osteotomies, segments of donor bone and fragments of a plan.

    Each osteotomy cuts the whole bone; what needs a bone that is not given is left out.

    Raises
    ------
    FluoroPrintError
        A bone is not closed, a cut does not meet it, or a fragment is not where it was planned.
    """
    found: list[PlannedPiece] = []
    if bones.bone is not None:
        for planned in plan.of_kind(OSTEOTOMY):
            found += _cut(planned, bones.bone)
    if bones.donor is not None:
        found += [_segment(planned, bones.donor) for planned in plan.of_kind(DONOR)]
    if bones.fragments:
        found += _fragments(plan.of_kind(FRAGMENT), bones.fragments)
    return tuple(found)


def _cut(planned: Planned, bone: Any) -> list[PlannedPiece]:
    pieces = pieces_of(osteotomy_of(planned), bone)
    names = [f"{planned.id}-{piece.name.replace(' ', '-')}" for piece in pieces]
    return [
        PlannedPiece(name, surface_of(piece.solid), piece.to_place)
        for name, piece in zip(names, pieces, strict=True)
    ]


def _segment(planned: Planned, donor: Any) -> PlannedPiece:
    (piece,) = placed_segments(donor, [segment_of(planned)])
    return PlannedPiece(planned.id, surface_of(piece.solid), piece.to_place)


def _fragments(objects: Sequence[Planned], known: Sequence[tuple[str, Any]]) -> list[PlannedPiece]:
    """Return the fragments of a plan, each the one of the bone's whose middle is where it was taken."""
    middles = np.array([points_of(surface).mean(axis=0) for _, surface in known])
    found = []
    for planned in objects:
        matrix = movement_of(planned)
        taken = transformed(planned.points[ORIGIN][0], np.linalg.inv(matrix))
        away = np.linalg.norm(middles - taken, axis=1)
        if away.min() > SAME_MM:
            raise FluoroPrintError(
                f"{planned.label} is not in this bone: give the one that it was planned on."
            )
        found.append(PlannedPiece(planned.id, known[int(away.argmin())][1], matrix))
    return found


def models_of_plates(plan: Plan, bone: Any) -> dict[str, Any]:
    """Return the bent plates of a plan by their ids, with a closed bone a printable template of each too."""
    found: dict[str, Any] = {}
    for planned in plan.of_kind(PLATE):
        plate = plate_of(planned)
        found[planned.id] = surface_of(plate_solid(plate))
        if bone is not None:
            found[f"{planned.id}-template"] = plate_template(plate, bone)
    return found


def bends_of_plates(plan: Plan) -> dict[str, list[tuple[float, ...]]]:
    """Return the bends of each plate of a plan by its id, rows as `plate.BENDS` names them."""
    return {planned.id: bending_rows(plate_of(planned)) for planned in plan.of_kind(PLATE)}

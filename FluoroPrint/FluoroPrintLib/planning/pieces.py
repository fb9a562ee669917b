"""What a plan makes of bone, as models: pieces as each was cut and how it is moved, plates, guides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import transformed
from ..mesh.polydata import points_of, with_points
from ..progress import Progress, part_of, silent
from ..shape.solids import surface_of
from .craniotomy import cut_flap
from .craniotomy_objects import CRANIOTOMY, craniotomy_of
from .curve_cut import CURVE_CUT, curve_cut_of
from .donor_kind import DONOR, segment_of
from .fragment_kind import FRAGMENT
from .guide import make_guide
from .guide_objects import GUIDE, guide_of
from .kind import ORIGIN
from .mandible import placed_segments
from .moved_bone import movement_of
from .osteotomy import BonePiece, cut_bone
from .osteotomy_objects import OSTEOTOMY, osteotomy_of, pieces_of
from .plan import Plan, Planned
from .plate import bending_rows, plate_solid, plate_template
from .plate_objects import PLATE, plate_of

BONE, METAL, PRINT = (0.93, 0.87, 0.74), (0.7, 0.72, 0.75), (0.45, 0.65, 0.9)
"""Colours of models: red, green, blue, 0 to 1."""
SAME_MM = 3.0
"""The middle of a fragment lies no further from where it was when it was planned."""


@dataclass(frozen=True)
class PlannedPiece:
    """A piece of bone of a plan, or a model that is made on the bone: a bent plate, a template, a guide.

    Attributes
    ----------
    name : "osteotomy-1-piece-2", the object's id before the piece's own name
    surface : closed, where it was taken, RAS mm (vtkPolyData)
    to_place : (4, 4) from there to where it is planned
    kind : of its object
    """

    name: str
    surface: Any
    to_place: Float64Array
    kind: str = ""

    @property
    def colour(self) -> tuple[float, float, float]:
        """The colour of its kind."""
        pieced = pieced_kinds().get(self.kind)
        return pieced.colour if pieced is not None else BONE

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


@dataclass(frozen=True)
class Pieced:
    """How the objects of a kind become pieces.

    Attributes
    ----------
    made : returns the pieces of an object; may be cancelled
    told : returns what they are made from: two objects that tell the same have the same pieces
    bone : which of the `Bones` it needs
    together : whether all objects of the kind are pieces of one whole
    colour : of the models; those of `BONE` stand for the whole bone that they are pieces of
    in_files : whether the command that writes pieces writes them
    """

    made: Callable[[Planned, Bones, Progress], list[PlannedPiece]]
    told: Callable[[Planned], Any]
    bone: str = "bone"
    together: bool = False
    colour: tuple[float, float, float] = BONE
    in_files: bool = True


def pieced_kinds() -> Mapping[str, Pieced]:
    """Return the kinds whose objects have pieces, by their word, in the order of the files."""
    return {
        OSTEOTOMY: Pieced(_cut, osteotomy_of),
        CRANIOTOMY: Pieced(_flap, craniotomy_of),
        CURVE_CUT: Pieced(_cut_along, curve_cut_of),
        DONOR: Pieced(_segment, segment_of, "donor", together=True),
        FRAGMENT: Pieced(_fragment, movement_of, "fragments", together=True),
        PLATE: Pieced(_plate, plate_of, "", colour=METAL),
        GUIDE: Pieced(_guide, guide_of, colour=PRINT, in_files=False),
    }


def pieces_in(plan: Plan, bones: Bones) -> tuple[PlannedPiece, ...]:
    """Return the pieces of all osteotomies, segments of donor bone, fragments and plates of a plan.

    Each osteotomy cuts the whole bone; what needs a bone that is not given is left out.

    Raises
    ------
    FluoroPrintError
        A bone is not closed, a cut does not meet it, or a fragment is not where it was planned.
    """
    known = [
        planned
        for kind, pieced in pieced_kinds().items()
        if pieced.in_files and _is_there(pieced.bone, bones)
        for planned in plan.of_kind(kind)
    ]
    return pieces_of_objects(known, bones)


def _is_there(name: str, bones: Bones) -> bool:
    found = getattr(bones, name) if name else True
    return found is not None and found != ()


def pieces_of_objects(
    objects: Sequence[Planned], bones: Bones, progress: Progress = silent
) -> tuple[PlannedPiece, ...]:
    """Return the pieces of objects, all of kinds that have some; faults are those of `pieces_in`.

    A plate comes with a template to be printed where the bone is given, a guide is made again on it.
    """
    kinds, found = pieced_kinds(), list[PlannedPiece]()
    for number, planned in enumerate(objects):
        share = part_of(progress, number / len(objects), (number + 1) / len(objects))
        share(0.0, f"Cutting: {planned.label}")
        found += kinds[planned.kind].made(planned, bones, share)
    return tuple(found)


def shown_with(plan: Plan, planned: Planned) -> tuple[Planned, ...]:
    """Return the objects whose pieces belong together with those of one; none where it has no pieces."""
    pieced = pieced_kinds().get(planned.kind)
    if pieced is None:
        return ()
    return plan.of_kind(planned.kind) if pieced.together else (planned,)


def told_of_pieces(objects: Sequence[Planned]) -> str:
    """Return what the pieces of objects are made from, in words that change when they would."""
    kinds = pieced_kinds()
    return repr([(planned.id, kinds[planned.kind].told(planned)) for planned in objects])


def _cut(planned: Planned, bones: Bones, _progress: Progress) -> list[PlannedPiece]:
    return _numbered(planned, pieces_of(osteotomy_of(planned), bones.bone))


def _cut_along(planned: Planned, bones: Bones, _progress: Progress) -> list[PlannedPiece]:
    cut, kerf = curve_cut_of(planned)
    return _numbered(planned, cut_bone(bones.bone, [cut], kerf))


def _numbered(planned: Planned, pieces: Sequence[BonePiece]) -> list[PlannedPiece]:
    return [
        PlannedPiece(
            f"{planned.id}-{piece.name.replace(' ', '-')}",
            surface_of(piece.solid),
            piece.to_place,
            planned.kind,
        )
        for piece in pieces
    ]


def _flap(planned: Planned, bones: Bones, _progress: Progress) -> list[PlannedPiece]:
    """Return the flap of a craniotomy, laid on the bone again, and what it was cut from."""
    cut = cut_flap(bones.bone, craniotomy_of(planned))
    parts = {"flap": cut.flap, "rest": cut.rest}
    return [
        PlannedPiece(f"{planned.id}-{word}", surface_of(part), np.eye(4), planned.kind)
        for word, part in parts.items()
    ]


def _segment(planned: Planned, bones: Bones, _progress: Progress) -> list[PlannedPiece]:
    (piece,) = placed_segments(bones.donor, [segment_of(planned)])
    return [PlannedPiece(planned.id, surface_of(piece.solid), piece.to_place, planned.kind)]


def _fragment(planned: Planned, bones: Bones, _progress: Progress) -> list[PlannedPiece]:
    """Return a fragment of a plan: the one of the bone's whose middle is where it was taken."""
    middles = np.array([points_of(surface).mean(axis=0) for _, surface in bones.fragments])
    matrix = movement_of(planned)
    taken = transformed(planned.points[ORIGIN][0], np.linalg.inv(matrix))
    away = np.linalg.norm(middles - taken, axis=1)
    if away.min() > SAME_MM:
        raise FluoroPrintError(f"{planned.label} is not in this bone: give the one that it was planned on.")
    return [PlannedPiece(planned.id, bones.fragments[int(away.argmin())][1], matrix, planned.kind)]


def _plate(planned: Planned, bones: Bones, _progress: Progress) -> list[PlannedPiece]:
    """Return a bent plate; with a closed bone a printable template of it too."""
    plate = plate_of(planned)
    found = [PlannedPiece(planned.id, surface_of(plate_solid(plate)), np.eye(4), planned.kind)]
    if bones.bone is not None:
        template = plate_template(plate, bones.bone)
        found.append(PlannedPiece(f"{planned.id}-template", template, np.eye(4), planned.kind))
    return found


def _guide(planned: Planned, bones: Bones, progress: Progress) -> list[PlannedPiece]:
    """Return a guide with its base, made again on the bone where it lies now."""
    asked = guide_of(planned)
    guide = make_guide(bones.bone, asked.drills, asked.cuts, asked.parameters, asked.direction_ras, progress)
    return [PlannedPiece(planned.id, guide.surface, np.eye(4), planned.kind)]


def bends_of_plates(plan: Plan) -> dict[str, list[tuple[float, ...]]]:
    """Return the bends of each plate of a plan by its id, rows as `plate.BENDS` names them."""
    return {planned.id: bending_rows(plate_of(planned)) for planned in plan.of_kind(PLATE)}

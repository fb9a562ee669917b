"""A plan: objects placed in the patient, each with its figures and with the decisions that led to it.

Every kind of object (screw, cup, plate, guide, osteotomy) is kept alike: named points, named directions,
figures. What a kind means by them is known to its own file, which turns its object into a `Planned` and back.
All is immutable: a change makes another plan, so that undo is to go back to the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError

VERSION = 1
AUTOMATIC, USER = "automatic", "user"
INTENDED_USE = "For education, research and planning support; not a cleared medical device."

DIGITS = 6
"""A millionth of a millimetre: a plan in a file is the plan itself, and the file stays readable."""

Place = tuple[float, float, float]
Places = tuple[Place, ...]
Value = float | str | tuple[float, ...]


@dataclass(frozen=True)
class Figure:
    """A figure of an object: a number, a word ("A") or a curve, with its unit; empty where it has none."""

    value: Value
    unit: str = ""


@dataclass(frozen=True)
class Decision:
    """Something that was decided about an object.

    Attributes
    ----------
    what : what was decided, a sentence or less: "diameter 6.5 mm"
    by : `AUTOMATIC` or `USER`
    when : date and time (ISO 8601) where known
    figures : what it was decided by
    note : why, for people
    """

    what: str
    by: str = AUTOMATIC
    when: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Planned:
    """An object of a plan.

    Attributes
    ----------
    id : names it within the plan, lower case: "screw-2-left"
    label : what the user reads
    kind : "screw" for example; the file of the kind says what its points and figures are
    side : "left" or "right" of the patient, empty where it has none
    points : named lists of places, RAS mm; one place is a list of one
    directions : named lists of unit vectors, RAS
    figures : by name
    decisions : in the order they were made
    locked : whether it must stay as it is
    """

    id: str
    label: str
    kind: str
    side: str = ""
    points: Mapping[str, Places] = field(default_factory=dict)
    directions: Mapping[str, Places] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    locked: bool = False


@dataclass(frozen=True)
class Plan:
    """What is planned for a case; places in RAS mm (a file holds LPS mm).

    Attributes
    ----------
    case : name of the case, nothing of the patient unless typed
    side : side to be operated on, "left", "right" or "both"; empty where it does not apply
    objects : in the order they were planned
    notes : what the user ought to know, a sentence each
    """

    case: str = ""
    side: str = ""
    objects: tuple[Planned, ...] = ()
    notes: tuple[str, ...] = ()

    def named(self, name: str) -> Planned:
        """Return the object with the id `name`; FluoroPrintError where there is none."""
        for planned in self.objects:
            if planned.id == name:
                return planned
        known = ", ".join(planned.id for planned in self.objects) or "it is empty"
        raise FluoroPrintError(f"The plan holds no {name}: {known}.")

    def of_kind(self, kind: str) -> tuple[Planned, ...]:
        """Return the objects of a kind."""
        return tuple(planned for planned in self.objects if planned.kind == kind)


def with_planned(plan: Plan, planned: Planned) -> Plan:
    """Return a plan that holds `planned`, at the end or in the place of the object with its id.

    Raises
    ------
    FluoroPrintError
        The object in its place is locked.
    """
    _refuse_locked(plan, planned.id)
    if any(known.id == planned.id for known in plan.objects):
        objects = tuple(planned if known.id == planned.id else known for known in plan.objects)
    else:
        objects = (*plan.objects, planned)
    return replace(plan, objects=objects)


def without_planned(plan: Plan, name: str) -> Plan:
    """Return a plan that lacks the object with the id `name`.

    Raises
    ------
    FluoroPrintError
        There is no such object, or it is locked.
    """
    gone = plan.named(name)
    _refuse_locked(plan, name)
    return replace(plan, objects=tuple(known for known in plan.objects if known is not gone))


def with_lock(plan: Plan, name: str, locked: bool) -> Plan:
    """Return a plan whose object with the id `name` is locked or open; there must be one."""
    changed = replace(plan.named(name), locked=locked)
    return replace(plan, objects=tuple(changed if known.id == name else known for known in plan.objects))


def place_of(ras: Any) -> Place:
    """Return a place or direction, (3,), as plans keep it."""
    x, y, z = (float(value) for value in ras)
    return x, y, z


def moved(planned: Planned, matrix: Float64Array) -> Planned:
    """Return the object moved rigidly: its points by all of a matrix (4, 4), its directions turned alone.

    Its figures stay as they were: who moves it measures it again.
    """
    places = {name: _moved(found, matrix, 1.0) for name, found in planned.points.items()}
    turned = {name: _moved(found, matrix, 0.0) for name, found in planned.directions.items()}
    return replace(planned, points=places, directions=turned)


def _moved(found: Places, matrix: Float64Array, weight: float) -> Places:
    """Return places (weight 1) or directions (weight 0) as the matrix takes them."""
    rows = np.asarray(found, dtype=float) @ matrix[:3, :3].T + weight * matrix[:3, 3]
    return tuple((x, y, z) for x, y, z in rows.tolist())


def settled(planned: Planned) -> Planned:
    """Return the object with its numbers as a file keeps them, so that it equals itself read again."""
    return replace(
        planned,
        points={name: _settled_places(found) for name, found in planned.points.items()},
        directions={name: _settled_places(_units(found)) for name, found in planned.directions.items()},
        figures=_settled_figures(planned.figures),
        decisions=tuple(replace(each, figures=_settled_figures(each.figures)) for each in planned.decisions),
    )


def _settled_places(found: Places) -> Places:
    return tuple((_settled(x), _settled(y), _settled(z)) for x, y, z in found)


def _units(found: Places) -> Places:
    """Return directions of length 1: after many turns they would drift."""
    rows = np.asarray(found, dtype=float).reshape(-1, 3)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return tuple((x, y, z) for x, y, z in rows.tolist())


def _settled_figures(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    return {name: replace(figure, value=_settled_value(figure.value)) for name, figure in figures.items()}


def _settled_value(value: Value) -> Value:
    if isinstance(value, str):
        return value
    return tuple(map(_settled, value)) if isinstance(value, tuple) else _settled(value)


def _settled(number: float) -> float:
    return round(float(number), DIGITS) + 0.0


def with_decision(planned: Planned, decision: Decision) -> Planned:
    """Return the object with one more decision in its trail."""
    return replace(planned, decisions=(*planned.decisions, decision))


def _refuse_locked(plan: Plan, name: str) -> None:
    if any(known.id == name and known.locked for known in plan.objects):
        raise FluoroPrintError(f"{name} is locked in the plan: unlock it first.")

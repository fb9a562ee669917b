"""Edits of a plan by its user: each takes a plan to another one, measured anew, with the decision in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .kind import Surroundings
from .kinds import kind_of
from .plan import (
    USER,
    Decision,
    Figure,
    Places,
    Plan,
    Planned,
    moved,
    settled,
    with_decision,
    with_lock,
    with_planned,
    without_planned,
)

MOVED = "moved by hand"
OTHER_SIDE = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Hand:
    """Who edits, in what surroundings.

    Attributes
    ----------
    around : what objects are measured in and chosen from
    when : date and time (ISO 8601), empty where it does not matter
    """

    around: Surroundings = Surroundings()
    when: str = ""


def add(plan: Plan, planned: Planned, hand: Hand) -> Plan:
    """Return a plan with one more object; its id gets a number where it is taken."""
    named = replace(planned, id=free_id(plan, planned.id), locked=False)
    return _with(plan, named, "added", hand)


def move(plan: Plan, name: str, matrix: Float64Array, hand: Hand) -> Plan:
    """Return a plan with an object moved rigidly by a matrix (4, 4), RAS mm to RAS mm."""
    return _with(plan, moved(plan.named(name), matrix), MOVED, hand)


def drag(plan: Plan, name: str, places: Mapping[str, Places], hand: Hand) -> Plan:
    """Return a plan with an object drawn to other places of its ends, RAS mm.

    Raises
    ------
    FluoroPrintError
        The object is not dragged by its ends, or is locked.
    """
    planned = plan.named(name)
    reshaped = kind_of(planned).reshaped
    if reshaped is None:
        raise FluoroPrintError(f"{planned.label} has no ends to drag: move it as a whole.")
    return _with(plan, reshaped(planned, places, hand.around), MOVED, hand)


def resize(plan: Plan, name: str, step: int, hand: Hand, size: str = "") -> Plan:
    """Return a plan with an object so many sizes larger; smaller where `step` is below 0.

    Parameters
    ----------
    plan, name : the object's
    step : how many sizes
    hand : whose catalogue there is
    size : one of the kind's `sizes`, the first where left out

    Raises
    ------
    FluoroPrintError
        The kind has no sizes, there is none further, or the object is locked.
    """
    planned = plan.named(name)
    kind = kind_of(planned)
    if kind.sized is None:
        raise FluoroPrintError(f"{planned.label} comes in one size: there is none to choose.")
    what = size or kind.sizes[0]
    sized = kind.sized(planned, what, step, hand.around)
    return _with(plan, sized, f"{what} made {'larger' if step > 0 else 'smaller'}", hand)


def snap(plan: Plan, name: str, hand: Hand) -> Plan:
    """Return a plan with an object moved onto the surface of the bone; FluoroPrintError where it cannot."""
    planned = plan.named(name)
    snapped = kind_of(planned).snapped
    if snapped is None:
        raise FluoroPrintError(f"{planned.label} has no place on the surface of a bone: move it by hand.")
    return _with(plan, snapped(planned, hand.around), "moved onto the surface of the bone", hand)


def mirror(plan: Plan, name: str, point_ras: Any, normal_ras: Any, hand: Hand) -> Plan:
    """Return a plan with a mirror image of an object on the other side of a plane; the object stays.

    Parameters
    ----------
    plan, name : the object's
    point_ras, normal_ras : of the plane, RAS mm
    hand : what the image is measured in

    Raises
    ------
    FluoroPrintError
        The normal has no length.
    """
    planned = plan.named(name)
    image = moved(planned, reflection(point_ras, normal_ras))
    mended = kind_of(planned).mirrored
    image = image if mended is None else mended(image)
    return add(plan, _on_other_side(image), hand)


def reflection(point_ras: Any, normal_ras: Any) -> Float64Array:
    """Return the matrix (4, 4) that reflects RAS mm across a plane; FluoroPrintError without a normal."""
    normal = np.asarray(normal_ras, np.float64)
    length = float(np.linalg.norm(normal))
    if length < 1e-9:
        raise FluoroPrintError("The plane to mirror across has no normal: place it again.")
    normal = normal / length
    matrix = np.eye(4)
    matrix[:3, :3] -= 2 * np.outer(normal, normal)
    matrix[:3, 3] = 2 * (normal @ np.asarray(point_ras, np.float64)) * normal
    return matrix


def _on_other_side(image: Planned) -> Planned:
    """Return a mirror image with the names of its side; "mirrored" where it has none."""
    side = OTHER_SIDE.get(image.side, "")
    if not side or image.side not in image.id.split("-"):
        return replace(image, side=side, id=f"{image.id}-mirrored", label=f"{image.label}, mirrored")
    name = "-".join(side if word == image.side else word for word in image.id.split("-"))
    return replace(image, side=side, id=name, label=image.label.replace(image.side, side))


def lock(plan: Plan, name: str, locked: bool, hand: Hand) -> Plan:
    """Return a plan with an object locked, or open again."""
    what = "locked" if locked else "unlocked"
    opened = with_lock(plan, name, False)
    decided = with_decision(opened.named(name), Decision(what, USER, hand.when))
    return with_lock(with_planned(opened, decided), name, locked)


def remove(plan: Plan, name: str) -> Plan:
    """Return a plan without an object, and with a note that tells so; FluoroPrintError where it is locked."""
    note = f"{plan.named(name).label} was removed by the user."
    left = without_planned(plan, name)
    return replace(left, notes=(*(known for known in left.notes if known != note), note))


def rename(plan: Plan, name: str, label: str, hand: Hand) -> Plan:
    """Return a plan with an object called otherwise; its id stays.

    Raises
    ------
    FluoroPrintError
        The label is empty, or the object is locked.
    """
    if not label.strip():
        raise FluoroPrintError("An object of a plan needs a name that can be read: type one.")
    planned = replace(plan.named(name), label=label.strip())
    decided = with_decision(planned, Decision(f"renamed to {label.strip()}", USER, hand.when))
    return with_planned(plan, decided)


def free_id(plan: Plan, wanted: str) -> str:
    """Return an id that no object of a plan has: the wanted one, or that with a number."""
    taken = {planned.id for planned in plan.objects}
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _with(plan: Plan, planned: Planned, what: str, hand: Hand) -> Plan:
    """Return a plan that holds an object, measured anew as all that is measured by it, with the decision."""
    measured = kind_of(planned).refreshed(planned, replace(hand.around, objects=plan.objects))
    decision = Decision(what, USER, hand.when, told_figures(measured))
    plan = with_planned(plan, settled(_decided(measured, decision)))
    for other in plan.objects:
        if planned.kind in kind_of(other).measured_by and not other.locked and other.id != planned.id:
            again = kind_of(other).refreshed(other, replace(hand.around, objects=plan.objects))
            plan = plan if again is other else with_planned(plan, settled(again))
    return plan


def _decided(planned: Planned, decision: Decision) -> Planned:
    """Return an object with a decision more; of moves on end the last alone is told."""
    last = planned.decisions[-1] if planned.decisions else None
    if last is not None and decision.what == MOVED == last.what and last.by == USER:
        planned = replace(planned, decisions=planned.decisions[:-1])
    return with_decision(planned, decision)


def told_figures(planned: Planned) -> dict[str, Figure]:
    """Return the figures of an object that its kind shows in a table."""
    return {name: planned.figures[name] for name in kind_of(planned).columns if name in planned.figures}

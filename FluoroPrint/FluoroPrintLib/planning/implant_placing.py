"""Implants and tools of the catalogue put where the user points: at a place, on a plane, along a line."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .field import BoneField
from .implant_objects import ORIGIN, implant_of, planned_implant
from .implant_objects import pose_of as implant_pose
from .implants import ImplantFamily, chosen_implant
from .kind import Surroundings
from .plan import USER, Decision, Figure, Place, Plan, Planned, place_of
from .screw_objects import DIAMETER, ENTRY, SCREW, TIP

AT_TIP = ("wire", "drill", "lead", "saw")
"""Kinds whose origin is their tip."""
INTO_BONE = (*AT_TIP, SCREW, "dental")
"""Kinds whose axis points into the bone; that of the others points away from it."""
NOT_ON_SURFACE = ("cup", "head", "stem", "cage-box", "cage-kidney", "stent")
"""Kinds that lie within a bone, a joint or a vessel, not on a surface."""
APART_MM = 1.0
SNAP_MM, SNAP_STEP_MM = 40.0, 0.2
FIRST_DIAMETER_MM = 5.0
UP = (0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Spot:
    """Where the user points.

    Attributes
    ----------
    places : RAS mm: one place, or two, from the first to the second
    normal : direction at the place, of a plane for example; None where none was told
    words : what was pointed with, for the decision
    """

    places: tuple[Place, ...]
    normal: Place | None = None
    words: str = ""


def implant_at(family: ImplantFamily, spot: Spot, bone: BoneField | None = None) -> Planned:
    """Return an implant of a family where the user points, of a middle size to be changed afterwards.

    Its axis runs from the first place to the second, or along the normal; at a lone place across the surface
    of the bone, as far as one was measured, else up or down. A screw becomes a screw of the plan, of the
    length nearest to the distance of the places.

    Raises
    ------
    FluoroPrintError
        There is no place, or two that are one.
    """
    first, axis = _first_and_axis(spot, family.kind, bone)
    if family.kind == SCREW and family.shape is None:
        return _screw_at(family, spot, first, axis)
    decision = Decision(f"placed on {spot.words}", USER, note="size to be chosen")
    chosen = chosen_implant(family)
    at_tip = len(spot.places) > 1 and family.kind in AT_TIP
    origin = spot.places[1] if at_tip else place_of(first)
    name = family.id.replace(".", "-")
    return planned_implant(name, family.title, chosen, origin, place_of(axis), decisions=(decision,))


def _first_and_axis(spot: Spot, kind: str, bone: BoneField | None) -> tuple[Float64Array, Float64Array]:
    if not spot.places:
        raise FluoroPrintError("There is no place to put it: place a point, a line or a plane first.")
    first = np.asarray(spot.places[0], np.float64)
    if len(spot.places) > 1:
        along = np.asarray(spot.places[1], np.float64) - first
        length = float(np.linalg.norm(along))
        if length < APART_MM:
            raise FluoroPrintError(f"Both points of {spot.words} are one place: move them apart.")
        return first, along / length
    inward = kind in INTO_BONE
    normal = np.asarray(spot.normal) if spot.normal is not None else _across_surface(first, bone, inward)
    return first, normal


def _across_surface(place: Float64Array, bone: BoneField | None, inward: bool) -> Float64Array:
    """Return the direction into the nearest bone, or out of it; down or up where none is known."""
    rise = np.zeros(3)
    if bone is not None:
        steps = 2 * bone.step_mm * np.eye(3)
        rise = bone.at(place + steps) - bone.at(place - steps)
    length = float(np.linalg.norm(rise))
    into = rise / length if 1e-6 < length < 20 * APART_MM else -np.array(UP)
    return into if inward else -into


def _screw_at(family: ImplantFamily, spot: Spot, entry: Float64Array, axis: Float64Array) -> Planned:
    """Return a screw of a family from an entry along an axis."""
    lengths, diameters = family.sizes("length_mm"), family.sizes("diameter_mm")
    wanted = float(lengths[(len(lengths) - 1) // 2])
    if len(spot.places) > 1:
        wanted = float(np.linalg.norm(np.subtract(spot.places[1], spot.places[0])))
    length = min(lengths, key=lambda size: abs(size - wanted))
    diameter = min(diameters, key=lambda size: abs(size - FIRST_DIAMETER_MM))
    places = {ENTRY: (place_of(entry),), TIP: (place_of(entry + length * axis),)}
    decision = Decision(f"placed on {spot.words}", USER, note="diameter to be chosen")
    return Planned(SCREW, "Screw", SCREW, "", places, {}, {DIAMETER: Figure(diameter, "mm")}, (decision,))


def numbered(plan: Plan, planned: Planned) -> Planned:
    """Return an object with the first number that is free in a plan after its id and its label."""
    taken, number = {known.id for known in plan.objects}, 1
    while f"{planned.id}-{number}" in taken:
        number += 1
    return replace(planned, id=f"{planned.id}-{number}", label=f"{planned.label} {number}")


def snapped_implant(planned: Planned, around: Surroundings) -> Planned:
    """Return an implant moved along its own axis until its origin lies in the surface of the bone.

    Raises
    ------
    FluoroPrintError
        There is no bone, the axis meets none near by, or the implant has no place on a surface.
    """
    implant = implant_of(planned)
    if around.bone is None:
        raise FluoroPrintError("There is no bone to snap to: choose a segmentation or a model first.")
    if implant.kind in NOT_ON_SURFACE:
        raise FluoroPrintError(f"{planned.label} has no place on the surface of a bone: move it by hand.")
    origin, axis, _ = implant_pose(planned)
    inward = np.asarray(axis) * (1.0 if implant.kind in INTO_BONE else -1.0)
    way = _way_to_surface(around.bone, np.asarray(origin), inward, planned.label)
    return replace(planned, points={**planned.points, ORIGIN: (place_of(np.asarray(origin) + way * inward),)})


def _way_to_surface(bone: BoneField, origin: Float64Array, inward: Float64Array, label: str) -> float:
    """Return how far along a direction the nearest place lies at which it enters bone."""
    along = np.arange(-SNAP_MM, SNAP_MM + SNAP_STEP_MM, SNAP_STEP_MM)
    depths = bone.at(origin + along[:, None] * inward)
    entries = np.flatnonzero((depths[:-1] <= 0) & (depths[1:] > 0))
    if not len(entries):
        raise FluoroPrintError(
            f"The axis of {label} meets no surface of bone within {SNAP_MM:g} mm: move it nearer, or turn it."
        )
    nearest = entries[np.abs(along[entries]).argmin()]
    before, after = depths[nearest], depths[nearest + 1]
    return float(along[nearest] + SNAP_STEP_MM * -before / (after - before))

"""A stem in the femur, and what a cup, a head and a stem do to leg length and offset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .cup_angles import PelvisFrame
from .plan import Place, place_of

LEAST_OFFSET_MM = 5.0


@dataclass(frozen=True)
class Stem:
    """Where a stem lies and where it carries its head.

    Attributes
    ----------
    origin_ras : where the axes of neck and shaft meet, RAS mm
    distal_ras, medial_ras : unit vectors, at right angles
    neck_shaft_deg : between the axes
    neck_mm : from the origin to the middle of the head
    """

    origin_ras: Place
    distal_ras: Place
    medial_ras: Place
    neck_shaft_deg: float
    neck_mm: float

    @property
    def head_ras(self) -> Float64Array:
        """The middle of the head, (3,) RAS mm."""
        turn = np.radians(self.neck_shaft_deg)
        way = np.cos(turn) * np.asarray(self.distal_ras) + np.sin(turn) * np.asarray(self.medial_ras)
        head: Float64Array = np.asarray(self.origin_ras) + self.neck_mm * way
        return head

    @property
    def offset_mm(self) -> float:
        """The distance of the middle of the head from the axis of the shaft."""
        return float(self.neck_mm * np.sin(np.radians(self.neck_shaft_deg)))


@dataclass(frozen=True)
class HipChanges:
    """What a hip is like after the operation, by what it was before.

    Attributes
    ----------
    leg_length_mm : the leg is longer by so much
    offset_mm : the femur lies further lateral by so much
    centre_mm : the centre of rotation moved lateral, anterior, superior by so much
    """

    leg_length_mm: float
    offset_mm: float
    centre_mm: Place


def stem_for_head(
    head_ras: Place,
    shaft_proximal_ras: Place,
    shaft_distal_ras: Place,
    neck_shaft_deg: float,
    necks_mm: tuple[float, ...],
) -> Stem:
    """Return the stem in the axis of the shaft that carries its head nearest to where the native head is.

    Parameters
    ----------
    head_ras : centre of the native head
    shaft_proximal_ras, shaft_distal_ras : two places in the axis of the shaft
    neck_shaft_deg : of the stem
    necks_mm : lengths of neck to choose from; the nearest to the one wanted is taken, and the stem set so
        deep that leg length stays

    Raises
    ------
    FluoroPrintError
        The two places of the shaft are one, or the head lies in its axis.
    """
    shaft = np.subtract(shaft_distal_ras, shaft_proximal_ras)
    if np.linalg.norm(shaft) < LEAST_OFFSET_MM:
        raise FluoroPrintError("The two places of the femoral shaft are one: put them apart along the shaft.")
    distal = shaft / np.linalg.norm(shaft)
    aside = np.subtract(head_ras, shaft_proximal_ras)
    along = float(aside @ distal)
    medial = aside - along * distal
    offset = float(np.linalg.norm(medial))
    if offset < LEAST_OFFSET_MM:
        raise FluoroPrintError("The head lies in the axis of the femoral shaft: check the landmarks.")
    turn = np.radians(neck_shaft_deg)
    neck = min(necks_mm, key=lambda length: abs(length - offset / np.sin(turn)))
    origin = np.asarray(shaft_proximal_ras) + (along - neck * np.cos(turn)) * distal
    return Stem(place_of(origin), place_of(distal), place_of(medial / offset), neck_shaft_deg, neck)


def hip_changes(
    cup_ras: Place, head_ras: Place, native_ras: Place, frame: PelvisFrame, side: str
) -> HipChanges:
    """Return what changes when a head in the femur is put into a cup in the pelvis.

    The femur moves, unturned, by the way from the head to the cup: what it goes down is leg length, what it
    goes outwards is offset. The places are those before: the femur and the pelvis as they were scanned.

    Parameters
    ----------
    cup_ras : centre of the cup
    head_ras : middle of the head on its stem
    native_ras : centre of the native head
    frame : pelvis
    side : "left" or "right"
    """
    axes = frame.hip_axes(side)
    lateral, _, superior = axes @ np.subtract(cup_ras, head_ras)
    moved = axes @ np.subtract(cup_ras, native_ras)
    return HipChanges(float(-superior), float(lateral), place_of(moved))

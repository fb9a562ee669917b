"""The body of a guide: base, sleeves and slots, in the guide's own frame (z is the way it comes off)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError
from ..shape.probing import Probe
from ..shape.solids import Outline, Solid, disc, engine, placed, rod, unit
from .guide_envelope import BELOW_MM, Envelope, between, forbidden_solid, on_bone, thickened
from .guide_label import LABEL_DEEP_MM, label_letters
from .guide_parameters import GuideParameters

MOST_TILT_DEG = 65.0
LEAST_SLOT_DEG = 30.0
ROUNDING_MM = 1.5
ROUGH_MM = 0.5
"""The edge of the base keeps so far from where the bone ends."""
LEAST_SHARE = 0.3
"""A base that covers less of what it shall is not worth being made."""
SLOT_STEP_MM, SHORTEST_SLOT_MM = 0.5, 4.0
LARGEST_STRAY = 0.02
SIMPLER_MM = 0.004


@dataclass(frozen=True)
class Sleeve:
    """A hole in the guide's frame.

    Attributes
    ----------
    foot_mm : where the axis meets the bone
    top_mm : where the drill enters the sleeve
    """

    foot_mm: Float64Array
    top_mm: Float64Array

    @property
    def inward(self) -> Float64Array:
        """The unit vector in which the drill goes."""
        return unit(self.foot_mm - self.top_mm)


@dataclass(frozen=True)
class SlotFrame:
    """A slot in the guide's frame.

    Attributes
    ----------
    middle_mm : a place of its plane on the bone
    axes : as rows: along the bone and level, across the plane, up
    ends_mm : where it begins and ends along the bone, from there
    """

    middle_mm: Float64Array
    axes: Float64Array
    ends_mm: tuple[float, float]


@dataclass(frozen=True)
class GuideBody:
    """A guide's solid in its own frame, its slots as long as they became, whether its label found room."""

    solid: Solid
    slots: tuple[SlotFrame, ...]
    labelled: bool


def sleeve_at(
    probe: Probe, entry_mm: Float64Array, target_mm: Float64Array, parameters: GuideParameters
) -> Sleeve:
    """Return the sleeve of a drill's line; `probe` is of the bone in the guide's frame.

    Raises
    ------
    FluoroPrintError
        The line meets no bone, or runs too flat along the guide.
    """
    inward = unit(target_mm - entry_mm, "line from entry to target")
    tilt = float(np.degrees(np.arccos(np.clip(-inward[2], -1, 1))))
    if tilt > MOST_TILT_DEG:
        raise FluoroPrintError(
            f"The drill leans {tilt:.0f} degrees from the way in which the guide comes off, more than "
            f"{MOST_TILT_DEG:g}: choose another entry or direction."
        )
    before = parameters.sleeve_mm
    reach = float(np.linalg.norm(target_mm - entry_mm)) + before
    hit = float(probe.first_hits((entry_mm - before * inward)[None], inward, reach).along_mm[0])
    if not np.isfinite(hit):
        raise FluoroPrintError("The line from entry to target meets no bone: check places and frame.")
    foot = entry_mm + (hit - before) * inward
    return Sleeve(foot, foot - parameters.sleeve_mm * inward)


def slot_at(point_mm: Float64Array, normal: Float64Array, length_mm: float) -> SlotFrame:
    """Return the frame of a slot whose plane goes through a point of the surface.

    Raises
    ------
    FluoroPrintError
        The plane lies flat on the bone.
    """
    up = np.array([0.0, 0.0, 1.0])
    if abs(float(normal[2])) > np.cos(np.radians(LEAST_SLOT_DEG)):
        raise FluoroPrintError(
            "The cut runs almost along the bone's surface: choose another point of it or another plane."
        )
    rising = unit(up - (up @ normal) * normal)
    axes = np.stack([np.cross(normal, rising), normal, rising])
    return SlotFrame(point_mm, axes, (-length_mm / 2, length_mm / 2))


def anchors_of(sleeves: Iterable[Sleeve], slots: Iterable[SlotFrame]) -> Float64Array:
    """Return the places about which the base reaches: (N, 2) feet of the holes and ends of the slots."""
    feet = [sleeve.foot_mm[:2] for sleeve in sleeves]
    ends = [(slot.middle_mm + end * slot.axes[0])[:2] for slot in slots for end in slot.ends_mm]
    return np.array(feet + ends)


def field_of(
    anchors_mm: Float64Array,
    sleeves: Sequence[Sleeve],
    slots: Sequence[SlotFrame],
    parameters: GuideParameters,
) -> tuple[Float64Array, Float64Array]:
    """Return the low and the high corner (2,) of all that the guide can cover, with room to spare."""
    spare = parameters.bore_mm / 2 + parameters.sleeve_wall_mm + 1.0
    tops = [sleeve.top_mm[:2] for sleeve in sleeves]
    rise = parameters.slot_height_mm + parameters.reach_mm
    tops += [end + rise * slot.axes[2, :2] for slot in slots for end in anchors_mm]
    about = np.concatenate([anchors_mm, np.reshape(tops, (-1, 2))])
    spare = max(spare, parameters.reach_mm + 1.0)
    return about.min(0) - spare, about.max(0) + spare


def guide_body(
    envelope: Envelope,
    anchors_mm: Float64Array,
    sleeves: Sequence[Sleeve],
    slots: Sequence[SlotFrame],
    parameters: GuideParameters,
) -> GuideBody:
    """Return base, sleeves and slots as one solid, all of it above the envelope, with its label.

    Raises
    ------
    FluoroPrintError
        The bone does not carry a base there, or the guide would fall into pieces.
    """
    outline = base_outline(envelope, anchors_mm, parameters)
    slots = [shortened(slot, outline, parameters) for slot in slots]
    top = thickened(envelope, parameters.wall_mm)
    base = between(envelope, envelope.height_mm - BELOW_MM / 2, top)
    tall = outline.extrude(1000.0).translate((0, 0, -500.0))
    body = base ^ tall
    for sleeve in sleeves:
        body += _sleeve_rod(sleeve, parameters)
    for slot in slots:
        body += _slot_wall(slot, envelope, parameters) ^ tall
    body -= forbidden_solid(envelope)
    for sleeve in sleeves:
        body -= _bore(sleeve, envelope, parameters)
    for slot in slots:
        body -= _slot_opening(slot, envelope, parameters)
    letters = label_letters(outline - _shadows(sleeves, slots, envelope, parameters), parameters.label)
    if letters is not None:
        cutter = between(envelope, top - LABEL_DEEP_MM, top + 1.0)
        body -= cutter ^ letters.extrude(1000.0).translate((0, 0, -500.0))
    return GuideBody(_one_piece(body).simplify(SIMPLER_MM), tuple(slots), letters is not None)


def shortened(slot: SlotFrame, outline: Outline, parameters: GuideParameters) -> SlotFrame:
    """Return a slot no longer than the base carries its walls, about its middle.

    Raises
    ------
    FluoroPrintError
        Nothing worth sawing through is left of it.
    """
    wall = parameters.sleeve_wall_mm
    low, high = slot.ends_mm
    places = np.arange(low - wall, high + wall - SLOT_STEP_MM / 2, SLOT_STEP_MM) + SLOT_STEP_MM / 2
    cell = engine().CrossSection.square((SLOT_STEP_MM, parameters.kerf_mm + 2 * wall), True)
    turned = cell.rotate(float(np.degrees(np.arctan2(slot.axes[0, 1], slot.axes[0, 0]))))
    at = [tuple((slot.middle_mm + place * slot.axes[0])[:2]) for place in places]
    carried = np.array([(turned.translate(one) ^ outline).area() > 0.999 * cell.area() for one in at])
    labels, count = ndimage.label(carried)
    if count:
        nearest = np.where(carried, np.abs(places), np.inf).argmin()
        kept = places[labels == labels[nearest]]
        begin, end = kept[0] - SLOT_STEP_MM / 2 + wall, kept[-1] + SLOT_STEP_MM / 2 - wall
        if end - begin >= SHORTEST_SLOT_MM:
            return replace(slot, ends_mm=(max(low, float(begin)), min(high, float(end))))
    raise FluoroPrintError(
        "The bone carries no slot there: choose another point of the cut, a larger base or a thinner wall."
    )


def base_outline(envelope: Envelope, anchors_mm: Float64Array, parameters: GuideParameters) -> Outline:
    """Return the outline of the base seen along z: all about the anchors where there is bone under it.

    Raises
    ------
    FluoroPrintError
        There is too little bone.
    """
    section = engine().CrossSection
    wanted = section.batch_hull([disc(parameters.reach_mm).translate(tuple(place)) for place in anchors_mm])
    most = max(parameters.reach_mm, float(np.linalg.norm(anchors_mm, axis=1).max()))
    there = _outline_of(on_bone(envelope, most), envelope)
    turn = engine().JoinType.Round
    outline = (there ^ wanted).offset(-ROUNDING_MM, turn).offset(ROUNDING_MM, turn)
    if outline.area() < LEAST_SHARE * wanted.area():
        raise FluoroPrintError(
            f"The bone bears only {100 * outline.area() / wanted.area():.0f} % of the guide's base: "
            "choose a smaller base, another place or another direction."
        )
    return outline


def _outline_of(columns: BoolArray, envelope: Envelope) -> Outline:
    """Return columns (J, I) as an outline with rounded corners, no larger than they are."""
    half = envelope.step_mm / 2
    strips = []
    for y, row in zip(envelope.y_mm, columns, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        for start, end in edges.reshape(-1, 2):
            left, right = envelope.x_mm[start] - half, envelope.x_mm[end - 1] + half
            strips.append([(left, y - half), (right, y - half), (right, y + half), (left, y + half)])
    library: Any = engine()
    turn = library.JoinType.Round
    outline = library.CrossSection(strips, library.FillRule.NonZero)
    closed = outline.offset(ROUNDING_MM, turn).offset(-2 * ROUNDING_MM, turn)
    return closed.offset(ROUNDING_MM - ROUGH_MM, turn)


def _shadows(
    sleeves: Sequence[Sleeve], slots: Sequence[SlotFrame], envelope: Envelope, parameters: GuideParameters
) -> Outline:
    """Return what sleeves and slots cover of the base, seen along z."""
    section = engine().CrossSection
    round_mm = parameters.bore_mm / 2 + parameters.sleeve_wall_mm
    shadow = section()
    for sleeve in sleeves:
        ends = (sleeve.foot_mm, sleeve.top_mm)
        shadow += section.batch_hull([disc(round_mm).translate(tuple(end[:2])) for end in ends])
    for slot in slots:
        shadow += _slot_wall(slot, envelope, parameters).project()
    return shadow


def _sleeve_rod(sleeve: Sleeve, parameters: GuideParameters) -> Solid:
    radius = parameters.bore_mm / 2 + parameters.sleeve_wall_mm
    tangent = np.hypot(*sleeve.inward[:2]) / abs(sleeve.inward[2])
    return rod(sleeve.top_mm, sleeve.foot_mm + (radius * tangent + BELOW_MM) * sleeve.inward, radius)


def _bore(sleeve: Sleeve, envelope: Envelope, parameters: GuideParameters) -> Solid:
    deep = sleeve.foot_mm[2] - envelope.floor_mm + 2 * BELOW_MM
    above = sleeve.top_mm - 5.0 * sleeve.inward - _over(envelope, parameters) * sleeve.inward
    below = sleeve.foot_mm + deep / abs(sleeve.inward[2]) * sleeve.inward
    return rod(above, below, parameters.bore_mm / 2)


def _over(envelope: Envelope, parameters: GuideParameters) -> float:
    """Return a length that goes through the base wherever a bore passes it."""
    return parameters.wall_mm + parameters.reach_mm + float(np.ptp(envelope.height_mm))


def _slot_wall(slot: SlotFrame, envelope: Envelope, parameters: GuideParameters) -> Solid:
    wall = 2 * parameters.sleeve_wall_mm
    low, high = _slot_span(slot, envelope, parameters)
    return _block(slot, wall, parameters.kerf_mm + wall, low, high)


def _slot_opening(slot: SlotFrame, envelope: Envelope, parameters: GuideParameters) -> Solid:
    low, high = _slot_span(slot, envelope, parameters)
    return _block(slot, 0.0, parameters.kerf_mm, low - 50.0, high + _over(envelope, parameters))


def _slot_span(slot: SlotFrame, envelope: Envelope, parameters: GuideParameters) -> tuple[float, float]:
    """Return from where to where a slot's walls go along its own up, from below the bone along all of it."""
    along = np.linspace(*slot.ends_mm, 41)
    places = slot.middle_mm + along[:, None] * slot.axes[0]
    heights = envelope.at(places[:, :2]) - places[:, 2]
    rising = slot.axes[2, 2]
    low = heights.min() / rising - parameters.kerf_mm - parameters.sleeve_wall_mm - BELOW_MM
    return float(low), float(heights.max() / rising + parameters.slot_height_mm)


def _block(slot: SlotFrame, longer_mm: float, width_mm: float, low_mm: float, high_mm: float) -> Solid:
    begin, end = slot.ends_mm
    cube = engine().Manifold.cube((end - begin + longer_mm, width_mm, high_mm - low_mm))
    middle = cube.translate((begin - longer_mm / 2, -width_mm / 2, low_mm))
    return placed(middle, slot.middle_mm, slot.axes)


def _one_piece(body: Solid) -> Solid:
    """Return the largest piece of a body.

    Raises
    ------
    FluoroPrintError
        What would be left out is more than crumbs.
    """
    pieces = sorted(body.decompose(), key=lambda piece: -piece.volume())
    if not pieces:
        raise FluoroPrintError("Nothing is left of the guide: choose a larger base.")
    stray = sum(piece.volume() for piece in pieces[1:])
    if stray > LARGEST_STRAY * pieces[0].volume():
        raise FluoroPrintError(
            "The guide would fall into pieces: choose a larger base, a shorter slot or another place."
        )
    return pieces[0]

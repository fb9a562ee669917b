"""Head and stem of a hip as objects of a plan, with what they change of leg length and offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..errors import FluoroPrintError
from .hip_stem import Stem
from .implant_objects import IMPLANT, WHAT, planned_implant, pose_of
from .implants import Implant
from .plan import Figure, Planned, place_of

NECK, NECK_SHAFT = "neck_mm", "neck_shaft_deg"


def planned_stem(stem: Stem, side: str, implant: Implant, changes: Mapping[str, Figure]) -> Planned:
    """Return a stem as an object of a plan, with its offset and what it changes (`change_figures`).

    Neck and angle are the stem's own, whatever the implant of the catalogue says.
    """
    sizes = {**implant.dimensions, NECK: stem.neck_mm, NECK_SHAFT: stem.neck_shaft_deg}
    return planned_implant(
        f"stem-{side}",
        f"Stem, {side}",
        replace(implant, dimensions=sizes),
        stem.origin_ras,
        stem.distal_ras,
        stem.medial_ras,
        side=side,
        figures={"stem offset": Figure(round(stem.offset_mm, 3), "mm"), **changes},
    )


def planned_head(stem: Stem, side: str, implant: Implant) -> Planned:
    """Return a head on a stem as an object of a plan; its bore faces the neck."""
    head = place_of(stem.head_ras)
    x, y, z = (origin - middle for origin, middle in zip(stem.origin_ras, head, strict=True))
    return planned_implant(f"head-{side}", f"Head, {side}", implant, head, (x, y, z), side=side)


def stem_of(planned: Planned) -> Stem:
    """Return the stem of an object of a plan.

    Raises
    ------
    FluoroPrintError
        The object is no stem with a pose, a neck and an angle.
    """
    neck, angle = (planned.figures.get(name, Figure("")).value for name in (NECK, NECK_SHAFT))
    is_stem = planned.kind == IMPLANT and planned.figures.get(WHAT, Figure("")).value == "stem"
    if not is_stem or not isinstance(neck, int | float) or not isinstance(angle, int | float):
        raise FluoroPrintError(f"{planned.id} is no stem with a neck and an angle.")
    origin, distal, medial = pose_of(planned)
    return Stem(origin, distal, medial, float(angle), float(neck))

"""Head and stem of a hip as objects of a plan, with what they change of leg length and offset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from ..errors import FluoroPrintError
from .cup_objects import CUP, PELVIS, change_figures, cup_of, pelvis_of
from .femoral_canal import FemoralCanal
from .hip_stem import Stem, hip_changes
from .implant_objects import IMPLANT, WHAT, planned_implant, pose_of
from .implants import Implant
from .plan import AUTOMATIC, Decision, Figure, Place, Planned, place_of
from .stem_fit import LEVELS, StemFit, StemParameters

NECK, NECK_SHAFT = "neck_mm", "neck_shaft_deg"
NATIVE_HEAD, LINER = "femoral-head", "liner thickness"
CANAL_CLEARANCE, FITTED_AT = "room in the canal", "fitted at"
FILL = tuple(f"canal fill, {level}" for level in LEVELS)
STILL_MM = 1e-3
CHANGES = (", change", "rotation, lateral", "rotation, anterior", "rotation, superior")
"""What figures end in that a cup and a stem tell together."""


def planned_stem(
    stem: Stem,
    side: str,
    implant: Implant,
    figures: Mapping[str, Figure],
    decisions: Iterable[Decision] = (),
) -> Planned:
    """Return a stem as an object of a plan, with its offset, its fit and what it changes (`change_figures`).

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
        figures={"stem offset": Figure(round(stem.offset_mm, 3), "mm"), **figures},
        decisions=decisions,
    )


def planned_head(
    stem: Stem, side: str, implant: Implant, figures: Mapping[str, Figure] | None = None
) -> Planned:
    """Return a head on a stem as an object of a plan, with more figures; its bore faces the neck."""
    head = place_of(stem.head_ras)
    x, y, z = (origin - middle for origin, middle in zip(stem.origin_ras, head, strict=True))
    label = f"Head, {side}"
    return planned_implant(f"head-{side}", label, implant, head, (x, y, z), side=side, figures=figures)


def fit_figures(fit: StemFit, canal: FemoralCanal) -> dict[str, Figure]:
    """Return how a stem lies in the canal: room, widths and fill at three levels, where that was measured."""
    figures = {
        CANAL_CLEARANCE: Figure(round(fit.clearance_mm, 3), "mm"),
        "canal, narrowest": Figure(round(float(canal.width_mm.min()), 3), "mm"),
        FITTED_AT: Figure(fit.stem.origin_ras, "mm RAS"),
    }
    for level, fill, wide in zip(LEVELS, fit.fill, fit.canal_mm, strict=True):
        figures[f"canal width, {level}"] = Figure(round(wide, 3), "mm")
        figures[f"canal fill, {level}"] = Figure(round(100 * fill, 2), "%")
    return figures


def fit_decisions(fit: StemFit, asked: StemParameters) -> tuple[Decision, ...]:
    """Return the decisions for place and size of a stem that was fitted to a canal."""
    sizes = fit.implant.dimensions
    size = f"tip {sizes['tip_mm']:g} mm, length {sizes['length_mm']:g} mm"
    room = {"room asked for": Figure(asked.canal_clearance_mm, "mm")}
    why = "fills the canal most of those that keep that room to the cortex"
    return (
        Decision("axis of the canal", AUTOMATIC, note="through the middles of its inscribed circles"),
        Decision(size, AUTOMATIC, figures=room, note=why),
    )


def with_native_head(pelvis: Planned, head_ras: Place, side: str) -> Planned:
    """Return a pelvis that knows where the native head is: what leg length and offset are told by."""
    return replace(pelvis, points={**pelvis.points, f"{NATIVE_HEAD}-{side}": (head_ras,)})


def changes_of(stem: Stem, objects: Iterable[Planned], side: str) -> dict[str, Figure]:
    """Return what a stem changes of leg length and offset with the cup of a plan; nothing without one."""
    known = tuple(objects)
    pelvis = next((each for each in known if each.kind == PELVIS), None)
    cup = next((each for each in known if each.kind == CUP and each.side == side), None)
    native = pelvis.points.get(f"{NATIVE_HEAD}-{side}", ()) if pelvis is not None else ()
    if pelvis is None or cup is None or not native:
        return {}
    frame = pelvis_of(pelvis)[1]
    changes = hip_changes(cup_of(cup).centre_ras, place_of(stem.head_ras), native[0], frame, side)
    return change_figures(changes)


def refreshed_stem(planned: Planned, objects: Iterable[Planned]) -> Planned:
    """Return a stem measured where it lies; what tells of its fit in another place is left out."""
    stem = stem_of(planned)
    made = planned.figures.get(FITTED_AT)
    is_there = made is None or np.abs(np.subtract(made.value, stem.origin_ras)).max() < STILL_MM
    figures = {name: each for name, each in planned.figures.items() if is_there or not _is_of_fit(name)}
    return replace(planned, figures=figures | changes_of(stem, objects, planned.side))


def _is_of_fit(name: str) -> bool:
    return name in (CANAL_CLEARANCE, FITTED_AT) or name.startswith(("canal fill", "canal width", "canal, "))


def with_changes(cup: Planned, objects: Iterable[Planned]) -> Planned:
    """Return a cup that tells of leg length and offset too, where its plan holds a stem of its side."""
    known = tuple(objects)
    stems = [each for each in known if is_stem(each) and each.side == cup.side]
    pelves = [each for each in known if each.kind == PELVIS]
    told = changes_of(stem_of(stems[0]), (*pelves, cup), cup.side) if stems else {}
    kept = {name: each for name, each in cup.figures.items() if not name.endswith(CHANGES)}
    return replace(cup, figures=kept | told)


def is_stem(planned: Planned) -> bool:
    """Say whether an object of a plan is a stem."""
    return planned.kind == IMPLANT and planned.figures.get(WHAT, Figure("")).value == "stem"


def stem_of(planned: Planned) -> Stem:
    """Return the stem of an object of a plan.

    Raises
    ------
    FluoroPrintError
        The object is no stem with a pose, a neck and an angle.
    """
    neck, angle = (planned.figures.get(name, Figure("")).value for name in (NECK, NECK_SHAFT))
    if not is_stem(planned) or not isinstance(neck, int | float) or not isinstance(angle, int | float):
        raise FluoroPrintError(f"{planned.id} is no stem with a neck and an angle.")
    origin, distal, medial = pose_of(planned)
    return Stem(origin, distal, medial, float(angle), float(neck))

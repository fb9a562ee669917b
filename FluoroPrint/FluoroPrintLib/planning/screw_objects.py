"""Screws as objects of a plan, with their figures and the decisions that led to them; and back."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from .field import BoneField
from .plan import AUTOMATIC, USER, Decision, Figure, Plan, Planned, place_of
from .profile import ALONG, JUDGED, TO_CORTEX
from .quality import NOT_CALIBRATED, QualityParameters, quality_figures, scale_of
from .screw import Fit, Screw, TrajectoryParameters, fit_of
from .spine import PlannedPedicle

SCREW = "screw"
ENTRY, TIP = "entry", "tip"
DIAMETER, LENGTH, MARGIN, GRADE = "diameter", "length", "margin", "grade"


def planned_screw(
    name: str,
    label: str,
    screw: Screw,
    fit: Fit,
    *,
    side: str = "",
    quality: dict[str, Figure] | None = None,
    decisions: Iterable[Decision] = (),
) -> Planned:
    """Return a screw as an object of a plan: points `entry` and `tip`, figures of size, fit and quality."""
    return Planned(
        name,
        label,
        SCREW,
        side,
        {ENTRY: (screw.entry_ras,), TIP: (screw.tip_ras,)},
        {"axis": (place_of(screw.axis_ras),)},
        {**fit_figures(screw, fit), **(quality or {})},
        tuple(decisions),
    )


def fit_figures(screw: Screw, fit: Fit) -> dict[str, Figure]:
    """Return size and fit of a screw as figures."""
    return {
        DIAMETER: Figure(screw.diameter_mm, "mm"),
        LENGTH: Figure(round(screw.length_mm, 3), "mm"),
        MARGIN: Figure(round(fit.margin_mm, 3), "mm"),
        GRADE: Figure(fit.grade),
        "least distance to cortex": Figure(round(fit.least_mm, 3), "mm"),
        "least distance at": Figure(round(fit.least_at_mm, 3), "mm"),
        JUDGED: Figure(tuple(round(place, 3) for place in fit.judged_mm), "mm"),
        ALONG: Figure(tuple(round(float(along), 3) for along in fit.along_mm), "mm"),
        TO_CORTEX: Figure(tuple(round(float(depth), 3) for depth in fit.depth_mm), "mm"),
    }


def screw_of(planned: Planned) -> Screw:
    """Return the screw of an object of a plan.

    Raises
    ------
    FluoroPrintError
        The object is no screw, or lacks its ends or diameter.
    """
    try:
        (entry,), (tip,) = planned.points[ENTRY], planned.points[TIP]
        diameter = planned.figures[DIAMETER].value
    except (KeyError, ValueError) as error:
        raise FluoroPrintError(
            f"{planned.id} is no screw: it needs an entry, a tip and a diameter."
        ) from error
    if planned.kind != SCREW or not isinstance(diameter, int | float):
        raise FluoroPrintError(f"{planned.id} is no screw with a diameter.")
    return Screw(entry, tip, float(diameter))


def spine_plan(
    case: str,
    pedicles: Iterable[PlannedPedicle],
    parameters: TrajectoryParameters,
    volume: Volume | None = None,
    quality: QualityParameters | None = None,
) -> Plan:
    """Return the plan of a spine: a screw a pedicle, and a note for each pedicle in which none fits."""
    wanted = quality or QualityParameters()
    objects, notes = [], []
    for found in pedicles:
        if found.screw is None:
            notes.append(f"{_title(found)}: no screw fits, as {found.why}.")
        else:
            objects.append(_pedicle_screw(found, found.screw, parameters, volume, wanted))
    if not all(found.vertebra for found in pedicles):
        notes.append("Vertebrae are counted from the uppermost in view: their names are not known.")
    if volume is not None and not wanted.calibrated:
        notes.append(NOT_CALIBRATED)
    return Plan(case, "", tuple(objects), tuple(notes))


def _pedicle_screw(
    found: PlannedPedicle,
    screw: Screw,
    parameters: TrajectoryParameters,
    volume: Volume | None,
    wanted: QualityParameters,
) -> Planned:
    fit = fit_of(found.field, screw, parameters)
    return planned_screw(
        f"screw-{_slug(_name(found))}-{found.pedicle.side}",
        _title(found),
        screw,
        fit,
        side=found.pedicle.side,
        quality=measured_quality(volume, found.field, screw, wanted),
        decisions=(place_decision(fit, AUTOMATIC), size_decision(screw, parameters)),
    )


def corridor_plan(
    case: str,
    screw: Screw,
    field: BoneField,
    parameters: TrajectoryParameters,
    *,
    chosen_by: str = USER,
    region: str = "",
    side: str = "",
) -> Plan:
    """Return the plan of one screw in a corridor; `chosen_by` says who found its place, `region` in what."""
    fit = fit_of(field, screw, parameters)
    decisions = (place_decision(fit, chosen_by), size_decision(screw, parameters))
    name = f"screw-{_slug(f'{region}-{side}')}" if region else "screw-1"
    label = f"{region[0].upper()}{region[1:]}, {side}" if region else "Screw 1"
    return Plan(case, "", (planned_screw(name, label, screw, fit, side=side, decisions=decisions),))


def measured_quality(
    volume: Volume | None, field: BoneField, screw: Screw, wanted: QualityParameters
) -> dict[str, Figure]:
    """Return the figures of bone quality, none without a volume."""
    if volume is None:
        return {}
    return quality_figures(volume, scale_of(volume, field, wanted), screw, wanted)


def place_decision(fit: Fit, chosen_by: str) -> Decision:
    """Return the decision for a place, with the depth that it reaches."""
    figures = {"least distance to cortex": Figure(round(fit.least_mm, 3), "mm")}
    why = "the line that keeps farthest from the cortex" if chosen_by == AUTOMATIC else "as given"
    return Decision("place of the axis", chosen_by, figures=figures, note=why)


def size_decision(screw: Screw, parameters: TrajectoryParameters) -> Decision:
    """Return the decision for a size, with the margin that it keeps."""
    return Decision(
        f"diameter {screw.diameter_mm:g} mm, length {screw.length_mm:.0f} mm",
        AUTOMATIC,
        figures={"margin asked for": Figure(parameters.margin_mm, "mm")},
        note="a large diameter of the family and a length that keep the margin",
    )


def _name(found: PlannedPedicle) -> str:
    return found.vertebra or f"level {found.pedicle.level}"


def _title(found: PlannedPedicle) -> str:
    name = _name(found)
    return f"{name[0].upper()}{name[1:]}, {found.pedicle.side}"


def _slug(name: str) -> str:
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower())
    return "-".join(filter(None, letters.split("-")))

"""Guides as objects of a plan, with stated tolerances and what they were checked by; and back."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..shape.solids import Solid, disc, engine, frame_along, placed, surface_of, unit
from .guide import Guide
from .guide_parameters import CutPlane, DrillLine, GuideParameters
from .guide_shape import slot_at
from .plan import AUTOMATIC, USER, Decision, Figure, Place, Places, Planned, place_of

GUIDE = "guide"
SITE, FEET, TOPS, TARGETS, CUTS = "site", "drill feet", "drill tops", "drill targets", "cuts"
WITHDRAWAL, NORMALS = "withdrawal", "cut normals"
ASKED = {
    "gap": ("gap_mm", "mm"),
    "reach of the base": ("reach_mm", "mm"),
    "thickness of the base": ("wall_mm", "mm"),
    "process": ("process", ""),
    "drill diameter": ("drill_mm", "mm"),
    "sleeve length": ("sleeve_mm", "mm"),
    "wall of sleeves": ("sleeve_wall_mm", "mm"),
    "blade thickness": ("blade_mm", "mm"),
    "slot length": ("slot_length_mm", "mm"),
    "slot height": ("slot_height_mm", "mm"),
    "distance of points": ("grid_mm", "mm"),
    "words": ("label", ""),
}
"""Figure, parameter and unit of what was asked for."""
CLEARANCE = "clearance"
MADE_AT, STATE = "made at", "state"
"""Where the guide's site was when it was made; what speaks against it, where something does."""
CHECKED = (
    "undercut left free",
    "contact area",
    "contact share",
    "gap, median",
    "gap off by, P95",
    "gap off by, most",
    "least distance to bone",
    "penetration on removal",
    "overlap on removal",
)
"""What a guide was checked by, in its place."""
DRAWN_BY = (FEET, TOPS, CUTS, WITHDRAWAL, NORMALS, *ASKED, CLEARANCE)
DEPTHS = "drill depths from the sleeves' ends"


@dataclass(frozen=True)
class GuideRequest:
    """What a guide is made from, to be made again on a bone: the arguments of `make_guide`."""

    drills: tuple[DrillLine, ...]
    cuts: tuple[CutPlane, ...]
    parameters: GuideParameters
    direction_ras: Place


def planned_guide(name: str, label: str, guide: Guide, *, side: str = "", given: bool = False) -> Planned:
    """Return a guide as an object of a plan; `given` says that the user gave its direction.

    Points: `site`, `drill feet` and `drill tops` (ends of the guidance), `drill targets`, `cuts` (a point of
    each plane). Directions: `withdrawal`, `cut normals`. Figures: what was asked for, the tolerances, and
    what the guide was checked by.
    """
    inward = [unit(np.subtract(foot, top)) for foot, top in zip(guide.feet_ras, guide.tops_ras, strict=True)]
    ends = zip(guide.tops_ras, inward, guide.depths_mm, strict=True)
    points: dict[str, Places] = {
        SITE: (guide.site_ras,),
        FEET: guide.feet_ras,
        TOPS: guide.tops_ras,
        TARGETS: tuple(place_of(np.asarray(top) + depth * way) for top, way, depth in ends),
        CUTS: tuple(cut.point_ras for cut in guide.cuts),
    }
    directions: dict[str, Places] = {
        WITHDRAWAL: (guide.withdrawal_ras,),
        NORMALS: tuple(place_of(unit(cut.normal_ras)) for cut in guide.cuts),
    }
    return Planned(
        name,
        label,
        GUIDE,
        side,
        {key: places for key, places in points.items() if places},
        {key: places for key, places in directions.items() if places},
        guide_figures(guide),
        (_direction_decision(guide, given), _tolerance_decision(guide.parameters)),
    )


def guide_figures(guide: Guide) -> dict[str, Figure]:
    """Return what was asked of a guide, its tolerances, and what it was checked by, as figures."""
    asked, fit = guide.parameters, guide.fit
    figures = {title: Figure(getattr(asked, name), unit) for title, (name, unit) in ASKED.items()}
    figures[CLEARANCE] = Figure(asked.added_mm, "mm")
    if guide.feet_ras:
        figures["bore diameter"] = Figure(round(asked.bore_mm, 3), "mm")
        figures[DEPTHS] = Figure(tuple(round(depth, 3) for depth in guide.depths_mm), "mm")
    if guide.cuts:
        figures["slot lengths"] = Figure(tuple(round(length, 3) for length in guide.slots_mm), "mm")
        figures["slot width"] = Figure(round(asked.kerf_mm, 3), "mm")
    values = (
        (guide.undercut_mm3, "mm3"),
        (fit.contact_mm2, "mm2"),
        (100 * fit.contact_share, "%"),
        (fit.gap_mm, "mm"),
        (fit.gap_error_p95_mm, "mm"),
        (fit.gap_error_mm, "mm"),
        (fit.least_gap_mm, "mm"),
        (fit.penetration_mm, "mm"),
        (fit.overlap_mm3, "mm3"),
    )
    measured = zip(CHECKED, values, strict=True)
    figures |= {title: Figure(round(value, 4), unit) for title, (value, unit) in measured}
    return figures | {MADE_AT: Figure(guide.site_ras, "mm RAS")}


def _direction_decision(guide: Guide, given: bool) -> Decision:
    figures = {"undercut left free": Figure(round(guide.undercut_mm3, 3), "mm3")}
    why = "as given" if given else "least undercut, nearest to the bone's mean normal"
    return Decision("direction of withdrawal", USER if given else AUTOMATIC, figures=figures, note=why)


def _tolerance_decision(asked: GuideParameters) -> Decision:
    by = USER if asked.clearance_mm > 0 else AUTOMATIC
    why = "as given" if asked.clearance_mm > 0 else f"printed in {asked.process}"
    return Decision(f"clearance {asked.added_mm:g} mm", by, note=why)


def guide_of(planned: Planned) -> GuideRequest:
    """Return what a guide of a plan is made from.

    Raises
    ------
    FluoroPrintError
        The object is no guide, or lacks a figure.
    """
    if planned.kind != GUIDE:
        raise FluoroPrintError(f"{planned.id} is no guide.")
    try:
        given = {name: planned.figures[title].value for title, (name, _) in ASKED.items()}
        given["clearance_mm"] = planned.figures[CLEARANCE].value
        (way,) = planned.directions[WITHDRAWAL]
        feet, targets = planned.points.get(FEET, ()), planned.points.get(TARGETS, ())
        cuts, normals = planned.points.get(CUTS, ()), planned.directions.get(NORMALS, ())
        drills = tuple(DrillLine(foot, target) for foot, target in zip(feet, targets, strict=True))
        planes = tuple(CutPlane(point, normal) for point, normal in zip(cuts, normals, strict=True))
    except (KeyError, ValueError) as error:
        raise FluoroPrintError(f"{planned.id} lacks a figure or place of a guide: make it again.") from error
    known = {field.name for field in fields(GuideParameters)}
    parameters = GuideParameters(**{name: value for name, value in given.items() if name in known})  # type: ignore[arg-type]
    return GuideRequest(drills, planes, parameters, way)


def surface_of_guide(planned: Planned) -> vtkPolyData:
    """Return the sleeves and slots of a guide, RAS mm; its base needs the bone and is not drawn.

    Raises
    ------
    FluoroPrintError
        The object is no guide.
    """
    request, asked = guide_of(planned), guide_of(planned).parameters
    body = engine().Manifold()
    for foot, top in zip(planned.points.get(FEET, ()), planned.points.get(TOPS, ()), strict=True):
        body += _tube(np.asarray(foot), np.asarray(top), asked)
    axes = frame_along(unit(request.direction_ras))
    for cut in request.cuts:
        slot = slot_at(np.zeros(3), axes @ unit(cut.normal_ras, "normal"), asked.slot_length_mm)
        body += placed(_frame(asked), np.array(cut.point_ras), slot.axes @ axes)
    return surface_of(body)


def _tube(foot: Float64Array, top: Float64Array, asked: GuideParameters) -> Solid:
    """Return a sleeve from where it meets the bone to its end."""
    ring = disc(asked.bore_mm / 2 + asked.sleeve_wall_mm) - disc(asked.bore_mm / 2)
    along = top - foot
    return placed(ring.extrude(float(np.linalg.norm(along))), foot, frame_along(unit(along)))


def _frame(asked: GuideParameters) -> Solid:
    """Return a slot's wall in its own frame: along, across, up from the bone."""
    wall = 2 * asked.sleeve_wall_mm
    square = engine().CrossSection.square
    ring = square((asked.slot_length_mm + wall, asked.kerf_mm + wall), True)
    return (ring - square((asked.slot_length_mm, asked.kerf_mm), True)).extrude(asked.slot_height_mm)

"""Craniotomies as objects of a plan: the places of the curve, the curve as it lies, its figures; and back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .craniotomy import Craniotomy, Flap, ribbon
from .laid_curve import LaidCurve
from .plan import USER, Decision, Figure, Places, Planned, place_of

CRANIOTOMY = "craniotomy"
CURVE, CUT, SQUARE = "curve", "cut", "square to the bone"
"""The places that the curve goes through; the curve itself, point by point; the directions of the cut."""
KERF, DEEPEST = "kerf", "deepest"
PERIMETER, THINNEST, THICKEST, THICKNESS = "perimeter", "thinnest", "thickest", "thickness along the cut"
AREA, VOLUME = "flap area", "flap volume"
OF_CURVE, OF_FLAP = (PERIMETER, THINNEST, THICKEST, THICKNESS), (AREA, VOLUME)
DRAWN_MM, DRAWN_KERF_MM = 5.0, 0.4
"""A curve whose bone is not known is drawn so deep; a cut that takes nothing away is drawn so wide."""


def planned_craniotomy(
    name: str, label: str, craniotomy: Craniotomy, flap: Flap, *, side: str = ""
) -> Planned:
    """Return a craniotomy as an object of a plan.

    Points: `curve` (what it goes through) and `cut` (the curve as it lies); directions: `square to the bone`.
    """
    curve, places = flap.curve, craniotomy.places_ras
    what = f"a curve through {len(places)} places, {craniotomy.kerf_mm:g} mm wide"
    return Planned(
        name,
        label,
        CRANIOTOMY,
        side,
        {CURVE: places, **points_of_curve(curve)},
        {SQUARE: tuple(map(place_of, curve.outward_ras))},
        {
            KERF: Figure(craniotomy.kerf_mm, "mm"),
            DEEPEST: Figure(craniotomy.deepest_mm, "mm"),
            **figures_of_curve(curve),
            AREA: Figure(round(flap.area_mm2, 3), "mm2"),
            VOLUME: Figure(round(float(flap.flap.volume()), 3), "mm3"),
        },
        (Decision(what, USER),),
    )


def points_of_curve(curve: LaidCurve) -> dict[str, Places]:
    """Return the curve itself as points of an object."""
    return {CUT: tuple(map(place_of, curve.points_ras))}


def figures_of_curve(curve: LaidCurve) -> dict[str, Figure]:
    """Return what is measured along a curve: its length, and how thick the bone is, at the least and most.

    The holes of the bone do not count for these.
    """
    thick = curve.thickness_mm[curve.thickness_mm > 0]
    return {
        PERIMETER: Figure(round(curve.length_mm, 3), "mm"),
        THINNEST: Figure(round(float(thick.min()), 3), "mm"),
        THICKEST: Figure(round(float(thick.max()), 3), "mm"),
        THICKNESS: Figure(tuple(np.round(curve.thickness_mm, 3).tolist()), "mm"),
    }


def craniotomy_of(planned: Planned) -> Craniotomy:
    """Return the craniotomy of an object of a plan.

    Raises
    ------
    FluoroPrintError
        The object is none, or lacks its curve or a figure.
    """
    if planned.kind != CRANIOTOMY:
        raise FluoroPrintError(f"{planned.id} is no craniotomy.")
    try:
        places = planned.points[CURVE]
        kerf, deepest = (float(planned.figures[name].value) for name in (KERF, DEEPEST))  # type: ignore[arg-type]
    except (KeyError, ValueError, TypeError) as error:
        raise FluoroPrintError(
            f"{planned.id} lacks the curve, kerf or depth of a craniotomy: plan it again."
        ) from error
    return Craniotomy(places, kerf, deepest)


def curve_of(planned: Planned) -> LaidCurve:
    """Return the curve of a craniotomy as it lies; bone of unknown thickness counts as `DRAWN_MM` thick.

    Raises
    ------
    FluoroPrintError
        The object has no curve.
    """
    points = np.array(planned.points.get(CUT, ()), np.float64)
    outward = np.array(planned.directions.get(SQUARE, ()), np.float64)
    if len(points) < 3 or points.shape != outward.shape:
        raise FluoroPrintError(f"{planned.id} lacks the curve of a craniotomy: plan it again.")
    return LaidCurve(points, outward, _thickness(planned.figures, len(points)))


def _thickness(figures: Mapping[str, Figure], count: int) -> Float64Array:
    told = figures.get(THICKNESS)
    known = np.array(told.value if told is not None else (), np.float64)
    return known if len(known) == count else np.full(count, DRAWN_MM)


def surface_of_craniotomy(planned: Planned) -> vtkPolyData:
    """Return what the cut takes away, RAS mm."""
    half = max(craniotomy_of(planned).kerf_mm, DRAWN_KERF_MM) / 2
    return ribbon(curve_of(planned), -half, half)

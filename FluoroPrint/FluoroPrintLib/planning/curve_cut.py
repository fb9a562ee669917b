"""A bone cut along an open curve, straight through it, as an object of a plan: drawn, dragged, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.interpolate import CubicSpline
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..shape.solids import Outline, engine, frame_along, placed, surface_of, unit
from .geodesic import lengths_along
from .kind import OPEN_CURVE, Kind, Surroundings
from .osteotomy import CutCurve
from .plan import USER, Decision, Figure, Place, Places, Planned, place_of

CURVE_CUT = "curve-cut"
CURVE, ALONG = "curve", "along"
"""The places that the curve goes through; the direction in which the saw goes."""
KERF, LENGTH, VOLUMES = "kerf", "length", "volumes"
STEP_MM = 1.5
ABOVE_MM, DEEP_MM, SHEET_MM = 5.0, 25.0, 0.4
"""A cut is drawn from above its places to so deep beneath, so thick."""


def planned_curve_cut(
    name: str,
    label: str,
    places_ras: Places,
    along_ras: Place,
    kerf_mm: float,
    volumes_mm3: Sequence[float],
    *,
    side: str = "",
) -> Planned:
    """Return a cut along an open curve, with the volumes of its pieces, as an object of a plan."""
    figures = {
        KERF: Figure(kerf_mm, "mm"),
        LENGTH: _length(places_ras),
        VOLUMES: Figure(tuple(round(volume, 3) for volume in volumes_mm3), "mm3"),
    }
    what = f"an open curve through {len(places_ras)} places, {kerf_mm:g} mm wide"
    points, directions = {CURVE: places_ras}, {ALONG: (place_of(unit(along_ras)),)}
    return Planned(name, label, CURVE_CUT, side, points, directions, figures, (Decision(what, USER),))


def curve_cut_of(planned: Planned) -> tuple[CutCurve, float]:
    """Return the cut of an object of a plan, and its kerf in mm.

    Raises
    ------
    FluoroPrintError
        The object is no such cut, or lacks its curve, direction or kerf.
    """
    if planned.kind != CURVE_CUT:
        raise FluoroPrintError(f"{planned.id} is no cut along a curve.")
    try:
        places, (along,) = planned.points[CURVE], planned.directions[ALONG]
        kerf = float(planned.figures[KERF].value)  # type: ignore[arg-type]
    except (KeyError, ValueError, TypeError) as error:
        raise FluoroPrintError(f"{planned.id} lacks its curve, direction or kerf: plan it again.") from error
    return CutCurve(tuple(map(place_of, smooth_line(places))), along, closed=False), kerf


def smooth_line(places_ras: Places, step_mm: float = STEP_MM) -> Float64Array:
    """Return a smooth open line through places, (N, 3) RAS mm: a natural cubic spline over their chords.

    Raises
    ------
    FluoroPrintError
        There are fewer than two places, or two that follow each other are one.
    """
    places = np.asarray(places_ras, np.float64)
    known = lengths_along(places)
    if len(places) < 2 or np.diff(known).min() < 1e-3:
        raise FluoroPrintError("An open curve needs two places or more, all apart: add or move places.")
    line: Float64Array = CubicSpline(known, places, bc_type="natural")(
        np.linspace(0.0, known[-1], max(int(round(known[-1] / step_mm)), 2) + 1)
    )
    return line


def _length(places: Places) -> Figure:
    return Figure(round(float(lengths_along(smooth_line(places))[-1]), 3), "mm")


def curve_cut_kind() -> Kind:
    """Return what a cut along an open curve can do."""
    return Kind(
        CURVE_CUT,
        "Cut along a curve",
        surface_of_curve_cut,
        _refreshed,
        OPEN_CURVE,
        (CURVE,),
        _reshaped,
        columns=(LENGTH, KERF, VOLUMES),
    )


def _reshaped(planned: Planned, places: Mapping[str, Places], _around: Surroundings) -> Planned:
    return replace(planned, points={**planned.points, **places})


def _refreshed(planned: Planned, _around: Surroundings) -> Planned:
    """Return a cut with its length; the volumes of the pieces need the bone cut, and are left out."""
    kept = {name: figure for name, figure in planned.figures.items() if name != VOLUMES}
    return replace(planned, figures=kept | {LENGTH: _length(planned.points[CURVE])})


def surface_of_curve_cut(planned: Planned) -> vtkPolyData:
    """Return the cut as a thin sheet through its places, RAS mm."""
    cut, _ = curve_cut_of(planned)
    axes, points = frame_along(unit(cut.along_ras)), np.array(cut.points_ras)
    flat = (points - points[0]) @ axes[:2].T
    way = np.gradient(flat, axis=0)
    aside = np.stack([-way[:, 1], way[:, 0]], axis=-1)
    aside *= SHEET_MM / 2 / np.maximum(np.linalg.norm(aside, axis=1, keepdims=True), 1e-9)
    outline = _filled(np.concatenate([flat + aside, (flat - aside)[::-1]]))
    heights = (points - points[0]) @ axes[2]
    low, high = float(heights.min()) - ABOVE_MM, float(heights.max()) + DEEP_MM
    return surface_of(placed(outline.extrude(high - low).translate((0, 0, low)), points[0], axes))


def _filled(polygon: Float64Array) -> Outline:
    """Return the outline (N, 2) of a polygon that runs round in either sense."""
    library = engine()
    one = library.CrossSection([polygon], library.FillRule.NonZero)
    return one if one.area() > 0 else library.CrossSection([polygon[::-1]], library.FillRule.NonZero)

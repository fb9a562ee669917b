"""What a craniotomy can do as an object of a plan: its curve, dragged by its places, lies on the bone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from ..arrays import Float64Array
from .craniotomy_objects import (
    AREA,
    CRANIOTOMY,
    CURVE,
    CUT,
    OF_CURVE,
    OF_FLAP,
    PERIMETER,
    SQUARE,
    THICKEST,
    THINNEST,
    VOLUME,
    craniotomy_of,
    curve_of,
    figures_of_curve,
    points_of_curve,
    surface_of_craniotomy,
)
from .kind import BAD, CLOSED_CURVE, GOOD, UNKNOWN, Kind, Surroundings
from .laid_curve import curve_through, laid_in
from .plan import Figure, Places, Planned, place_of

STATE, OFF = "state", "the curve leaves the bone"


def craniotomy_kind() -> Kind:
    """Return what a craniotomy can do."""
    return Kind(
        CRANIOTOMY,
        "Craniotomy",
        surface_of_craniotomy,
        refreshed_craniotomy,
        CLOSED_CURVE,
        (CURVE,),
        reshaped_craniotomy,
        columns=(AREA, PERIMETER, THINNEST, THICKEST, VOLUME),
        verdict=_verdict,
    )


def reshaped_craniotomy(planned: Planned, places: Mapping[str, Places], _around: Surroundings) -> Planned:
    """Return a craniotomy whose curve goes through other places, the directions those that were nearest."""
    before, wanted = curve_of(planned), places.get(CURVE, planned.points[CURVE])
    points, outward = curve_through(wanted, _nearest(before.points_ras, before.outward_ras, wanted))
    return replace(
        planned,
        points={**planned.points, CURVE: wanted, CUT: tuple(map(place_of, points))},
        directions={**planned.directions, SQUARE: tuple(map(place_of, outward))},
    )


def refreshed_craniotomy(planned: Planned, around: Surroundings) -> Planned:
    """Return a craniotomy laid on the bone where it is now, measured along its curve.

    Thickness is measured in the field of the bone, to about one of its voxels; area and volume of the flap
    need the bone cut, and are left out where the curve was moved.
    """
    gone = (*OF_CURVE, *OF_FLAP, STATE)
    kept = {name: figure for name, figure in planned.figures.items() if name not in gone}
    curve, asked = curve_of(planned), craniotomy_of(planned)
    if around.bone is None:
        length = Figure(round(curve.length_mm, 3), "mm")
        return replace(planned, figures=kept | {PERIMETER: length})
    laid = laid_in(around.bone, curve.points_ras, curve.outward_ras, asked.deepest_mm)
    if laid is None:
        return replace(planned, figures=kept | {STATE: Figure(OFF)})
    return replace(
        planned,
        points={**planned.points, **points_of_curve(laid)},
        directions={**planned.directions, SQUARE: tuple(map(place_of, laid.outward_ras))},
        figures=kept | figures_of_curve(laid),
    )


def _nearest(points: Float64Array, values: Float64Array, places: Places) -> Float64Array:
    found: Float64Array = values[cKDTree(points).query(np.asarray(places, np.float64))[1]]
    return found


def _verdict(planned: Planned) -> str:
    """Judge a craniotomy by whether its curve lies on the bone."""
    if STATE in planned.figures:
        return BAD
    return GOOD if THINNEST in planned.figures else UNKNOWN

"""Plates as objects of a plan, with the table by which they are bent; and back."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from .plan import AUTOMATIC, USER, Decision, Figure, Planned
from .plate import Plate, PlateParameters, plate_length_mm, plate_surface, sites_of

PLATE = "plate"
CLICKS, HOLES, HOLE_AXES = "curve", "holes", "hole axes"
BENT = "holes bent too far"
MEASURES = {
    "width": "width_mm",
    "thickness": "thickness_mm",
    "pitch": "pitch_mm",
    "hole diameter": "hole_mm",
    "standoff": "standoff_mm",
    "radius of normals": "normal_mm",
}
"""Figure and parameter of what was asked for, all in mm."""


def planned_plate(name: str, label: str, plate: Plate, *, side: str = "") -> Planned:
    """Return a plate as an object of a plan.

    Points: `curve` (what it was laid through) and `holes`; directions: `hole axes`, away from the bone.
    Figures: its measures, and the bends at each hole in order.
    """
    sites = plate.sites
    ups = [site.axes[2] for site in sites]
    return Planned(
        name,
        label,
        PLATE,
        side,
        {CLICKS: plate.clicks_ras, HOLES: tuple(site.middle_ras for site in sites)},
        {HOLE_AXES: tuple((float(x), float(y), float(z)) for x, y, z in ups)},
        plate_figures(plate),
        (
            Decision("curve of the plate", USER),
            Decision(f"{len(sites)} holes", AUTOMATIC, note="by its length"),
        ),
    )


def plate_figures(plate: Plate) -> dict[str, Figure]:
    """Return the measures of a plate, and its bends at each hole in order."""
    figures = {title: Figure(getattr(plate.parameters, name), "mm") for title, name in MEASURES.items()}
    sites = plate.sites
    return figures | {
        "holes": Figure(float(len(sites))),
        "length": Figure(round(plate.length_mm, 3), "mm"),
        "bend in plane": Figure(tuple(round(site.in_plane_deg, 2) for site in sites), "°"),
        "bend out of plane": Figure(tuple(round(site.out_of_plane_deg, 2) for site in sites), "°"),
        "twist": Figure(tuple(round(site.twist_deg, 2) for site in sites), "°"),
        BENT: Figure(tuple(float(n) for n, site in enumerate(sites, 1) if site.flagged)),
    }


def plate_of(planned: Planned) -> Plate:
    """Return the plate of an object of a plan.

    Raises
    ------
    FluoroPrintError
        The object is no plate, or lacks its holes or measures.
    """
    if planned.kind != PLATE:
        raise FluoroPrintError(f"{planned.id} is no plate.")
    try:
        measures = {name: planned.figures[title].value for title, name in MEASURES.items()}
        holes, ups = np.array(planned.points[HOLES]), np.array(planned.directions[HOLE_AXES])
        clicks = planned.points[CLICKS]
    except KeyError as error:
        raise FluoroPrintError(f"{planned.id} lacks the {error.args[0]} of a plate: lay it again.") from error
    if len(holes) != len(ups) or len(holes) < 2:
        raise FluoroPrintError(f"{planned.id} needs two holes or more and an axis for each: lay it again.")
    known = {field.name for field in fields(PlateParameters)}
    parameters = PlateParameters(**{name: value for name, value in measures.items() if name in known})  # type: ignore[arg-type]
    return Plate(sites_of(holes, ups), plate_length_mm(len(holes), parameters), parameters, clicks)


def surface_of_plate(planned: Planned) -> vtkPolyData:
    """Return the bent plate with its holes, RAS mm."""
    return plate_surface(plate_of(planned))

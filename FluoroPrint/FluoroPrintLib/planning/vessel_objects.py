"""Centrelines and stent-grafts as objects of a plan, with their figures; and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .centreline import Centreline
from .kind import DOUBTFUL, GOOD, UNKNOWN, Kind
from .landing import Neck
from .lumen import LumenSections
from .plan import AUTOMATIC, USER, Decision, Figure, Places, Planned
from .profile import ALONG
from .stent_graft import INFOLDS_PERCENT, StentGraft
from .tubes import tube

CENTRELINE, STENT_GRAFT = "centreline", "stent-graft"
LINE = "line"
RADIUS, DIAMETER, LENGTH = "radius", "diameter", "length"
LINE_RADIUS_MM = 0.8
FABRIC_MM = 0.5
OVERSIZE = "oversize"


def planned_centreline(name: str, label: str, line: Centreline, sections: LumenSections) -> Planned:
    """Return a centreline as an object of a plan: its `line`, diameters along it, length and least width."""
    narrow = int(sections.least_mm.argmin())
    figures = {
        LENGTH: Figure(round(line.length_mm, 3), "mm"),
        "tortuosity": Figure(round(line.tortuosity, 4)),
        "least diameter": Figure(round(float(sections.least_mm[narrow]), 3), "mm"),
        "least diameter at": Figure(round(float(line.along_mm[narrow]), 3), "mm"),
        "greatest diameter": Figure(round(float(sections.greatest_mm.max()), 3), "mm"),
        ALONG: _curve(line.along_mm),
        "mean diameter": _curve(sections.mean_mm),
        "least width": _curve(sections.least_mm),
        "greatest width": _curve(sections.greatest_mm),
    }
    found = Decision("way through the lumen", AUTOMATIC, note="the cheapest way, moved to the middle")
    return Planned(name, label, CENTRELINE, "", {LINE: _places(line.places_ras)}, {}, figures, (found,))


def with_neck(planned: Planned, word: str, neck: Neck, lacking: Sequence[str]) -> Planned:
    """Return a centreline that tells of a zone on it: `word` is "neck" or "distal zone"."""
    figures = {
        f"{word} from": Figure(round(neck.start_mm, 3), "mm"),
        f"{word} to": Figure(round(neck.end_mm, 3), "mm"),
        f"{word} length": Figure(round(neck.length_mm, 3), "mm"),
        f"{word} diameter": Figure(round(neck.diameter_mm, 3), "mm"),
        f"{word} angle": Figure(round(neck.angle_deg, 2), "°"),
        f"{word} angle before": Figure(round(neck.before_deg, 2), "°"),
    }
    told = " ".join(lacking) or "it keeps all limits that were asked for"
    decision = Decision(f"start of the {word}", USER, figures={}, note=told)
    return replace(planned, figures={**planned.figures, **figures}, decisions=(*planned.decisions, decision))


def planned_stent_graft(
    name: str, label: str, graft: StentGraft, decisions: Iterable[Decision] = ()
) -> Planned:
    """Return a stent-graft as an object of a plan: its `line`, nominal size, deployed radius along it."""
    figures = {
        DIAMETER: Figure(graft.diameter_mm, "mm"),
        LENGTH: Figure(graft.length_mm, "mm"),
        "distal diameter": Figure(graft.distal_mm, "mm"),
        OVERSIZE: Figure(round(graft.oversize_percent, 2), "%"),
        "distal oversize": Figure(round(graft.distal_oversize_percent, 2), "%"),
        ALONG: _curve(np.linspace(0.0, graft.length_mm, len(graft.places_ras))),
        RADIUS: _curve(graft.radius_mm),
    }
    sized = Decision(
        f"graft {graft.diameter_mm:g} / {graft.distal_mm:g} x {graft.length_mm:g} mm",
        AUTOMATIC,
        figures={OVERSIZE: figures[OVERSIZE]},
        note="the smallest of the family that is wide enough for the neck and covers the stretch",
    )
    return Planned(
        name, label, STENT_GRAFT, "", {LINE: _places(graft.places_ras)}, {}, figures, (sized, *decisions)
    )


def surface_of_centreline(planned: Planned) -> vtkPolyData:
    """Draw a centreline as a thin tube, RAS mm."""
    places = line_of(planned)
    return tube(places, np.full(len(places), LINE_RADIUS_MM))


def surface_of_stent_graft(planned: Planned) -> vtkPolyData:
    """Draw a stent-graft as a tube of fabric as wide as it is deployed, RAS mm."""
    places, radius = line_of(planned), planned.figures.get(RADIUS)
    if radius is None or not isinstance(radius.value, tuple) or len(radius.value) != len(places):
        raise FluoroPrintError(f"{planned.id} is no stent-graft: its line needs a radius at each place.")
    return tube(places, np.array(radius.value), FABRIC_MM)


def line_of(planned: Planned) -> Float64Array:
    """Return the places (N, 3) of an object's line, RAS mm; FluoroPrintError where there is none."""
    places = planned.points.get(LINE, ())
    if len(places) < 2:
        raise FluoroPrintError(f"{planned.id} has no line: plan it again.")
    return np.array(places)


def centreline_kind() -> Kind:
    """Return what a centreline can do: it is measured in the lumen, not moved to fit."""
    columns = (LENGTH, "tortuosity", "least diameter", "neck length", "neck diameter", "neck angle")
    return Kind(CENTRELINE, "Centreline", surface_of_centreline, columns=columns, drawn_by=(LINE,))


def stent_graft_kind() -> Kind:
    """Return what a stent-graft can do."""
    return Kind(
        STENT_GRAFT,
        "Stent-graft",
        surface_of_stent_graft,
        columns=(DIAMETER, "distal diameter", LENGTH, OVERSIZE),
        verdict=_verdict_of_graft,
        drawn_by=(LINE, RADIUS),
    )


def _verdict_of_graft(planned: Planned) -> str:
    oversize = planned.figures.get(OVERSIZE)
    if oversize is None or not isinstance(oversize.value, int | float):
        return UNKNOWN
    return GOOD if 0 < oversize.value <= INFOLDS_PERCENT else DOUBTFUL


def _curve(values: Float64Array) -> Figure:
    return Figure(tuple(round(float(value), 3) for value in values), "mm")


def _places(places: Float64Array) -> Places:
    return tuple((x, y, z) for x, y, z in np.asarray(places, float).tolist())

"""What a screw can do as an object of a plan: be drawn, dragged by its ends, sized, measured anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from .drawing import turned_solid
from .kind import BAD, DOUBTFUL, GOOD, LINE, UNKNOWN, Kind, Surroundings
from .plan import Figure, Places, Planned, place_of
from .profile import ALONG, JUDGED, TO_CORTEX
from .screw import Screw, TrajectoryParameters, entry_into_bone, fit_of
from .screw_objects import DIAMETER, ENTRY, GRADE, LENGTH, MARGIN, SCREW, TIP, fit_figures, screw_of
from .screw_sizes import ScrewFamily

PITCH_MM, CORE = 2.5, 0.72
"""Of the thread: from turn to turn, and its ground as a share of the outer diameter."""
HEAD_MM, HEAD = 4.0, 1.4
"""Of the head: its height, and its diameter as a share of the thread's."""
SNAP_BACK_MM = 30.0
OF_PLACE = (MARGIN, GRADE, "least distance to cortex", "least distance at", JUDGED, ALONG, TO_CORTEX)
ENOUGH_MM = TrajectoryParameters().margin_mm


def screw_kind() -> Kind:
    """Return what a screw can do."""
    return Kind(
        SCREW,
        "Screw",
        surface_of_screw,
        refreshed_screw,
        LINE,
        (ENTRY, TIP),
        reshaped_screw,
        (DIAMETER, LENGTH),
        sized_screw,
        snapped_screw,
        columns=(DIAMETER, LENGTH, MARGIN, GRADE, "least distance at"),
        verdict=screw_verdict,
    )


def surface_of_screw(planned: Planned) -> vtkPolyData:
    """Draw a screw: a head behind its entry, a thread of parallel ridges, a tip; parametric, no vendor's."""
    screw = screw_of(planned)
    radius = screw.diameter_mm / 2
    core, tip = CORE * radius, min(screw.diameter_mm, screw.length_mm / 2)
    profile = [(-HEAD_MM, HEAD * radius * 0.8), (-0.75 * HEAD_MM, HEAD * radius), (-0.5, HEAD * radius)]
    profile += [(0.0, core), *_ridges(screw.length_mm - tip, radius, core)]
    profile += [(screw.length_mm - tip, core), (screw.length_mm, 0.15 * radius)]
    return turned_solid(profile, screw.entry_ras, screw.axis_ras)


def _ridges(length: float, radius: float, core: float) -> list[tuple[float, float]]:
    starts = np.arange(0.2, length - PITCH_MM, PITCH_MM).tolist()
    shape = ((0.0, core), (0.4, radius), (0.6, radius), (0.95, core))
    return [(start + share * PITCH_MM, size) for start in starts for share, size in shape]


def refreshed_screw(planned: Planned, around: Surroundings) -> Planned:
    """Return a screw with its figures measured where it lies; those that cannot be measured are left out.

    Without bone, and where the screw is too short to be judged, figures of place would be those of
    another place.
    """
    screw = screw_of(planned)
    figures = {name: figure for name, figure in planned.figures.items() if not _is_of_place(name)}
    figures |= {DIAMETER: Figure(screw.diameter_mm, "mm"), LENGTH: Figure(round(screw.length_mm, 3), "mm")}
    placed = replace(planned, directions={**planned.directions, "axis": (place_of(screw.axis_ras),)})
    return replace(placed, figures={**figures, **_figures_of_place(planned, screw, around)})


def _is_of_place(name: str) -> bool:
    return name in OF_PLACE or "density" in name or name.startswith("share below")


def _figures_of_place(planned: Planned, screw: Screw, around: Surroundings) -> dict[str, Figure]:
    if around.bone is None:
        return {}
    parameters = around.parameters.get(SCREW, TrajectoryParameters())
    assert isinstance(parameters, TrajectoryParameters), "a screw is judged by a trajectory's parameters"
    try:
        figures = fit_figures(screw, fit_of(around.bone, screw, parameters))
    except FluoroPrintError:
        return {}
    return figures | (around.density(planned) if around.density is not None else {})


def reshaped_screw(planned: Planned, places: Mapping[str, Places], around: Surroundings) -> Planned:
    """Return a screw between other ends, its tip drawn to the nearest length that there is."""
    points = {**planned.points, **{name: places[name] for name in (ENTRY, TIP) if name in places}}
    screw = screw_of(replace(planned, points=points))
    lengths = _family_of(screw, around).lengths_mm if around.catalogue.get(SCREW) else ()
    return _with_length(replace(planned, points=points), screw, _nearest(lengths, screw.length_mm))


def _nearest(sizes: tuple[float, ...], wanted: float) -> float:
    return min(sizes, key=lambda size: abs(size - wanted)) if sizes else wanted


def _with_length(planned: Planned, screw: Screw, length: float) -> Planned:
    tip = np.asarray(screw.entry_ras) + length * screw.axis_ras
    return replace(planned, points={**planned.points, TIP: (place_of(tip),)})


def sized_screw(planned: Planned, size: str, step: int, around: Surroundings) -> Planned:
    """Return a screw so many sizes larger in diameter or length.

    Raises
    ------
    FluoroPrintError
        There is no such size.
    """
    screw = screw_of(planned)
    family = _family_of(screw, around)
    if size == LENGTH:
        return _with_length(planned, screw, _stepped(family.lengths_mm, screw.length_mm, step, family, size))
    larger = _stepped(family.diameters_mm, screw.diameter_mm, step, family, size)
    return replace(planned, figures={**planned.figures, DIAMETER: Figure(larger, "mm")})


def _stepped(sizes: tuple[float, ...], now: float, step: int, family: ScrewFamily, what: str) -> float:
    """Return the size `step` places further on in a list; a size between two counts as the nearest."""
    at = min(range(len(sizes)), key=lambda place: abs(sizes[place] - now)) + step
    if not 0 <= at < len(sizes):
        end = "larger" if step > 0 else "smaller"
        raise FluoroPrintError(
            f"{family.title} have no {end} {what} than {now:.3g} mm: choose another family."
        )
    return sizes[at]


def _family_of(screw: Screw, around: Surroundings) -> ScrewFamily:
    """Return the family that a screw may be of: the one with the nearest diameter, then length."""
    families = around.catalogue.get(SCREW, ())
    if not families:
        raise FluoroPrintError("There is no catalogue of screws to choose a size from.")
    found: ScrewFamily = min(
        families,
        key=lambda family: (
            abs(_nearest(family.diameters_mm, screw.diameter_mm) - screw.diameter_mm),
            abs(_nearest(family.lengths_mm, screw.length_mm) - screw.length_mm),
        ),
    )
    return found


def snapped_screw(planned: Planned, around: Surroundings) -> Planned:
    """Return a screw moved along its own axis until its entry lies in the surface of the bone.

    Raises
    ------
    FluoroPrintError
        There is no bone, or the axis meets none.
    """
    if around.bone is None:
        raise FluoroPrintError("There is no bone to snap to: choose a segmentation or a model first.")
    screw = screw_of(planned)
    behind = np.asarray(screw.entry_ras) - SNAP_BACK_MM * screw.axis_ras
    entry = entry_into_bone(around.bone, place_of(behind), screw.tip_ras)
    tip = np.asarray(entry) + screw.length_mm * screw.axis_ras
    return replace(planned, points={**planned.points, ENTRY: (entry,), TIP: (place_of(tip),)})


def screw_verdict(planned: Planned) -> str:
    """Judge a screw by its margin: bad where it breaches, doubtful under a millimetre."""
    margin = planned.figures.get(MARGIN)
    if margin is None or not isinstance(margin.value, int | float):
        return UNKNOWN
    return BAD if margin.value < 0 else DOUBTFUL if margin.value < ENOUGH_MM else GOOD

"""Planning an electrode: a lead from an entry to a target, clear of what must be spared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import Float64Array
from ..geometry.volume import transformed
from ..progress import Progress
from ..segmentation.segments import Segmentation
from .electrode import (
    ElectrodeParameters,
    Structure,
    clearance_of,
    electrode_to,
    safest_entry,
    structure_of,
)
from .electrode_objects import (
    ENTRY,
    IN_DEVICE,
    TARGET,
    TARGET_ERROR,
    lead_of_family,
    planned_electrode,
)
from .fiducials import fit_markers
from .plan import USER, Decision, Figure, Places, Plan, Planned, Value, with_decision
from .planner import PlaceAsked, Planner, PlanRequest

LEAD = "lead"
MARKER, DEVICE, MOST_MARKERS = "marker", "marker-device", 12
FITZPATRICK = "expected error after Fitzpatrick, West and Maurer, 1998"
DEVICE_NOTE = "Entry and target in the device's axes hold only while the markers have not moved."


def electrode_planner() -> Planner:
    """Return what plans an electrode."""
    return Planner(
        "electrode",
        "Electrode",
        "A lead from an entry to a target; every segment is something that must be spared.",
        plan_electrode,
        {"electrode": ElectrodeParameters},
        (
            PlaceAsked("entry", "Where the electrode enters"),
            PlaceAsked("target", "Where it shall end"),
            PlaceAsked(
                MARKER, "Fiducial markers in the patient, in order", required=False, most=MOST_MARKERS
            ),
            PlaceAsked(
                DEVICE,
                "The same markers as the frame or robot has them, mm, in its own axes",
                required=False,
                most=MOST_MARKERS,
            ),
        ),
        {LEAD: "lead-3389"},
        ("lead", "length", "least clearance"),
        takes_side=True,
    )


def plan_electrode(request: PlanRequest, progress: Progress) -> Plan:
    """Plan an electrode."""
    chosen, lead, side = request.of(ElectrodeParameters), lead_of_family(request.families[LEAD]), request.side
    given, target = request.place("entry"), request.place("target")
    progress(0.0, "Measuring what must be spared")
    spared = _structures(request.bone)
    progress(0.5, "Looking for the entry")
    entry = safest_entry(given, target, lead, spared, chosen)
    electrode = electrode_to(entry, target, lead, chosen.beyond_mm)
    clear = {name: clearance_of(electrode, each) for name, each in spared.items()}
    moved = float(np.linalg.norm(np.subtract(entry, given)))
    name, label = (f"electrode-{side}", f"Electrode, {side}") if side else ("electrode-1", "Electrode")
    planned = planned_electrode(name, label, electrode, clear, chosen, side=side, moved_mm=moved)
    near = [word for word, each in clear.items() if each.least_mm < chosen.margin_mm]
    notes = [f"The electrode comes nearer to {word} than {chosen.margin_mm:g} mm." for word in near]
    if request.places.get(MARKER) or request.places.get(DEVICE):
        planned = with_markers(planned, request.places.get(MARKER, ()), request.places.get(DEVICE, ()))
        notes.append(DEVICE_NOTE)
    return Plan(request.case, side, (planned,), tuple(notes))


def with_markers(planned: Planned, markers: Places, in_device: Places) -> Planned:
    """Return an electrode that tells where it lies in the space of a frame or robot, and how well they agree.

    Parameters
    ----------
    planned : the electrode
    markers : of the patient, RAS mm
    in_device : the same markers in the same order in the device's own axes, mm

    Raises
    ------
    FluoroPrintError
        The markers are too few, not the same number, or nearly on one line.
    """
    fit = fit_markers(np.array(markers).reshape(-1, 3), np.array(in_device).reshape(-1, 3))
    target = np.array(planned.points[TARGET][0])
    figures = {
        "fiducial registration error": Figure(round(fit.fre_mm, 3), "mm"),
        TARGET_ERROR: Figure(round(fit.expected_tre_mm(target), 3), "mm"),
        **{
            f"{name}{IN_DEVICE}": Figure(_rounded(transformed(planned.points[name][0], fit.matrix)), "mm")
            for name in (ENTRY, TARGET)
        },
    }
    errors = {name: figure for name, figure in figures.items() if "error" in name}
    told = Decision("registration by markers", USER, figures=errors, note=FITZPATRICK)
    found = replace(planned, figures={**planned.figures, **figures})
    return with_decision(replace(found, points={**found.points, "markers": markers}), told)


def _rounded(place: Float64Array) -> Value:
    return tuple(round(float(value), 3) for value in place)


def _structures(found: Segmentation) -> dict[str, Structure]:
    """Return the segments that hold anything, by name."""
    labels = found.labelmap.array_kji
    return {
        segment.name: structure_of(found.labelmap.with_array(np.uint8(labels == segment.label)))
        for segment in found.segments
        if (labels == segment.label).any()
    }

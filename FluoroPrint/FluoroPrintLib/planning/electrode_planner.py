"""Planning an electrode: a lead from an entry to a target, clear of what must be spared."""

from __future__ import annotations

import numpy as np

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
from .electrode_objects import lead_of_family, planned_electrode
from .plan import Plan
from .planner import PlaceAsked, Planner, PlanRequest

LEAD = "lead"


def electrode_planner() -> Planner:
    """Return what plans an electrode."""
    return Planner(
        "electrode",
        "Electrode",
        "A lead from an entry to a target; every segment is something that must be spared.",
        plan_electrode,
        {"electrode": ElectrodeParameters},
        (PlaceAsked("entry", "Where the electrode enters"), PlaceAsked("target", "Where it shall end")),
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
    notes = tuple(f"The electrode comes nearer to {word} than {chosen.margin_mm:g} mm." for word in near)
    return Plan(request.case, side, (planned,), notes)


def _structures(found: Segmentation) -> dict[str, Structure]:
    """Return the segments that hold anything, by name."""
    labels = found.labelmap.array_kji
    return {
        segment.name: structure_of(found.labelmap.with_array(np.uint8(labels == segment.label)))
        for segment in found.segments
        if (labels == segment.label).any()
    }

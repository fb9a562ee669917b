"""Electrodes as objects of a plan, with their figures and the decisions that led to them; and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkAppendPolyData

from ..errors import FluoroPrintError
from .drawing import turned_solid
from .electrode import Clearance, Electrode, ElectrodeParameters, Lead, electrode_to
from .implants import ImplantFamily
from .kind import BAD, DOUBTFUL, GOOD, LINE, UNKNOWN, Kind, Surroundings
from .plan import AUTOMATIC, USER, Decision, Figure, Places, Planned, place_of
from .profile import ALONG

ELECTRODE = "electrode"
ENTRY, TARGET, TIP, CONTACTS = "entry", "target", "tip", "contacts"
LEAD, DIAMETER, LENGTH, CLEAR = "lead", "diameter", "length", "least clearance"
OF_LEAD = ("contact length", "contact gap", "contacts", "tip to contact")
TOLD_OF = ("clearance of ", "distance to ")
IN_DEVICE, TARGET_ERROR = ", device", "error to expect at the target"
"""What figures of place are called: of a structure, and of a frame or robot."""
RAISED = 1.06
"""Contacts are drawn this much wider than the body, so that they are seen."""


def planned_electrode(
    name: str,
    label: str,
    electrode: Electrode,
    clearances: Mapping[str, Clearance],
    parameters: ElectrodeParameters,
    *,
    side: str = "",
    moved_mm: float = 0.0,
) -> Planned:
    """Return an electrode as an object of a plan.

    Points `entry`, `target`, `tip` and `contacts` (that nearest to the tip first); figures of the lead and of
    how far it keeps from each structure. `moved_mm` is how far the entry was moved from where it was put.
    """
    lead = electrode.lead
    figures = {
        LEAD: Figure(lead.title),
        DIAMETER: Figure(lead.diameter_mm, "mm"),
        LENGTH: Figure(round(electrode.length_mm, 3), "mm"),
        "contact length": Figure(lead.contact_mm, "mm"),
        "contact gap": Figure(lead.gap_mm, "mm"),
        "contacts": Figure(float(lead.contacts)),
        "tip to contact": Figure(lead.tip_mm, "mm"),
        **clearance_figures(clearances),
    }
    points = {
        ENTRY: (electrode.entry_ras,),
        TARGET: (electrode.target_ras,),
        TIP: (electrode.tip_ras,),
        CONTACTS: tuple((x, y, z) for x, y, z in electrode.contacts_ras.tolist()),
    }
    x, y, z = electrode.axis_ras.tolist()
    decisions = (_entry_decision(moved_mm, parameters), Decision(f"lead {lead.title}", USER))
    return Planned(name, label, ELECTRODE, side, points, {"axis": ((x, y, z),)}, figures, decisions)


def _entry_decision(moved_mm: float, parameters: ElectrodeParameters) -> Decision:
    asked = {"margin asked for": Figure(parameters.margin_mm, "mm")}
    if moved_mm < 1e-6:
        return Decision("entry", USER, figures=asked, note="as given")
    why = "the nearest entry that keeps the margin, or the one that keeps most"
    return Decision(f"entry moved by {moved_mm:.1f} mm", AUTOMATIC, figures=asked, note=why)


def clearance_figures(clearances: Mapping[str, Clearance]) -> dict[str, Figure]:
    """Return the least clearance to each structure and to all, and the curves along the electrode."""
    if not clearances:
        return {}
    figures = {CLEAR: Figure(round(min(each.least_mm for each in clearances.values()), 3), "mm")}
    for name, each in clearances.items():
        figures[f"clearance of {name}"] = Figure(round(each.least_mm, 3), "mm")
        figures[f"clearance of {name} at"] = Figure(round(each.least_at_mm, 3), "mm")
    first = next(iter(clearances.values()))
    figures[ALONG] = Figure(tuple(round(float(value), 3) for value in first.along_mm), "mm")
    for name, each in clearances.items():
        figures[f"distance to {name}"] = Figure(tuple(round(float(v), 3) for v in each.distance_mm), "mm")
    return figures


def lead_of_family(family: ImplantFamily) -> Lead:
    """Return the lead of a family of the catalogue; FluoroPrintError where the family is none."""
    diameter, contact, gap, tip, levels, at_tip = (
        family.sizes(name)[0]
        for name in ("diameter_mm", "contact_mm", "gap_mm", "tip_mm", "levels", "tip_is_contact")
    )
    return Lead(family.id, family.title, diameter, contact, gap, int(levels), 0.0 if at_tip else tip)


def electrode_of(planned: Planned) -> Electrode:
    """Return the electrode of an object of a plan; FluoroPrintError where it is none."""
    try:
        (entry,), (target,), (tip,) = (planned.points[name] for name in (ENTRY, TARGET, TIP))
        contact, gap, count, first = (_number(planned, name) for name in OF_LEAD)
        title, diameter = str(planned.figures[LEAD].value), _number(planned, DIAMETER)
    except (KeyError, ValueError) as error:
        raise FluoroPrintError(
            f"{planned.id} is no electrode: it needs entry, target, tip and the sizes of its lead."
        ) from error
    lead = Lead("", title, diameter, contact, gap, int(count), first)
    return Electrode(entry, target, tip, lead)


def _number(planned: Planned, name: str) -> float:
    value = planned.figures[name].value
    if not isinstance(value, int | float):
        raise ValueError(name)
    return float(value)


def surface_of_electrode(planned: Planned) -> vtkPolyData:
    """Draw an electrode: its body, and its contacts as wider rings, RAS mm."""
    electrode = electrode_of(planned)
    lead, radius = electrode.lead, electrode.lead.diameter_mm / 2
    end = electrode.length_mm
    profile = [(0.0, radius), (end - radius, radius), (end - 0.4 * radius, 0.8 * radius), (end, 0.2 * radius)]
    joined = vtkAppendPolyData()
    joined.AddInputData(turned_solid(profile, electrode.entry_ras, electrode.axis_ras))
    for place in electrode.contacts_ras:
        start = place - lead.contact_mm / 2 * electrode.axis_ras
        ring = [(0.0, RAISED * radius), (lead.contact_mm, RAISED * radius)]
        joined.AddInputData(turned_solid(ring, start, electrode.axis_ras))
    joined.Update()
    result: vtkPolyData = joined.GetOutput()
    return result


def electrode_kind() -> Kind:
    """Return what an electrode can do."""
    return Kind(
        ELECTRODE,
        "Electrode",
        surface_of_electrode,
        handles=LINE,
        ends=(ENTRY, TARGET),
        reshaped=reshaped_electrode,
        columns=(LEAD, LENGTH, CLEAR),
        verdict=_verdict,
    )


def reshaped_electrode(planned: Planned, places: Mapping[str, Places], _around: Surroundings) -> Planned:
    """Return an electrode between other ends, its tip as far beyond the target as before.

    What was told of the old place (clearances, places in the axes of a device) is left out: what must be
    spared is not at hand.

    Raises
    ------
    FluoroPrintError
        Entry and target are nearer than the contacts are long.
    """
    old = electrode_of(planned)
    beyond = float(np.linalg.norm(np.subtract(old.tip_ras, old.target_ras)))
    ends = {name: places.get(name, planned.points[name])[0] for name in (ENTRY, TARGET)}
    now = electrode_to(ends[ENTRY], ends[TARGET], old.lead, beyond)
    points = {
        **planned.points,
        ENTRY: (now.entry_ras,),
        TARGET: (now.target_ras,),
        TIP: (now.tip_ras,),
        CONTACTS: tuple(place_of(contact) for contact in now.contacts_ras),
    }
    kept = {name: figure for name, figure in planned.figures.items() if not _is_of_place(name)}
    figures = kept | {LENGTH: Figure(round(now.length_mm, 3), "mm")}
    axis = {"axis": (place_of(now.axis_ras),)}
    return replace(planned, points=points, directions={**planned.directions, **axis}, figures=figures)


def _is_of_place(name: str) -> bool:
    return name in (CLEAR, ALONG, TARGET_ERROR) or name.startswith(TOLD_OF) or name.endswith(IN_DEVICE)


def _verdict(planned: Planned) -> str:
    clear = planned.figures.get(CLEAR)
    if clear is None or not isinstance(clear.value, int | float):
        return UNKNOWN
    enough = ElectrodeParameters().margin_mm
    return BAD if clear.value < 0 else DOUBTFUL if clear.value < enough else GOOD

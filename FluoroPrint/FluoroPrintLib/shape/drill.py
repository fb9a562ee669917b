"""A round hole through a model, or into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, silent
from .shaped import Shaped, whole
from .solids import reach_mm, refuse_untouched, rod, solid_of, surface_of, unit


@dataclass(frozen=True)
class DrillParameters(Parameters):
    """Where a hole is drilled, and how deep."""

    entry_ras_mm: Annotated[
        tuple[float, float, float], Unit("mm"), Help("Where the drill enters: R, A, S.")
    ] = (0.0, 0.0, 0.0)
    direction: Annotated[
        tuple[float, float, float], Help("Where the drill goes: a vector of any length, R, A, S.")
    ] = (0.0, 0.0, -1.0)
    diameter_mm: Annotated[float, Bounds(0.2, 50.0), Unit("mm"), Help("Diameter of the hole.")] = 3.0
    depth_mm: Annotated[
        float,
        Bounds(0.0, 1000.0),
        Unit("mm"),
        Help("Depth of the hole from the entry; its end is flat; 0 goes through all that lies ahead."),
    ] = 0.0


def drill(surface: vtkPolyData, parameters: DrillParameters, progress: Progress = silent) -> Shaped:
    """Drill a hole; what stands within a diameter before the entry is drilled away too.

    Raises
    ------
    UntouchedError
        The drill does not meet the model.
    FluoroPrintError
        The model is not closed, or nothing would be left of it.
    """
    entry, along = parameters.entry_ras_mm, unit(parameters.direction)
    model = solid_of(surface)
    progress(0.4, "Drilling")
    depth = parameters.depth_mm or reach_mm(model, entry)
    bit = rod(entry - parameters.diameter_mm * along, entry + depth * along, parameters.diameter_mm / 2)
    drilled = model - bit
    refuse_untouched(model, drilled, "drill")
    removed = model.volume() - drilled.volume()
    return whole("drilled", surface_of(drilled), f"The hole took out {removed / 1000:.3g} ml.")

"""A saw cut: a flat slab as thick as the blade is taken out, and the two sides become parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, silent
from .shaped import Part, Shaped
from .solids import UntouchedError, solid_of, surface_of, unit


@dataclass(frozen=True)
class SawParameters(Parameters):
    """Where a model is sawn through, and how thick the blade is."""

    point_ras_mm: Annotated[
        tuple[float, float, float], Unit("mm"), Help("A point in the middle of the kerf: R, A, S.")
    ] = (0.0, 0.0, 0.0)
    normal: Annotated[
        tuple[float, float, float], Help("Direction across the cut, towards part 2: R, A, S.")
    ] = (0.0, 0.0, 1.0)
    kerf_mm: Annotated[
        float, Bounds(0.0, 20.0), Unit("mm"), Help("Thickness of the blade, which is lost.")
    ] = 1.0


def saw(surface: vtkPolyData, parameters: SawParameters, progress: Progress = silent) -> Shaped:
    """Saw a model through.

    Raises
    ------
    UntouchedError
        The saw does not part the model.
    FluoroPrintError
        The model is not closed.
    """
    across = unit(parameters.normal, "normal")
    model = solid_of(surface)
    progress(0.4, "Sawing")
    middle, half = float(np.dot(across, parameters.point_ras_mm)), parameters.kerf_mm / 2
    below = model.trim_by_plane(tuple(-across), half - middle)
    above = model.trim_by_plane(tuple(across), middle + half)
    if below.is_empty() or above.is_empty():
        raise UntouchedError("The saw does not part the model: choose another place or direction.")
    lost = model.volume() - below.volume() - above.volume()
    note = f"The saw took out {lost / 1000:.3g} ml."
    return Shaped((Part("part 1", surface_of(below)), Part("part 2", surface_of(above))), (note,))

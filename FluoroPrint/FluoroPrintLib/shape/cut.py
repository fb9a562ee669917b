"""A plane cut into two parts, with pegs on one and sockets in the other where wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, silent
from .pegs import Pegs, fitted_pegs, peg_solid, socket_solid
from .shaped import Part, Shaped
from .solids import Solid, UntouchedError, frame_along, placed, solid_of, surface_of, unit, unplaced


@dataclass(frozen=True)
class CutParameters(Parameters):
    """Where a model is cut, and how the parts are to find together again."""

    point_ras_mm: Annotated[
        tuple[float, float, float], Unit("mm"), Help("A point of the cutting plane: R, A, S.")
    ] = (0.0, 0.0, 0.0)
    normal: Annotated[
        tuple[float, float, float], Help("Direction across the plane, towards part 2: R, A, S.")
    ] = (0.0, 0.0, 1.0)
    pegs: Annotated[
        str,
        Choices(("none", "round", "D-shaped")),
        Help("Pegs on part 1 and sockets in part 2; a single D-shaped one holds its turn."),
    ] = "none"
    clearance_mm: Annotated[
        float, Bounds(0.0, 2.0), Unit("mm"), Help("Gap about each peg and before its end.")
    ] = 0.2
    rim_mm: Annotated[float, Bounds(0.2, 20.0), Unit("mm"), Help("Least wall about a socket.")] = 1.5
    peg_diameter_mm: Annotated[
        float, Bounds(0.0, 30.0), Unit("mm"), Help("Diameter of the pegs; 0 chooses it by the cut face.")
    ] = 0.0
    peg_length_mm: Annotated[
        float, Bounds(0.0, 50.0), Unit("mm"), Help("How far pegs stand out; 0: as far as they are thick.")
    ] = 0.0
    peg_count: Annotated[int, Bounds(0, 8), Help("How many pegs; 0 chooses by the area of the face.")] = 0


def cut(surface: vtkPolyData, parameters: CutParameters, progress: Progress = silent) -> Shaped:
    """Cut a model by a plane.

    Raises
    ------
    UntouchedError
        The plane does not part the model.
    FluoroPrintError
        The model is not closed, or no peg fits into the cut face.
    """
    origin = np.array(parameters.point_ras_mm)
    axes = frame_along(unit(parameters.normal, "normal"))
    model = unplaced(solid_of(surface), origin, axes)
    progress(0.3, "Cutting")
    above, below = model.split_by_plane((0.0, 0.0, 1.0), 0.0)
    if below.is_empty() or above.is_empty():
        raise UntouchedError("The plane does not part the model: choose another place or direction.")
    notes: tuple[str, ...] = ()
    if parameters.pegs != "none":
        progress(0.5, "Placing pegs")
        pegs = fitted_pegs(model, parameters)
        below, above = _joined(below, above, pegs, parameters)
        notes = pegs.notes
    parts = [surface_of(placed(part, origin, axes)) for part in (below, above)]
    return Shaped((Part("part 1", parts[0]), Part("part 2", parts[1])), notes)


def _joined(below: Solid, above: Solid, pegs: Pegs, parameters: CutParameters) -> tuple[Solid, Solid]:
    return below + peg_solid(pegs), above - socket_solid(pegs, parameters.clearance_mm)

"""One model taken out of another one, with room about it, so that the two fit when they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .grown import grown_solid
from .shaped import Part, Shaped
from .solids import Solid, UntouchedError, solid_of, surface_of

GAP_REACH = 2.0
"""The gap is looked for up to this many times the clearance."""


@dataclass(frozen=True)
class FitParameters(Parameters):
    """How a model makes room for another one."""

    clearance_mm: Annotated[
        float, Bounds(0.0, 3.0), Unit("mm"), Help("Room between the two, all round; 0 lets them touch.")
    ] = 0.2
    voxel_mm: Annotated[
        float | None,
        Bounds(0.02, 2.0),
        Unit("mm"),
        Help("Voxel of the grid that the room is found on; by the size of what meets unless given."),
    ] = None
    min_piece_mm3: Annotated[
        float, Bounds(0.0, 1e6), Unit("mm³"), Help("Pieces below, which the cut leaves, are dropped.")
    ] = 1.0


def fit(
    surface: vtkPolyData, other: vtkPolyData, parameters: FitParameters, progress: Progress = silent
) -> Shaped:
    """Take another model, grown by a clearance, out of a model.

    Parameters
    ----------
    surface, other : closed, in RAS mm; they stay as they are
    parameters : clearance and grid
    progress : told how far the work is; may cancel

    Raises
    ------
    UntouchedError
        The models neither meet nor come nearer than the clearance.
    FluoroPrintError
        A model is not closed, or nothing of the first one would be left.
    """
    model, tool, clearance = solid_of(surface), solid_of(other), parameters.clearance_mm
    overlap = float((model ^ tool).volume())
    if overlap <= 0 and model.min_gap(tool, clearance + 1e-3) >= clearance:
        raise UntouchedError("The two models do not meet: move one of them, or choose others.")
    grown = tool
    if clearance > 0:
        share = part_of(progress, 0.1, 0.8)
        room = grown_solid(other, clearance, surface.GetBounds(), parameters.voxel_mm, share)
        grown = room + tool
    progress(0.8, "Taking it out")
    left = model - grown
    kept, dropped = _without_crumbs(left, parameters.min_piece_mm3)
    if kept.is_empty():
        raise FluoroPrintError("Nothing is left of the model: it lies within the other one.")
    gap = float(kept.min_gap(tool, GAP_REACH * clearance)) if clearance > 0 else 0.0
    made = Part("fitted", surface_of(kept), keeps_colour=True)
    return Shaped((made,), tuple(_told(overlap, model.volume() - kept.volume(), gap, dropped)))


def _without_crumbs(solid: Solid, least_mm3: float) -> tuple[Solid, int]:
    """Return a solid without its pieces below a volume, and how many these were; cavities are no pieces."""
    crumbs = [piece for piece in solid.decompose() if 0 <= piece.volume() < least_mm3]
    for crumb in crumbs:
        solid = solid - crumb
    return solid, len(crumbs)


def _told(overlap: float, taken: float, gap: float, dropped: int) -> list[str]:
    told = [f"Both had {overlap:.1f} mm³ in common; {taken:.1f} mm³ were taken out."]
    if gap > 0:
        told.append(f"The least gap between the two is {gap:.2f} mm.")
    if dropped:
        pieces = "A loose crumb was" if dropped == 1 else f"{dropped} loose crumbs were"
        told.append(f"{pieces} dropped.")
    return told


def overlap_mm3(surface: vtkPolyData, other: vtkPolyData) -> float:
    """Return the volume that two closed surfaces have in common.

    Raises
    ------
    FluoroPrintError
        One of them is not closed.
    """
    if not boxes_meet(surface, other, 0.0):
        return 0.0
    return float((solid_of(surface) ^ solid_of(other)).volume())


def boxes_meet(surface: vtkPolyData, other: vtkPolyData, within_mm: float) -> bool:
    """Tell whether the boxes of two surfaces come as near as a distance."""
    first, second = (np.reshape(each.GetBounds(), (3, 2)) for each in (surface, other))
    apart = np.maximum(first[:, 0] - second[:, 1], second[:, 0] - first[:, 1])
    return bool((apart <= within_mm).all())

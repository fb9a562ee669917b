"""What is asked of a guide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..parameters import Bounds, Choices, Help, Parameters, Unit
from .plan import Place

CLEARANCES_MM = {"resin": 0.25, "filament": 0.4}
"""What is added to a drill's diameter and a blade's thickness, by the process of printing."""


@dataclass(frozen=True)
class GuideParameters(Parameters):
    """How a drill or cutting guide is made."""

    gap_mm: Annotated[
        float, Bounds(0.02, 1.0), Unit("mm"), Help("Gap between guide and bone; 0.05 to 0.2 is usual.")
    ] = 0.1
    reach_mm: Annotated[
        float, Bounds(4.0, 60.0), Unit("mm"), Help("How far the base reaches about holes and slots.")
    ] = 10.0
    wall_mm: Annotated[float, Bounds(1.0, 10.0), Unit("mm"), Help("Thickness of the base.")] = 3.0
    process: Annotated[
        str,
        Choices(tuple(CLEARANCES_MM)),
        Help(
            "How it is printed: sets the clearance of bores and slots, 0.25 mm for resin, 0.4 for filament."
        ),
    ] = "resin"
    clearance_mm: Annotated[
        float,
        Bounds(0.0, 2.0),
        Unit("mm"),
        Help("Added to the drill's diameter and the blade's thickness; 0: by the process."),
    ] = 0.0
    drill_mm: Annotated[
        float, Bounds(0.8, 20.0), Unit("mm"), Help("Diameter of the drill, wire or metal sleeve.")
    ] = 2.5
    sleeve_mm: Annotated[
        float, Bounds(2.0, 60.0), Unit("mm"), Help("Length of the drill's guidance above the bone.")
    ] = 12.0
    sleeve_wall_mm: Annotated[
        float, Bounds(0.8, 10.0), Unit("mm"), Help("Wall of sleeves and about slots.")
    ] = 2.0
    blade_mm: Annotated[float, Bounds(0.2, 5.0), Unit("mm"), Help("Thickness of the saw blade.")] = 1.0
    slot_length_mm: Annotated[
        float, Bounds(4.0, 120.0), Unit("mm"), Help("Length of a slot along the bone.")
    ] = 20.0
    slot_height_mm: Annotated[
        float, Bounds(2.0, 40.0), Unit("mm"), Help("How far a slot guides the blade above the bone.")
    ] = 8.0
    plate_depth_mm: Annotated[
        float, Bounds(2.0, 100.0), Unit("mm"), Help("How deep the holes of plates are drilled.")
    ] = 20.0
    cone_deg: Annotated[
        float,
        Bounds(0.0, 60.0),
        Unit("°"),
        Help("How far the withdrawal may lean from the bone's mean normal, to avoid undercuts."),
    ] = 20.0
    grid_mm: Annotated[
        float, Bounds(0.1, 1.0), Unit("mm"), Help("Distance of the points of the face on the bone.")
    ] = 0.2
    label: Annotated[str, Help("Words engraved into the guide, where there is room; empty: none.")] = ""

    @property
    def added_mm(self) -> float:
        """Clearance of bores and slots, all of it."""
        return self.clearance_mm or CLEARANCES_MM[self.process]

    @property
    def bore_mm(self) -> float:
        """Diameter of the bores as they are made."""
        return self.drill_mm + self.added_mm

    @property
    def kerf_mm(self) -> float:
        """Width of the slots as they are made."""
        return self.blade_mm + self.added_mm


@dataclass(frozen=True)
class DrillLine:
    """A hole to be drilled: where it enters the bone and where it ends, RAS mm."""

    entry_ras: Place
    target_ras: Place


@dataclass(frozen=True)
class CutPlane:
    """A plane to be sawn: a point of it near the bone's surface, where its guide is to sit, and its normal.

    RAS mm; the normal is a unit vector.
    """

    point_ras: Place
    normal_ras: Place

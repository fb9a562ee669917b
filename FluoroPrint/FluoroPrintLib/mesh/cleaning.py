"""Repair as a stage: the repaired surface, what was changed in figures, and how far the surface moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .check import MeshCheck
from .deviation import Deviation, deviation
from .polydata import points_of, signed_volume_mm3, triangles_of, welded, with_points
from .repair import Changes, mended, sentences_of
from .topology import edges_of, shells_of


@dataclass(frozen=True)
class RepairParameters(Parameters):
    """How a model is repaired."""

    scale: Annotated[
        float,
        Bounds(0.001, 1000.0),
        Help("All sizes are multiplied by this: 1000 turns a model in metres into millimetres."),
    ] = 1.0
    min_piece_mm3: Annotated[
        float,
        Bounds(0.0, 1e6),
        Unit("mm3"),
        Help("Separate pieces and closed cavities smaller than this are removed; 0 keeps them all."),
    ] = 0.0


@dataclass(frozen=True)
class Repair:
    """A repaired surface and what became of it.

    Attributes
    ----------
    surface : triangles in RAS mm, closed, facing outward
    check : what was found in `surface`
    changes : how often each change was made, by the names of `repair.SENTENCES`
    shells_before : separate surfaces that the input had
    volume_before_mm3 : of the scaled input; None where it was not closed and had none
    deviation : from the scaled input, both ways
    """

    surface: vtkPolyData
    check: MeshCheck
    changes: Changes
    shells_before: int
    volume_before_mm3: float | None
    deviation: Deviation

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was done, a sentence for each kind of change; none where nothing was."""
        return sentences_of(self.changes)

    @property
    def figures(self) -> Mapping[str, Any]:
        """What was done, by name, for a table."""
        before = self.volume_before_mm3
        return {
            **{name: count for name, count in self.changes.items() if count},
            "shells_before": self.shells_before,
            "shells_after": self.check.shells,
            **({"volume_before": "not closed"} if before is None else {"volume_before_ml": before / 1000}),
            "volume_after_ml": self.check.volume_mm3 / 1000,
            "surface_moved_p95_mm": round(self.deviation.p95_mm, 4),
            "surface_moved_max_mm": round(self.deviation.max_mm, 4),
        }


def repair_model(
    surface: vtkPolyData, parameters: RepairParameters | None = None, progress: Progress = silent
) -> Repair:
    """Repair a surface.

    Parameters
    ----------
    surface : in RAS mm, or in another unit that `scale` turns into mm; stays as it is
    parameters : scale about the origin, and what to leave out
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The surface cannot be made printable: why, and what to do.
    """
    wanted = parameters or RepairParameters()
    scaled = with_points(surface, points_of(surface) * wanted.scale)
    repaired, checked, changes = mended(scaled, wanted.min_piece_mm3, part_of(progress, 0.0, 0.8))
    shells, volume = _shells_and_volume(scaled)
    moved = deviation(repaired, scaled, part_of(progress, 0.8, 1.0))
    return Repair(repaired, checked, changes, shells, volume, moved)


def _shells_and_volume(surface: vtkPolyData) -> tuple[int, float | None]:
    points, triangles = welded(points_of(surface), triangles_of(surface))
    edges = edges_of(triangles)
    shells, _ = shells_of(triangles, edges)
    is_closed = not ((edges.count != 2).any() or edges.is_mis_oriented.any())
    return shells, signed_volume_mm3(points, triangles) if is_closed else None

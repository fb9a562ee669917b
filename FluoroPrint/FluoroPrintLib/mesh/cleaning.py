"""Repair as a stage: the repaired surface, what was changed in figures, and how far the surface moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .deviation import Deviation, deviation
from .polydata import points_of, with_points
from .repair import Mended, mended, sentences_of


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
class Repair(Mended):
    """A repaired surface, in RAS, and what became of it; what is told of before is of the scaled input.

    Attributes
    ----------
    deviation : from the scaled input, both ways
    """

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
    made = mended(scaled, wanted.min_piece_mm3, part_of(progress, 0.0, 0.8))
    moved = deviation(made.surface, scaled, part_of(progress, 0.8, 1.0))
    return Repair(**vars(made), deviation=moved)

"""A model held against a segmentation that it was not made of here, or no longer knows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..progress import Progress, part_of, silent
from ..segmentation.segments import Segment, Segmentation
from .deviation import Deviation, deviation
from .surface import surface_of_mask


@dataclass(frozen=True)
class Comparison:
    """How far a model lies from segments.

    Attributes
    ----------
    deviation : both ways
    segments : the names of the segments that it was held against, all together
    """

    deviation: Deviation
    segments: tuple[str, ...]


def compare_with_segmentation(
    surface: vtkPolyData, name: str, segmentation: Segmentation, progress: Progress = silent
) -> Comparison:
    """Measure how far a model lies from the unsmoothed surface of the segment that it shows.

    The segment is the one whose name the model's begins with ("Femur model" shows "Femur"); where there is
    none, all segments together. Pieces that the model leaves out count as missing.

    Parameters
    ----------
    surface : of the model, in RAS mm
    name : of the model
    segmentation : in the same frame
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The segments are empty, or the model has no faces.
    """
    segments = segments_shown(name, segmentation)
    names = tuple(segment.name for segment in segments)
    progress(0.0, "surface of the segmentation")
    mask = np.isin(segmentation.labelmap.array_kji, [segment.label for segment in segments])
    if not mask.any():
        raise FluoroPrintError(f"There is nothing in {', '.join(names)}: choose another segmentation.")
    reference = surface_of_mask(mask, segmentation.labelmap.ijk_to_ras)
    return Comparison(deviation(surface, reference, part_of(progress, 0.05, 1.0)), names)


def segments_shown(name: str, segmentation: Segmentation) -> tuple[Segment, ...]:
    """Return the segment whose name a model's begins with, the longest such; all where there is none."""
    meant = [s for s in segmentation.segments if f"{name} ".startswith(f"{s.name} ")]
    return (max(meant, key=lambda segment: len(segment.name)),) if meant else segmentation.segments

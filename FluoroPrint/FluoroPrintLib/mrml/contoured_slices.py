"""Which slices of a segment were contoured: the points of each contour, kept with the segment.

They stand in a tag of the segment, so that undo, copies of the segment and saved scenes keep them.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..segmentation.outlines import SliceOutline
from ..segmentation.slices import Slice, slice_through

KEPT = "FluoroPrint.Contours"


def kept_contours(segment: Any) -> tuple[SliceOutline, ...]:
    """Return the contours that are kept with a vtkSegment, in the segmentation's own frame."""
    from vtkmodules.vtkCommonCore import reference

    text = reference("")
    segment.GetTag(KEPT, text)
    return tuple(SliceOutline(np.array(points, np.float64)) for points in json.loads(str(text) or "[]"))


def keep_contour(segment: Any, outline: SliceOutline) -> None:
    """Keep one more contour with a vtkSegment."""
    points = [kept.points_ras for kept in (*kept_contours(segment), outline)]
    segment.SetTag(KEPT, json.dumps([np.round(each, 3).tolist() for each in points]))


def contoured_slices(segment: Any, grid: Volume) -> set[Slice]:
    """Return which slices of a grid were contoured; contours that lie in none of its slices do not count."""
    found = (_slice_of(grid, outline) for outline in kept_contours(segment))
    return {where for where in found if where is not None}


def _slice_of(grid: Volume, outline: SliceOutline) -> Slice | None:
    try:
        return slice_through(grid, outline.points_ras)
    except FluoroPrintError:  # it was drawn on another grid, over another source volume
        return None

"""Outlines that were drawn in frames or in slices."""

from __future__ import annotations

from dataclasses import dataclass

from ..arrays import Float64Array


@dataclass(frozen=True)
class Outline:
    """A closed outline in a frame.

    Attributes
    ----------
    view : index of the frame
    polygon_px : (P, 2) corners as (column, row); the last is joined to the first
    """

    view: int
    polygon_px: Float64Array


@dataclass(frozen=True)
class SliceOutline:
    """A closed outline in a slice of a volume.

    Attributes
    ----------
    points_ras : (P, 3) corners, RAS mm; the last is joined to the first
    """

    points_ras: Float64Array

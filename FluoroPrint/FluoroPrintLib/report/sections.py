"""Sections through bone in any plane: what lies about an object of a plan, seen along and across it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..arrays import BoolArray, Float64Array, UInt8Array
from ..geometry.volume import Volume
from .pictures import Picture, edge_letters, grey_rgb
from .slices import WINDOW_HIGH_HU, WINDOW_LOW_HU, PixelGrid, cut_lines, sampled

BONE_RGB = (214, 203, 178)
BONE_LINE = "#6b6250"


def section_picture(
    grid: PixelGrid,
    bone: Any | None,
    objects: Sequence[tuple[str, Any]],
    volume: Volume | None = None,
    caption: str = "",
) -> Picture:
    """Return a section: the volume behind it, or the bone filled; the cuts of the objects drawn over it.

    Parameters
    ----------
    grid : where the pixels lie
    bone : vtkPolyData, RAS mm, closed; may be None
    objects : colour ("#rrggbb") and vtkPolyData (RAS mm) of what is drawn over it
    volume : in HU
    caption : a sentence for the reader
    """
    outlines = cut_lines(bone, grid) if bone is not None else []
    lines = [(BONE_LINE, line) for line in outlines]
    lines += [(colour, line) for colour, surface in objects for line in cut_lines(surface, grid)]
    rgb = _volume_rgb(volume, grid) if volume is not None else _filled_rgb(outlines, grid.shape)
    return Picture(rgb, grid.pixel_mm, edge_letters(grid.right_ras, grid.up_ras), caption, tuple(lines))


def section_grid(
    centre_ras: Float64Array, right_ras: Float64Array, up_ras: Float64Array, extent_mm: float, size_px: int
) -> PixelGrid:
    """Return a square grid about a place; `right_ras` and `up_ras` (3,) are unit vectors at a right angle."""
    pixel = extent_mm / size_px
    half = (size_px - 1) / 2 * pixel
    first = np.asarray(centre_ras, float) - half * right_ras + half * up_ras
    return PixelGrid(first, right_ras, up_ras, pixel, (size_px, size_px))


def inside_of(lines: Iterable[Float64Array], shape: tuple[int, int]) -> BoolArray:
    """Return which pixel centres lie inside closed lines (N, 2), x and y in pixels, by the even-odd rule."""
    crossings = np.zeros((shape[0], shape[1] + 1), np.int64)
    for line in lines:
        for start, end in zip(line[:-1], line[1:], strict=True):
            _add_crossings(crossings, start, end)
    inside: BoolArray = np.cumsum(crossings, 1)[:, :-1] % 2 == 1
    return inside


def _add_crossings(crossings: np.ndarray, start: Float64Array, end: Float64Array) -> None:
    """Count, a row, the first pixel to the right of where a segment crosses the row's middle."""
    (x0, y0), (x1, y1) = (start, end) if start[1] <= end[1] else (end, start)
    rows = np.arange(max(int(np.ceil(y0)), 0), min(int(np.ceil(y1)), len(crossings)))
    if len(rows):
        columns = np.ceil(x0 + (rows - y0) / (y1 - y0) * (x1 - x0)).astype(int)
        np.add.at(crossings, (rows, np.clip(columns, 0, crossings.shape[1] - 1)), 1)


def _volume_rgb(volume: Volume, grid: PixelGrid) -> UInt8Array:
    values = sampled(volume, grid.points_ras(), order=1, outside=WINDOW_LOW_HU)
    return grey_rgb(values, WINDOW_LOW_HU, WINDOW_HIGH_HU)


def _filled_rgb(outlines: Sequence[Float64Array], shape: tuple[int, int]) -> UInt8Array:
    rgb = np.full((*shape, 3), 255, np.uint8)
    rgb[inside_of(outlines, shape)] = BONE_RGB
    return rgb

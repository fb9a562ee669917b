"""A contour in a slice while it is drawn: points so far, the way to the pointer, and what it becomes."""

from __future__ import annotations

import numpy as np

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from .livewire import LiveWire, Ways, contour_mask
from .outlines import SliceOutline
from .slice_contours import SliceContourParameters, slice_wire
from .slices import Slice, pixels_at, points_at

FEWEST_POINTS = 3


class OpenContour:
    """A contour that is being drawn in a slice.

    What a point costs is computed when it is set, so that the way from there to the pointer is found at once.

    Parameters
    ----------
    volume : whose slice it is
    where : the slice
    parameters : whether the contour follows edges

    Raises
    ------
    FluoroPrintError
        The slice shows no edge to follow.

    Attributes
    ----------
    grid, where : the volume and the slice
    """

    def __init__(self, volume: Volume, where: Slice, parameters: SliceContourParameters) -> None:
        self.where = where
        self.grid = volume
        self._wire: LiveWire | None = None
        if parameters.follow_edges:
            self._wire = slice_wire(volume, where, parameters.smoothing_mm)
        self._pixels: list[Float64Array] = []
        self._lines: list[Float64Array] = []
        self._ways: Ways | None = None

    @property
    def points_ras(self) -> Float64Array:
        """The points that were set, (P, 3)."""
        return points_at(self.grid, self.where, np.array(self._pixels).reshape(-1, 2))

    @property
    def can_close(self) -> bool:
        """Whether there are points enough for a contour."""
        return len(self._pixels) >= FEWEST_POINTS

    def add(self, point_ras: Float64Array) -> None:
        """Set a point; one in the same pixel as the last is none, as the second click of a double one.

        Raises
        ------
        FluoroPrintError
            The point lies outside of the slice.
        """
        pixel = pixels_at(self.grid, self.where, np.asarray(point_ras)[None])[0]
        if self._pixels and np.rint(pixel).tolist() == np.rint(self._pixels[-1]).tolist():
            return
        if not self._is_inside(pixel):
            raise FluoroPrintError("The point lies outside of the slice: click within it.")
        if self._pixels:
            self._lines.append(self._line_to(pixel))
        self._pixels.append(pixel)
        self._prepare()

    def take_back(self) -> None:
        """Take back the last point, if there is one."""
        self._pixels = self._pixels[:-1]
        self._lines = self._lines[: max(len(self._pixels) - 1, 0)]
        self._prepare()

    def line_ras(self, pointer_ras: Float64Array | None = None) -> Float64Array:
        """Return the contour so far and its way to the pointer, (P, 3); a pointer outside has none."""
        lines = list(self._lines) or [np.array(self._pixels).reshape(-1, 2)]
        if pointer_ras is not None and self._pixels:
            pixel = pixels_at(self.grid, self.where, np.asarray(pointer_ras)[None])[0]
            lines += [self._line_to(pixel)] if self._is_inside(pixel) else []
        return points_at(self.grid, self.where, np.concatenate(lines))

    def outline(self) -> SliceOutline:
        """Return the points as an outline, for `contour_slices`."""
        return SliceOutline(self.points_ras)

    def mask(self) -> BoolArray:
        """Return the voxels within the closed contour, as `contour_slices` finds them: (K, J, I).

        Raises
        ------
        FluoroPrintError
            There are too few points.
        """
        if not self.can_close:
            raise FluoroPrintError("A contour needs three points or more: click along the edge.")
        lines = [*self._lines, self._line_to(self._pixels[0])]
        closed = self._wire.closed_along(lines) if self._wire else np.array(self._pixels)
        mask = np.zeros(self.grid.array_kji.shape, bool)
        plane = self.where.of(mask)
        plane[...] = contour_mask([closed], (plane.shape[0], plane.shape[1]))
        return mask

    def _prepare(self) -> None:
        self._ways = None
        if self._wire and self._pixels:
            self._ways = self._wire.ways_from(self._pixels[-1].tolist())
            self._ways.compute_all()

    def _line_to(self, pixel: Float64Array) -> Float64Array:
        if self._ways is None:
            return np.stack([self._pixels[-1], pixel])
        return self._ways.to(pixel.tolist())

    def _is_inside(self, pixel: Float64Array) -> bool:
        size = np.array(self.grid.size_ijk)[list(self.where.spanned)]
        return bool(((np.rint(pixel) >= 0) & (np.rint(pixel) < size)).all())

"""Slices of a volume along its own axes: which one a plane or points lie in, its image, its pixels' places.

A pixel's place in a slice is (column, row); columns count along the first of the two axes that the slice
spans, rows along the second: i and j of a slice across k.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import AnyArray, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume, transformed

MOST_TILT = 0.002
"""Sine of the angle up to which a plane counts as parallel to the grid: a pixel across 512."""
OFF_SLICE = 0.5 + 1e-6
"""In voxels: points that lie further from the middle of a slice are not in it."""


@dataclass(frozen=True, order=True)
class Slice:
    """A slice of a grid.

    Attributes
    ----------
    axis : 0, 1 or 2: the slice is across i, j or k
    index : number of the slice along that axis
    """

    axis: int
    index: int

    @property
    def spanned(self) -> tuple[int, int]:
        """The axes of columns and rows."""
        column, row = (axis for axis in range(3) if axis != self.axis)
        return column, row

    def of(self, array_kji: AnyArray) -> AnyArray:
        """Return the slice's pixels (rows, columns), a view of a volume's array."""
        pixels: AnyArray = np.moveaxis(array_kji, 2 - self.axis, 0)[self.index]
        return pixels


def slice_in_plane(grid: Volume, place_ras: Float64Array, normal_ras: Float64Array) -> Slice:
    """Return the slice of a grid that a plane lies in.

    Parameters
    ----------
    grid : any grid, anisotropic, oblique or left-handed; its values are not used
    place_ras : (3,) of the plane
    normal_ras : (3,) of the plane, of any length

    Raises
    ------
    FluoroPrintError
        The plane is oblique to the grid, or lies outside of it.
    """
    normal = np.asarray(normal_ras, np.float64) / np.linalg.norm(normal_ras)
    along = np.abs(normal @ (grid.ijk_to_ras[:3, :3] / grid.spacing_mm))
    axis = int(along.argmax())
    if np.delete(along, axis).max() > MOST_TILT:
        raise FluoroPrintError(
            'This slice is oblique to the volume: choose "Rotate to volume plane" in the slice view first.'
        )
    index = float(np.rint(_ijk(grid, np.asarray(place_ras)[None])[0, axis]))
    return _within(grid, axis, index)


def slice_through(grid: Volume, points_ras: Float64Array) -> Slice:
    """Return the slice of a grid that points (P, 3) lie in.

    Raises
    ------
    FluoroPrintError
        They lie in no slice along the grid's axes, or outside of it.
    """
    ijk = _ijk(grid, points_ras)
    middle = ijk.mean(0)
    off_mm = np.abs(ijk - middle).max(0) * grid.spacing_mm
    axis = int(off_mm.argmin())
    index = float(np.rint(middle[axis]))
    if np.abs(ijk[:, axis] - index).max() > OFF_SLICE:
        raise FluoroPrintError(
            "The points of an outline do not lie in one slice along the volume's axes: draw it in one."
        )
    return _within(grid, axis, index)


def _within(grid: Volume, axis: int, index: float) -> Slice:
    if not 0 <= index < grid.size_ijk[axis]:
        raise FluoroPrintError("This slice lies outside of the volume: choose one within it.")
    return Slice(axis, int(index))


def lies_between(where: Slice, others: set[Slice]) -> bool:
    """Tell whether a slice is none of some others and lies between two of its own direction."""
    numbers = [other.index for other in others if other.axis == where.axis]
    return where not in others and any(n < where.index for n in numbers) and max(numbers) > where.index


def pixels_at(grid: Volume, where: Slice, points_ras: Float64Array) -> Float64Array:
    """Return the (column, row) of each of (P, 3) points in a slice, (P, 2), as fractions of pixels."""
    pixels: Float64Array = _ijk(grid, points_ras)[:, where.spanned]
    return pixels


def points_at(grid: Volume, where: Slice, pixels: Float64Array) -> Float64Array:
    """Return the RAS mm (P, 3) of places (column, row) in a slice, in the middle of its thickness."""
    ijk = np.full((len(pixels), 3), float(where.index))
    ijk[:, where.spanned] = pixels
    return transformed(ijk, grid.ijk_to_ras)


def pixel_size_mm(grid: Volume, where: Slice) -> tuple[float, float]:
    """Return width and height of a slice's pixels."""
    column, row = where.spanned
    return float(grid.spacing_mm[column]), float(grid.spacing_mm[row])


def _ijk(grid: Volume, points_ras: Float64Array) -> Float64Array:
    return transformed(points_ras, np.linalg.inv(grid.ijk_to_ras))

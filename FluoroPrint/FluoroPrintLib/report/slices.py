"""Slices through a volume in the patient's planes, with the segmentation's outline and the models' cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import binary_erosion, map_coordinates

from ..arrays import AnyArray, BoolArray, Float64Array, UInt8Array
from ..geometry.volume import Volume, transformed
from ..segmentation.segments import Segmentation
from .pictures import Picture, edge_letters, grey_rgb

WINDOW_LOW_HU, WINDOW_HIGH_HU = -500.0, 1500.0
_TINT = 0.22


@dataclass(frozen=True)
class Plane:
    """A slice plane as radiologists look at it: the picture's right and top in RAS, and what runs through."""

    name: str
    right_ras: tuple[float, float, float]
    up_ras: tuple[float, float, float]
    axis: int


AXIAL = Plane("axial", (-1, 0, 0), (0, 1, 0), 2)
CORONAL = Plane("coronal", (-1, 0, 0), (0, 0, 1), 1)
SAGITTAL = Plane("sagittal", (0, -1, 0), (0, 0, 1), 0)
PLANES = (AXIAL, CORONAL, SAGITTAL)


@dataclass(frozen=True)
class PixelGrid:
    """Pixels of a slice: where they lie in the patient.

    Attributes
    ----------
    first_ras : (3,) centre of the top left pixel, RAS mm
    right_ras, up_ras : (3,) unit vectors of the picture
    pixel_mm : edge of a pixel
    shape : rows and columns
    """

    first_ras: Float64Array
    right_ras: Float64Array
    up_ras: Float64Array
    pixel_mm: float
    shape: tuple[int, int]

    def points_ras(self) -> Float64Array:
        """Return the places of the pixels: (height, width, 3)."""
        rows, columns = (np.arange(count) * self.pixel_mm for count in self.shape)
        across, down = columns[None, :, None] * self.right_ras, rows[:, None, None] * self.up_ras
        points: Float64Array = self.first_ras + across - down
        return points

    def pixels_of(self, points_ras: Float64Array) -> Float64Array:
        """Return where points (N, 3) lie in the picture: (N, 2) x, y in pixels."""
        offset = points_ras - self.first_ras
        return np.stack([offset @ self.right_ras, -(offset @ self.up_ras)], -1) / self.pixel_mm


def slice_pictures(
    volume: Volume,
    segmentation: Segmentation | None = None,
    surfaces: Sequence[tuple[str, Any]] = (),
    *,
    window_hu: tuple[float, float] = (WINDOW_LOW_HU, WINDOW_HIGH_HU),
    size_px: int = 460,
) -> tuple[Picture, Picture, Picture]:
    """Return an axial, a coronal and a sagittal slice through the middle of the segments.

    Parameters
    ----------
    volume : in HU, its grid in any orientation
    segmentation : its segments are outlined in their colours
    surfaces : colour ("#rrggbb") and vtkPolyData (RAS mm) of models whose cut is drawn
    window_hu : values shown black and white
    size_px : longer side of the largest picture; all have one scale

    Returns
    -------
    Pictures with the patient's right on the left, as radiologists look at them.
    """
    low, high = _bounds_ras(volume)
    centre = _middle_of_segments(segmentation) if segmentation is not None else volume.centre_ras
    pixel_mm = float(np.max(high - low)) / size_px
    axial, coronal, sagittal = (
        _slice(volume, segmentation, surfaces, window_hu, plane, _grid(plane, centre, low, high, pixel_mm))
        for plane in PLANES
    )
    return axial, coronal, sagittal


def _bounds_ras(volume: Volume) -> tuple[Float64Array, Float64Array]:
    """Return the corners (3,) of the box that holds all voxel centres."""
    last = np.array(volume.size_ijk) - 1
    corners = np.array(np.meshgrid(*[(0, end) for end in last])).reshape(3, -1)
    places = volume.ijk_to_ras[:3, :3] @ corners + volume.ijk_to_ras[:3, 3:]
    return places.min(1), places.max(1)


def _middle_of_segments(segmentation: Segmentation) -> Float64Array:
    """Return the voxel centre nearest the mean of all segments; the volume's middle where there is none."""
    labelmap = segmentation.labelmap
    inside = np.argwhere(labelmap.array_kji > 0)
    if len(inside) == 0:
        return labelmap.centre_ras
    ijk = np.round(inside.mean(0))[::-1]
    middle: Float64Array = labelmap.ijk_to_ras[:3, :3] @ ijk + labelmap.ijk_to_ras[:3, 3]
    return middle


def _grid(
    plane: Plane, centre: Float64Array, low: Float64Array, high: Float64Array, pixel_mm: float
) -> PixelGrid:
    right, up = np.array(plane.right_ras, float), np.array(plane.up_ras, float)
    first = np.where(
        right - up > 0, low, high
    )  # the top left corner: the picture runs right and down from it
    first[plane.axis] = centre[plane.axis]
    width, height = (float(np.abs(direction) @ (high - low)) for direction in (right, up))
    shape = (int(height / pixel_mm) + 1, int(width / pixel_mm) + 1)
    return PixelGrid(first, right, up, pixel_mm, shape)


def _slice(
    volume: Volume,
    segmentation: Segmentation | None,
    surfaces: Sequence[tuple[str, Any]],
    window_hu: tuple[float, float],
    plane: Plane,
    grid: PixelGrid,
) -> Picture:
    points = grid.points_ras()
    rgb = grey_rgb(sampled(volume, points, order=1, outside=window_hu[0]), *window_hu)
    if segmentation is not None:
        labels = sampled(segmentation.labelmap, points, order=0, outside=0)
        for segment in segmentation.segments:
            _mark(rgb, labels == segment.label, np.array(segment.colour) * 255)
    lines = [(colour, line) for colour, surface in surfaces for line in cut_lines(surface, grid)]
    place = f"{plane.name.capitalize()}, {'RAS'[plane.axis]} = {grid.first_ras[plane.axis]:.1f} mm"
    return Picture(rgb, grid.pixel_mm, edge_letters(grid.right_ras, grid.up_ras), place, tuple(lines))


def sampled(volume: Volume, points_ras: Float64Array, *, order: int, outside: float) -> AnyArray:
    """Return the values of a volume at points (..., 3) in RAS mm.

    Parameters
    ----------
    order : 0 for the nearest voxel, 1 for linear interpolation
    outside : value of points beyond the outermost voxel centres
    """
    ijk = transformed(points_ras, np.linalg.inv(volume.ijk_to_ras))
    kji = np.moveaxis(ijk, -1, 0)[::-1]
    values: AnyArray = map_coordinates(volume.array_kji, kji, order=order, mode="constant", cval=outside)
    return values


def _mark(rgb: UInt8Array, mask: BoolArray, colour: Float64Array) -> None:
    """Tint a segment lightly and draw its outline, in place."""
    rgb[mask] = np.round((1 - _TINT) * rgb[mask] + _TINT * colour)
    rgb[mask & ~binary_erosion(mask)] = np.round(colour)


def cut_lines(surface: Any, grid: PixelGrid) -> list[Float64Array]:
    """Return the lines (N, 2), in pixels, in which the plane of a grid cuts a vtkPolyData (RAS mm)."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkPlane
    from vtkmodules.vtkFiltersCore import vtkCutter, vtkStripper

    where, cutter, stripper = vtkPlane(), vtkCutter(), vtkStripper()
    where.SetOrigin(*grid.first_ras)
    where.SetNormal(*np.cross(grid.right_ras, grid.up_ras))
    cutter.SetInputData(surface)
    cutter.SetCutFunction(where)
    stripper.SetInputConnection(cutter.GetOutputPort())
    stripper.JoinContiguousSegmentsOn()
    stripper.SetMaximumLength(100_000)
    stripper.Update()
    lines = stripper.GetOutput().GetLines()
    if lines.GetNumberOfCells() == 0:
        return []
    pixels = grid.pixels_of(vtk_to_numpy(stripper.GetOutput().GetPoints().GetData()).astype(float))
    ends = vtk_to_numpy(lines.GetOffsetsArray())
    numbers = vtk_to_numpy(lines.GetConnectivityArray())
    return [pixels[part] for part in np.split(numbers, ends[1:-1])]

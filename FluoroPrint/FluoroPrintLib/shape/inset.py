"""The surface at an even depth below another one, its error measured.

A grid of distances is contoured (flying edges), then each point is moved along the distance's slope onto the
exact depth. Distances are to the faces themselves wherever the contour can run. What remains is how far the
small flat faces lie from the true, curved offset; it is measured at the middle of every face.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkImplicitPolyDataDistance
from vtkmodules.vtkImagingStencil import vtkImageStencilToImage, vtkPolyDataToImageStencil

from ..arrays import BoolArray, Float32Array, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..mesh.distance import signed_distances_mm
from ..mesh.intersections import intersecting_pairs
from ..mesh.polydata import points_of, polydata_from, triangles_of
from ..mesh.surface import surface_of_field
from ..progress import Progress, part_of, silent

BAND_VOXELS = 2.0
MOST_VOXELS = 150_000_000
LEAST_FIELD = 1e-3
"""A field of exactly 0 at a voxel makes flat faces; it is kept this far from 0, in voxels."""
STEP_VOXELS = 0.5
ROUNDS_BACK = 5


@dataclass(frozen=True)
class Grid:
    """A grid along R, A, S.

    Attributes
    ----------
    low_ras_mm : the first voxel's centre
    voxel_mm : edge of a voxel
    size_ijk : voxels along each axis
    """

    low_ras_mm: Float64Array
    voxel_mm: float
    size_ijk: tuple[int, int, int]

    @property
    def ijk_to_ras(self) -> Float64Array:
        """Voxel numbers to RAS mm, 4 x 4."""
        matrix = np.diag([self.voxel_mm] * 3 + [1.0])
        matrix[:3, 3] = self.low_ras_mm
        return matrix

    def centres_ras_mm(self, mask_kji: BoolArray) -> Float64Array:
        """Return the centres of the voxels of a mask: (N, 3)."""
        centres: Float64Array = np.argwhere(mask_kji)[:, ::-1] * self.voxel_mm + self.low_ras_mm
        return centres


def grid_around(surface: vtkPolyData, voxel_mm: float) -> Grid:
    """Return a grid that holds a surface with two voxels to spare.

    Raises
    ------
    FluoroPrintError
        It would have too many voxels.
    """
    bounds = np.reshape(surface.GetBounds(), (3, 2))
    return grid_over(bounds[:, 0], bounds[:, 1], voxel_mm)


def grid_over(low_ras_mm: Float64Array, high_ras_mm: Float64Array, voxel_mm: float) -> Grid:
    """Return a grid over a box with two voxels to spare; see `grid_around`."""
    # Off the round numbers that drawn solids have, so that no voxel lies on a face.
    low = low_ras_mm - (2 + 1 / np.pi) * voxel_mm
    size = np.ceil((high_ras_mm - low) / voxel_mm).astype(int) + 3
    if np.prod(size, dtype=float) > MOST_VOXELS:
        raise FluoroPrintError(
            f"A grid of {voxel_mm:g} mm has {np.prod(size, dtype=float) / 1e6:.0f} million voxels here: "
            "choose a larger voxel."
        )
    return Grid(low, voxel_mm, (int(size[0]), int(size[1]), int(size[2])))


def mask_within(surface: vtkPolyData, grid: Grid) -> BoolArray:
    """Tell which voxels' centres lie within a closed surface: (K, J, I)."""
    stencil = vtkPolyDataToImageStencil()
    stencil.SetInputData(surface)
    stencil.SetOutputOrigin(*grid.low_ras_mm)
    stencil.SetOutputSpacing(*([grid.voxel_mm] * 3))
    stencil.SetOutputWholeExtent(*[edge for count in grid.size_ijk for edge in (0, count - 1)])
    paint = vtkImageStencilToImage()
    paint.SetInputConnection(stencil.GetOutputPort())
    paint.SetInsideValue(1)
    paint.SetOutsideValue(0)
    paint.SetOutputScalarTypeToUnsignedChar()
    paint.Update()
    return _array_of(paint.GetOutput()) > 0


def _array_of(image: vtkImageData) -> Float64Array:
    shape = tuple(reversed(image.GetDimensions()))
    array: Float64Array = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(shape)
    return array


def inset_surface(
    surface: vtkPolyData, depth_mm: float, voxel_mm: float, progress: Progress = silent
) -> vtkPolyData | None:
    """Return the closed surface at a depth below another one; None where it is nowhere so thick.

    Parameters
    ----------
    surface : closed, facing outward
    depth_mm : at least two and a half voxels
    voxel_mm : of the grid; shapes finer than this are rounded
    progress : told how far the work is; may cancel
    """
    grid = grid_around(surface, voxel_mm)
    field = depth_field(surface, depth_mm, grid, part_of(progress, 0.0, 0.8))
    if not (field > 0).any():
        return None
    contour = surface_of_field(field, grid.ijk_to_ras)
    progress(0.8, "Setting the wall to its thickness")
    points, triangles = points_of(contour), triangles_of(contour)
    moved = _settled(points, surface, depth_mm, STEP_VOXELS * voxel_mm)
    return polydata_from(_uncrossed(points, moved, triangles), triangles)


def _uncrossed(points: Float64Array, moved: Float64Array, triangles: IntArray) -> Float64Array:
    """Return the moved points, those of faces that cut each other for it back where the contour had them."""
    for _ in range(ROUNDS_BACK):
        cut = np.unique(intersecting_pairs(moved, triangles))
        if len(cut) == 0:
            break
        back = np.unique(triangles[cut])
        moved[back] = points[back]
    return moved


def depth_field(
    surface: vtkPolyData, depth_mm: float, grid: Grid, progress: Progress = silent
) -> Float32Array:
    """Return how much deeper than `depth_mm` each voxel lies: (K, J, I) mm, exact near 0."""
    inside = mask_within(surface, grid)
    depth = ndimage.distance_transform_edt(inside, sampling=grid.voxel_mm).astype(np.float32)
    field: Float32Array = depth - np.float32(depth_mm)
    near = inside & (np.abs(field) < BAND_VOXELS * grid.voxel_mm)
    exact = np.abs(signed_distances_mm(grid.centres_ras_mm(near), surface, progress))
    field[near] = exact - depth_mm
    least = np.float32(LEAST_FIELD * grid.voxel_mm)
    field[np.abs(field) < least] = least
    return field


def _settled(points: Float64Array, surface: vtkPolyData, depth_mm: float, most_mm: float) -> Float64Array:
    """Move points along the slope of the distance onto the depth, but never far, and never for the worse."""
    nearest = nearest_on(surface, points)
    away = points - nearest
    distance = np.linalg.norm(away, axis=1)
    step = np.clip(depth_mm - distance, -most_mm, most_mm)
    moved = points + away * (step / np.maximum(distance, 1e-9))[:, None]
    error = np.abs(np.linalg.norm(moved - nearest_on(surface, moved), axis=1) - depth_mm)
    better = error < np.abs(distance - depth_mm)
    settled: Float64Array = np.where(better[:, None], moved, points)
    return settled


def nearest_on(surface: vtkPolyData, points: Float64Array) -> Float64Array:
    """Return the point of a surface that is nearest to each of some points: (N, 3)."""
    distance = vtkImplicitPolyDataDistance()
    distance.SetInput(surface)
    found = np.empty_like(points)
    place = [0.0, 0.0, 0.0]
    for number, point in enumerate(points.tolist()):
        distance.EvaluateFunctionAndGetClosestPoint(point, place)
        found[number] = place
    return found


def depths_of_faces(inner: vtkPolyData, surface: vtkPolyData) -> tuple[float, float]:
    """Return the least and the greatest depth of the middles and corners of faces below a surface."""
    corners = points_of(inner)
    middles = corners[triangles_of(inner)].mean(1)
    depths = np.abs(signed_distances_mm(np.concatenate([corners, middles]), surface))
    return float(depths.min()), float(depths.max())

"""A solid grown by an even distance, as far as a box reaches.

As in `inset`, a grid of distances is contoured and each point is moved onto the distance. The grid may be
coarser than the distance, for signed distances run straight through the surface. What remains is how far flat
faces lie from the curved offset, h² / 8R at voxels of h and a radius of R: `refined` mends what matters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import BoolArray, Float32Array, Float64Array
from ..mesh.distance import signed_distances_mm
from ..mesh.polydata import points_of, triangles_of
from ..mesh.surface import surface_of_field
from ..progress import Progress, part_of, silent
from .inset import LEAST_FIELD, Grid, grid_over, mask_within
from .refined import moved_onto, refined, unit_normals
from .solids import Solid, engine, solid_from, solid_of

FINEST_MM, COARSEST_MM = 0.1, 1.0
PLACES_ON_SURFACE, PLACES_IN_BOX = 1e5, 3e7
"""The voxel is so large that no more than these lie along the surface and in the box."""
FLATTER, FLATTEST_MM = 0.02, 0.004
"""Faces are joined within this share of the distance, or this where that is less."""


def grown_solid(
    surface: vtkPolyData,
    by_mm: float,
    bounds_mm: Sequence[float],
    voxel_mm: float | None = None,
    progress: Progress = silent,
) -> Solid:
    """Return the solid of all places within a distance of a solid, as far as a box needs it.

    Parameters
    ----------
    surface : closed, facing outward, RAS mm
    by_mm : the distance, above 0
    bounds_mm : of the box as VTK has them; the result is right within it, and ends soon after
    voxel_mm : of the grid; by the size of what lies in the box unless given
    progress : told how far the work is; may cancel

    Returns
    -------
    An empty solid where nothing of it is in the box.

    Raises
    ------
    FluoroPrintError
        The surface is not closed, or the grid would have too many voxels.
    """
    mine, box = np.reshape(surface.GetBounds(), (3, 2)), np.reshape(bounds_mm, (3, 2))
    low, high = np.maximum(mine[:, 0] - by_mm, box[:, 0]), np.minimum(mine[:, 1] + by_mm, box[:, 1])
    if (low > high).any():
        return engine().Manifold()
    tool = _near(solid_of(surface), low - 3 * COARSEST_MM - by_mm, high + 3 * COARSEST_MM + by_mm)
    if tool.is_empty():
        return tool
    voxel = voxel_mm or _voxel_for(tool, by_mm, high - low)
    grid = grid_over(low, high, voxel)
    field = _field(surface, tool, by_mm, grid, part_of(progress, 0.0, 0.7))
    if not (field > 0).any():
        return engine().Manifold()
    contour = surface_of_field(field, grid.ijk_to_ras)
    points, triangles = points_of(contour), triangles_of(contour)
    progress(0.7, "Setting the room to its width")
    inner = _is_inner(points, grid)
    normals = unit_normals(points, triangles)[inner]
    points[inner] = moved_onto(points[inner], normals, surface, by_mm, voxel / 2)
    grown = solid_from(*refined((points, triangles), inner, surface, by_mm))
    return grown.simplify(min(FLATTER * by_mm, FLATTEST_MM))


def _near(tool: Solid, low: Float64Array, high: Float64Array) -> Solid:
    return tool ^ engine().Manifold.cube(tuple(high - low)).translate(tuple(low))


def _voxel_for(tool: Solid, by_mm: float, size_mm: Float64Array) -> float:
    along = np.sqrt(tool.surface_area() / PLACES_ON_SURFACE)
    within = np.cbrt(np.prod(size_mm + 4 * FINEST_MM) / PLACES_IN_BOX)
    return float(np.clip(max(along, within, by_mm / 2), FINEST_MM, COARSEST_MM))


def _field(surface: vtkPolyData, tool: Solid, by_mm: float, grid: Grid, progress: Progress) -> Float32Array:
    """Return how far within the grown solid each voxel lies: (K, J, I) mm, exact near its surface."""
    voxel = np.float32(grid.voxel_mm)
    field: Float32Array = np.where(mask_within(surface, grid), voxel, -voxel).astype(np.float32)
    near = _is_near(tool, by_mm, grid)
    field[near] = by_mm - signed_distances_mm(grid.centres_ras_mm(near), surface, progress)
    least = np.float32(LEAST_FIELD) * voxel
    field[np.abs(field) < least] = least
    for axis in range(3):  # the box ends here, outside of what it is for
        border = np.moveaxis(field, axis, 0)
        border[[0, -1]] = -voxel
    return field


def _is_near(tool: Solid, by_mm: float, grid: Grid) -> BoolArray:
    """Tell which voxels lie about as far from the surface as the distance, or nearer: (K, J, I).

    The surface is followed by points of its own, for walls thinner than a voxel lie between centres.
    """
    places = np.asarray(tool.refine_to_length(grid.voxel_mm).to_mesh().vert_properties[:, :3], float)
    ijk = np.round((places - grid.low_ras_mm) / grid.voxel_mm).astype(int)
    reach = int(np.ceil(by_mm / grid.voxel_mm)) + 2
    size = np.array(grid.size_ijk)
    inside = ((ijk >= -reach) & (ijk < size + reach)).all(1)
    ijk = ijk[inside] + reach
    held = np.zeros(tuple(reversed(size + 2 * reach)), np.uint8)
    held[ijk[:, 2], ijk[:, 1], ijk[:, 0]] = 1
    for axis in range(3):  # a cube about each, axis by axis
        held = np.asarray(ndimage.maximum_filter1d(held, 2 * reach + 1, axis=axis))
    return np.asarray(held[reach:-reach, reach:-reach, reach:-reach] > 0)


def _is_inner(points: Float64Array, grid: Grid) -> BoolArray:
    """Tell which points do not lie where the box ends."""
    low = grid.low_ras_mm + grid.voxel_mm
    high = grid.low_ras_mm + (np.array(grid.size_ijk) - 2) * grid.voxel_mm
    inner: BoolArray = np.all((points > low + 1e-6) & (points < high - 1e-6), axis=1)
    return inner

"""Thin walls made thicker, and nothing else: balls as wide as the least wall along their middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float32Array, Float64Array
from ..mesh.surface import surface_of_field
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .inset import Grid, grid_over
from .probing import CLEAR_MM, Probe
from .shaped import Shaped, whole
from .solids import Solid, UntouchedError, solid_of, surface_of

SPACING = 0.3
"""Between the places where thickness is measured, in least walls."""
VOXELS_A_WALL = 5.0
RAYS_AT_ONCE = 50_000


@dataclass(frozen=True)
class ThickenParameters(Parameters):
    """How thick walls must be."""

    min_wall_mm: Annotated[
        float, Bounds(0.2, 20.0), Unit("mm"), Help("Walls thinner than this are made this thick.")
    ] = 1.0


def thicken(surface: vtkPolyData, parameters: ThickenParameters, progress: Progress = silent) -> Shaped:
    """Thicken a model where its wall is too thin, evenly to both sides; borders of thin walls become round.

    Raises
    ------
    UntouchedError
        No wall is thinner.
    FluoroPrintError
        The model is not closed, or too large for so fine a grid.
    """
    wall = parameters.min_wall_mm
    model = solid_of(surface)
    middles = thin_middles(model, wall, part_of(progress, 0.0, 0.6))
    if len(middles) == 0:
        raise UntouchedError(f"No wall is thinner than {wall:g} mm: there is nothing to thicken.")
    progress(0.6, "Thickening")
    # The balls' common surface dips between their middles: they are as much larger as keeps the dips thick.
    radius = float(np.hypot(wall / 2, SPACING * wall / 2))
    added = solid_of(_balls(middles, radius, wall / VOXELS_A_WALL))
    made = model + added
    more = (made.volume() - model.volume()) / 1000
    note = f"Walls thinner than {wall:g} mm were thickened; that added {more:.3g} ml."
    return whole("thickened", surface_of(made), note)


def thin_middles(model: Solid, wall_mm: float, progress: Progress = silent) -> Float64Array:
    """Return places (N, 3) in the middle of walls that are thinner than `wall_mm` straight across."""
    fine = model.refine_to_length(SPACING * wall_mm).to_mesh()
    corners = np.asarray(fine.vert_properties[:, :3], np.float64)[np.asarray(fine.tri_verts)]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    places, probe = corners.mean(1), Probe(surface_of(model))
    found = [np.zeros((0, 3))]
    for start in range(0, len(places), RAYS_AT_ONCE):
        progress(start / len(places), "Measuring walls")
        some = slice(start, start + RAYS_AT_ONCE)
        across = probe.first_hits(places[some] - CLEAR_MM * normals[some], -normals[some], wall_mm).along_mm
        thin = across < wall_mm - 2 * CLEAR_MM
        found.append(places[some][thin] - (across[thin] + CLEAR_MM)[:, None] / 2 * normals[some][thin])
    return np.concatenate(found)


def _balls(middles: Float64Array, radius_mm: float, voxel_mm: float) -> vtkPolyData:
    """Return the surface about all places within a radius of the middles."""
    grid = grid_over(middles.min(0) - radius_mm, middles.max(0) + radius_mm, voxel_mm)
    return surface_of_field(_field(middles, radius_mm, grid), grid.ijk_to_ras)


def _field(middles: Float64Array, radius_mm: float, grid: Grid) -> Float32Array:
    occupied = np.ones(grid.size_ijk[::-1], bool)
    voxels = np.rint((middles - grid.low_ras_mm) / grid.voxel_mm).astype(int)
    occupied[tuple(voxels[:, ::-1].T)] = False
    far = ndimage.distance_transform_edt(occupied, sampling=grid.voxel_mm)
    field: Float32Array = (radius_mm - far).astype(np.float32)
    near = np.abs(field) < 3 * grid.voxel_mm
    field[near] = radius_mm - cKDTree(middles).query(grid.centres_ras_mm(near))[0]
    least = np.float32(1e-3 * grid.voxel_mm)
    field[np.abs(field) < least] = least
    return field

"""Smoothing that keeps the volume and never lets the surface cut itself."""

from __future__ import annotations

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkWindowedSincPolyDataFilter

from ..arrays import BoolArray, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..progress import Progress, silent
from .intersections import intersecting_pairs
from .polydata import points_of, polydata_from, signed_volume_mm3, triangle_areas_mm2, triangles_of
from .topology import edges_of, shell_volumes_mm3, shells_of

MOST_VOLUME_CHANGE = 0.01
OFFSETS = 3  # steps to the right volume: one is not enough in bone as thin as the step
ROUNDS = 12  # of taking back smoothing where the surface would cut itself; the last takes back all


def smooth_mesh(
    polydata: vtkPolyData, strength: float, iterations: int = 20, progress: Progress = silent
) -> vtkPolyData:
    """Return a smooth surface of the same triangles and nearly the same volume.

    Windowed sinc (Taubin, Zhang and Golub, ECCV 1996), whose pass band does not shrink; what volume it
    loses all the same in thin bone is given back by an offset along the normals. Where the smooth surface
    would cut itself, the points go back towards where they were until it does not.

    Parameters
    ----------
    polydata : closed manifold surface in mm that does not cut itself; stays as it is
    strength : 0 (none) to 1; the pass band is 10^(-4 strength), as in Slicer's Segment Editor
    iterations : of the filter
    progress : told how far the work is

    Raises
    ------
    FluoroPrintError
        The volume would change by more than 1 %.
    """
    if strength == 0:
        return polydata_from(points_of(polydata), triangles_of(polydata))
    rough, triangles = points_of(polydata), triangles_of(polydata)
    smooth = _with_volume_of(_windowed_sinc(polydata, strength, iterations), rough, triangles)
    smooth = _uncrossed(smooth, rough, triangles, progress)
    change = signed_volume_mm3(smooth, triangles) / signed_volume_mm3(rough, triangles) - 1
    if abs(change) > MOST_VOLUME_CHANGE:
        raise FluoroPrintError(
            f"Smoothing would change the volume by {100 * change:+.1f} %: "
            "smooth less, or remove the thin parts and small islands of the segment first."
        )
    return polydata_from(smooth, triangles)


def _windowed_sinc(polydata: vtkPolyData, strength: float, iterations: int) -> Float64Array:
    sinc = vtkWindowedSincPolyDataFilter()
    sinc.SetInputData(polydata)
    sinc.SetNumberOfIterations(iterations)
    sinc.SetPassBand(10.0 ** (-4.0 * strength))
    sinc.NormalizeCoordinatesOn()
    sinc.BoundarySmoothingOff()
    sinc.FeatureEdgeSmoothingOff()
    sinc.NonManifoldSmoothingOn()
    sinc.Update()
    return points_of(sinc.GetOutput())


def _with_volume_of(points: Float64Array, wanted: Float64Array, triangles: IntArray) -> Float64Array:
    """Offset the surface along its normals by volume difference over area, until it is right."""
    for _ in range(OFFSETS):
        missing = signed_volume_mm3(wanted, triangles) - signed_volume_mm3(points, triangles)
        area = float(triangle_areas_mm2(points, triangles).sum())
        points = points + point_normals(points, triangles) * (missing / area)
    return points


def point_normals(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Return the area-weighted outward unit normal at each point: (P, 3); zero where there is none."""
    a, b, c = points[triangles.T]
    face_normals = np.cross(b - a, c - a)
    sums = [
        np.bincount(triangles.ravel(), weights=np.repeat(face_normals[:, axis], 3), minlength=len(points))
        for axis in range(3)
    ]
    normals = np.stack(sums, -1)
    unit: Float64Array = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    return unit


def _uncrossed(
    smooth: Float64Array, rough: Float64Array, triangles: IntArray, progress: Progress
) -> Float64Array:
    """Take back smoothing about faces that cut each other, further and wider with each round."""
    weight = np.where(_turned_inside_out(smooth, rough, triangles), 0.0, 1.0)
    points = _as_stored(rough + weight[:, None] * (smooth - rough))
    active: BoolArray = np.ones(len(triangles), bool)
    for done in range(ROUNDS):
        progress(done / ROUNDS, "smoothing")
        near = faces_near(points, triangles, active)
        cut = near[np.unique(intersecting_pairs(points, triangles[near]))]
        if len(cut) == 0:
            return points
        moved = _grown(np.isin(np.arange(len(points)), triangles[cut]), triangles, rings=1 + done // 2)
        weight[moved] = 0.0 if done > ROUNDS // 2 else weight[moved] * 0.5
        points = _as_stored(rough + weight[:, None] * (smooth - rough))
        active = np.array(moved[triangles].any(1), bool)
    return _as_stored(rough)


def _turned_inside_out(smooth: Float64Array, rough: Float64Array, triangles: IntArray) -> BoolArray:
    """Tell which points belong to shells of a few voxels that smoothing turned inside out: (P,)."""
    shells, shell = shells_of(triangles, edges_of(triangles))
    before = shell_volumes_mm3(rough, triangles, shells, shell)
    after = shell_volumes_mm3(smooth, triangles, shells, shell)
    lost = np.zeros(len(smooth), bool)
    lost[triangles[(before * after <= 0)[shell]]] = True
    return lost


def _as_stored(points: Float64Array) -> Float64Array:
    """Round to float32, which is what meshes and files keep: checks must see the same points."""
    return points.astype(np.float32).astype(np.float64)


def _grown(is_point: BoolArray, triangles: IntArray, rings: int) -> BoolArray:
    """Add the neighbours of the points, `rings` times."""
    for _ in range(rings):
        touched = np.flatnonzero(is_point[triangles].any(1))
        grown = is_point.copy()
        grown[triangles[touched]] = True
        is_point = grown
    return is_point


def faces_near(points: Float64Array, triangles: IntArray, active: BoolArray) -> IntArray:
    """Return the faces whose box lies within a coarse cell of a face in `active`: all that can meet one."""
    if active.all():
        return np.arange(len(triangles))
    corners = points[triangles]
    low, high = corners.min(1), corners.max(1)
    cell = float((high - low).max())
    place = np.floor((low - low.min(0)) / cell).astype(np.int64) + 1
    shape = place.max(0) + 2
    occupied = np.zeros(shape, bool)
    for offset in np.ndindex(3, 3, 3):
        x, y, z = (place[active] + np.array(offset) - 1).T
        occupied[x, y, z] = True
    x, y, z = place.T
    return np.flatnonzero(occupied[x, y, z])

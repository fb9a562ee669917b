"""Rectification: views seen on a virtual panel that is parallel to planes of the voxel grid.

Each view is resampled by a homography onto a plane through the middle of the grid, perpendicular to
the grid axis (i or j) nearest the central ray. A grid plane then maps onto the virtual panel by one
scale and two shifts, so back-projecting a plane, or projecting one, is a separable linear resampling
without a division (Riddell and Trousset, IEEE Trans. Med. Imaging 25(7), 2006).

Everything here is in voxel index units (i, j, k): any affine grid will do, oblique ones included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array, IntArray
from ..errors import FluoroPrintError
from ..geometry.sweep import SweepGeometry, source_positions

NEAREST_PLANE_TO_SOURCE = 0.05
STEEPEST_RAY = 0.3


@dataclass(frozen=True)
class Rectification:
    """A group of views that share the axis of their virtual panels.

    Attributes
    ----------
    axis : 0 where grid planes of constant i are resampled, 1 where planes of constant j are
    views : (V,) indices of the frames
    shape : (A, B) size of the virtual panels; A runs along j (or i), B along k
    virtual_to_pixel : (V, 3, 3), takes (a, b, 1) to (w column, w row, w), w the depth in mm
    plane_to_virtual : (P, V, 5): for each grid plane and view the magnification of the plane onto the
        virtual panel (0 where the plane is behind the source), then offset and step along A, offset and
        step along B: voxel (o, k) of the plane falls on (offset_a + step_a o, offset_b + step_b k)
    virtual_to_ray : (V, 3, 3), takes (a, b, 1) to the vector in mm that the ray runs from one grid
        plane to the next
    """

    axis: int
    views: IntArray
    shape: tuple[int, int]
    virtual_to_pixel: Float64Array
    plane_to_virtual: Float64Array
    virtual_to_ray: Float64Array

    def chunk(self, start: int, stop: int) -> Rectification:
        """Return the views `start` to `stop` of the group."""
        part = slice(start, stop)
        return Rectification(
            self.axis,
            self.views[part],
            self.shape,
            self.virtual_to_pixel[part],
            self.plane_to_virtual[:, part],
            self.virtual_to_ray[part],
        )


def rectify(
    geometry: SweepGeometry,
    ijk_to_ras: Float64Array,
    size_ijk: tuple[int, int, int],
    finest_pitch: float = 0.0,
) -> tuple[Rectification, ...]:
    """Plan the virtual panels of a sweep for a voxel grid.

    Parameters
    ----------
    geometry : SweepGeometry
    ijk_to_ras : (4, 4) grid to RAS mm
    size_ijk : number of voxels along i, j, k
    finest_pitch : smallest pitch of a virtual pixel in voxels; the panel's own resolution is kept
        where that is coarser

    Returns
    -------
    One or two groups; together they hold every view once.

    Raises
    ------
    FluoroPrintError
        A view looks along the k axis of the grid.
    """
    ijk_to_pixel = geometry.ras_to_pixel @ ijk_to_ras
    axes = _plane_axes(ijk_to_pixel, size_ijk)
    groups = []
    for axis in (0, 1):
        views = np.flatnonzero(axes == axis)
        if len(views):
            groups.append(
                _rectify_group(axis, views, ijk_to_pixel[views], geometry, ijk_to_ras, size_ijk, finest_pitch)
            )
    return tuple(groups)


def _plane_axes(ijk_to_pixel: Float64Array, size_ijk: tuple[int, int, int]) -> IntArray:
    """Choose for each view the grid axis, 0 or 1, that its central ray is nearest to."""
    middle = (np.array(size_ijk) - 1) / 2
    rays: Float64Array = middle - source_positions(ijk_to_pixel)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    steep = np.flatnonzero(np.abs(rays[:, :2]).max(1) < STEEPEST_RAY)
    if len(steep):
        raise FluoroPrintError(
            f"Frame {steep[0] + 1} looks along the long axis of the volume and cannot be used: "
            "check the angles or the geometry file (a C-arm turns about the patient's long axis)."
        )
    axes: IntArray = np.argmax(np.abs(rays[:, :2]), axis=1)
    return axes


def _rectify_group(
    axis: int,
    views: IntArray,
    ijk_to_pixel: Float64Array,
    geometry: SweepGeometry,
    ijk_to_ras: Float64Array,
    size_ijk: tuple[int, int, int],
    finest_pitch: float,
) -> Rectification:
    other = 1 - axis
    sources = source_positions(ijk_to_pixel)
    middle = (size_ijk[axis] - 1) / 2
    in_plane = ijk_to_pixel[:, :, [other, 2]]
    plane_to_pixel = np.concatenate(
        [in_plane, (ijk_to_pixel[:, :, 3] + middle * ijk_to_pixel[:, :, axis])[..., None]], -1
    )
    magnification = _magnifications(sources[:, axis], middle, size_ijk[axis])
    low, high = _footprints(
        plane_to_pixel, geometry, sources[:, [other, 2]], magnification, size_ijk[other], size_ijk[2]
    )
    pitch = np.maximum(_pixel_pitch(plane_to_pixel, low, high), finest_pitch)
    shape = np.ceil((high - low).max(0) / pitch).astype(int) + 2
    virtual_to_plane = _virtual_to_plane(low, pitch)
    return Rectification(
        axis,
        views,
        (int(shape[0]), int(shape[1])),
        plane_to_pixel @ virtual_to_plane,
        _plane_to_virtual(magnification, sources[:, [other, 2]], low, pitch),
        _virtual_to_ray(virtual_to_plane, sources, axis, middle, ijk_to_ras),
    )


def _magnifications(source_along_axis: Float64Array, middle: float, count: int) -> Float64Array:
    """Return (P, V): how much larger a grid plane is seen on the plane through the middle."""
    distance = (np.arange(count)[:, None] - source_along_axis) / (middle - source_along_axis)
    return np.where(
        distance > NEAREST_PLANE_TO_SOURCE, 1 / np.maximum(distance, NEAREST_PLANE_TO_SOURCE), 0.0
    )


def _footprints(
    plane_to_pixel: Float64Array,
    geometry: SweepGeometry,
    sources: Float64Array,
    magnification: Float64Array,
    count_other: int,
    count_k: int,
) -> tuple[Float64Array, Float64Array]:
    """Return the corners (V, 2) of what both the frame and the grid cover on each virtual panel."""
    right, bottom = geometry.columns, geometry.rows
    corners = np.array([[-1, -1, 1], [right, -1, 1], [-1, bottom, 1], [right, bottom, 1]], float).T
    seen = np.linalg.inv(plane_to_pixel) @ corners
    seen = np.moveaxis(seen[:, :2] / seen[:, 2:], 1, -1)
    nearest, farthest = magnification.max(0)[:, None, None], magnification.min(0)[:, None, None]
    grid = np.array([[-0.5, -0.5], [count_other - 0.5, count_k - 0.5]])
    shadow = np.concatenate(
        [sources[:, None] + m * (grid - sources[:, None]) for m in (nearest, farthest)], 1
    )
    low = np.maximum(seen.min(1), shadow.min(1)) - 1
    return low, np.maximum(np.minimum(seen.max(1), shadow.max(1)) + 1, low + 1)


def _pixel_pitch(plane_to_pixel: Float64Array, low: Float64Array, high: Float64Array) -> Float64Array:
    """Return (2,): the finest step on the virtual panels that moves by one pixel, in voxels."""
    middle = np.concatenate([(low + high) / 2, np.ones((len(low), 1))], 1)[..., None]
    pixel = plane_to_pixel @ middle
    slope = (plane_to_pixel[:, :2, :2] - pixel[:, :2] / pixel[:, 2:] * plane_to_pixel[:, 2:, :2]) / pixel[
        :, 2:
    ]
    pitch: Float64Array = (1 / np.linalg.norm(slope, axis=1)).min(0)
    return pitch


def _virtual_to_plane(low: Float64Array, pitch: Float64Array) -> Float64Array:
    matrices = np.zeros((len(low), 3, 3))
    matrices[:, 0, 0], matrices[:, 1, 1], matrices[:, 2, 2] = pitch[0], pitch[1], 1.0
    matrices[:, :2, 2] = low
    return matrices


def _plane_to_virtual(
    magnification: Float64Array, sources: Float64Array, low: Float64Array, pitch: Float64Array
) -> Float64Array:
    step = magnification[..., None] / pitch
    offset = (sources - magnification[..., None] * sources - low) / pitch
    columns = (magnification, offset[..., 0], step[..., 0], offset[..., 1], step[..., 1])
    return np.stack(columns, -1)


def _virtual_to_ray(
    virtual_to_plane: Float64Array, sources: Float64Array, axis: int, middle: float, ijk_to_ras: Float64Array
) -> Float64Array:
    other = 1 - axis
    ray = np.zeros_like(virtual_to_plane)
    ray[:, other], ray[:, 2], ray[:, axis, 2] = virtual_to_plane[:, 0], virtual_to_plane[:, 1], middle
    ray[:, :, 2] -= sources
    return ijk_to_ras[:3, :3] @ (ray / (middle - sources[:, axis])[:, None, None])

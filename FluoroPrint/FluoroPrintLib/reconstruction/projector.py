"""Forward projector and its exact adjoint, on the rectified geometry.

Line integrals are sums over grid planes of bilinear samples times the length of the ray between planes
(Joseph, IEEE Trans. Med. Imaging 1(3), 1982), worked out on virtual panels and resampled onto the real one.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..geometry.sweep import SweepGeometry
from ..geometry.volume import Volume
from ..progress import Progress, silent
from .engines import Engine, choose_engine
from .rectify import Rectification, rectify

VIEWS_AT_ONCE = 8
OVERSAMPLING = 0.5


def project(
    volume: Volume, geometry: SweepGeometry, engine: str = "auto", progress: Progress = silent
) -> Float32Array:
    """Return the line integrals of a volume for every frame of a sweep.

    Parameters
    ----------
    volume : attenuation per mm (not HU), zero outside of the grid
    geometry : where source and panel stand
    engine : "auto", "numpy" or "numba"

    Returns
    -------
    (N, rows, columns) float32, no unit
    """
    maps = choose_engine(engine)
    frames = np.zeros((geometry.count, geometry.rows, geometry.columns), np.float32)
    done = 0
    for group in _groups(volume, geometry):
        planes = _planes(volume.array_kji, group.axis)
        for part in _parts(group):
            progress(done / geometry.count, f"Projecting view {done + 1} of {geometry.count}")
            frames[part.views] = _project_part(maps, planes, part, geometry)
            done += len(part.views)
    return frames


def back_project(
    frames: Float32Array,
    geometry: SweepGeometry,
    grid: Volume,
    engine: str = "auto",
    progress: Progress = silent,
) -> Float32Array:
    """Return the adjoint of `project` applied to frames: (K, J, I) float32 on the grid of `grid`.

    For any volume x and frames y, the sum of project(x) * y equals the sum of x * back_project(y).
    """
    maps = choose_engine(engine)
    volume_kji = np.zeros(grid.array_kji.shape, np.float32)
    done = 0
    for group in _groups(grid, geometry):
        planes = np.zeros_like(_planes(volume_kji, group.axis))
        for part in _parts(group):
            progress(done / geometry.count, f"Back-projecting view {done + 1} of {geometry.count}")
            _back_project_part(maps, frames[part.views].astype(np.float32), part, planes)
            done += len(part.views)
        volume_kji += planes.transpose(2, 1, 0) if group.axis == 0 else planes.transpose(2, 0, 1)
    return volume_kji


def _groups(volume: Volume, geometry: SweepGeometry) -> tuple[Rectification, ...]:
    return rectify(geometry, volume.ijk_to_ras, volume.size_ijk, OVERSAMPLING)


def _parts(group: Rectification) -> list[Rectification]:
    return [group.chunk(start, start + VIEWS_AT_ONCE) for start in range(0, len(group.views), VIEWS_AT_ONCE)]


def _planes(array_kji: Float32Array, axis: int) -> Float32Array:
    """Return planes of constant i (I, J, K), or of constant j (J, I, K)."""
    order = (2, 1, 0) if axis == 0 else (1, 2, 0)
    return np.ascontiguousarray(array_kji.transpose(order), np.float32)


def _project_part(
    maps: Engine, planes: Float32Array, part: Rectification, geometry: SweepGeometry
) -> Float32Array:
    virtual = np.zeros((len(part.views), *part.shape), np.float32)
    maps.resample_sum(planes, _virtual_to_plane(part), virtual)
    virtual *= _plane_distances_mm(part)
    return maps.warp(virtual, _pixel_to_virtual(part), (geometry.rows, geometry.columns))


def _back_project_part(maps: Engine, frames: Float32Array, part: Rectification, planes: Float32Array) -> None:
    virtual = maps.warp_adjoint(frames, _pixel_to_virtual(part), part.shape)
    virtual *= _plane_distances_mm(part)
    maps.resample_sum_adjoint(virtual, _virtual_to_plane(part), planes)


def _virtual_to_plane(part: Rectification) -> Float64Array:
    """Return (V, P, 5): gain 1, then offset and step that take virtual pixels to voxels of each plane."""
    magnification, offset_a, step_a, offset_b, step_b = np.moveaxis(
        part.plane_to_virtual, (2, 0, 1), (0, 2, 1)
    )
    seen = magnification > 0
    step_a, step_b = np.where(seen, step_a, 1), np.where(seen, step_b, 1)
    return np.stack([seen.astype(float), -offset_a / step_a, 1 / step_a, -offset_b / step_b, 1 / step_b], -1)


def _plane_distances_mm(part: Rectification) -> Float32Array:
    """Return the length of each virtual pixel's ray between neighbouring planes: (V, A, B)."""
    a, b = np.arange(part.shape[0])[:, None], np.arange(part.shape[1])
    square = np.zeros((len(part.views), *part.shape))
    for line in np.moveaxis(part.virtual_to_ray, 1, 0):
        square += (line[:, 0, None, None] * a + line[:, 1, None, None] * b + line[:, 2, None, None]) ** 2
    return np.sqrt(square).astype(np.float32)


def _pixel_to_virtual(part: Rectification) -> Float64Array:
    """Return (V, 3, 3): takes (row, column, 1) of the panel to (w b, w a, w) of the virtual panel."""
    swap = [1, 0, 2]
    return np.linalg.inv(part.virtual_to_pixel)[:, swap][:, :, swap].astype(np.float64)

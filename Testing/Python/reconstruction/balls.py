"""Balls, and the line integrals through them by the closed form: chords, not the library's projector."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from FluoroPrintLib.geometry.poses import c_arm_axes_ras, geometry_from_angles, matrices_from_poses
from FluoroPrintLib.geometry.sweep import Sweep, SweepGeometry
from FluoroPrintLib.geometry.volume import Volume

SID, SOD = 1180.0, 785.0
WATER = 0.02


@dataclass(frozen=True)
class Ball:
    """A ball that adds `per_mm` to the attenuation."""

    centre_ras: tuple[float, float, float]
    radius_mm: float
    per_mm: float


def arc(
    primary_deg: npt.ArrayLike,
    secondary_deg: float = 0.0,
    *,
    rows: int = 48,
    columns: int = 84,
    pixel_mm: float = 2.4,
    principal_point: tuple[float, float] | None = None,
) -> SweepGeometry:
    """A C-arm of common size with a small, coarse panel: 0.67 of a pixel at the isocentre."""
    primary = np.asarray(primary_deg, float)
    return geometry_from_angles(
        primary,
        np.full_like(primary, secondary_deg),
        sid_mm=SID,
        sod_mm=SOD,
        pixel_mm=(pixel_mm, pixel_mm),
        rows=rows,
        columns=columns,
        principal_point=principal_point,
    )


def wobbling(geometry: SweepGeometry, largest_mm: float) -> SweepGeometry:
    """The same arm, source and panel each wandering smoothly by up to `largest_mm` along each axis."""
    assert geometry.primary_deg is not None
    assert geometry.secondary_deg is not None
    assert geometry.pixel_mm is not None
    axes = c_arm_axes_ras(geometry.primary_deg, geometry.secondary_deg)
    turned = np.radians(geometry.primary_deg)[:, None]
    source = largest_mm * np.sin(turned + [0.3, 1.9, 4.0])
    panel = largest_mm * np.cos(2 * turned + [1.0, 2.5, 5.0])
    steps = axes[:, :2] * geometry.pixel_mm[0]
    middle = (SID - SOD) * axes[:, 2] + panel
    corner = middle - (geometry.columns - 1) / 2 * steps[:, 0] - (geometry.rows - 1) / 2 * steps[:, 1]
    matrices = matrices_from_poses(-SOD * axes[:, 2] + source, corner, steps[:, 0], steps[:, 1])
    return replace(geometry, ras_to_pixel=matrices)


def chords(geometry: SweepGeometry, balls: list[Ball], samples: int = 3) -> npt.NDArray[np.float32]:
    """Line integrals of balls, each pixel the mean of samples x samples rays over its area."""
    inner = (np.arange(samples) + 0.5) / samples - 0.5
    columns = (np.arange(geometry.columns)[:, None] + inner).ravel()
    rows = (np.arange(geometry.rows)[:, None] + inner).ravel()
    pixels = np.stack([*np.meshgrid(columns, rows), np.ones((rows.size, columns.size))], -1)
    frames = np.empty((geometry.count, geometry.rows, geometry.columns), np.float32)
    for view, (matrix, source) in enumerate(zip(geometry.ras_to_pixel, geometry.sources_ras, strict=True)):
        rays = pixels @ np.linalg.inv(matrix[:, :3]).T
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        total = sum(_chord(rays, source, ball) for ball in balls)
        shape = (geometry.rows, samples, geometry.columns, samples)
        frames[view] = np.reshape(total, shape).mean((1, 3))
    return frames


def _chord(rays: npt.NDArray[np.float64], source: npt.NDArray[np.float64], ball: Ball) -> npt.NDArray:
    to_centre = np.asarray(ball.centre_ras) - source
    square = to_centre @ to_centre - (rays @ to_centre) ** 2
    return 2 * ball.per_mm * np.sqrt(np.maximum(ball.radius_mm**2 - square, 0))


def sweep_of(geometry: SweepGeometry, balls: list[Ball], samples: int = 3) -> Sweep:
    return Sweep(chords(geometry, balls, samples), 1.0, geometry)


def voxel_centres_ras(volume: Volume) -> npt.NDArray[np.float64]:
    """(K, J, I, 3) RAS of every voxel."""
    k, j, i = np.indices(volume.array_kji.shape)
    ras: npt.NDArray[np.float64] = (
        np.stack([i, j, k], -1) @ volume.ijk_to_ras[:3, :3].T + volume.ijk_to_ras[:3, 3]
    )
    return ras


def distances_mm(volume: Volume, point_ras: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """(K, J, I) distance of every voxel from a point."""
    distance: npt.NDArray[np.float64] = np.linalg.norm(voxel_centres_ras(volume) - point_ras, axis=-1)
    return distance


def centroid_ras(volume: Volume, near_ras: npt.ArrayLike, within_mm: float, level: float) -> npt.NDArray:
    """Centre of mass of what lies above `level` near a point."""
    near = distances_mm(volume, near_ras) < within_mm
    weight = np.where(near, volume.array_kji - level, 0.0)
    centre: npt.NDArray = (weight[..., None] * voxel_centres_ras(volume)).sum((0, 1, 2)) / weight.sum()
    return centre

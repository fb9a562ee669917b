"""A run of frames of a ball by the closed form of its chords, and masks of other balls to hold against it."""

from types import SimpleNamespace

import numpy as np
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.geometry.volume import grid_centred_at

CENTRE, RADIUS, VOXEL_MM = np.array([3.0, -4.0, 5.0]), 18.0, 0.8
ATTENUATION, NOISE = 0.05, 0.01
GRID = grid_centred_at(CENTRE, (62, 62, 62), VOXEL_MM)
FINER = (-0.375, -0.125, 0.125, 0.375)


def sweep_of_the_ball(views=16):
    """Line integrals, averaged over each pixel, with some noise."""
    geometry = geometry_from_angles(
        np.linspace(-100, 100, views),
        np.zeros(views),
        sid_mm=1100.0,
        sod_mm=700.0,
        pixel_mm=(1.0, 1.0),
        rows=90,
        columns=100,
    )
    frames = np.stack([ATTENUATION * _chords(matrix, 90, 100) for matrix in geometry.ras_to_pixel])
    noise = np.random.default_rng(0).normal(0, NOISE, frames.shape)
    return Sweep((frames + noise).astype(np.float32), 1.0, geometry)


def _chords(matrix, rows, columns):
    source = -np.linalg.solve(matrix[:, :3], matrix[:, 3])
    row, column = np.indices((rows, columns)).astype(float)
    total = np.zeros((rows, columns))
    for down in FINER:
        for right in FINER:
            pixels = np.stack([column + right, row + down, np.ones_like(row)], -1)
            rays = pixels @ np.linalg.inv(matrix[:, :3]).T
            rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
            along = rays @ (CENTRE - source)
            missed = ((CENTRE - source) ** 2).sum() - along**2
            total += 2 * np.sqrt(np.maximum(RADIUS**2 - missed, 0))
    return total / len(FINER) ** 2


def places(grid=GRID, shape=(62, 62, 62)):
    k, j, i = np.indices(shape)
    return np.stack([i, j, k], -1) @ grid[:3, :3].T + grid[:3, 3]


def mask_of_a_ball(shift=(0.0, 0.0, 0.0), radius=RADIUS):
    return depth_in_a_ball(shift, radius) >= 0


def depth_in_a_ball(shift=(0.0, 0.0, 0.0), radius=RADIUS, where=None):
    return radius - np.linalg.norm((places() if where is None else where) - CENTRE - shift, axis=-1)


def case(shift, radius):
    return SimpleNamespace(shift=np.asarray(shift), radius=radius, mask=mask_of_a_ball(shift, radius))

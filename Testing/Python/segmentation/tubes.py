"""Volumes of tubes whose size is known: distances to curves, partial volume, blur and noise."""

import numpy as np
from FluoroPrintLib.geometry.volume import Volume
from scipy import ndimage

BLUR_MM = 0.5
SOFT_HU = 40.0


def points_of(shape, spacing_kji):
    """Return (K, J, I, 3) positions in mm along k, j, i, the middle of the grid at 0."""
    axes = [(np.arange(n) - (n - 1) / 2) * h for n, h in zip(shape, spacing_kji, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1)


def from_line(points, start, end):
    """Return the distance of points from a line between two points, which has round ends."""
    start, along = np.asarray(start, float), np.subtract(end, start)
    share = np.clip((points - start) @ along / (along @ along), 0, 1)
    return np.linalg.norm(points - start - share[..., None] * along, axis=-1)


def from_ring(points, radius):
    """Return the distance of points from a circle about the first axis."""
    return np.hypot(np.hypot(points[..., 1], points[..., 2]) - radius, points[..., 0])


def share_inside(beyond_mm, spacing_kji):
    """Return how much of each voxel lies inside a surface, from the signed distance to it."""
    return np.clip(0.5 - beyond_mm / np.mean(spacing_kji), 0, 1)


def volume_of(values, spacing_kji, noise_hu=0.0, blur_mm=BLUR_MM):
    """Return values blurred by a scanner, with its noise, as a volume."""
    blurred = ndimage.gaussian_filter(values, blur_mm / np.asarray(spacing_kji))
    noise = np.random.default_rng(1).normal(0.0, noise_hu, values.shape) if noise_hu else 0.0
    grid = np.diag([-spacing_kji[2], -spacing_kji[1], spacing_kji[0], 1.0])
    return Volume((blurred + noise).astype(np.float32), grid)


def radius_of(mask, length_mm, spacing_kji):
    """Return the radius of a tube with round ends that has the volume of a mask."""
    volume = mask.sum() * np.prod(spacing_kji)
    roots = np.roots([4 / 3 * np.pi, np.pi * length_mm, 0, -volume])
    return float(max(root.real for root in roots if abs(root.imag) < 1e-9))

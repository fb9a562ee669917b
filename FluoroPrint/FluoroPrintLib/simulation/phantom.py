"""A lumbar spine of simple solids, whose sizes are known: for teaching, trials and tests."""

from __future__ import annotations

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..geometry.volume import Volume, grid_centred_at

SIZE_MM = (190.0, 150.0, 120.0)
BODY_RADII_MM = (88.0, 66.0)
LEVELS_MM = (-36.0, 0.0, 36.0)
VERTEBRA_RADII_MM = (23.0, 16.0)
VERTEBRA_HEIGHT_MM = 27.0
CORTEX_MM = 2.0
CANAL_RADIUS_MM = 8.0
PEDICLE_RADIUS_MM = 4.5
AIR_HU, SOFT_HU, MARROW_HU, CORTEX_HU = -1000.0, 40.0, 250.0, 900.0
SPINE_BEHIND_MM = 25.0
"""How far the middle of the vertebral bodies lies behind the middle of the trunk."""


def lumbar_phantom(voxel_mm: float = 1.0) -> Volume:
    """Return three vertebrae in a trunk, in Hounsfield units; the isocentre is in the middle.

    A vertebra is an elliptic cylinder of marrow in a shell of cortex `CORTEX_MM` thick, two pedicles of
    radius `PEDICLE_RADIUS_MM`, an arch about a canal of radius `CANAL_RADIUS_MM` and a spinous process.

    Parameters
    ----------
    voxel_mm : edge length of the cubic voxels
    """
    size = tuple(round(edge / voxel_mm) for edge in SIZE_MM)
    matrix = grid_centred_at((0.0, 0.0, 0.0), (size[0], size[1], size[2]), voxel_mm)
    r, a, s = _coordinates(matrix, (size[0], size[1], size[2]))
    values = np.full((size[2], size[1], size[0]), AIR_HU, np.float32)
    values[_in_ellipse(r, a, *BODY_RADII_MM) & (s > -np.inf)] = SOFT_HU
    for level in LEVELS_MM:
        _add_vertebra(values, r, a + SPINE_BEHIND_MM, s - level)
    return Volume(values, matrix)


def _coordinates(matrix: Float64Array, size: tuple[int, int, int]) -> tuple[Float32Array, ...]:
    """Return R, A and S of the voxels, each along its own axis of (K, J, I)."""
    shapes = ((1, 1, -1), (1, -1, 1), (-1, 1, 1))
    return tuple(
        (matrix[axis, axis] * np.arange(size[axis]) + matrix[axis, 3])
        .astype(np.float32)
        .reshape(shapes[axis])
        for axis in range(3)
    )


def _in_ellipse(x: Float32Array, y: Float32Array, radius_x: float, radius_y: float) -> BoolArray:
    inside: BoolArray = (x / radius_x) ** 2 + (y / radius_y) ** 2 <= 1
    return inside


def _add_vertebra(values: Float32Array, r: Float32Array, a: Float32Array, s: Float32Array) -> None:
    """Write a vertebra whose body's middle is at (0, 0, 0); backwards is -a."""
    behind = -a - VERTEBRA_RADII_MM[1] - CANAL_RADIUS_MM
    for shrunk, hounsfield in ((0.0, CORTEX_HU), (CORTEX_MM, MARROW_HU)):
        values[_vertebra(r, a, s, behind, shrunk)] = hounsfield
    values[(r**2 + behind**2 <= CANAL_RADIUS_MM**2) & (np.abs(s) <= VERTEBRA_HEIGHT_MM / 2)] = SOFT_HU


def _vertebra(
    r: Float32Array, a: Float32Array, s: Float32Array, behind: Float32Array, shrunk: float
) -> BoolArray:
    """Return the vertebra with its surface moved inwards."""
    body = _in_ellipse(r, a, *(radius - shrunk for radius in VERTEBRA_RADII_MM))
    body = body & (np.abs(s) <= VERTEBRA_HEIGHT_MM / 2 - shrunk)
    pedicle = (np.abs(r) - 13.0) ** 2 + (s - 5.0) ** 2 <= (PEDICLE_RADIUS_MM - shrunk) ** 2
    pedicle = pedicle & (-a >= 8.0) & (behind <= 6.0 - shrunk)
    arch = (
        _in_ellipse(r, behind, 16.0 - shrunk, 14.0 - shrunk) & (behind >= shrunk) & (np.abs(s) <= 10 - shrunk)
    )
    spine = (np.abs(r) <= 4.0 - shrunk) & (behind >= 8.0) & (behind <= 30.0 - shrunk)
    spine = spine & (np.abs(s + 3.0) <= 8.0 - shrunk)
    solid: BoolArray = body | pedicle | arch | spine
    return solid

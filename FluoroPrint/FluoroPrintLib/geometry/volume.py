"""A volume: an array with its place in the patient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arrays import AnyArray, Float64Array


@dataclass(frozen=True)
class Volume:
    """Voxels and where they are.

    Attributes
    ----------
    array_kji : (K, J, I) ndarray
        Voxel values; the last index runs fastest along the first axis of the grid (as in Slicer).
    ijk_to_ras : (4, 4) ndarray of float64
        Takes voxel indices (i, j, k) to RAS millimetres; index (0, 0, 0) is the first voxel's centre.
    notes : tuple of str
        What the user ought to know of how it was made, a sentence each.
    """

    array_kji: AnyArray
    ijk_to_ras: Float64Array
    notes: tuple[str, ...] = ()

    @property
    def spacing_mm(self) -> Float64Array:
        """Edge lengths of a voxel along i, j, k: (3,) in mm."""
        spacing: Float64Array = np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0)
        return spacing

    @property
    def voxel_mm3(self) -> float:
        """Volume of a voxel."""
        return abs(float(np.linalg.det(self.ijk_to_ras[:3, :3])))

    @property
    def size_ijk(self) -> tuple[int, int, int]:
        """Number of voxels along i, j, k."""
        k, j, i = self.array_kji.shape
        return i, j, k

    @property
    def centre_ras(self) -> Float64Array:
        """Centre of the volume: (3,) in RAS mm."""
        middle = (np.array(self.size_ijk) - 1) / 2
        centre: Float64Array = self.ijk_to_ras[:3, :3] @ middle + self.ijk_to_ras[:3, 3]
        return centre

    def with_array(self, array_kji: AnyArray) -> Volume:
        """Return a volume of other values in the same place; the shape must agree."""
        if array_kji.shape != self.array_kji.shape:
            raise ValueError(f"array of shape {array_kji.shape} for a grid of {self.array_kji.shape}")
        return replace(self, array_kji=array_kji)


def transformed(points: Any, matrix: AnyArray) -> Float64Array:
    """Return points, (..., 3) as an array or lists, as a (4, 4) matrix of an affine transform takes them."""
    taken: Float64Array = np.asarray(points, np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    return taken


def columns_transformed(columns: AnyArray, matrix: AnyArray) -> Float64Array:
    """Return points as columns, (3, N), as a (4, 4) matrix of an affine transform takes them.

    As `transformed`; by sums of rows, which for many points takes a fraction of a product of matrices.
    """
    x, y, z = columns
    taken: Float64Array = np.stack([a * x + b * y + c * z + d for a, b, c, d in matrix[:3].tolist()])
    return taken


def grid_centred_at(
    centre_ras: Float64Array | tuple[float, float, float], size_ijk: tuple[int, int, int], voxel_mm: float
) -> Float64Array:
    """Return the ijk_to_ras (4, 4) of a grid in Slicer's usual order: i to L, j to P, k to S.

    Parameters
    ----------
    centre_ras : (3,) centre of the grid in RAS mm
    size_ijk : number of voxels along i, j, k
    voxel_mm : edge length of the cubic voxels
    """
    matrix = np.diag([-voxel_mm, -voxel_mm, voxel_mm, 1.0])
    middle = (np.array(size_ijk) - 1) / 2
    matrix[:3, 3] = np.asarray(centre_ras) - matrix[:3, :3] @ middle
    return matrix

"""How deep in the bone a place lies: the signed Euclidean distance field, and lines through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume, columns_transformed

OUTSIDE_MM = -50.0
"""Depth of places beyond the grid: nothing is known of them, so they are no bone."""

STEEPEST = 1.5
"""No field of distances rises by more than this a millimetre: 1, and what its voxels add."""


@dataclass(frozen=True)
class BoneField:
    """Distances to the surface of the bone.

    Attributes
    ----------
    depth_mm : volume of the distance to the surface, above 0 within the bone and below 0 outside
    """

    depth_mm: Volume

    def at(self, places_ras: AnyArray) -> Float64Array:
        """Return the depths at places, (..., 3) RAS mm to (...)."""
        places = np.asarray(places_ras, np.float64)
        ras_to_kji = np.linalg.inv(self.depth_mm.ijk_to_ras)[[2, 1, 0, 3]]
        kji = columns_transformed(places.reshape(-1, 3).T, ras_to_kji)
        sampled: Float64Array = ndimage.map_coordinates(
            self.depth_mm.array_kji, kji, order=1, mode="constant", cval=OUTSIDE_MM
        )
        return sampled.reshape(places.shape[:-1]).astype(np.float64)

    @property
    def step_mm(self) -> float:
        """The finest edge of a voxel: no need to look closer."""
        return float(self.depth_mm.spacing_mm.min())


def bone_field(bone: Volume) -> BoneField:
    """Return the field of a mask (not 0 is bone) on any grid with axes at right angles.

    The surface is taken to run half way between the centres of bone and of the rest. What lies beyond the
    grid is no bone.

    Raises
    ------
    FluoroPrintError
        The mask holds no bone, or the axes of its grid are not at right angles.
    """
    mask = bone.array_kji > 0
    if not mask.any():
        raise FluoroPrintError("The segmentation is empty: segment the bone first.")
    _refuse_sheared(bone.ijk_to_ras)
    spacing_kji = bone.spacing_mm[::-1]
    inside = _distances(np.pad(mask, 1), spacing_kji)[1:-1, 1:-1, 1:-1]
    depth = inside - _distances(~mask, spacing_kji) if not mask.all() else inside
    return BoneField(Volume(depth.astype(np.float32), bone.ijk_to_ras))


def _refuse_sheared(ijk_to_ras: Float64Array) -> None:
    axes = ijk_to_ras[:3, :3] / np.linalg.norm(ijk_to_ras[:3, :3], axis=0)
    if np.abs(axes.T @ axes - np.eye(3)).max() > 1e-3:
        raise FluoroPrintError("The segmentation's grid is sheared: resample it to a straight grid first.")


def _distances(mask: BoolArray, spacing_kji: Float64Array) -> Float32Array:
    """Return the distance of each voxel of `mask` to the surface: half a voxel short of the next centre.

    Along a direction u a voxel is 1 / |u / spacing| long, whatever its edges.
    """
    distance, nearest = ndimage.distance_transform_edt(mask, spacing_kji, return_indices=True)
    steps = np.zeros(mask.shape, np.float32)
    for axis, length in enumerate(mask.shape):
        here = np.arange(length, dtype=np.int32).reshape([-1 if a == axis else 1 for a in range(3)])
        steps += (nearest[axis] - here).astype(np.float32) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        short = np.where(steps > 0, 1 - 0.5 / np.sqrt(steps), 0.0)
    result: Float32Array = (distance * short).astype(np.float32)
    return result


def line_places(start_ras: Any, end_ras: Any, step_mm: float) -> tuple[Float64Array, Float64Array]:
    """Return distances from the start, (N,) in mm, and places, (N, 3), along a line, both ends among them."""
    start, end = np.asarray(start_ras, np.float64), np.asarray(end_ras, np.float64)
    length = float(np.linalg.norm(end - start))
    along = np.linspace(0.0, length, max(int(np.ceil(length / step_mm)), 1) + 1)
    return along, start + (end - start) * (along / max(length, 1e-9))[:, None]

"""The sweep: X-ray frames as line integrals, each with its projection matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..errors import FluoroPrintError


@dataclass(frozen=True)
class SweepGeometry:
    """Where source and panel stood for each frame.

    Attributes
    ----------
    ras_to_pixel : (N, 3, 4) ndarray of float64
        Takes (x, y, z, 1) in RAS mm to (w column, w row, w). Pixel (0, 0) is the centre of the first
        pixel; w is the depth in mm from the source along the panel's normal (see `normalised`).
    rows, columns : int
        Size of a frame in pixels.
    primary_deg, secondary_deg : (N,) ndarray or None
        Positioner angles (LAO +, cranial +) where the source of the geometry tells them.
    sid_mm, sod_mm : float or None
        Distances source to detector and source to isocentre, where they are known.
    pixel_mm : (float, float) or None
        Row and column spacing at the detector, where it is known.
    """

    ras_to_pixel: Float64Array
    rows: int
    columns: int
    primary_deg: Float64Array | None = None
    secondary_deg: Float64Array | None = None
    sid_mm: float | None = None
    sod_mm: float | None = None
    pixel_mm: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.ras_to_pixel.ndim != 3 or self.ras_to_pixel.shape[1:] != (3, 4):
            raise ValueError(f"ras_to_pixel has shape {self.ras_to_pixel.shape}, not (N, 3, 4)")

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self.ras_to_pixel)

    @property
    def sources_ras(self) -> Float64Array:
        """Focal spot of each frame: (N, 3) in RAS mm."""
        return source_positions(self.ras_to_pixel)

    @property
    def normals_ras(self) -> Float64Array:
        """Unit vector of each frame, along the panel's normal away from the source: (N, 3)."""
        return self.ras_to_pixel[:, 2, :3]


@dataclass(frozen=True)
class Sweep:
    """A C-arm sweep, ready to reconstruct.

    Attributes
    ----------
    frames : (N, rows, columns) ndarray of float32
        Line integrals of attenuation (no unit): ln(i0 / intensity). Never NaN.
    i0 : float
        Pixel value of air that was used, in the units of the file (1.0 where frames came as integrals).
    geometry : SweepGeometry
    provenance : mapping
        What the sweep was made of, JSON types only: "source" (path), "sha256", "reader", "steps", ...
    warnings : tuple of str
        What the user ought to know about the input, a sentence each.
    """

    frames: Float32Array
    i0: float
    geometry: SweepGeometry
    provenance: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        expected = (self.geometry.count, self.geometry.rows, self.geometry.columns)
        if self.frames.shape != expected:
            raise FluoroPrintError(
                f"The frames are {self.frames.shape} (count, rows, columns) but the geometry is for "
                f"{expected}: give the geometry file that belongs to these frames."
            )


def source_positions(matrices: Float64Array) -> Float64Array:
    """Return the focal spots (N, 3) of projection matrices (N, 3, 4), in the frame that they project from."""
    spots = np.linalg.solve(matrices[:, :, :3], -matrices[:, :, 3:])
    return spots[:, :, 0].astype(np.float64)


def focal_lengths(geometry: SweepGeometry) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return focal lengths and principal points of all views.

    Returns
    -------
    (N,) focal length along columns, (N,) along rows, in pixels; (N, 2) principal point (column, row)
    """
    normals = geometry.ras_to_pixel[:, 2, :3]
    principal = np.einsum("nij,nj->ni", geometry.ras_to_pixel[:, :2, :3], normals)
    slopes = geometry.ras_to_pixel[:, :2, :3] - principal[:, :, None] * normals[:, None]
    lengths = np.linalg.norm(slopes, axis=2)
    return lengths[:, 0], lengths[:, 1], principal


def normalised(
    matrices: Float64Array, inside_ras: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Float64Array:
    """Scale 3x4 matrices so that their third coordinate is the depth in mm, positive at `inside_ras`.

    Parameters
    ----------
    matrices : (N, 3, 4) projection matrices of any scale and sign
    inside_ras : a point that lies in front of the source in every frame

    Returns
    -------
    (N, 3, 4) matrices that project alike.

    Raises
    ------
    FluoroPrintError
        A matrix is singular or not finite.
    """
    scale = np.linalg.norm(matrices[:, 2, :3], axis=1)
    usable = np.isfinite(matrices).all(axis=(1, 2)) & (scale > 0)
    usable[usable] = np.abs(np.linalg.det(matrices[usable][:, :, :3])) >= 1e-12 * scale[usable] ** 3
    if not usable.all():
        bad = int(np.argmin(usable))
        raise FluoroPrintError(
            f"The projection matrix of frame {bad + 1} is not a projection (singular or not a number): "
            "check the geometry file."
        )
    depth = matrices[:, 2] @ np.append(inside_ras, 1.0)
    result: Float64Array = matrices / (scale * np.where(depth < 0, -1.0, 1.0))[:, None, None]
    return result

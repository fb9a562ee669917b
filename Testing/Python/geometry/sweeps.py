"""Sweeps made for tests: two balls off the axis, by the closed form of their chords."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep, SweepGeometry

SID, SOD = 1180.0, 785.0
BODIES = (((12.0, -8.0, 3.0), 45.0, 0.02), ((-30.0, 15.0, -5.0), 12.0, 0.05))
"""Centre in RAS mm, radius in mm, attenuation per mm."""


def arc(arc_deg: float = 205.0, count: int = 70, **options: Any) -> SweepGeometry:
    primary = np.linspace(-arc_deg / 2, arc_deg / 2, count)
    given = {"rows": 40, "columns": 72, "pixel_mm": (3.2, 3.2)} | options
    return geometry_from_angles(primary, np.zeros(count), sid_mm=SID, sod_mm=SOD, **given)


def chords(geometry: SweepGeometry, bodies: Any = BODIES) -> npt.NDArray[np.float32]:
    row, column = np.mgrid[: geometry.rows, : geometry.columns]
    pixels = np.stack([column, row, np.ones_like(row)], -1).astype(float)
    frames = np.zeros((geometry.count, geometry.rows, geometry.columns), np.float32)
    for view, (matrix, source) in enumerate(zip(geometry.ras_to_pixel, geometry.sources_ras, strict=True)):
        rays = pixels @ np.linalg.inv(matrix[:, :3]).T
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        for centre, radius, per_mm in bodies:
            to_centre = np.asarray(centre) - source
            square = to_centre @ to_centre - (rays @ to_centre) ** 2
            frames[view] += 2 * per_mm * np.sqrt(np.maximum(radius**2 - square, 0))
    return frames


def sweep_of(geometry: SweepGeometry, **options: Any) -> Sweep:
    """A sweep of the bodies with some noise."""
    frames = chords(geometry)
    frames += np.random.default_rng(0).normal(0, 0.004, frames.shape).astype(np.float32)
    provenance = {"steps": ["linear grey values to line integrals"]}
    return Sweep(frames, 4000.0, geometry, provenance, **options)


def with_geometry(sweep: Sweep, geometry: SweepGeometry) -> Sweep:
    return replace(sweep, geometry=geometry)

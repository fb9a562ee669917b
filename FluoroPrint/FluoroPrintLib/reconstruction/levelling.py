"""Frames turned so that their rows run in the plane of the orbit, as the ramp filter needs them.

A panel may be turned about its normal: by 90 degrees in some rooms, by a little on a bent arm, by the
angle of a tilted orbit. Frames within `TOLERANCE_DEG` are left as they are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import Float64Array
from ..geometry.orbit import Orbit
from ..geometry.sweep import Sweep, SweepGeometry
from .engines import Engine

TOLERANCE_DEG = 3.0


def row_tilts_deg(geometry: SweepGeometry, orbit: Orbit) -> Float64Array:
    """Return the angle in the frame from its rows to the plane of the orbit: (N,), -90 to 90 degrees."""
    along = np.cross(orbit.axis_ras, geometry.normals_ras)
    moved = np.einsum("nij,nj->ni", geometry.ras_to_pixel[:, :2, :3], along)
    angles = np.degrees(np.arctan2(moved[:, 1], moved[:, 0]))
    tilts: Float64Array = (angles + 90) % 180 - 90
    return tilts


def levelled(sweep: Sweep, orbit: Orbit, engine: Engine) -> Sweep:
    """Return a sweep whose rows run in the plane of the orbit; the same one where they do already.

    Parameters
    ----------
    sweep : line integrals with a projection matrix a frame
    orbit : its path
    engine : resamples the frames

    Returns
    -------
    Sweep with frames turned about their middle, large enough to hold all of each; zero in the corners.
    """
    tilts = row_tilts_deg(sweep.geometry, orbit)
    if np.abs(tilts).max() <= TOLERANCE_DEG:
        return sweep
    geometry = sweep.geometry
    rows, columns = _turned_shape(tilts, geometry)
    new_to_old = _turns(tilts, (geometry.rows, geometry.columns), (rows, columns))
    padded = np.pad(sweep.frames, ((0, 0), (1, 1), (1, 1)))
    to_padded = new_to_old.copy()
    to_padded[:, :2, 2] += 1
    to_padded = to_padded[:, :, [1, 0, 2]]
    frames = engine.warp(padded, to_padded, (rows, columns))
    matrices = np.linalg.inv(new_to_old) @ geometry.ras_to_pixel
    return replace(
        sweep, frames=frames, geometry=replace(geometry, ras_to_pixel=matrices, rows=rows, columns=columns)
    )


def _turned_shape(tilts_deg: Float64Array, geometry: SweepGeometry) -> tuple[int, int]:
    """Return rows and columns that hold every turned frame."""
    sine, cosine = np.abs(np.sin(np.radians(tilts_deg))), np.abs(np.cos(np.radians(tilts_deg)))
    height = (sine * geometry.columns + cosine * geometry.rows).max()
    width = (cosine * geometry.columns + sine * geometry.rows).max()
    return int(np.ceil(height - 1e-6)), int(np.ceil(width - 1e-6))


def _turns(tilts_deg: Float64Array, old_shape: tuple[int, int], new_shape: tuple[int, int]) -> Float64Array:
    """Return (N, 3, 3): takes (column, row, 1) of a turned frame to (column, row, 1) of the frame."""
    angle = np.radians(tilts_deg)
    turn = np.zeros((len(angle), 3, 3))
    turn[:, 0, 0], turn[:, 0, 1] = np.cos(angle), -np.sin(angle)
    turn[:, 1, 0], turn[:, 1, 1], turn[:, 2, 2] = np.sin(angle), np.cos(angle), 1.0
    new_middle = np.array([(new_shape[1] - 1) / 2, (new_shape[0] - 1) / 2])
    old_middle = np.array([(old_shape[1] - 1) / 2, (old_shape[0] - 1) / 2])
    turn[:, :2, 2] = old_middle - turn[:, :2, :2] @ new_middle
    return turn

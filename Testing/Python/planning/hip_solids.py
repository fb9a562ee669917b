"""A hip of solids whose sphere, rim and landmarks are known: a ball of bone with a socket, and an ilium."""

from __future__ import annotations

import numpy as np
from FluoroPrintLib.planning.cup_angles import (
    PelvicLandmarks,
    axis_of_radiographic,
    out_of_hip,
    pelvis_frame,
)
from planning_solids import grid, places_of

CENTRE = np.array([85.0, -30.0, -70.0])
RADIUS_MM, RIM_MM = 26.0, 3.0
NATIVE_DEG = (48.0, 18.0)


def landmarks(side="right"):
    """Spines and tubercles of a pelvis that stands upright in RAS; the hip of `side` at `centre(side)`."""
    return PelvicLandmarks((-120.0, 30.0, 0.0), (120.0, 30.0, 0.0), (-25.0, 30.0, -90.0), (25.0, 30.0, -90.0))


def centre(side="right"):
    return CENTRE * np.array([1.0 if side == "right" else -1.0, 1.0, 1.0])


def native_axis(side="right"):
    return out_of_hip(axis_of_radiographic(NATIVE_DEG), pelvis_frame(landmarks()), side)


def hip(side="right", voxel_mm=1.25, radius_mm=RADIUS_MM, fossa=True, notch=True, size_mm=100.0):
    """A ball of bone about the socket, cut off `RIM_MM` inside of the centre's plane; fossa and notch below.

    The socket is a sphere, the rim a plane: the native axis is the plane's normal. The fossa is a deeper
    hollow at the bottom; the notch takes the rim away below.
    """
    middle, axis = centre(side), native_axis(side)
    volume = grid((size_mm,) * 3, (voxel_mm,) * 3, middle)
    p = places_of(volume) - middle
    away, height = np.linalg.norm(p, axis=-1), p @ axis
    bone = (away >= radius_mm) & (away <= radius_mm + 18) & (height <= -RIM_MM)
    if fossa:
        bottom = p + axis * 12.0
        bone &= np.linalg.norm(bottom, axis=-1) > radius_mm - 8.0
    if notch:
        below = np.array([0.0, 0.0, -1.0]) + axis * axis[2]
        below /= np.linalg.norm(below)
        across = np.cross(axis, below)
        bone &= ~((np.abs(p @ across) < 8.0) & (p @ below > 0) & (height > -20.0))
    return volume.with_array(bone.astype(np.uint8))

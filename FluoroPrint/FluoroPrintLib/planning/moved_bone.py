"""Pieces of bone that a plan moves: the movement of each kept as a point and three directions.

The point says where the origin of the patient's axes goes, the directions where the axes go. So an object
that is moved once more takes its movement along, and its piece is still found where it was taken.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .plan import Places, Planned, place_of

FRAME, FRAME_AXES = "frame", "frame axes"


def frame_point(matrix: Float64Array) -> Places:
    """Return where a movement (4, 4) takes the origin of the patient's axes, RAS mm."""
    return (place_of(matrix[:3, 3]),)


def frame_axes(matrix: Float64Array) -> Places:
    """Return where a movement (4, 4) takes the patient's three axes."""
    return tuple(place_of(axis) for axis in matrix[:3, :3].T)


def movement_of(planned: Planned) -> Float64Array:
    """Return the movement (4, 4) of a piece, from where it was taken to where it is planned, RAS mm.

    Raises
    ------
    FluoroPrintError
        The object keeps no movement.
    """
    point, axes = planned.points.get(FRAME, ()), planned.directions.get(FRAME_AXES, ())
    if len(point) != 1 or len(axes) != 3:
        raise FluoroPrintError(f"{planned.id} does not say how it is moved: plan it again.")
    matrix = np.eye(4)
    left, _, right = np.linalg.svd(np.array(axes, np.float64).T)
    matrix[:3, :3], matrix[:3, 3] = left @ right, point[0]
    return matrix


def turned_deg(matrix: Float64Array) -> float:
    """Return the angle by which a rigid movement (4, 4) turns."""
    sine = matrix[:3, :3] - matrix[:3, :3].T
    length = float(np.linalg.norm((sine[2, 1], sine[0, 2], sine[1, 0])))
    return float(np.degrees(np.arctan2(length, np.trace(matrix[:3, :3]) - 1)))


def refuse_mirrored(planned: Planned) -> Planned:
    """Raise FluoroPrintError: a piece of bone has no mirror image."""
    raise FluoroPrintError(f"{planned.label} is a piece of bone: it has no mirror image.")

"""What a sweep must have before it can be reconstructed."""

from __future__ import annotations

import numpy as np

from ..errors import FluoroPrintError
from ..geometry.orbit import FULL_TURN_DEG, Orbit, half_fan_deg
from ..geometry.sweep import SweepGeometry

ARC_TOLERANCE_DEG = 1.5


def check_arc(geometry: SweepGeometry, orbit: Orbit, allow_short_arc: bool = False) -> None:
    """Refuse an arc that does not determine the volume.

    Raises
    ------
    FluoroPrintError
        The arc is under 180 degrees plus the fan (unless allowed), or over a full turn.
    """
    needed = 180 + 2 * half_fan_deg(geometry, orbit)
    if orbit.arc_deg < needed - ARC_TOLERANCE_DEG and not (allow_short_arc and orbit.arc_deg > 1):
        raise FluoroPrintError(
            f"The sweep covers an arc of {orbit.arc_deg:.1f} degrees but this panel needs {needed:.1f} "
            "(180 plus the fan): acquire a longer run, or accept streaks with --allow-short-arc."
        )
    if orbit.arc_deg > FULL_TURN_DEG and not orbit.is_full_turn:
        raise FluoroPrintError(
            f"The sweep covers {orbit.arc_deg:.1f} degrees, more than one turn: keep the frames of one turn, "
            "or correct the angle increment."
        )


def shortage_deg(geometry: SweepGeometry, orbit: Orbit) -> float:
    """Return by how many degrees the arc is under 180 plus the fan; 0 where it is enough."""
    return float(np.maximum(180 + 2 * half_fan_deg(geometry, orbit) - orbit.arc_deg, 0.0))

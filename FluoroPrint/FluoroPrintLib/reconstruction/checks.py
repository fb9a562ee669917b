"""What a sweep must have before it can be reconstructed."""

from __future__ import annotations

from ..errors import FluoroPrintError
from ..geometry.orbit import FULL_TURN_DEG, Orbit, is_short, needed_arc_deg
from ..geometry.sweep import SweepGeometry
from ..memory import require_memory

VOLUMES_HELD = 2
"""Copies of the volume in memory at the end of a reconstruction, while its voxels are put in order."""


def check_arc(geometry: SweepGeometry, orbit: Orbit, allow_short_arc: bool = False) -> None:
    """Refuse an arc that does not determine the volume.

    Raises
    ------
    FluoroPrintError
        The arc is under 180 degrees plus the fan (unless allowed), or over a full turn.
    """
    needed = needed_arc_deg(geometry, orbit)
    if is_short(geometry, orbit) and not (allow_short_arc and orbit.arc_deg > 1):
        raise FluoroPrintError(
            f"The sweep covers an arc of {orbit.arc_deg:.1f} degrees but this panel needs {needed:.1f} "
            "(180 plus the fan): acquire a longer run, or accept streaks with --allow-short-arc."
        )
    if orbit.arc_deg > FULL_TURN_DEG and not orbit.is_full_turn:
        raise FluoroPrintError(
            f"The sweep covers {orbit.arc_deg:.1f} degrees, more than one turn: keep the frames of one turn, "
            "or correct the angle increment."
        )


def needed_bytes(size_ijk: tuple[int, int, int]) -> float:
    """Return how much memory the reconstruction of a volume of so many voxels takes, float32 each."""
    i, j, k = size_ijk
    return VOLUMES_HELD * 4.0 * i * j * k


def check_memory(size_ijk: tuple[int, int, int]) -> None:
    """Refuse a volume that does not fit into memory, before any of it is allocated.

    Parameters
    ----------
    size_ijk : number of voxels along i, j, k; float32 each

    Raises
    ------
    FluoroPrintError
        Less memory is free than the reconstruction takes.
    """
    i, j, k = size_ijk
    require_memory(
        needed_bytes(size_ijk),
        f"A volume of {i} x {j} x {k} voxels",
        "choose larger voxels (--voxel-mm) or a smaller region (--size-mm)",
    )

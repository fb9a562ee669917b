"""What was done to a sweep as it was read, in the words of its provenance, and what is left to propose."""

from __future__ import annotations

from typing import Any

from .sweep import Sweep

GEOMETRY_FROM = "geometry from "
ANGLES_REVERSED = "angles reversed"
COLUMNS_MIRRORED = "frames mirrored left to right"
ROWS_MIRRORED = "frames mirrored top to bottom"


def steps_of(sweep: Sweep) -> list[str]:
    """Return the steps by which a sweep was read, in words; none where it does not tell."""
    return [str(step) for step in sweep.provenance.get("steps", [])]


def has_own_geometry(sweep: Sweep) -> bool:
    """Say whether the matrices came from a file, which stands above angles and principal point."""
    told = [step for step in steps_of(sweep) if step.startswith(GEOMETRY_FROM)]
    return any(not step.startswith(f"{GEOMETRY_FROM}the angles") for step in told)


def other_sense(sweep: Sweep) -> dict[str, Any]:
    """Return the sweep parameter that turns the run the other way: first what was set is taken back.

    Angles have no effect beside a geometry file, so there the frames are mirrored.
    """
    steps = steps_of(sweep)
    if has_own_geometry(sweep):
        return {"flip_columns": COLUMNS_MIRRORED not in steps}
    if ANGLES_REVERSED in steps:
        return {"reverse_angles": False}
    return {"flip_columns": False} if COLUMNS_MIRRORED in steps else {"reverse_angles": True}

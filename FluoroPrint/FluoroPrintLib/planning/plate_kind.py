"""What a plate can do as an object of a plan: be drawn, moved, and measured against the bone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .kind import BAD, DOUBTFUL, GOOD, UNKNOWN, Kind, Surroundings
from .plan import Figure, Planned
from .plate import Plate
from .plate_objects import BENT, HOLE_AXES, HOLES, MEASURES, PLATE, plate_figures, plate_of, surface_of_plate

DEEPEST, FARTHEST = "deepest in bone", "farthest from bone"
IN_BONE_MM, OFF_BONE_MM = 1.0, 2.0
"""A plate that lies deeper in the bone, or further from it at a hole, is not where it can be."""


def plate_kind() -> Kind:
    """Return what a plate can do."""
    return Kind(
        PLATE,
        "Plate",
        surface_of_plate,
        refreshed_plate,
        columns=("holes", "length", DEEPEST, FARTHEST),
        verdict=_verdict,
        drawn_by=(HOLES, HOLE_AXES, *MEASURES),
    )


def refreshed_plate(planned: Planned, around: Surroundings) -> Planned:
    """Return a plate with its bends, and with how its holes lie in the bone where that is known."""
    plate = plate_of(planned)
    kept = {name: figure for name, figure in planned.figures.items() if name not in (DEEPEST, FARTHEST)}
    return replace(planned, figures=kept | plate_figures(plate) | _figures_in(plate, around))


def _figures_in(plate: Plate, around: Surroundings) -> dict[str, Figure]:
    if around.bone is None:
        return {}
    depths = around.bone.at(np.array([site.middle_ras for site in plate.sites]))
    return {
        DEEPEST: Figure(round(max(float(depths.max()), 0.0), 3), "mm"),
        FARTHEST: Figure(round(max(float(-depths.min()), 0.0), 3), "mm"),
    }


def _verdict(planned: Planned) -> str:
    """Judge a plate by its place on the bone; doubtful where it must be bent too far."""
    deep, far = (planned.figures.get(name) for name in (DEEPEST, FARTHEST))
    bent = planned.figures.get(BENT)
    if bent is not None and bent.value != ():
        return DOUBTFUL
    if deep is None or far is None:
        return UNKNOWN
    fits = float(deep.value) <= IN_BONE_MM and float(far.value) <= OFF_BONE_MM  # type: ignore[arg-type]
    return GOOD if fits else BAD

"""Corridors for screws: a line from entry to target, as given, or the best between patches about both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from scipy.optimize import minimize

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Unit
from .field import BoneField
from .plan import Place, place_of
from .screw import CURVE_STEP_MM, Screw, TrajectoryParameters, entry_into_bone, fit_of, judged_part
from .screw_sizes import ScrewFamily, largest_not_above

STARTS = 8
SEED_STEPS = 3
SHORTEST_SHARE = 0.6
"""A screw is shortened to keep its tip off the far cortex, not below this share of the corridor."""


@dataclass(frozen=True)
class CorridorParameters(TrajectoryParameters):
    """What is asked of a corridor."""

    patch_mm: Annotated[
        float,
        Bounds(0.0, 60.0),
        Unit("mm"),
        Help("Entry and target are moved up to this far to where the corridor is widest; 0 leaves them."),
    ] = 0.0
    diameter_mm: Annotated[
        float | None,
        Bounds(1.0, 20.0),
        Unit("mm"),
        Help("Diameter of the screw; the largest of the family that fits if left out."),
    ] = None


def screw_in_corridor(
    field: BoneField,
    entry_ras: Place,
    target_ras: Place,
    family: ScrewFamily,
    parameters: CorridorParameters,
) -> Screw:
    """Return the screw along the line from entry to target, or along the widest corridor near it.

    It begins where the line enters bone and ends at the target, or where the line leaves the bone for good
    before it, as far as there is a length.

    Raises
    ------
    FluoroPrintError
        The line meets no bone, or no screw of the family fits.
    """
    if parameters.patch_mm > 0:
        entry_ras, target_ras = widest_corridor(field, entry_ras, target_ras, parameters)
    begin = entry_into_bone(field, entry_ras, target_ras)
    available = _length_in_bone(field, begin, target_ras)
    length = largest_not_above(family.lengths_mm, available)
    if length is None:
        raise FluoroPrintError(
            f"The corridor is {available:.1f} mm long, {family.title} begin at {family.lengths_mm[0]:g} mm: "
            "move the target or choose another family."
        )
    direction = np.subtract(target_ras, begin) / np.linalg.norm(np.subtract(target_ras, begin))
    lengths = [
        size for size in family.lengths_mm[::-1] if max(SHORTEST_SHARE * length, 1.0) <= size <= length
    ]
    tips = [place_of(np.asarray(begin) + size * direction) for size in lengths]
    if parameters.diameter_mm is not None:
        return Screw(begin, tips[0], parameters.diameter_mm)
    for diameter in family.diameters_mm[::-1]:
        for tip in tips:
            screw = Screw(begin, tip, diameter)
            if fit_of(field, screw, parameters).margin_mm >= parameters.margin_mm:
                return screw
    least = max(fit_of(field, Screw(begin, tip, 0.0), parameters).least_mm for tip in tips)
    raise FluoroPrintError(
        f"No size of {family.title} fits: the axis comes within {least:.1f} mm of the cortex, and "
        f"{parameters.margin_mm:g} mm of bone shall stay: widen the search or give a diameter."
    )


def _length_in_bone(field: BoneField, begin: Place, target: Place) -> float:
    places = np.linspace(begin, target, max(int(np.linalg.norm(np.subtract(target, begin)) / 0.1), 1) + 1)
    last = int(np.flatnonzero(field.at(places) > 0)[-1]) if (field.at(places) > 0).any() else 0
    return float(np.linalg.norm(places[last] - places[0]))


def widest_corridor(
    field: BoneField, entry_ras: Place, target_ras: Place, parameters: CorridorParameters
) -> tuple[Place, Place]:
    """Return entry and target, each within `patch_mm` of the given one, between which the axis is deepest.

    Both ends are moved on grids across the line; the best lines are refined (Nelder and Mead). Where a line
    leaves the bone between the ends it counts as deep as it is outside.

    Raises
    ------
    FluoroPrintError
        No line between the patches runs within the bone.
    """
    ends = np.array([entry_ras, target_ras], np.float64)
    across = _across(ends[1] - ends[0])
    moves = np.linspace(-parameters.patch_mm, parameters.patch_mm, 2 * SEED_STEPS + 1)
    grid = np.stack(np.meshgrid(moves, moves, indexing="ij"), axis=-1).reshape(-1, 2)
    grid = grid[np.linalg.norm(grid, axis=1) <= parameters.patch_mm + 1e-9]
    lines = np.array([[*first, *second] for first in grid for second in grid])
    worth = np.array([_worth(field, ends, across, line, parameters, coarse=True) for line in lines])
    starts = lines[np.argsort(-worth)[:STARTS]]
    refined = [_refined(field, ends, across, start, parameters) for start in starts]
    best = max(refined, key=lambda line: _worth(field, ends, across, line, parameters))
    if _worth(field, ends, across, best, parameters) <= 0:
        raise FluoroPrintError(
            "No straight corridor within the bone joins the places about entry and target: move them."
        )
    first, second = _moved(ends, across, best)
    return place_of(first), place_of(second)


def _across(axis: Float64Array) -> Float64Array:
    """Return two unit vectors at right angles to an axis and each other, (2, 3)."""
    unit = axis / max(float(np.linalg.norm(axis)), 1e-9)
    first = np.cross(unit, np.eye(3)[np.abs(unit).argmin()])
    first /= np.linalg.norm(first)
    return np.array([first, np.cross(unit, first)])


def _moved(ends: Float64Array, across: Float64Array, line: Float64Array) -> Float64Array:
    moved: Float64Array = ends + line.reshape(2, 2) @ across
    return moved


def _worth(
    field: BoneField,
    ends: Float64Array,
    across: Float64Array,
    line: Float64Array,
    parameters: CorridorParameters,
    coarse: bool = False,
) -> float:
    """Return the least depth of a line where it is judged, less what it strays beyond the patches."""
    first, second = _moved(ends, across, line)
    length = float(np.linalg.norm(second - first))
    along = np.arange(0.0, length, 2.0 if coarse else CURVE_STEP_MM)
    depths = field.at(first + along[:, None] * ((second - first) / length))
    within = np.flatnonzero(depths > 0)
    strayed = np.maximum(0, np.linalg.norm(line.reshape(2, 2), axis=1) - parameters.patch_mm).sum()
    if not len(within):
        return float(depths.max() - strayed)
    # Bone must begin and end within the patches: else a short line in the thickest part would win.
    ends_off = np.array([along[within[0]], length - along[within[-1]]])
    strayed += np.maximum(0, ends_off - parameters.patch_mm).sum()
    inner = depths[within[0] : within[-1] + 1]
    judged, _ = judged_part(along[: len(inner)], inner, parameters.trim_mm)
    judged &= along[: len(inner)] <= along[len(inner) - 1] - parameters.trim_mm
    worth = inner[judged].min() if judged.any() else -1.0
    return float(worth - strayed)


def _refined(
    field: BoneField,
    ends: Float64Array,
    across: Float64Array,
    start: Float64Array,
    parameters: CorridorParameters,
) -> Float64Array:
    step = max(parameters.patch_mm / (2 * SEED_STEPS), 0.5)
    simplex = np.vstack([start, start + np.eye(4) * step])
    options: dict[str, Any] = {"initial_simplex": simplex, "maxiter": 200, "xatol": 0.02, "fatol": 0.005}
    found = minimize(
        lambda line: -_worth(field, ends, across, line, parameters),
        start,
        method="Nelder-Mead",
        options=options,
    )
    refined: Float64Array = found.x
    return refined

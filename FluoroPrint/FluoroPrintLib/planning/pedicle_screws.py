"""The best pedicle screw: the line that keeps farthest from the cortex, and the size that fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from scipy.optimize import minimize

from ..arrays import AnyArray, Float64Array
from ..parameters import Bounds, Choices, Help, Unit
from .field import BoneField
from .pedicles import Pedicle
from .plan import place_of
from .screw import Screw, TrajectoryParameters, fit_of
from .screw_sizes import ScrewFamily, largest_not_above


@dataclass(frozen=True)
class Region:
    """What a screw may be in a part of the spine: sizes in mm, angles in degrees.

    Attributes
    ----------
    diameters_mm, lengths_mm : least and largest
    converging_deg : least and largest angle to the midplane
    upwards_deg : the usual tilt from the perpendicular of the canal: thoracic pedicles descend to the front
    pedicle_mm : how far from its walls the marrow of a pedicle and its transverse process may lie
    pedicle_hits : in how many of 26 directions bone must lie about that marrow
    """

    diameters_mm: tuple[float, float]
    lengths_mm: tuple[float, float]
    converging_deg: tuple[float, float]
    upwards_deg: float
    pedicle_mm: float
    pedicle_hits: float


THORACIC, LUMBAR = "thoracic", "lumbar"
BACK_MM, AHEAD_MM, STEP_MM = 35.0, 60.0, 1.0
TILT_DEG = 15.0
"""Up or down from the tilt usual in the region."""
OFFSETS_MM = (-4.0, -2.0, 0.0, 2.0, 4.0)
FAR_OFF = -100.0
FROM_MIDPLANE_MM = 2.0
STARTS = 3
BEHIND_MM = 8.0
"""A pedicle begins at least this far behind its narrowest part: else the line comes from canal or foramen."""
CONVERGING_DEG = 10.0
COST_A_MM_BEHIND, COST_A_DEGREE, COST_A_DEGREE_OF_TILT = 0.02, 0.01, 0.02
"""Of two lines as deep in the bone the shorter and more usual one: in mm of depth."""


@dataclass(frozen=True)
class PedicleScrewParameters(TrajectoryParameters):
    """What is asked of pedicle screws."""

    region: Annotated[
        str, Choices((THORACIC, LUMBAR)), Help("Part of the spine: bounds of sizes and angles follow it.")
    ] = LUMBAR
    into_body_mm: Annotated[
        float,
        Bounds(5.0, 40.0),
        Unit("mm"),
        Help("How far beyond the pedicle's narrowest part a screw reaches at least."),
    ] = 15.0
    through_share: Annotated[
        float,
        Bounds(0.0, 0.9),
        Help(
            "Share of the way from entry to front cortex that a screw shall reach; 0: thickness alone counts."
        ),
    ] = 0.8
    thinner_mm: Annotated[
        float,
        Bounds(0.0, 4.0),
        Unit("mm"),
        Help("How much thinner than the thickest that fits a screw may be to reach as far."),
    ] = 1.5


def regions() -> Mapping[str, Region]:
    """Return the bounds by region."""
    return {
        THORACIC: Region((4.0, 6.5), (25.0, 50.0), (-5.0, 35.0), -10.0, 12.0, 22.0),
        LUMBAR: Region((4.0, 8.5), (30.0, 60.0), (-5.0, 40.0), 0.0, 20.0, 23.6),
    }


@dataclass(frozen=True)
class _Search:
    """Lines through a pedicle: offsets to the midplane and upwards (mm), angles likewise (°)."""

    field: BoneField
    pedicle: Pedicle
    parameters: PedicleScrewParameters
    enough_mm: float
    shortest_mm: float

    def direction(self, lines: Float64Array) -> Float64Array:
        converging, upwards = np.radians(lines[:, 2:3]), np.radians(lines[:, 3:4])
        p = self.pedicle
        level = np.cos(converging) * p.anterior + np.sin(converging) * p.medial
        return np.cos(upwards) * level + np.sin(upwards) * p.up

    def through(self, lines: Float64Array) -> Float64Array:
        p = self.pedicle
        return p.centre_ras + lines[:, :1] * p.medial + lines[:, 1:2] * p.up

    def depths(self, lines: Float64Array, along: Float64Array) -> Float64Array:
        places = self.through(lines)[:, None] + along[:, None] * self.direction(lines)[:, None]
        return self.field.at(places)

    def scores(self, lines: Float64Array) -> Float64Array:
        """Return the least depth of each line, less what makes it long behind or steep."""
        along = np.arange(-BACK_MM, max(self.parameters.into_body_mm, self.shortest_mm) + 0.1, STEP_MM)
        depths = self.depths(lines, along)
        entry = entries(depths, along)
        end = np.maximum(self.parameters.into_body_mm, np.maximum(entry, -BACK_MM) + self.shortest_mm)
        judged = (along >= entry[:, None] + self.parameters.trim_mm) & (along <= end[:, None])
        least = np.where(judged, depths, np.inf).min(axis=1)
        scores = np.minimum(least, self.enough_mm) + COST_A_MM_BEHIND * np.maximum(entry, -BACK_MM)
        scores = scores - self.bent(lines) - np.maximum(0, entry + BEHIND_MM)
        scores = scores - 0.5 * np.clip(end - self.to_midplane(lines), 0, 100)
        found: Float64Array = np.where(np.isfinite(entry), scores, FAR_OFF + scores_where_buried(least))
        return found

    def bent(self, lines: Float64Array) -> Float64Array:
        """Return what the angles of lines cost: a little if unusual, much if out of bounds."""
        region = regions()[self.parameters.region]
        low, high = region.converging_deg
        tilted = np.abs(lines[:, 3] - region.upwards_deg)
        cost = COST_A_DEGREE * np.abs(lines[:, 2] - CONVERGING_DEG) + COST_A_DEGREE_OF_TILT * tilted
        beyond = np.maximum(0, np.maximum(low - lines[:, 2], lines[:, 2] - high))
        bent: Float64Array = cost + beyond + np.maximum(0, tilted - TILT_DEG)
        return bent

    def to_midplane(self, lines: Float64Array) -> Float64Array:
        """Return how far ahead each line comes near the midplane; infinite where it does not converge."""
        medial = self.direction(lines) @ self.pedicle.medial
        left = self.pedicle.aside_mm - lines[:, 0] - FROM_MIDPLANE_MM
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead: Float64Array = np.where(medial > 1e-3, left / medial, np.inf)
        return ahead


def scores_where_buried(least: Float64Array) -> Float64Array:
    """Return a slope for lines that never leave the bone behind, so that a search can leave them."""
    return np.clip(np.nan_to_num(least, posinf=0.0, neginf=-50.0), -50.0, 50.0)


def entries(depths: AnyArray, along: Float64Array) -> Float64Array:
    """Return where each line, (L, T) of depths, enters the bone that it is in at 0.

    It is -inf where the line is in none, or still in bone at its begin.
    """
    behind = along <= 0
    outside = depths[:, behind] <= 0
    last = outside.shape[1] - 1 - outside[:, ::-1].argmax(axis=1)
    unusable = ~outside.any(axis=1) | outside[:, -1]
    ahead = np.minimum(last + 1, outside.shape[1] - 1)
    each = np.arange(len(depths))
    low, high = depths[each, last], depths[each, ahead]
    share = np.clip(-low / np.maximum(high - low, 1e-9), 0, 1)
    found: Float64Array = np.where(unusable, -np.inf, along[last] + share * (along[1] - along[0]))
    return found


def best_pedicle_screw(
    field: BoneField, pedicle: Pedicle, family: ScrewFamily, parameters: PedicleScrewParameters
) -> Screw | None:
    """Return the screw that fits a pedicle best; None where none does.

    A grid of lines through the pedicle is searched for the greatest least depth, and the best of them are
    refined (Nelder and Mead): once for the shortest screw, once for one that reaches `through_share` of the
    way to the front cortex. The longer screw is taken if it need be no more than `thinner_mm` thinner. The
    tip stays on its side of the midplane.
    """
    region = regions()[parameters.region]
    sizes = family.within(region.diameters_mm, region.lengths_mm)
    enough = sizes.diameters_mm[-1] / 2 + parameters.margin_mm
    search = _Search(field, pedicle, parameters, enough, sizes.lengths_mm[0])
    line = _best_line(search, region)
    wanted = _wanted_length(search, line)
    fitting = _fitting(search, line, sizes)
    if wanted > search.shortest_mm:
        deeper = replace(search, shortest_mm=wanted)
        fitting += _fitting(deeper, _best_line(deeper, region), sizes)
    return _preferred(fitting, wanted, parameters.thinner_mm)


def why_no_screw(pedicle: Pedicle, family: ScrewFamily, parameters: PedicleScrewParameters) -> str:
    """Return why no screw fits a pedicle, in words."""
    region = regions()[parameters.region]
    sizes = family.within(region.diameters_mm, region.lengths_mm)
    needed = sizes.diameters_mm[0] + 2 * parameters.margin_mm
    if 2 * pedicle.radius_mm < needed:
        return (
            f"its bone is {2 * pedicle.radius_mm:.1f} mm thick where it is thinnest, and the thinnest screw "
            f"with its margin needs {needed:.1f} mm"
        )
    return (
        f"no line of {sizes.lengths_mm[0]:g} mm through it keeps {parameters.margin_mm:g} mm of bone "
        f"about {sizes.diameters_mm[0]:g} mm"
    )


def _preferred(fitting: list[Screw], wanted_mm: float, thinner_mm: float) -> Screw | None:
    """Return the screw that comes nearest to a length from below, then the thickest, of the thick ones."""
    thickest = max((screw.diameter_mm for screw in fitting), default=0.0)
    thick = [screw for screw in fitting if screw.diameter_mm >= thickest - thinner_mm - 1e-6]
    return max(
        thick,
        key=lambda screw: (round(min(screw.length_mm, wanted_mm), 3), screw.diameter_mm, screw.length_mm),
        default=None,
    )


def _best_line(search: _Search, region: Region) -> Float64Array:
    grid = np.meshgrid(
        OFFSETS_MM,
        OFFSETS_MM,
        np.arange(region.converging_deg[0], region.converging_deg[1] + 0.1, 5.0),
        region.upwards_deg + np.arange(-TILT_DEG, TILT_DEG + 0.1, 5.0),
        indexing="ij",
    )
    lines = np.stack([axis.ravel() for axis in grid], axis=1)
    starts = lines[np.argsort(-search.scores(lines))[:STARTS]]
    refined = [_refined(search, start) for start in starts]
    best: Float64Array = refined[int(np.argmax([search.scores(line[None])[0] for line in refined]))]
    return best


def _refined(search: _Search, start: Float64Array) -> Float64Array:
    simplex = np.vstack([start, start + np.diag([1.5, 1.5, 4.0, 4.0])])
    options: dict[str, Any] = {"initial_simplex": simplex, "maxiter": 150, "xatol": 0.05, "fatol": 0.01}
    found = minimize(
        lambda line: -float(search.scores(line[None])[0]), start, method="Nelder-Mead", options=options
    )
    refined: Float64Array = found.x
    return refined


def _course(search: _Search, line: Float64Array) -> tuple[Float64Array, Float64Array, float]:
    """Return distances along a line, depths there, and where it enters the bone (-inf: it does not)."""
    along = np.arange(-BACK_MM, AHEAD_MM, STEP_MM / 2)
    depths = search.depths(line[None], along)
    return along, depths[0], float(entries(depths, along)[0])


def _wanted_length(search: _Search, line: Float64Array) -> float:
    """Return the share asked for of the way from entry to front cortex, or to the midplane."""
    along, depths, entry = _course(search, line)
    if not np.isfinite(entry):
        return search.shortest_mm
    left = (along > 0) & (depths <= 0)
    front = along[left.argmax()] if left.any() else along[-1]
    return float(search.parameters.through_share * (front - entry))


def _fitting(search: _Search, line: Float64Array, sizes: ScrewFamily) -> list[Screw]:
    """Return for each diameter that fits along a line its longest screw."""
    along, depths, entry = _course(search, line)
    if not np.isfinite(entry):
        return []
    judged = along >= entry + search.parameters.trim_mm
    reach = min(AHEAD_MM, float(search.to_midplane(line[None])[0]))
    found = []
    for diameter in sizes.diameters_mm:
        shallow = judged & (depths < diameter / 2 + search.parameters.margin_mm)
        end = along[shallow.argmax()] - STEP_MM / 2 if shallow.any() else along[-1]
        length = largest_not_above(sizes.lengths_mm, min(float(end), reach) - entry)
        if length is not None and entry + length > 0:
            screw = _screw(search, line, entry, length, diameter)
            if fit_of(search.field, screw, search.parameters).margin_mm >= search.parameters.margin_mm:
                found.append(screw)
    return found


def _screw(search: _Search, line: Float64Array, entry: float, length: float, diameter: float) -> Screw:
    start, direction = search.through(line[None])[0], search.direction(line[None])[0]
    return Screw(
        place_of(start + entry * direction), place_of(start + (entry + length) * direction), diameter
    )

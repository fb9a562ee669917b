"""Whether the frames of a sweep agree with their geometry: rays that two views see from either end.

The line through the sources of two views is a ray of both: each sees it at its epipole, the place where the
other source projects to. Where the geometry is right, both have the same line integral there. A mirrored
frame, a wrong sense of turning or a shifted principal point puts the epipole on the wrong pixel. A short
scan of 180 degrees plus the fan has such pairs between its two ends; a shorter one has none, nor has one
whose secondary angle tilts the panel out of the plane of the sources.

What no sweep tells of itself: a wrong sense of turning and mirrored frames together fit as well as neither
does, and are the mirror image of the patient.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage, optimize

from ..arrays import Float32Array, Float64Array, IntArray
from .sweep import Sweep, SweepGeometry

FEWEST_PAIRS = 12
PATCH_ROWS = 5
LARGEST_SHIFT_SHARE = 0.08
SHIFT_STEPS = 33
SMALLEST_SHIFT_PX = 0.25
CLEAR = 0.6
"""One way is taken for the better where it leaves less than this share of the other's disagreement."""


@dataclass(frozen=True)
class OppositeRays:
    """Rays that two views see from either end.

    Attributes
    ----------
    views : (M, 2) indices of the two frames
    pixels : (M, 2, 2) place (column, row) of the ray in each of them
    """

    views: IntArray
    pixels: Float64Array


@dataclass(frozen=True)
class Agreement:
    """How well opposite rays agree in one sense of turning.

    Attributes
    ----------
    disagreement : root mean square difference of opposite rays as a share of their own spread; 0 is
        perfect, about 1.4 is chance
    column_shift : columns by which the principal points ought to move for the best agreement, in pixels
    shifted_disagreement : the disagreement that is left there
    """

    disagreement: float
    column_shift: float
    shifted_disagreement: float


@dataclass(frozen=True)
class Consistency:
    """How well opposite rays agree as the geometry stands, and in the other sense of turning.

    Attributes
    ----------
    pairs : rays that were compared
    upright : as the geometry stands
    mirrored : with the frames mirrored left to right, which equals the other sense of turning
    """

    pairs: int
    upright: Agreement
    mirrored: Agreement

    @property
    def is_mirrored(self) -> bool:
        """Whether the other sense of turning fits clearly better."""
        return _is_clear(self.mirrored, self.upright)

    @property
    def is_upright(self) -> bool:
        """Whether the sense of turning is clearly right; where neither is clear, the data do not tell."""
        return _is_clear(self.upright, self.mirrored)

    @property
    def is_shifted(self) -> bool:
        """Whether the principal points are clearly off along the columns."""
        seen = self.upright
        moved = abs(seen.column_shift) > SMALLEST_SHIFT_PX
        return self.is_upright and moved and seen.shifted_disagreement < CLEAR * seen.disagreement


def _is_clear(better: Agreement, worse: Agreement) -> bool:
    return better.shifted_disagreement < CLEAR * worse.shifted_disagreement


def opposite_rays(geometry: SweepGeometry) -> OppositeRays:
    """Return the rays of a sweep that two views see from either end, inside both frames."""
    sources = np.concatenate([geometry.sources_ras, np.ones((geometry.count, 1))], 1)
    seen = np.einsum("nij,mj->nmi", geometry.ras_to_pixel, sources)
    depth = seen[..., 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        pixels = seen[..., :2] / depth[..., None]
    edges = np.array([geometry.columns - 1, geometry.rows - 1])
    with np.errstate(invalid="ignore"):
        inside = (depth > 0) & ((pixels >= 0) & (pixels <= edges)).all(-1)
    first, second = np.nonzero(np.triu(inside & inside.T, 1))
    return OppositeRays(
        np.stack([first, second], 1), np.stack([pixels[first, second], pixels[second, first]], 1)
    )


def measure_consistency(sweep: Sweep) -> Consistency | None:
    """Compare opposite rays as the geometry stands and mirrored, each with the principal points moved too.

    Panetta, Belcari, Del Guerra and Moehrs (Phys. Med. Biol. 53(14), 2008) calibrate a scanner by such
    pairs; here they decide between two senses of turning.

    Parameters
    ----------
    sweep : line integrals with a projection matrix a frame

    Returns
    -------
    None where fewer than `FEWEST_PAIRS` rays are seen from both ends: the arc is too short to tell.
    """
    pairs = len(opposite_rays(sweep.geometry).views)
    upright = _agreement(sweep, sweep.geometry)
    mirrored = _agreement(sweep, mirrored_columns(sweep.geometry))
    return None if upright is None or mirrored is None else Consistency(pairs, upright, mirrored)


def _agreement(sweep: Sweep, geometry: SweepGeometry) -> Agreement | None:
    standing = disagreement(sweep, geometry)
    return None if standing is None else Agreement(standing, *_best_shift(sweep, geometry))


def disagreement(sweep: Sweep, geometry: SweepGeometry) -> float | None:
    """Return the root mean square difference of opposite rays as a share of their spread.

    Parameters
    ----------
    sweep : the frames
    geometry : where they are taken to have been made, in place of the sweep's own

    Returns
    -------
    0 where they agree, about 1.4 where they have nothing to do with each other; None with too few pairs.
    """
    rays = opposite_rays(geometry)
    if len(rays.views) < FEWEST_PAIRS:
        return None
    first, second = (_read(sweep.frames, rays.views[:, n], rays.pixels[:, n]) for n in range(2))
    spread = float(np.std(np.concatenate([first, second])))
    return float(np.sqrt(np.mean((first - second) ** 2))) / max(spread, 1e-6)


def mirrored_columns(geometry: SweepGeometry) -> SweepGeometry:
    """Return the geometry that fits frames mirrored left to right, for reading them as they are."""
    mirror = np.diag([-1.0, 1.0, 1.0])
    mirror[0, 2] = geometry.columns - 1
    return replace(geometry, ras_to_pixel=mirror @ geometry.ras_to_pixel)


def shifted_columns(geometry: SweepGeometry, shift_px: float) -> SweepGeometry:
    """Return a geometry whose principal points lie `shift_px` columns further to the right."""
    move = np.eye(3)
    move[0, 2] = shift_px
    return replace(geometry, ras_to_pixel=move @ geometry.ras_to_pixel)


def _best_shift(sweep: Sweep, geometry: SweepGeometry) -> tuple[float, float]:
    """Search the shift of all principal points along the columns that makes opposite rays agree best."""
    limit = LARGEST_SHIFT_SHARE * geometry.columns

    def cost(shift: float) -> float:
        found = disagreement(sweep, shifted_columns(geometry, shift))
        return np.inf if found is None else found

    grid = np.linspace(-limit, limit, SHIFT_STEPS)
    costs = [cost(shift) for shift in grid]
    best = int(np.argmin(costs))
    step = grid[1] - grid[0]
    found = optimize.minimize_scalar(
        cost, bounds=(grid[best] - step, grid[best] + step), method="bounded", options={"xatol": 0.02}
    )
    if found.fun > costs[best]:
        return float(grid[best]), float(costs[best])
    return float(found.x), float(found.fun)


def _read(frames: Float32Array, views: IntArray, pixels: Float64Array) -> Float64Array:
    """Return frames at places (M, 2) of (column, row), the mean over some rows against noise: (M,)."""
    rows = pixels[:, 1, None] + np.arange(PATCH_ROWS) - (PATCH_ROWS - 1) / 2
    columns = np.broadcast_to(pixels[:, :1], rows.shape)
    values = np.empty(rows.shape)
    for view in np.unique(views):
        here = views == view
        values[here] = ndimage.map_coordinates(
            frames[view], [rows[here], columns[here]], order=1, mode="nearest", output=np.float64
        )
    means: Float64Array = values.mean(1)
    return means

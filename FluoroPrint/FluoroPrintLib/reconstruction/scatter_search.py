"""How much scatter a sweep has and how wide it spreads, by quick reconstructions.

Scatter darkens the volume and bends its scale, more where more of the beam was stopped. What is taken out
must bring lean tissue back to its level, and each tissue to one level all over the volume.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array
from ..geometry.sweep import Sweep
from ..geometry.volume import Volume
from ..progress import Progress, silent
from ..segmentation.restoration import flattened
from ..segmentation.threshold import TISSUE_WITHIN_HU, lean_tissue_hu, soft_tissue_peak_hu
from .binning import binned, with_views
from .scatter import SPREAD_MM, pixel_at_axis_mm, without_scatter

COARSE_MM = 4.0
FEWEST_VIEWS = 60
LEAN_HU = 5.0  # what lean tissue ought to read, on average with what lies about it at a coarse resolution
DARK_HU = -40.0  # lean tissue that reads darker than this has scatter before it
LEAST_TISSUE = 0.05  # of the field must be soft tissue for its level to tell anything
LARGEST_SHARE = 1.5
BISECTIONS, FURTHER_BISECTIONS = 7, 3
NEAR_SHARE = (0.75, 1.35)  # shares of two spreads next to each other differ by less than these factors
SPREADS_MM = (22.0, 30.0, 40.0, 53.0, 72.0)  # at the axis; wider haze is even over a panel
FINER_SPREADS = (0.8, 0.9, 1.0, 1.1, 1.2)
FINER_SHARES = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3)
BRIGHT_PERCENTILE = 95  # in bone, where there is bone
LEAST_CONTRAST_HU = 50.0
KEPT_TISSUE = 0.6  # of the most soft tissue; with less left, the volume is pulled apart, not put in order
WITHIN_CONTRAST, LEVELS = 0.75, 60
TRIALS = 1 + BISECTIONS + len(SPREADS_MM) * (1 + FURTHER_BISECTIONS) + len(FINER_SHARES) + len(FINER_SPREADS)


@dataclass(frozen=True)
class ScatterFound:
    """How much scatter there is.

    Attributes
    ----------
    share : scatter behind the body as a share of the primary beam's mean there; 0 where there is none
    tissue_hu : what lean soft tissue reads with it; None where there is too little soft tissue to tell
    spread_mm : standard deviation of the haze as seen at the axis of rotation
    """

    share: float
    tissue_hu: float | None
    spread_mm: float = SPREAD_MM

    @property
    def note(self) -> str:
        """A sentence for the user; nothing where there is no scatter."""
        if self.share == 0 or self.tissue_hu is None:
            return ""
        return (
            f"Lean tissue read {self.tissue_hu:.0f} HU: scatter of {100 * self.share:.0f} % of the primary "
            f"beam, spread by {self.spread_mm:.0f} mm at the axis, was taken out; set scatter to 0 to leave "
            "it in."
        )


def find_scatter(
    sweep: Sweep, reconstruct: Callable[[Sweep], Volume], progress: Progress = silent
) -> ScatterFound:
    """Find how much scatter a sweep has and how wide it spreads, by quick reconstructions.

    Where lean tissue reads far below water, the share of scatter that brings it back is sought, by bisection,
    for several spreads. Of these the one is taken that leaves the least disorder (see `_disorder`); share and
    spread are then made finer by the same measure. A body without soft tissue, as a phantom in air, tells
    nothing: it is left as it is.

    Parameters
    ----------
    sweep : line integrals; it stays as it is
    reconstruct : makes a coarse volume in HU, without correcting scatter, of a coarse sweep
    progress : told how far the work is; may cancel
    """
    search = _Search(_coarse(sweep), reconstruct, progress)
    before = search.look(0.0, SPREAD_MM)
    if before.tissue_share < LEAST_TISSUE:
        return ScatterFound(0.0, None)
    if before.lean_hu > DARK_HU:
        return ScatterFound(0.0, before.lean_hu)
    share = search.levelling_share(SPREAD_MM, 0.0, LARGEST_SHARE, BISECTIONS)
    # No share at all would be followed from 0.
    share = max(share, LARGEST_SHARE / 2**BISECTIONS)
    shares = [
        search.levelling_share(spread, NEAR_SHARE[0] * share, NEAR_SHARE[1] * share, FURTHER_BISECTIONS)
        for spread in SPREADS_MM
    ]
    spread = search.least_disorder(shares, SPREADS_MM, SPREADS_MM)
    share = float(np.exp(np.interp(np.log(spread), np.log(SPREADS_MM), np.log(shares))))
    finer = [share * factor for factor in FINER_SHARES]
    share = search.least_disorder(finer, [spread] * len(finer), finer)
    spreads = [spread * factor for factor in FINER_SPREADS]
    spread = search.least_disorder([share] * len(spreads), spreads, spreads)
    return ScatterFound(share, before.lean_hu, spread)


@dataclass(frozen=True)
class _Look:
    """What a coarse volume shows: level of lean tissue in HU, soft tissue's share of the field, disorder."""

    lean_hu: float
    tissue_share: float
    disorder: float


class _Search:
    """Trials of shares and spreads on a coarse sweep."""

    def __init__(self, coarse: Sweep, reconstruct: Callable[[Sweep], Volume], progress: Progress) -> None:
        self._coarse = coarse
        self._reconstruct = reconstruct
        self._progress = progress
        self._done = 0

    def look(self, share: float, spread_mm: float) -> _Look:
        """Return what the volume shows once so much scatter is taken out."""
        self._progress(min(self._done / TRIALS, 1.0), "Looking for scatter")
        self._done += 1
        return _look(self._reconstruct(without_scatter(self._coarse, share, spread_mm)))

    def levelling_share(self, spread_mm: float, low: float, high: float, steps: int) -> float:
        """Return the share, between two, that brings lean tissue to its level."""
        for _ in range(steps):
            middle = (low + high) / 2
            seen = self.look(middle, spread_mm)
            # Far too much taken out leaves hardly any soft tissue.
            too_much = seen.lean_hu > LEAN_HU or seen.tissue_share < LEAST_TISSUE
            low, high = (low, middle) if too_much else (middle, high)
        return (low + high) / 2

    def least_disorder(
        self, shares: Sequence[float], spreads_mm: Sequence[float], along: Sequence[float]
    ) -> float:
        """Return where along a line of trials the disorder is least, of those that leave most soft tissue."""
        looks = [self.look(share, spread) for share, spread in zip(shares, spreads_mm, strict=True)]
        most = max(look.tissue_share for look in looks)
        kept = [look.tissue_share >= KEPT_TISSUE * most for look in looks]
        return _lowest(along, np.array([look.disorder for look in looks]), np.array(kept))


def _lowest(places: Sequence[float], values: Float64Array, allowed: BoolArray) -> float:
    """Return where values are least: by a parabola, over the logarithm of places, about the least allowed."""
    best = int(np.argmin(np.where(allowed, values, np.inf)))
    if best in (0, len(places) - 1) or not np.isfinite(values[best - 1 : best + 2]).all():
        return float(places[best])
    near = np.log(places[best - 1 : best + 2])
    square, slope, _ = np.polyfit(near - near[1], values[best - 1 : best + 2], 2)
    if square <= 0:
        return float(places[best])
    return float(np.exp(np.clip(near[1] - slope / (2 * square), near[0], near[2])))


def _coarse(sweep: Sweep) -> Sweep:
    """Return fewer views of larger pixels."""
    count = sweep.geometry.count
    views = np.unique(np.append(np.arange(0, count, max(1, count // FEWEST_VIEWS)), count - 1))
    return with_views(binned(sweep, max(1, round(COARSE_MM / pixel_at_axis_mm(sweep)))), views)


def _look(volume: Volume) -> _Look:
    values = volume.array_kji
    inside = ndimage.binary_erosion(values != -1000, iterations=2)
    if not inside.any():
        return _Look(0.0, 0.0, np.inf)
    flat = flattened(values, inside, volume.spacing_mm[::-1])
    near = np.abs(flat - soft_tissue_peak_hu(flat[inside])) < TISSUE_WITHIN_HU
    tissue = ndimage.binary_erosion(inside & near)
    lean = lean_tissue_hu(values[tissue]) if tissue.any() else 0.0
    share = float(tissue.sum() / inside.sum())
    return _Look(lean, share, _disorder(values[inside], lean) if share >= LEAST_TISSUE else np.inf)


def _disorder(values_hu: Float32Array, lean_hu: float) -> float:
    """Return the entropy of a field's values about lean tissue, in units of the contrast to what is bright.

    It is least where each tissue has one level all over the field (as for fields of magnetic resonance,
    Likar, Viergever and Pernus, IEEE Trans. Med. Imaging 20(12), 2001). The unit keeps lost contrast from
    passing for order.
    """
    contrast = max(float(np.percentile(values_hu, BRIGHT_PERCENTILE)) - lean_hu, LEAST_CONTRAST_HU)
    counts, _ = np.histogram((values_hu - lean_hu) / contrast, LEVELS, (-WITHIN_CONTRAST, WITHIN_CONTRAST))
    shares = counts[counts > 0] / max(counts.sum(), 1)
    return float(-(shares * np.log(shares)).sum())

"""How far a bright body blurs beyond its border, and which level the true border lies at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, optimize

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array

SHELL_MM = 3.0
"""Values this far beyond the body still belong to its profile."""
BLOOM_SHARE = 0.05
"""The bloom ends where this share of the step from the surroundings to the body is left."""
REACH_MM = 1.5
"""The border lies at most this far beyond a first guess."""
MOST_TRIALS = 60
WIDEST_SPREAD_MM = 2.0


@dataclass(frozen=True)
class EdgeSpread:
    """The edge of a body as one blur describes it.

    Attributes
    ----------
    body, surroundings : values of the body and of what it lies in, blur taken off
    level : the value at the true border; half way between both for a flat border, less on thin bodies
    spread_mm : standard deviation of the blur
    """

    body: float
    surroundings: float
    level: float
    spread_mm: float


def measure_edge(
    values_kji: AnyArray, mask_kji: BoolArray, allowed_kji: BoolArray, spacing_kji: Float64Array
) -> EdgeSpread:
    """Find the blur and the level of the border that explain a bright body best.

    The model is a body of one value in surroundings of another, blurred by a Gaussian; the body is what lies
    above the level. The true border is at half the step on a flat face, and below that on a thin wire, whose
    summit is lowered too.

    Parameters
    ----------
    values_kji : around the body, a few mm on each side
    mask_kji : the body, roughly
    allowed_kji : voxels that may count; others (another body, outside the field) are left out
    spacing_kji : (3,) mm
    """
    model = _model_of(values_kji, mask_kji, allowed_kji, spacing_kji)
    voxel = float(spacing_kji.min())
    low, high = np.array([0.1, 0.3 * voxel]), np.array([0.9, WIDEST_SPREAD_MM])

    def residual(guess: Float64Array) -> float:
        inside = np.clip(guess, low, high)
        return model.fitted(*inside)[2] * (1 + float(np.abs(guess - inside).sum()))

    simplex = [(0.5, 0.7 * voxel), (0.4, 0.7 * voxel), (0.5, 0.9 * voxel)]
    options = {"initial_simplex": simplex, "xatol": 0.005, "fatol": np.inf, "maxfev": MOST_TRIALS}
    best = optimize.minimize(residual, simplex[0], method="Nelder-Mead", options=options)
    share, spread_mm = np.clip(best.x, low, high)
    base, step, _ = model.fitted(share, spread_mm)
    return EdgeSpread(base + step, base, model.level(share), float(spread_mm))


@dataclass(frozen=True)
class _Model:
    """What `measure_edge` compares: voxels about a body, and the body that a level makes of them."""

    values: AnyArray
    used: BoolArray
    near: BoolArray
    rise: Float32Array
    ends: tuple[float, float]
    spacing_kji: Float64Array

    def level(self, share: float) -> float:
        """Return the value at a share of the way from the surroundings to the summit."""
        return float(self.ends[0] + share * (self.ends[1] - self.ends[0]))

    def fitted(self, share: float, spread_mm: float) -> tuple[float, float, float]:
        """Return base, step and residual of the body at a share, blurred by a spread."""
        body = _coverage(self.values, self.level(share), self.rise) * self.near
        blurred: Float32Array = ndimage.gaussian_filter(body, spread_mm / self.spacing_kji, mode="nearest")
        return _regression(blurred[self.used], self.values[self.used].astype(np.float64))


def _model_of(values: AnyArray, mask: BoolArray, allowed: BoolArray, spacing_kji: Float64Array) -> _Model:
    beyond = ndimage.distance_transform_edt(~mask, sampling=spacing_kji)
    used = (beyond <= SHELL_MM) & allowed
    around = values[used & (beyond > SHELL_MM / 2)]
    ground = float(np.median(around)) if around.size else float(values[mask].min())
    ends = ground, float(np.percentile(values[mask], 90))
    return _Model(values, used, beyond <= REACH_MM, _rise_per_voxel(values), ends, spacing_kji)


def _rise_per_voxel(values_kji: AnyArray) -> Float32Array:
    """Return how much the values change over a voxel, along their gradient."""
    slopes = [ndimage.correlate1d(values_kji, (-0.5, 0.0, 0.5), axis, mode="nearest") for axis in range(3)]
    rise: Float32Array = np.sqrt(np.square(slopes).sum(0)).astype(np.float32)
    rise[rise < 1] = 1
    return rise


def _coverage(values_kji: AnyArray, level: float, rise_kji: Float32Array) -> Float32Array:
    """Return the share of each voxel that lies above a level, the values taken as linear across it."""
    share: Float32Array = np.clip(0.5 + (values_kji - level) / rise_kji, 0, 1).astype(np.float32)
    return share


def grown_to(above_kji: BoolArray, mask_kji: BoolArray) -> BoolArray:
    """Return the voxels above a level that touch a mask, across faces."""
    labels, _ = ndimage.label(above_kji)
    touched = np.unique(labels[mask_kji & above_kji])
    grown: BoolArray = np.isin(labels, touched[touched > 0])
    return grown


def radial_profile(
    values_kji: AnyArray, mask_kji: BoolArray, allowed_kji: BoolArray, spacing_kji: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return distances beyond a body's border in mm, and the mean value at each."""
    outside = beyond_mm(mask_kji, spacing_kji)
    step = float(spacing_kji.min()) / 2
    used = allowed_kji & ~mask_kji & (outside < SHELL_MM)
    bins = (outside[used] / step).astype(np.int64)
    counts = np.bincount(bins)
    sums = np.bincount(bins, values_kji[used].astype(np.float64))
    filled = np.flatnonzero(counts)
    distances = ((filled + 0.5) * step).astype(np.float64)
    return distances, (sums[filled] / counts[filled]).astype(np.float64)


def bloom_mm(distances_mm: Float64Array, profile: Float64Array, edge: EdgeSpread) -> float:
    """Return how far beyond its border a body brightens its surroundings by more than `BLOOM_SHARE`."""
    bright = profile > edge.surroundings + BLOOM_SHARE * (edge.body - edge.surroundings)
    beyond = np.flatnonzero(~bright)
    if len(beyond) == 0:
        return float(distances_mm[-1]) if len(distances_mm) else 0.0
    return float(distances_mm[beyond[0]])


def box_about(mask_kji: BoolArray, margin_mm: float, spacing_kji: Float64Array) -> tuple[slice, ...]:
    """Return the slices that hold a mask, which is not empty, and a margin about it."""
    margin = np.ceil(margin_mm / spacing_kji).astype(int) + 1
    sides = zip(ndimage.find_objects(mask_kji.view(np.uint8))[0], margin, strict=True)
    return tuple(slice(max(0, side.start - wide), side.stop + wide) for side, wide in sides)


def beyond_mm(mask_kji: BoolArray, spacing_kji: Float64Array) -> Float32Array:
    """Return the distance of each voxel's middle from the surface of a mask, 0 inside.

    The surface is taken half a voxel beyond the middles of the outermost voxels.
    """
    distance = ndimage.distance_transform_edt(~mask_kji, sampling=spacing_kji)
    half = float(np.prod(spacing_kji)) ** (1 / 3) / 2
    outside: Float32Array = np.maximum(distance - half, 0).astype(np.float32)
    return outside


def _regression(shape: AnyArray, wanted: Float64Array) -> tuple[float, float, float]:
    """Return base, step and mean squared residual of ``base + step * shape``."""
    centred = shape - shape.mean(dtype=np.float64)
    variance = float((centred**2).mean(dtype=np.float64))
    step = float((centred * wanted).mean()) / variance if variance > 0 else 0.0
    base = float(wanted.mean() - step * shape.mean(dtype=np.float64))
    return base, step, float(((base + step * shape - wanted) ** 2).mean())

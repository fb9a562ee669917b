"""Frames that the body overfills: rows continued beyond the panel.

A truncated row ends in a step that the ramp filter turns into a bright rim and a false level. The rest
of the body is estimated from level and slope at the edge as through a cylinder of water, then stretched
so that all views agree on how much body there is at a height (Hsieh, Chao, Thibault et al., Med. Phys.
31(9), 2004). Where the edge sees air nothing is added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..arrays import Float32Array, Float64Array, IntArray

EDGE_MM = 40.0
SMOOTHED_ROWS_MM = 8.0
AIR_LEVEL = 0.1
STRETCH_LIMITS = (0.4, 2.5)
MASS_SAMPLES = 60
AGREED_PERCENTILE = (
    70  # tuned on one truncated sweep (docs/validation.md): views guess too little body more often
)


@dataclass(frozen=True)
class Continuation:
    """How the rows of a sweep go on beyond the panel.

    Attributes
    ----------
    padding : columns added on either side; 0 where no frame is truncated
    pixel_mm : width of a pixel as seen at the axis of rotation
    level, slope : (2, N, rows) line integral at the left and right edge, and its rise into the frame per mm
    stretch : (N, rows) factor on the reach of what is added
    water_per_mm : attenuation of water in 1/mm
    """

    padding: int
    pixel_mm: float
    level: Float64Array
    slope: Float64Array
    stretch: Float64Array
    water_per_mm: float


def plan_continuation(
    frames: Float32Array, pixel_mm: float, water_per_mm: float, largest: int
) -> Continuation:
    """Look at the edges of all frames and plan how to continue them.

    Parameters
    ----------
    frames : (N, rows, columns) line integrals
    pixel_mm : width of a pixel as seen at the axis of rotation
    water_per_mm : attenuation of water in 1/mm
    largest : most columns to add on either side
    """
    edges = (frames[:, :, :3].mean(), frames[:, :, -3:].mean())
    padding = largest if max(edges) > AIR_LEVEL else 0
    sides = [_edge(side, pixel_mm, water_per_mm) for side in (frames, frames[:, :, ::-1])] if padding else []
    level, slope = (np.array([side[n] for side in sides]) for n in range(2))
    stretch = (
        _stretch(frames, level, slope, padding * pixel_mm, pixel_mm, water_per_mm) if padding else np.empty(0)
    )
    return Continuation(padding, pixel_mm, level, slope, stretch, water_per_mm)


def continued(frames: Float32Array, views: IntArray, plan: Continuation) -> Float32Array:
    """Return the frames of `views` (V, rows, columns) with `plan.padding` columns more on both sides."""
    chosen = frames[views]
    if plan.padding == 0:
        return chosen
    outward = np.arange(1, plan.padding + 1) * plan.pixel_mm / plan.stretch[views][..., None]
    fade = np.clip(4 * (1 - np.arange(1, plan.padding + 1) / plan.padding), 0, 1)
    left, right = (
        (_beyond(plan.level[side, views], plan.slope[side, views], outward, plan.water_per_mm) * fade).astype(
            np.float32
        )
        for side in (0, 1)
    )
    return np.concatenate([left[:, :, ::-1], chosen, right], axis=2)


def _beyond(
    level: Float64Array, slope: Float64Array, outward_mm: Float64Array, water_per_mm: float
) -> Float64Array:
    """Return the line integral at places beyond an edge: the chord of a cylinder of water."""
    fall = 2 * np.maximum(slope, 0) * level
    square = (level**2)[..., None] - fall[..., None] * outward_mm - (2 * water_per_mm * outward_mm) ** 2
    beyond: Float64Array = np.sqrt(np.maximum(square, 0))
    return beyond


def _edge(frames: Float32Array, pixel_mm: float, water_per_mm: float) -> tuple[Float64Array, Float64Array]:
    """Fit a cylinder of water to the first columns: level at the first one, slope into the frame; (N, rows).

    The square of a chord plus that of the place is linear in the place, so a line fits over any width.
    """
    count = int(np.clip(round(EDGE_MM / pixel_mm), 3, frames.shape[2]))
    inward = np.arange(count) * pixel_mm
    place = inward - inward.mean()
    squares = frames[:, :, :count].astype(np.float64) ** 2 + (2 * water_per_mm * inward) ** 2
    rows = max(1, round(SMOOTHED_ROWS_MM / pixel_mm))
    rise = ndimage.uniform_filter1d(squares @ place / (place @ place), rows, axis=1)
    mean = ndimage.uniform_filter1d(squares.mean(2), rows, axis=1)
    level = np.sqrt(np.maximum(mean - rise * inward.mean(), 0))
    return level, rise / 2 / np.maximum(level, 1e-3)


def _stretch(
    frames: Float32Array,
    level: Float64Array,
    slope: Float64Array,
    reach_mm: float,
    pixel_mm: float,
    water_per_mm: float,
) -> Float64Array:
    """Return the factor (N, rows) that makes the total attenuation of a row the one agreed."""
    outward = (np.arange(MASS_SAMPLES) + 0.5) / MASS_SAMPLES * reach_mm
    added = sum(
        _beyond(level[side], slope[side], outward, water_per_mm).mean(-1) * reach_mm for side in (0, 1)
    )
    seen = frames.sum(2, dtype=np.float64) * pixel_mm
    rows = max(1, round(SMOOTHED_ROWS_MM / pixel_mm))
    total = ndimage.uniform_filter1d(np.percentile(seen + added, AGREED_PERCENTILE, axis=0), rows)
    factor: Float64Array = np.clip((total - seen) / np.maximum(added, 1e-3), *STRETCH_LIMITS)
    return factor

"""Light on what a picture shows: a lamp beside the viewer, and hollows darker than ridges."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from ..arrays import BoolArray, Float32Array, UInt8Array

_LAMP = np.array([-0.35, 0.45, 0.82], np.float32)
_HALF_WAY = np.array([-0.18, 0.23, 0.95], np.float32)
_AMBIENT, _HEAD_LIGHT, _KEY_LIGHT, _GLOSS = 0.22, 0.38, 0.45, 0.10
_SHARPNESS = 16
_HOLLOW_SCALES = (0.006, 0.03)
_HOLLOW_STRENGTH = 0.42
_RIDGE_STRENGTH = 0.10
_DEPTH_CUE = 0.22


def lit(colours: Float32Array, normals: Float32Array, openness: Float32Array) -> Float32Array:
    """Return the colours (P, 3) of points in the light.

    Parameters
    ----------
    colours : (P, 3) of the surface, 0 to 1
    normals : (P, 3) in the viewer's axes (right, top, towards the viewer), of any length and side
    openness : (P,) factor for hollows and depth, about 1
    """
    facing = normals * np.where(normals[:, 2:] < 0, np.float32(-1), np.float32(1))
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-30)
    diffuse = _AMBIENT + _HEAD_LIGHT * facing[:, 2] + _KEY_LIGHT * np.clip(facing @ _LAMP, 0, None)
    gloss = _GLOSS * np.clip(facing @ _HALF_WAY, 0, None) ** _SHARPNESS
    result: Float32Array = np.clip(
        colours * (diffuse * openness)[:, None] + (gloss * openness)[:, None], 0, 1
    )
    return result


def openness(heights: Float32Array, extent_mm: float) -> Float32Array:
    """Return how open each pixel lies, about 1: hollows and far parts are darker, ridges brighter.

    Hollows are found as the depth less its blur (T. Luft, C. Colditz, O. Deussen, "Image enhancement by
    unsharp masking the depth buffer", ACM Transactions on Graphics 25(3), 2006), at two scales.

    Parameters
    ----------
    heights : (side, side) heights towards the viewer in mm, NaN where nothing is seen
    extent_mm : width of the picture
    """
    is_seen = np.isfinite(heights)
    if not is_seen.any():
        return np.ones_like(heights)
    depth_range = max(float(np.ptp(heights[is_seen])), 1e-9)
    factor = 1.0 - _DEPTH_CUE * (np.nanmax(heights) - heights) / max(depth_range, extent_mm / 4)
    for scale in _HOLLOW_SCALES:
        sunk = _height_above(heights, is_seen, scale) / (2.5 * scale * extent_mm)
        factor *= 1.0 - _HOLLOW_STRENGTH * np.clip(sunk, 0, 1) + _RIDGE_STRENGTH * np.clip(-sunk, 0, 1)
    return np.where(is_seen, factor, 1.0)


def _height_above(heights: Float32Array, is_seen: BoolArray, scale: float) -> Float32Array:
    """Return how far the surroundings (blurred over `scale` of the width) stand above each pixel, in mm."""
    step = max(1, int(scale * len(heights) / 4))
    known = is_seen[::step, ::step].astype(np.float32)
    filled = np.where(is_seen, heights, 0.0)[::step, ::step].astype(np.float32)
    sigma = scale * len(heights) / step
    blurred = gaussian_filter(filled, sigma, mode="constant") / np.maximum(
        gaussian_filter(known, sigma, mode="constant"), 1e-6
    )
    around = np.repeat(np.repeat(blurred, step, 0), step, 1)[: len(heights), : len(heights)]
    result: Float32Array = around - heights
    return result


def averaged(picture: Float32Array, samples: int) -> UInt8Array:
    """Return the mean of each square of `samples` x `samples` pixels, as bytes: the antialiased picture."""
    side = len(picture) // samples
    mean = picture.reshape(side, samples, side, samples, 3).mean((1, 3))
    result: UInt8Array = np.round(mean * 255).astype(np.uint8)
    return result

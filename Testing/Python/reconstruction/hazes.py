"""Scatter put into frames by the convolution model, as for simulated sweeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.reconstruction.scatter import pixel_at_axis_mm
from scipy.ndimage import gaussian_filter


def scattered(sweep: Sweep, share: float, spread_mm: float) -> Sweep:
    """The frames under a haze of what the beam loses, spread by a Gaussian as wide as told at the axis."""
    primary = np.exp(-sweep.frames.astype(float))
    sigma = spread_mm / pixel_at_axis_mm(sweep)
    haze = np.stack([gaussian_filter(frame, sigma, mode="constant") for frame in primary * sweep.frames])
    behind = sweep.frames > 0.5
    scale = [p[b].mean() / h[b].mean() for p, h, b in zip(primary, haze, behind, strict=True)]
    seen = primary + share * np.array(scale)[:, None, None] * haze
    return replace(sweep, frames=-np.log(seen).astype(np.float32))

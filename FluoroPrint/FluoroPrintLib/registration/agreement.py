"""How well a model agrees with the frames of a sweep, in a few figures a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..errors import FluoroPrintError
from ..geometry.sweep import SweepGeometry
from ..progress import Progress, silent
from .outline_distance import OutlineDistance, outline_distance
from .silhouette import SurfaceContours

LIKELY_SHARE = 95
"""The percentile that stands for "nearly all of the outline"."""


@dataclass(frozen=True)
class Agreement:
    """Distances between a model's outline and the edges found beside it in one frame.

    Attributes
    ----------
    view : index of the frame
    found : share of the outline with an edge beside it; 0 where the model lies outside of the frame
    mean_mm, p95_mm : mean and 95th percentile of the distances, sign aside, at the depth of the model; NaN
        where no edge is found
    bias_mm : mean with the sign: positive where the edges lie outside of the model
    mean_px, p95_px : as above in pixels of the frame
    """

    view: int
    found: float
    mean_mm: float
    p95_mm: float
    bias_mm: float
    mean_px: float
    p95_px: float


def agreement(distance: OutlineDistance, view: int) -> Agreement:
    """Return the figures of the distances found in a frame."""
    has_edge = np.isfinite(distance.distances_mm)
    if not has_edge.any():
        return without_edges(view)
    mm, px = distance.distances_mm[has_edge], distance.distances_px[has_edge]
    return Agreement(view, distance.found, *_of(mm), float(mm.mean()), *_of(px))


def _of(distances: Float64Array) -> tuple[float, float]:
    sizes = np.abs(distances)
    return float(sizes.mean()), float(np.percentile(sizes, LIKELY_SHARE))


def without_edges(view: int) -> Agreement:
    """Return what stands for a frame in which nothing can be compared."""
    return Agreement(view, 0.0, *[float("nan")] * 5)


def agreement_in_frames(
    contours: SurfaceContours,
    frames: Float32Array,
    geometry: SweepGeometry,
    views: Sequence[int],
    model_to_ras: Float64Array | None = None,
    progress: Progress = silent,
) -> tuple[Agreement, ...]:
    """Compare a model with several frames of a sweep.

    Parameters
    ----------
    contours : of the model
    frames : (N, rows, columns) line integrals of the whole sweep
    geometry : of the whole sweep
    views : indices of the frames to compare, in this order
    model_to_ras : (4, 4) where the model stands in the patient; as it is by default
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The model is seen in none of the frames; the sentence is that of the first.
    """
    found, faults = [], []
    for count, view in enumerate(views):
        progress(count / len(views), f"comparing frame {view + 1}")
        try:
            seen = contours.outline(geometry, view, model_to_ras)
            found.append(agreement(outline_distance(seen, frames[view], geometry, view), view))
        except FluoroPrintError as fault:
            faults.append(fault)
            found.append(without_edges(view))
    if faults and len(faults) == len(found):
        raise faults[0]
    return tuple(found)

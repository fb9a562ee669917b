"""How far a model's outline lies from the edges that a frame shows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..geometry.sweep import SweepGeometry, focal_lengths
from .silhouette import Silhouette

STEP_PX = 0.25
SAMPLE_PX = 1.0
NOISE_FACTOR = 4.0
"""An edge counts where the fall of the frame is this many times the usual slope of its noise."""
QUIET_SHARE, MEDIAN_OF_QUIET = 0.25, 2.117
"""The usual slope is told from the quietest quarter, since a round bone slopes all over its inside; of normal
noise the median is this many times the quarter's limit."""
QUIET_PX = 8.0
"""So far to either side, or further, noise is measured: a narrow search may lie within the bone alone."""


@dataclass(frozen=True)
class OutlineDistance:
    """Distances from an outline to the nearest edges of a frame, along the outline's normals.

    Attributes
    ----------
    points_px : (P, 2) samples of the outline inside the frame as (column, row)
    distances_px : (P,) where the frame's edge lies; positive outside of the model, NaN where none is found
    distances_mm : (P,) the same at the depth of the model
    found : share of the samples with an edge
    median_px, median_mm : median of the absolute distances; NaN where no edge is found
    points_ras : (P, 3) where the samples lie on the surface, RAS mm
    """

    points_px: Float64Array
    distances_px: Float64Array
    distances_mm: Float64Array
    found: float
    median_px: float
    median_mm: float
    points_ras: Float64Array = field(default_factory=lambda: np.zeros((0, 3)))


def outline_distance(
    seen: Silhouette,
    frame: Float32Array,
    geometry: SweepGeometry,
    view: int,
    *,
    search_px: float = 8.0,
    smoothing_px: float = 1.0,
) -> OutlineDistance:
    """Measure where a frame has its edges beside a silhouette's outline.

    Bone is denser than what surrounds it, so line integrals fall from inside the outline to outside; the
    edge is where they fall most within the search range.

    Parameters
    ----------
    seen : silhouette in this frame
    frame : (rows, columns) line integrals
    geometry, view : the sweep's geometry and the index of the frame
    search_px : how far to look on either side of the outline
    smoothing_px : standard deviation of the smoothing against noise

    Raises
    ------
    FluoroPrintError
        No part of the outline lies in the frame.
    """
    points, normals, edges = _samples(seen, frame.shape)
    if len(points) == 0:
        raise FluoroPrintError(
            f"The model lies outside of frame {view + 1}: choose a frame that shows it, or move the model."
        )
    reach_px = max(search_px, QUIET_PX)
    offsets = np.arange(-reach_px, reach_px + STEP_PX / 2, STEP_PX)
    slope = _falls(frame, points, normals, offsets, smoothing_px)
    usual = NOISE_FACTOR * MEDIAN_OF_QUIET * np.quantile(np.abs(slope), QUIET_SHARE)
    searched = np.abs(offsets) <= search_px + STEP_PX / 2
    slope, offsets = slope[:, searched], offsets[searched]
    best = slope.argmax(1)
    strongest = slope[np.arange(len(best)), best]
    within = (best > 0) & (best < len(offsets) - 1)
    distances = np.where(within & (strongest > max(usual, 1e-9)), _refined(slope, best, offsets), np.nan)
    millimetres = distances * mm_per_px(edges, geometry, view)
    has_edge = np.isfinite(distances)
    median_px, median_mm = (
        float(np.median(np.abs(values[has_edge]))) if has_edge.any() else float("nan")
        for values in (distances, millimetres)
    )
    found = float(has_edge.mean())
    return OutlineDistance(points, distances, millimetres, found, median_px, median_mm, edges)


def _samples(seen: Silhouette, shape: tuple[int, ...]) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return points about a pixel apart on the outline, outward normals, and their places in RAS."""
    segments, edges = seen.segments_px[seen.is_outline], seen.edges_ras[seen.is_outline]
    along = segments[:, 1] - segments[:, 0]
    length = np.linalg.norm(along, axis=1)
    kept = length > 1e-9
    segments, edges, along, length = segments[kept], edges[kept], along[kept], length[kept]
    chosen = _about_one_a_pixel(length)
    points, outward = segments[chosen].mean(1), np.stack([along[:, 1], -along[:, 0]], 1)[chosen]
    outward /= length[chosen, None]
    flip = _covers(seen, points + outward) & ~_covers(seen, points - outward)
    outward[flip] *= -1
    inside = ((points >= 0) & (points <= [shape[1] - 1, shape[0] - 1])).all(1)
    return points[inside], outward[inside], edges[chosen].mean(1)[inside]


def _about_one_a_pixel(length: Float64Array) -> IntArray:
    """Return the segments to sample: all long ones, of short ones as many as fill a pixel."""
    travelled = np.cumsum(length)
    marks = np.floor(travelled / SAMPLE_PX)
    chosen: IntArray = np.flatnonzero(np.diff(marks, prepend=-1.0) > 0)
    return chosen


def _covers(seen: Silhouette, places: Float64Array) -> BoolArray:
    rows, columns = seen.shadow.shape
    column, row = np.rint(places).astype(int).T
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    covered: BoolArray = np.zeros(len(places), bool)
    covered[inside] = seen.shadow[row[inside], column[inside]]
    return covered


def _falls(
    frame: Float32Array,
    points: Float64Array,
    normals: Float64Array,
    offsets: Float64Array,
    smoothing_px: float,
) -> Float64Array:
    """Return how steeply the smoothed frame falls outwards at each offset of each point: (P, O)."""
    places = points[:, None] + offsets[:, None] * normals[:, None]
    smooth = ndimage.gaussian_filter(frame.astype(np.float64), smoothing_px)
    slope = np.zeros(places.shape[:2])
    for axis, part in ((0, 1), (1, 0)):
        gradient = np.gradient(smooth, axis=axis)
        read = ndimage.map_coordinates(gradient, [places[..., 1], places[..., 0]], order=1, mode="nearest")
        slope -= read * normals[:, None, part]
    return slope


def _refined(slope: Float64Array, best: Float64Array, offsets: Float64Array) -> Float64Array:
    """Return the place of the peak between samples, by the parabola through it and its neighbours."""
    at = np.arange(len(best))
    middle = np.clip(best, 1, slope.shape[1] - 2)
    before, peak, after = (slope[at, middle + n] for n in (-1, 0, 1))
    bend = before - 2 * peak + after
    moved = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, 1), 0.0)
    refined: Float64Array = offsets[best] + np.clip(moved, -1, 1) * STEP_PX
    return refined


def mm_per_px(places_ras: Float64Array, geometry: SweepGeometry, view: int) -> Float64Array:
    """Return how many mm a pixel is wide at each place (P, 3), RAS mm; the mean of both directions."""
    matrix = geometry.ras_to_pixel[view]
    depth = places_ras @ matrix[2, :3] + matrix[2, 3]
    along_columns, along_rows, _ = focal_lengths(geometry)
    focal_px = (along_columns[view] + along_rows[view]) / 2
    scale: Float64Array = depth / focal_px
    return scale

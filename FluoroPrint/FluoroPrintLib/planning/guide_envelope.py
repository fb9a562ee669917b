"""The face of a guide that lies on the bone: the bone's offset as it is seen along the withdrawal.

In the guide's own frame z is the direction in which it is taken off. Over a grid of columns the height is
kept at which a ball of the gap's radius, let down the column, touches the bone. All that a guide has in a
column lies above that height, and nothing of the bone does: so it has no undercuts and comes off freely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import BoolArray, Float64Array, IntArray
from ..mesh.distance import distances_mm
from ..mesh.polydata import points_of
from ..progress import Progress, silent
from ..shape.probing import Probe
from ..shape.solids import Solid, solid_from

STEEPEST_DEG = 70.0
"""A steeper face bears nothing: it is bridged, and counts as no contact."""
DOWN_TO_MM = 0.002
MOST_ROUNDS = 24
SPARE_MM = 0.5
BELOW_MM = 2.0
DEEP_MM = 200.0
"""So far below the bone's lowest place nothing of a guide is built, sleeves and walls that lean included."""
RIM_DEG = 60.0
"""A base ends where the bone falls off more steeply than this."""
SMOOTHING_MM = 1.0
"""Bumps smaller than this do not end a base."""


@dataclass(frozen=True)
class Envelope:
    """Heights over a grid in the frame of a guide, mm.

    Attributes
    ----------
    low_mm : (2,) x and y of the first column
    step_mm : from one column to the next
    height_mm : (J, I) the least height that a guide may have
    met : (J, I) whether there is bone in the column
    contact : (J, I) whether the bone is touched there, at the gap; neither steep nor bridged
    """

    low_mm: Float64Array
    step_mm: float
    height_mm: Float64Array
    met: BoolArray
    contact: BoolArray

    @property
    def x_mm(self) -> Float64Array:
        """The places of the columns along x: (I,)."""
        x: Float64Array = self.low_mm[0] + self.step_mm * np.arange(self.height_mm.shape[1])
        return x

    @property
    def y_mm(self) -> Float64Array:
        """The places of the columns along y: (J,)."""
        y: Float64Array = self.low_mm[1] + self.step_mm * np.arange(self.height_mm.shape[0])
        return y

    @property
    def floor_mm(self) -> float:
        """The least height of all."""
        return float(self.height_mm.min())

    def at(self, places_mm: Float64Array) -> Float64Array:
        """Return the heights at places (N, 2), straight between the columns."""
        return self._sampled(self.height_mm, places_mm)

    def is_contact(self, places_mm: Float64Array) -> BoolArray:
        """Tell which places (N, 2) have contact in all the columns about them."""
        every: BoolArray = self._sampled(self.contact.astype(float), places_mm) > 1 - 1e-6
        return every

    def _sampled(self, values: Float64Array, places_mm: Float64Array) -> Float64Array:
        ij = (places_mm - self.low_mm) / self.step_mm
        sampled: Float64Array = ndimage.map_coordinates(values, ij[:, ::-1].T, order=1, mode="nearest")
        return sampled


def envelope_of(
    bone: vtkPolyData,
    low_mm: Float64Array,
    high_mm: Float64Array,
    gap_mm: float,
    step_mm: float,
    progress: Progress = silent,
) -> Envelope:
    """Return the envelope of a closed bone in the guide's frame, over the box from low to high (2,).

    Rays tell where each column first meets bone. From above all that is near, each height then sinks by
    what its distance to the bone exceeds the gap (Hart's sphere tracing, Visual Computer 12, 1996), until
    the gap is reached.
    """
    count = np.ceil((high_mm - low_mm) / step_mm).astype(int) + 1
    x, y = (low_mm[axis] + step_mm * np.arange(count[axis]) for axis in range(2))
    columns = np.stack(np.meshgrid(x, y), -1)
    first = _first_heights(bone, columns)
    progress(0.3, "Laying the guide on the bone")
    height = _let_down(bone, columns, first, gap_mm)
    met = np.isfinite(height)
    height[~met] = (height[met].min() if met.any() else 0.0) - BELOW_MM
    steep = _rise(height) > step_mm * np.tan(np.radians(STEEPEST_DEG))
    bridged = np.where(steep, ndimage.maximum_filter(height, 3), height)
    return Envelope(low_mm, step_mm, bridged, met, met & ~steep)


def _first_heights(bone: vtkPolyData, columns: Float64Array) -> Float64Array:
    """Return where rays from above first meet the bone, -inf where they meet none: (J, I)."""
    z = points_of(bone)[:, 2]
    top, length = z.max() + 1.0, np.ptp(z) + 2.0
    flat = columns.reshape(-1, 2)
    starts = np.column_stack([flat, np.full(len(flat), top)])
    along = Probe(bone).first_hits(starts, np.array([0.0, 0.0, -1.0]), length).along_mm
    heights: Float64Array = (top - along).reshape(columns.shape[:2])
    return heights


def _let_down(bone: vtkPolyData, columns: Float64Array, first: Float64Array, gap_mm: float) -> Float64Array:
    """Return how far a ball comes down in each column; -inf where it meets no bone."""
    height = ndimage.maximum_filter(first, 5) + gap_mm + SPARE_MM
    lowest = first[np.isfinite(first)].min() if np.isfinite(first).any() else 0.0
    falling = np.isfinite(height)
    for _ in range(MOST_ROUNDS):
        places = np.column_stack([columns[falling], height[falling]])
        if len(places) == 0:
            break
        sink = distances_mm(places, bone) - gap_mm
        height[falling] -= sink
        done = (sink < DOWN_TO_MM) | (height[falling] < lowest - BELOW_MM)
        falling[falling] = ~done
    let_down: Float64Array = np.where(height < lowest - BELOW_MM, -np.inf, height)
    return let_down


def _rise(height: Float64Array) -> Float64Array:
    """Return the greatest difference of each height to those beside it."""
    around = np.ones((3, 3))
    high = ndimage.maximum_filter(height, footprint=around) - height
    rise: Float64Array = np.maximum(high, height - ndimage.minimum_filter(height, footprint=around))
    return rise


def thickened(envelope: Envelope, wall_mm: float) -> Float64Array:
    """Return the heights of a wall upon the envelope, nowhere thinner than asked for: (J, I).

    A ball of the wall's radius rolls over the envelope (grey dilation).
    """
    reach = int(np.ceil(wall_mm / envelope.step_mm))
    offsets = np.arange(-reach, reach + 1) * envelope.step_mm
    squared = offsets[:, None] ** 2 + offsets[None] ** 2
    ball = np.where(squared <= wall_mm**2, np.sqrt(np.maximum(wall_mm**2 - squared, 0.0)), -1e6)
    heights: Float64Array = ndimage.grey_dilation(envelope.height_mm, structure=ball, mode="nearest")
    return heights


def forbidden_solid(envelope: Envelope) -> Solid:
    """Return all that lies below the envelope, deeper than anything is built."""
    bottom = np.full_like(envelope.height_mm, envelope.floor_mm - DEEP_MM)
    return between(envelope, bottom, envelope.height_mm)


def between(envelope: Envelope, bottom_mm: Float64Array, top_mm: Float64Array) -> Solid:
    """Return the solid between two heights (J, I) of the columns of an envelope."""
    y, x = np.meshgrid(envelope.y_mm, envelope.x_mm, indexing="ij")
    points = [np.column_stack([x.ravel(), y.ravel(), z.ravel()]) for z in (bottom_mm, top_mm)]
    rows, columns = envelope.height_mm.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    upper = _quads(number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1])
    rim = np.concatenate([number[0, :-1], number[:-1, -1], number[-1, :0:-1], number[:0:-1, 0]])
    after, above = np.roll(rim, -1), rows * columns
    walls = _quads(rim, after, after + above, rim + above)
    triangles = np.concatenate([upper[:, ::-1], upper + above, walls])
    return solid_from(np.concatenate(points), triangles)


def _quads(a: IntArray, b: IntArray, c: IntArray, d: IntArray) -> IntArray:
    """Return two triangles for each quad, in the sense in which its corners are given."""
    corners = [np.ravel(corner) for corner in (a, b, c, d)]
    return np.concatenate([np.column_stack([corners[i] for i in three]) for three in ((0, 1, 2), (0, 2, 3))])


def on_bone(envelope: Envelope, most_mm: float) -> BoolArray:
    """Tell which columns a guide about the origin may cover: bone no further up or down than `most_mm`.

    (J, I); one piece without holes, that of the column nearest to the origin. It ends where the bone falls
    off; steep places within it are covered.
    """
    smooth = ndimage.gaussian_filter(envelope.height_mm, SMOOTHING_MM / envelope.step_mm, mode="nearest")
    low = envelope.met & (np.abs(envelope.height_mm) <= most_mm)
    within = low & (_rise(smooth) <= envelope.step_mm * np.tan(np.radians(RIM_DEG)))
    within = ndimage.binary_opening(within, iterations=2)
    labels, _ = ndimage.label(within)
    away = np.where(within, np.hypot(envelope.x_mm[None], envelope.y_mm[:, None]), np.inf)
    piece = ndimage.binary_fill_holes((labels == labels.flat[away.argmin()]) & within)
    rounded = ndimage.gaussian_filter(piece.astype(float), 2 * SMOOTHING_MM / envelope.step_mm) > 0.5
    covered: BoolArray = rounded & low
    return covered

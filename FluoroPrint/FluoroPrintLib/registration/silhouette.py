"""The silhouette of a surface as the X-ray source of a frame sees it.

A contour generator is a line on the surface where it turns from facing the source to facing away. On a mesh
it runs along the edges between such triangles; directed with the triangles that face the source, its
projection is the border of what these cover. So the winding number of the projected contour about a pixel
counts the layers of surface in front of it: the shadow is where it is not 0, exactly, from a few thousand
edges instead of all triangles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from vtkmodules.vtkCommonCore import mutable
from vtkmodules.vtkCommonDataModel import vtkPolyData, vtkStaticCellLocator

from ..arrays import BoolArray, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..geometry.sweep import SweepGeometry, source_positions
from ..geometry.volume import transformed
from ..mesh.polydata import points_of, triangles_of, triangulated
from ..progress import Progress, silent

FINER = 4
"""The shadow is drawn this much finer than a pixel to tell its border from lines inside."""
BESIDE_PX = 0.3
NEARER_SHARE = 1e-4
"""A line is taken to end this share before it reaches the contour, where the surface itself begins."""
LINES_A_REPORT = 256


@dataclass(frozen=True)
class Silhouette:
    """What is seen of a surface in a frame.

    Attributes
    ----------
    segments_px : (S, 2, 2) ends of straight pieces as (column, row); the surface lies at the right going
        from the first to the second, seen with rows downwards
    edges_ras : (S, 2, 3) the same pieces on the surface in RAS mm
    is_outline : (S,) whether a piece borders on what the surface does not cover: its outer border and that
        of its holes; the others are visible contours inside
    shadow : (rows, columns) pixels whose centre the surface covers
    """

    segments_px: Float64Array
    edges_ras: Float64Array
    is_outline: BoolArray
    shadow: BoolArray


class SurfaceContours:
    """A surface ready for the silhouettes of many frames: what they share is made once.

    Parameters
    ----------
    surface : triangles in mm, facing outward; closed for a true shadow. It is copied: what becomes of it
        later does not matter here.

    Raises
    ------
    FluoroPrintError
        The surface has no triangles.
    """

    def __init__(self, surface: vtkPolyData) -> None:
        self._surface = triangulated(surface)
        self._points, triangles = points_of(self._surface), triangles_of(self._surface)
        if len(triangles) == 0:
            raise FluoroPrintError("The model has no triangles: choose a model with a surface.")
        a, b, c = self._points[triangles.T]
        self._normals = np.cross(b - a, c - a)
        self._offsets = np.einsum("fi,fi->f", self._normals, a)
        directed = np.stack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
        low, high = directed.min(2), directed.max(2)
        keys, which = np.unique(low * len(self._points) + high, return_inverse=True)
        self._edges: IntArray = np.stack([keys // len(self._points), keys % len(self._points)], 1)
        self._edge_of_side = which.reshape(low.shape)
        self._turn_of_side = np.where(directed[:, :, 0] == low, 1.0, -1.0)
        self._locator: Any = None

    def outline(
        self, geometry: SweepGeometry, view: int, model_to_ras: Float64Array | None = None
    ) -> Silhouette:
        """Return the silhouette in a frame without the contours inside, which take much longer.

        Parameters
        ----------
        geometry : of the sweep
        view : index of the frame
        model_to_ras : (4, 4) where the surface stands in the patient; as it is by default

        Raises
        ------
        FluoroPrintError
            The surface reaches behind the source, or the sweep has no such frame.
        """
        contour = self._contour(geometry, view, model_to_ras)
        return contour.seen(contour.is_outline)

    def silhouette(
        self,
        geometry: SweepGeometry,
        view: int,
        model_to_ras: Float64Array | None = None,
        progress: Progress = silent,
    ) -> Silhouette:
        """Return the silhouette in a frame with the visible contours inside.

        Parameters
        ----------
        geometry, view, model_to_ras : as for `outline`
        progress : told how far the work is; may cancel
        """
        contour = self._contour(geometry, view, model_to_ras)
        visible = self._is_visible(contour.edges, contour.source, ~contour.is_outline, progress)
        return contour.seen(contour.is_outline | visible)

    def _contour(self, geometry: SweepGeometry, view: int, model_to_ras: Float64Array | None) -> _Contour:
        if not 0 <= view < geometry.count:
            raise FluoroPrintError(
                f"There is no frame {view + 1}: choose one of the sweep's {geometry.count} frames."
            )
        to_ras = np.eye(4) if model_to_ras is None else model_to_ras
        matrix = geometry.ras_to_pixel[view] @ to_ras
        if (self._points @ matrix[2, :3] + matrix[2, 3]).min() <= 0:
            raise FluoroPrintError(
                f"The model reaches behind the X-ray source of frame {view + 1}: "
                "move it to the patient's place."
            )
        source = source_positions(matrix[None])[0]
        edges = self._points[self._edges_facing(source)]
        segments = project_points(matrix, edges.reshape(-1, 3)).reshape(-1, 2, 2)
        shape = (geometry.rows, geometry.columns)
        return _Contour(segments, edges, source, to_ras, shape, _is_outline(segments, shape))

    def _edges_facing(self, source: Float64Array) -> IntArray:
        """Return the edges (E, 2) that border on the triangles facing the source, directed as in these.

        An edge of several such triangles stands as often as it is left over.
        """
        facing = self._normals @ source > self._offsets
        sides, turns = self._edge_of_side[:, facing].ravel(), self._turn_of_side[:, facing].ravel()
        # An edge between two front faces runs once each way, and cancels.
        net = np.bincount(sides, turns, len(self._edges)).astype(int)
        kept = np.flatnonzero(net)
        pairs = np.where(net[kept, None] < 0, self._edges[kept, ::-1], self._edges[kept])
        edges: IntArray = np.repeat(pairs, np.abs(net[kept]), axis=0)
        return edges

    def _is_visible(
        self, edges: Float64Array, source: Float64Array, asked: BoolArray, progress: Progress
    ) -> BoolArray:
        """Tell which of the pieces asked for have nothing of the surface between them and the source."""
        locator = self._ready_locator()
        visible = np.zeros(len(edges), bool)
        t, cell, sub = mutable(0.0), mutable(0), mutable(0)
        where, place = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
        start, numbers = source.tolist(), np.flatnonzero(asked)
        middles = edges[numbers].mean(1)
        ends = (middles + NEARER_SHARE * (source - middles)).tolist()
        for count, (n, end) in enumerate(zip(numbers, ends, strict=True)):
            if count % LINES_A_REPORT == 0:
                progress(count / len(ends), "finding the visible contours")
            visible[n] = not locator.IntersectWithLine(start, end, 1e-9, t, where, place, sub, cell)
        return visible

    def _ready_locator(self) -> Any:
        if self._locator is None:
            self._locator = vtkStaticCellLocator()
            self._locator.SetDataSet(self._surface)
            self._locator.BuildLocator()
        return self._locator


@dataclass(frozen=True)
class _Contour:
    """All of the contour in a frame, hidden or not; edges and source in the surface's own place."""

    segments_px: Float64Array
    edges: Float64Array
    source: Float64Array
    to_ras: Float64Array
    shape: tuple[int, int]
    is_outline: BoolArray

    def seen(self, shown: BoolArray) -> Silhouette:
        edges_ras = transformed(self.edges[shown], self.to_ras)
        shadow = layers(self.segments_px, self.shape) != 0
        return Silhouette(self.segments_px[shown], edges_ras, self.is_outline[shown], shadow)


def silhouette(surface: vtkPolyData, geometry: SweepGeometry, view: int) -> Silhouette:
    """Return the silhouette of a surface in a frame.

    Parameters
    ----------
    surface : triangles in RAS mm, facing outward; closed for a true shadow
    geometry : of the sweep
    view : index of the frame

    Raises
    ------
    FluoroPrintError
        The surface has no triangles, reaches behind the source, or the sweep has no such frame.
    """
    return SurfaceContours(surface).silhouette(geometry, view)


def project_points(matrix: Float64Array, points_ras: Float64Array) -> Float64Array:
    """Return the pixels (P, 2) as (column, row) of points (P, 3) by a projection matrix (3, 4)."""
    seen = points_ras @ matrix[:, :3].T + matrix[:, 3]
    pixels: Float64Array = seen[:, :2] / seen[:, 2:]
    return pixels


def layers(segments_px: Float64Array, shape: tuple[int, int]) -> IntArray:
    """Return the winding number of closed directed lines about every pixel centre.

    Parameters
    ----------
    segments_px : (S, 2, 2) ends of the pieces as (column, row)
    shape : rows and columns of the frame

    Returns
    -------
    (rows, columns); for the contour of a surface, how often it lies before the pixel, with one sign
    """
    rows, columns = shape
    start, end = segments_px[:, 0], segments_px[:, 1]
    upward = end[:, 1] < start[:, 1]
    top, bottom = np.where(upward, end.T, start.T).T, np.where(upward, start.T, end.T).T
    # A row is crossed from its top end, itself not, to its bottom end, itself too: no corner counts twice.
    first = np.clip(np.floor(top[:, 1]).astype(np.int64) + 1, 0, rows)
    count = np.clip(np.floor(bottom[:, 1]).astype(np.int64) + 1, 0, rows) - first
    which = np.repeat(np.arange(len(count)), np.maximum(count, 0))
    starts = np.cumsum(np.maximum(count, 0)) - np.maximum(count, 0)
    row = first[which] + np.arange(len(which)) - starts[which]
    share = (row - top[which, 1]) / (bottom[which, 1] - top[which, 1])
    column = top[which, 0] + share * (bottom[which, 0] - top[which, 0])
    begins = np.clip(np.ceil(column).astype(np.int64), 0, columns)
    turns = np.where(upward[which], -1.0, 1.0)
    steps = np.bincount(row * (columns + 1) + begins, turns, rows * (columns + 1)).astype(np.int64)
    winding: IntArray = np.cumsum(steps.reshape(rows, columns + 1), axis=1)[:, :columns]
    return winding


def _is_outline(segments_px: Float64Array, shape: tuple[int, int]) -> BoolArray:
    """Tell which pieces have the shadow on one side alone, on a grid finer than the pixels."""
    low = np.floor(np.maximum(segments_px.min((0, 1)), [-2, -2])) - 1
    high = np.ceil(np.minimum(segments_px.max((0, 1)), [shape[1] + 1, shape[0] + 1])) + 1
    size = np.maximum((high - low) * FINER, 1).astype(int)
    shadow = layers((segments_px - low) * FINER, (size[1], size[0])) != 0
    middle = segments_px.mean(1)
    along = segments_px[:, 1] - segments_px[:, 0]
    length = np.linalg.norm(along, axis=1, keepdims=True)
    beside = np.stack([-along[:, 1], along[:, 0]], 1) / np.maximum(length, 1e-12) * BESIDE_PX
    sides = [_at(shadow, (middle + sign * beside - low) * FINER) for sign in (1, -1)]
    outline: BoolArray = sides[0] != sides[1]
    return outline


def _at(mask: BoolArray, places: Float64Array) -> BoolArray:
    """Return the mask at the pixels nearest to places (P, 2) of (column, row); False outside."""
    column, row = np.rint(places).astype(np.int64).T
    inside = (row >= 0) & (row < mask.shape[0]) & (column >= 0) & (column < mask.shape[1])
    found: BoolArray = np.zeros(len(places), bool)
    found[inside] = mask[row[inside], column[inside]]
    return found

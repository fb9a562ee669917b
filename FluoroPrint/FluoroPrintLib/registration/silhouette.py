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
from ..geometry.sweep import SweepGeometry
from ..mesh.polydata import points_of, triangles_of, triangulated

FINER = 4
"""The shadow is drawn this much finer than a pixel to tell its border from lines inside."""
BESIDE_PX = 0.3
NEARER_SHARE = 1e-4
"""A line is taken to end this share before it reaches the contour, where the surface itself begins."""


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
    surface = triangulated(surface)
    points, triangles = points_of(surface), triangles_of(surface)
    _refuse(points, triangles, geometry, view)
    matrix, source = geometry.ras_to_pixel[view], geometry.sources_ras[view]
    pixels = project_points(matrix, points)
    edges = contour_edges(points, triangles, source)
    segments = pixels[edges]
    shape = (geometry.rows, geometry.columns)
    outline = _is_outline(segments, shape)
    shown = outline | _is_visible(surface, points[edges], source, ~outline)
    shadow = layers(segments, shape) != 0
    return Silhouette(segments[shown], points[edges[shown]], outline[shown], shadow)


def _refuse(points: Float64Array, triangles: IntArray, geometry: SweepGeometry, view: int) -> None:
    if len(triangles) == 0:
        raise FluoroPrintError("The model has no triangles: choose a model with a surface.")
    if not 0 <= view < geometry.count:
        raise FluoroPrintError(
            f"There is no frame {view + 1}: choose one of the sweep's {geometry.count} frames."
        )
    depth = points @ geometry.ras_to_pixel[view, 2, :3] + geometry.ras_to_pixel[view, 2, 3]
    if depth.min() <= 0:
        raise FluoroPrintError(
            f"The model reaches behind the X-ray source of frame {view + 1}: move it to the patient's place."
        )


def project_points(matrix: Float64Array, points_ras: Float64Array) -> Float64Array:
    """Return the pixels (P, 2) as (column, row) of points (P, 3) by a projection matrix (3, 4)."""
    seen = points_ras @ matrix[:, :3].T + matrix[:, 3]
    pixels: Float64Array = seen[:, :2] / seen[:, 2:]
    return pixels


def contour_edges(points: Float64Array, triangles: IntArray, source_ras: Float64Array) -> IntArray:
    """Return the edges that border on the triangles facing the source, directed as in these.

    Parameters
    ----------
    points : (P, 3) in RAS mm
    triangles : (F, 3) numbers of points, counter-clockwise seen from outside
    source_ras : (3,) focal spot

    Returns
    -------
    (E, 2) numbers of points; an edge of several such triangles stands as often as it is left over
    """
    a, b, c = points[triangles.T]
    facing = np.einsum("fi,fi->f", np.cross(b - a, c - a), source_ras - a) > 0
    front = triangles[facing]
    directed = np.concatenate([front[:, [0, 1]], front[:, [1, 2]], front[:, [2, 0]]])
    low, high = directed.min(1), directed.max(1)
    keys, where = np.unique(low * len(points) + high, return_inverse=True)
    # An edge between two front faces runs once each way, and cancels.
    net = np.bincount(where.ravel(), np.where(directed[:, 0] == low, 1, -1), len(keys)).astype(int)
    kept, times = np.flatnonzero(net), np.abs(net[net != 0])
    pairs = np.stack([keys[kept] // len(points), keys[kept] % len(points)], 1)
    pairs[net[kept] < 0] = pairs[net[kept] < 0][:, ::-1]
    edges: IntArray = np.repeat(pairs, times, axis=0)
    return edges


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
    steps = np.zeros((rows, columns + 1), np.int64)
    np.add.at(steps, (row, begins), np.where(upward[which], -1, 1))
    winding: IntArray = np.cumsum(steps, axis=1)[:, :columns]
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


def _is_visible(
    surface: vtkPolyData, edges_ras: Float64Array, source: Float64Array, asked: BoolArray
) -> BoolArray:
    """Tell which of the pieces asked for have nothing of the surface between them and the source."""
    locator: Any = vtkStaticCellLocator()
    locator.SetDataSet(surface)
    locator.BuildLocator()
    visible = np.zeros(len(edges_ras), bool)
    t, cell, sub = mutable(0.0), mutable(0), mutable(0)
    where, place = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for n in np.flatnonzero(asked):
        middle = edges_ras[n].mean(0)
        end = middle + NEARER_SHARE * (source - middle)
        visible[n] = not locator.IntersectWithLine(source, end, 1e-9, t, where, place, sub, cell)
    return visible

"""Shaded pictures of surfaces by a z-buffer in numpy: no OpenGL, the same on every machine.

Triangles are scan-converted in bulk: every pixel of every triangle's bounding box is tested at once,
and the nearest triangle of each pixel is kept. Only what is seen is then shaded (see `shading`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arrays import Float32Array, Float64Array, IntArray, UInt8Array
from ..mesh.polydata import points_of, polydata_from, triangles_of
from .pictures import Picture, edge_letters
from .shading import averaged, lit, openness

_SAMPLES = 2
_MARGIN = 1.14
_CHUNK_PIXELS = 400_000
_EDGE = 1e-7
_SHARP_DEG = 35.0
_POINT_NUMBER = "Point number"
_DEPTH_STEPS = 2**30
_NOTHING = np.iinfo(np.int64).max


@dataclass(frozen=True)
class View:
    """Where a viewer stands: the direction of view and the picture's top, in RAS."""

    name: str
    look_ras: tuple[float, float, float]
    up_ras: tuple[float, float, float]


ANTERIOR = View("anterior", (0, -1, 0), (0, 0, 1))
POSTERIOR = View("posterior", (0, 1, 0), (0, 0, 1))
LEFT = View("left", (1, 0, 0), (0, 0, 1))
RIGHT = View("right", (-1, 0, 0), (0, 0, 1))
SUPERIOR = View("superior", (0, 0, -1), (0, 1, 0))
INFERIOR = View("inferior", (0, 0, 1), (0, 1, 0))
SIX_SIDES = (ANTERIOR, LEFT, SUPERIOR, POSTERIOR, RIGHT, INFERIOR)


@dataclass(frozen=True)
class Mesh:
    """A surface as arrays, coloured at its points.

    Attributes
    ----------
    points_ras : (N, 3) ndarray in mm
    triangles : (M, 3) ndarray of point numbers
    normals_ras : (N, 3) unit normals
    colours : (N, 3) red, green, blue, 0 to 1
    is_closed : its back cannot be seen
    """

    points_ras: Float64Array
    triangles: IntArray
    normals_ras: Float64Array
    colours: Float64Array
    is_closed: bool = False


def mesh_of(surface: Any, colour: tuple[float, float, float] | Float64Array) -> Mesh:
    """Return the arrays of a surface.

    Parameters
    ----------
    surface : vtkPolyData in RAS mm; polygons are cut into triangles
    colour : one colour, or one for each point (N, 3); 0 to 1
    """
    points, triangles = points_of(surface), triangles_of(surface)
    colours = np.broadcast_to(np.asarray(colour, float), points.shape)
    closed = is_closed(points, triangles)
    sources, triangles = _split_at_sharp_edges(points, triangles)
    points, colours = points[sources], colours[sources]
    return Mesh(points, triangles, point_normals(points, triangles), colours, closed)


def _split_at_sharp_edges(points: Float64Array, triangles: IntArray) -> tuple[IntArray, IntArray]:
    """Return the number of the point that each point of a split surface is, and its triangles.

    A normal that is the mean across a sharp edge would spread over all triangles about it, and the walls of
    letters and holes would smear into long shadows.
    """
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkFiltersCore import vtkPolyDataNormals

    surface = polydata_from(points, triangles)
    numbers = numpy_to_vtk(np.arange(len(points)), deep=True)
    numbers.SetName(_POINT_NUMBER)
    surface.GetPointData().AddArray(numbers)
    splitter = vtkPolyDataNormals()
    splitter.SetInputData(surface)
    splitter.SplittingOn()
    splitter.ConsistencyOff()
    splitter.SetFeatureAngle(_SHARP_DEG)
    splitter.Update()
    split = splitter.GetOutput()
    return vtk_to_numpy(split.GetPointData().GetArray(_POINT_NUMBER)), triangles_of(split)


def is_closed(points: Float64Array, triangles: IntArray) -> bool:
    """Say whether a surface is closed and faces outwards.

    In a closed, oriented surface every edge is run once in each direction, so that the sum of any
    antisymmetric function of its ends is zero; random whole numbers make the reverse as good as certain.
    """
    first, second = np.random.default_rng(0).integers(-(2**62), 2**62, (2, len(points)))
    start, end = triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()
    with np.errstate(over="ignore"):
        total = (first[start] * second[end] - first[end] * second[start]).sum()
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    return bool(total == 0 and np.einsum("ij,ij->", a, np.cross(b, c)) > 0)


def point_normals(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Return unit normals (N, 3): the mean of the triangles around each point, weighted by area."""
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros((len(points), 3))
    for axis in range(3):
        for corner in range(3):
            total[:, axis] += np.bincount(triangles[:, corner], face[:, axis], len(points))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    normals: Float64Array = total / np.maximum(length, 1e-30)
    return normals


def surface_picture(
    meshes: Sequence[Mesh],
    view: View,
    size_px: int = 500,
    *,
    extent_mm: float | None = None,
    middle_ras: Float64Array | None = None,
) -> Picture:
    """Return an orthographic, shaded picture of surfaces on white.

    Parameters
    ----------
    meshes : surfaces in one frame (RAS mm)
    view : where the viewer stands
    size_px : width and height of the picture
    extent_mm : width and height in the patient; fits the meshes from any side by default
    middle_ras : (3,) what the middle of the picture shows; that of the meshes' bounding box by default
    """
    mesh = _joined(meshes)
    extent = extent_mm or scene_extent_mm(meshes)
    axes, middle = camera_axes(view), _middle(mesh.points_ras) if middle_ras is None else middle_ras
    side = size_px * _SAMPLES
    seen = _project(mesh.points_ras - middle, axes, side, extent)
    mesh = _without_backs(mesh, seen)
    buffer = _nearest_triangles(seen, mesh.triangles, side)
    rgb = _shaded(buffer, mesh, seen, axes, side, extent)
    return Picture(rgb, extent / size_px, edge_letters(axes[0], axes[1]), f"{view.name.capitalize()} view")


def scene_extent_mm(meshes: Sequence[Mesh]) -> float:
    """Return the width of a picture that holds the meshes from any of the six sides, in mm."""
    points = [mesh.points_ras for mesh in meshes]
    low, high = np.min([p.min(0) for p in points], 0), np.max([p.max(0) for p in points], 0)
    return float(np.max(high - low)) * _MARGIN


def pixels_of(
    points_ras: Float64Array, meshes: Sequence[Mesh], view: View, size_px: int, extent_mm: float
) -> Float64Array:
    """Return where points (N, 3) lie in a `surface_picture` of meshes: (N, 2) x and y in pixels."""
    middle = _middle(np.concatenate([mesh.points_ras for mesh in meshes]))
    seen = _project(points_ras - middle, camera_axes(view), size_px, extent_mm)
    pixels: Float64Array = seen[:, :2] + 0.5
    return pixels


def fitting_extent_mm(meshes: Sequence[Mesh], view: View) -> float:
    """Return the width of a picture that holds the meshes seen from a slant, in mm."""
    points = np.concatenate([mesh.points_ras for mesh in meshes])
    across = (points - _middle(points)) @ camera_axes(view)[:2].T
    return float(2 * np.abs(across).max()) * _MARGIN


def _middle(points: Float64Array) -> Float64Array:
    middle: Float64Array = (points.min(0) + points.max(0)) / 2
    return middle


def camera_axes(view: View) -> Float64Array:
    """Return rows: the picture's right, its top, and towards the viewer; in RAS."""
    look = np.asarray(view.look_ras, float) / np.linalg.norm(view.look_ras)
    right = np.cross(look, np.asarray(view.up_ras, float))
    right /= np.linalg.norm(right)
    axes: Float64Array = np.array([right, np.cross(right, look), -look])
    return axes


def _joined(meshes: Sequence[Mesh]) -> Mesh:
    starts = np.cumsum([0, *(len(mesh.points_ras) for mesh in meshes)])
    return Mesh(
        np.concatenate([mesh.points_ras for mesh in meshes]),
        np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=False)]),
        np.concatenate([mesh.normals_ras for mesh in meshes]),
        np.concatenate([mesh.colours for mesh in meshes]),
        all(mesh.is_closed for mesh in meshes),
    )


def _without_backs(mesh: Mesh, seen: Float64Array) -> Mesh:
    """Leave out the triangles that face away from the viewer, where the surface hides them anyway."""
    if not mesh.is_closed:
        return mesh
    (ax, ay), (bx, by), (cx, cy) = (seen[mesh.triangles[:, corner], :2].T for corner in range(3))
    faces_viewer = (bx - ax) * (cy - ay) < (cx - ax) * (by - ay)  # rows count downwards
    return replace(mesh, triangles=mesh.triangles[faces_viewer])


def _project(points: Float64Array, axes: Float64Array, side: int, extent: float) -> Float64Array:
    """Return (N, 3): column, row (pixel centres at integers) and height towards the viewer in mm."""
    seen: Float64Array = points @ axes.T
    scale = side / extent
    seen[:, 0] = seen[:, 0] * scale + (side - 1) / 2
    seen[:, 1] = (side - 1) / 2 - seen[:, 1] * scale
    return seen


def _nearest_triangles(seen: Float64Array, triangles: IntArray, side: int) -> IntArray:
    """Return the number of the nearest triangle of each pixel (side * side,), -1 where there is none."""
    top = float(seen[:, 2].max())
    step = max(float(np.ptp(seen[:, 2])), 1e-9) / _DEPTH_STEPS
    keys = np.full(side * side, _NOTHING, np.int64)
    found, low, size, planes = _boxes(seen, triangles, side)
    area = size[:, 0] * size[:, 1]
    chunk = np.cumsum(area) // _CHUNK_PIXELS
    for part in np.split(np.arange(len(found)), np.flatnonzero(np.diff(chunk)) + 1):
        which = np.repeat(part, area[part])
        within = np.arange(len(which)) - np.repeat(np.cumsum(area[part]) - area[part], area[part])
        down, right = np.divmod(within, np.repeat(size[part, 0], area[part]))
        v, w, height = (
            np.repeat(a[part], area[part])
            + np.repeat(b[part], area[part]) * right
            + np.repeat(c[part], area[part]) * down
            for a, b, c in planes
        )
        inside = np.flatnonzero((v >= -_EDGE) & (w >= -_EDGE) & (v + w <= 1 + _EDGE))
        which = which[inside]
        pixels = (low[which, 1] + down[inside]) * side + low[which, 0] + right[inside]
        depth = ((top - height[inside]) / step).astype(np.int64).clip(0)
        np.minimum.at(keys, pixels, (depth << 32) | found[which])
    return np.where(keys == _NOTHING, -1, keys & 0xFFFFFFFF)


def _boxes(
    seen: Float64Array, triangles: IntArray, side: int
) -> tuple[IntArray, IntArray, IntArray, list[tuple[Float64Array, Float64Array, Float64Array]]]:
    """Return the triangles that may cover a pixel's centre, and what to test there.

    Returns
    -------
    numbers (T,), first column and row (T, 2), columns and rows (T, 2) of their bounding boxes, and the
    planes of two barycentric weights and of the height: value at the first pixel, change a column, a row.
    """
    a, b, c = (seen[triangles[:, corner]] for corner in range(3))
    low = np.clip(np.ceil(np.minimum(np.minimum(a, b), c)[:, :2]), 0, side).astype(np.int64)
    high = np.clip(np.floor(np.maximum(np.maximum(a, b), c)[:, :2]), -1, side - 1).astype(np.int64)
    size = high - low + 1
    ab, ac = b - a, c - a
    area = ab[:, 0] * ac[:, 1] - ac[:, 0] * ab[:, 1]
    found = np.flatnonzero((size > 0).all(1) & (area != 0))
    a, ab, ac, area, low = a[found], ab[found], ac[found], area[found], low[found]
    start = low - a[:, :2]
    weights = [
        _plane(start, np.zeros(len(found)), ac[:, 1] / area, -ac[:, 0] / area),
        _plane(start, np.zeros(len(found)), -ab[:, 1] / area, ab[:, 0] / area),
    ]
    (_, v_right, v_down), (_, w_right, w_down) = weights
    slope_right = ab[:, 2] * v_right + ac[:, 2] * w_right
    slope_down = ab[:, 2] * v_down + ac[:, 2] * w_down
    return found, low, size[found], [*weights, _plane(start, a[:, 2], slope_right, slope_down)]


def _plane(
    start: Float64Array, value: Float64Array, right: Float64Array, down: Float64Array
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Move a plane's origin by `start` (columns, rows): value there, change a column, change a row."""
    return value + right * start[:, 0] + down * start[:, 1], right, down


def _barycentric(
    seen: Float64Array, corners: IntArray, columns: Float64Array, rows: Float64Array
) -> Float64Array:
    """Return the weights (P, 3) of the corners (P, 3) at pixels."""
    (ax, ay), (bx, by), (cx, cy) = (seen[corners[:, corner], :2].T for corner in range(3))
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    v = ((columns - ax) * (cy - ay) - (cx - ax) * (rows - ay)) / area
    w = ((bx - ax) * (rows - ay) - (columns - ax) * (by - ay)) / area
    return np.stack([1 - v - w, v, w], -1)


def _shaded(
    buffer: IntArray, mesh: Mesh, seen: Float64Array, axes: Float64Array, side: int, extent: float
) -> UInt8Array:
    pixels = np.flatnonzero(buffer >= 0)
    corners = mesh.triangles[buffer[pixels]]
    rows, columns = np.divmod(pixels, side)
    weights = _barycentric(seen, corners, columns.astype(float), rows.astype(float))
    at_points = np.concatenate([mesh.normals_ras @ axes.T, mesh.colours, seen[:, 2:]], axis=1)
    normals, colours, height = np.split(_mixed(weights, at_points, corners), (3, 6), axis=1)
    heights = np.full(side * side, np.nan, np.float32)
    heights[pixels] = height[:, 0]
    light = openness(heights.reshape(side, side), extent).ravel()[pixels]
    picture = np.ones((side * side, 3), np.float32)
    picture[pixels] = lit(colours, normals, light)
    return averaged(picture.reshape(side, side, 3), _SAMPLES)


def _mixed(weights: Float64Array, values: Float64Array, corners: IntArray) -> Float32Array:
    """Return the values of the corners' points (N, C), mixed by their weights (P, 3): (P, C)."""
    single, single_weights = values.astype(np.float32), weights.astype(np.float32)
    mixed: Float32Array = np.zeros((len(corners), values.shape[1]), np.float32)
    for corner in range(3):
        mixed += single_weights[:, corner, None] * single[corners[:, corner]]
    return mixed

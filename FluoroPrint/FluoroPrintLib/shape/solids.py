"""Between surfaces and the solids of manifold3d (Apache-2.0), which does every boolean here.

The package is optional, so its types are not named; `Solid` and `Outline` stand for its Manifold and
CrossSection.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import AnyArray, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..mesh.check import has_repeated_point
from ..mesh.polydata import points_of, polydata_from, triangles_of, welded

Solid = Any
Outline = Any
Point = tuple[float, float, float]

FINEST_MM = 0.001
"""Edges of a result that are shorter vanish: they would fall together in float32, which files hold."""
CHORD_MM = 0.005
FEWEST_SIDES, MOST_SIDES = 48, 256
PARTING_ROUNDS = 8
PARTING_STEP, PARTING_MM = 0.02, 0.02
"""A point is moved by so much of the way to the middle of its faces, and no further; doubled each round."""


class UntouchedError(FluoroPrintError):
    """The tool does not meet the model; of several models another one may be met."""


def engine() -> Any:
    """Return the package manifold3d.

    Raises
    ------
    FluoroPrintError
        It is not installed.
    """
    try:
        import manifold3d
    except ImportError as error:
        raise FluoroPrintError(
            "manifold3d is not installed: install it (pip install manifold3d) to shape models."
        ) from error
    return manifold3d


def solid_of(surface: vtkPolyData) -> Solid:
    """Return the solid within a closed surface.

    Raises
    ------
    FluoroPrintError
        The surface is not closed, or inside out.
    """
    points, triangles = welded(points_of(surface), triangles_of(surface))
    return solid_from(points, triangles[~has_repeated_point(triangles)])


def solid_from(points: AnyArray, triangles: AnyArray) -> Solid:
    """Return the solid within triangles (F, 3) of points (P, 3) that are all different.

    Raises
    ------
    FluoroPrintError
        The surface is not closed, or inside out.
    """
    library = engine()
    solid = library.Manifold(library.Mesh(points.astype(np.float32), triangles.astype(np.uint32)))
    if solid.status() != library.Error.NoError or solid.is_empty():
        raise FluoroPrintError(
            "The model is not closed, so nothing is inside it to be shaped: repair it first."
        )
    if solid.volume() <= 0:
        raise FluoroPrintError("The model is inside out: repair it first.")
    return solid


def surface_of(solid: Solid) -> vtkPolyData:
    """Return the surface of a solid, such that it is as closed in a file as it is here.

    A solid's points may fall together in float32, where sheets of surface touch. They are moved apart, each
    into its own sheet, by some hundredths of a millimetre at most.

    Raises
    ------
    FluoroPrintError
        The solid is empty.
    """
    return surface_with_origins(solid)[0]


def surface_with_origins(solid: Solid) -> tuple[vtkPolyData, IntArray]:
    """Return the surface of a solid as `surface_of` does, and of which solid each triangle was, (F,).

    Solids are told by their `original_id()`; those that booleans took part in keep their own after
    `as_original()`.

    Raises
    ------
    FluoroPrintError
        The solid is empty.
    """
    mesh = solid.simplify(FINEST_MM).to_mesh()
    triangles = np.asarray(mesh.tri_verts, np.int64)
    if len(triangles) == 0:
        raise FluoroPrintError("Nothing is left of the model: choose another place or a smaller tool.")
    points = _parted(np.asarray(mesh.vert_properties[:, :3], np.float64), triangles)
    starts = np.asarray(mesh.run_index, np.int64) // 3
    return polydata_from(points, triangles), np.repeat(
        np.asarray(mesh.run_original_id, np.int64), starts[1:] - starts[:-1]
    )


def _parted(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Move points of equal float32 coordinates apart, each towards the middle of its own faces."""
    for attempt in range(PARTING_ROUNDS):
        together = _together(points)
        if not together.any():
            break
        inward = _middle_of_faces(points, triangles) - points
        points = points.copy()
        way = inward[together]
        share = np.minimum(PARTING_STEP, PARTING_MM / np.maximum(np.linalg.norm(way, axis=1), PARTING_MM))
        points[together] += 2**attempt * share[:, None] * way
    return points


def _together(points: Float64Array) -> AnyArray:
    keys = (points.astype(np.float32) + np.float32(0.0)).view(np.dtype((np.void, 12))).ravel()
    _, inverse, count = np.unique(keys, return_inverse=True, return_counts=True)
    shared: AnyArray = count[inverse.ravel()] > 1
    return shared


def _middle_of_faces(points: Float64Array, triangles: IntArray) -> Float64Array:
    corners, count = points[triangles].mean(1), np.bincount(triangles.ravel(), minlength=len(points))
    sums = [np.bincount(triangles.ravel(), np.repeat(corners[:, axis], 3), len(points)) for axis in range(3)]
    middle: Float64Array = np.stack(sums, -1) / np.maximum(count, 1)[:, None]
    return middle


def unit(vector: Iterable[float], name: str = "direction") -> Float64Array:
    """Return a vector of length 1.

    Raises
    ------
    FluoroPrintError
        The vector has no length; the sentence calls it by its name.
    """
    array = np.asarray(tuple(vector), float)
    length = float(np.linalg.norm(array))
    if not 1e-9 < length < np.inf:
        raise FluoroPrintError(f"The {name} has no length: give a vector such as 0 0 1.")
    return array / length


def frame_along(z: Float64Array, up: Float64Array | None = None) -> Float64Array:
    """Return right-handed axes as rows: x, y towards `up` as far as may be, and z."""
    hint = up if up is not None else np.eye(3)[int(np.abs(z).argmin())]
    side = np.cross(hint, z)
    if np.linalg.norm(side) < 1e-6:
        side = np.cross(np.eye(3)[int(np.abs(z).argmin())], z)
    x = unit(side)
    return np.stack([x, np.cross(z, x), z])


def placed(solid: Solid, origin: AnyArray, axes: AnyArray) -> Solid:
    """Return a solid whose own axes become `axes` (rows) at `origin`."""
    return solid.transform(np.column_stack([np.asarray(axes).T, origin]))


def unplaced(solid: Solid, origin: AnyArray, axes: AnyArray) -> Solid:
    """Return a solid as seen from the axes (rows) at an origin: the opposite of `placed`."""
    turn = np.asarray(axes)
    return solid.transform(np.column_stack([turn, -turn @ np.asarray(origin)]))


def disc(radius_mm: float) -> Outline:
    """Return a polygon of a circle's area, so close to it that a print cannot tell them apart."""
    half_angle = np.arccos(max(1 - CHORD_MM / radius_mm, 0.9)) if radius_mm > CHORD_MM else 1.0
    sides = int(np.clip(4 * np.ceil(np.pi / half_angle / 4), FEWEST_SIDES, MOST_SIDES))
    same_area = np.sqrt(2 * np.pi / sides / np.sin(2 * np.pi / sides))
    return engine().CrossSection.circle(radius_mm * same_area, sides)


def rod(start: AnyArray, end: AnyArray, radius_mm: float) -> Solid:
    """Return a cylinder from one point to another."""
    along = np.asarray(end, float) - np.asarray(start, float)
    length = float(np.linalg.norm(along))
    return placed(disc(radius_mm).extrude(length), start, frame_along(unit(along)))


def reach_mm(solid: Solid, point: Iterable[float]) -> float:
    """Return a length within which all of a solid lies from a point."""
    low, high = np.reshape(solid.bounding_box(), (2, 3))
    return float(np.linalg.norm(high - low) + np.linalg.norm((low + high) / 2 - tuple(point)))


def refuse_untouched(before: Solid, after: Solid, what: str) -> None:
    """Refuse a tool that changes nothing.

    Raises
    ------
    UntouchedError
        The volumes are the same.
    """
    if abs(before.volume() - after.volume()) <= 1e-9 * before.volume():
        raise UntouchedError(f"The {what} does not meet the model: choose another place or direction.")

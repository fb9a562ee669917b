"""Hollowing: a cavity at an even depth below the surface, with holes that let resin or powder out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..mesh.polydata import points_of
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .inset import depths_of_faces, inset_surface, nearest_on
from .shaped import Shaped, whole
from .solids import Solid, engine, rod, solid_from, solid_of, surface_of, unit

THINNING_MM = 0.01
"""How far points of the cavity may be from faces that leave them out."""
SPECK_MM3 = 0.01
"""Solid cores within a cavity that are smaller than this come from rounding."""
VOXELS_A_WALL, MOST_VOXELS_A_WALL = 4.0, 8.0
WIDEST_VOXEL_MM = 1.0
FINE_GRID_VOXELS = 30e6
"""A grid is made finer than a quarter of the wall as long as it has no more voxels: half a gigabyte."""
INTO_CAVITY = 0.25
"""How far a drain reaches beyond the wall of the cavity, in diameters: enough where that is curved."""


@dataclass(frozen=True)
class HollowParameters(Parameters):
    """How thick the wall is that stays, and where it is opened."""

    wall_mm: Annotated[float, Bounds(0.4, 50.0), Unit("mm"), Help("Thickness of the wall.")] = 2.0
    voxel_mm: Annotated[
        float,
        Bounds(0.0, 5.0),
        Unit("mm"),
        Help("Grid on which the cavity is found; 0: an eighth to a quarter of the wall, by size."),
    ] = 0.0
    drains: Annotated[
        str,
        Choices(("lowest", "both ends", "points", "none")),
        Help(
            "Where each cavity is opened: at its lowest place, its lowest and highest, near points, or not."
        ),
    ] = "lowest"
    drain_diameter_mm: Annotated[
        float, Bounds(0.5, 30.0), Unit("mm"), Help("Diameter of the drain holes.")
    ] = 3.5
    down: Annotated[tuple[float, float, float], Help("Which way is down where it is printed: R, A, S.")] = (
        0.0,
        0.0,
        -1.0,
    )
    drain_points: Annotated[
        str, Help('Points to drain at, R A S in mm, parted by semicolons: "10 0 -5; 12 4 30".')
    ] = ""


def hollow(surface: vtkPolyData, parameters: HollowParameters, progress: Progress = silent) -> Shaped:
    """Hollow a model.

    Cavities too small for a drain hole stay solid. The note tells the least and the greatest thickness that
    the wall has, measured.

    Raises
    ------
    FluoroPrintError
        The model is not closed, nowhere thick enough, or a drain point is no point.
    """
    places = points_in(parameters.drain_points) if parameters.drains == "points" else np.zeros((0, 3))
    wall = parameters.wall_mm
    voxel = parameters.voxel_mm or fitting_voxel_mm(surface, wall)
    if wall < 2.5 * voxel:
        raise FluoroPrintError(
            f"A wall of {wall:g} mm needs a voxel of {wall / 2.5:.2g} mm or less, not {voxel:g} mm."
        )
    model = solid_of(surface)
    inner = inset_surface(surface, wall, voxel, part_of(progress, 0.05, 0.7))
    cavities = [] if inner is None else _worth_draining(solid_of(inner), parameters)
    if not cavities:
        raise FluoroPrintError(
            f"The model is nowhere thick enough for a cavity within {wall:g} mm of wall: "
            "choose a thinner wall."
        )
    progress(0.7, "Taking out the cavity")
    cavity = engine().Manifold.compose(cavities).simplify(THINNING_MM)
    result = model - cavity - _drains(surface, cavities, parameters, places)
    progress(0.9, "Measuring the wall")
    least, most = depths_of_faces(surface_of(cavity), surface)
    return whole(
        "hollow",
        surface_of(result),
        f"The wall is {least:.3f} to {most:.3f} mm thick; {cavity.volume() / 1000:.3g} ml were taken out.",
        *_of_drains(parameters, len(cavities)),
    )


def fitting_voxel_mm(surface: vtkPolyData, wall_mm: float) -> float:
    """Return the edge of a voxel for a wall: the finer, the smaller the box about the model is.

    The edges of a cavity are cut off by up to a part of a voxel, and thicken the wall there.
    """
    coarsest = min(wall_mm / VOXELS_A_WALL, WIDEST_VOXEL_MM)
    low, high = np.reshape(surface.GetBounds(), (3, 2)).T
    affordable = float(np.cbrt(np.prod(high - low) / FINE_GRID_VOXELS))
    return min(max(affordable, wall_mm / MOST_VOXELS_A_WALL), coarsest)


def _of_drains(parameters: HollowParameters, cavities: int) -> tuple[str, ...]:
    if parameters.drains == "none":
        return ("The cavity is closed: resin, powder or support stays in it.",)
    return (f"{cavities} cavities, each drained.",) if cavities > 1 and parameters.drains != "points" else ()


def points_in(text: str) -> Float64Array:
    """Return the points (N, 3) that a text holds, parted by semicolons.

    Raises
    ------
    FluoroPrintError
        It holds none, or something else.
    """
    try:
        rows = [[float(word) for word in part.replace(",", " ").split()] for part in text.split(";")]
        points = np.array(rows, float)
    except ValueError:
        points = np.zeros((0, 0))
    if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise FluoroPrintError(f'drain_points is {text!r}: it takes points such as "10 0 -5; 12 4 30".')
    return points


def _worth_draining(inner: Solid, parameters: HollowParameters) -> list[Solid]:
    """Return the cavities that are larger than a ball of a drain's diameter; solid cores within them too."""
    least = np.pi / 6 * parameters.drain_diameter_mm**3
    pieces = inner.decompose()
    large = [piece for piece in pieces if piece.volume() > least]
    cores = [piece for piece in pieces if piece.volume() < -SPECK_MM3]
    return [_with_cores(piece, cores) for piece in large]


def _with_cores(piece: Solid, cores: list[Solid]) -> Solid:
    """Take the solid cores, which are shells that face inward, out of the cavity about them."""
    for core in cores:
        mesh = core.to_mesh()
        piece = piece - solid_from(mesh.vert_properties[:, :3], mesh.tri_verts[:, ::-1])
    return piece


def _drains(
    surface: vtkPolyData, cavities: list[Solid], parameters: HollowParameters, places: Float64Array
) -> Solid:
    """Return the holes from cavities to the outside, each the shortest way from its place."""
    starts = [start for cavity in cavities for start in _starts(cavity, parameters)]
    if len(places):
        walls = points_of(surface_of(engine().Manifold.compose(cavities)))
        onto = nearest_on(surface, places)
        starts = [walls[np.linalg.norm(walls - place, axis=1).argmin()] for place in onto]
    holes = [_hole(start, surface, parameters) for start in starts]
    return engine().Manifold.batch_boolean(holes, engine().OpType.Add)


def _starts(cavity: Solid, parameters: HollowParameters) -> list[Float64Array]:
    """Return the lowest place of a cavity, and the highest where both are wanted."""
    points = points_of(surface_of(cavity))
    heights = points @ -unit(parameters.down, "direction down")
    ends = {"lowest": (heights.argmin(),), "both ends": (heights.argmin(), heights.argmax())}
    return [points[end] for end in ends.get(parameters.drains, ())]


def _hole(start: Float64Array, surface: vtkPolyData, parameters: HollowParameters) -> Solid:
    outside = nearest_on(surface, start[None])[0]
    along = unit(outside - start)
    width = parameters.drain_diameter_mm
    return rod(start - INTO_CAVITY * width * along, outside + width * along, width / 2)

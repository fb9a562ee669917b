"""Fewer triangles, within a distance that is measured and kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from scipy.spatial import cKDTree
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkQuadricDecimation

from ..errors import FluoroPrintError
from ..progress import Progress, part_of, silent
from .check import MeshCheck, check_mesh
from .collapse import collapsed
from .deviation import mean_edge_mm, samples_of
from .distance import distances_mm
from .intersections import intersecting_pairs
from .polydata import points_of, polydata_from, signed_volume_mm3, triangles_of, welded
from .topology import edges_of, shell_boxes, shells_of

FIRST_TOLERANCE = 0.4  # of the bound; on surfaces with noise the first to hold it, mostly
LESS = 0.9  # of the tolerance by which the bound would just hold if distances went with tolerances
REDUCTIONS = (0.9, 0.75, 0.5, 0.25, 0.1)  # of the triangles, where an engine has no tolerance
ATTEMPTS = len(REDUCTIONS)
WORTH_COMPILING = 800_000  # triangles; for fewer manifold3d is done before the compiled loops are loaded
COMPILED_ATTEMPTS = 6
REACH, TIGHTER = (
    10.0,
    0.25,
)  # about what was wrong: how far in bounds, how much less may move there
SMALL = 20.0  # times the bound: shells of less extent are left as they are, an engine may take them for noise
MOST_VOLUME_CHANGE = 0.005
PROBES = 20_000
SPACING = 2.0  # of samples on the new faces, in mean edges of the surface that it was


@dataclass(frozen=True)
class Decimation:
    """What decimation made.

    Attributes
    ----------
    surface : the mesh, in the frame of the input
    engine : "numba", "manifold3d", "vtkQuadricDecimation", or "none" where nothing could be taken out
    max_mm : greatest distance between surface and input, measured both ways
    check : of the surface; None where it is the input, which was not checked again
    """

    surface: vtkPolyData
    engine: str
    max_mm: float
    check: MeshCheck | None


def decimate_mesh(
    polydata: vtkPolyData, max_deviation_mm: float, engine: str = "", progress: Progress = silent
) -> Decimation:
    """Take out triangles as long as the surface stays within a distance of the input.

    The distance is measured both ways: from every point of the input, and from samples across the new faces.
    The compiled engine keeps the bound with each edge that it collapses; where samples between points are
    further off the new surface is set onto the input, and where faces cut each other it begins anew with less
    about these places. The tolerances of the
    others are no bound on distance: they are lowered until the bound holds. The volume stays, no shell is
    lost and the mesh has no fault. If that fails, the input comes back as it is.

    Parameters
    ----------
    polydata : printable mesh in mm; stays as it is
    max_deviation_mm : greatest distance allowed between result and input
    engine : "numba", "manifold3d", "vtkQuadricDecimation", or empty: the first of them that is installed,
        numba for meshes of many triangles only
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        manifold3d is asked for and not installed.
    """
    name = engine or _engine_for(polydata.GetNumberOfPolys())
    if name == "numba":
        return _within_bound(polydata, max_deviation_mm, progress) or _unchanged(polydata)
    before = _Measured(polydata, _shells(polydata), _volume_mm3(polydata))
    large, small = _parted(polydata, SMALL * max_deviation_mm)
    tolerance = FIRST_TOLERANCE * max_deviation_mm
    for attempt in range(ATTEMPTS if large.GetNumberOfPolys() else 0):
        part = part_of(progress, attempt / ATTEMPTS, (attempt + 1) / ATTEMPTS)
        part(0.0, "taking out triangles")
        smaller = _joined(_ENGINES[name](large, tolerance, attempt), small)
        distance = _distance_mm(before, smaller, max_deviation_mm, part_of(part, 0.3, 0.7))
        if distance <= max_deviation_mm:
            checked = check_mesh(smaller, part_of(part, 0.7, 1.0))
            if checked.is_printable:
                return Decimation(smaller, name, distance, checked)
        # A fault or a lost shell tells nothing of how much less would do.
        nearer = LESS * max_deviation_mm / distance
        tolerance *= nearer if 0.2 < nearer < LESS else 0.5
    return _unchanged(polydata)


def _unchanged(polydata: vtkPolyData) -> Decimation:
    return Decimation(polydata_from(points_of(polydata), triangles_of(polydata)), "none", 0.0, None)


def _engine_for(triangles: int) -> str:
    if triangles >= WORTH_COMPILING and find_spec("numba"):
        return "numba"
    return "manifold3d" if find_spec("manifold3d") else "vtkQuadricDecimation"


def _within_bound(polydata: vtkPolyData, bound_mm: float, progress: Progress) -> Decimation | None:
    """Collapse edges, more carefully about the places that were wrong the time before."""
    points, triangles = points_of(polydata), triangles_of(polydata)
    shells, volume = _shells(polydata), signed_volume_mm3(points, triangles)
    limits = np.full(len(points), bound_mm)
    for attempt in range(COMPILED_ATTEMPTS):
        part = part_of(progress, attempt / COMPILED_ATTEMPTS, (attempt + 1) / COMPILED_ATTEMPTS)
        made = collapsed(points, triangles, limits, part_of(part, 0.0, 0.7))
        wrong = made.far
        if len(wrong) == 0:
            surface = polydata_from(made.points, made.triangles)
            checked = check_mesh(surface, part_of(part, 0.7, 1.0))
            same = abs(checked.volume_mm3 / volume - 1) <= MOST_VOLUME_CHANGE and checked.shells == shells
            if checked.is_printable and same:
                return Decimation(surface, "numba", made.max_mm, checked)
            cut = np.unique(intersecting_pairs(made.points, made.triangles))
            wrong = made.points[made.triangles[cut]].reshape(-1, 3)
        if len(wrong) == 0:
            return None
        near = np.unique(np.concatenate(cKDTree(points).query_ball_point(wrong, REACH * bound_mm)))
        limits[near.astype(np.int64)] *= TIGHTER
    return None


@dataclass(frozen=True)
class _Measured:
    surface: vtkPolyData
    shells: int
    volume_mm3: float


def _distance_mm(before: _Measured, after: vtkPolyData, bound_mm: float, progress: Progress) -> float:
    """Return the greatest distance both ways; infinite where the mesh has a fault that is quick to find.

    A few probes come first, because most attempts fail: what they find above the bound is not exact.
    """
    if after.GetNumberOfPolys() == 0 or _shells(after) != before.shells:
        return math.inf
    if abs(_volume_mm3(after) / before.volume_mm3 - 1) > MOST_VOLUME_CHANGE or not _is_closed(after):
        return math.inf
    points = points_of(before.surface)
    probed = float(distances_mm(points[:: max(1, len(points) // PROBES)], after).max())
    if probed > bound_mm:
        return probed
    there = float(distances_mm(points, after, part_of(progress, 0.0, 0.4)).max())
    if there > bound_mm:
        return there
    samples = samples_of(after, SPACING * mean_edge_mm(before.surface))
    return max(there, float(distances_mm(samples, before.surface, part_of(progress, 0.4, 1.0)).max()))


def _parted(polydata: vtkPolyData, extent_mm: float) -> tuple[vtkPolyData, vtkPolyData]:
    """Return the shells that extend further than this in every direction, and the others."""
    points, triangles = points_of(polydata), triangles_of(polydata)
    count, shell = shells_of(triangles, edges_of(triangles))
    low, high = shell_boxes(points, triangles, count, shell)
    is_large = ((high - low).min(1) > extent_mm)[shell]
    large, small = (welded(points, triangles[chosen]) for chosen in (is_large, ~is_large))
    return polydata_from(*large), polydata_from(*small)


def _joined(one: vtkPolyData, two: vtkPolyData) -> vtkPolyData:
    points = np.concatenate([points_of(one), points_of(two)])
    return polydata_from(
        points, np.concatenate([triangles_of(one), triangles_of(two) + one.GetNumberOfPoints()])
    )


def _is_closed(polydata: vtkPolyData) -> bool:
    """Tell whether every edge has two faces that agree, points merged as a reader of the file merges them."""
    edges = edges_of(welded(points_of(polydata), triangles_of(polydata))[1])
    return bool((edges.count == 2).all() and not edges.is_mis_oriented.any())


def _volume_mm3(polydata: vtkPolyData) -> float:
    return signed_volume_mm3(points_of(polydata), triangles_of(polydata))


def _shells(polydata: vtkPolyData) -> int:
    triangles = triangles_of(polydata)
    return shells_of(triangles, edges_of(triangles))[0]


def _by_manifold(polydata: vtkPolyData, tolerance_mm: float, attempt: int) -> vtkPolyData:
    """Simplify by manifold3d (Apache-2.0): edges collapse while the surface moves less than a tolerance."""
    try:
        import manifold3d
    except ImportError as error:
        raise FluoroPrintError(
            "manifold3d is not installed: install it (pip install manifold3d), or let VTK decimate."
        ) from error
    mesh = manifold3d.Mesh(points_of(polydata).astype(np.float32), triangles_of(polydata).astype(np.uint32))
    simple = manifold3d.Manifold(mesh).simplify(tolerance_mm).to_mesh()
    return polydata_from(simple.vert_properties[:, :3], simple.tri_verts)


def _by_quadrics(polydata: vtkPolyData, tolerance_mm: float, attempt: int) -> vtkPolyData:
    """Decimate by vtkQuadricDecimation: accurate, but it tears thin bone open where it takes out much."""
    decimate = vtkQuadricDecimation()
    decimate.SetInputData(polydata)
    decimate.SetTargetReduction(REDUCTIONS[attempt])
    decimate.VolumePreservationOn()
    decimate.Update()
    result = decimate.GetOutput()
    return polydata_from(points_of(result), triangles_of(result))


_ENGINES: dict[str, Callable[[vtkPolyData, float, int], vtkPolyData]] = {
    "manifold3d": _by_manifold,
    "vtkQuadricDecimation": _by_quadrics,
}

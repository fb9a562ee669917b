"""Fewer triangles, within a distance that is measured and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkQuadricDecimation

from ..errors import FluoroPrintError
from ..progress import Progress, part_of, silent
from .check import MeshCheck, check_mesh
from .deviation import deviation, signed_distances_mm
from .polydata import points_of, polydata_from, signed_volume_mm3, triangles_of, welded
from .topology import edges_of, shells_of

TOLERANCES = (1.0, 0.6, 0.4, 0.25, 0.1)  # of the bound, tried one after the other
REDUCTIONS = (0.9, 0.75, 0.5, 0.25, 0.1)  # of the triangles, where an engine has no tolerance
ATTEMPTS = len(TOLERANCES)
MOST_VOLUME_CHANGE = 0.005
PROBES = 20_000


@dataclass(frozen=True)
class Decimation:
    """What decimation made.

    Attributes
    ----------
    surface : the mesh, in the frame of the input
    engine : "manifold3d", "vtkQuadricDecimation", or "none" where nothing could be taken out within the bound
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

    The engines' tolerances are no bound on distance, so the distance is measured (both ways, on samples as
    fine as the finer mesh) and the tolerance lowered until the bound holds, the volume stays, no shell is
    lost and the mesh has no fault. If that fails, the input comes back as it is.

    Parameters
    ----------
    polydata : printable mesh in mm; stays as it is
    max_deviation_mm : greatest distance allowed between result and input
    engine : "manifold3d", "vtkQuadricDecimation", or empty: manifold3d where it is installed
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        manifold3d is asked for and not installed.
    """
    name = engine or ("manifold3d" if find_spec("manifold3d") else "vtkQuadricDecimation")
    before = _Measured(polydata, _shells(polydata), _volume_mm3(polydata))
    for attempt in range(ATTEMPTS):
        part = part_of(progress, attempt / ATTEMPTS, (attempt + 1) / ATTEMPTS)
        part(0.0, "taking out triangles")
        smaller = _ENGINES[name](polydata, max_deviation_mm, attempt)
        measured = _bounded(before, smaller, max_deviation_mm, part)
        if measured is not None:
            return Decimation(smaller, name, *measured)
    return Decimation(polydata_from(points_of(polydata), triangles_of(polydata)), "none", 0.0, None)


@dataclass(frozen=True)
class _Measured:
    surface: vtkPolyData
    shells: int
    volume_mm3: float


def _bounded(
    before: _Measured, after: vtkPolyData, bound_mm: float, progress: Progress
) -> tuple[float, MeshCheck] | None:
    """Return greatest distance and check if the distance is within the bound and there is no fault, or None.

    What is quick to find out comes first, because most attempts fail.
    """
    if after.GetNumberOfPolys() == 0 or _shells(after) != before.shells:
        return None
    if abs(_volume_mm3(after) / before.volume_mm3 - 1) > MOST_VOLUME_CHANGE or not _is_closed(after):
        return None
    points = points_of(before.surface)
    probes = points[:: max(1, len(points) // PROBES)]
    if np.abs(signed_distances_mm(probes, after)).max() > bound_mm:
        return None
    distance = deviation(after, before.surface, part_of(progress, 0.1, 0.7)).max_mm
    if distance > bound_mm:
        return None
    checked = check_mesh(after, part_of(progress, 0.7, 1.0))
    return (distance, checked) if checked.is_printable else None


def _is_closed(polydata: vtkPolyData) -> bool:
    """Tell whether every edge has two faces that agree, points merged as a reader of the file merges them."""
    edges = edges_of(welded(points_of(polydata), triangles_of(polydata))[1])
    return bool((edges.count == 2).all() and not edges.is_mis_oriented.any())


def _volume_mm3(polydata: vtkPolyData) -> float:
    return signed_volume_mm3(points_of(polydata), triangles_of(polydata))


def _shells(polydata: vtkPolyData) -> int:
    triangles = triangles_of(polydata)
    return shells_of(triangles, edges_of(triangles))[0]


def _by_manifold(polydata: vtkPolyData, bound_mm: float, attempt: int) -> vtkPolyData:
    """Simplify by manifold3d (Apache-2.0): edges collapse while the surface moves less than a tolerance."""
    try:
        import manifold3d
    except ImportError as error:
        raise FluoroPrintError(
            "manifold3d is not installed: install it (pip install manifold3d), or let VTK decimate."
        ) from error
    mesh = manifold3d.Mesh(points_of(polydata).astype(np.float32), triangles_of(polydata).astype(np.uint32))
    simple = manifold3d.Manifold(mesh).simplify(TOLERANCES[attempt] * bound_mm).to_mesh()
    return polydata_from(simple.vert_properties[:, :3], simple.tri_verts)


def _by_quadrics(polydata: vtkPolyData, bound_mm: float, attempt: int) -> vtkPolyData:
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

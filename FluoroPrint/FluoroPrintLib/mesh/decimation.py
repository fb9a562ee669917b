"""Fewer triangles, within a distance that is measured and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkDecimatePro

from ..errors import FluoroPrintError
from ..progress import Progress, part_of, silent
from .check import check_mesh
from .deviation import deviation, signed_distances_mm
from .polydata import points_of, polydata_from, triangles_of
from .topology import edges_of, shells_of

FIRST_TOLERANCE = 0.6  # of the bound: simplification at this tolerance mostly stays within the bound
ATTEMPTS = 5
PROBES = 20_000


@dataclass(frozen=True)
class Decimation:
    """What decimation made.

    Attributes
    ----------
    surface : the mesh, in the frame of the input
    engine : "manifold3d", "vtkDecimatePro", or "none" where nothing could be taken out within the bound
    max_mm : greatest distance between surface and input, measured both ways
    """

    surface: vtkPolyData
    engine: str
    max_mm: float


def decimate_mesh(
    polydata: vtkPolyData, max_deviation_mm: float, engine: str = "", progress: Progress = silent
) -> Decimation:
    """Take out triangles as long as the surface stays within a distance of the input.

    The engines' tolerances are no bound on distance, so the distance is measured (both ways, on samples as
    fine as the finer mesh) and the tolerance lowered until the bound holds, with the number of shells kept and
    no fault in the mesh. If that fails, the input comes back as it is.

    Parameters
    ----------
    polydata : printable mesh in mm; stays as it is
    max_deviation_mm : greatest distance allowed between result and input
    engine : "manifold3d", "vtkDecimatePro", or empty: manifold3d where it is installed
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        manifold3d is asked for and not installed.
    """
    name = engine or ("manifold3d" if find_spec("manifold3d") else "vtkDecimatePro")
    simplify = _ENGINES[name]
    shells = _shells(polydata)
    tolerance = FIRST_TOLERANCE * max_deviation_mm
    for attempt in range(ATTEMPTS):
        part = part_of(progress, attempt / ATTEMPTS, (attempt + 1) / ATTEMPTS)
        part(0.0, "taking out triangles")
        smaller = simplify(polydata, tolerance)
        measured = _bounded(polydata, smaller, max_deviation_mm, shells, part)
        if measured is not None:
            return Decimation(smaller, name, measured)
        tolerance *= 0.5
    return Decimation(polydata_from(points_of(polydata), triangles_of(polydata)), "none", 0.0)


def _bounded(
    before: vtkPolyData, after: vtkPolyData, bound_mm: float, shells: int, progress: Progress
) -> float | None:
    """Return the greatest distance if it is within the bound and the mesh has no fault, None if not."""
    if after.GetNumberOfPolys() == 0 or _shells(after) != shells:
        return None
    points = points_of(before)
    probes = points[:: max(1, len(points) // PROBES)]
    if np.abs(signed_distances_mm(probes, after)).max() > bound_mm:
        return None
    measured = deviation(after, before, part_of(progress, 0.1, 0.7)).max_mm
    if measured > bound_mm or not check_mesh(after, part_of(progress, 0.7, 1.0)).is_printable:
        return None
    return measured


def _shells(polydata: vtkPolyData) -> int:
    triangles = triangles_of(polydata)
    return shells_of(triangles, edges_of(triangles))[0]


def _by_manifold(polydata: vtkPolyData, tolerance_mm: float) -> vtkPolyData:
    """Simplify by manifold3d (Apache-2.0): edges collapse while the surface moves less than the tolerance."""
    try:
        import manifold3d
    except ImportError as error:
        raise FluoroPrintError(
            "manifold3d is not installed: install it (pip install manifold3d), or decimate with vtkDecimatePro."
        ) from error
    mesh = manifold3d.Mesh(points_of(polydata).astype(np.float32), triangles_of(polydata).astype(np.uint32))
    simple = manifold3d.Manifold(mesh).simplify(tolerance_mm).to_mesh()
    return polydata_from(simple.vert_properties[:, :3], simple.tri_verts)


def _by_vtk(polydata: vtkPolyData, tolerance_mm: float) -> vtkPolyData:
    """Decimate by vtkDecimatePro with the topology preserved, the only VTK decimation that keeps it closed."""
    decimate = vtkDecimatePro()
    decimate.SetInputData(polydata)
    decimate.PreserveTopologyOn()
    decimate.SplittingOff()
    decimate.BoundaryVertexDeletionOff()
    decimate.SetTargetReduction(0.95)
    decimate.SetErrorIsAbsolute(True)
    decimate.SetAbsoluteError(tolerance_mm)
    decimate.AccumulateErrorOn()
    decimate.Update()
    result = decimate.GetOutput()
    return polydata_from(points_of(result), triangles_of(result))


_ENGINES: dict[str, Callable[[vtkPolyData, float], vtkPolyData]] = {
    "manifold3d": _by_manifold,
    "vtkDecimatePro": _by_vtk,
}

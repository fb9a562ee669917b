"""Solids of known silhouette, and a C-arm that sees them from a slant."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import SweepGeometry
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of

VIEWS = ((0.0, 0.0), (35.0, 12.0), (-110.0, -20.0))


def c_arm(rows: int = 120, columns: int = 150, pixel_mm: float = 2.0) -> SweepGeometry:
    primary, secondary = np.array(VIEWS).T
    return geometry_from_angles(
        primary,
        secondary,
        sid_mm=1100.0,
        sod_mm=700.0,
        pixel_mm=(pixel_mm, pixel_mm),
        rows=rows,
        columns=columns,
    )


def ball(centre_ras: tuple[float, float, float], radius_mm: float, resolution: int = 160) -> Any:
    from vtkmodules.vtkFiltersSources import vtkSphereSource

    source = vtkSphereSource()
    source.SetCenter(*centre_ras)
    source.SetRadius(radius_mm)
    source.SetThetaResolution(resolution)
    source.SetPhiResolution(resolution)
    source.SetOutputPointsPrecision(1)
    source.Update()
    return source.GetOutput()


def together(*surfaces: Any) -> Any:
    points, triangles, first = [], [], 0
    for surface in surfaces:
        points.append(points_of(surface))
        triangles.append(triangles_of(surface) + first)
        first += len(points[-1])
    return polydata_from(np.concatenate(points), np.concatenate(triangles))


def ellipse(
    matrix: npt.NDArray[np.float64], centre_ras: tuple[float, float, float], radius_mm: float
) -> npt.NDArray[np.float64]:
    """The conic (3, 3) that a ball's silhouette is: the dual of P Q* P^T (Hartley and Zisserman, 8.3)."""
    centre = np.append(centre_ras, 1.0)
    dual = np.outer(centre, centre) - np.diag([radius_mm**2] * 3 + [0.0])
    conic: npt.NDArray[np.float64] = np.linalg.inv(matrix @ dual @ matrix.T)
    return conic


def signed_distance_px(
    conic: npt.NDArray[np.float64], pixels: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Distance of pixels (..., 2) to the conic, to first order; negative inside."""
    full = np.concatenate([pixels, np.ones((*pixels.shape[:-1], 1))], -1)
    value = np.einsum("...i,ij,...j->...", full, conic, full)
    slope = 2 * np.linalg.norm((full @ conic)[..., :2], axis=-1)
    inside = np.linalg.inv(conic)
    middle = inside[:2, 2] / inside[2, 2]
    sign = np.sign(np.append(middle, 1) @ conic @ np.append(middle, 1))
    distance: npt.NDArray[np.float64] = -sign * value / slope
    return distance

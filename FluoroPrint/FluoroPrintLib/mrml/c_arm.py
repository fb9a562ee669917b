"""The C-arm as it stood at each frame of a run, to be seen in 3D: source, panel and the beam between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..geometry.sweep import SweepGeometry
from .nodes import Node

SOURCE_RADIUS_MM = 12.0
COLOUR = (0.21, 0.76, 0.88)


def panel_corners_ras(geometry: SweepGeometry, sid_mm: float) -> Float64Array:
    """Return the outer corners of the panel of each frame: (N, 4, 3) in RAS mm, around from pixel (0, 0)."""
    columns, rows = geometry.columns - 0.5, geometry.rows - 0.5
    corners = [(-0.5, -0.5), (columns, -0.5), (columns, rows), (-0.5, rows)]
    pixels = np.array([(column, row, 1.0) for column, row in corners]) * sid_mm
    rays = np.einsum("nij,cj->nci", np.linalg.inv(geometry.ras_to_pixel[:, :, :3]), pixels)
    result: Float64Array = geometry.sources_ras[:, None] + rays
    return result


def c_arm_surface(source_ras: Float64Array, corners_ras: Float64Array) -> Any:
    """Return the C-arm of one frame: a ball at the source, lines to the panel's corners, the panel's outline.

    Parameters
    ----------
    source_ras : (3,) RAS mm
    corners_ras : (4, 3) of the panel, in their order around it

    Returns
    -------
    vtkPolyData; its first five points are the source and the corners
    """
    from vtkmodules.vtkFiltersCore import vtkAppendPolyData
    from vtkmodules.vtkFiltersSources import vtkSphereSource

    ball = vtkSphereSource()
    ball.SetCenter(*source_ras)
    ball.SetRadius(SOURCE_RADIUS_MM)
    together = vtkAppendPolyData()
    together.AddInputData(_beam(np.vstack([source_ras, corners_ras])))
    together.AddInputConnection(ball.GetOutputPort())
    together.Update()
    return together.GetOutput()


def _beam(points: Float64Array) -> Any:
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    lines, places = vtkCellArray(), vtkPoints()
    places.SetDataTypeToDouble()
    for point in points:
        places.InsertNextPoint(*point)
    for first, second in ((0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (2, 3), (3, 4), (4, 1)):
        lines.InsertNextCell(2, (first, second))
    beam = vtkPolyData()
    beam.SetPoints(places)
    beam.SetLines(lines)
    return beam


def show_c_arm(node: Node) -> None:
    """Show a model node as a C-arm: lines that the light does not shade."""
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetColor(*COLOUR)
    display.SetLineWidth(2)
    display.SetVisibility2D(False)


def frame_plane(columns: int, rows: int, spacing_mm: Float64Array) -> Any:
    """Return a rectangle that a frame covers, in the panel's coordinates (see `playback.panel_poses`).

    Its texture coordinates put pixel (0, 0) at the origin of the panel.

    Parameters
    ----------
    spacing_mm : (2,) between columns and between rows
    """
    from vtkmodules.vtkFiltersSources import vtkPlaneSource

    width, height = spacing_mm
    plane = vtkPlaneSource()
    plane.SetOrigin(-0.5 * width, -0.5 * height, 0.0)
    plane.SetPoint1((columns - 0.5) * width, -0.5 * height, 0.0)
    plane.SetPoint2(-0.5 * width, (rows - 0.5) * height, 0.0)
    plane.Update()
    return plane.GetOutput()

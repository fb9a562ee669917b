"""The C-arm as it stood at each frame of a run, to be seen in 3D: source, panel and the beam between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import Float64Array
from .nodes import Node

SOURCE_RADIUS_MM = 12.0
COLOUR = (0.21, 0.76, 0.88)


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

"""The line of a contour over a slice view, as it is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..mrml.slice_views import pixels_in_view

COLOUR = (1.0, 0.84, 0.1)
LINE_PX, POINT_PX = 2, 7


class SliceLine:
    """A line with points in a slice view; it keeps to the volume where the view moves.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect, which gives access to the view
    view : qMRMLSliceWidget
    """

    def __init__(self, effect: Any, view: Any) -> None:
        import vtk

        self.view = view
        self._effect = effect
        self._places: tuple[Float64Array, Float64Array] = (np.empty((0, 3)), np.empty((0, 3)))
        mapper = vtk.vtkPolyDataMapper2D()
        self._shape = vtk.vtkPolyData()
        mapper.SetInputData(self._shape)
        self.actor = vtk.vtkActor2D()
        self.actor.SetMapper(mapper)
        look = self.actor.GetProperty()
        look.SetColor(*COLOUR)
        look.SetLineWidth(LINE_PX)
        look.SetPointSize(POINT_PX)
        effect.addActor2D(view, self.actor)

    def draw(self, line_ras: Float64Array, points_ras: Float64Array) -> None:
        """Draw another line and other points, (P, 3) RAS mm of the world."""
        self._places = line_ras, points_ras
        self.place()

    def place(self) -> None:
        """Draw them where the view has them now."""
        line, points = (pixels_in_view(self.view.mrmlSliceNode(), places) for places in self._places)
        _set_shape(self._shape, line, points)
        self._effect.scheduleRender(self.view)

    def show(self, visible: bool) -> None:
        """Show the line, or hide it."""
        self.actor.SetVisibility(visible)
        self._effect.scheduleRender(self.view)

    def remove(self) -> None:
        """Take it out of the view."""
        self._effect.removeActor2D(self.view, self.actor)


def _set_shape(shape: Any, line: Float64Array, points: Float64Array) -> None:
    """Put one line through pixels, and a dot on each of some others, into a vtkPolyData."""
    import vtk
    from vtk.util.numpy_support import numpy_to_vtk

    places = np.zeros((len(line) + len(points), 3))
    places[: len(line), :2], places[len(line) :, :2] = line, points
    corners, lines, dots = vtk.vtkPoints(), vtk.vtkCellArray(), vtk.vtkCellArray()
    corners.SetData(numpy_to_vtk(places, deep=True))
    lines.InsertNextCell(len(line))
    for number in range(len(line)):
        lines.InsertCellPoint(number)
    for number in range(len(line), len(places)):
        dots.InsertNextCell(1)
        dots.InsertCellPoint(number)
    shape.SetPoints(corners)
    shape.SetLines(lines if len(line) > 1 else vtk.vtkCellArray())
    shape.SetVerts(dots)

"""Surfaces: data to vtkMRMLModelNode and back."""

from __future__ import annotations

from typing import Any, Protocol

from ..arrays import AnyArray
from ..errors import FluoroPrintError
from .nodes import Node, Scene, new_node, parent_transform

DEVIATION_ARRAY = "Deviation_mm"


class NamedSurface(Protocol):
    """What a model needs to become a node; `deviation.at_points_mm` is used where there is one."""

    @property
    def name(self) -> str:
        """What the user reads."""

    @property
    def colour(self) -> tuple[float, float, float]:
        """Red, green, blue, 0 to 1."""

    @property
    def surface(self) -> Any:
        """Closed surface in RAS mm: vtkPolyData."""


def add_model(scene: Scene, model: NamedSurface, name: str = "") -> Node:
    """Add a surface to the scene in its own colour.

    Distances to the segmentation (`model.deviation.at_points_mm`, one a point) become the point array
    `DEVIATION_ARRAY`, ready to be shown as a colour map.

    Parameters
    ----------
    scene : vtkMRMLScene
    model : anything with name, colour and surface (vtkPolyData in RAS mm); it is not changed
    name : the model's own name by default

    Returns
    -------
    vtkMRMLModelNode
    """
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    surface = vtkPolyData()
    surface.DeepCopy(model.surface)
    distances = getattr(getattr(model, "deviation", None), "at_points_mm", None)
    if distances is not None and len(distances) == surface.GetNumberOfPoints():
        _add_point_array(surface, distances, DEVIATION_ARRAY)
    node = new_node(scene, "vtkMRMLModelNode", name or model.name)
    node.SetAndObservePolyData(surface)
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetColor(*model.colour)
    node.GetDisplayNode().SetVisibility2D(True)
    return node


def _add_point_array(surface: Any, values: AnyArray, name: str) -> None:
    from vtkmodules.util.numpy_support import numpy_to_vtk

    array = numpy_to_vtk(values, deep=True)
    array.SetName(name)
    surface.GetPointData().AddArray(array)


def surface_from_node(node: Node) -> Any:
    """Return a copy of a model node's surface in world RAS mm, parent transforms of any kind applied.

    Parameters
    ----------
    node : vtkMRMLModelNode

    Returns
    -------
    vtkPolyData

    Raises
    ------
    FluoroPrintError
        The node is no model or holds no surface.
    """
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    if node is None or not node.IsA("vtkMRMLModelNode"):
        raise FluoroPrintError(f"{node.GetName() if node else 'Nothing'!r} is not a model: choose a model.")
    if node.GetPolyData() is None or node.GetPolyData().GetNumberOfPoints() == 0:
        raise FluoroPrintError(f"The model {node.GetName()!r} holds no surface: choose another one.")
    transform = parent_transform(node)
    if transform is not None:
        return _transformed(node.GetPolyData(), transform)
    surface = vtkPolyData()
    surface.DeepCopy(node.GetPolyData())
    return surface


def _transformed(surface: Any, transform: Any) -> Any:
    from vtkmodules.vtkFiltersGeneral import vtkTransformPolyDataFilter

    move = vtkTransformPolyDataFilter()
    move.SetInputData(surface)
    move.SetTransform(transform)
    move.Update()
    return move.GetOutput()

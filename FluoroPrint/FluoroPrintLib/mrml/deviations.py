"""Deviations of a model in the scene: kept with its points, shown as a colour map with a legend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import AnyArray, Float64Array
from ..mesh.deviation import Deviation, rounded_up
from .nodes import Node, Scene

DEVIATION_ARRAY = "Deviation_mm"
COLOURS_NAME = "FluoroPrint deviation"
MAPPED_PERCENT = 99.0
"""So many of the points lie within the colour map's range: a single far point does not pale all others."""
SMALLEST_RANGE_MM = 0.01
_FIGURES = ("mean_mm", "p95_mm", "max_mm")
_ATTRIBUTE = "FluoroPrint.Deviation."
_REFERENCE = f"{_ATTRIBUTE}reference"
_COLOURS = 256
# Blue, nearly white, red after RdBu of ColorBrewer (C. Brewer, M. Harrower, Apache-2.0): told apart by every
# kind of sight.
_ANCHORS = (
    np.array([(5, 48, 97), (67, 147, 195), (247, 247, 247), (214, 96, 77), (103, 0, 31)], np.float64) / 255
)


@dataclass(frozen=True)
class DeviationFigures:
    """How far a model lies from what it was compared with.

    Attributes
    ----------
    mean_mm, p95_mm, max_mm : distances, both ways where `is_two_sided`
    reference : what it was compared with; empty where that is not recorded
    is_two_sided : False where only the model's points are known, so that what the model lacks is not counted
    """

    mean_mm: float
    p95_mm: float
    max_mm: float
    reference: str
    is_two_sided: bool


def keep_deviation(node: Node, deviation: Deviation, reference: str) -> None:
    """Keep deviations with a model; its points and faces stay as they are.

    Parameters
    ----------
    node : vtkMRMLModelNode; earlier deviations are replaced
    deviation : one distance a point of the model, and the figures
    reference : what the model was compared with, for the user
    """
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    surface = vtkPolyData()
    surface.ShallowCopy(node.GetPolyData())
    if len(deviation.at_points_mm) == surface.GetNumberOfPoints():
        array = numpy_to_vtk(deviation.at_points_mm, deep=True)
        array.SetName(DEVIATION_ARRAY)
        surface.GetPointData().AddArray(array)
        node.SetAndObservePolyData(surface)
    for name in _FIGURES:
        node.SetAttribute(_ATTRIBUTE + name, repr(float(getattr(deviation, name))))
    node.SetAttribute(_REFERENCE, reference)


def deviation_figures(node: Node) -> DeviationFigures | None:
    """Return the figures of a model's deviations; None where it has none.

    Parameters
    ----------
    node : vtkMRMLModelNode
    """
    values = _values_of(node)
    if values is None:
        return None
    kept = [node.GetAttribute(_ATTRIBUTE + name) for name in _FIGURES]
    if all(kept):
        mean, p95, largest = (float(text) for text in kept)
        return DeviationFigures(mean, p95, largest, node.GetAttribute(_REFERENCE) or "", True)
    size = np.abs(values)
    return DeviationFigures(
        float(size.mean()), float(np.percentile(size, 95)), float(size.max()), "", is_two_sided=False
    )


def _values_of(node: Node) -> Float64Array | None:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    surface = node.GetPolyData()
    array = surface.GetPointData().GetArray(DEVIATION_ARRAY) if surface is not None else None
    if array is None or array.GetNumberOfTuples() == 0 or array.GetNumberOfComponents() != 1:
        return None
    values: AnyArray = vtk_to_numpy(array)
    return values.astype(np.float64)


def shows_deviation(node: Node) -> bool:
    """Say whether a model is coloured by its deviations."""
    display = node.GetDisplayNode()
    return bool(
        display is not None
        and display.GetScalarVisibility()
        and display.GetActiveScalarName() == DEVIATION_ARRAY
    )


def show_deviation(node: Node, *, shown: bool) -> None:
    """Colour a model by its deviations, with a legend; or show it in its own colour again.

    The range is symmetric about 0: blue where the model lies inside what it was compared with, red outside.

    Parameters
    ----------
    node : vtkMRMLModelNode with deviations
    shown : False takes colours and legend away
    """
    from vtkmodules.vtkFiltersCore import vtkAssignAttribute

    values = _values_of(node)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    if not shown or values is None:
        if shows_deviation(node):
            display.SetScalarVisibility(False)
        _show_legend(display, 0.0, shown=False)
        return
    top = rounded_up(max(float(np.percentile(np.abs(values), MAPPED_PERCENT)), SMALLEST_RANGE_MM))
    display.SetActiveScalar(DEVIATION_ARRAY, vtkAssignAttribute.POINT_DATA)
    display.SetAndObserveColorNodeID(deviation_colours(node.GetScene()).GetID())
    display.SetScalarRangeFlag(display.UseManualScalarRange)
    display.SetScalarRange(-top, top)
    display.SetScalarVisibility(True)
    _show_legend(display, top, shown=True)


def show_model(node: Node, *, shown: bool) -> None:
    """Show or hide a model in the views; the legend of its deviations goes and comes with it."""
    import slicer

    display = node.GetDisplayNode()
    if display is None:
        return
    display.SetVisibility(shown)
    legend = slicer.vtkSlicerColorLogic.GetColorLegendDisplayNode(display)
    if legend is not None:
        legend.SetVisibility(shown and shows_deviation(node))


def _show_legend(display: Node, top: float, *, shown: bool) -> None:
    import slicer

    legends = slicer.vtkSlicerColorLogic
    if not shown:
        legend = legends.GetColorLegendDisplayNode(display)
        if legend is not None:
            legend.SetVisibility(False)
        return
    legend = legends.AddDefaultColorLegendDisplayNode(display)
    legend.SetTitleText("Deviation (mm)")
    legend.SetNumberOfLabels(5)
    legend.SetLabelFormat(f"%+.{decimals_of(top / 2)}f")
    legend.SetVisibility(True)


def decimals_of(step: float) -> int:
    """Return how many decimals a label needs to tell multiples of a step above 0 apart: 2 for 0.25."""
    return next(places for places in range(7) if places == 6 or abs(round(step, places) / step - 1) < 1e-6)


def deviation_colours(scene: Scene) -> Node:
    """Return the scene's colours for deviations, made where there are none: blue, white, red.

    Returns
    -------
    vtkMRMLColorTableNode
    """
    for index in range(scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode")):
        node = scene.GetNthNodeByClass(index, "vtkMRMLColorTableNode")
        if node.GetName() == COLOURS_NAME:
            return node
    node = scene.CreateNodeByClass("vtkMRMLColorTableNode")
    node.UnRegister(None)
    node.SetName(COLOURS_NAME)
    node.SetTypeToUser()
    node.SetNumberOfColors(_COLOURS)
    for index, (red, green, blue) in enumerate(_colours()):
        node.SetColor(index, f"{index}", red, green, blue, 1.0)
    node.GetLookupTable().SetRange(0, _COLOURS - 1)
    return scene.AddNode(node)


def _colours() -> Any:
    place, where = np.linspace(0, 1, _COLOURS), np.linspace(0, 1, len(_ANCHORS))
    return np.stack([np.interp(place, where, channel) for channel in _ANCHORS.T], -1).tolist()

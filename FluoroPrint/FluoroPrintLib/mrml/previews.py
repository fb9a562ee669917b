"""A result shown over the slices before it is written anywhere: a node that neither lists nor files show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .nodes import Node, Scene

OPACITY = 0.5
NAME = "Preview"


Colour = tuple[float, float, float]


def add_preview(
    scene: Scene,
    labelmap: Any,
    colour: Colour,
    segmentation_node: Node,
    others: Sequence[tuple[Any, Colour]] = (),
) -> Node:
    """Show labelmaps in the slice views, translucent and outlined; the segmentation stays as it is.

    The node is hidden from choosers and the subject hierarchy, and left out where the scene is saved.

    Parameters
    ----------
    scene : vtkMRMLScene
    labelmap : vtkOrientedImageData of 0 and 1, in the segmentation's own frame
    colour : red, green, blue, 0 to 1
    segmentation_node : vtkMRMLSegmentationNode whose parent transform the preview follows
    others : more labelmaps in the same place, each with its colour

    Returns
    -------
    vtkMRMLSegmentationNode; `remove_preview` takes it away
    """
    node = scene.CreateNodeByClass("vtkMRMLSegmentationNode")
    node.UnRegister(None)
    node.SetName(NAME)
    node.SetHideFromEditors(True)
    node.SetSaveWithScene(False)
    node = scene.AddNode(node)
    node.CreateDefaultDisplayNodes()
    for shown, its_colour in ((labelmap, colour), *others):
        node.AddSegmentFromBinaryLabelmapRepresentation(shown, NAME, its_colour)
    node.SetAndObserveTransformNodeID(segmentation_node.GetTransformNodeID())
    display = node.GetDisplayNode()
    display.SetSaveWithScene(False)
    display.SetVisibility3D(False)
    display.SetOpacity2DFill(OPACITY)
    return node


def remove_preview(node: Node) -> None:
    """Take a preview out of its scene, with its display node; nothing happens where the scene was closed."""
    scene = node.GetScene()
    if scene is None:
        return
    for display in [node.GetNthDisplayNode(index) for index in range(node.GetNumberOfDisplayNodes())]:
        if display is not None:
            scene.RemoveNode(display)
    scene.RemoveNode(node)

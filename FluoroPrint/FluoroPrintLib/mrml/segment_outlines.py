"""A segment's surface as a hidden model, to draw its outline over frames with what draws those of models."""

from __future__ import annotations

from typing import Any

from .nodes import Node, Scene
from .silhouettes import remove_shown

NAME = "Segment outline"


def add_outline_model(scene: Scene) -> Node:
    """Add a model that no list, file or view shows; `remove_outline_model` takes it away."""
    node = scene.CreateNodeByClass("vtkMRMLModelNode")
    node.UnRegister(None)
    node.SetName(NAME)
    node.SetHideFromEditors(True)
    node.SetSaveWithScene(False)
    return scene.AddNode(node)


def set_outline_surface(model_node: Node, surface_ras: Any) -> None:
    """Give the model another surface, in RAS mm."""
    model_node.SetAndObservePolyData(surface_ras)


def remove_outline_model(model_node: Node) -> None:
    """Take the model out of its scene with all that is shown of it; nothing where the scene was closed."""
    scene = model_node.GetScene()
    if scene is not None:
        remove_shown(model_node)
        scene.RemoveNode(model_node)

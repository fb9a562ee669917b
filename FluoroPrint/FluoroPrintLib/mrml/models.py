"""Surfaces: data to vtkMRMLModelNode and back."""

from __future__ import annotations

import colorsys
from typing import Any

from ..errors import FluoroPrintError
from ..mesh.check import MeshCheck, check_mesh
from ..mesh.cleaning import Repair
from ..mesh.named import NamedModel, NamedSurface, material_of
from ..progress import Progress, silent
from ..shape.shaped import Part
from .checks import keep_check
from .deviations import keep_deviation, show_model
from .nodes import SHOWN, Node, Scene, attribute_names, new_node, parent_transform

_WARNING, _MATERIAL = "FluoroPrint.Warning.", "FluoroPrint.Material"
HUE_TURN = 0.28
LEAST_SATURATION, LEAST_VALUE = 0.35, 0.75


def add_model(scene: Scene, model: NamedSurface, name: str = "") -> Node:
    """Add a surface to the scene in its own colour.

    Its check (`model.check`) and its distances to the segmentation (`model.deviation`) are kept with the node
    where there are some (see `checks` and `deviations`).

    Parameters
    ----------
    scene : vtkMRMLScene
    model : anything with name, colour and surface (vtkPolyData in RAS mm); it is not changed
    name : the model's own name by default

    Returns
    -------
    vtkMRMLModelNode
    """
    node = _added(scene, model, name or model.name)
    deviation, check = getattr(model, "deviation", None), getattr(model, "check", None)
    if deviation is not None:
        keep_deviation(node, deviation, f"segment {model.name}")
    if check is not None:
        keep_check(node, check)
    return node


def add_repair(scene: Scene, repair: Repair, source: Node) -> Node:
    """Add a repaired surface beside the model that it was made of, in its colour; hide that one.

    Parameters
    ----------
    scene : vtkMRMLScene
    repair : of the surface of `source`
    source : vtkMRMLModelNode; only its visibility is changed

    Returns
    -------
    vtkMRMLModelNode
    """
    name = f"{source.GetName()} repaired"
    node = _added(
        scene, NamedModel(name, colour_of(source), repair.surface, material=material_at(source)), name
    )
    keep_deviation(node, repair.deviation, f"{source.GetName()} before the repair")
    keep_check(node, repair.check)
    show_model(source, shown=False)
    return node


def add_part(scene: Scene, part: Part, source: Node, number: int = 0) -> Node:
    """Add a part that an operation made of a model, in a colour of its own or of the model; hide that.

    The warnings of both, such as that it is mirrored, and the model's material become attributes of the node.

    Parameters
    ----------
    scene : vtkMRMLScene
    part : of the surface of `source`
    source : vtkMRMLModelNode; only its visibility is changed
    number : of the part, from 0; each has another colour

    Returns
    -------
    vtkMRMLModelNode
    """
    name = _name_after(source, part)
    colour = colour_of(source) if part.keeps_colour else distinct_colour(colour_of(source), number)
    node = _added(scene, NamedModel(name, colour, part.surface), name)
    for word, sentence in {**warnings_at(source), **part.warnings}.items():
        node.SetAttribute(f"{_WARNING}{word}", sentence)
    keep_material(node, material_at(source))
    show_model(source, shown=False)
    return node


def _name_after(source: Node, part: Part) -> str:
    """Return what a part is called; a step done again adds no word where the model stays what it is."""
    name = str(source.GetName())
    return name if part.keeps_colour and name.endswith(f" {part.word}") else f"{name} {part.word}"


def distinct_colour(colour: tuple[float, float, float], number: int = 0) -> tuple[float, float, float]:
    """Return a colour that is told from another one: its hue turned, never grey, never dark.

    Parameters
    ----------
    colour : red, green, blue, 0 to 1
    number : of the part, from 0; parts of one model differ too
    """
    hue, saturation, value = colorsys.rgb_to_hsv(*colour)
    turned = (hue + HUE_TURN * (number + 1)) % 1.0
    return colorsys.hsv_to_rgb(turned, max(saturation, LEAST_SATURATION), max(value, LEAST_VALUE))


def warnings_at(node: Node) -> dict[str, str]:
    """Return the warnings that a model carries, sentences by a word each."""
    names = [name for name in attribute_names(node) if name.startswith(_WARNING)]
    return {name.removeprefix(_WARNING): node.GetAttribute(name) for name in names}


def keep_material(node: Node, name: str) -> None:
    """Note of which material a model shall be, by its name in the catalogue; empty for that of its print."""
    node.SetAttribute(_MATERIAL, name or None)


def material_at(node: Node) -> str:
    """Return the name of a model's own material; empty where it has none."""
    return node.GetAttribute(_MATERIAL) or ""


def _added(scene: Scene, model: NamedSurface, name: str) -> Node:
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    surface = vtkPolyData()
    surface.DeepCopy(model.surface)
    node = new_node(scene, "vtkMRMLModelNode", name)
    node.SetAndObservePolyData(surface)
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetColor(*model.colour)
    node.GetDisplayNode().SetVisibility2D(True)
    keep_material(node, material_of(model))
    return node


def colour_of(node: Node) -> tuple[float, float, float]:
    """Return the colour of a model: red, green, blue, 0 to 1; grey where it is not displayed."""
    display = node.GetDisplayNode()
    red, green, blue = display.GetColor() if display is not None else (0.5, 0.5, 0.5)
    return (red, green, blue)


def is_shown(node: Node) -> bool:
    """Say whether a model is shown in the views, whatever its legend is."""
    display = node.GetDisplayNode()
    return display is not None and bool(display.GetVisibility())


def is_model(node: Node) -> bool:
    """Say whether a node is a model of the user's: slice planes and what only shows something are not."""
    if node is None or not node.IsA("vtkMRMLModelNode"):
        return False
    return not node.GetHideFromEditors() and not node.GetAttribute(SHOWN)


def check_model(node: Node, progress: Progress = silent) -> MeshCheck:
    """Check a model's surface in world RAS mm, keep what was found with the node, and return it.

    Parameters
    ----------
    node : vtkMRMLModelNode
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The node is no model or holds no surface.
    """
    found = check_mesh(surface_from_node(node), progress)
    keep_check(node, found)
    return found


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


def named_surface(node: Node) -> NamedModel:
    """Return a model node's surface in world RAS mm with its name, colour and material.

    Raises
    ------
    FluoroPrintError
        The node is no model or holds no surface.
    """
    surface = surface_from_node(node)
    return NamedModel(str(node.GetName()), colour_of(node), surface, warnings_at(node), material_at(node))

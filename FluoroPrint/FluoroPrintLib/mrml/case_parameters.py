"""The parameters of all stages of the case in the scene: one node that panels, presets and scripts share.

The node is a vtkMRMLScriptedModuleNode of which a scene has one. A parameter is called by stage and field,
"reconstruction_voxel_mm", and written as Slicer's parameterNodeWrapper writes it, so that widgets bind to it.
What is not written there has the default of its dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ..catalog.anatomy import stage_parameters
from ..errors import FluoroPrintError
from ..parameters import KIND_WORDS, ParameterField, Parameters, parameter_fields
from .module_nodes import module_node
from .nodes import Node, Scene

CASE_MODULE = "FluoroPrintCase"
"""Singleton tag of the node, and its attribute ModuleName."""
ORIENTATION, PRINT, SHEET, PLANNED_CUTS = "orientation", "print", "sheet", "planned_cuts"
"""What the parameters of a print, its sheet and the cuts of a plan are called among those of the stages."""
PLANS = "plan"
"""What the names of the parameters of all that can be planned begin with."""
SCREWS = "plan_screws_screws"
"""What the parameters of pedicle screws are called among those of the stages."""


def case_node(scene: Scene) -> Node:
    """Return the node that keeps the parameters of the case; it is made where there is none.

    Returns
    -------
    vtkMRMLScriptedModuleNode
    """
    return module_node(scene, CASE_MODULE)


def parameter_name(stage: str, field: str) -> str:
    """Return what a field of a stage is called in the node."""
    return f"{stage}_{field}"


@cache
def kept_parameters() -> Mapping[str, type[Parameters]]:
    """Return the dataclass of each stage whose parameters a scene keeps: of case, shaping, print, plans."""
    from ..planning.planners import planners
    from ..printing.orientation import OrientationParameters
    from ..printing.settings import PrintSettings
    from ..printing.sheet_parameters import SheetParameters
    from ..shape.operations import operations
    from ..shape.planned import PlannedCutsParameters

    return {
        **stage_parameters(),
        **{shape_name(operation.name): operation.parameters for operation in operations()},
        ORIENTATION: OrientationParameters,
        PRINT: PrintSettings,
        SHEET: SheetParameters,
        PLANNED_CUTS: PlannedCutsParameters,
        **{
            plan_name(planner.word, group): parameters
            for planner in planners().values()
            for group, parameters in planner.parameters.items()
        },
    }


def shape_name(operation: str) -> str:
    """Return what the parameters of an operation on models are called among those of the stages."""
    return f"shape_{operation}"


def plan_name(word: str, group: str) -> str:
    """Return what a group of a planner's parameters is called among those of the stages."""
    return "_".join(f"{PLANS} {word} {group}".replace("-", " ").split())


def plan_stages() -> tuple[str, ...]:
    """Return the names of the parameters of all that can be planned, among those of `kept_parameters`."""
    return tuple(name for name in kept_parameters() if name.startswith(f"{PLANS}_"))


def stored_parameters(scene: Scene, stage: str) -> Parameters:
    """Return the parameters of a stage as the scene keeps them.

    Parameters
    ----------
    scene : vtkMRMLScene
    stage : a name of `kept_parameters`: "sweep", "bone", "model", "shape_drill", "print"

    Raises
    ------
    FluoroPrintError
        A text is no value of its field, or out of bounds.
    """
    node, parameters = case_node(scene), kept_parameters()[stage]
    fields = parameter_fields(parameters)
    kept = [field for field in fields if node.HasParameter(parameter_name(stage, field.name))]
    texts = {field: node.GetParameter(parameter_name(stage, field.name)) for field in kept}
    return parameters(**{field.name: value_of_text(field, text) for field, text in texts.items()})


def store_parameters(scene: Scene, stage: str, parameters: Parameters) -> None:
    """Keep the parameters of a stage in the scene."""
    node = case_node(scene)
    previous = node.StartModify()
    for field in parameter_fields(type(parameters)):
        name = parameter_name(stage, field.name)
        node.SetParameter(name, text_of_value(getattr(parameters, field.name)))
    node.EndModify(previous)


def store_all_parameters(scene: Scene, stages: Mapping[str, Parameters]) -> None:
    """Keep the parameters of several stages in the scene; observers of the node are told once."""
    node = case_node(scene)
    previous = node.StartModify()
    for stage, parameters in stages.items():
        store_parameters(scene, stage, parameters)
    node.EndModify(previous)


def text_of_value(value: Any) -> str:
    """Return a value as text: None is empty, the values of a tuple are parted by commas."""
    if value is None:
        return ""
    return ", ".join(str(single) for single in value) if isinstance(value, tuple) else str(value)


def value_of_text(field: ParameterField, text: str) -> Any:
    """Return the value of a field that a text stands for.

    Raises
    ------
    FluoroPrintError
        It stands for none; the sentence names the field.
    """
    if field.optional and not text.strip():
        return None
    parts = text.replace(",", " ").split() if field.length else [text.strip()]
    try:
        values = tuple(_single_value(field.kind, part) for part in parts)
    except ValueError:
        raise FluoroPrintError(f"{field.name} is {text!r}: it takes {KIND_WORDS[field.kind]}.") from None
    return values if field.length else values[0]


def _single_value(kind: type, text: str) -> Any:
    if kind is bool:
        return text == "True"
    return int(float(text)) if kind is int else kind(text)

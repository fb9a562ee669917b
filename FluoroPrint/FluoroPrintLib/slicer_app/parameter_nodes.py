"""Parameters as Slicer binds them to widgets: parameterNodeWrapper classes derived from the dataclasses."""

from __future__ import annotations

import operator
from typing import Annotated, Any, get_args

from ..errors import FluoroPrintError
from ..mrml.case_parameters import case_node, kept_parameters, parameter_name, text_of_value
from ..parameters import ParameterField, parameter_fields

UNUSED = "unused"


def wrapped(name: str, annotations: dict[str, Any]) -> Any:
    """Return a class of parameterNodeWrapper with these parameters.

    VTK calls the observer that was added first after all others, and each parameter has one that keeps its
    value up to date: the first would be shown as it was before. So an unused parameter goes first.
    """
    from slicer.parameterNodeWrapper import parameterNodeWrapper

    return parameterNodeWrapper(type(name, (), {"__annotations__": {UNUSED: bool} | annotations}))


def kept_in(node: Any, name: str, annotations: dict[str, Any]) -> Any:
    """Return the parameters that a node keeps, as an object of a class made by `wrapped`.

    Raises
    ------
    FluoroPrintError
        The node keeps a text where a number belongs.
    """
    for parameter, annotation in annotations.items():
        kind = (get_args(annotation) or (annotation,))[0]
        if kind in (int, float) and node.HasParameter(parameter):
            _refuse_no_number(parameter, node.GetParameter(parameter), kind)
    return wrapped(name, annotations)(node)


def _refuse_no_number(name: str, text: str, kind: type) -> None:
    try:
        kind(text)
    except ValueError as error:
        raise FluoroPrintError(
            f"The scene keeps {text!r} for {name}, which is a number: open another scene, or close this one."
        ) from error


def case_parameters(scene: Any, more: tuple[str, ...] = ()) -> Any:
    """Return the parameters of all stages in a scene, one attribute each ("reconstruction_voxel_mm").

    What the user sets in any panel, a preset or a script is there at once; `stored_parameters` gives it back
    as the dataclass of a stage.

    Parameters
    ----------
    scene : vtkMRMLScene
    more : names of `kept_parameters` that are wanted beside the stages of the case: "shape_drill"
    """
    from ..catalog.anatomy import stage_parameters

    kept = kept_parameters()
    annotations = {
        parameter_name(stage, field.name): annotation_of(field)
        for stage in (*stage_parameters(), *more)
        for field in parameter_fields(kept[stage])
    }
    return kept_in(case_node(scene), "CaseParameters", annotations)


def annotation_of(field: ParameterField) -> Any:
    """Return the annotated type that parameterNodeWrapper needs for a field.

    A field that may be left out, that has several values, or words without a choice is kept as text.
    """
    from slicer.parameterNodeWrapper import Choice, Default, WithinRange

    if is_text(field):
        return Annotated[str, Default(text_of_value(field.default))]
    notes: list[Any] = [Default(field.default)]
    if field.choices:
        notes.append(Choice(list(field.choices)))
    elif field.bounds:
        notes.append(WithinRange(field.bounds.low, field.bounds.high))
    return operator.getitem(Annotated, (field.kind, *notes))


def is_text(field: ParameterField) -> bool:
    """Say whether a field is kept and shown as text."""
    return field.optional or field.length > 0 or (field.kind is str and not field.choices)

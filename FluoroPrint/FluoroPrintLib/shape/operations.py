"""The operations on models by name: one entry serves the panel, the scene and the command alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..parameters import Parameters
from ..progress import Progress, silent
from .shaped import Shaped


@dataclass(frozen=True)
class Operation:
    """A way to shape a model.

    Attributes
    ----------
    name : the word on the command line and in a recipe, "drill"
    title : what the user reads, "Drill"
    summary : what it does, a sentence
    parameters : dataclass
    shape : ``shape(surface, other, parameters, progress)``, pure; `other` is the second model, or None
    needs_other : whether a second model must be given
    """

    name: str
    title: str
    summary: str
    parameters: type[Parameters]
    shape: Callable[[vtkPolyData, vtkPolyData | None, Any, Progress], Shaped]
    needs_other: bool = False


def operations() -> tuple[Operation, ...]:
    """Return all operations."""
    return (*_that_cut(), *_that_add(), *_of_size())


def _that_cut() -> tuple[Operation, ...]:
    from . import combine, cut, drill, fit, hollow, saw

    return (
        Operation(
            "cut",
            "Cut",
            "Cut by a plane into two parts, with pegs and sockets where wanted.",
            cut.CutParameters,
            _alone(cut.cut),
        ),
        Operation("drill", "Drill", "Drill a round hole.", drill.DrillParameters, _alone(drill.drill)),
        Operation(
            "saw", "Saw", "Saw through, the blade's thickness lost.", saw.SawParameters, _alone(saw.saw)
        ),
        Operation(
            "combine",
            "Combine",
            "Unite with another model, subtract it, or keep what both have in common.",
            combine.CombineParameters,
            _with_other(combine.combine),
            needs_other=True,
        ),
        Operation(
            "fit",
            "Fit",
            "Take another model out of this one, with room about it, so that both fit when printed.",
            fit.FitParameters,
            _with_other(fit.fit),
            needs_other=True,
        ),
        Operation(
            "hollow",
            "Hollow",
            "Hollow to a wall of even thickness, with drain holes.",
            hollow.HollowParameters,
            _alone(hollow.hollow),
        ),
    )


def _that_add() -> tuple[Operation, ...]:
    from . import base, bridges, label, thicken

    return (
        Operation(
            "label",
            "Label",
            "Engrave or raise a label on the surface.",
            label.LabelParameters,
            _alone(label.label),
        ),
        Operation(
            "thicken",
            "Thicken",
            "Thicken walls that are too thin to print.",
            thicken.ThickenParameters,
            _alone(thicken.thicken),
        ),
        Operation(
            "base",
            "Base",
            "Put on a plinth, or on a plate with pillars.",
            base.BaseParameters,
            _alone(base.stand),
        ),
        Operation(
            "bridge",
            "Bridge",
            "Join loose pieces by the shortest bridges.",
            bridges.BridgeParameters,
            _alone(bridges.bridge),
        ),
    )


def _of_size() -> tuple[Operation, ...]:
    from . import size

    return (
        Operation("scale", "Scale", "Make larger or smaller.", size.ScaleParameters, _alone(size.scale)),
        Operation(
            "mirror",
            "Mirror",
            "Mirror, with a warning that stays with the model.",
            size.MirrorParameters,
            _alone(size.mirror),
        ),
    )


def _alone(
    function: Callable[[vtkPolyData, Any, Progress], Shaped],
) -> Callable[[vtkPolyData, vtkPolyData | None, Any, Progress], Shaped]:
    def shape(surface: vtkPolyData, _other: object, parameters: Any, progress: Progress) -> Shaped:
        return function(surface, parameters, progress)

    return shape


def _with_other(
    function: Callable[[vtkPolyData, vtkPolyData, Any, Progress], Shaped],
) -> Callable[[vtkPolyData, vtkPolyData | None, Any, Progress], Shaped]:
    def shape(surface: vtkPolyData, other: vtkPolyData | None, parameters: Any, progress: Progress) -> Shaped:
        assert other is not None, "`shape_by` holds what is needed"
        return function(surface, other, parameters, progress)

    return shape


def operation_named(name: str) -> Operation:
    """Return an operation by its word.

    Raises
    ------
    FluoroPrintError
        There is no such operation.
    """
    for operation in operations():
        if operation.name == name:
            return operation
    known = ", ".join(operation.name for operation in operations())
    raise FluoroPrintError(f"There is no operation {name}: choose one of {known}.")


def shape_by(
    operation: Operation,
    surface: vtkPolyData,
    parameters: Parameters | None = None,
    other: vtkPolyData | None = None,
    progress: Progress = silent,
) -> Shaped:
    """Run an operation on a surface, which stays as it is.

    Raises
    ------
    FluoroPrintError
        A second model is missing, or the operation says so.
    Cancelled
        `progress` stopped the work.
    """
    if operation.needs_other and other is None:
        raise FluoroPrintError(f"{operation.title} needs a second model: give it.")
    return operation.shape(surface, other, parameters or operation.parameters(), progress)

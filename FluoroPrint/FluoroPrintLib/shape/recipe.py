"""Recipes: operations with their parameters, one after another, to be used again on the next model.

As JSON a recipe is a list; each step names its operation, and the parameters that differ from the defaults::

    [{"operation": "hollow", "wall_mm": 2.5}, {"operation": "label", "side": "L", "at_ras_mm": [10, 0, 5]}]

Places are RAS mm of the model at hand, so a recipe with places suits models that lie alike.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..mesh.named import Colour
from ..parameters import Parameters, parameter_fields
from ..progress import Progress, part_of, silent
from .operations import Operation, operation_named, shape_by
from .shaped import Shaped
from .solids import UntouchedError

KEY = "operation"
MODEL_COLOUR: Colour = (0.89, 0.85, 0.75)


@dataclass(frozen=True)
class Step:
    """One step of a recipe."""

    operation: Operation
    parameters: Parameters


@dataclass(frozen=True)
class Piece:
    """A model on its way through a recipe; it is a `NamedSurface`.

    Attributes
    ----------
    name, colour, surface : as `mesh.named.NamedSurface` says
    warnings : what must stay with it in files, by a word each
    """

    name: str
    surface: vtkPolyData
    colour: Colour = MODEL_COLOUR
    warnings: Mapping[str, str] = field(default_factory=dict)


def read_steps(text: str) -> tuple[Step, ...]:
    """Return the steps that a recipe's JSON holds.

    Raises
    ------
    FluoroPrintError
        It is no recipe: the sentence tells which step is wrong.
    """
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise FluoroPrintError(f"The recipe is no JSON: {error}.") from error
    if not isinstance(rows, list) or not rows:
        raise FluoroPrintError('The recipe is no list of steps such as [{"operation": "hollow"}].')
    return tuple(_step(number, row) for number, row in enumerate(rows, start=1))


def _step(number: int, row: Any) -> Step:
    if not isinstance(row, dict) or not isinstance(row.get(KEY), str):
        raise FluoroPrintError(f'Step {number} of the recipe names no operation: add "{KEY}".')
    try:
        operation = operation_named(row[KEY])
        given = {name: value for name, value in row.items() if name != KEY}
        return Step(operation, _parameters(operation, given))
    except FluoroPrintError as error:
        raise FluoroPrintError(f"Step {number} of the recipe: {error}") from error


def _parameters(operation: Operation, given: Mapping[str, Any]) -> Parameters:
    known = {field.name for field in parameter_fields(operation.parameters)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise FluoroPrintError(
            f"{operation.name} has no {', '.join(unknown)}: it takes {', '.join(sorted(known))}."
        )
    return operation.parameters(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    )


def written_steps(steps: Sequence[Step]) -> str:
    """Return a recipe as JSON: what differs from the defaults."""
    return json.dumps([{KEY: step.operation.name, **_given(step.parameters)} for step in steps], indent=1)


def _given(parameters: Parameters) -> dict[str, Any]:
    values = {f.name: (getattr(parameters, f.name), f.default) for f in parameter_fields(type(parameters))}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, (value, default) in values.items()
        if value != default
    }


def shape_in_steps(
    models: Sequence[Piece],
    steps: Sequence[Step],
    other: vtkPolyData | None = None,
    progress: Progress = silent,
) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """Take models through the steps of a recipe.

    Each step takes every part that the steps before made; a part that its tool does not meet stays as it is.

    Parameters
    ----------
    models : stay as they are
    steps : in their order
    other : the second model of steps that need one
    progress : told how far the work is; may cancel

    Returns
    -------
    The models that were made, and sentences of what was done.

    Raises
    ------
    FluoroPrintError
        A step cannot be done, or meets no part; the sentence names it where there are several.
    """
    made, notes = tuple(models), []
    for number, step in enumerate(steps):
        share = part_of(progress, number / len(steps), (number + 1) / len(steps))
        share(0.0, step.operation.title)
        try:
            made, said = _stepped(made, step, other, share)
        except FluoroPrintError as error:
            if len(steps) == 1:
                raise
            raise FluoroPrintError(f"Step {number + 1}, {step.operation.name}: {error}") from error
        notes += said
    return made, tuple(notes)


def _stepped(
    models: Sequence[Piece], step: Step, other: vtkPolyData | None, progress: Progress
) -> tuple[tuple[Piece, ...], list[str]]:
    made: list[Piece] = []
    notes: list[str] = []
    missed: list[UntouchedError] = []
    for model in models:
        try:
            shaped = shape_by(step.operation, model.surface, step.parameters, other, progress)
        except UntouchedError as error:
            missed.append(error)
            made.append(model)
            continue
        made += _pieces(model, shaped)
        notes += [f"{model.name}: {note}" for note in shaped.notes]
    if len(missed) == len(models):
        raise missed[0]
    return tuple(made), notes


def _pieces(model: Piece, shaped: Shaped) -> list[Piece]:
    """Return the parts that an operation made; parts, and what carries a warning, are named after it."""
    is_renamed = len(shaped.parts) > 1 or any(part.warnings for part in shaped.parts)
    return [
        replace(
            model,
            name=f"{model.name} {part.word}" if is_renamed else model.name,
            surface=part.surface,
            warnings={**model.warnings, **part.warnings},
        )
        for part in shaped.parts
    ]

"""Recipes: operations with their parameters, one after another, to be used again on the next model.

As JSON a recipe is a list; each step names its operation, and the parameters that differ from the defaults::

    [{"operation": "hollow", "wall_mm": 2.5}, {"operation": "label", "side": "L", "at_ras_mm": [10, 0, 5]}]

A step that takes an implant of a plan out holds its shape, as text: ``"shape": "eJx..."``; others that need a
second model take the one that is given with the recipe.

After a cut a step takes every part that its tool meets; with ``"part": "part 1"`` it takes that part alone.

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
from .packed import packed, unpacked
from .shaped import Shaped
from .solids import UntouchedError

KEY, PART_KEY, SHAPE_KEY = "operation", "part", "shape"
PART_OF = "/"
"""Between the words of a part of a part: "part 1/part 2"."""
MODEL_COLOUR: Colour = (0.89, 0.85, 0.75)


@dataclass(frozen=True)
class Step:
    """One step of a recipe.

    Attributes
    ----------
    operation, parameters : what is done
    part : the part that it takes, "part 1" or "part 1/part 2"; every part where it is empty
    shape : the second model, where the step has one of its own
    """

    operation: Operation
    parameters: Parameters
    part: str = ""
    shape: vtkPolyData | None = None


@dataclass(frozen=True)
class Piece:
    """A model on its way through a recipe; it is a `NamedSurface`.

    Attributes
    ----------
    name, colour, surface : as `mesh.named.NamedSurface` says
    warnings : what must stay with it in files, by a word each
    part : which part of the model it is, by the words of the cuts so far; empty for the whole
    """

    name: str
    surface: vtkPolyData
    colour: Colour = MODEL_COLOUR
    warnings: Mapping[str, str] = field(default_factory=dict)
    part: str = ""


@dataclass(frozen=True)
class Made:
    """What one step of a recipe made of one model."""

    step: Step
    source: Piece
    shaped: Shaped
    pieces: tuple[Piece, ...]


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
        given = {name: value for name, value in row.items() if name not in (KEY, PART_KEY, SHAPE_KEY)}
        return step_of(row[KEY], given, _word(row, PART_KEY), _word(row, SHAPE_KEY))
    except FluoroPrintError as error:
        raise FluoroPrintError(f"Step {number} of the recipe: {error}") from error


def _word(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key, "")
    if not isinstance(value, str):
        raise FluoroPrintError(f'{key} is {value!r}: it takes words such as "part 1".')
    return value


def step_of(name: str, given: Mapping[str, Any], part: str = "", shape: str = "") -> Step:
    """Return a step by the word of its operation and the parameters that are given, as JSON has them.

    Raises
    ------
    FluoroPrintError
        There is no such operation or parameter, a value is out of bounds, or the shape is damaged.
    """
    operation = operation_named(name)
    return Step(operation, _parameters(operation, given), part, unpacked(shape) if shape else None)


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
    return json.dumps([_row(step) for step in steps], indent=1)


def _row(step: Step) -> dict[str, Any]:
    part = {PART_KEY: step.part} if step.part else {}
    shape = {} if step.shape is None else {SHAPE_KEY: packed(step.shape)}
    return {KEY: step.operation.name, **part, **_given(step.parameters), **shape}


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
    other : the second model of steps that need one and have none of their own
    progress : told how far the work is; may cancel

    Returns
    -------
    The models that were made, and sentences of what was done.

    Raises
    ------
    FluoroPrintError
        A step cannot be done, or meets no part; the sentence names it where there are several.
    """
    made = made_in_steps(models, steps, other, progress)
    return left_by(models, made), notes_of(made)


def notes_of(made: Sequence[Made]) -> tuple[str, ...]:
    """Return sentences of what was done."""
    return tuple(f"{each.source.name}: {note}" for each in made for note in each.shaped.notes)


def made_in_steps(
    models: Sequence[Piece],
    steps: Sequence[Step],
    other: vtkPolyData | None = None,
    progress: Progress = silent,
) -> tuple[Made, ...]:
    """Return what `shape_in_steps` makes on its way, step by step; the arguments and faults are its own."""
    now, made = tuple(models), list[Made]()
    for number, step in enumerate(steps):
        share = part_of(progress, number / len(steps), (number + 1) / len(steps))
        share(0.0, step.operation.title)
        try:
            of_step = _stepped(now, step, other, share)
        except FluoroPrintError as error:
            if len(steps) == 1:
                raise
            raise FluoroPrintError(f"Step {number + 1}, {step.operation.name}: {error}") from error
        now, made = left_by(now, of_step), [*made, *of_step]
    return tuple(made)


def left_by(models: Sequence[Piece], made: Sequence[Made]) -> tuple[Piece, ...]:
    """Return the models with each that a step took replaced by what it made; the others stay in place."""
    now = tuple(models)
    for each in made:
        now = tuple(piece for model in now for piece in (each.pieces if model is each.source else (model,)))
    return now


def _stepped(
    models: Sequence[Piece], step: Step, other: vtkPolyData | None, progress: Progress
) -> list[Made]:
    taken = [model for model in models if _is_of_part(model.part, step.part)]
    if not taken:
        raise FluoroPrintError(f"There is no {step.part} to take: the steps before made none.")
    second = other if step.shape is None else step.shape
    made, missed = list[Made](), list[UntouchedError]()
    for model in taken:
        try:
            shaped = shape_by(step.operation, model.surface, step.parameters, second, progress)
        except UntouchedError as error:
            missed.append(error)
            continue
        made.append(Made(step, model, shaped, _pieces(model, shaped)))
    if not made:
        raise missed[0]
    return made


def _is_of_part(part: str, wanted: str) -> bool:
    return not wanted or f"{part}{PART_OF}".startswith(f"{wanted}{PART_OF}")


def _pieces(model: Piece, shaped: Shaped) -> tuple[Piece, ...]:
    """Return the parts that an operation made; parts, and what carries a warning, are named after it."""
    is_cut = len(shaped.parts) > 1
    is_renamed = is_cut or any(part.warnings for part in shaped.parts)
    return tuple(
        replace(
            model,
            name=f"{model.name} {part.word}" if is_renamed else model.name,
            surface=part.surface,
            warnings={**model.warnings, **part.warnings},
            part=part_path(model.part, part.word) if is_cut else model.part,
        )
        for part in shaped.parts
    )


def part_path(part: str, word: str) -> str:
    """Return the words of a part of a part: "part 1/part 2"."""
    return f"{part}{PART_OF}{word}" if part else word

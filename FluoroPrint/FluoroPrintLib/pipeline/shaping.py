"""The command that shapes models: one operation, or the steps of a recipe, on the model of a file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..progress import Progress, part_of
from .faults import naming
from .options import parameters_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..shape.recipe import Piece, Step

    Outcome = tuple[tuple[Piece, ...], tuple[str, ...], tuple[Step, ...]]
    Shaping = Callable[[Piece, Any, Progress], Outcome]


def shape_model(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Read a model, shape it, write what was made; write the recipe where that is wanted."""
    from ..files.atomic import check_writable
    from ..files.kept_warnings import warnings_in
    from ..files.mesh_formats import check_mesh_name, read_mesh, read_mesh_and_words
    from ..shape.recipe import Piece

    shaped = _shaping(arguments)
    check_mesh_name(arguments.out)
    check_writable(arguments.out)
    if arguments.save_recipe is not None:
        check_writable(arguments.save_recipe)
    other = read_mesh(arguments.other) if arguments.other is not None else None
    with naming(arguments.input, arguments.recipe, arguments.plan):
        surface, said = read_mesh_and_words(arguments.input)
        model = Piece(arguments.input.stem, surface, warnings=warnings_in(said))
        made, notes, steps = shaped(model, other, part_of(progress, 0.05, 0.9))
    progress(0.9, f"Writing {arguments.out.name}")
    return [*notes, *_written(arguments.out, made), *_recipe_written(arguments.save_recipe, steps)]


def _shaping(arguments: argparse.Namespace) -> Shaping:
    """Return what shapes a model into pieces, notes, and the steps that were done."""
    from ..catalog.implants import implant_families
    from ..files.plan_files import read_plan
    from ..shape.planned import (
        PlannedCutsParameters,
        left_as_pieces,
        made_as_planned,
        planned_steps,
        steps_made,
    )
    from ..shape.recipe import left_by, notes_of, shape_in_steps

    if arguments.plan is None:
        steps = _steps(arguments)
        return lambda model, other, progress: (*shape_in_steps((model,), steps, other, progress), steps)
    with naming(arguments.plan):
        own = implant_families(arguments.implants) if arguments.implants is not None else ()
        shapes = {family.id: family.shape for family in own if family.shape is not None}
        parameters = parameters_from(arguments, PlannedCutsParameters)
        plan = read_plan(arguments.plan)
        asked, left = planned_steps(plan, parameters, shapes), left_as_pieces(plan)

    def as_planned(model: Piece, _other: object, progress: Progress) -> Outcome:
        made, missed = made_as_planned((model,), asked, progress)
        return left_by((model,), made), (*notes_of(made), *missed, *left), steps_made(made)

    return as_planned


def _steps(arguments: argparse.Namespace) -> tuple[Step, ...]:
    from ..files.recipes import read_recipe
    from ..shape.operations import operation_named
    from ..shape.recipe import Step

    if arguments.recipe is not None:
        with naming(arguments.recipe):
            return read_recipe(arguments.recipe)
    operation = operation_named(arguments.operation)
    parameters: Any = operation.parameters
    return (Step(operation, parameters_from(arguments, parameters)),)


def _written(out: Path, made: Sequence[Piece]) -> list[str]:
    """Write the parts to one file, or to a file each where the format keeps them not apart."""
    from ..files.export import export_models

    return [
        f"Wrote {path} ({figures.volume_mm3 / 1000:.2f} ml, {figures.triangles} triangles)"
        for path, figures in export_models(out, made)
    ]


def _recipe_written(path: Path | None, steps: Sequence[Step]) -> list[str]:
    from ..files.recipes import write_recipe

    if path is None:
        return []
    write_recipe(path, steps)
    return [f"Wrote {path}"]

"""Recipes of shaping as JSON files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import FluoroPrintError
from ..shape.recipe import Step, read_steps, written_steps
from .atomic import written_whole


def read_recipe(path: Path) -> tuple[Step, ...]:
    """Return the steps of a recipe's file.

    Raises
    ------
    FluoroPrintError
        The file is not there, or holds no recipe.
    """
    if not path.is_file():
        raise FluoroPrintError(f"{path} does not exist: check the name.")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FluoroPrintError(f"{path} is no text: give a recipe in JSON.") from error
    return read_steps(text)


def write_recipe(path: Path, steps: Sequence[Step]) -> None:
    """Write steps to a file, which appears when it is complete.

    Raises
    ------
    FluoroPrintError
        The file cannot be written.
    """
    with written_whole(path) as partial:
        partial.write_text(written_steps(steps) + "\n", encoding="utf-8")

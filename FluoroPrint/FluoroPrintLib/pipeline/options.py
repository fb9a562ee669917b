"""Command-line options from the fields of parameter dataclasses, so that each fact stands once."""

from __future__ import annotations

import argparse
from typing import Any, TypeVar

from ..parameters import ParameterField, Parameters, parameter_fields

Chosen = TypeVar("Chosen", bound=Parameters)


def add_options(parser: argparse.ArgumentParser, parameters: type[Parameters], title: str) -> None:
    """Add an option for every field of a parameter dataclass to a parser, as a group."""
    group = parser.add_argument_group(title)
    for field in parameter_fields(parameters):
        flag = "--" + field.name.replace("_", "-")
        group.add_argument(
            flag, dest=field.name, default=argparse.SUPPRESS, help=_help(field), **_reading(field)
        )


def parameters_from(
    arguments: argparse.Namespace, parameters: type[Chosen], preset: Parameters | None = None
) -> Chosen:
    """Return the parameters that were given on the command line, the preset's or defaults for the rest.

    Raises
    ------
    FluoroPrintError
        A value is out of bounds.
    """
    given = {
        f.name: getattr(arguments, f.name) for f in parameter_fields(parameters) if hasattr(arguments, f.name)
    }
    rest = {} if preset is None else {f.name: getattr(preset, f.name) for f in parameter_fields(parameters)}
    return parameters(
        **rest | {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    )


def _reading(field: ParameterField) -> dict[str, Any]:
    if field.kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    reading: dict[str, Any] = {"type": field.kind, "metavar": _metavar(field)}
    if field.choices:
        reading |= {"choices": field.choices, "metavar": None}
    if field.length:
        reading |= {"nargs": field.length}
    return reading


def _metavar(field: ParameterField) -> str:
    return {"mm": "MM", "HU": "HU", "°": "DEG"}.get(
        field.unit, {float: "X", int: "N", str: "TEXT"}[field.kind]
    )


def _help(field: ParameterField) -> str:
    """Return the field's help with unit, bounds and default; % is argparse's own sign."""
    facts = []
    if field.bounds and not field.choices:
        facts.append(f"{field.bounds.low:g} to {field.bounds.high:g} {field.unit}".rstrip())
    if field.default is not None:
        facts.append(f"default {_shown(field.default)}")
    return f"{field.help} ({'; '.join(facts)})".replace("%", "%%") if facts else field.help.replace("%", "%%")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(_shown(single) for single in value)
    return f"{value:g}" if isinstance(value, float) else str(value)

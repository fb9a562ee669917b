"""Parameters of a stage: a frozen dataclass whose annotations carry bounds, unit, choices and help.

Each fact stands there once; command line, widgets and documentation are derived from it::

    @dataclass(frozen=True)
    class HollowParameters(Parameters):
        wall_mm: Annotated[float, Bounds(0.2, 20.0), Unit("mm"), Help("Wall thickness.")] = 2.0
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

from .errors import FluoroPrintError

KIND_WORDS = {float: "a number", int: "a whole number", bool: "True or False", str: "a word"}
LARGEST_WRITTEN_OUT = 10**300
"""An int may be too large to become a float, and so to be formatted as one."""


@dataclass(frozen=True)
class Bounds:
    """Smallest and largest value allowed, both inclusive."""

    low: float
    high: float


@dataclass(frozen=True)
class Unit:
    """The unit that a number is given in."""

    symbol: str


@dataclass(frozen=True)
class Choices:
    """The words a text parameter may take."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Help:
    """One sentence for tooltip, command line and documentation."""

    text: str


@dataclass(frozen=True)
class ParameterField:
    """One parameter as the widgets and the command line need it.

    `kind` is float, int, bool or str; `length` is the number of values (0: a single one);
    `optional` says that None is allowed.
    """

    name: str
    kind: type
    default: Any
    length: int = 0
    optional: bool = False
    bounds: Bounds | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    help: str = ""


class Parameters:
    """Base of all parameter dataclasses: values are checked when one is made."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def __post_init__(self) -> None:
        for field in parameter_fields(type(self)):
            _check_value(field, getattr(self, field.name))


def parameter_fields(parameters: type[Parameters]) -> tuple[ParameterField, ...]:
    """Describe the fields of a parameter dataclass, in their order."""
    return _fields_of(parameters)  # type: ignore[arg-type]


@cache
def _fields_of(parameters: type[Any]) -> tuple[ParameterField, ...]:
    """Panels ask for the same fields at every change of the scene, so each class is read once."""
    hints = get_type_hints(parameters, include_extras=True)
    return tuple(_describe(field, hints[field.name]) for field in dataclasses.fields(parameters))


def _describe(field: dataclasses.Field[Any], hint: Any) -> ParameterField:
    notes = hint.__metadata__ if get_origin(hint) is typing.Annotated else ()
    kind, length, optional = _shape_of(get_args(hint)[0] if notes else hint)
    found = {type(note): note for note in notes}
    return ParameterField(
        name=field.name,
        kind=kind,
        default=field.default,
        length=length,
        optional=optional,
        bounds=found.get(Bounds),
        unit=found[Unit].symbol if Unit in found else "",
        choices=found[Choices].words if Choices in found else (),
        help=found[Help].text if Help in found else "",
    )


def _shape_of(hint: Any) -> tuple[type, int, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        inner = next(a for a in get_args(hint) if a is not type(None))
        kind, length, _ = _shape_of(inner)
        return kind, length, True
    if get_origin(hint) is tuple:
        return get_args(hint)[0], len(get_args(hint)), False
    return hint, 0, False


def _check_value(field: ParameterField, value: Any) -> None:
    if value is None and field.optional:
        return
    values = value if field.length else (value,)
    if field.length and (not isinstance(value, tuple) or len(value) != field.length):
        raise FluoroPrintError(f"{field.name} is {value!r}: it takes a tuple of {field.length} values.")
    for single in values:
        _check_single(field, single)


def _check_single(field: ParameterField, value: Any) -> None:
    accepted: Any = (int, float) if field.kind is float else field.kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and field.kind is not bool):
        raise FluoroPrintError(f"{field.name} is {value!r}: it takes {KIND_WORDS[field.kind]}.")
    if field.choices and value not in field.choices:
        raise FluoroPrintError(f"{field.name} is {value!r}: choose one of {', '.join(field.choices)}.")
    if field.kind is float and not -math.inf < value < math.inf:
        raise FluoroPrintError(f"{field.name} is {value}: it takes a finite number.")
    if field.bounds and not field.bounds.low <= value <= field.bounds.high:
        low, high, unit = field.bounds.low, field.bounds.high, f" {field.unit}".rstrip()
        given = f"{value:g}" if abs(value) < LARGEST_WRITTEN_OUT else "too large a number"
        raise FluoroPrintError(f"{field.name} is {given}{unit}: it takes {low:g} to {high:g}{unit}.")

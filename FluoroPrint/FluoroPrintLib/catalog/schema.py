"""Is a file as its schema says? The part of JSON Schema that the catalogue's schemas use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_KINDS: Mapping[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "number": (int, float),
}


def faults_of(value: Any, schema: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Yield what does not fit the schema, a clause each: "printers[0].bed_mm is missing"."""
    if not any(_is_kind(value, kind) for kind in _kinds(schema)):
        yield f"{where or 'it'} is no {' or '.join(_kinds(schema))}"
    elif isinstance(value, dict):
        yield from _faults_of_object(value, schema, where)
    elif isinstance(value, list):
        yield from _faults_of_array(value, schema, where)
    elif isinstance(value, str):
        yield from _faults_of_text(value, schema, where)
    elif not isinstance(value, bool):
        yield from _faults_of_number(value, schema, where)


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    """Return the kinds that a schema allows: one word, or a list of them."""
    return [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])


def _is_kind(value: Any, kind: str) -> bool:
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _faults_of_object(value: dict[str, Any], schema: Mapping[str, Any], where: str) -> Iterator[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name in schema.get("required", []):
        if name not in value:
            yield f"{_below(where, name)} is missing"
    for name, inner in value.items():
        if name in known:
            yield from faults_of(inner, known[name], _below(where, name))
        elif isinstance(others, Mapping):
            yield from faults_of(inner, others, _below(where, name))
        elif not others:
            yield f"{_below(where, name)} is unknown"


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _faults_of_array(value: list[Any], schema: Mapping[str, Any], where: str) -> Iterator[str]:
    low, high = schema.get("minItems", 0), schema.get("maxItems", len(value))
    if not low <= len(value) <= high:
        yield f"{where} has {len(value)} values instead of {low}{'' if low == high else ' or more'}"
    for index, item in enumerate(value):
        yield from faults_of(item, schema["items"], f"{where}[{index}]")


def _faults_of_text(value: str, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if value not in schema.get("enum", [value]):
        yield f"{where} is {value!r} and not one of {', '.join(schema['enum'])}"
    if not re.search(schema.get("pattern", ""), value):
        yield f"{where} is {value!r}, which does not fit {schema['pattern']}"


def _faults_of_number(value: float, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if value <= schema.get("exclusiveMinimum", float("-inf")):
        yield f"{where} is {value:g} and not above {schema['exclusiveMinimum']:g}"
    if not schema.get("minimum", float("-inf")) <= value <= schema.get("maximum", float("inf")):
        yield f"{where} is {value:g}, out of bounds"

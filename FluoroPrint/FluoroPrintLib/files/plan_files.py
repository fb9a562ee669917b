"""PLAN.json: a plan in a file, places in LPS mm there and RAS mm here; plan.schema.json says what."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..catalog.schema import faults_of
from ..errors import FluoroPrintError
from ..planning.plan import INTENDED_USE, VERSION, Decision, Figure, Plan, Planned
from .atomic import written_whole

UNITS, FRAME = "mm", "LPS"
DIGITS = 6
"""A millionth of a millimetre: what is read is what was written, and the file stays readable."""


def write_plan(path: Path, plan: Plan) -> None:
    """Write a plan.

    Raises
    ------
    FluoroPrintError
        The plan does not fit the schema, or the file cannot be written; an older one stays as it was.
    """
    content = _content(plan)
    _refuse_faulty(Path(path), content, "written")
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    with written_whole(Path(path)) as partial:
        partial.write_text(text + "\n", encoding="utf-8")


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises
    ------
    FluoroPrintError
        The file cannot be read, is no plan, is of a later version, or holds two objects of one id.
    """
    path = Path(path)
    found = _json_in(path)
    _refuse_newer(path, found)
    _refuse_faulty(path, found, "read")
    notes = tuple(found.get("notes", ()))
    return Plan(found.get("case", ""), found.get("side", ""), _objects(found["objects"]), notes)


def _json_in(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FluoroPrintError(f"{path} cannot be read: check its name and rights.") from error
    except (ValueError, RecursionError) as error:
        raise FluoroPrintError(f"{path} is no JSON: choose a plan that FluoroPrint wrote.") from error


def _refuse_newer(path: Path, found: Any) -> None:
    """Say so before its new fields are called faults."""
    version = found.get("version") if isinstance(found, dict) else None
    if isinstance(version, int | float) and version > VERSION:
        raise FluoroPrintError(
            f"{path} is a plan of version {version}, newer than {VERSION}: update FluoroPrint."
        )


def _refuse_faulty(path: Path, content: Any, done: str) -> None:
    schema = json.loads((Path(__file__).parent / "plan.schema.json").read_text(encoding="utf-8"))
    fault = next(faults_of(content, schema), None) or _fault_of_numbers(content) or _fault_of_ids(content)
    if fault is not None:
        raise FluoroPrintError(f"{path} cannot be {done} as a plan: {fault}.")


def _fault_of_numbers(content: Any) -> str | None:
    """JSON as Python reads it knows numbers that are none; a schema cannot forbid them."""
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    if isinstance(content, float) and not math.isfinite(content):
        return f"it holds {content}, which is no number"
    return next((fault for fault in map(_fault_of_numbers, inner) if fault), None)


def _fault_of_ids(content: Mapping[str, Any]) -> str | None:
    ids = [planned["id"] for planned in content["objects"]]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    return twice and f"two objects are called {twice}"


def _content(plan: Plan) -> dict[str, Any]:
    return {
        "version": VERSION,
        "case": plan.case,
        "side": plan.side,
        "units": UNITS,
        "frame": FRAME,
        "intended_use": INTENDED_USE,
        "notes": list(plan.notes),
        "objects": [_content_of(planned) for planned in plan.objects],
    }


def _content_of(planned: Planned) -> dict[str, Any]:
    content: dict[str, Any] = _as_json(asdict(planned))
    for name in ("points", "directions"):
        content[name] = _flipped(content[name])
    return content


def _as_json(value: Any) -> Any:
    """Return lists for tuples and plain, rounded numbers for numpy's."""
    if isinstance(value, Mapping):
        return {name: _as_json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(inner) for inner in value]
    return value if isinstance(value, str | bool) else round(float(value), DIGITS)


def _flipped(lists: Mapping[str, Any]) -> dict[str, Any]:
    """Take places or directions from RAS to LPS or back; + 0.0 so that no -0.0 is written."""
    return {name: [[-x + 0.0, -y + 0.0, z] for x, y, z in places] for name, places in lists.items()}


def _objects(found: list[Any]) -> tuple[Planned, ...]:
    return tuple(_object(entry) for entry in found)


def _object(entry: Mapping[str, Any]) -> Planned:
    return Planned(
        **{
            **entry,
            "points": _places(entry.get("points", {})),
            "directions": _places(entry.get("directions", {})),
            "figures": _figures(entry.get("figures", {})),
            "decisions": tuple(_decision(decision) for decision in entry.get("decisions", ())),
        }
    )


def _places(lists: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(map(tuple, places)) for name, places in _flipped(lists).items()}


def _figures(found: Mapping[str, Any]) -> dict[str, Figure]:
    return {name: Figure(_value(entry["value"]), entry.get("unit", "")) for name, entry in found.items()}


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _decision(entry: Mapping[str, Any]) -> Decision:
    return Decision(**{**entry, "figures": _figures(entry.get("figures", {}))})

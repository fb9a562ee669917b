"""PLAN.json: a plan in a file, places in LPS mm there and RAS mm here; plan.schema.json says what."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..catalog.schema import faults_of
from ..errors import FluoroPrintError
from ..planning.plan import DIGITS, INTENDED_USE, VERSION, Decision, Figure, Plan, Planned
from .atomic import written_whole

UNITS, FRAME = "mm", "LPS"
_UNFIT = "{name} cannot be {done} as a plan: {fault}."
_NO_JSON = "{name} is no JSON: choose a plan that FluoroPrint wrote."


def write_plan(path: Path, plan: Plan) -> None:
    """Write a plan.

    Raises
    ------
    FluoroPrintError
        The plan does not fit the schema, or the file cannot be written; an older one stays as it was.
    """
    text = plan_text(plan, str(path))
    with written_whole(Path(path)) as partial:
        partial.write_text(text, encoding="utf-8")


def plan_text(plan: Plan, name: str) -> str:
    """Return a plan as the text of its file; `name` says where in the sentence of a fault."""
    content = _content(plan)
    _refuse_faulty(name, content, "written")
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises
    ------
    FluoroPrintError
        The file cannot be read, is no plan, is of a later version, or holds two objects of one id.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FluoroPrintError(_NO_JSON.format(name=path)) from error
    except OSError as error:
        raise FluoroPrintError(f"{path} cannot be read: check its name and rights.") from error
    return plan_of_text(text, str(path))


def plan_of_text(text: str, name: str) -> Plan:
    """Return the plan of a file's text; raises as `read_plan`, `name` says where."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FluoroPrintError(_NO_JSON.format(name=name)) from error
    _refuse_newer(name, found)
    _refuse_faulty(name, found, "read")
    notes = tuple(found.get("notes", ()))
    return Plan(found.get("case", ""), found.get("side", ""), _objects(found["objects"]), notes)


def objects_content(objects: Iterable[Planned]) -> list[Any]:
    """Return objects as a file holds them; several may be states of one."""
    return [_content_of(planned) for planned in objects]


def objects_of(content: list[Any], name: str) -> tuple[Planned, ...]:
    """Return the objects of what `objects_content` gave; FluoroPrintError where it is something else."""
    _refuse_unfit(name, {**_content(Plan()), "objects": content}, "read")
    return _objects(content)


def _refuse_newer(path: str, found: Any) -> None:
    """Say so before its new fields are called faults."""
    version = found.get("version") if isinstance(found, dict) else None
    if isinstance(version, int | float) and version > VERSION:
        raise FluoroPrintError(
            f"{path} is a plan of version {version}, newer than {VERSION}: update FluoroPrint."
        )


def _refuse_faulty(path: str, content: Any, done: str) -> None:
    _refuse_unfit(path, content, done)
    fault = _fault_of_ids(content)
    if fault is not None:
        raise FluoroPrintError(_UNFIT.format(name=path, done=done, fault=fault))


def _refuse_unfit(path: str, content: Any, done: str) -> None:
    schema = json.loads((Path(__file__).parent / "plan.schema.json").read_text(encoding="utf-8"))
    fault = next(faults_of(content, schema), None) or _fault_of_numbers(content)
    if fault is not None:
        raise FluoroPrintError(_UNFIT.format(name=path, done=done, fault=fault))


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
    return {
        "id": planned.id,
        "label": planned.label,
        "kind": planned.kind,
        "side": planned.side,
        "points": _flipped(_as_json(planned.points)),
        "directions": _flipped(_as_json(planned.directions)),
        "figures": _content_of_figures(planned.figures),
        "decisions": [_content_of_decision(decision) for decision in planned.decisions],
        "locked": planned.locked,
    }


def _content_of_decision(decision: Decision) -> dict[str, Any]:
    """Return the fields by name, in their order: a field that is new is written too."""
    fields = {field.name: getattr(decision, field.name) for field in dataclasses.fields(decision)}
    return {**fields, "figures": _content_of_figures(decision.figures)}


def _content_of_figures(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {name: {"value": _as_json(figure.value), "unit": figure.unit} for name, figure in figures.items()}


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

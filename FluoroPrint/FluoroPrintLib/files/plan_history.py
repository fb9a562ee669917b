"""The states of a plan as text: each object once, each state a list of them; places in LPS mm."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ..errors import FluoroPrintError
from ..planning.history import History
from ..planning.plan import Plan, Planned
from .plan_files import objects_content, objects_of


def history_text(history: History) -> str:
    """Return a history as text, small: states of a plan share the objects that did not change."""
    states = (*history.past, history.present, *history.future)
    objects: list[Planned] = []
    numbers: dict[int, int] = {}
    listed = [[_number(planned, objects, numbers) for planned in plan.objects] for plan in states]
    content = {
        "at": len(history.past),
        "objects": objects_content(objects),
        "states": [
            {"case": plan.case, "side": plan.side, "notes": list(plan.notes), "objects": places}
            for plan, places in zip(states, listed, strict=True)
        ],
    }
    return json.dumps(content, ensure_ascii=False)


def _number(planned: Planned, objects: list[Planned], numbers: dict[int, int]) -> int:
    """Return the place of an object in the list, which it joins where it is new."""
    if id(planned) not in numbers:
        known = next((at for at, other in enumerate(objects) if other == planned), None)
        if known is None:
            objects.append(planned)
        numbers[id(planned)] = len(objects) - 1 if known is None else known
    return numbers[id(planned)]


def history_of_text(text: str, name: str) -> History:
    """Return the history of a text; FluoroPrintError where it is none, `name` says where."""
    try:
        content = json.loads(text)
        objects = objects_of(content["objects"], name)
        states = tuple(_state(state, objects) for state in content["states"])
        at = int(content["at"])
        return History(states[at], states[:at], states[at + 1 :])
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise FluoroPrintError(
            f"{name} is no history of a plan: remove it, the plan itself stays."
        ) from error


def _state(state: Any, objects: tuple[Planned, ...]) -> Plan:
    plan = Plan(str(state["case"]), str(state["side"]), (), tuple(map(str, state["notes"])))
    return replace(plan, objects=tuple(objects[number] for number in state["objects"]))

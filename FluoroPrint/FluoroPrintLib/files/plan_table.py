"""A plan as a table (CSV): a row a point, direction, figure or decision of an object, for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from ..planning.plan import Figure, Places, Plan, Planned, Value
from .atomic import written_whole

COLUMNS = ("object", "label", "kind", "side", "entry", "name", "value", "unit", "by", "when", "note")


def write_plan_table(path: Path, plan: Plan) -> None:
    """Write a plan as CSV; points and directions in LPS mm as in PLAN.json.

    Raises
    ------
    FluoroPrintError
        The file cannot be written; an older one stays as it was.
    """
    with written_whole(path) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(_rows(plan))


def _rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    for planned in plan.objects:
        start = (planned.id, planned.label, planned.kind, planned.side)
        for rest in (*_place_rows(planned), *_figure_rows(planned), *_decision_rows(planned)):
            yield (*start, *rest)


def _place_rows(planned: Planned) -> Iterator[tuple[str, ...]]:
    for name, places in planned.points.items():
        yield "point", name, _lps(places), "mm", "", "", ""
    for name, places in planned.directions.items():
        yield "direction", name, _lps(places), "", "", "", ""


def _figure_rows(planned: Planned) -> Iterator[tuple[str, ...]]:
    for name, figure in planned.figures.items():
        yield "figure", name, _text(figure.value), figure.unit, "", "", ""


def _decision_rows(planned: Planned) -> Iterator[tuple[str, ...]]:
    for decision in planned.decisions:
        told = [f"{name} {_named(figure)}" for name, figure in decision.figures.items()]
        why = "; ".join([*told, *([decision.note] if decision.note else [])])
        yield "decision", decision.what, "", "", decision.by, decision.when, why


def _named(figure: Figure) -> str:
    return f"{_text(figure.value)} {figure.unit}".rstrip()


def _text(value: Value) -> str:
    """Return a value as text; a curve as its values with spaces between."""
    if isinstance(value, str):
        return value
    return " ".join(f"{each:.6g}" for each in value) if isinstance(value, tuple) else f"{value:.6g}"


def _lps(places: Places) -> str:
    """Return places in LPS, x y z with spaces between, one place and the next with a semicolon."""
    return "; ".join(f"{-x + 0.0:.6g} {-y + 0.0:.6g} {z:.6g}" for x, y, z in places)

"""The figures of a plan's objects as a table of the scene."""

from __future__ import annotations

from collections.abc import Sequence

from ..planning.kinds import kind_of
from ..planning.plan import Figure, Planned
from .nodes import Node
from .tables import add_text_column

FIGURES = "FluoroPrint.PlanFigures"
"""Role of the table at the plan's node."""


def fill_figures(table_node: Node, objects: Sequence[Planned]) -> None:
    """Let a table tell of objects: a row each, a column for each figure that their kinds show."""
    previous = table_node.StartModify()
    table_node.RemoveAllColumns()
    add_text_column(table_node, "Object", [planned.label for planned in objects])
    add_text_column(table_node, "Kind", [kind_of(planned).title for planned in objects])
    add_text_column(table_node, "Locked", ["yes" if planned.locked else "" for planned in objects])
    for name in told_columns(objects):
        units = {planned.figures[name].unit for planned in objects if name in planned.figures}
        cells = [figure_words(planned.figures.get(name), with_unit=False) for planned in objects]
        add_text_column(table_node, name, cells, units.pop() if len(units) == 1 else "")
    table_node.EndModify(previous)


def told_columns(objects: Sequence[Planned], most: int | None = None) -> tuple[str, ...]:
    """Return the names of the figures that the kinds of some objects show, each once; so many of a kind."""
    return tuple(dict.fromkeys(name for planned in objects for name in kind_of(planned).columns[:most]))


def figure_words(figure: Figure | None, *, with_unit: bool = True) -> str:
    """Return a figure as people read it, numbers to a hundredth; empty for none and for curves."""
    if figure is None or isinstance(figure.value, tuple):
        return ""
    if isinstance(figure.value, str):
        return figure.value
    number = f"{figure.value:.2f}".rstrip("0").rstrip(".")
    return f"{number} {figure.unit}".rstrip() if with_unit else number

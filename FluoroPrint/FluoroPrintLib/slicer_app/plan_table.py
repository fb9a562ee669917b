"""The table of a plan's objects: a row each, in the colour of how it lies; one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..mrml.plan_objects import COLOURS
from ..planning.kind import UNKNOWN
from ..planning.kinds import kind_of
from ..planning.plan import Planned
from .plan_words import table_of
from .text_tables import build_text_table, fill_text_table


class PlanTable:
    """A QTableWidget of objects.

    Parameters
    ----------
    widget : QTableWidget
    chosen : given the id of the object that was clicked
    """

    def __init__(self, widget: Any, chosen: Callable[[str], None]) -> None:
        self._widget, self._chosen = widget, chosen
        self._ids: tuple[str, ...] = ()
        widget.connect("cellClicked(int,int)", self._on_cell)

    def show(self, objects: Sequence[Planned], name: str) -> None:
        """Show objects, the one with the id `name` as chosen."""
        import qt

        columns, rows = table_of(objects)
        build_text_table(self._widget, columns, 1)
        self._widget.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        self._widget.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        self._widget.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        fill_text_table(self._widget, rows)
        self._ids = tuple(planned.id for planned in objects)
        for number, planned in enumerate(objects):
            self._colour(number, planned)
        self._widget.clearSelection()
        if name in self._ids:
            self._widget.selectRow(self._ids.index(name))

    def _colour(self, number: int, planned: Planned) -> None:
        import qt

        verdict = kind_of(planned).verdict(planned)
        red, green, blue = (round(255 * part) for part in COLOURS[verdict])
        item = self._widget.item(number, 0)
        item.setData(qt.Qt.DecorationRole, qt.QColor(red, green, blue))
        item.setToolTip("" if verdict == UNKNOWN else verdict)

    def _on_cell(self, row: int, _column: int) -> None:
        self._chosen(self._ids[row])

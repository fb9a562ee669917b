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

    Attributes
    ----------
    selected : ids of all objects that are chosen, among them the one that was clicked last
    """

    def __init__(self, widget: Any, chosen: Callable[[str], None]) -> None:
        self._widget, self._chosen = widget, chosen
        self._ids: tuple[str, ...] = ()
        self.selected: tuple[str, ...] = ()
        widget.connect("cellClicked(int,int)", self._on_cell)

    def show(self, objects: Sequence[Planned], name: str) -> None:
        """Show objects, the one with the id `name` as chosen."""
        import qt

        columns, rows = table_of(objects)
        build_text_table(self._widget, columns, 1)
        self._widget.setSelectionMode(qt.QAbstractItemView.ExtendedSelection)
        self._widget.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        self._widget.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        fill_text_table(self._widget, rows)
        self._ids = tuple(planned.id for planned in objects)
        for number, planned in enumerate(objects):
            self._colour(number, planned)
        self._select(name)

    def _select(self, name: str) -> None:
        """Select an object, and those that were selected beside it."""
        import qt

        beside = self.selected if name in self.selected else (name,)
        self.selected = tuple(each for each in self._ids if each in beside)
        rows, model = qt.QItemSelectionModel.Rows, self._widget.model()
        for number, each in enumerate(self._ids):
            how = qt.QItemSelectionModel.Select if each in self.selected else qt.QItemSelectionModel.Deselect
            self._widget.selectionModel().select(model.index(number, 0), how | rows)

    def _colour(self, number: int, planned: Planned) -> None:
        import qt

        verdict = kind_of(planned).verdict(planned)
        red, green, blue = (round(255 * part) for part in COLOURS[verdict])
        item = self._widget.item(number, 0)
        item.setData(qt.Qt.DecorationRole, qt.QColor(red, green, blue))
        item.setToolTip("" if verdict == UNKNOWN else verdict)

    def _on_cell(self, row: int, _column: int) -> None:
        clicked, rows = self._ids[row], {item.row() for item in self._widget.selectedItems()}
        selected = tuple(self._ids[number] for number in sorted(rows))
        if clicked in selected:
            self.selected = selected
        elif clicked in self.selected and selected:  # taken out of several with Ctrl held
            self.selected, clicked = selected, selected[0]
        else:
            self.selected = (clicked,)
        self._chosen(clicked)

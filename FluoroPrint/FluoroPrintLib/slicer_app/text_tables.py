"""Tables of texts in a panel, as high as their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

ROW_PX = 24


def build_text_table(table: Any, columns: Sequence[str], wide: int) -> None:
    """Give a QTableWidget its columns; one of them, by its place, takes the room that is left."""
    import qt

    table.setColumnCount(len(columns))
    table.setHorizontalHeaderLabels(list(columns))
    table.verticalHeader().setVisible(False)
    header = table.horizontalHeader()
    for column in range(len(columns)):
        way = qt.QHeaderView.Stretch if column == wide else qt.QHeaderView.ResizeToContents
        header.setSectionResizeMode(column, way)
    table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
    table.wordWrap = False
    table.textElideMode = qt.Qt.ElideMiddle
    table.setSelectionMode(qt.QAbstractItemView.NoSelection)


def fit_height(table: Any, rows: int) -> None:
    """Make a table as high as so many rows and its heading."""
    table.minimumHeight = table.maximumHeight = ROW_PX * (rows + 1) + 4


def fill_text_table(table: Any, rows: Sequence[Sequence[str]]) -> None:
    """Show rows of texts, each as tooltip too; a table without rows is hidden."""
    import qt

    table.visible = bool(rows)
    table.setRowCount(len(rows))
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            item = qt.QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(number, column, item)
        table.setRowHeight(number, ROW_PX)
    fit_height(table, len(rows))

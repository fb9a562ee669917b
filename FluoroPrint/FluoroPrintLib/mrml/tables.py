"""Tables: columns of numbers and texts in a vtkMRMLTableNode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays import AnyArray, Float64Array
from ..errors import FluoroPrintError
from .nodes import Node, Scene, new_node


def add_number_column(table_node: Node, name: str, values: AnyArray, unit: str = "") -> None:
    """Append a column of numbers; table files keep six digits of each."""
    from vtkmodules.util.numpy_support import numpy_to_vtk

    column = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
    column.SetName(name)
    _append(table_node, column, unit)


def add_text_column(table_node: Node, name: str, values: Sequence[Any] | AnyArray, unit: str = "") -> None:
    """Append a column of texts; floating-point numbers are written with all their digits."""
    from vtkmodules.vtkCommonCore import vtkStringArray

    column = vtkStringArray()
    column.SetName(name)
    for value in values:
        column.InsertNextValue(repr(float(value)) if isinstance(value, float) else str(value))
    _append(table_node, column, unit)


def _append(table_node: Node, column: Any, unit: str) -> None:
    table_node.AddColumn(column)
    if unit:
        table_node.SetColumnUnitLabel(column.GetName(), unit)


def column_texts(table_node: Node, name: str) -> list[str]:
    """Return the cells of a column as texts.

    Raises
    ------
    FluoroPrintError
        There is no such column.
    """
    column = _column(table_node, name)
    return [column.GetVariantValue(row).ToString() for row in range(column.GetNumberOfTuples())]


def _column(table_node: Node, name: str) -> Any:
    column = table_node.GetTable().GetColumnByName(name)
    if column is None:
        raise FluoroPrintError(
            f"The table {table_node.GetName()!r} has no column {name!r}: make the table again."
        )
    return column


def column_numbers(table_node: Node, name: str) -> Float64Array:
    """Return the cells of a column of numbers or of texts that are numbers: (rows,).

    Raises
    ------
    FluoroPrintError
        There is no such column, or a cell is no number.
    """
    column = _column(table_node, name)
    if column.IsNumeric():
        return np.array([column.GetTuple1(row) for row in range(column.GetNumberOfTuples())])
    try:
        return np.array([float(text) for text in column_texts(table_node, name)])
    except ValueError as error:
        raise FluoroPrintError(
            f"Column {name!r} of the table {table_node.GetName()!r} holds what is no number ({error}): "
            "mend the cell."
        ) from error


def add_figures(scene: Scene, figures: Mapping[str, Any], name: str) -> Node:
    """Add a table of quality figures, a row each: figure, value, unit.

    Parameters
    ----------
    figures : name to value; a name that ends in a unit ("mean_mm") gives the unit's column

    Returns
    -------
    vtkMRMLTableNode
    """
    table = new_node(scene, "vtkMRMLTableNode", name)
    add_text_column(table, "Figure", [words_and_unit(key)[0] for key in figures])
    add_text_column(table, "Value", [_shown(value) for value in figures.values()])
    add_text_column(table, "Unit", [words_and_unit(key)[1] for key in figures])
    return table


_UNITS = {"mm": "mm", "ml": "ml", "mm3": "mm³", "deg": "°", "hu": "HU", "percent": "%", "s": "s", "px": "px"}


def words_and_unit(name: str) -> tuple[str, str]:
    """Split a name such as "mean_distance_mm" into what a person reads: ("mean distance", "mm")."""
    words = name.split("_")
    unit = _UNITS.get(words[-1], "") if len(words) > 1 else ""
    if unit and words[-2] == "per":
        return " ".join(words[:-2]), f"per {unit}"
    return " ".join(words[:-1] if unit else words), unit


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (tuple, list)):
        return ", ".join(_shown(single) for single in value)
    return str(value)

"""Points in files: Slicer's markups (.mrk.json) and plain text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError

TO_RAS = {"RAS": (1.0, 1.0, 1.0), "0": (1.0, 1.0, 1.0), "LPS": (-1.0, -1.0, 1.0), "1": (-1.0, -1.0, 1.0)}
REMEDY = "give Slicer's .mrk.json, or text with three numbers in RAS mm a line"


def read_points(path: Path) -> Float64Array:
    """Return the points of a file in RAS mm, (N, 3) with N of at least 1; see `read_named_points`."""
    return read_named_points(path)[0]


def read_named_points(path: Path) -> tuple[Float64Array, tuple[str, ...]]:
    """Return the points of a file in RAS mm, (N, 3) with N of at least 1, and what each is a part of.

    Parameters
    ----------
    path : Slicer's markups, whose frame is told in the file, with the part as the point's description; or
        text, "x y z" or "x y z part" a line, with spaces or commas; `#` begins a comment

    Raises
    ------
    FluoroPrintError
        The file cannot be read, or holds no points.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FluoroPrintError(f"{path} cannot be read as points: {REMEDY}.") from error
    rows = _of_markups(text, path) if text.lstrip().startswith("{") else _of_text(text)
    try:
        points = np.array([place for place, _ in rows], np.float64)
    except (TypeError, ValueError):
        points = np.empty((0, 3))
    if points.ndim != 2 or points.shape[1:] != (3,) or len(points) == 0 or not np.isfinite(points).all():
        raise FluoroPrintError(f"{path} holds no points: {REMEDY}.")
    return points, tuple(name for _, name in rows)


def _of_text(text: str) -> list[tuple[list[Any], str]]:
    lines = [line.split("#")[0].replace(",", " ").split() for line in text.splitlines()]
    return [(line[:3], " ".join(line[3:])) for line in lines if line]


def _of_markups(text: str, path: Path) -> list[tuple[list[Any], str]]:
    return [row for rows in _rows_of_markups(text, path) for row in rows]


def points_of_markups(text: str, path: Path, kind: str = "") -> list[list[list[float]]]:
    """Return the points of each of Slicer's markups in RAS mm; those still to be placed are left out.

    Parameters
    ----------
    text : JSON as Slicer writes it
    path : where it came from, for the error
    kind : only markups of this type, "ClosedCurve" for example; all where empty

    Raises
    ------
    FluoroPrintError
        The text is no markups file.
    """
    return [[point for point, _ in rows] for rows in _rows_of_markups(text, path, kind)]


def _rows_of_markups(text: str, path: Path, kind: str = "") -> list[list[tuple[list[Any], str]]]:
    """Return the points of each markup, each with its description."""
    try:
        markups: list[Any] = json.loads(text)["markups"]
        return [_points_of(markup) for markup in markups if not kind or markup["type"] == kind]
    except (ValueError, KeyError, TypeError) as error:
        raise FluoroPrintError(f"{path} is no markups file of Slicer: {REMEDY}.") from error


def _points_of(markup: dict[str, Any]) -> list[tuple[list[Any], str]]:
    signs = TO_RAS[str(markup.get("coordinateSystem", "LPS"))]
    return [
        (
            [sign * place for sign, place in zip(signs, point["position"], strict=True)],
            str(point.get("description") or "").strip(),
        )
        for point in markup["controlPoints"]
        if point.get("positionStatus", "defined") == "defined"
    ]

"""Named landmarks in files: Slicer's markups (.mrk.json, .fcsv) and plain text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FluoroPrintError
from .points import TO_RAS

Place = tuple[float, float, float]
REMEDY = "give Slicer's .mrk.json or .fcsv, or text with three numbers in RAS mm and a name a line"
FCSV_LABEL, FCSV_FRAME = 11, "CoordinateSystem"


def read_landmarks(path: Path) -> dict[str, Place]:
    """Return the landmarks of a file by their names, RAS mm.

    Names are compared in lower case with hyphens: "ASIS left", "asis_left" and "asis-left" are one.

    Parameters
    ----------
    path : .mrk.json (the names are the labels of the points), .fcsv (the same), or text, "x y z name" a
        line, with spaces or commas; `#` begins a comment

    Raises
    ------
    FluoroPrintError
        The file cannot be read, a point has no name or no place, or two have the same name.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FluoroPrintError(f"{path} cannot be read as landmarks: {REMEDY}.") from error
    try:
        rows = list(_rows_of(text, path.suffix.lower()))
        found = {slug_of(name): _place(place) for name, place in rows}
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise FluoroPrintError(f"{path} holds no landmarks: {REMEDY}.") from error
    if not found or "" in found:
        raise FluoroPrintError(f"{path} holds no landmarks, or one without a name: {REMEDY}.")
    if len(found) < len(rows):
        raise FluoroPrintError(f"{path} names a landmark twice: give each a name of its own.")
    return found


def slug_of(name: str) -> str:
    """Return a name in lower case, its words joined by hyphens."""
    return "-".join(name.lower().replace("_", " ").replace("-", " ").split())


def _place(values: Iterable[float]) -> Place:
    x, y, z = (float(value) for value in values)
    if not np.isfinite((x, y, z)).all():
        raise ValueError("a coordinate is no number")
    return x, y, z


def _rows_of(text: str, suffix: str) -> Iterator[tuple[str, list[float]]]:
    if text.lstrip().startswith("{"):
        for markup in json.loads(text)["markups"]:
            yield from _rows_of_markup(markup)
    elif suffix == ".fcsv":
        yield from _rows_of_fcsv(text)
    else:
        for line in text.splitlines():
            words = line.split("#")[0].replace(",", " ").split()
            if words:
                yield " ".join(words[3:]), [float(word) for word in words[:3]]


def _rows_of_markup(markup: dict[str, Any]) -> Iterator[tuple[str, list[float]]]:
    signs = TO_RAS[str(markup.get("coordinateSystem", "LPS"))]
    for point in markup["controlPoints"]:
        if point.get("positionStatus", "defined") == "defined":
            yield str(point.get("label", "")), _signed(signs, point["position"])


def _rows_of_fcsv(text: str) -> Iterator[tuple[str, list[float]]]:
    """Yield the points of Slicer's older text form; a file that tells no frame is RAS, as Slicer has it."""
    frame = "RAS"
    for row in csv.reader(text.splitlines()):
        line = ",".join(row)
        if line.startswith("#"):
            frame = line.partition("=")[2].strip() if FCSV_FRAME in line else frame
        elif row:
            yield row[FCSV_LABEL], _signed(TO_RAS[frame], map(float, row[1:4]))


def _signed(signs: Iterable[float], place: Iterable[float]) -> list[float]:
    return [sign * value for sign, value in zip(signs, place, strict=True)]

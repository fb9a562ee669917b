"""Outlines in frames and in slices, in files: JSON with the corners of each; Slicer's closed curves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FluoroPrintError
from ..segmentation.outlines import Outline, SliceOutline
from .atomic import written_whole
from .points import points_of_markups

REMEDY = 'give a list of {"frame": 1, "outline_px": [[column, row], ...]}, frames counted from 1'
SLICE_REMEDY = 'give Slicer\'s closed curves (.mrk.json), or a list of {"outline_ras": [[R, A, S], ...]}'


def read_outlines(path: Path) -> tuple[Outline, ...]:
    """Return the outlines of a file.

    Parameters
    ----------
    path : JSON, a list of ``{"frame": n, "outline_px": [[column, row], ...]}``: frames are counted from 1,
        pixel (0, 0) is the centre of the first pixel, the last corner is joined to the first

    Raises
    ------
    FluoroPrintError
        The file cannot be read, or holds no outlines.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))
        outlines = tuple(_outline(entry) for entry in entries)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FluoroPrintError(f"{path} cannot be read as outlines: {REMEDY}.") from error
    if not outlines:
        raise FluoroPrintError(f"{path} holds no outlines: {REMEDY}.")
    return outlines


def _outline(entry: Any) -> Outline:
    polygon = np.array(entry["outline_px"], np.float64)
    if polygon.ndim != 2 or polygon.shape[1] != 2 or not np.isfinite(polygon).all():
        raise ValueError("not pairs of column and row")
    return Outline(int(entry["frame"]) - 1, polygon)


def write_outlines(path: Path, outlines: Sequence[Outline]) -> None:
    """Write outlines as `read_outlines` reads them; the file appears when it is complete."""
    entries = [
        {"frame": outline.view + 1, "outline_px": np.round(outline.polygon_px, 3).tolist()}
        for outline in outlines
    ]
    with written_whole(path) as partial:
        partial.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


def read_slice_outlines(path: Path) -> tuple[SliceOutline, ...]:
    """Return the outlines in slices of a file.

    Parameters
    ----------
    path : closed curves of Slicer's markups, whose frame is told in the file; or JSON, a list of
        ``{"outline_ras": [[R, A, S], ...]}``; the last corner is joined to the first

    Raises
    ------
    FluoroPrintError
        The file cannot be read, or holds no outlines.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        if text.lstrip().startswith("{"):
            corners = points_of_markups(text, path, "ClosedCurve")
        else:
            corners = [entry["outline_ras"] for entry in json.loads(text)]
        outlines = tuple(_slice_outline(each) for each in corners)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FluoroPrintError(f"{path} cannot be read as outlines in slices: {SLICE_REMEDY}.") from error
    if not outlines:
        raise FluoroPrintError(f"{path} holds no outlines: {SLICE_REMEDY}.")
    return outlines


def _slice_outline(corners: Any) -> SliceOutline:
    points = np.array(corners, np.float64)
    if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise ValueError("not triples of R, A, S")
    return SliceOutline(points)


def write_slice_outlines(path: Path, outlines: Sequence[SliceOutline]) -> None:
    """Write outlines as `read_slice_outlines` reads them; the file appears when it is complete."""
    entries = [{"outline_ras": np.round(outline.points_ras, 4).tolist()} for outline in outlines]
    with written_whole(path) as partial:
        partial.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")

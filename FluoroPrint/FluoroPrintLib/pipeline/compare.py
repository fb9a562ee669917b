"""The command that holds a segmentation against the frames of its sweep."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..progress import Progress, part_of
from .faults import naming
from .options import parameters_from

if TYPE_CHECKING:  # it brings VTK, which the help of commands does without
    from ..registration.agreement import Agreement

COLUMNS = ("frame", "found_percent", "mean_px", "mean_mm", "p95_mm", "bias_mm")


def compare_with_sweep(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Measure the distance of a segmentation's outline from the frames' edges; a line a frame."""
    from ..files.atomic import check_writable
    from ..files.sweep import read_sweep
    from ..segmentation.reprojection import ComparisonParameters, chosen_views, compare_with_frames, mean_mm
    from .hints import segmentation_in

    chosen = parameters_from(arguments, ComparisonParameters)
    if arguments.table is not None:
        check_writable(arguments.table)
    with naming(arguments.input):
        labelmap = segmentation_in(arguments.input).labelmap
        sweep = read_sweep(arguments.sweep, geometry=arguments.geometry)
        views = chosen_views(sweep.geometry.count, chosen.frames)
        figures = compare_with_frames(
            labelmap.array_kji > 0, labelmap.ijk_to_ras, sweep, views, part_of(progress, 0.1, 1.0)
        )
    rows = [row_of(each) for each in figures]
    wrote = []
    if arguments.table is not None:
        write_table(arguments.table, rows)
        wrote = [f"Wrote {arguments.table}"]
    mean = f"Mean over {len(rows)} frames: {mean_mm(figures):.3f} mm."
    return ["  ".join(COLUMNS), *map(_line, rows), mean, *wrote]


def row_of(figures: Agreement) -> tuple[str, ...]:
    """Return the figures of a frame as texts, in the order of `COLUMNS`; empty where there are none."""
    distances = (figures.mean_px, figures.mean_mm, figures.p95_mm, figures.bias_mm)
    texts = ("" if np.isnan(distance) else f"{distance:.3f}" for distance in distances)
    return str(figures.view + 1), f"{100 * figures.found:.1f}", *texts


def _line(row: Sequence[str]) -> str:
    """Return a row under the names of its columns."""
    return "  ".join((text or "-").rjust(len(name)) for text, name in zip(row, COLUMNS, strict=True))


def write_table(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write rows under their `COLUMNS` as CSV; the file appears when it is complete."""
    from ..files.atomic import written_whole

    with written_whole(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)

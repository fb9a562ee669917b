"""The passes of instruments as a table (CSV): a row a pass, with the volumes that it took and left."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from ..planning.replay import Step
from .atomic import written_whole

COLUMNS = ("pass", "object", "label", "kind", "removed_mm3", "alone_mm3", "left_mm3", "file")


def write_replay_table(path: Path, steps: Sequence[Step], names: Sequence[str]) -> None:
    """Write what each pass took of what those before it left, what it would take alone, and what is left.

    Parameters
    ----------
    path : of the CSV file
    steps : in their order
    names : of the files that hold the bone after each

    Raises
    ------
    FluoroPrintError
        The file cannot be written; an older one stays as it was.
    """
    with written_whole(path) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number, (step, name) in enumerate(zip(steps, names, strict=True), start=1):
            planned = step.planned
            volumes = [f"{volume:.3f}" for volume in (step.removed_mm3, step.alone_mm3, step.left_mm3)]
            writer.writerow([number, planned.id, planned.label, planned.kind, *volumes, name])

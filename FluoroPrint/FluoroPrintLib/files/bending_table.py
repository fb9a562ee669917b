"""The bends of a plate as a table (CSV), a row a hole; read back and compared when it is written."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from ..errors import FluoroPrintError
from ..planning.plate import BENDS
from .atomic import written_whole

COLUMNS = (BENDS[0], *(f"{name}, degrees" for name in BENDS[1:]))
DIGITS = 2


def write_bending_table(path: Path, rows: Sequence[Sequence[float]]) -> None:
    """Write the bends of a plate, rows as `plate.bending_rows` gives them.

    Raises
    ------
    FluoroPrintError
        The file cannot be written, or does not hold the bends when it is read.
    """
    cells = [(f"{number:g}", *(f"{bend:.{DIGITS}f}" for bend in bends)) for number, *bends in rows]
    with written_whole(path) as partial:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([COLUMNS, *cells])
        held = read_bending_table(partial)
        wrong = len(held) != len(rows) or any(
            abs(one - other) > 10.0**-DIGITS
            for row, kept in zip(rows, held, strict=False)
            for one, other in zip(row, kept, strict=True)
        )
        if wrong:
            raise FluoroPrintError(f"{path} does not hold the bends that were written: write it elsewhere.")


def read_bending_table(path: Path) -> list[tuple[float, ...]]:
    """Return the bends in a file, a row a hole.

    Raises
    ------
    FluoroPrintError
        The file is no table of bends.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        if tuple(header) != COLUMNS:
            raise ValueError("other columns")
        return [tuple(float(cell) for cell in row) for row in rows]
    except (OSError, ValueError) as error:
        raise FluoroPrintError(f"{path} is no table of bends: write it anew.") from error

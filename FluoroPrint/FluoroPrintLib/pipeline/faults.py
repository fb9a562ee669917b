"""Faults that say which file they are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import FluoroPrintError


@contextmanager
def naming(path: Path, *others: Path | None) -> Iterator[None]:
    """Begin the sentence of a fault within the block with the file that was worked on.

    The stages work on data and do not know where it came from. A sentence that names the file, or one of
    `others`, stays as it is.
    """
    try:
        yield
    except FluoroPrintError as error:
        known = [str(file) for file in (path, *others) if file is not None]
        if any(name in str(error) for name in known):
            raise
        raise FluoroPrintError(f"{path}: {error}") from error

"""A folder of results that is filled whole or left as it was."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..files.atomic import writing_fault


@contextmanager
def filled_whole(folder: Path) -> Iterator[Path]:
    """Yield an empty folder; move its files into `folder` when the block ends well.

    On a failure or a cancel the files are thrown away; a folder that was not there before is gone again.

    Raises
    ------
    FluoroPrintError
        The folder cannot be made or written.
    """
    missing = _missing_parents(folder)
    staging = folder / f".{uuid.uuid4().hex}"
    try:
        staging.mkdir(parents=True)
        yield staging
        for made in sorted(staging.iterdir()):
            os.replace(made, folder / made.name)
        missing = []
    except OSError as error:
        raise writing_fault(folder, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        for parent in missing:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


def _missing_parents(folder: Path) -> list[Path]:
    """Return the folder and those above it that do not exist yet, innermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]

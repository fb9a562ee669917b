"""A folder of results that is filled whole or left as it was."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import FluoroPrintError
from ..files.atomic import writing_fault

_EARLIER = "earlier"
"""Sub-folder of the staging folder in which the files of an earlier run wait until all are replaced."""


@contextmanager
def filled_whole(folder: Path, names: Sequence[str] = ()) -> Iterator[Path]:
    """Yield an empty folder; move its files into `folder` when the block ends well.

    On a failure or a cancel the files are thrown away, those of an earlier run stay, and folders that were
    not there before are gone again.

    Parameters
    ----------
    folder : where the files go; made, with those above it, where it is missing
    names : of the files to come, so that one which cannot be replaced is found before the work

    Raises
    ------
    FluoroPrintError
        The folder cannot be made or written.
    """
    missing = _missing_parents(folder)
    staging = folder / f".{uuid.uuid4().hex}"
    try:
        _refuse_unfillable(folder, names)
        staging.mkdir(parents=True)
        yield staging
        _replace_all(staging, folder)
        missing = []
    except FluoroPrintError as error:  # the staging folder is nothing the user knows
        raise FluoroPrintError(str(error).replace(str(staging), str(folder))) from error
    except OSError as error:
        raise writing_fault(folder, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        _remove_empty(missing)


def _missing_parents(folder: Path) -> list[Path]:
    """Return the folder and those above it that do not exist yet, innermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _refuse_unfillable(folder: Path, names: Sequence[str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    for name in names:
        if (folder / name).is_dir():
            raise writing_fault(folder / name, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))


def _replace_all(staging: Path, folder: Path) -> None:
    """Move every file of `staging` into `folder`; should one fail, put the earlier files back."""
    made = sorted(staging.iterdir())
    earlier = staging / _EARLIER
    earlier.mkdir()
    try:
        for path in made:
            if (folder / path.name).exists():
                os.replace(folder / path.name, earlier / path.name)
            os.replace(path, folder / path.name)
    except BaseException:
        _put_back([path.name for path in made if not path.exists()], folder, earlier)
        raise


def _put_back(moved: Sequence[str], folder: Path, earlier: Path) -> None:
    for name in moved:
        (folder / name).unlink()
    for path in earlier.iterdir():
        os.replace(path, folder / path.name)

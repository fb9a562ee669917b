"""Files that are either whole or not there: written under a temporary name, renamed when complete."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import FluoroPrintError

LEAST_ROOM_BYTES = 65536
"""A disk with less room is taken for full where a foreign writer does not say why it failed."""
_CAUSES = {
    errno.ENOSPC: "the disk is full: make room or choose another disk",
    errno.EDQUOT: "your share of the disk is used up: make room or choose another disk",
    errno.EROFS: "the disk is read-only: choose another folder",
    errno.EACCES: "this folder or file may not be written: choose another folder",
    errno.EPERM: "this folder or file may not be written: choose another folder",
    errno.ENOENT: "its folder does not exist: create the folder or choose another one",
    errno.ENOTDIR: "its folder is a file: choose another folder",
    errno.EISDIR: "a folder has that name: choose another name",
    errno.EEXIST: "it is a file, not a folder: choose another name",
    errno.EFBIG: "it grows larger than files may be here: choose another disk or raise the limit",
    errno.EMFILE: "too many files are open: close other programs",
    errno.EIO: "the disk has a fault: choose another disk",
    errno.ENAMETOOLONG: "its name is too long: choose a shorter one",
}


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` when the block ends well.

    The temporary name keeps the last two suffixes (".seg.nrrd", ".nii.gz"), by which writers choose
    their format. On any failure, a cancel too, the temporary file is removed and an older file at
    `path` stays as it was. A symbolic link is followed, so that the file it points to is replaced.

    Parameters
    ----------
    path : where the file shall be

    Raises
    ------
    FluoroPrintError
        The file cannot be written (full disk, read-only or missing folder, a folder of that name), or
        the block ended without writing it.
    """
    target, temporary = _target_and_temporary(path)
    try:
        _refuse_unwritable(target)
        yield temporary
        _refuse_unwritten(temporary, path)
        os.replace(temporary, target)
    except FluoroPrintError as error:  # the temporary name is nothing the user knows
        named = str(error).replace(str(temporary), str(path)).replace(temporary.name, path.name)
        raise FluoroPrintError(named) from error
    except OSError as error:
        raise writing_fault(path, error) from error
    finally:
        _remove(temporary)


def check_writable(path: Path) -> None:
    """Refuse a path that cannot be written before the work whose result shall go there.

    Raises
    ------
    FluoroPrintError
        Its folder is missing or read-only, the disk is full, or a folder has that name.
    """
    target, temporary = _target_and_temporary(path)
    try:
        _refuse_unwritable(target)
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise writing_fault(path, error) from error
    finally:
        _remove(temporary)


def _target_and_temporary(path: Path) -> tuple[Path, Path]:
    target = Path(os.path.realpath(path))
    return target, target.with_name(f".{uuid.uuid4().hex}{''.join(target.suffixes[-2:])}")


def _remove(temporary: Path) -> None:
    """Remove a file that may not be there; a read-only disk or a missing folder says so even then."""
    with suppress(OSError):
        temporary.unlink()


@contextmanager
def foreign_writer(path: Path, *faults: type[Exception]) -> Iterator[None]:
    """Turn the faults of a foreign writer (SimpleITK raises RuntimeError) into one sentence.

    Parameters
    ----------
    path : the file as the user named it
    faults : exception types that the writer raises; RuntimeError by default
    """
    expected = faults or (RuntimeError,)
    try:
        yield
    except expected as error:
        raise writing_fault(path, error) from error


def writing_fault(path: Path, error: Exception) -> FluoroPrintError:
    """Return the sentence for a failure to write `path`."""
    known = _CAUSES.get(error.errno or 0) if isinstance(error, OSError) else None
    if known is None and not os.access(path.parent, os.W_OK):
        known = _CAUSES[errno.EACCES if path.parent.exists() else errno.ENOENT]
    if known is None and shutil.disk_usage(path.parent).free < LEAST_ROOM_BYTES:
        known = _CAUSES[errno.ENOSPC]
    return FluoroPrintError(f"{path} could not be written: {known or _last_line(error)}.")


def _refuse_unwritable(target: Path) -> None:
    """Fail before hours of work do: a folder of that name, no folder to write to."""
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.parent.exists() and not target.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _refuse_unwritten(temporary: Path, path: Path) -> None:
    """Some writers (VTK's) fail without raising: no file, or an empty one."""
    if not temporary.exists() or temporary.stat().st_size == 0:
        raise FluoroPrintError(
            f"{path} could not be written: check the room on the disk and the folder's rights."
        )


def _last_line(error: Exception) -> str:
    """Return the last line of an error's text: ITK puts the cause behind lines of source places."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__

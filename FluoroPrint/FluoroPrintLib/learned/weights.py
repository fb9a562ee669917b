"""What tells one set of weights from another: a SHA-256 over its files, recorded beside them on request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from ..errors import FluoroPrintError
from ..progress import Progress, silent

CHUNK = 1 << 22
RECORD = "fluoroprint.sha256"
_DIGEST = re.compile(r"[0-9a-f]{64}")


def weights_sha256(files: Iterable[Path], root: Path, progress: Progress = silent) -> str:
    """Return the SHA-256 of a list of files: of the lines that `sha256sum` writes for them.

    So ``cd ROOT; sha256sum FILES | sha256sum`` gives the same, the files in the order of their names.

    Raises
    ------
    FluoroPrintError
        A file cannot be read.
    """
    ordered = sorted(files, key=lambda file: file.relative_to(root).as_posix())
    try:
        total = sum(file.stat().st_size for file in ordered) or 1
        whole, done = hashlib.sha256(), 0
        for file in ordered:
            digest = hashlib.sha256()
            with file.open("rb") as stream:
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
                    done += len(chunk)
                    progress(done / total, "Checking the weights")
            whole.update(f"{digest.hexdigest()}  {file.relative_to(root).as_posix()}\n".encode())
    except OSError as error:
        raise FluoroPrintError(f"{error.filename} cannot be read: check its permissions.") from error
    return whole.hexdigest()


def recorded_sha256(record: Path) -> str | None:
    """Return the hash that was recorded in a file, None where there is no such file.

    Raises
    ------
    FluoroPrintError
        The file holds no hash.
    """
    if not record.is_file():
        return None
    found = _DIGEST.search(record.read_text(encoding="utf-8", errors="replace").lower())
    if found is None:
        raise FluoroPrintError(f"{record} holds no SHA-256: delete it, or record the hash anew.")
    return found.group()


def record_sha256(record: Path, digest: str) -> None:
    """Record a hash, so that other weights are refused from now on.

    Raises
    ------
    FluoroPrintError
        The file cannot be written.
    """
    try:
        record.write_text(f"{digest}\n", encoding="utf-8")
    except OSError as error:
        raise FluoroPrintError(f"{record} cannot be written: give the hash with sha256 instead.") from error


def check_sha256(title: str, digest: str, expected: str | None, record: Path) -> str:
    """Hold the hash of some weights against the one that is expected, else against the recorded one.

    Returns
    -------
    What it was held against, in words.

    Raises
    ------
    FluoroPrintError
        It differs, or what is expected is no hash.
    """
    wanted, source = (
        (expected.strip().lower(), "the one given") if expected else (recorded_sha256(record), "")
    )
    if wanted is None:
        return "no hash is recorded"
    if not _DIGEST.fullmatch(wanted):
        raise FluoroPrintError(f"sha256 is {wanted!r}: it takes the 64 digits that `fluoroprint info` shows.")
    if wanted != digest:
        raise FluoroPrintError(
            f"The weights of {title} have the hash {digest[:12]}…, not {wanted[:12]}… as "
            f"{source or f'recorded in {record.name}'}: they were changed or damaged, so get them anew."
        )
    return f"as {source or 'recorded'}"

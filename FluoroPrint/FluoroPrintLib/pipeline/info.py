"""What any file holds that this program reads or writes, the record of a case too."""

from __future__ import annotations

from pathlib import Path

from ..files.info import Facts, describe_file

RECORD_MARK = '"stages"'
"""Tells a case record from sweep geometry, which is JSON too."""


def describe_any(path: Path) -> Facts:
    """Return what a file or folder holds as pairs of a label and a text (see `describe_file`).

    Raises
    ------
    FluoroPrintError
        There is no such file, or it is a case record that cannot be read.
    """
    return case_facts(path) if _is_record(path) else describe_file(path)


def _is_record(path: Path) -> bool:
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    return RECORD_MARK in path.read_text(encoding="utf-8", errors="replace")


def case_facts(path: Path) -> Facts:
    """Return title, date, stages and files of a case record.

    Raises
    ------
    FluoroPrintError
        The file cannot be read, or is no record.
    """
    from ..report.case import read_record

    record = read_record(path)
    seconds = sum(stage.seconds for stage in record.stages)
    return [
        ("file", path.name),
        ("kind", "record of a case"),
        ("title", record.title),
        ("made", record.created),
        ("stages", f"{', '.join(stage.name for stage in record.stages)} ({seconds:.1f} s)"),
        ("files", ", ".join(file.name for file in record.files)),
        *(("note", warning) for stage in record.stages for warning in stage.warnings),
    ]

"""The record of a case: what went in, what was done with which parameters, what came out."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FluoroPrintError
from ..files.atomic import written_whole
from ..geometry.orbit import fit_orbit
from ..geometry.sweep import SweepGeometry

SCHEMA_VERSION = 1
INTENDED_USE = (
    "For education, research and planning support. Not a cleared medical device; not for diagnostic use."
)
_PACKAGES = {"FluoroPrint": "fluoroprint", "slicer-core": "slicer-core", "VTK": "vtk", "numpy": "numpy"}


@dataclass(frozen=True)
class StageRecord:
    """One stage of a case.

    Attributes
    ----------
    name : such as "Reconstruct"
    seconds : how long it took
    parameters : names to values, JSON types only
    figures : names (ending in their unit, such as "mean_mm") to values, JSON types only
    warnings : a sentence each
    """

    name: str
    seconds: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileRecord:
    """A file that a case wrote: its name without folders, its size and its SHA-256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class CaseRecord:
    """All that is known about a case, without the patient's identity.

    Attributes
    ----------
    title : what the case is called
    created : ISO time with the offset from UTC
    software : names to versions
    input : provenance of the sweep, JSON types only
    geometry : summary of the sweep's geometry (see `geometry_summary`)
    stages : in their order
    files : what was written
    intended_use : the statement that stands on every report
    schema : version of this record's layout
    """

    title: str
    created: str = field(default_factory=lambda: local_time())
    software: Mapping[str, str] = field(default_factory=lambda: software_versions())
    input: Mapping[str, Any] = field(default_factory=dict)
    geometry: Mapping[str, Any] = field(default_factory=dict)
    stages: tuple[StageRecord, ...] = ()
    files: tuple[FileRecord, ...] = ()
    intended_use: str = INTENDED_USE
    schema: int = SCHEMA_VERSION


def local_time() -> str:
    """Return the time now as ISO text, to the second, with the local offset from UTC."""
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def software_versions() -> dict[str, str]:
    """Return the versions of what computes; a package that is not installed as such is left out."""
    versions = {}
    for shown, package in _PACKAGES.items():
        try:
            versions[shown] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {**versions, "Python": platform.python_version(), "platform": platform.platform()}


def geometry_summary(geometry: SweepGeometry) -> dict[str, Any]:
    """Return what a reader wants to know of a sweep's geometry; unknown facts are None.

    Returns
    -------
    frames, rows, columns, arc_deg, sid_mm, sod_mm, pixel_mm (row, column)
    """
    return {
        "frames": geometry.count,
        "rows": geometry.rows,
        "columns": geometry.columns,
        "arc_deg": _turned_deg(geometry),
        "sid_mm": geometry.sid_mm,
        "sod_mm": geometry.sod_mm,
        "pixel_mm": list(geometry.pixel_mm) if geometry.pixel_mm else None,
    }


def _turned_deg(geometry: SweepGeometry) -> float | None:
    """Return the angle between first and last source about the fitted axis; None where they do not turn."""
    try:
        return round(float(np.ptp(fit_orbit(geometry).angles_deg)), 3)
    except FluoroPrintError:
        return None


def file_record(path: Path) -> FileRecord:
    """Return name, size and SHA-256 of a file.

    Raises
    ------
    FluoroPrintError
        The file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
        return FileRecord(path.name, path.stat().st_size, digest.hexdigest())
    except OSError as error:
        raise FluoroPrintError(f"{path} could not be read ({error.strerror}): write it again.") from error


def record_to_json(record: CaseRecord) -> str:
    """Return a record as JSON text."""
    return json.dumps(dataclasses.asdict(record), indent=2, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """Turn what JSON does not know (numpy numbers, paths) into what it does."""
    return value.item() if hasattr(value, "item") else str(value)


def record_from_json(text: str, origin: str = "The case record") -> CaseRecord:
    """Return the record of a JSON text.

    Parameters
    ----------
    text : written by `record_to_json`
    origin : what the text is, for the error's sentence

    Raises
    ------
    FluoroPrintError
        The text is no record, or of a later schema than this version knows.
    """
    try:
        facts = json.loads(text)
        if facts["schema"] != SCHEMA_VERSION:
            raise FluoroPrintError(
                f"{origin} has schema {facts['schema']}, this version reads {SCHEMA_VERSION}: "
                "update FluoroPrint."
            )
        stages = tuple(_stage_record(stage) for stage in facts.pop("stages"))
        files = tuple(FileRecord(**file) for file in facts.pop("files"))
        return CaseRecord(**facts, stages=stages, files=files)
    except (ValueError, KeyError, TypeError) as error:
        raise FluoroPrintError(f"{origin} is no case record ({error}): choose a case.json.") from error


def _stage_record(stage: dict[str, Any]) -> StageRecord:
    return StageRecord(**{**stage, "warnings": tuple(stage["warnings"])})


def write_record(record: CaseRecord, path: Path) -> None:
    """Write a record as case.json, whole or not at all.

    Raises
    ------
    FluoroPrintError
        The file cannot be written.
    """
    with written_whole(path) as temporary:
        temporary.write_text(record_to_json(record) + "\n", encoding="utf-8")


def read_record(path: Path) -> CaseRecord:
    """Return the record of a case.json file.

    Raises
    ------
    FluoroPrintError
        The file cannot be read, or is no record.
    """
    try:
        return record_from_json(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise FluoroPrintError(f"{path} could not be read: choose a case.json.") from error

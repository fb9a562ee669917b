"""The command that writes models to files of another format."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..progress import Progress
from .faults import naming
from .options import parameters_from

if TYPE_CHECKING:
    from ..files.encapsulated import Series
    from ..files.study import Study
    from ..mesh.named import NamedModel


def export(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Read models, write them in the format that the name of the file asks for."""
    from ..files.atomic import check_writable
    from ..files.export import export_models, format_of

    chosen = format_of(arguments.out)
    check_writable(arguments.out)
    series = _series(arguments) if chosen.is_dicom else None
    models = _read(arguments.input)
    progress(0.5, f"Writing {arguments.out.name}")
    return [
        f"Wrote {path} ({chosen.title}: {figures.volume_mm3 / 1000:.2f} ml, {figures.triangles} triangles)"
        for path, figures in export_models(arguments.out, models, series)
    ]


def _read(paths: list[Path]) -> list[NamedModel]:
    from ..files.plates import read_models

    models = []
    for path in paths:
        with naming(path):
            models += read_models(path)
    return models


def _series(arguments: argparse.Namespace) -> Series:
    """Return the series of DICOM files: of the study that was given, else of one without a patient."""
    from ..files.encapsulated import DicomModelParameters, new_series
    from ..files.study import new_study

    study = _study(arguments.study) if arguments.study is not None else new_study()
    return new_series(study, parameters_from(arguments, DicomModelParameters))


def _study(path: Path) -> Study:
    """Return the study of a DICOM file, with the patient; or the one that a case.json names, without."""
    from ..files.study import study_from_provenance, study_of
    from ..report.case import read_record

    if path.suffix.lower() != ".json":
        return study_of(path)
    with naming(path):
        return study_from_provenance(read_record(path).input)

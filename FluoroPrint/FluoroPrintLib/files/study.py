"""Whose study a DICOM file is to belong to: read from a file of that study, or from provenance.

A patient's identity is copied only here, and only into what the user asks to be DICOM.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from .dicom_quiet import quiet_pydicom
from .xa import XRAY_3D_CLASSES, open_dicom, sop_class

NEEDED_EVEN_IF_EMPTY = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"),
)
"""Attributes of the patient and the study of type 2 (DICOM PS3.3, C.7.1.1 and C.7.2.1)."""
OPTIONAL = (
    *("IssuerOfPatientID", "PatientIdentityRemoved", "DeidentificationMethod"),
    *("DeidentificationMethodCodeSequence", "StudyDescription", "IssuerOfAccessionNumberSequence"),
)
SIDES = ("R", "L", "U", "B")


@dataclass(frozen=True)
class Source:
    """A DICOM instance that models were made from: SOP class, instance and series."""

    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str


@dataclass(frozen=True)
class Study:
    """What a new series takes over from its study.

    Attributes
    ----------
    study_uid : Study Instance UID
    attributes : of the patient and the study, by DICOM keyword
    frame_of_reference_uid : of the coordinates; empty where models are not in those of the file
    laterality : R, L, U (unpaired), B (both) or empty
    source : the file that was read; None where there was none
    """

    study_uid: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    frame_of_reference_uid: str = ""
    laterality: str = ""
    source: Source | None = None


def new_study() -> Study:
    """Return a study of its own, of now, without a patient."""
    from pydicom.uid import generate_uid

    now = datetime.datetime.now()
    return Study(generate_uid(), {"StudyDate": now.strftime("%Y%m%d"), "StudyTime": now.strftime("%H%M%S")})


def study_from_provenance(provenance: Mapping[str, Any]) -> Study:
    """Return the study that a sweep's or a case's provenance names; it tells nothing of the patient.

    Raises
    ------
    FluoroPrintError
        It names no study.
    """
    uid = str(provenance.get("study_uid") or "")
    if not uid:
        raise FluoroPrintError("The sweep tells no study: give a DICOM file of the study.")
    return Study(uid)


def study_of(path: Path) -> Study:
    """Return the study of a DICOM file, with the patient's identity.

    The frame of reference is taken over from volumes and slices alone: models of a sweep are in coordinates
    about its isocentre, which the sweep's own header does not name.

    Raises
    ------
    FluoroPrintError
        The file cannot be read as DICOM, or names no study.
    """
    dataset = open_dicom(path, with_pixels=False)
    try:
        with quiet_pydicom():
            dataset.decode()
            return _study_in(dataset, path)
    except (ValueError, TypeError, AttributeError, NotImplementedError) as error:
        raise FluoroPrintError(f"{path} is damaged, its study cannot be read: export it again.") from error


def _study_in(dataset: Any, path: Path) -> Study:
    uid = str(dataset.get("StudyInstanceUID") or "")
    if not uid:
        raise FluoroPrintError(f"{path} names no study: choose another DICOM file of the study.")
    attributes = {word: _plain(dataset.get(word)) or "" for word in NEEDED_EVEN_IF_EMPTY}
    attributes |= {word: _plain(dataset[word].value) for word in OPTIONAL if dataset.get(word)}
    has_places = "ImagePositionPatient" in dataset or sop_class(dataset) in XRAY_3D_CLASSES
    return Study(
        uid,
        attributes,
        str(dataset.get("FrameOfReferenceUID") or "") if has_places else "",
        _laterality(dataset),
        _source(dataset),
    )


def _plain(value: Any) -> Any:
    """Return a value that does not remember the character set of the file that it came from."""
    from pydicom.sequence import Sequence

    return value if isinstance(value, Sequence) or value is None else str(value)


def _laterality(dataset: Any) -> str:
    told = str(dataset.get("ImageLaterality") or dataset.get("Laterality") or "")
    return told if told in SIDES else ""


def _source(dataset: Any) -> Source | None:
    uids = (sop_class(dataset), dataset.get("SOPInstanceUID"), dataset.get("SeriesInstanceUID"))
    return Source(*map(str, uids)) if all(uids) else None

"""Reading models that DICOM encapsulates: the document, its units, and what the header says of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from .dicom_quiet import quiet_pydicom
from .xa import is_dicom, open_dicom, sop_class

SUFFIXES = {
    "1.2.840.10008.5.1.4.1.1.104.3": ".stl",
    "1.2.840.10008.5.1.4.1.1.104.4": ".obj",
    "1.2.840.10008.5.1.4.1.1.104.5": ".mtl",
}
"""What each SOP class of a model encapsulates, by the suffix of a file."""
MILLIMETRES = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001}
_SAID = (
    ("title", "DocumentTitle"),
    ("side", "ImageLaterality"),
    ("modified", "ModelModification"),
    ("mirrored", "ModelMirroring"),
    ("study", "StudyInstanceUID"),
)


@dataclass(frozen=True)
class Encapsulated:
    """A file within a DICOM file.

    Attributes
    ----------
    suffix : ".stl", ".obj" or ".mtl"
    document : its bytes
    unit_mm : millimetres of one unit of its coordinates
    facts : what the header says of it, pairs of a label and a text, nothing of the patient
    is_mirrored : whether the header says that it shows the other side
    """

    suffix: str
    document: bytes
    unit_mm: float
    facts: tuple[tuple[str, str], ...]
    is_mirrored: bool


def is_encapsulated_model(path: Path) -> bool:
    """Tell whether a file is a DICOM file with a model inside."""
    try:
        return path.is_file() and is_dicom(path) and _class_of(path) in SUFFIXES
    except (FluoroPrintError, OSError):
        return False


def _class_of(path: Path) -> str:
    """Return the SOP class of a file, of which the first group alone is read."""
    import pydicom

    try:
        with quiet_pydicom():
            return str(
                pydicom.dcmread(path, specific_tags=["SOPClassUID"], stop_before_pixels=True).SOPClassUID
            )
    except (pydicom.errors.InvalidDicomError, AttributeError, ValueError, EOFError):
        return ""


def read_document(path: Path) -> Encapsulated:
    """Read the file within a DICOM file.

    Raises
    ------
    FluoroPrintError
        It is no DICOM file, holds no model, is cut short, or its units are of a kind unknown.
    """
    dataset = open_dicom(path)
    suffix = SUFFIXES.get(sop_class(dataset))
    if suffix is None:
        raise FluoroPrintError(f"{path} encapsulates no model: choose another DICOM file.")
    document = bytes(dataset.get("EncapsulatedDocument") or b"")
    length = int(dataset.get("EncapsulatedDocumentLength") or len(document))
    if not document or length > len(document):
        raise FluoroPrintError(f"{path} is cut short, its model is not whole: export it again.")
    facts = tuple((label, str(dataset.get(word))) for label, word in _SAID if dataset.get(word))
    is_mirrored = str(dataset.get("ModelMirroring") or "") == "YES"
    unit = 1.0 if suffix == ".mtl" else _unit_mm(dataset, path)
    return Encapsulated(suffix, document[:length], unit, facts + _usage(dataset), is_mirrored)


def _unit_mm(dataset: Any, path: Path) -> float:
    codes = dataset.get("MeasurementUnitsCodeSequence") or []
    word = str(codes[0].get("CodeValue") or "") if codes else ""
    if word not in MILLIMETRES:
        raise FluoroPrintError(
            f"{path} does not tell the units of its model ({word or 'none'}): give its STL."
        )
    return MILLIMETRES[word]


def _usage(dataset: Any) -> tuple[tuple[str, str], ...]:
    codes = dataset.get("ModelUsageCodeSequence") or []
    return (("usage", str(codes[0].get("CodeMeaning") or "")),) if codes else ()

"""Models as DICOM: Encapsulated STL, and Encapsulated OBJ with its colours as Encapsulated MTL.

After DICOM PS3.3, A.85.1 to A.85.3, C.24.2 and C.35.1. Coordinates are LPS millimetres, the units are told.
All instances that are written together are one series and one group of models.
"""

from __future__ import annotations

import datetime
import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from ..errors import FluoroPrintError
from ..mesh.named import NamedSurface, warnings_of
from ..parameters import Choices, Help, Parameters
from .dicom_quiet import quiet_pydicom
from .study import Study
from .viewing import cie_lab

STL_CLASS = "1.2.840.10008.5.1.4.1.1.104.3"
OBJ_CLASS = "1.2.840.10008.5.1.4.1.1.104.4"
MTL_CLASS = "1.2.840.10008.5.1.4.1.1.104.5"
MEDIA = {STL_CLASS: "model/stl", OBJ_CLASS: "model/obj", MTL_CLASS: "model/mtl"}
UNTOLD = "not told"
USAGES = {
    "education": ("129012", "Educational Intent"),
    "planning": ("129013", "Planning Intent"),
    "simulation": ("129017", "Simulation Intent"),
    "quality control": ("113680", "Quality Control Intent"),
}
"""Codes of DICOM's context group 7064; without diagnostic intent, which FluoroPrint is not cleared for."""
SERIES_NUMBER = 900
LONGEST = 64


@dataclass(frozen=True)
class DicomModelParameters(Parameters):
    """What a DICOM model says of itself."""

    usage: Annotated[str, Choices((UNTOLD, *USAGES)), Help("What the model is for.")] = UNTOLD
    laterality: Annotated[
        str,
        Choices(("study", "R", "L", "U", "B")),
        Help("Side: as the study says, right, left, unpaired or both."),
    ] = "study"
    modified: Annotated[
        str,
        Choices((UNTOLD, "yes", "no")),
        Help("Whether the model departs from the anatomy that was imaged, mirroring apart."),
    ] = UNTOLD
    mirrored: Annotated[
        str,
        Choices((UNTOLD, "yes", "no")),
        Help("Whether the model shows the other side, mirrored; a warning in the model's file says so too."),
    ] = UNTOLD
    derivation: Annotated[str, Help("How the surface was made, in a few words.")] = ""
    bears_identity: Annotated[bool, Help("Words on the model, engraved or raised, name the patient.")] = False


@dataclass(frozen=True)
class Series:
    """What the instances of one export have in common."""

    study: Study
    parameters: DicomModelParameters
    series_uid: str
    frame_of_reference_uid: str
    group_uid: str
    made: datetime.datetime


def new_series(study: Study, parameters: DicomModelParameters | None = None) -> Series:
    """Return a series for models that are written together."""
    from pydicom.uid import generate_uid

    frame = study.frame_of_reference_uid or generate_uid()
    now = datetime.datetime.now()
    return Series(study, parameters or DicomModelParameters(), generate_uid(), frame, generate_uid(), now)


def dataset_of(
    sop_class_uid: str, document: bytes, models: Sequence[NamedSurface], series: Series, number: int
) -> Any:
    """Return the dataset of one instance.

    Parameters
    ----------
    sop_class_uid : `STL_CLASS`, `OBJ_CLASS` or `MTL_CLASS`
    document : the bytes of the file within
    models : what it shows
    series : what it shares with the others
    number : Instance Number, from 1
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = UID(sop_class_uid), generate_uid()
    dataset.InstanceCreationDate = series.made.strftime("%Y%m%d")
    dataset.InstanceCreationTime = series.made.strftime("%H%M%S")
    _add_study(dataset, series)
    _add_equipment(dataset)
    _add_document(dataset, document, models, series, number)
    _add_model(dataset, models, series)
    if sop_class_uid != MTL_CLASS:
        dataset.FrameOfReferenceUID = series.frame_of_reference_uid
        dataset.PositionReferenceIndicator = ""
    return dataset


def _add_study(dataset: Any, series: Series) -> None:
    from .study import NEEDED_EVEN_IF_EMPTY

    study = series.study
    for word in NEEDED_EVEN_IF_EMPTY:
        setattr(dataset, word, "")
    for word, value in study.attributes.items():
        setattr(dataset, word, value)
    dataset.StudyInstanceUID = study.study_uid
    dataset.Modality = "M3D"
    dataset.SeriesInstanceUID = series.series_uid
    dataset.SeriesNumber = SERIES_NUMBER
    dataset.SeriesDescription = "FluoroPrint models"


def _add_equipment(dataset: Any) -> None:
    dataset.Manufacturer = dataset.ManufacturerModelName = "FluoroPrint"
    dataset.DeviceSerialNumber = "none"
    dataset.SoftwareVersions = version()


def version() -> str:
    """Return the version of the library, or that it is not known: an extension of Slicer is no package."""
    try:
        return importlib.metadata.version("fluoroprint")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _add_document(
    dataset: Any, document: bytes, models: Sequence[NamedSurface], series: Series, number: int
) -> None:
    dataset.InstanceNumber = number
    dataset.ContentDate, dataset.ContentTime = dataset.InstanceCreationDate, dataset.InstanceCreationTime
    dataset.AcquisitionDateTime = ""
    dataset.BurnedInAnnotation = "YES" if series.parameters.bears_identity else "NO"
    dataset.DocumentTitle = ", ".join(model.name for model in models)[:LONGEST]
    dataset.ConceptNameCodeSequence = []
    dataset.MIMETypeOfEncapsulatedDocument = MEDIA[dataset.SOPClassUID]
    dataset.EncapsulatedDocumentLength = len(document)
    dataset.EncapsulatedDocument = document + b"\0" * (len(document) % 2)
    side = series.parameters.laterality
    side = series.study.laterality if side == "study" else side
    if side:
        dataset.ImageLaterality = side
    if series.study.source is not None:
        _add_source(dataset, series)


def _add_source(dataset: Any, series: Series) -> None:
    source = series.study.source
    assert source is not None, "asked for only where there is one"
    item = _reference(source.sop_class_uid, source.sop_instance_uid)
    item.PurposeOfReferenceCodeSequence = [_code("121324", "DCM", "Source Image")]
    dataset.SourceInstanceSequence = [item]
    _add_reference(dataset, source.series_uid, source.sop_class_uid, source.sop_instance_uid)


def _reference(sop_class_uid: str, sop_instance_uid: str) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class_uid, sop_instance_uid
    return item


def _add_reference(dataset: Any, series_uid: str, sop_class_uid: str, sop_instance_uid: str) -> None:
    """List an instance in the Common Instance Reference module, under its series."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.SeriesInstanceUID = series_uid
    item.ReferencedInstanceSequence = [_reference(sop_class_uid, sop_instance_uid)]
    dataset.ReferencedSeriesSequence = [*dataset.get("ReferencedSeriesSequence", []), item]


def _code(value: str, scheme: str, meaning: str) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _add_model(dataset: Any, models: Sequence[NamedSurface], series: Series) -> None:
    said, chosen = " ".join(warnings_of(models)), series.parameters
    dataset.MeasurementUnitsCodeSequence = [_code("mm", "UCUM", "mm")]
    _set_flag(dataset, "ModelMirroring", "MIRRORED" in said, chosen.mirrored)
    _set_flag(dataset, "ModelModification", "Scaled" in said, chosen.modified)
    if chosen.usage != UNTOLD:
        value, meaning = USAGES[chosen.usage]
        dataset.ModelUsageCodeSequence = [_code(value, "DCM", meaning)]
    dataset.ContentDescription = (said or dataset.DocumentTitle)[:LONGEST]
    dataset.ModelGroupUID = series.group_uid
    derivation = chosen.derivation or _known_derivation(models)
    if derivation:
        dataset.DerivationAlgorithmSequence = [_algorithm(derivation)]
    if len(models) == 1 and dataset.SOPClassUID == STL_CLASS:
        dataset.RecommendedDisplayCIELabValue = list(cie_lab(models[0].colour))


def _set_flag(dataset: Any, keyword: str, is_warned_of: bool, told: str) -> None:
    """Set YES or NO; nothing where it is not known, for the standard lets both be left out."""
    if is_warned_of or told != UNTOLD:
        setattr(dataset, keyword, "YES" if is_warned_of else told.upper())


def _known_derivation(models: Sequence[NamedSurface]) -> str:
    """Return how models of a segmentation were made; nothing for those that came from files."""
    engines = {getattr(model, "decimation_engine", "") for model in models}
    return "" if "" in engines else f"flying edges, windowed sinc, decimation: {', '.join(sorted(engines))}"


def _algorithm(words: str) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.AlgorithmFamilyCodeSequence = [_code("123103", "DCM", "Edge Detection")]
    item.AlgorithmName = words[:LONGEST]
    item.AlgorithmVersion = version()
    return item


def refer_to_library(dataset: Any, library: Any, uri: str) -> None:
    """Say in an OBJ's dataset which MTL's dataset holds what the OBJ calls `uri`."""
    item = _reference(library.SOPClassUID, library.SOPInstanceUID)
    item.RelativeURIReferenceWithinEncapsulatedDocument = uri
    dataset.ReferencedInstanceSequence = [item]
    _add_reference(dataset, library.SeriesInstanceUID, library.SOPClassUID, library.SOPInstanceUID)


def save(dataset: Any, path: Path) -> None:
    """Write a dataset as a DICOM file, and hold that the document within comes back byte by byte.

    Raises
    ------
    FluoroPrintError
        It does not.
    """
    from .encapsulated_reading import read_document

    with quiet_pydicom():
        dataset.save_as(path, enforce_file_format=True)
    back = read_document(path)
    if back.document != dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength]:
        raise FluoroPrintError(f"{path.name} read back holds another document, so it was not kept.")

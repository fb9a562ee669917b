"""Writing a sweep as an XA multi-frame file: for simulated runs and for tests of the reader."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .atomic import written_whole
from .dicom_quiet import quiet_pydicom
from .xa import XA_CLASS

ANGLE_ENCODINGS = ("increment", "offsets", "absolute")
EQUAL_STEPS_DEG = 1e-3
"""Angles this near to equal steps are written as one mean increment."""


def write_xa_sweep(
    path: Path,
    counts: npt.NDArray[np.uint16],
    *,
    primary_deg: Float64Array,
    secondary_deg: Float64Array,
    sid_mm: float,
    sod_mm: float,
    pixel_mm: tuple[float, float],
    bits_stored: int = 16,
    description: str = "Rotational run",
    relation: str = "LIN",
    angle_encoding: str = "offsets",
) -> None:
    """Write frames as X-Ray Angiographic Image Storage, deflated, without any patient's data.

    Parameters
    ----------
    path : where to
    counts : (N, rows, columns) pixel values
    primary_deg, secondary_deg : (N,) positioner angles, LAO and cranial positive
    sid_mm, sod_mm : source to detector, source to isocentre
    pixel_mm : row and column spacing at the detector
    bits_stored : 8 to 16
    description : series description
    relation : LIN, LOG or DISP: what the values are
    angle_encoding : "increment" (one mean step), "offsets" (from the first frame), or "absolute"

    Raises
    ------
    FluoroPrintError
        A value needs more bits, the angles are not one a frame or not in equal steps where one step
        shall describe them, or the file cannot be written.
    """
    _refuse_unfit(path, counts, primary_deg, secondary_deg, bits_stored, relation, angle_encoding)
    dataset = _frame_of_file(description)
    _add_acquisition(dataset, sid_mm, sod_mm, pixel_mm)
    _add_angles(dataset, "Primary", primary_deg, angle_encoding)
    _add_angles(dataset, "Secondary", secondary_deg, angle_encoding)
    _add_pixels(dataset, counts, bits_stored, relation)
    with written_whole(path) as temporary, quiet_pydicom():
        dataset.save_as(temporary, enforce_file_format=True)


def _refuse_unfit(
    path: Path,
    counts: npt.NDArray[np.uint16],
    primary_deg: Float64Array,
    secondary_deg: Float64Array,
    bits_stored: int,
    relation: str,
    angle_encoding: str,
) -> None:
    if counts.ndim != 3 or counts.dtype != np.uint16 or 0 in counts.shape:
        raise FluoroPrintError(
            f"{path} takes frames (count, rows, columns) of uint16, not {counts.dtype} {counts.shape}."
        )
    if not len(primary_deg) == len(secondary_deg) == len(counts):
        raise FluoroPrintError(
            f"{path} needs an angle for each of {len(counts)} frames: "
            f"{len(primary_deg)} primary and {len(secondary_deg)} secondary ones were given."
        )
    if not 8 <= bits_stored <= 16 or int(counts.max()) >= 2**bits_stored:
        raise FluoroPrintError(
            f"{path} cannot hold {int(counts.max())} in {bits_stored} bits: give up to 16 bits."
        )
    if relation not in ("LIN", "LOG", "DISP") or angle_encoding not in ANGLE_ENCODINGS:
        raise FluoroPrintError(
            f"{path}: relation is {relation!r} and angle_encoding {angle_encoding!r}; they take LIN, LOG or "
            "DISP "
            f"and one of {', '.join(ANGLE_ENCODINGS)}."
        )


def _frame_of_file(description: str) -> Any:
    """Return a dataset with the patient, study, series and equipment modules, empty where they may be."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, generate_uid

    now = datetime.datetime.now()
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = UID(XA_CLASS)
    dataset.Modality = "XA"
    dataset.Manufacturer = "FluoroPrint"
    dataset.SeriesDescription = description[:64]
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]
    for word in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        setattr(dataset, word, generate_uid())
    dataset.StudyDate, dataset.StudyTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    for word in ("AccessionNumber", "ReferringPhysicianName", "StudyID", "PatientName", "PatientID"):
        setattr(dataset, word, "")
    for word in (
        "PatientBirthDate",
        "PatientSex",
        "PatientOrientation",
        "KVP",
        "ExposureTime",
        "XRayTubeCurrent",
    ):
        setattr(dataset, word, None)
    dataset.SeriesNumber = dataset.InstanceNumber = 1
    return dataset


def _add_acquisition(dataset: Any, sid_mm: float, sod_mm: float, pixel_mm: tuple[float, float]) -> None:
    dataset.RadiationSetting = "GR"
    dataset.Exposure = None
    dataset.PositionerMotion = "DYNAMIC"
    dataset.DistanceSourceToDetector = _decimal(sid_mm)
    dataset.DistanceSourceToPatient = _decimal(sod_mm)
    dataset.EstimatedRadiographicMagnificationFactor = _decimal(sid_mm / sod_mm)
    dataset.ImagerPixelSpacing = [_decimal(edge) for edge in pixel_mm]
    dataset.DetectorType = "SCINTILLATOR"


def _add_angles(dataset: Any, which: str, degrees: Float64Array, encoding: str) -> None:
    start, increments = _encoded(np.asarray(degrees, float), encoding, which)
    setattr(dataset, f"Positioner{which}Angle", _decimal(start))
    setattr(dataset, f"Positioner{which}AngleIncrement", [_decimal(value) for value in increments])


def _encoded(degrees: Float64Array, encoding: str, which: str) -> tuple[float, Float64Array]:
    if encoding == "absolute":
        return 0.0, degrees
    if encoding == "offsets":
        return float(degrees[0]), degrees - degrees[0]
    step = (degrees[-1] - degrees[0]) / max(len(degrees) - 1, 1)
    if np.abs(degrees[0] + step * np.arange(len(degrees)) - degrees).max() > EQUAL_STEPS_DEG:
        raise FluoroPrintError(f"The {which.lower()} angles are not in equal steps: write them as offsets.")
    return float(degrees[0]), np.array([step])


def _decimal(value: float) -> str:
    """Return a number as a DICOM decimal string, at most 16 characters."""
    return f"{value:.9g}"


def _add_pixels(dataset: Any, counts: npt.NDArray[np.uint16], bits_stored: int, relation: str) -> None:
    from pydicom.tag import Tag

    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = counts.shape
    dataset.FrameTime = "33.3"
    dataset.FrameIncrementPointer = Tag("FrameTime")
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = 8 if bits_stored == 8 else 16
    dataset.BitsStored = bits_stored
    dataset.HighBit = bits_stored - 1
    dataset.PixelRepresentation = 0
    dataset.PixelIntensityRelationship = relation
    data = counts.astype(np.uint8 if bits_stored == 8 else "<u2").tobytes()
    dataset.add_new("PixelData", "OB" if bits_stored == 8 else "OW", data + b"\0" * (len(data) % 2))

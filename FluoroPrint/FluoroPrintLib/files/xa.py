"""X-ray angiographic (XA) and radiofluoroscopic (RF) DICOM runs to frames and geometry.

DICOM PS3.3, C.8.7: XA and RF images. A console writes nominal values; what it leaves out, the user
gives as parameters or as a geometry file.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..errors import FluoroPrintError
from ..progress import Progress
from .dicom_quiet import quiet_pydicom
from .frame_source import Acquisition, FrameSource, sha256_of
from .xa_angles import AngleList, frame_angles
from .xa_pixels import load_pixels, pixel_scale

XA_CLASS = "1.2.840.10008.5.1.4.1.1.12.1"
RF_CLASS = "1.2.840.10008.5.1.4.1.1.12.2"
ENHANCED_XA_CLASS = "1.2.840.10008.5.1.4.1.1.12.1.1"
XRAY_3D_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.13.1.1": "an X-Ray 3D Angiographic image",
    "1.2.840.10008.5.1.4.1.1.13.1.2": "an X-Ray 3D Craniofacial image",
}
_UNREAD_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.12.2.1": "an Enhanced RF image",
    "1.2.840.10008.5.1.4.1.1.2": "a CT image, a finished volume",
}
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def is_dicom(path: Path) -> bool:
    """Tell whether a file is DICOM, by its preamble or its suffix."""
    if path.suffix.lower() in (".dcm", ".dicom", ".ima"):
        return True
    with path.open("rb") as stream:
        return stream.read(132)[128:] == b"DICM"


def open_dicom(path: Path, *, with_pixels: bool = True) -> Any:
    """Return the pydicom dataset of a file.

    Raises
    ------
    FluoroPrintError
        The file cannot be opened, is not DICOM, or is damaged.
    """
    import pydicom

    try:
        with quiet_pydicom():
            return pydicom.dcmread(path, stop_before_pixels=not with_pixels)
    except OSError as error:
        raise FluoroPrintError(
            f"{path} cannot be opened ({error.strerror or error}): check its name and rights."
        ) from error
    except pydicom.errors.InvalidDicomError as error:
        raise FluoroPrintError(
            f"{path} is not a DICOM file: choose the run that the console exported."
        ) from error
    except (zlib.error, ValueError, KeyError, AttributeError, NotImplementedError, EOFError) as error:
        raise FluoroPrintError(
            f"{path} is damaged, its DICOM header cannot be read: export the run again."
        ) from error


def classic_source(dataset: Any, path: Path) -> FrameSource:
    """Return the frames and the geometry of an XA or RF dataset, pixels not yet decoded.

    Raises
    ------
    FluoroPrintError
        The dataset is no run, has no frames, or its header contradicts itself.
    """
    refuse_other_classes(dataset, path)
    refuse_missing_pixels(dataset, path)
    count = frame_count(dataset)
    acquisition, warnings = acquisition_of(dataset, count)
    scale, more = pixel_scale(dataset, path)
    return FrameSource(
        count,
        int(dataset.Rows),
        int(dataset.Columns),
        scale,
        acquisition,
        _loader(dataset, count, path),
        dicom_provenance(dataset, path) | {"angles": acquisition.angle_encoding},
        warnings + more,
    )


def _loader(dataset: Any, count: int, path: Path) -> Any:
    def load(progress: Progress) -> Float32Array:
        return load_pixels([dataset], count, path, progress)

    return load


def sop_class(dataset: Any) -> str:
    """Return the SOP class of a dataset, empty where it does not tell."""
    return str(dataset.get("SOPClassUID", "") or dataset.file_meta.get("MediaStorageSOPClassUID", ""))


def is_sweep_class(dataset: Any) -> bool:
    """Tell whether a dataset is an XA, Enhanced XA or RF image."""
    return sop_class(dataset) in (XA_CLASS, RF_CLASS, ENHANCED_XA_CLASS)


def refuse_other_classes(dataset: Any, path: Path) -> None:
    """Raise FluoroPrintError unless a dataset is an XA, Enhanced XA or RF image."""
    kind_uid = sop_class(dataset)
    modality = str(dataset.get("Modality", "") or "no modality")
    if is_sweep_class(dataset):
        return
    if kind_uid.startswith(_SECONDARY_CAPTURE):
        raise FluoroPrintError(
            f"{path} is a secondary capture that calls itself {modality}: a picture of the screen without "
            "X-ray "
            "intensities or geometry; export the original XA run from the console."
        )
    if kind_uid in XRAY_3D_CLASSES:
        raise FluoroPrintError(
            f"{path} is {XRAY_3D_CLASSES[kind_uid]}, a finished volume: open it as a volume and segment it."
        )
    kind = _UNREAD_CLASSES.get(
        kind_uid, f"no X-ray angiographic run (modality {modality}, class {kind_uid or 'none'})"
    )
    raise FluoroPrintError(
        f"{path} is {kind}, which is not read as a sweep: export the rotational run as classic XA."
    )


def refuse_missing_pixels(dataset: Any, path: Path) -> None:
    """Raise FluoroPrintError if a dataset lacks frames or says nothing of their size."""
    lacking = [word for word in ("Rows", "Columns", "BitsAllocated", "BitsStored") if not dataset.get(word)]
    if not dataset.get("PixelData"):
        raise FluoroPrintError(
            f"{path} holds no frames (Pixel Data (7FE0,0010) is missing): export the run again."
        )
    if lacking:
        raise FluoroPrintError(f"{path} does not say its {', '.join(lacking)}: export the run again.")
    if int(dataset.get("SamplesPerPixel", 1) or 1) != 1:
        raise FluoroPrintError(f"{path} holds colour pictures, not X-ray frames: export the original XA run.")


def frame_count(dataset: Any) -> int:
    """Return the number of frames; a dataset that does not say has one."""
    value = _number(dataset, "NumberOfFrames")
    return max(int(value), 1) if value else 1


def acquisition_of(dataset: Any, count: int) -> tuple[Acquisition, tuple[str, ...]]:
    """Return what a header tells of the geometry, and what to warn of."""
    sid, sod, warnings = _distances(dataset)
    primary, primary_fault = _angles(dataset, "Primary", count)
    may_be_steps = primary is not None and primary.encoding.startswith("steps")
    secondary, secondary_fault = _angles(dataset, "Secondary", count, may_be_steps=may_be_steps)
    acquisition = Acquisition(
        sid,
        sod,
        _pixel_mm(dataset),
        _moving(primary, dataset, count),
        None if secondary is None else secondary.degrees,
        start_deg=_number(dataset, "PositionerPrimaryAngle"),
        angle_encoding="none" if primary is None else primary.encoding,
        angle_fault=primary_fault,
        objection=_intensifier(dataset),
    )
    if secondary_fault:
        warnings += (f"The secondary angle was taken as 0° in every frame: {secondary_fault}.",)
    listed = tuple(w for angles in (primary, secondary) if angles is not None for w in angles.warnings)
    return acquisition, warnings + listed + _detector_warnings(dataset) + _shutter_warnings(dataset)


def _angles(
    dataset: Any, which: str, count: int, *, may_be_steps: bool = True
) -> tuple[AngleList | None, str]:
    """Return the angles about one axis, or what is wrong with them: a geometry file may stand in."""
    start = _number(dataset, f"Positioner{which}Angle")
    increments = _numbers(dataset, f"Positioner{which}AngleIncrement")
    try:
        return frame_angles(start, increments, count, which.lower(), may_be_steps=may_be_steps), ""
    except FluoroPrintError as error:
        return None, str(error)


def _moving(primary: AngleList | None, dataset: Any, count: int) -> Float64Array | None:
    """A run of many frames with one angle and no word on motion does not tell its angles."""
    if primary is None:
        return None
    stands_still = primary.encoding == "constant" and count > 1
    return None if stands_still and dataset.get("PositionerMotion") != "STATIC" else primary.degrees


def _distances(dataset: Any) -> tuple[float | None, float | None, tuple[str, ...]]:
    sid, sod = _number(dataset, "DistanceSourceToDetector"), _number(dataset, "DistanceSourceToPatient")
    magnification = _number(dataset, "EstimatedRadiographicMagnificationFactor")
    sid, sod = sid or None, sod or None  # consoles write 0 for unknown
    warnings: tuple[str, ...] = ()
    if sod is None and sid is not None and magnification is not None and magnification > 1:
        sod = sid / magnification
        warnings = (
            f"The distance from source to isocentre was worked out from the magnification {magnification:g}: "
            f"{sod:.1f} mm.",
        )
    return sid, sod, warnings


def _pixel_mm(dataset: Any) -> tuple[float, float] | None:
    values = _numbers(dataset, "ImagerPixelSpacing")
    if len(values) != 2 or not (values > 0).all():
        return None
    return float(values[0]), float(values[1])


def _number(dataset: Any, keyword: str) -> float | None:
    values = _numbers(dataset, keyword)
    return float(values[0]) if len(values) else None


def _numbers(dataset: Any, keyword: str) -> Float64Array:
    """Return the finite numbers of an attribute, none where it is absent, empty or no number."""
    with quiet_pydicom():
        try:
            value = dataset.get(keyword)
            values = np.atleast_1d(np.array([] if value is None or value == "" else value, dtype=float))
        except (ValueError, TypeError):
            return np.array([])
    return values if np.isfinite(values).all() else np.array([])


def _intensifier(dataset: Any) -> str:
    """Return the sentence against header geometry if the detector is an image intensifier."""
    flat = str(dataset.get("DetectorType", "") or "") in ("DIRECT", "SCINTILLATOR")
    signs = (
        len(_numbers(dataset, "IntensifierSize")) > 0,
        str(dataset.get("FieldOfViewShape", "") or "") == "ROUND",
        str(dataset.get("DetectorType", "") or "") in ("II", "IMAGE_INTENSIFIER"),
    )
    if flat or not any(signs):
        return ""
    return (
        "comes from an image intensifier, whose curved pictures the header's geometry does not fit: "
        "undistort the frames and give a geometry file (--geometry) made with a calibration phantom."
    )


def _detector_warnings(dataset: Any) -> tuple[str, ...]:
    angles = [_number(dataset, f"Detector{which}Angle") or 0.0 for which in ("Primary", "Secondary")]
    if max(map(abs, angles)) < 0.1:
        return ()
    return (
        f"The detector is tilted against the beam ({angles[0]:g}° and {angles[1]:g}°), which was not taken "
        "into "
        "account: give a geometry file if the volume is blurred.",
    )


def _shutter_warnings(dataset: Any) -> tuple[str, ...]:
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    left, upper = _number(dataset, "ShutterLeftVerticalEdge"), _number(dataset, "ShutterUpperHorizontalEdge")
    right, lower = (
        _number(dataset, "ShutterRightVerticalEdge"),
        _number(dataset, "ShutterLowerHorizontalEdge"),
    )
    inside = (left or 0) > 1 or (upper or 0) > 1 or (right or columns) < columns or (lower or rows) < rows
    if not inside:
        return ()
    return (
        "A shutter covers part of the frames, where there is no picture: anatomy behind it is not "
        "reconstructed.",
    )


def dicom_provenance(dataset: Any, path: Path) -> dict[str, Any]:
    """Return where frames come from, without a word on the patient."""
    wanted = {
        "sop_class": "SOPClassUID",
        "manufacturer": "Manufacturer",
        "model": "ManufacturerModelName",
        "study_uid": "StudyInstanceUID",
        "series_uid": "SeriesInstanceUID",
        "pixel_relation": "PixelIntensityRelationship",
    }
    found = {key: str(dataset.get(word) or "") for key, word in wanted.items()}
    return {"source": path.name, "sha256": sha256_of([path]), "reader": "XA DICOM", **found}

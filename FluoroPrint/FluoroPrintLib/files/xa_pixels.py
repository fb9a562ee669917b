"""Pixels of XA and RF datasets: decoded frame by frame, look-up tables applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import AnyArray, Float32Array
from ..errors import FluoroPrintError
from ..progress import Progress
from .dicom_quiet import quiet_pydicom
from .frame_source import PixelScale


def pixel_scale(dataset: Any, path: Path) -> tuple[PixelScale, tuple[str, ...]]:
    """Return what the pixel values mean after the modality transform, and what to warn of.

    A Modality LUT turns logarithmic values back into intensities (PS3.3 C.8.7.1.1.2), so that they
    are linear afterwards. Values for display (DISP) are taken as logarithmic: film and monitor chains
    make brightness follow the logarithm of the exposure.
    """
    relation = str(dataset.get("PixelIntensityRelationship", "") or "")
    warnings: tuple[str, ...] = ()
    if relation not in ("LIN", "LOG", "DISP"):
        relation, warnings = _relation_of_unnamed(dataset, relation)
    if relation == "DISP":
        warnings += (
            "The console processed these grey values for display (DISP); they were taken as logarithmic: "
            "bone can "
            "be seen, but HU and thin walls are not to be trusted.",
        )
    low, high = _range_after_lut(dataset, path)
    is_linear = relation == "LIN" or (relation == "LOG" and bool(dataset.get("ModalityLUTSequence")))
    return PixelScale(
        "linear" if is_linear else "logarithmic",
        high,
        min(0.0, low) if not is_linear else max(0.0, low) if low > 0 else 0.0,
        abs(_slope(dataset)),
        _is_dark_air(dataset, relation),
    ), warnings


def _relation_of_unnamed(dataset: Any, relation: str) -> tuple[str, tuple[str, ...]]:
    assumed = "DISP" if int(dataset.BitsStored) <= 8 else "LIN"
    words = f"is {relation}" if relation else "is missing"
    return assumed, (
        f"The Pixel Intensity Relationship (0028,1040) {words}; {assumed} was assumed: choose with "
        "--intensity.",
    )


def _is_dark_air(dataset: Any, relation: str) -> bool:
    """Tell whether low values are air.

    The sign attribute says so where it stands. MONOCHROME1 alone is about showing: linear and
    logarithmic values follow the intensity whatever is shown, values for display are what is shown.
    """
    sign = dataset.get("PixelIntensityRelationshipSign")
    if sign in (1, -1):
        return bool(sign == -1)
    return relation == "DISP" and dataset.get("PhotometricInterpretation") == "MONOCHROME1"


def _range_after_lut(dataset: Any, path: Path) -> tuple[float, float]:
    """Return the lowest and highest value that the frames' format can hold after the modality transform."""
    bits = int(dataset.BitsStored)
    signed = int(dataset.get("PixelRepresentation", 0) or 0) == 1
    raw = np.array([-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] if signed else [0, 2**bits - 1])
    if dataset.get("ModalityLUTSequence"):
        table = _modality_table(dataset, path)[1]
        return 0.0, float(table.max())
    ends = raw * _slope(dataset) + _intercept(dataset)
    return float(ends.min()), float(ends.max())


def load_pixels(datasets: Sequence[Any], count: int, path: Path, progress: Progress) -> Float32Array:
    """Return the frames of datasets, (N, rows, columns), modality look-up table or rescale applied.

    Raises
    ------
    FluoroPrintError
        The pixel data is damaged, shorter than the header says, or no decoder is installed.
    """
    first = datasets[0]
    frames = np.empty((count, int(first.Rows), int(first.Columns)), np.float32)
    read = 0
    for frame, dataset in _decoded(datasets, path):
        if read == count:
            break
        frames[read] = _modality_values(frame, dataset, path)
        read += 1
        progress(read / count, "Reading frames")
    if read != count:
        raise FluoroPrintError(
            f"{path} says it has {count} frames but holds {read}: the file is cut short, copy or export it "
            "again."
        )
    return frames


def _decoded(datasets: Sequence[Any], path: Path) -> Iterator[tuple[AnyArray, Any]]:
    from pydicom.pixels import iter_pixels

    for dataset in datasets:
        try:
            with quiet_pydicom():
                for frame in iter_pixels(dataset, raw=True):
                    yield frame, dataset
        except FluoroPrintError:
            raise
        except Exception as error:  # decoders raise whatever they like
            raise _pixel_fault(dataset, path, error) from error


def _pixel_fault(dataset: Any, path: Path, error: Exception) -> FluoroPrintError:
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None:
        return FluoroPrintError(
            f"{path} does not say how its pixels are stored (0002,0010): export the run again."
        )
    missing = "missing dependencies" in str(error) or "missing required dependencies" in str(error)
    if isinstance(error, NotImplementedError) or missing:
        return FluoroPrintError(
            f"{path} is compressed ({syntax.name}) and this computer cannot decompress it: install the "
            "Python packages "
            "pylibjpeg, pylibjpeg-libjpeg and pylibjpeg-openjpeg, or export the run uncompressed."
        )
    return FluoroPrintError(f"{path} has damaged or cut-off pixel data: copy or export the run again.")


def _modality_values(frame: AnyArray, dataset: Any, path: Path) -> AnyArray:
    if dataset.get("ModalityLUTSequence"):
        first, table = _modality_table(dataset, path)
        looked_up: AnyArray = table[np.clip(frame.astype(np.int64) - first, 0, len(table) - 1)]
        return looked_up
    slope, intercept = _slope(dataset), _intercept(dataset)
    return frame if (slope, intercept) == (1.0, 0.0) else frame * np.float32(slope) + np.float32(intercept)


def _modality_table(dataset: Any, path: Path) -> tuple[int, Float32Array]:
    """Return the first stored value mapped and the table, (entries,)."""
    try:
        item = dataset.ModalityLUTSequence[0]
        entries, first, bits = (int(value) for value in item.LUTDescriptor)
        data = item.LUTData
        kind = (
            np.uint16
            if bits > 8 or not isinstance(data, bytes) or len(data) >= 2 * (entries or 65536)
            else np.uint8
        )
        table = np.frombuffer(data, kind) if isinstance(data, bytes) else np.atleast_1d(np.array(data))
    except (AttributeError, TypeError, ValueError, IndexError) as error:
        raise FluoroPrintError(
            f"{path} has a damaged Modality LUT (0028,3000): export the run again."
        ) from error
    entries = entries or 65536
    if len(table) < entries:
        raise FluoroPrintError(
            f"{path} has a Modality LUT (0028,3000) that is cut short: export the run again."
        )
    signed = int(dataset.get("PixelRepresentation", 0) or 0) == 1
    return first - 65536 if signed and first > 32767 else first, table[:entries].astype(np.float32)


def _slope(dataset: Any) -> float:
    value = dataset.get("RescaleSlope")
    return float(value) if value else 1.0


def _intercept(dataset: Any) -> float:
    value = dataset.get("RescaleIntercept")
    return float(value) if value else 0.0

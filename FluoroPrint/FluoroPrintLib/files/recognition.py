"""What a DICOM file is to FluoroPrint, told from its header alone: a sweep, a loop, a volume, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FluoroPrintError
from .acquisition import missing_parts
from .enhanced_xa import acquisition_of_header
from .frame_source import Acquisition
from .sweep import SMALLEST_TURN_DEG
from .xa import (
    ENHANCED_XA_CLASS,
    RF_CLASS,
    XA_CLASS,
    XRAY_3D_CLASSES,
    frame_count,
    is_sweep_class,
    open_dicom,
)
from .xray_3d import is_xray_3d

CLASSES = (XA_CLASS, RF_CLASS, ENHANCED_XA_CLASS, *XRAY_3D_CLASSES)
"""SOP classes of files that may be recognised."""
SWEEP, LOOP, VOLUME = "sweep", "loop", "volume"


@dataclass(frozen=True)
class Recognised:
    """What a file holds.

    Attributes
    ----------
    kind : `SWEEP` (a run in which the arm turned, or may have), `LOOP` (the arm stood still) or `VOLUME`
    summary : frames, size and geometry as the header tells them, a line each
    missing : what a volume of it lacks, in words; empty where nothing
    """

    kind: str
    summary: tuple[str, ...]
    missing: tuple[str, ...] = ()


def recognise(path: Path) -> Recognised | None:
    """Tell what a DICOM file holds; None where it is of no use here, or broken. Pixels are not read."""
    try:
        dataset = open_dicom(path, with_pixels=False)
        if is_xray_3d(dataset):
            return Recognised(VOLUME, (_size(frame_count(dataset), dataset.Rows, dataset.Columns, "slices"),))
        if not is_sweep_class(dataset) or frame_count(dataset) < 2:
            return None
        return _run(dataset)
    except (FluoroPrintError, AttributeError, ValueError, TypeError):
        return None


def _run(dataset: Any) -> Recognised:
    acquisition = acquisition_of_header(dataset)
    missing = tuple(name for name, _ in missing_parts(acquisition))
    if acquisition.objection:
        missing += (acquisition.objection,)
    summary = (
        _size(frame_count(dataset), dataset.Rows, dataset.Columns, "frames"),
        _turn(acquisition),
        _distances(acquisition),
    )
    return Recognised(LOOP if _stands_still(acquisition) else SWEEP, summary, missing)


def _stands_still(acquisition: Acquisition) -> bool:
    primary, secondary = acquisition.primary_deg, acquisition.secondary_deg
    if primary is None:
        return False
    turned = np.ptp(primary) + (0.0 if secondary is None else np.ptp(secondary))
    return bool(turned < SMALLEST_TURN_DEG)


def _size(count: int, rows: int, columns: int, what: str) -> str:
    return f"{count} {what} of {columns} x {rows} pixels"


def _turn(acquisition: Acquisition) -> str:
    primary = acquisition.primary_deg
    if primary is None:
        return "angles: not told"
    if _stands_still(acquisition):
        return f"the arm stood still at {primary[0]:.1f}°"
    return f"arc {np.ptp(primary):.1f}°, from {primary[0]:.1f}° to {primary[-1]:.1f}°"


def _distances(acquisition: Acquisition) -> str:
    sid, sod, pixel = acquisition.sid_mm, acquisition.sod_mm, acquisition.pixel_mm
    parts = (
        "source to detector " + ("not told" if sid is None else f"{sid:g} mm"),
        "to isocentre " + ("not told" if sod is None else f"{sod:g} mm"),
        "pixel " + ("not told" if pixel is None else f"{pixel[0]:g} x {pixel[1]:g} mm"),
    )
    return ", ".join(parts)

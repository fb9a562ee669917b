"""A run that was exported as a folder of DICOM files, one frame each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float32Array
from ..errors import FluoroPrintError
from ..progress import Progress
from .enhanced_xa import dicom_source
from .frame_source import Acquisition, FrameSource, natural_order, sha256_of
from .xa import (
    acquisition_of,
    dicom_provenance,
    frame_count,
    is_sweep_class,
    open_dicom,
    refuse_missing_pixels,
    refuse_other_classes,
)
from .xa_pixels import load_pixels, pixel_scale

SAME_MM = 1.0
"""Distances of one run differ by less, or the frames do not belong together."""


def dicom_folder_source(folder: Path, paths: list[Path]) -> FrameSource:
    """Return the frames of the one run in a folder, in the order of their instance numbers.

    Raises
    ------
    FluoroPrintError
        The files are no XA run, belong to several series, or differ in size.
    """
    headers = [(path, open_dicom(path, with_pixels=False)) for path in sorted(paths, key=natural_order)]
    runs = [(path, header) for path, header in headers if is_sweep_class(header)]
    if not runs:
        refuse_other_classes(headers[0][1], headers[0][0])
    if len(runs) == 1:
        return dicom_source(runs[0][0])
    _refuse_mixture(runs, folder)
    runs.sort(key=lambda run: int(run[1].get("InstanceNumber") or 0))
    acquisition, warnings = _joined_acquisition(runs, folder)
    scale, more = pixel_scale(runs[0][1], runs[0][0])
    files = [path for path, _ in runs]
    provenance = dicom_provenance(runs[0][1], files[0]) | {
        "source": folder.name,
        "sha256": sha256_of(files),
        "reader": "folder of XA DICOM frames",
        "files": len(files),
        "angles": acquisition.angle_encoding,
    }
    rows, columns = int(runs[0][1].Rows), int(runs[0][1].Columns)
    return FrameSource(
        len(files), rows, columns, scale, acquisition, _Loader(files), provenance, warnings + more
    )


class _Loader:
    """Reads the pixels of files, one after the other."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths

    def __call__(self, progress: Progress) -> Float32Array:
        """Return the frames, (files, rows, columns)."""
        frames = []
        for index, path in enumerate(self.paths):
            progress(index / len(self.paths), "Reading frames")
            dataset = open_dicom(path)
            refuse_missing_pixels(dataset, path)
            frames.append(load_pixels([dataset], 1, path, lambda fraction, message: None)[0])
        return np.stack(frames)


def _refuse_mixture(runs: list[tuple[Path, Any]], folder: Path) -> None:
    several = [path.name for path, header in runs if frame_count(header) > 1]
    if several:
        raise FluoroPrintError(
            f"{folder} holds several files of many frames ({_some(several)}): choose one of them."
        )
    series = {str(header.get("SeriesInstanceUID", "")) for _, header in runs}
    if len(series) > 1:
        raise FluoroPrintError(
            f"{folder} holds frames of {len(series)} series: keep those of one run in the folder."
        )
    sizes = {(header.get("Rows"), header.get("Columns")) for _, header in runs}
    if len(sizes) > 1:
        raise FluoroPrintError(
            f"{folder} holds frames of {len(sizes)} sizes: keep those of one run in the folder."
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _joined_acquisition(runs: list[tuple[Path, Any]], folder: Path) -> tuple[Acquisition, tuple[str, ...]]:
    """Each file has its own angles; the distances are those of the run."""
    told = [acquisition_of(header, 1) for _, header in runs]
    single = [acquisition for acquisition, _ in told]
    for name in ("sid_mm", "sod_mm"):
        values = [getattr(acquisition, name) for acquisition in single]
        known = [value for value in values if value is not None]
        if known and np.ptp(known) > SAME_MM:
            raise FluoroPrintError(
                f"{folder} holds frames whose distances differ ({name} {min(known):g} to {max(known):g} mm): "
                "they are not of one run; give a geometry file or keep one run in the folder."
            )
    return replace(
        single[0],
        primary_deg=_angles(single, "primary_deg"),
        secondary_deg=_angles(single, "secondary_deg"),
        angle_encoding="each frame's own",
    ), tuple(dict.fromkeys(warning for _, warnings in told for warning in warnings))


def _angles(single: list[Acquisition], name: str) -> Any:
    values = [getattr(acquisition, name) for acquisition in single]
    if any(value is None for value in values):
        return None
    return np.unwrap(np.concatenate(values), period=360.0)

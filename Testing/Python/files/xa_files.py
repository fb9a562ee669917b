"""XA files made for tests: a bright field with a disc in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from FluoroPrintLib.files.xa_writer import write_xa_sweep

COUNT, ROWS, COLUMNS = 12, 40, 48
AIR = 4000
PRIMARY_DEG = np.linspace(-100.0, 98.0, COUNT)


def disc_integrals() -> npt.NDArray[np.float64]:
    """Line integrals of a disc, air all around it: (COUNT, ROWS, COLUMNS)."""
    row, column = np.mgrid[:ROWS, :COLUMNS]
    distance = np.hypot(row - 11.0, column - 14.0)
    frame = 3.0 * np.sqrt(np.clip(1 - (distance / 9.0) ** 2, 0.0, None))
    return np.repeat(frame[None], COUNT, 0)


def disc_counts(air: int = AIR) -> npt.NDArray[np.uint16]:
    return np.round(air * np.exp(-disc_integrals())).astype(np.uint16)


def write_run(path: Path, counts: npt.NDArray[np.uint16] | None = None, **options: Any) -> Path:
    """Write a run of COUNT frames; options replace those of write_xa_sweep."""
    defaults = {
        "primary_deg": PRIMARY_DEG,
        "secondary_deg": np.zeros(COUNT),
        "sid_mm": 1180.0,
        "sod_mm": 785.0,
        "pixel_mm": (2.6, 2.6),
        "bits_stored": 12,
    }
    write_xa_sweep(path, disc_counts() if counts is None else counts, **{**defaults, **options})
    return path


def changed(path: Path, change: Callable[[pydicom.Dataset], None]) -> Path:
    """Change the dataset of a file in place."""
    dataset = pydicom.dcmread(path)
    change(dataset)
    dataset.save_as(path)
    return path

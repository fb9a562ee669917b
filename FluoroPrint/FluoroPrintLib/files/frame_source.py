"""What a reader of frames hands over: what the header says, and the way to the pixels."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..arrays import Float32Array, Float64Array
from ..progress import Progress


@dataclass(frozen=True)
class PixelScale:
    """What pixel values mean.

    Attributes
    ----------
    relation : "linear", "logarithmic", "integrals", or "unknown" (to be told from the values)
    full_scale : highest value the file's format can hold, None where it sets no limit
    zero : the value of no intensity at all (linear) or of the darkest grey (logarithmic)
    step : the smallest difference between two values (half of it stands for no counts at all), 0 if
        the values are not counted in steps
    is_dark_air : whether low values are air
    """

    relation: str
    full_scale: float | None = None
    zero: float = 0.0
    step: float = 1.0
    is_dark_air: bool = False


@dataclass(frozen=True)
class Acquisition:
    """The C-arm's geometry as far as a file tells it; None where it does not.

    Attributes
    ----------
    sid_mm, sod_mm : source to detector, source to isocentre
    pixel_mm : row and column spacing at the detector
    primary_deg, secondary_deg : (N,) positioner angles of the frames
    start_deg : primary angle of the first frame, which may be known where the others are not
    origin_mm : place of the first pixel (along columns, along rows) in the file's own panel
        coordinates, as RTK's geometry needs it
    principal_point : column and row that the isocentre projects to
    panel_turn_deg : (N,) turn of the panel about the central ray, clockwise as seen from the panel
        towards the source
    angle_encoding : how the angles were written, in words
    angle_fault : what is wrong with the angles where they are written but of no use
    objection : why the header's geometry must not be used at all, empty where it may
    """

    sid_mm: float | None = None
    sod_mm: float | None = None
    pixel_mm: tuple[float, float] | None = None
    primary_deg: Float64Array | None = None
    secondary_deg: Float64Array | None = None
    start_deg: float | None = None
    origin_mm: tuple[float, float] | None = None
    principal_point: tuple[float, float] | None = None
    panel_turn_deg: Float64Array | None = None
    angle_encoding: str = "none"
    angle_fault: str = ""
    objection: str = ""


@dataclass(frozen=True)
class FrameSource:
    """Frames of one run, not yet read.

    Attributes
    ----------
    count, rows, columns : number and size of the frames
    scale : meaning of the values that `load` returns
    acquisition : geometry that the header tells
    load : reads the frames, (count, rows, columns) of float32
    provenance, warnings : as in `Sweep`
    """

    count: int
    rows: int
    columns: int
    scale: PixelScale
    acquisition: Acquisition
    load: Callable[[Progress], Float32Array]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def sha256_of(paths: list[Path]) -> str:
    """Return the SHA-256 of the contents of files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()


def natural_order(path: Path) -> list[tuple[int, str]]:
    """Return a sort key that puts frame9 before frame10."""
    return [
        (int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name.lower())
    ]

"""Reading a C-arm sweep: DICOM runs, folders of frames, image stacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float32Array
from ..errors import FluoroPrintError
from ..geometry.sweep import Sweep, SweepGeometry
from ..progress import Progress, part_of, silent
from .acquisition import completed, geometry_of
from .frame_source import FrameSource
from .intensity import Conversion, convert_to_integrals
from .sweep_parameters import SweepParameters
from .xa import is_dicom, xa_source

SMALLEST_TURN_DEG = 1.0
"""A run that turns less than this stood still: a volume needs an arc."""


def read_sweep(
    path: Path,
    parameters: SweepParameters = SweepParameters(),  # noqa: B008 - frozen
    *,
    geometry: Path | None = None,
    minimum_frames: int = 2,
    progress: Progress = silent,
) -> Sweep:
    """Read the frames of a sweep as line integrals, with a projection matrix each.

    Parameters
    ----------
    path : an XA or RF DICOM file, a folder of single-frame DICOM files or of pictures (TIFF, MHA,
        NRRD), or a stack of frames in one TIFF, MHA or NRRD file
    parameters : what replaces the header's values
    geometry : projection matrices in a file of their own (see `geometry_files.read_geometry`), used
        instead of the header's angles and distances
    minimum_frames : 2 where a volume shall be made; 1 accepts single pictures and runs that stood still
    progress : called for every frame

    Raises
    ------
    FluoroPrintError
        The file cannot be read, or its geometry is incomplete: the sentence names what is missing.
    """
    path = Path(path)
    source = frame_source(path)
    _refuse_too_few(source, path, minimum_frames)
    sweep_geometry, steps = _geometry(source, parameters, geometry, path)
    if geometry is None and minimum_frames > 1:
        _refuse_standing(sweep_geometry, path)
    frames = source.load(part_of(progress, 0.0, 0.6))
    frames, flips = _flipped(frames, parameters)
    conversion = convert_to_integrals(frames, source.scale, parameters, part_of(progress, 0.6, 1.0))
    provenance = dict(source.provenance) | _provenance(conversion, flips + steps)
    return Sweep(frames, conversion.i0, sweep_geometry, provenance, source.warnings + conversion.warnings)


def frame_source(path: Path) -> FrameSource:
    """Return the reader of the frames at `path`, the header read, the pixels not.

    Raises
    ------
    FluoroPrintError
        Nothing is there, or it is of no kind that is read.
    """
    if not path.exists():
        raise FluoroPrintError(f"{path} does not exist: check the name.")
    if is_dicom(path):
        return xa_source(path)
    raise FluoroPrintError(f"{path} is no sweep that is read here.")


def _refuse_too_few(source: FrameSource, path: Path, minimum_frames: int) -> None:
    if source.count < minimum_frames:
        raise FluoroPrintError(
            f"{path} holds {source.count} frame{'s' if source.count != 1 else ''}, but a volume needs a "
            "rotational run of "
            "many: choose the run in which the arm turned."
        )


def _refuse_standing(geometry: SweepGeometry, path: Path) -> None:
    normals = geometry.normals_ras
    turn_deg = np.degrees(np.arccos(np.clip(normals @ normals[0], -1.0, 1.0))).max()
    if turn_deg < SMALLEST_TURN_DEG:
        raise FluoroPrintError(
            f"The arm stood still in {path} (its angles change by {turn_deg:.1f}°), but a volume needs an "
            "arc: choose "
            "the run in which it turned, or give the arc with --primary-start-deg and --arc-deg."
        )


def _geometry(
    source: FrameSource, parameters: SweepParameters, geometry: Path | None, path: Path
) -> tuple[SweepGeometry, list[str]]:
    """Return the geometry of the frames and how it came about."""
    acquisition = completed(source.acquisition, source.count, parameters)
    result = geometry_of(acquisition, source.rows, source.columns, parameters, path)
    return result, [f"geometry from the angles ({acquisition.angle_encoding})"]


def _flipped(frames: Float32Array, parameters: SweepParameters) -> tuple[Float32Array, list[str]]:
    """Return the frames mirrored as the user wishes, in memory order."""
    steps = []
    for wanted, axis, word in (
        (parameters.flip_columns, 2, "left to right"),
        (parameters.flip_rows, 1, "top to bottom"),
    ):
        if wanted:
            for frame in frames:
                frame[:] = np.flip(frame, axis - 1).copy()
            steps.append(f"frames mirrored {word}")
    return frames, steps


def _provenance(conversion: Conversion, steps: list[str]) -> dict[str, Any]:
    scale = {} if conversion.log_scale is None else {"log_scale": conversion.log_scale}
    step = (
        f"{conversion.relation} grey values to line integrals, air {conversion.i0:g} ({conversion.i0_from})"
    )
    return {"i0": conversion.i0, "i0_from": conversion.i0_from, **scale, "steps": [*steps, step]}

"""Reading a C-arm sweep: DICOM runs, folders of frames, image stacks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float32Array
from ..errors import FluoroPrintError
from ..geometry.reading_steps import ANGLES_REVERSED, COLUMNS_MIRRORED, GEOMETRY_FROM, ROWS_MIRRORED
from ..geometry.sweep import Sweep, SweepGeometry
from ..memory import require_memory
from ..progress import Progress, part_of, silent
from .acquisition import completed, geometry_of, panel_of
from .dicom_folders import dicom_folder_source
from .enhanced_xa import dicom_source
from .frame_source import FrameSource, natural_order, sha256_of
from .geometry_files import read_geometry
from .intensity import Conversion, convert_to_integrals
from .stacks import STACK_SUFFIXES, pictures_source, stack_source
from .sweep_parameters import SweepParameters, option
from .xa import is_dicom

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
    require_memory(
        4.0 * source.count * source.rows * source.columns,
        f"{path} with {source.count} frames of {source.columns} x {source.rows} pixels",
        "close other programs, or export fewer or smaller frames",
    )
    frames = source.load(part_of(progress, 0.0, 0.6))
    frames, flips = _flipped(frames, parameters)
    conversion = convert_to_integrals(frames, source.scale, parameters, part_of(progress, 0.6, 1.0))
    provenance = dict(source.provenance) | _provenance(conversion, flips + steps)
    warnings = source.warnings + _overruled(parameters, geometry) + conversion.warnings
    return Sweep(frames, conversion.i0, sweep_geometry, provenance, warnings)


def frame_source(path: Path) -> FrameSource:
    """Return the reader of the frames at `path`, the header read, the pixels not.

    Raises
    ------
    FluoroPrintError
        Nothing is there, or it is of no kind that is read.
    """
    if not path.exists():
        raise FluoroPrintError(f"{path} does not exist: check the name.")
    if path.is_dir():
        return _folder_source(path)
    try:
        if path.stat().st_size == 0:
            raise FluoroPrintError(f"{path} is empty: copy or export it again.")
        dicom = is_dicom(path)
    except OSError as error:
        raise FluoroPrintError(f"{path} cannot be opened ({error.strerror}): check its rights.") from error
    if dicom:
        return dicom_source(path)
    if path.suffix.lower() in STACK_SUFFIXES:
        return stack_source(path)
    raise FluoroPrintError(
        f"{path} is of no kind that holds a sweep: choose an XA DICOM file, a folder of frames, or a TIFF, "
        "MHA or NRRD stack."
    )


def _folder_source(folder: Path) -> FrameSource:
    """Return the run in a folder: DICOM where there is any, else pictures of the commonest kind."""
    try:
        files = [
            p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".") and p.name != "DICOMDIR"
        ]
        dicom = [path for path in files if is_dicom(path)]
    except OSError as error:
        raise FluoroPrintError(f"{folder} cannot be read ({error.strerror}): check its rights.") from error
    if dicom:
        return dicom_folder_source(folder, dicom)
    kinds = Counter(path.suffix.lower() for path in files if path.suffix.lower() in STACK_SUFFIXES)
    if not kinds:
        raise FluoroPrintError(
            f"{folder} holds no frames: choose a folder of DICOM, TIFF, MHA, NRRD or PNG files."
        )
    kind = kinds.most_common(1)[0][0]
    pictures = sorted((path for path in files if path.suffix.lower() == kind), key=natural_order)
    return stack_source(pictures[0]) if len(pictures) == 1 else pictures_source(folder, pictures)


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
    if geometry is not None:
        panel = panel_of(acquisition, source.rows, source.columns, parameters)
        result = read_geometry(geometry, source.rows, source.columns, source.count, panel=panel)
        return result, [f"{GEOMETRY_FROM}{Path(geometry).name}, sha256 {sha256_of([Path(geometry)])}"]
    result = geometry_of(acquisition, source.rows, source.columns, parameters, path)
    reversed_ = [ANGLES_REVERSED] if parameters.reverse_angles else []
    return result, [f"{GEOMETRY_FROM}the angles ({acquisition.angle_encoding})", *reversed_]


def _overruled(parameters: SweepParameters, geometry: Path | None) -> tuple[str, ...]:
    """Return a warning if a geometry file stands above options that were given too."""
    names = ("sid_mm", "sod_mm", "primary_start_deg", "arc_deg", "secondary_deg")
    given = [option(name) for name in names if getattr(parameters, name) is not None]
    given += [option("reverse_angles")] * parameters.reverse_angles
    if geometry is None or not given:
        return ()
    return (f"{Path(geometry).name} tells the whole geometry: {', '.join(given)} had no effect.",)


def _flipped(frames: Float32Array, parameters: SweepParameters) -> tuple[Float32Array, list[str]]:
    """Mirror the frames in place as the user wishes; return them and the steps."""
    steps = []
    for wanted, axis, step in (
        (parameters.flip_columns, 2, COLUMNS_MIRRORED),
        (parameters.flip_rows, 1, ROWS_MIRRORED),
    ):
        if wanted:
            for frame in frames:
                frame[:] = np.flip(frame, axis - 1).copy()
            steps.append(step)
    return frames, steps


def _provenance(conversion: Conversion, steps: list[str]) -> dict[str, Any]:
    scale = {} if conversion.log_scale is None else {"log_scale": conversion.log_scale}
    step = (
        f"{conversion.relation} grey values to line integrals, air {conversion.i0:g} ({conversion.i0_from})"
    )
    return {"i0": conversion.i0, "i0_from": conversion.i0_from, **scale, "steps": [*steps, step]}

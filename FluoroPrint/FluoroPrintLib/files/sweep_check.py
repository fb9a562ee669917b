"""The geometry check of a file: its diagnosis also where its header does not tell enough for a sweep."""

from __future__ import annotations

from pathlib import Path

from ..errors import FluoroPrintError
from ..geometry.diagnosis import Diagnosis, diagnose, ordered
from ..geometry.findings import FAULT, NOTE, Finding
from ..geometry.sweep import Sweep
from ..progress import Progress, part_of, silent
from .acquisition import completed, missing_parts
from .frame_source import FrameSource
from .sweep import frame_source, read_sweep
from .sweep_parameters import SweepParameters


def check_sweep(
    path: Path,
    parameters: SweepParameters = SweepParameters(),  # noqa: B008 - frozen
    *,
    geometry: Path | None = None,
    progress: Progress = silent,
) -> tuple[Diagnosis, Sweep | None]:
    """Read a sweep as far as it goes and check its geometry.

    Parameters
    ----------
    path, parameters, geometry : as in `read_sweep`
    progress : called for every frame

    Returns
    -------
    The diagnosis, and the sweep; None for the sweep where something is missing: the findings then name it
    with the parameters that supply it.

    Raises
    ------
    FluoroPrintError
        The file cannot be read at all.
    """
    source = frame_source(Path(path))
    missing = [] if geometry is not None else _missing(source, parameters)
    if missing:
        return _incomplete(source, parameters, missing), None
    try:
        sweep = read_sweep(path, parameters, geometry=geometry, progress=part_of(progress, 0.0, 0.7))
    except FluoroPrintError as error:
        return _incomplete(source, parameters, [Finding(FAULT, str(error))]), None
    return diagnose(sweep, part_of(progress, 0.7, 1.0)), sweep


def _missing(source: FrameSource, parameters: SweepParameters) -> list[Finding]:
    acquisition = completed(source.acquisition, source.count, parameters)
    faults = [
        Finding(FAULT, f"{name[0].upper()}{name[1:]} is missing: give it.", (_field(how),))
        for name, how in missing_parts(acquisition)
    ]
    if acquisition.objection:
        faults.insert(0, Finding(FAULT, f"The run {acquisition.objection}"))
    return faults


def _field(how: str) -> str:
    """Return the parameter that an option of the command line sets: "--sid-mm MM" sets sid_mm."""
    return how.split()[0].removeprefix("--").replace("-", "_")


def _incomplete(source: FrameSource, parameters: SweepParameters, faults: list[Finding]) -> Diagnosis:
    """Return what header and parameters tell together."""
    acquisition = completed(source.acquisition, source.count, parameters)
    notes = [Finding(NOTE, warning) for warning in source.warnings]
    return Diagnosis(
        source.count,
        source.rows,
        source.columns,
        primary_deg=acquisition.primary_deg,
        secondary_deg=acquisition.secondary_deg,
        sid_mm=acquisition.sid_mm,
        sod_mm=acquisition.sod_mm,
        findings=ordered(faults + notes),
    )

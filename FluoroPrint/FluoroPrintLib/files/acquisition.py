"""From what a header tells, and what the user adds, to the geometry of a sweep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.poses import geometry_from_angles, with_turned_panel
from ..geometry.sweep import SweepGeometry
from .frame_source import Acquisition
from .rtk_geometry import PanelGrid, centred_panel
from .sweep_parameters import SweepParameters, option


def completed(acquisition: Acquisition, count: int, parameters: SweepParameters) -> Acquisition:
    """Return an acquisition with the user's values in place of the header's."""
    primary = _primary(acquisition, count, parameters)
    given = parameters.primary_start_deg is not None or parameters.arc_deg is not None
    secondary = acquisition.secondary_deg
    if parameters.secondary_deg is not None:
        secondary = np.full(count, parameters.secondary_deg)
    return replace(
        acquisition,
        sid_mm=parameters.sid_mm or acquisition.sid_mm,
        sod_mm=parameters.sod_mm or acquisition.sod_mm,
        pixel_mm=parameters.pixel_mm or acquisition.pixel_mm,
        primary_deg=primary,
        secondary_deg=secondary,
        angle_encoding="given" if given and primary is not None else acquisition.angle_encoding,
    )


def _primary(acquisition: Acquisition, count: int, parameters: SweepParameters) -> Float64Array | None:
    """Return the primary angles: shifted to the start given, spread over the arc given."""
    header, start, arc = acquisition.primary_deg, parameters.primary_start_deg, parameters.arc_deg
    if start is None:
        start = acquisition.start_deg if header is None else float(header[0])
    sense = -1.0 if parameters.reverse_angles else 1.0
    if arc is not None and start is not None:
        return sense * (start + np.linspace(0.0, arc, count))
    if header is None or start is None:
        return None
    shifted: Float64Array = sense * (header - header[0] + start)
    return shifted


def missing_parts(acquisition: Acquisition) -> list[tuple[str, str]]:
    """Return what a geometry lacks: names with tags, and the option that supplies each."""
    parts = []
    if acquisition.sid_mm is None:
        parts.append(("the distance source to detector (0018,1110)", f"{option('sid_mm')} MM"))
    if acquisition.sod_mm is None:
        parts.append(("the distance source to patient (0018,1111)", f"{option('sod_mm')} MM"))
    if acquisition.pixel_mm is None:
        parts.append(("the imager pixel spacing (0018,1164)", f"{option('pixel_mm')} ROW COLUMN"))
    if acquisition.primary_deg is None and acquisition.start_deg is None:
        parts.append(
            ("the primary angle of the first frame (0018,1510)", f"{option('primary_start_deg')} DEGREES")
        )
    if acquisition.primary_deg is None:
        fault = f": {acquisition.angle_fault}" if acquisition.angle_fault else ""
        parts.append((f"the turn from frame to frame (0018,1520{fault})", f"{option('arc_deg')} DEGREES"))
    return parts


def refuse_incomplete(acquisition: Acquisition, path: Path) -> None:
    """Raise FluoroPrintError, naming each missing value and its option, unless the geometry is complete.

    Raises
    ------
    FluoroPrintError
        A value is missing, or the header's geometry does not fit the frames.
    """
    if acquisition.objection:
        raise FluoroPrintError(f"{path} {acquisition.objection}")
    parts = missing_parts(acquisition)
    if not parts:
        return
    names, options = [name for name, _ in parts], [how for _, how in parts]
    verb = "is" if len(parts) == 1 else "are"
    raise FluoroPrintError(
        f"{path} does not tell its whole geometry, {_joined(names)} {verb} missing: give {_joined(options)}, "
        "or a geometry "
        "file with --geometry FILE."
    )


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def geometry_of(
    acquisition: Acquisition, rows: int, columns: int, parameters: SweepParameters, path: Path
) -> SweepGeometry:
    """Return the geometry of an ideal C-arm as the acquisition describes it.

    Raises
    ------
    FluoroPrintError
        Something is missing (see `refuse_incomplete`), or source, isocentre and detector are out of order.
    """
    refuse_incomplete(acquisition, path)
    primary, sid, sod = acquisition.primary_deg, acquisition.sid_mm, acquisition.sod_mm
    pixel = acquisition.pixel_mm
    if primary is None or sid is None or sod is None or pixel is None:
        raise ValueError("an incomplete geometry was not refused")
    if sod >= sid:
        raise FluoroPrintError(
            f"{path} has the isocentre {sod:g} mm and the detector {sid:g} mm from the source, but the "
            "isocentre lies "
            "between the two: give --sid-mm and --sod-mm."
        )
    secondary = np.zeros(len(primary)) if acquisition.secondary_deg is None else acquisition.secondary_deg
    geometry = geometry_from_angles(
        primary,
        secondary,
        sid_mm=sid,
        sod_mm=sod,
        pixel_mm=pixel,
        rows=rows,
        columns=columns,
        principal_point=parameters.principal_point or acquisition.principal_point,
    )
    turn = acquisition.panel_turn_deg
    return geometry if turn is None else with_turned_panel(geometry, turn)


def panel_of(
    acquisition: Acquisition, rows: int, columns: int, parameters: SweepParameters
) -> PanelGrid | None:
    """Return the pixels on the panel as RTK's geometry needs them, None where their size is not known.

    The first pixel lies where the user's principal point puts it, else where the frames' own file says,
    else so that the middle of the frame is at (0, 0).
    """
    pixel = acquisition.pixel_mm
    if pixel is None:
        return None
    point = parameters.principal_point or acquisition.principal_point
    if point is not None:
        column, row = point
        return PanelGrid(pixel, (-column * pixel[1], -row * pixel[0]))
    if acquisition.origin_mm is not None:
        return PanelGrid(pixel, acquisition.origin_mm)
    return centred_panel(pixel, rows, columns)

"""A check of a sweep's geometry as data that a panel can show: figures, findings, and what mends them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..progress import Progress, silent
from .consistency import Consistency, measure_consistency
from .findings import DOUBT, FAULT, NOTE, Finding, frame_findings
from .orbit import FULL_TURN_DEG, Orbit, fit_orbit, is_short, needed_arc_deg
from .reading_steps import has_own_geometry, other_sense
from .sweep import Sweep, SweepGeometry, focal_lengths

UNEVEN_STEPS = 2.5
PLAUSIBLE_SID_MM = (600.0, 1800.0)
PLAUSIBLE_MAGNIFICATION = (1.1, 2.5)
PLAUSIBLE_RADIUS_MM = (25.0, 350.0)
WANDERING_MM = 20.0


@dataclass(frozen=True)
class Diagnosis:
    """What a sweep's geometry looks like, and what is missing or suspicious in it.

    Figures are None where the geometry does not tell them.

    Attributes
    ----------
    frames, rows, columns : number and size of the frames
    angles_deg : (N,) angle of each source about the axis of rotation, the first is 0
    primary_deg, secondary_deg : (N,) positioner angles
    arc_deg, needed_arc_deg : the arc that is there, and the one that a volume needs (180 plus the fan)
    step_deg : smallest, median and largest step from frame to frame
    direction : which way the detector turns, in words
    sid_mm, sod_mm, magnification : distances source to detector and to isocentre, and their quotient
    field_radius_mm, field_height_mm : of the cylinder about the axis that all frames see
    flex_mm : largest distance of a source from the circle fitted to them
    consistency : how opposite rays agree; None where the arc has none
    findings : faults first, then doubts, then notes
    geometry, orbit : what the figures were taken from; None where the sweep does not tell enough for them
    """

    frames: int
    rows: int
    columns: int
    angles_deg: Float64Array | None = None
    primary_deg: Float64Array | None = None
    secondary_deg: Float64Array | None = None
    arc_deg: float | None = None
    needed_arc_deg: float | None = None
    step_deg: tuple[float, float, float] | None = None
    direction: str = ""
    sid_mm: float | None = None
    sod_mm: float | None = None
    magnification: float | None = None
    field_radius_mm: float | None = None
    field_height_mm: float | None = None
    flex_mm: float | None = None
    consistency: Consistency | None = None
    findings: tuple[Finding, ...] = ()
    geometry: SweepGeometry | None = None
    orbit: Orbit | None = None

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands between the sweep and a volume."""
        return all(finding.severity != FAULT for finding in self.findings)


def diagnose(sweep: Sweep, progress: Progress = silent) -> Diagnosis:
    """Check frames and geometry of a sweep.

    Parameters
    ----------
    sweep : line integrals with a projection matrix a frame
    progress : told what is looked at

    Returns
    -------
    Diagnosis; nothing is refused, a sweep that is of no use has a fault among its findings.
    """
    geometry = sweep.geometry
    progress(0.0, "Looking at the frames")
    found = frame_findings(sweep) + [Finding(NOTE, warning) for warning in sweep.warnings]
    try:
        orbit = fit_orbit(geometry)
    except FluoroPrintError as error:
        fault = Finding(FAULT, str(error), ("primary_start_deg", "arc_deg"))
        return Diagnosis(geometry.count, geometry.rows, geometry.columns, findings=ordered([fault, *found]))
    progress(0.4, "Comparing opposite rays")
    consistency = measure_consistency(sweep)
    found += _arc_findings(geometry, orbit) + _distance_findings(geometry, orbit)
    found += _consistency_findings(sweep, consistency)
    progress(1.0, "Checked")
    return _figures(geometry, orbit, consistency, ordered(found))


def ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings with the worst first; alike ones keep their order."""
    rank = {FAULT: 0, DOUBT: 1, NOTE: 2}
    return tuple(sorted(findings, key=lambda finding: rank[finding.severity]))


def _figures(
    geometry: SweepGeometry,
    orbit: Orbit,
    consistency: Consistency | None,
    findings: tuple[Finding, ...],
) -> Diagnosis:
    steps = np.abs(np.diff(orbit.angles_deg))
    radius, height = field_mm(geometry, orbit)
    return Diagnosis(
        geometry.count,
        geometry.rows,
        geometry.columns,
        orbit.angles_deg,
        geometry.primary_deg,
        geometry.secondary_deg,
        orbit.arc_deg,
        needed_arc_deg(geometry, orbit),
        (float(steps.min()), float(np.median(steps)), float(steps.max())),
        _direction(orbit),
        geometry.sid_mm,
        geometry.sod_mm,
        _magnification(geometry),
        radius,
        height,
        orbit.flex_mm,
        consistency,
        findings,
        geometry,
        orbit,
    )


def field_mm(geometry: SweepGeometry, orbit: Orbit) -> tuple[float, float]:
    """Return radius and height of the cylinder about the axis of rotation that the typical frame sees.

    The radius reaches to the nearer side of the frame; the height is that on the axis.
    """
    matrices = geometry.ras_to_pixel
    centre = matrices @ np.append(orbit.centre_ras, 1.0)
    column, row = (centre[:, :2] / centre[:, 2:]).T
    depth = centre[:, 2]
    across, along, _ = focal_lengths(geometry)
    side = np.minimum(column + 0.5, geometry.columns - 0.5 - column) / across
    radius = depth * np.sin(np.arctan(side))
    height = (np.minimum(row + 0.5, geometry.rows - 0.5 - row) * 2) * depth / along
    return float(np.median(radius)), float(np.median(height))


def _direction(orbit: Orbit) -> str:
    """Say which way the detector goes; about the head-foot axis, LAO is towards the patient's left.

    Seen from the head's end down the axis (superior), RAS turns anticlockwise; a positive turn about
    superior takes the detector from anterior to the right's opposite: from right over anterior to left.
    """
    along = float(orbit.axis_ras[2])
    if abs(along) < 0.5:
        return "about an axis across the body"
    return (
        "from the patient's right to the left (RAO to LAO)"
        if along > 0
        else ("from the patient's left to the right (LAO to RAO)")
    )


def _magnification(geometry: SweepGeometry) -> float | None:
    return None if not geometry.sid_mm or not geometry.sod_mm else geometry.sid_mm / geometry.sod_mm


def _arc_findings(geometry: SweepGeometry, orbit: Orbit) -> list[Finding]:
    needed = needed_arc_deg(geometry, orbit)
    steps = np.abs(np.diff(orbit.angles_deg))
    found = []
    if is_short(geometry, orbit):
        found.append(
            Finding(
                FAULT,
                f"The run turns {orbit.arc_deg:.1f}°, but this panel needs {needed:.1f}° (180 plus the fan): "
                "correct the arc if it is wrong, or accept streaks with a short arc.",
                ("arc_deg",),
            )
        )
    if orbit.arc_deg > FULL_TURN_DEG and not orbit.is_full_turn:
        found.append(
            Finding(
                FAULT, f"The run turns {orbit.arc_deg:.1f}°, more than once: correct the arc.", ("arc_deg",)
            )
        )
    if steps.max() > UNEVEN_STEPS * np.median(steps) or steps.min() < 0.1 * np.median(steps):
        found.append(
            Finding(
                DOUBT,
                f"The steps from frame to frame differ ({steps.min():.2f}° to {steps.max():.2f}°): "
                "frames may be missing, or the angles are not one a frame; give the arc if the run "
                "turned evenly.",
                ("primary_start_deg", "arc_deg"),
            )
        )
    return found


def _distance_findings(geometry: SweepGeometry, orbit: Orbit) -> list[Finding]:
    found = []
    sid, magnification = geometry.sid_mm, _magnification(geometry)
    if sid is not None and not PLAUSIBLE_SID_MM[0] <= sid <= PLAUSIBLE_SID_MM[1]:
        found.append(
            Finding(DOUBT, f"The detector is {sid:g} mm from the source, unusual for a C-arm.", ("sid_mm",))
        )
    low, high = PLAUSIBLE_MAGNIFICATION
    if magnification is not None and not low <= magnification <= high:
        words = f"The isocentre is magnified {magnification:.2f} times, unusual for a C-arm: check distances."
        found.append(Finding(DOUBT, words, ("sid_mm", "sod_mm")))
    radius = field_mm(geometry, orbit)[0]
    if not PLAUSIBLE_RADIUS_MM[0] <= radius <= PLAUSIBLE_RADIUS_MM[1]:
        words = (
            f"The field of view has a radius of {radius:.0f} mm, unusual for a C-arm: the pixel size may be "
            "that of another tag, or at the isocentre."
        )
        found.append(Finding(DOUBT, words, ("pixel_mm", "principal_point")))
    if orbit.flex_mm > WANDERING_MM:
        words = f"The source strays {orbit.flex_mm:.0f} mm from a circle: check the geometry file."
        found.append(Finding(DOUBT, words))
    return found


def _consistency_findings(sweep: Sweep, consistency: Consistency | None) -> list[Finding]:
    """Say what opposite rays tell: the sense of turning and the principal point along the columns."""
    if consistency is None:
        words = (
            "No two views look along one line (the arc is short, or its plane tilted), so the sense "
            "of turning "
            "cannot be checked: compare left and right with a marker in the volume."
        )
        return [Finding(NOTE, words, ("reverse_angles", "flip_columns"))]
    if consistency.is_mirrored:
        words = (
            "Views from opposite sides fit each other only if the run turned the other way, or its "
            "frames are mirrored: set one of the two; they differ in which side is the patient's left."
        )
        return [Finding(DOUBT, words, ("reverse_angles", "flip_columns"), other_sense(sweep))]
    if not consistency.is_upright:
        words = "Views from opposite sides fit each other in neither sense of turning: check angles and I0."
        return [Finding(DOUBT, words, ("reverse_angles", "flip_columns", "arc_deg", "i0"))]
    return _shift_findings(sweep, consistency)


def _shift_findings(sweep: Sweep, consistency: Consistency) -> list[Finding]:
    if not consistency.is_shifted:
        return []
    isocentre = sweep.geometry.ras_to_pixel[:, :, 3]
    column, row = np.median(isocentre[:, :2] / isocentre[:, 2:], axis=0)
    shift = consistency.upright.column_shift
    words = (
        f"Views from opposite sides fit best if the isocentre projects {abs(shift):.1f} "
        "columns "
        f"further to the {'right' if shift > 0 else 'left'}: set the principal point, or give a "
        "calibrated geometry."
    )
    if has_own_geometry(sweep):
        return [Finding(DOUBT, words)]
    proposal = {"principal_point": (round(float(column + shift), 2), round(float(row), 2))}
    return [Finding(DOUBT, words, ("principal_point",), proposal)]

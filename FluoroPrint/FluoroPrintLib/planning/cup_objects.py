"""A hip as objects of a plan: the pelvis with its landmarks, the cup, the head and the stem; and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .acetabulum import Acetabulum
from .cup import AT_RISK, Cup, CupParameters, CupScrew, coverage, cup_screws, suggested_cup
from .cup_angles import (
    RIGHT,
    SAFE_ANTEVERSION_DEG,
    SAFE_INCLINATION_DEG,
    PelvicLandmarks,
    PelvisFrame,
    anatomic_of,
    in_hip,
    is_in_safe_zone,
    operative_of,
    pelvis_frame,
    radiographic_of,
    tilt_in_scan_deg,
)
from .field import BoneField
from .hip_stem import HipChanges
from .implant_shapes import cup as cup_shape
from .implant_solids import placed_in
from .plan import AUTOMATIC, USER, Decision, Figure, Place, Plan, Planned, place_of

CUP, PELVIS = "cup", "pelvis"
CENTRE, AXIS = "centre", "axis"
DIAMETER, WALL, COVERAGE, SAFE_ZONE, TILT = "diameter", "wall", "coverage", "safe zone", "tilt"
LANDMARKS: Mapping[str, str] = {
    "asis-left": "asis_left",
    "asis-right": "asis_right",
    "pubic-tubercle-left": "tubercle_left",
    "pubic-tubercle-right": "tubercle_right",
}
"""Names of landmarks in plans and files, with the fields of `PelvicLandmarks` that they are."""
DEFINITIONS = (("radiographic", radiographic_of), ("operative", operative_of), ("anatomic", anatomic_of))
WITHIN, OUTSIDE = "within", "outside"
SAFE_ZONE_NOTE = (
    f"The safe zone is {SAFE_INCLINATION_DEG[0]:g} to {SAFE_INCLINATION_DEG[1]:g}° and "
    f"{SAFE_ANTEVERSION_DEG[0]:g} to {SAFE_ANTEVERSION_DEG[1]:g}° radiographic (Lewinnek 1978); "
    "it is disputed, shown and not enforced."
)


ROUND_MM, SIZE_STEP_MM = 0.6, 2.0
"""A socket that is further from a sphere, or whose diameter is less certain, is told of."""


def planned_pelvis(landmarks: PelvicLandmarks, tilt_deg: float = 0.0) -> Planned:
    """Return the pelvis as an object of a plan: its landmarks, and the tilt that angles are measured at."""
    frame = pelvis_frame(landmarks)
    return Planned(
        PELVIS,
        "Pelvis",
        PELVIS,
        "",
        {name: (getattr(landmarks, field),) for name, field in LANDMARKS.items()},
        {},
        {
            TILT: Figure(tilt_deg, "°"),
            "tilt in the scan": Figure(round(tilt_in_scan_deg(frame), 3), "°"),
            "width between the spines": Figure(round(frame.width_mm, 3), "mm"),
        },
    )


def pelvis_of(planned: Planned) -> tuple[PelvicLandmarks, PelvisFrame]:
    """Return landmarks and frame of a pelvis of a plan; the frame is tilted as the plan says.

    Raises
    ------
    FluoroPrintError
        The object is no pelvis with all landmarks.
    """
    places = {field: planned.points.get(name, ()) for name, field in LANDMARKS.items()}
    tilt = planned.figures.get(TILT, Figure(0.0)).value
    if planned.kind != PELVIS or not all(len(found) == 1 for found in places.values()):
        raise FluoroPrintError(f"{planned.id} is no pelvis: it needs {', '.join(LANDMARKS)}.")
    landmarks = PelvicLandmarks(**{field: found[0] for field, found in places.items()})
    return landmarks, pelvis_frame(landmarks, float(tilt) if isinstance(tilt, int | float) else 0.0)


def planned_cup(
    cup: Cup,
    side: str,
    frame: PelvisFrame,
    wall_mm: float,
    *,
    figures: Mapping[str, Figure] | None = None,
    decisions: Iterable[Decision] = (),
) -> Planned:
    """Return a cup as an object of a plan, with its angles by all definitions, and more figures."""
    sizes = {DIAMETER: Figure(cup.diameter_mm, "mm"), WALL: Figure(wall_mm, "mm")}
    return Planned(
        f"cup-{side}",
        f"Cup, {side}",
        CUP,
        side,
        {CENTRE: (cup.centre_ras,)},
        {AXIS: (cup.axis_ras,)},
        {**sizes, **angle_figures(cup.axis_ras, frame, side), **(figures or {})},
        tuple(decisions),
    )


def cup_of(planned: Planned) -> Cup:
    """Return the cup of an object of a plan.

    Raises
    ------
    FluoroPrintError
        The object is no cup, or lacks centre, axis or diameter.
    """
    try:
        (centre,), (axis,) = planned.points[CENTRE], planned.directions[AXIS]
        diameter = planned.figures[DIAMETER].value
    except (KeyError, ValueError) as error:
        raise FluoroPrintError(
            f"{planned.id} is no cup: it needs a centre, an axis and a diameter."
        ) from error
    if planned.kind != CUP or not isinstance(diameter, int | float):
        raise FluoroPrintError(f"{planned.id} is no cup with a diameter.")
    return Cup(centre, axis, float(diameter))


def surface_of_cup(planned: Planned) -> vtkPolyData:
    """Return the shell of a cup in RAS mm, a closed surface."""
    cup, wall = cup_of(planned), planned.figures.get(WALL, Figure(4.0)).value
    side_axis = np.eye(3)[int(np.abs(cup.axis_ras).argmin())]
    thickness = float(wall) if isinstance(wall, int | float) else 4.0
    return placed_in(cup_shape(cup.diameter_mm, thickness), cup.centre_ras, cup.axis_ras, side_axis)


def angle_figures(axis_ras: Place, frame: PelvisFrame, side: str, what: str = "") -> dict[str, Figure]:
    """Return inclination and anteversion of an axis by all definitions, and its place by the safe zone.

    `what` comes before the names: "native " for example; the safe zone is told of cups alone.
    """
    axis = in_hip(np.asarray(axis_ras), frame, side)
    figures = {}
    for name, angles_of in DEFINITIONS:
        inclination, anteversion = angles_of(axis).tolist()
        figures[f"{what}{name} inclination"] = Figure(round(inclination, 4), "°")
        figures[f"{what}{name} anteversion"] = Figure(round(anteversion, 4), "°")
    if not what:
        figures[SAFE_ZONE] = Figure(WITHIN if is_in_safe_zone(radiographic_of(axis)) else OUTSIDE)
    return figures


def measured_cup(
    planned: Planned, pelvis: Planned, field: BoneField | None, parameters: CupParameters
) -> Planned:
    """Return a cup of a plan with its angles measured again, and in bone its coverage and screws.

    Where there is no bone to measure in, coverage and screws are dropped rather than kept from elsewhere.
    """
    cup, (landmarks, frame) = cup_of(planned), pelvis_of(pelvis)
    kept = {name: figure for name, figure in planned.figures.items() if not _is_of_bone(name)}
    found = {**kept, **angle_figures(cup.axis_ras, frame, planned.side)}
    ways = {name: ray for name, ray in planned.directions.items() if not _is_of_bone(name)}
    if field is not None:
        screws = screws_of(field, cup, landmarks, frame, planned.side, parameters)
        found |= bone_figures(field, cup, screws, parameters)
        ways |= {f"screw {screw.quadrant}": (screw.direction_ras,) for screw in screws}
    return replace(planned, figures=found, directions=ways)


def _is_of_bone(name: str) -> bool:
    return name == COVERAGE or name.startswith("screw ")


def screws_of(
    field: BoneField,
    cup: Cup,
    landmarks: PelvicLandmarks,
    frame: PelvisFrame,
    side: str,
    parameters: CupParameters,
) -> tuple[CupScrew, ...]:
    """Return the best direction for a screw in each quadrant of a cup."""
    spine = landmarks.asis_right if side == RIGHT else landmarks.asis_left
    return cup_screws(field, cup, spine, frame, parameters.clearance_mm)


def bone_figures(
    field: BoneField, cup: Cup, screws: Iterable[CupScrew], parameters: CupParameters
) -> dict[str, Figure]:
    """Return coverage, and of each quadrant the depth for a screw and what is at risk there."""
    covered = coverage(field, cup, parameters.contact_mm)
    figures = {COVERAGE: Figure(round(100 * covered, 2), "%")}
    for screw in screws:
        figures[f"screw {screw.quadrant}, depth"] = Figure(screw.depth_mm, "mm")
        figures[f"screw {screw.quadrant}, at risk"] = Figure(AT_RISK[screw.quadrant])
    return figures


def socket_figures(socket: Acetabulum, frame: PelvisFrame, side: str) -> dict[str, Figure]:
    """Return what was found of the acetabulum: its sphere, its rim and its native angles."""
    return {
        "acetabular diameter": Figure(round(2 * socket.radius_mm, 3), "mm"),
        "acetabular diameter, spread": Figure(round(socket.spread_mm, 3), "mm"),
        "distance from the sphere": Figure(round(socket.rms_mm, 3), "mm"),
        "distance from the rim's plane": Figure(round(socket.rim_rms_mm, 3), "mm"),
        **angle_figures(place_of(socket.axis_ras), frame, side, "native "),
    }


def hip_plan(
    case: str,
    side: str,
    landmarks: PelvicLandmarks,
    field: BoneField,
    socket: Acetabulum,
    sizes_mm: tuple[float, ...],
    wall_mm: float,
    parameters: CupParameters,
) -> Plan:
    """Return the plan of a hip: its pelvis, and the cup that is suggested."""
    frame = pelvis_frame(landmarks, parameters.tilt_deg)
    cup = suggested_cup(socket, frame, side, sizes_mm, parameters)
    pelvis = planned_pelvis(landmarks, parameters.tilt_deg)
    planned = planned_cup(
        cup,
        side,
        frame,
        wall_mm,
        figures=socket_figures(socket, frame, side),
        decisions=cup_decisions(cup, socket, parameters),
    )
    planned = replace(planned, points={**planned.points, "rim": _places(socket.rim_ras)})
    notes = (SAFE_ZONE_NOTE, *([_doubt(socket)] if _is_doubtful(socket) else []))
    return Plan(case, side, (pelvis, measured_cup(planned, pelvis, field, parameters)), notes)


def _is_doubtful(socket: Acetabulum) -> bool:
    return socket.rms_mm > ROUND_MM or socket.spread_mm > SIZE_STEP_MM


def _doubt(socket: Acetabulum) -> str:
    return (
        f"The socket is not round: its surface lies {socket.rms_mm:.1f} mm (rms) off the sphere, and the "
        f"diameter varies by {socket.spread_mm:.1f} mm with the place that the search begins at; check "
        "centre and size."
    )


def cup_decisions(cup: Cup, socket: Acetabulum, parameters: CupParameters) -> tuple[Decision, ...]:
    """Return the decisions for the place, the size and the orientation of a suggested cup."""
    sphere = {"acetabular diameter": Figure(round(2 * socket.radius_mm, 3), "mm")}
    reamed = f"the size next to the socket, {parameters.reaming_mm:g} mm reamed all round"
    return (
        Decision("centre of the acetabular sphere", AUTOMATIC, figures=sphere, note="not medialised"),
        Decision(
            f"diameter {cup.diameter_mm:g} mm",
            AUTOMATIC if parameters.size_mm is None else USER,
            figures=sphere,
            note=reamed if parameters.size_mm is None else "as given",
        ),
        Decision(
            f"inclination {parameters.inclination_deg:g}°, anteversion {parameters.anteversion_deg:g}°, "
            "radiographic",
            USER if _is_aimed(parameters) else AUTOMATIC,
            note="as given" if _is_aimed(parameters) else "the usual target",
        ),
    )


def _is_aimed(parameters: CupParameters) -> bool:
    usual = CupParameters()
    given = (parameters.inclination_deg, parameters.anteversion_deg, parameters.tilt_deg)
    return given != (usual.inclination_deg, usual.anteversion_deg, usual.tilt_deg)


def change_figures(changes: HipChanges) -> dict[str, Figure]:
    """Return what a hip's reconstruction changes, as figures; above 0 is longer or further lateral."""
    lateral, anterior, superior = changes.centre_mm
    return {
        "leg length, change": Figure(round(changes.leg_length_mm, 3), "mm"),
        "offset, change": Figure(round(changes.offset_mm, 3), "mm"),
        "centre of rotation, lateral": Figure(round(lateral, 3), "mm"),
        "centre of rotation, anterior": Figure(round(anterior, 3), "mm"),
        "centre of rotation, superior": Figure(round(superior, 3), "mm"),
    }


def _places(points_ras: Float64Array) -> tuple[Place, ...]:
    return tuple(place_of(np.round(point, 3)) for point in points_ras)

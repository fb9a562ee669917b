"""A cup for an acetabulum: size, place and orientation suggested, its coverage, screws through its wall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from .acetabulum import Acetabulum, directions_of_sphere, first_bone_mm
from .cup_angles import PelvisFrame, axis_of_radiographic, out_of_hip
from .field import STEEPEST, BoneField
from .plan import Place, place_of

COVERAGE_RAYS, COVERAGE_STEP_MM = 4000, 0.1
QUADRANTS = ("anterior-superior", "posterior-superior", "anterior-inferior", "posterior-inferior")
AT_RISK: Mapping[str, str] = {
    "anterior-superior": "external iliac artery and vein",
    "posterior-superior": "sciatic nerve, superior gluteal vessels and nerve",
    "anterior-inferior": "obturator artery, vein and nerve",
    "posterior-inferior": "sciatic nerve, inferior gluteal and internal pudendal vessels and nerves",
}
"""What may be hurt: R. C. Wasielewski et al., J Bone Joint Surg Am 1990; 72: 501; the posterior ones are
the safer quadrants there."""
SCREW_AZIMUTHS, SCREW_POLAR_DEG = 12, (20.0, 30.0, 40.0, 50.0, 60.0, 70.0)
SCREW_REACH_MM, SCREW_STEP_MM = 80.0, 0.5
SCREW_STRETCH = 16
"""So many steps are looked at together; directions that ended are not looked at any further."""
OPENING = 0.7
"""Near the socket a screw needs no more bone about it than this share of the way that it has gone."""


@dataclass(frozen=True)
class CupParameters(Parameters):
    """What is asked of a cup."""

    inclination_deg: Annotated[
        float, Bounds(0.0, 80.0), Unit("°"), Help("Radiographic inclination aimed at.")
    ] = 40.0
    anteversion_deg: Annotated[
        float, Bounds(-30.0, 60.0), Unit("°"), Help("Radiographic anteversion aimed at.")
    ] = 15.0
    tilt_deg: Annotated[
        float,
        Bounds(-40.0, 40.0),
        Unit("°"),
        Help(
            "How far the anterior pelvic plane leans forward in the posture that the angles are for; "
            "0 measures them to the plane itself."
        ),
    ] = 0.0
    reaming_mm: Annotated[
        float,
        Bounds(0.0, 5.0),
        Unit("mm"),
        Help("Bone that is reamed away all round before the cup is sized."),
    ] = 0.5
    size_mm: Annotated[
        float | None,
        Bounds(36.0, 80.0),
        Unit("mm"),
        Help("Outer diameter; the size of the catalogue next to the reamed socket if left out."),
    ] = None
    contact_mm: Annotated[
        float,
        Bounds(0.2, 5.0),
        Unit("mm"),
        Help("A place of the cup is covered if bone is this near behind it."),
    ] = 1.5
    clearance_mm: Annotated[
        float,
        Bounds(0.5, 10.0),
        Unit("mm"),
        Help("Bone about the axis that a screw through the cup needs: half of its diameter and a margin."),
    ] = 3.25


@dataclass(frozen=True)
class Cup:
    """A cup as a hemisphere.

    Attributes
    ----------
    centre_ras : its centre, RAS mm
    axis_ras : unit vector out of its opening
    diameter_mm : outer diameter
    """

    centre_ras: Place
    axis_ras: Place
    diameter_mm: float


@dataclass(frozen=True)
class CupScrew:
    """A direction for a screw through the cup.

    Attributes
    ----------
    quadrant : one of `QUADRANTS`
    direction_ras : unit vector from the cup's centre through its wall
    depth_mm : bone along it behind the wall, with the clearance all the way; 0 where there is none
    """

    quadrant: str
    direction_ras: Place
    depth_mm: float


def suggested_cup(
    socket: Acetabulum, frame: PelvisFrame, side: str, sizes_mm: tuple[float, ...], parameters: CupParameters
) -> Cup:
    """Return the cup at the centre of the acetabular sphere, not medialised, turned to the target angles.

    Parameters
    ----------
    socket : the acetabulum
    frame : pelvis, tilted to the posture that the angles are for
    side : "left" or "right"
    sizes_mm : outer diameters to choose from
    parameters : target and size
    """
    aim = axis_of_radiographic((parameters.inclination_deg, parameters.anteversion_deg))
    size = parameters.size_mm or nearest_size(sizes_mm, 2 * (socket.radius_mm + parameters.reaming_mm))
    return Cup(place_of(socket.centre_ras), place_of(out_of_hip(aim, frame, side)), size)


def nearest_size(sizes_mm: tuple[float, ...], wanted_mm: float) -> float:
    """Return the size next to the one wanted, the larger of two.

    Raises
    ------
    FluoroPrintError
        The sizes end more than one step before it.
    """
    best = min(sorted(sizes_mm, reverse=True), key=lambda size: abs(size - wanted_mm))
    if abs(best - wanted_mm) > 2.0 + 1e-9:
        raise FluoroPrintError(
            f"No cup fits: the reamed socket is {wanted_mm:.1f} mm wide, cups are {min(sizes_mm):g} to "
            f"{max(sizes_mm):g} mm: give a size."
        )
    return best


def coverage(field: BoneField, cup: Cup, contact_mm: float) -> float:
    """Return the share, 0 to 1, of rays from the centre through the cup that meet bone just behind its wall.

    Rays are spread evenly over the hemisphere; a ray counts where bone lies at the wall or within
    `contact_mm` behind it.
    """
    rays = directions_of_sphere(2 * COVERAGE_RAYS)
    rays = rays[rays @ np.asarray(cup.axis_ras) < 0]
    wall, centre = cup.diameter_mm / 2, np.asarray(cup.centre_ras)
    depth = field.at(centre + wall * rays)
    near = rays[(depth <= 0) & (depth > -STEEPEST * (contact_mm + field.step_mm))]
    met = first_bone_mm(field, centre, near, wall, wall + contact_mm, min(COVERAGE_STEP_MM, contact_mm))
    return float((depth > 0).sum() + np.isfinite(met).sum()) / len(rays)


def quadrant_axes(cup: Cup, asis_ras: Place, frame: PelvisFrame) -> Float64Array:
    """Return the directions that part the quadrants in the plane of the opening, (2, 3): superior, anterior.

    The one line runs from the anterior superior iliac spine through the centre, the other at right angles.
    """
    axis = np.asarray(cup.axis_ras)
    up = np.subtract(asis_ras, cup.centre_ras)
    up = up - up @ axis * axis
    if np.linalg.norm(up) < 1e-6:
        raise FluoroPrintError("The iliac spine lies on the axis of the cup: check the landmarks.")
    up /= np.linalg.norm(up)
    forward = np.cross(axis, up)
    return np.array([up, forward * (1.0 if forward @ frame.axes_ras[1] > 0 else -1.0)])


def quadrant_of(direction_ras: Float64Array, axes: Float64Array) -> str:
    """Return the quadrant that a direction from the cup's centre lies in."""
    superior, anterior = axes @ direction_ras
    return f"{'anterior' if anterior >= 0 else 'posterior'}-{'superior' if superior >= 0 else 'inferior'}"


def cup_screws(
    field: BoneField, cup: Cup, asis_ras: Place, frame: PelvisFrame, clearance_mm: float
) -> tuple[CupScrew, ...]:
    """Return for each quadrant the direction through the cup with the longest way in bone."""
    axes = quadrant_axes(cup, asis_ras, frame)
    directions = _screw_directions(cup, axes)
    depths = _depths(field, cup, directions, clearance_mm)
    quadrants, found = [quadrant_of(ray, axes) for ray in directions], []
    for quadrant in QUADRANTS:
        within = [i for i, lies_in in enumerate(quadrants) if lies_in == quadrant]
        best = max(within, key=lambda i: float(depths[i]))
        found.append(CupScrew(quadrant, place_of(directions[best]), round(float(depths[best]), 3)))
    return tuple(found)


def _screw_directions(cup: Cup, axes: Float64Array) -> Float64Array:
    """Return directions through the cup's wall, (N, 3): none on the lines between quadrants."""
    polar = np.radians(SCREW_POLAR_DEG)[:, None, None]
    turns = (np.arange(4 * SCREW_AZIMUTHS) + 0.5) * np.pi / (2 * SCREW_AZIMUTHS)
    around = np.column_stack([np.cos(turns), np.sin(turns)]) @ axes
    rays: Float64Array = np.sin(polar) * around - np.cos(polar) * np.asarray(cup.axis_ras)
    return rays.reshape(-1, 3)


def _depths(field: BoneField, cup: Cup, directions: Float64Array, clearance_mm: float) -> Float64Array:
    """Return the way in bone behind the wall along directions (N, 3), (N,) in mm.

    It ends where the cortex comes nearer than the clearance; at its begin, where the socket itself is near,
    the bone must deepen as the way goes on.
    """
    along = np.arange(0.0, SCREW_REACH_MM + SCREW_STEP_MM, SCREW_STEP_MM)
    needed = np.minimum(clearance_mm, OPENING * along - field.step_mm)
    middle, start = np.asarray(cup.centre_ras), cup.diameter_mm / 2
    ends, going = np.full(len(directions), len(along)), np.arange(len(directions))
    for first in range(0, len(along), SCREW_STRETCH):
        stretch = slice(first, first + SCREW_STRETCH)
        depth = field.at(middle + directions[going, None] * (start + along[stretch])[:, None])
        fails = depth < needed[stretch]
        failed = fails.any(axis=1)
        ends[going[failed]] = first + fails[failed].argmax(axis=1)
        going = going[~failed]
    ways: Float64Array = np.maximum(ends - 1, 0) * SCREW_STEP_MM
    return ways

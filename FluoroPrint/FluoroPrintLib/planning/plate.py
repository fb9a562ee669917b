"""A plate laid along a curve on bone: its holes, how it has to be bent, its solid, a printable template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array, IntArray
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from ..shape.probing import Probe
from ..shape.solids import Solid, disc, placed, rod, solid_from, solid_of, surface_of, unit
from .geodesic import lengths_along, places_along, way_over
from .guide_parameters import DrillLine
from .plan import Place, place_of

MOST_BEND_DEG = 15.0
"""More than this at one site is flagged: the plate weakens, holes go oval."""


@dataclass(frozen=True)
class LayingParameters(Parameters):
    """How a plate is laid on bone."""

    standoff_mm: Annotated[
        float, Bounds(0.0, 5.0), Unit("mm"), Help("Gap between bone and plate along its middle.")
    ] = 0.0
    normal_mm: Annotated[
        float, Bounds(1.0, 30.0), Unit("mm"), Help("Radius over which the bone's normal is averaged.")
    ] = 5.0


@dataclass(frozen=True)
class PlateParameters(LayingParameters):
    """A plate's measures, and how it is laid."""

    width_mm: Annotated[float, Bounds(2.0, 40.0), Unit("mm"), Help("Width of the plate.")] = 10.0
    thickness_mm: Annotated[float, Bounds(0.4, 10.0), Unit("mm"), Help("Thickness of the plate.")] = 2.8
    pitch_mm: Annotated[float, Bounds(3.0, 40.0), Unit("mm"), Help("From one hole to the next.")] = 12.0
    hole_mm: Annotated[float, Bounds(0.8, 12.0), Unit("mm"), Help("Diameter of the holes.")] = 3.7


@dataclass(frozen=True)
class PlateSite:
    """A hole of a plate, and how the plate is bent there.

    Attributes
    ----------
    middle_ras : on the plate's lower side, RAS mm
    axes : rows: along the plate, across it, away from the bone
    in_plane_deg : turn about the third axis, to the left positive, from the link before to the one after
    out_of_plane_deg : bend about the second axis, positive where the plate is bent round the bone
    twist_deg : turn about the plate from the site before; 0 at the first
    flagged : whether one of them is more than 15 degrees
    """

    middle_ras: Place
    axes: Float64Array
    in_plane_deg: float
    out_of_plane_deg: float
    twist_deg: float
    flagged: bool


@dataclass(frozen=True)
class Plate:
    """A plate on a bone.

    Attributes
    ----------
    sites : its holes, in order
    length_mm : from end to end along its middle
    parameters : its measures
    clicks_ras : what it was laid through
    """

    sites: tuple[PlateSite, ...]
    length_mm: float
    parameters: PlateParameters
    clicks_ras: tuple[Place, ...]


def plate_along(bone: vtkPolyData, clicks_ras: Sequence[Place], parameters: PlateParameters) -> Plate:
    """Lay a plate over a bone through places on it, the first hole at the first place.

    Raises
    ------
    FluoroPrintError
        The way is shorter than one pitch, or cannot be found.
    """
    way = way_over(bone, clicks_ras)
    length = float(lengths_along(way)[-1])
    count = int(np.floor(length / parameters.pitch_mm + 1e-3)) + 1
    if count < 2:
        raise FluoroPrintError(
            f"The curve is {length:.1f} mm long, shorter than the {parameters.pitch_mm:g} mm between two "
            "holes: move its ends apart."
        )
    middles = places_along(way, parameters.pitch_mm * np.arange(count, dtype=np.float64))
    probe = Probe(bone)
    normals = np.array([probe.mean_normal(place, parameters.normal_mm) for place in middles])
    middles = middles + parameters.standoff_mm * normals
    return Plate(
        sites_of(middles, normals),
        plate_length_mm(count, parameters),
        parameters,
        tuple(place_of(np.asarray(click, float)) for click in clicks_ras),
    )


def plate_length_mm(holes: int, parameters: PlateParameters) -> float:
    """Return the length of a plate along its middle, its round ends included."""
    return parameters.pitch_mm * (holes - 1) + parameters.width_mm


def sites_of(middles: Float64Array, normals: Float64Array) -> tuple[PlateSite, ...]:
    """Return the sites of a plate by the places (N, 3) of its holes and the normals there (N, 3).

    The plate is straight between two holes; at each hole it turns from one link to the next. That turn is
    parted into the one within the plate and the one out of it; the twist is what remains between the normals
    of two neighbouring holes when both are seen along their link.
    """
    links = np.diff(middles, axis=0)
    links /= np.linalg.norm(links, axis=1)[:, None]
    before, after = np.vstack([links[:1], links]), np.vstack([links, links[-1:]])
    sites: list[PlateSite] = []
    for number, (middle, normal, one, two) in enumerate(zip(middles, normals, before, after, strict=True)):
        along = unit(one + two)
        up = unit(normal - (normal @ along) * along)
        axes = np.stack([along, np.cross(up, along), up])
        inside = _turn_deg(one @ axes[0], one @ axes[1], two @ axes[0], two @ axes[1])
        outside = _turn_deg(one @ axes[0], -(one @ axes[2]), two @ axes[0], -(two @ axes[2]))
        twist = _twist_deg(sites[-1].axes[2], up, one) if number else 0.0
        flagged = max(abs(inside), abs(outside), abs(twist)) > MOST_BEND_DEG
        sites.append(PlateSite(place_of(middle), axes, inside, outside, twist, flagged))
    return tuple(sites)


def _turn_deg(x: float, y: float, further_x: float, further_y: float) -> float:
    """Return the angle from one direction in a plane to another, to the left positive."""
    return float(np.degrees(np.arctan2(x * further_y - y * further_x, x * further_x + y * further_y)))


def _twist_deg(one: Float64Array, other: Float64Array, link: Float64Array) -> float:
    """Return the angle between two normals as they are seen along a link, by the right hand."""
    flat = [unit(normal - (normal @ link) * link) for normal in (one, other)]
    return float(np.degrees(np.arctan2(np.cross(flat[0], flat[1]) @ link, flat[0] @ flat[1])))


BENDS = ("hole", "in plane", "out of plane", "twist")


def bending_rows(plate: Plate) -> list[tuple[float, ...]]:
    """Return the bends of a plate by `BENDS`, a row a hole: its number and three angles in degrees."""
    return [
        (number, site.in_plane_deg, site.out_of_plane_deg, site.twist_deg)
        for number, site in enumerate(plate.sites, 1)
    ]


def bending_table(plate: Plate) -> list[str]:
    """Return the bends of a plate as lines of a table, a line a hole."""
    rows: list[tuple[str, ...]] = [(*BENDS, "")]
    for site, (number, *bends) in zip(plate.sites, bending_rows(plate), strict=True):
        mark = f"more than {MOST_BEND_DEG:g}°" if site.flagged else ""
        rows.append((f"{number:g}", *(f"{bend:+.1f}°" for bend in bends), mark))
    return ["".join(cell.ljust(14) for cell in row).rstrip() for row in rows]


def plate_solid(plate: Plate, thickness_mm: float | None = None, bores_mm: float | None = None) -> Solid:
    """Return the bent plate with its holes; another thickness or bore where they are given.

    Its ends are round about the outer holes.
    """
    asked = plate.parameters
    thick = asked.thickness_mm if thickness_mm is None else thickness_mm
    middles = np.array([site.middle_ras for site in plate.sites])
    axes = np.array([site.axes for site in plate.sites])
    body = _lofted(middles, axes, asked.width_mm, thick)
    for site in (plate.sites[0], plate.sites[-1]):
        body += placed(disc(asked.width_mm / 2).extrude(thick), np.array(site.middle_ras), site.axes)
    for start, end in _bores(middles, axes, thick):
        body -= rod(start, end, (asked.hole_mm if bores_mm is None else bores_mm) / 2)
    return body


def _bores(
    middles: Float64Array, axes: Float64Array, thick: float
) -> list[tuple[Float64Array, Float64Array]]:
    ups = axes[:, 2]
    return [
        (middle - 2 * thick * up, middle + 3 * thick * up) for middle, up in zip(middles, ups, strict=True)
    ]


def _lofted(middles: Float64Array, axes: Float64Array, width: float, thick: float) -> Solid:
    """Return the solid whose section goes from hole to hole: four corners a hole, faces between."""
    across, up = axes[:, 1] * width / 2, axes[:, 2] * thick
    corners = np.stack([middles - across, middles + across, middles + across + up, middles - across + up], 1)
    count = len(middles)
    number = np.arange(4 * count).reshape(count, 4)
    here, there = number[:-1], number[1:]
    faces = [_pair(here[:, k], there[:, k], there[:, (k + 1) % 4], here[:, (k + 1) % 4]) for k in range(4)]
    caps = [_pair(*number[:1].T), _pair(*number[-1:, ::-1].T)]
    triangles = np.concatenate(faces + caps)
    points = corners.reshape(-1, 3)
    a, b, c = points[triangles.T]
    if np.einsum("ni,ni->n", a, np.cross(b, c)).sum() < 0:
        triangles = triangles[:, ::-1]
    return solid_from(points, triangles)


def _pair(a: IntArray, b: IntArray, c: IntArray, d: IntArray) -> IntArray:
    return np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])


def plate_template(
    plate: Plate, bone: vtkPolyData, thickness_mm: float = 3.0, drill_mm: float = 2.5
) -> vtkPolyData:
    """Return a template to be printed: shaped as the plate, lying on the closed bone, bored for the drill.

    Held to the bone it shows where the holes go; beside the plate, how that is to be bent.

    Raises
    ------
    FluoroPrintError
        The bone is not closed.
    """
    return surface_of(plate_solid(plate, thickness_mm, drill_mm) - solid_of(bone))


def plate_surface(plate: Plate) -> vtkPolyData:
    """Return the surface of the bent plate, RAS mm."""
    return surface_of(plate_solid(plate))


def drill_lines(plate: Plate, depth_mm: float) -> tuple[DrillLine, ...]:
    """Return a drill's line through each hole into the bone: what a guide of the same holes is made of."""
    return tuple(
        DrillLine(site.middle_ras, place_of(np.asarray(site.middle_ras) - depth_mm * site.axes[2]))
        for site in plate.sites
    )

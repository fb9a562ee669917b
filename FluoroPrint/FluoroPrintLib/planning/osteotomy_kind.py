"""What an osteotomy can do as an object of a plan: its first cut is dragged as a plane, all else with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import ndimage

from ..arrays import Float64Array
from ..geometry.volume import transformed
from ..shape.solids import frame_along, unit
from .field import OUTSIDE_MM, STEEPEST, BoneField
from .guide_parameters import CutPlane
from .kind import BAD, GOOD, PLANE, UNKNOWN, Kind, Surroundings
from .osteotomy import CONTACT_MM, chord_mm, from_axis_mm
from .osteotomy_objects import (
    ANGLE,
    AREA,
    CONTACT,
    FURTHER,
    FURTHER_NORMALS,
    HEIGHT,
    HINGE,
    HINGE_AXIS,
    KERF,
    MEASURED,
    NORMAL,
    ORIGIN,
    OSTEOTOMY,
    SLIDE,
    Osteotomy,
    figures_between,
    osteotomy_of,
    surface_of_osteotomy,
)
from .plan import Figure, Planned

STEP_MM, REACH_MM = 0.5, 100.0
"""Places of a cut are looked at so close together, and so far about its point."""
BLOCK = 4
"""Steps along the edge of a block, which is looked at by its corners first."""


def osteotomy_kind() -> Kind:
    """Return what an osteotomy can do."""
    return Kind(
        OSTEOTOMY,
        "Osteotomy",
        surface_of_osteotomy,
        refreshed_osteotomy,
        PLANE,
        columns=(ANGLE, HEIGHT, KERF, CONTACT),
        mirrored=_mended,
        verdict=_verdict,
        drawn_by=(ORIGIN, NORMAL, FURTHER, FURTHER_NORMALS, HINGE, HINGE_AXIS),
    )


def refreshed_osteotomy(planned: Planned, around: Surroundings) -> Planned:
    """Return an osteotomy with its figures measured where it lies; those that cannot be are left out.

    Areas and heights are measured in the field of the bone, to about one of its voxels; the volumes of the
    pieces and what they have in common need the bone cut, and are left out.
    """
    osteotomy = osteotomy_of(planned)
    kept = {name: figure for name, figure in planned.figures.items() if name not in MEASURED}
    found = figures_between(osteotomy.cuts)
    if around.bone is not None:
        found |= _figures_in(around.bone, osteotomy)
    return replace(planned, figures=kept | found)


def _figures_in(bone: BoneField, osteotomy: Osteotomy) -> dict[str, Figure]:
    """Return areas and the wedge's height in a bone, no height where the first cut does not meet it."""
    sections = [section_in(bone, cut) for cut in osteotomy.cuts]
    step = _step(bone)
    areas = tuple(round(_area(depths, step), 3) for _, depths in sections)
    found = {AREA: Figure(areas, "mm2")}
    places, depths = sections[0]
    if len(places) == 0:
        return found
    away = from_axis_mm(places, osteotomy.hinge_ras, osteotomy.axis_ras)
    width = float((away + depths)[depths > 0].max())
    return found | {
        HEIGHT: Figure(round(chord_mm(width, osteotomy.angle_deg), 3), "mm"),
        CONTACT: Figure(round(_contact(bone, osteotomy, places, depths), 3), "mm2"),
    }


def section_in(bone: BoneField, cut: CutPlane) -> tuple[Float64Array, Float64Array]:
    """Return where a plane meets the bone nearest to the cut's point: places (N, 3) RAS mm, depths (N,).

    Places lie on a grid in the plane; those half a step outside the bone are among them.
    """
    step = _step(bone)
    half = BLOCK * int(np.ceil(REACH_MM / step / BLOCK))
    ticks = step * np.arange(-half, half + 1)
    axes = frame_along(unit(cut.normal_ras, "normal"))[:2]
    across, along = np.meshgrid(ticks, ticks, indexing="ij")

    def places_at(chosen: Any) -> Float64Array:
        flat: Float64Array = np.stack([across[chosen], along[chosen]], axis=-1)
        return np.asarray(cut.point_ras) + flat @ axes

    coarse = (slice(None, None, BLOCK),) * 2
    depths = _least_depths(bone.at(places_at(coarse)), step)
    border = (depths > OUTSIDE_MM) & (depths < step)
    depths[border] = bone.at(places_at(border))
    labels, count = ndimage.label(depths > -step / 2)
    if count == 0:
        return np.zeros((0, 3)), np.zeros(0)
    from_point = np.where(labels > 0, across**2 + along**2, np.inf)
    own = labels == labels.flat[int(from_point.argmin())]
    return places_at(own), depths[own]


def _least_depths(corners: Float64Array, step: float) -> Float64Array:
    """Return how deep places of a plane lie in bone at least, by the depths at the corners of their blocks.

    Those of a block that lies outside for sure are outside by `OUTSIDE_MM`.
    """
    around = (corners[:-1, :-1], corners[1:, :-1], corners[:-1, 1:], corners[1:, 1:])
    reach = STEEPEST * BLOCK * step / np.sqrt(2)
    least = np.where(np.max(around, axis=0) > -step / 2 - reach, np.min(around, axis=0) - reach, OUTSIDE_MM)
    least = np.where(least > OUTSIDE_MM, np.maximum(least, OUTSIDE_MM + step), least)
    blocks: Float64Array = np.pad(least.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1), ((0, 1), (0, 1)), "edge")
    return blocks


def _step(bone: BoneField) -> float:
    return max(STEP_MM, bone.step_mm)


def _area(depths: Float64Array, step: float) -> float:
    """Return the area of a section; a cell that the border crosses counts in part."""
    return float(np.clip(depths / step + 0.5, 0, 1).sum() * step**2)


def _contact(bone: BoneField, osteotomy: Osteotomy, places: Float64Array, depths: Float64Array) -> float:
    """Return the area of the first cut closely beyond which the moved part lies, as `contact_mm2` has it."""
    cut = osteotomy.cuts[0]
    normal = unit(cut.normal_ras)
    came_from = transformed(places + CONTACT_MM * normal, np.linalg.inv(osteotomy.movement))
    is_there = (came_from - np.asarray(cut.point_ras)) @ normal >= 0
    both = np.minimum(depths[is_there], bone.at(came_from[is_there]))
    return _area(both, _step(bone))


def _mended(image: Planned) -> Planned:
    """Return the mirror image of an osteotomy with its hinge reversed: a reflection turns the other way."""
    x, y, z = image.directions[HINGE_AXIS][0]
    slide = Figure(-osteotomy_of(image).slide_mm, "mm")
    directions = {**image.directions, HINGE_AXIS: ((-x, -y, -z),)}
    return replace(image, directions=directions, figures={**image.figures, SLIDE: slide})


def _verdict(planned: Planned) -> str:
    """Judge an osteotomy by whether its cuts meet the bone."""
    areas = planned.figures.get(AREA)
    if areas is None or not isinstance(areas.value, tuple):
        return UNKNOWN
    return GOOD if min(areas.value, default=0.0) > 0 else BAD

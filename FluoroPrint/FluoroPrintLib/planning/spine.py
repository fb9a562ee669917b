"""Pedicle screws for all vertebrae in view, from a segmentation of the bone alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..progress import Progress, part_of, silent
from ..segmentation.filling import with_marrow
from .canal import find_canal, with_walls
from .field import BoneField, bone_field
from .marrow import greys_on
from .pedicle_screws import LUMBAR, PedicleScrewParameters, best_pedicle_screw, regions, why_no_screw
from .pedicles import Pedicle, find_pedicles
from .screw import Screw
from .screw_sizes import ScrewFamily
from .upright import box_of, cropped, resampled, upright
from .vertebrae import solid

AROUND_CANAL_MM = 60.0
AROUND_PEDICLES_MM = 55.0
WHOSE_MM = 4.0
MIRRORED = 12
"""Voxels of a cut bone that are mirrored at the edge of the grid: more than fills a gap of the cortex."""
HALF_PEDICLE_MM = 8.0
"""A pedicle is about twice as high: one nearer to the upper or lower edge of the volume is cut."""


@dataclass(frozen=True)
class PlannedPedicle:
    """A pedicle, the name of its vertebra where the segmentation tells it, the bone about it, and its screw.

    `screw` is None where no screw of the family fits, and `why` tells the reason.
    """

    pedicle: Pedicle
    vertebra: str
    field: BoneField
    screw: Screw | None
    why: str = ""


def plan_pedicle_screws(
    labelmap: Volume,
    family: ScrewFamily,
    parameters: PedicleScrewParameters,
    names: Mapping[int, str] | None = None,
    progress: Progress = silent,
    volume: Volume | None = None,
) -> tuple[PlannedPedicle, ...]:
    """Plan a screw for each pedicle in view, with no hint of where they are.

    Parameters
    ----------
    labelmap : bone is not 0, on any straight grid in the patient's frame; one label, or one a vertebra
    family : sizes to choose from
    parameters : what is asked of the screws
    names : what the labels are called, where each vertebra has its own
    volume : what was segmented; its greys tell marrow from soft tissue where the cortex has gaps

    Raises
    ------
    FluoroPrintError
        No spinal canal or no pedicle is found.
    """
    progress(0.0, "Looking for the spinal canal")
    whole = upright(labelmap)
    canal = find_canal(whole)
    low, high = (edge(canal.places_ras, axis=0) for edge in (np.min, np.max))
    about = cropped(whole, low - AROUND_CANAL_MM, high + AROUND_CANAL_MM)
    progress(0.2, "Looking for the pedicles")
    region = regions()[parameters.region]
    greys = greys_on(volume, about) if volume is not None else None
    filled = solid(about, canal, region.pedicle_mm, region.pedicle_hits, greys)
    walls = with_walls(filled, canal.places_ras, canal.up, canal.right)
    pedicles = find_pedicles(bone_field(filled), walls)
    if not pedicles:
        raise FluoroPrintError("No pedicle is found in the segmentation: it needs whole vertebrae.")
    planning = part_of(progress, 0.4, 1.0)
    planned: list[PlannedPedicle] = []
    levels = sorted({pedicle.level for pedicle in pedicles})
    for number, level in enumerate(levels):
        planning(number / len(levels), f"Placing the screws of vertebra {number + 1} of {len(levels)}")
        pair = [pedicle for pedicle in pedicles if pedicle.level == level]
        planned += _planned(labelmap, filled, pair, family, parameters, names or {})
    return tuple(planned)


def with_marrow_by_greys(bone: Volume, volume: Volume) -> Volume:
    """Return bone with its marrow, that of the iliac bones too, on an upright grid.

    Marrow of the sacrum's wings is often as dark as soft tissue: there it is told by what lies around it.

    Raises
    ------
    FluoroPrintError
        No spinal canal is found, whose greys are compared with those of marrow.
    """
    whole = upright(bone)
    greys = greys_on(volume, whole)
    region = regions()[LUMBAR]
    canal = find_canal(whole)
    return _enclosed(solid(whole, canal, region.pedicle_mm, region.pedicle_hits, greys, wide=True))


def _enclosed(bone: Volume) -> Volume:
    """Return bone with what it encloses in slices; where the grid cuts it, it is taken to go on mirrored."""
    beyond = np.pad(bone.array_kji > 0, MIRRORED, mode="reflect")
    inner = (slice(MIRRORED, -MIRRORED),) * 3
    return bone.with_array(with_marrow(beyond, bone.spacing_mm[::-1])[inner])


def _planned(
    labelmap: Volume,
    filled: Volume,
    pair: list[Pedicle],
    family: ScrewFamily,
    parameters: PedicleScrewParameters,
    names: Mapping[int, str],
) -> list[PlannedPedicle]:
    """Plan the screws of a vertebra; where vertebrae have labels its own bone alone counts."""
    centres = np.array([pedicle.centre_ras for pedicle in pair])
    low, high = centres.min(axis=0) - AROUND_PEDICLES_MM, centres.max(axis=0) + AROUND_PEDICLES_MM
    part = cropped(labelmap, low, high)
    label = _label_about(part, pair[0].centre_ras) if len(names) > 1 else 0
    field = _field_of(part, filled, label)
    name, edges = names.get(label, ""), _edges(labelmap)
    return [_with_screw(pedicle, name, field, edges, family, parameters) for pedicle in pair]


def _with_screw(
    pedicle: Pedicle,
    name: str,
    field: BoneField,
    edges: Float64Array,
    family: ScrewFamily,
    parameters: PedicleScrewParameters,
) -> PlannedPedicle:
    screw = best_pedicle_screw(field, pedicle, family, parameters)
    if screw is not None:
        return PlannedPedicle(pedicle, name, field, screw)
    to_edge = float(np.abs(pedicle.centre_ras[2] - edges).min())
    if to_edge < HALF_PEDICLE_MM:
        return PlannedPedicle(
            pedicle, name, field, None, f"the volume ends {to_edge:.0f} mm from its middle and cuts it"
        )
    return PlannedPedicle(pedicle, name, field, None, why_no_screw(pedicle, family, parameters))


def _edges(labelmap: Volume) -> Float64Array:
    """Return the heights, S in mm, between which the segmentation's grid holds anything: (2,)."""
    low, high = box_of(labelmap)
    return np.array([low[2], high[2]])


def _field_of(part: Volume, filled: Volume, label: int) -> BoneField:
    """Return the field of the bone as segmented with the marrow found; of one vertebra if it has a label."""
    marrow = resampled(filled, part.ijk_to_ras, part.array_kji.shape)
    if not label:
        return bone_field(part.with_array((part.array_kji > 0) | marrow))
    own, others = part.array_kji == label, (part.array_kji > 0) & (part.array_kji != label)
    return bone_field(part.with_array(own | marrow & ~others))


def _label_about(part: Volume, centre_ras: Float64Array) -> int:
    """Return the commonest label within `WHOSE_MM` of a place, 0 where there is none."""
    near = cropped(part, centre_ras - WHOSE_MM, centre_ras + WHOSE_MM).array_kji
    counts = np.bincount(near[near > 0].astype(np.int64).ravel(), minlength=1)
    return int(counts.argmax())

"""Figures of an object while it is dragged: what does not change is kept, so that the rest takes little."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..progress import Progress, silent
from .canal import find_canal
from .field import BoneField, bone_field
from .kind import Density, Surroundings
from .kinds import kind_of
from .marrow import greys_on
from .overlap import Body, Gap, InBone, body_of, in_bone, nearest_gap
from .pedicle_screws import regions
from .plan import Figure, Planned
from .quality import QualityParameters, quality_figures, scale_of
from .rigid import motion_between
from .screw_objects import SCREW, screw_of
from .upright import cropped, resampled, upright
from .vertebrae import solid

MOST_VOXELS = 8e6
AROUND_MM = 10.0
AROUND_CANAL_MM = 60.0
TOUCHING_MM = 0.0


@dataclass(frozen=True)
class Seen:
    """An object as it lies at this moment.

    Attributes
    ----------
    planned : with its figures measured anew
    bone : how it lies in the bone, None without bone
    gap : to the nearest other object, None where all are far
    body : as it is drawn, None where nothing is
    """

    planned: Planned
    bone: InBone | None
    gap: Gap | None
    body: Body | None = None

    @property
    def overlaps(self) -> bool:
        """Whether it lies in another object."""
        return self.gap is not None and self.gap.gap_mm < TOUCHING_MM


class Live:
    """Objects of a plan among each other and in the bone.

    Parameters
    ----------
    around : what they are measured in
    objects : of the plan
    """

    def __init__(self, around: Surroundings, objects: Iterable[Planned] = ()) -> None:
        self.around = around
        self._bodies: dict[str, tuple[Planned, Body | None]] = {}
        self.take(objects)

    def take(self, objects: Iterable[Planned]) -> None:
        """Let these be the objects; what is drawn of those that stayed is kept."""
        self._bodies = {planned.id: self._body(planned) for planned in objects}

    def _body(self, planned: Planned) -> tuple[Planned, Body | None]:
        known, body = self._bodies.get(planned.id, (None, None))
        if known is None or body is None:
            return planned, body_of(planned)
        if _lies_as(known, planned):
            return planned, body
        motion = motion_between(known, planned, kind_of(planned).drawn_by)
        return planned, body_of(planned) if motion is None else body.moved(motion)

    def seen(self, planned: Planned) -> Seen:
        """Return an object measured where it lies now, among the others as they were taken."""
        around = replace(self.around, objects=tuple(known for known, _ in self._bodies.values()))
        measured = kind_of(planned).refreshed(planned, around)
        body = self._body(measured)[1]
        if body is None:
            return Seen(measured, None, None)
        found = in_bone(self.around.bone, body) if self.around.bone is not None else None
        return Seen(measured, found, nearest_gap(body, self._others(planned.id)), body)

    def _others(self, name: str) -> Mapping[str, Body]:
        bodies = self._bodies.items()
        return {other: body for other, (_, body) in bodies if other != name and body is not None}


def _lies_as(one: Planned, other: Planned) -> bool:
    return (one.points, one.directions, one.figures) == (other.points, other.directions, other.figures)


def bone_to_plan_in(
    bone: Volume, region: str = "", progress: Progress = silent, volume: Volume | None = None
) -> BoneField:
    """Return the field of a bone as objects are measured in it, on an upright grid with room about it.

    Cavities that the mask encloses count as bone. In a spine the marrow of the vertebrae does too, as where
    pedicle screws are planned: thresholds leave it out.

    Parameters
    ----------
    bone : mask, not 0 is bone, on any straight grid
    region : of a spine, one of `pedicle_screws.regions`; empty for other bones
    progress : told how far the work is; may cancel
    volume : what was segmented; in a spine its greys tell marrow from soft tissue

    Raises
    ------
    FluoroPrintError
        There is no bone.
    """
    progress(0.0, "Looking for the bone")
    part = _with_room(_bone_alone(bone))
    progress(0.3, "Filling the marrow")
    filled = part.with_array(ndimage.binary_fill_holes(part.array_kji))
    if region:
        filled = _with_marrow(filled, region, volume)
    progress(0.6, "Measuring how deep the bone is")
    return bone_field(filled)


def _bone_alone(bone: Volume) -> Volume:
    """Return the part of a grid in which there is bone."""
    mask = bone.array_kji > 0
    if not mask.any():
        raise FluoroPrintError("The segmentation is empty: segment the bone first.")
    box = ndimage.find_objects(mask.astype(np.uint8))[0]
    matrix = bone.ijk_to_ras.copy()
    matrix[:3, 3] += matrix[:3, :3] @ np.array([part.start for part in box[::-1]])
    return Volume(mask[box], matrix)


def _with_room(bone: Volume) -> Volume:
    """Return a mask on an upright grid with `AROUND_MM` about it, coarse enough to be measured soon."""
    widest = bone.spacing_mm * (np.array(bone.size_ijk) - 1)
    room = float(np.prod(widest + 2 * AROUND_MM))
    step = max(float(bone.spacing_mm.min()), (room / MOST_VOXELS) ** (1 / 3))
    whole = upright(bone, step)
    pad = int(np.ceil(AROUND_MM / step))
    matrix = whole.ijk_to_ras.copy()
    matrix[:3, 3] -= pad * step
    shape = tuple(int(size) + 2 * pad for size in whole.array_kji.shape)
    return Volume(resampled(bone, matrix, shape), matrix)


def _with_marrow(bone: Volume, region: str, volume: Volume | None) -> Volume:
    """Return a spine with the marrow of its vertebrae; as it is where no canal is found."""
    try:
        canal = find_canal(bone)
    except FluoroPrintError:
        return bone
    low, high = canal.places_ras.min(axis=0), canal.places_ras.max(axis=0)
    about = cropped(bone, low - AROUND_CANAL_MM, high + AROUND_CANAL_MM)
    known = regions()[region]
    greys = greys_on(volume, about) if volume is not None else None
    marrow = solid(about, canal, known.pedicle_mm, known.pedicle_hits, greys)
    whole = resampled(marrow, bone.ijk_to_ras, bone.array_kji.shape)
    return bone.with_array(whole | (bone.array_kji > 0))


def density_about(volume: Volume, bone: BoneField, wanted: QualityParameters) -> Density:
    """Return what measures bone density about screws; the volume's scale is found once.

    Raises
    ------
    FluoroPrintError
        The bone is no brighter than what surrounds it.
    """
    kept = replace(volume, array_kji=np.ascontiguousarray(volume.array_kji, np.float32))
    scale = scale_of(kept, bone, wanted)

    def measure(planned: Planned) -> dict[str, Figure]:
        return quality_figures(kept, scale, screw_of(planned), wanted) if planned.kind == SCREW else {}

    return measure

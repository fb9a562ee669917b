"""Contours in slices, helped by edges, filled; and what lies between contoured slices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .between_slices import between_slices
from .livewire import LiveWire, contour_mask
from .outlines import SliceOutline
from .segments import Segment, Segmentation
from .slices import Slice, pixel_size_mm, pixels_at, slice_through

CONTOUR_COLOUR = (0.87, 0.72, 0.45)


@dataclass(frozen=True)
class SliceContourParameters(Parameters):
    """How outlines in slices become a segment."""

    follow_edges: Annotated[
        bool,
        Help("From point to point the contour follows the strongest edge (live-wire); else a straight line."),
    ] = True
    smoothing_mm: Annotated[
        float | None,
        Bounds(0.0, 20.0),
        Unit("mm"),
        Help("Smooths noise before edges are looked for; left empty, 1.5 pixels."),
    ] = None
    fill_between: Annotated[
        bool, Help("Whether slices between contoured ones are filled in by their shape.")
    ] = True


def contour_segmentation(
    volume: Volume,
    outlines: Sequence[SliceOutline],
    parameters: SliceContourParameters | None = None,
    progress: Progress = silent,
) -> tuple[Segmentation, str]:
    """Return `contour_slices` as a segmentation of one segment, and a sentence on it; raises as that does."""
    mask = contour_slices(volume, outlines, parameters, progress)
    voxel_ml = volume.voxel_mm3 / 1000
    count = len({slice_through(volume, outline.points_ras) for outline in outlines})
    where = f"{count} slices" if count > 1 else "one slice"
    note = f"Contoured in {where}: {np.count_nonzero(mask) * voxel_ml:.1f} ml."
    segment = Segment("Contour", 1, CONTOUR_COLOUR)
    return Segmentation(volume.with_array(mask.astype(np.uint8)), (segment,)), note


def contour_slices(
    volume: Volume,
    outlines: Sequence[SliceOutline],
    parameters: SliceContourParameters | None = None,
    progress: Progress = silent,
) -> BoolArray:
    """Return what lies within outlines in slices of a volume, and between those slices.

    Parameters
    ----------
    volume : any grid, anisotropic, oblique or left-handed
    outlines : each in a slice along one of the volume's axes; of several in one slice, a place within an odd
        number is inside, so that an outline within another one is a hole
    parameters : whether edges are followed and slices filled in
    progress : told how far the work is; may cancel

    Returns
    -------
    (K, J, I)

    Raises
    ------
    FluoroPrintError
        There are no outlines, or one is of no use.
    """
    wanted = parameters or SliceContourParameters()
    drawn = _by_slice(volume, outlines)
    mask = np.zeros(volume.array_kji.shape, bool)
    for done, (where, polygons) in enumerate(drawn.items()):
        progress(0.8 * done / len(drawn), f"contouring slice {done + 1} of {len(drawn)}")
        wire = slice_wire(volume, where, wanted.smoothing_mm) if wanted.follow_edges else None
        contours = [wire.contour(polygon.tolist()) if wire else polygon for polygon in polygons]
        plane = where.of(mask)
        plane |= contour_mask(contours, (plane.shape[0], plane.shape[1]))
    if not wanted.fill_between or not any(_pairs(drawn, axis) for axis in range(3)):
        return mask
    return fill_between(mask, drawn, volume, part_of(progress, 0.8, 1.0))


def slice_wire(volume: Volume, where: Slice, smoothing_mm: float | None = None) -> LiveWire:
    """Return the edges of a slice, ready for contours along them.

    Raises
    ------
    FluoroPrintError
        The slice shows no edge, or holds values that are no numbers.
    """
    return LiveWire(where.of(volume.array_kji), pixel_size_mm(volume, where), smoothing_mm)


def fill_between(
    mask_kji: BoolArray, contoured: Iterable[Slice], grid: Volume, progress: Progress = silent
) -> BoolArray:
    """Return a mask whose slices between contoured ones are filled in by their shape.

    Contoured slices stay as they are; what else the mask held between them is replaced. Where slices of
    several directions were contoured, what lies between those of any of them is inside.

    Parameters
    ----------
    mask_kji : (K, J, I)
    contoured : which slices were contoured; those in which the mask is empty do not count
    grid : of the mask; its values are not used

    Raises
    ------
    FluoroPrintError
        Fewer than two slices of one direction are contoured.
    """
    slices = {where for where in contoured if where.of(mask_kji).any()}
    axes = [axis for axis in range(3) if _pairs(slices, axis)]
    if not axes:
        raise FluoroPrintError("Contour two slices or more of one direction, then fill between them.")
    filled, found = mask_kji.copy(), np.zeros(mask_kji.shape, bool)
    for where in slices:
        where.of(found)[...] = where.of(mask_kji)
    for done, axis in enumerate(axes):
        progress(done / len(axes), "filling between slices")
        numbers = sorted(where.index for where in slices if where.axis == axis)
        held = {number: Slice(axis, number).of(mask_kji) for number in numbers}
        between = between_slices(held, pixel_size_mm(grid, Slice(axis, numbers[0])))
        for number, plane in between.items():
            Slice(axis, number).of(filled)[...] = False
            Slice(axis, number).of(found)[...] |= plane
    all_of_it: BoolArray = filled | found
    return all_of_it


def _pairs(slices: Iterable[Slice], axis: int) -> bool:
    """Tell whether there are two slices across an axis, to fill between."""
    return len({where.index for where in slices if where.axis == axis}) > 1


def _by_slice(volume: Volume, outlines: Sequence[SliceOutline]) -> Mapping[Slice, list[Float64Array]]:
    if not outlines:
        raise FluoroPrintError("There are no outlines: outline the bone in two slices or more.")
    drawn: dict[Slice, list[Float64Array]] = {}
    for outline in outlines:
        points = np.asarray(outline.points_ras, np.float64)
        if points.ndim != 2 or points.shape[1] != 3 or len(points) < 3 or not np.isfinite(points).all():
            raise FluoroPrintError("An outline has no area: give three points or more, each in RAS mm.")
        where = slice_through(volume, points)
        drawn.setdefault(where, []).append(pixels_at(volume, where, points))
    return drawn

"""The hull of outlines drawn in frames: what all of them could have cast their shadow of.

A closed outline in a frame and the X-ray source span a cone; what was outlined lies within the cones of all
frames. Their intersection is the visual hull (Laurentini, IEEE Trans. PAMI 16(2), 1994): never smaller than
what was outlined, and nearer to it with every frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..geometry.sweep import Sweep, SweepGeometry
from ..geometry.volume import Volume
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from ..registration.silhouette import layers
from .outlines import Outline
from .segments import Segment, Segmentation

HULL_COLOUR = (0.56, 0.83, 0.91)
VOXELS_AT_ONCE = 2**20
MARK_STEP_PX = 0.5


@dataclass(frozen=True)
class HullParameters(Parameters):
    """How outlines in frames become a hull."""

    outside_allowed: Annotated[
        int,
        Bounds(0, 20),
        Help("In how many outlined frames a voxel may lie outside of the outline: forgives a poor one."),
    ] = 0
    lower_hu: Annotated[
        float | None,
        Bounds(-1000.0, 3000.0),
        Unit("HU"),
        Help("Only what is above this in the volume is taken; the whole hull if left out."),
    ] = None


def find_hull_segmentation(
    volume: Volume,
    outlines: Sequence[Outline],
    sweep: Sweep,
    parameters: HullParameters | None = None,
    progress: Progress = silent,
) -> tuple[Segmentation, str]:
    """Return the hull as a segmentation of one segment, and a sentence on it; raises as `find_hull`."""
    mask = find_hull(volume, outlines, sweep, parameters, progress)
    voxel_ml = volume.voxel_mm3 / 1000
    frames = len({outline.view for outline in outlines})
    note = f"Hull of the outlines in {frames} frames: {np.count_nonzero(mask) * voxel_ml:.1f} ml."
    segment = Segment("Hull", 1, HULL_COLOUR)
    return Segmentation(volume.with_array(mask.astype(np.uint8)), (segment,)), note


def find_hull(
    volume: Volume,
    outlines: Sequence[Outline],
    sweep: Sweep,
    parameters: HullParameters | None = None,
    progress: Progress = silent,
) -> BoolArray:
    """Return the voxels of a volume within the hull of outlines, as the parameters limit it.

    Raises
    ------
    FluoroPrintError
        There are no outlines, one is of no use, or no voxel is within all of them.
    """
    wanted = parameters or HullParameters()
    hull = hull_of_outlines(
        outlines,
        sweep.geometry,
        volume,
        outside_allowed=wanted.outside_allowed,
        progress=part_of(progress, 0.0, 0.95),
    )
    if not hull.any():
        raise FluoroPrintError(
            "No voxel of the volume lies within all outlines: outline the same bone in every frame, "
            "or allow voxels outside of an outline."
        )
    return hull if wanted.lower_hu is None else _above(hull, volume, wanted.lower_hu)


def _above(hull: BoolArray, volume: Volume, lower_hu: float) -> BoolArray:
    kept: BoolArray = hull & (volume.array_kji > lower_hu)
    if not kept.any():
        raise FluoroPrintError(f"Nothing within the outlines is above {lower_hu:g} HU: lower lower_hu.")
    return kept


def hull_of_outlines(
    outlines: Sequence[Outline],
    geometry: SweepGeometry,
    grid: Volume,
    *,
    outside_allowed: int = 0,
    progress: Progress = silent,
) -> BoolArray:
    """Return the voxels whose centres project inside the outlines of all frames that see them.

    A frame does not see what lies beyond its border or behind its source, and takes nothing away there; what
    no outlined frame sees is not in the hull.

    Parameters
    ----------
    outlines : closed outlines; of several in a frame, a place within an odd number is inside, so that an
        outline within another one is a hole
    geometry : of the sweep
    grid : any grid, anisotropic, oblique or left-handed; its values are not used
    outside_allowed : in how many frames a voxel may lie outside
    progress : told how far the work is; may cancel

    Returns
    -------
    (K, J, I)

    Raises
    ------
    FluoroPrintError
        There are no outlines, or one has no area or is of a frame that the sweep lacks.
    """
    frames = _by_frame(outlines, geometry)
    missed = np.zeros(grid.array_kji.size, np.uint8)
    held = np.zeros(grid.array_kji.size, bool)
    for done, (view, polygons) in enumerate(frames.items()):
        progress(done / len(frames), f"cutting by frame {view + 1}")
        region = Region(polygons, (geometry.rows, geometry.columns))
        matrix = geometry.ras_to_pixel[view] @ grid.ijk_to_ras
        left = np.flatnonzero(missed <= outside_allowed)
        for start in range(0, len(left), VOXELS_AT_ONCE):
            progress(done / len(frames), f"cutting by frame {view + 1}")
            part = left[start : start + VOXELS_AT_ONCE]
            seen, inside = _seen_inside(part, grid.size_ijk, matrix, region)
            missed[part] += seen & ~inside
            held[part] |= inside
    kept: BoolArray = (held & (missed <= outside_allowed)).reshape(grid.array_kji.shape)
    return kept


def _by_frame(outlines: Sequence[Outline], geometry: SweepGeometry) -> dict[int, list[Float64Array]]:
    if not outlines:
        raise FluoroPrintError("There are no outlines: outline the bone in two frames or more.")
    frames: dict[int, list[Float64Array]] = {}
    for outline in outlines:
        if not 0 <= outline.view < geometry.count:
            raise FluoroPrintError(
                f"An outline is of frame {outline.view + 1}, but the sweep has {geometry.count} frames: "
                "give the sweep that was outlined."
            )
        polygon = np.asarray(outline.polygon_px, np.float64)
        if polygon.ndim != 2 or polygon.shape[1] != 2 or len(polygon) < 3 or not np.isfinite(polygon).all():
            raise FluoroPrintError(
                f"An outline of frame {outline.view + 1} has no area: give three corners or more."
            )
        frames.setdefault(outline.view, []).append(polygon)
    return frames


def _seen_inside(
    voxels: IntArray, size_ijk: tuple[int, int, int], matrix: Float64Array, region: Region
) -> tuple[BoolArray, BoolArray]:
    """Tell which voxels, as flat indices, a frame sees, and which of them inside of its outlines."""
    k, j, i = np.unravel_index(voxels, size_ijk[::-1])
    column, row, depth = (line[0] * i + line[1] * j + line[2] * k + line[3] for line in matrix)
    seen = depth > 0
    places = np.stack([column, row], 1) / np.where(seen, depth, 1.0)[:, None]
    seen &= ((places >= -0.5) & (places < [region.shape[1] - 0.5, region.shape[0] - 0.5])).all(1)
    inside: BoolArray = np.zeros(len(voxels), bool)
    inside[seen] = region.holds(places[seen])
    return seen, inside


class Region:
    """What lies within an odd number of polygons, ready to be asked for many places in a frame.

    Parameters
    ----------
    polygons : (P, 2) corners as (column, row) each
    shape : rows and columns of the frame
    """

    def __init__(self, polygons: Sequence[Float64Array], shape: tuple[int, int]) -> None:
        self.shape = shape
        self._segments = np.concatenate([closed_segments(polygon) for polygon in polygons])
        self._inside: BoolArray = layers(self._segments, shape) % 2 != 0
        self._near = _near_lines(self._segments, shape)

    @property
    def mask(self) -> BoolArray:
        """The pixels whose centre lies within: (rows, columns)."""
        return self._inside

    def holds(self, places: Float64Array) -> BoolArray:
        """Tell which places (P, 2) in the frame lie within; away from lines, as the pixel they lie in."""
        column, row = np.rint(places).astype(np.int64).T
        column, row = np.clip(column, 0, self.shape[1] - 1), np.clip(row, 0, self.shape[0] - 1)
        held: BoolArray = self._inside[row, column]
        near = np.flatnonzero(self._near[row, column])
        held[near] = _odd_crossings(places[near], self._segments)
        return held


def closed_segments(polygon: Float64Array) -> Float64Array:
    """Return the sides (P, 2, 2) of a polygon (P, 2), the last from the last corner to the first."""
    return np.stack([polygon, np.roll(polygon, -1, axis=0)], 1)


def _near_lines(segments: Float64Array, shape: tuple[int, int]) -> BoolArray:
    """Return the pixels that a line may pass between the centre and the rest of."""
    length = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1)
    count = np.ceil(length / MARK_STEP_PX).astype(np.int64) + 1
    which = np.repeat(np.arange(len(count)), count)
    share = (np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)) / np.maximum(
        count[which] - 1, 1
    )
    start, end = segments[which].transpose(1, 0, 2)
    column, row = np.rint(start + share[:, None] * (end - start)).astype(np.int64).T + 1
    near = np.zeros((shape[0] + 2, shape[1] + 2), bool)
    kept = (column >= 0) & (column < near.shape[1]) & (row >= 0) & (row < near.shape[0])
    near[row[kept], column[kept]] = True
    widened: BoolArray = ndimage.binary_dilation(near, np.ones((3, 3), bool))[1:-1, 1:-1]
    return widened


def _odd_crossings(places: Float64Array, segments: Float64Array) -> BoolArray:
    """Tell which places have an odd number of lines at their left, exactly."""
    order = np.argsort(places[:, 1], kind="stable")
    column, row = places[order].T
    odd = np.zeros(len(places), bool)
    upward = segments[:, 1, 1] < segments[:, 0, 1]
    top, bottom = (np.where(upward[:, None], segments[:, n], segments[:, 1 - n]) for n in (1, 0))
    first, last = (np.searchsorted(row, ends[:, 1], side="right") for ends in (top, bottom))
    for n in np.flatnonzero(last > first):
        band = slice(first[n], last[n])
        share = (row[band] - top[n, 1]) / (bottom[n, 1] - top[n, 1])
        odd[band] ^= column[band] >= top[n, 0] + share * (bottom[n, 0] - top[n, 0])
    result: BoolArray = np.empty(len(places), bool)
    result[order] = odd
    return result

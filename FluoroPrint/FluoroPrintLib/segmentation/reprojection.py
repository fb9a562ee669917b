"""A segment held against the frames: its outlines, and its border moved to where the frames have edges.

The outline of a segment in a frame is the image of a line on its surface, the rim. Where the frame has its
edge beside the outline tells how far the surface ought to move there, along its normal. The moves of all rims
are spread over the surface and applied to the segment's voxels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import BoolArray, Float32Array, Float64Array, IntArray, UInt8Array
from ..errors import FluoroPrintError
from ..geometry.sweep import Sweep, SweepGeometry
from ..geometry.volume import Volume, transformed
from ..mesh.polydata import points_of, triangles_of
from ..mesh.surface import surface_of_field
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from ..registration.agreement import Agreement, agreement, agreement_in_frames, without_edges
from ..registration.outline_distance import OutlineDistance, mm_per_px, outline_distance
from ..registration.silhouette import SurfaceContours
from .between_slices import depth_inside_mm
from .segments import Segmentation
from .surface_spread import spread_over_surface

SMOOTHING_VOXELS = 0.7
"""The distance to the border is smoothed this much, so that the surface has no steps of voxels."""
BEYOND = 1.5
"""Edges are looked for this many times as far off as the border may move: a peak needs both its sides."""
LEAST_SEARCH_PX = 4.0
OUTLIER_MM = 0.5


@dataclass(frozen=True)
class SnapParameters(Parameters):
    """How the border of a segment is moved to agree with the frames."""

    max_mm: Annotated[
        float, Bounds(0.1, 10.0), Unit("mm"), Help("The border moves by at most this distance.")
    ] = 2.0
    frames: Annotated[
        int, Bounds(2, 400), Help("So many frames, evenly chosen from the sweep, are held against it.")
    ] = 24
    spread_mm: Annotated[
        float,
        Bounds(0.5, 50.0),
        Unit("mm"),
        Help("What an outline tells is spread about this far over the surface: more is smoother."),
    ] = 4.0
    edge_inside_px: Annotated[
        float,
        Bounds(0.0, 2.0),
        Help(
            "How many pixels inside of the bone's border a frame falls most: 0.8 beside a round solid, less "
            "where the border is flat or blurred."
        ),
    ] = 0.4


@dataclass(frozen=True)
class ComparisonParameters(Parameters):
    """How much of a sweep a segmentation is held against."""

    frames: Annotated[int, Bounds(1, 2000), Help("So many frames, evenly chosen from the sweep.")] = 24


@dataclass(frozen=True)
class Snapped:
    """A segment after its border was moved.

    Attributes
    ----------
    mask_kji : (K, J, I)
    before, after : agreement of the frames that were used
    """

    mask_kji: BoolArray
    before: tuple[Agreement, ...]
    after: tuple[Agreement, ...]

    @property
    def note(self) -> str:
        """What it did, as a sentence."""
        return (
            f"Mean distance from the frames' edges {mean_mm(self.before):.2f} mm before, "
            f"{mean_mm(self.after):.2f} mm after, in {len(self.before)} frames."
        )


def mean_mm(figures: Sequence[Agreement]) -> float:
    """Return the mean edge distance over the frames that have edges; NaN where none has."""
    known = [figure.mean_mm for figure in figures if np.isfinite(figure.mean_mm)]
    return float(np.mean(known)) if known else float("nan")


def chosen_views(count: int, wanted: int) -> list[int]:
    """Return so many of `count` frames, evenly spread, the first and the last included."""
    return sorted(set(np.linspace(0, count - 1, min(wanted, count)).round().astype(int).tolist()))


def surface_for_views(mask_kji: BoolArray, ijk_to_ras: Float64Array) -> vtkPolyData:
    """Return the surface of a mask without the steps of its voxels, in RAS mm.

    Raises
    ------
    FluoroPrintError
        The mask is empty.
    """
    return _Shape(mask_kji, ijk_to_ras, 0.0).surface()


def compare_with_frames(
    mask_kji: BoolArray,
    ijk_to_ras: Float64Array,
    sweep: Sweep,
    views: Sequence[int],
    progress: Progress = silent,
) -> tuple[Agreement, ...]:
    """Return how far the outline of a mask lies from the edges of each frame in `views`.

    Raises
    ------
    FluoroPrintError
        The mask is empty, or seen in none of the frames.
    """
    contours = SurfaceContours(surface_for_views(mask_kji, ijk_to_ras))
    return agreement_in_frames(contours, sweep.frames, sweep.geometry, views, progress=progress)


def snap_to_frames(
    mask_kji: BoolArray,
    ijk_to_ras: Float64Array,
    sweep: Sweep,
    parameters: SnapParameters | None = None,
    progress: Progress = silent,
) -> Snapped:
    """Move the border of a mask to where the frames have their edges; the mask itself stays as it is.

    No voxel changes whose centre lies further than `max_mm` from the border. Where no outline comes near,
    nothing is moved.

    Parameters
    ----------
    mask_kji : (K, J, I)
    ijk_to_ras : of the mask; any grid
    sweep : frames with their geometry, in the same frame of reference
    parameters : how far, by which frames
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The mask is empty, or no frame shows an edge beside its outline.
    """
    wanted = parameters or SnapParameters()
    progress(0.0, "making the surface")
    shape = _Shape(mask_kji, ijk_to_ras, wanted.max_mm)
    surface = shape.surface()
    found = _distances(surface, sweep, wanted, part_of(progress, 0.05, 0.5))
    places, moves_mm = _asked_moves(found, wanted.max_mm)
    if len(places) == 0:
        raise FluoroPrintError(
            "No frame has an edge beside the segment's outline: the segment lies elsewhere, or further off "
            "than the border may move."
        )
    progress(0.5, "spreading over the surface")
    points = points_of(surface)
    spread = spread_over_surface(
        points, triangles_of(surface), places, moves_mm, wanted.spread_mm, OUTLIER_MM
    )
    progress(0.65, "moving the border")
    snapped = shape.moved(points, np.clip(spread, -wanted.max_mm, wanted.max_mm), wanted.max_mm)
    again = _distances(surface_for_views(snapped, ijk_to_ras), sweep, wanted, part_of(progress, 0.7, 1.0))
    return Snapped(snapped, _figures(found), _figures(again))


def snap_segmentation(
    volume: Volume,
    segmentation: Segmentation,
    sweep: Sweep,
    parameters: SnapParameters | None = None,
    progress: Progress = silent,
) -> tuple[Segmentation, str]:
    """Snap every segment on the grid of a volume; what two would take goes to the first.

    Returns
    -------
    Segmentation with the same segments, and a sentence on each.

    Raises
    ------
    FluoroPrintError
        A segment is empty, lies outside of the volume, or no frame shows an edge beside it.
    """
    if not segmentation.segments:
        raise FluoroPrintError("The segmentation has no segments: segment a bone first.")
    labels = labels_on_grid(segmentation.labelmap, volume)
    snapped, notes = np.zeros_like(labels), []
    for done, segment in enumerate(segmentation.segments):
        count = len(segmentation.segments)
        part = part_of(progress, done / count, (done + 1) / count)
        found = snap_to_frames(labels == segment.label, volume.ijk_to_ras, sweep, parameters, part)
        snapped[found.mask_kji & (snapped == 0)] = segment.label
        notes.append(f"{segment.name}: {found.note}")
    return replace(segmentation, labelmap=volume.with_array(snapped)), " ".join(notes)


def labels_on_grid(labelmap: Volume, grid: Volume) -> UInt8Array:
    """Return the labels (K, J, I) nearest to the voxels of another grid; 0 outside of the labelmap."""
    to_labels = np.linalg.inv(labelmap.ijk_to_ras) @ grid.ijk_to_ras
    if labelmap.array_kji.shape == grid.array_kji.shape and np.allclose(to_labels, np.eye(4), atol=1e-6):
        return labelmap.array_kji.astype(np.uint8)
    labels: UInt8Array = ndimage.affine_transform(
        labelmap.array_kji.astype(np.uint8),
        to_labels[2::-1, 2::-1],
        to_labels[2::-1, 3],
        output_shape=grid.array_kji.shape,
        order=0,
        mode="constant",
    )
    return labels


def _figures(found: dict[int, OutlineDistance | None]) -> tuple[Agreement, ...]:
    return tuple(without_edges(v) if f is None else agreement(f, v) for v, f in found.items())


def _distances(
    surface: vtkPolyData, sweep: Sweep, wanted: SnapParameters, progress: Progress
) -> dict[int, OutlineDistance | None]:
    """Return how far the bone's border lies from the outline in each frame; None where that is outside of it.

    Raises
    ------
    FluoroPrintError
        The segment is outside of every frame; the sentence is that of the first.
    """
    contours, middle = SurfaceContours(surface), points_of(surface).mean(0)
    views = chosen_views(sweep.geometry.count, wanted.frames)
    found: dict[int, OutlineDistance | None] = {}
    faults = []
    for done, view in enumerate(views):
        progress(done / len(views), f"comparing frame {view + 1}")
        pixel_mm = _pixel_mm(middle, sweep.geometry, view)
        search = max(LEAST_SEARCH_PX, BEYOND * wanted.max_mm / pixel_mm + wanted.edge_inside_px)
        try:
            seen = contours.outline(sweep.geometry, view)
            distance = outline_distance(seen, sweep.frames[view], sweep.geometry, view, search_px=search)
            found[view] = _at_border(distance, wanted.edge_inside_px, pixel_mm)
        except FluoroPrintError as fault:
            faults.append(fault)
            found[view] = None
    if len(faults) == len(found):
        raise faults[0]
    return found


def _at_border(distance: OutlineDistance, inside_px: float, pixel_mm: float) -> OutlineDistance:
    """Return distances to the border instead of to the steepest fall inside of it."""
    px, mm = distance.distances_px + inside_px, distance.distances_mm + inside_px * pixel_mm
    return replace(distance, distances_px=px, distances_mm=mm)


def _pixel_mm(place_ras: Float64Array, geometry: SweepGeometry, view: int) -> float:
    """Return how wide a pixel is at a place; 1 where the place is behind the source, and no outline is."""
    width = float(mm_per_px(place_ras[None], geometry, view)[0])
    return width if width > 0 else 1.0


def _asked_moves(
    found: dict[int, OutlineDistance | None], max_mm: float
) -> tuple[Float64Array, Float64Array]:
    """Return where on the surface (S, 3) the frames have an edge near enough, and how far outwards (S,)."""
    known = [distance for distance in found.values() if distance is not None]
    moves = np.concatenate([distance.distances_mm for distance in known])
    places = np.concatenate([distance.points_ras for distance in known])
    near = np.isfinite(moves) & (np.abs(moves) <= BEYOND * max_mm)
    return places[near], moves[near]


class _Shape:
    """A mask cut to its neighbourhood, with how deep each voxel lies within it, in mm.

    Parameters
    ----------
    mask_kji, ijk_to_ras : the whole mask
    margin_mm : how far beyond the mask the neighbourhood reaches
    """

    def __init__(self, mask_kji: BoolArray, ijk_to_ras: Float64Array, margin_mm: float) -> None:
        if mask_kji.ndim != 3 or not mask_kji.any():
            raise FluoroPrintError("The segment is empty: segment something first.")
        spacing_kji = np.linalg.norm(ijk_to_ras[:3, :3], axis=0)[::-1]
        reach = np.ceil(margin_mm / spacing_kji).astype(int) + 4
        box = ndimage.find_objects(mask_kji.astype(np.uint8))[0]
        self._whole, self._first = mask_kji, np.array([side.start for side in box]) - reach
        self.mask = np.pad(mask_kji[box], [(int(n), int(n)) for n in reach])
        self.to_ras = ijk_to_ras.copy()
        self.to_ras[:3, 3] += ijk_to_ras[:3, :3] @ self._first[::-1]
        self.depth: Float32Array = depth_inside_mm(self.mask, tuple(spacing_kji))
        self.smooth: Float32Array = ndimage.gaussian_filter(self.depth, SMOOTHING_VOXELS)

    def surface(self) -> vtkPolyData:
        """Return the surface of the smoothed depth; of the voxels themselves where nothing is left of it."""
        field = self.smooth if (self.smooth > 0).any() else self.depth
        return surface_of_field(field, self.to_ras)

    def moved(self, points: Float64Array, moves_mm: Float64Array, max_mm: float) -> BoolArray:
        """Return the whole mask with its border moved outwards by the moves at points of the surface."""
        band = np.flatnonzero(np.abs(self.smooth) < np.abs(moves_mm).max())
        move = moves_mm[cKDTree(points).query(self._ras(band))[1]]
        before, depth = self.smooth.ravel()[band], self.depth.ravel()[band]
        changed = self.mask.copy().ravel()
        changed[band[(before <= 0) & (before + move > 0) & (depth >= -max_mm)]] = True
        changed[band[(before > 0) & (before + move <= 0) & (depth <= max_mm)]] = False
        return self._back(changed.reshape(self.mask.shape))

    def _ras(self, voxels: IntArray) -> Float64Array:
        k, j, i = np.unravel_index(voxels, self.mask.shape)
        return transformed(np.stack([i, j, k], 1), self.to_ras)

    def _back(self, mask: BoolArray) -> BoolArray:
        """Return the neighbourhood in its place in the whole; what reaches beyond the whole is lost."""
        whole: BoolArray = self._whole.copy()
        low = np.maximum(self._first, 0)
        high = np.minimum(self._first + mask.shape, whole.shape)
        there = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        here = tuple(slice(a, b) for a, b in zip(low - self._first, high - self._first, strict=True))
        whole[there] = mask[here]
        return whole

"""The centreline of a vessel: the way through the middle of its lumen, and how wide the lumen is along it.

The cheapest way between two places, where a step costs little deep inside the lumen (R. Deschamps, L. Cohen,
"Fast extraction of minimal paths in 3D images", Medical Image Analysis 5(4), 2001), moved to the middle
across it, smoothed, and sampled evenly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy import ndimage, sparse
from scipy.interpolate import make_smoothing_spline
from scipy.sparse.csgraph import dijkstra

from ..arrays import AnyArray, BoolArray, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..geometry.volume import Volume, transformed
from ..parameters import Bounds, Help, Parameters, Unit
from .field import BoneField, bone_field
from .plan import Place
from .vessel_rays import rays_across, wall_distances

NEIGHBOURS = [(k, j, i) for k in (0, 1) for j in (-1, 0, 1) for i in (-1, 0, 1) if (k, j, i) > (0, 0, 0)]
"""Half of the 26, so that each pair of voxels is met once."""
DEEP_POWER = 2.0
SNAP_MM = 15.0
TANGENT_SAMPLES = 2.0
CENTRING_ROUNDS, CENTRING_RAYS = 3, 24


@dataclass(frozen=True)
class CentrelineParameters(Parameters):
    """How the centreline is sampled."""

    step_mm: Annotated[
        float, Bounds(0.2, 10.0), Unit("mm"), Help("Distance between samples of the centreline.")
    ] = 1.0
    smoothing_mm: Annotated[
        float, Bounds(0.5, 30.0), Unit("mm"), Help("Bends shorter than this are smoothed away.")
    ] = 6.0


@dataclass(frozen=True)
class Centreline:
    """A line along a vessel.

    Attributes
    ----------
    places_ras : (N, 3) RAS mm, evenly spaced
    along_mm : (N,) from the first place
    radius_mm : (N,) of the largest ball in the lumen about each place, up to a voxel short
    """

    places_ras: Float64Array
    along_mm: Float64Array
    radius_mm: Float64Array

    @property
    def length_mm(self) -> float:
        """From the first place to the last."""
        return float(self.along_mm[-1])

    @property
    def tangents_ras(self) -> Float64Array:
        """Unit vectors along the line, (N, 3)."""
        smooth = ndimage.gaussian_filter1d(self.places_ras, TANGENT_SAMPLES, axis=0, mode="nearest")
        rising = np.gradient(smooth, axis=0)
        tangents: Float64Array = rising / np.linalg.norm(rising, axis=1, keepdims=True)
        return tangents

    @property
    def tortuosity(self) -> float:
        """Length over the distance of the ends, less 1: 0 of a straight vessel."""
        straight = float(np.linalg.norm(self.places_ras[-1] - self.places_ras[0]))
        return self.length_mm / max(straight, 1e-9) - 1.0


def centreline_of(
    lumen: Volume, start_ras: Place, end_ras: Place, parameters: CentrelineParameters | None = None
) -> Centreline:
    """Return the centreline of a vessel between two places.

    Parameters
    ----------
    lumen : mask (not 0 is lumen), its axes at right angles
    start_ras, end_ras : near the lumen; moved to the nearest voxel of it

    Raises
    ------
    FluoroPrintError
        The mask is empty, a place is more than 15 mm from the lumen, or no way leads from one to the other.
    """
    wanted = parameters or CentrelineParameters()
    field = bone_field(lumen)
    ends = [_voxel_near(field, place, word) for place, word in ((start_ras, "start"), (end_ras, "end"))]
    way = _cheapest_way(field, *ends)
    places = _centred(field, _evenly(_smooth(way, wanted), wanted.step_mm), wanted)
    along = _along(places)
    return Centreline(places, along, np.maximum(field.at(places), 0.0))


def _voxel_near(field: BoneField, place: Place, word: str) -> tuple[int, int, int]:
    """Return the voxel (k, j, i) of the lumen that is nearest to a place."""
    inside = np.argwhere(field.depth_mm.array_kji > 0)
    centres = transformed(inside[:, ::-1], field.depth_mm.ijk_to_ras)
    far = np.linalg.norm(centres - np.asarray(place), axis=1)
    nearest = int(far.argmin())
    if far[nearest] > SNAP_MM:
        raise FluoroPrintError(
            f"The {word} of the centreline is {far[nearest]:.0f} mm from the lumen: place it in the vessel."
        )
    k, j, i = (int(value) for value in inside[nearest])
    return k, j, i


def _cheapest_way(field: BoneField, start: tuple[int, int, int], end: tuple[int, int, int]) -> Float64Array:
    """Return the voxel centres (N, 3) in RAS mm of the cheapest way through the lumen."""
    inside = field.depth_mm.array_kji > 0
    inside = _piece_with(inside, start, end)
    numbers = np.full(inside.shape, -1, np.int64)
    numbers[inside] = np.arange(int(inside.sum()))
    graph = _graph(field, inside, numbers)
    first, last = int(numbers[start]), int(numbers[end])
    _, before = dijkstra(graph, directed=False, indices=first, return_predecessors=True)
    way = [last]
    while way[-1] != first:
        way.append(int(before[way[-1]]))
    voxels = np.argwhere(inside)[way[::-1]]
    return transformed(voxels[:, ::-1], field.depth_mm.ijk_to_ras)


def _piece_with(inside: BoolArray, start: tuple[int, int, int], end: tuple[int, int, int]) -> BoolArray:
    labels, _ = ndimage.label(inside, np.ones((3, 3, 3)))
    if labels[start] != labels[end]:
        raise FluoroPrintError(
            "No lumen leads from start to end: it is interrupted between them; mend the segmentation."
        )
    piece: BoolArray = labels == labels[start]
    return piece


def _graph(field: BoneField, inside: BoolArray, numbers: IntArray) -> sparse.csr_matrix:
    """Return what a step from voxel to voxel costs: its length, over the square of the depth there."""
    depth = field.depth_mm.array_kji.astype(np.float64)
    cost = (float(depth.max()) / np.maximum(depth, field.step_mm / 2)) ** DEEP_POWER
    rows, columns, costs = [], [], []
    for step in NEIGHBOURS:
        here, there = _pairs(inside, step)
        length = float(np.linalg.norm(np.array(step) * field.depth_mm.spacing_mm[::-1]))
        rows.append(numbers[here])
        columns.append(numbers[there])
        costs.append(length * (cost[here] + cost[there]) / 2)
    size = int(inside.sum())
    entries = (np.concatenate(costs), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(entries, shape=(size, size))


def _pairs(inside: BoolArray, step: tuple[int, int, int]) -> tuple[AnyArray, AnyArray]:
    """Return the indices of all pairs of voxels of the lumen that are one step apart."""
    first = tuple(slice(max(-s, 0), n - max(s, 0)) for s, n in zip(step, inside.shape, strict=True))
    second = tuple(slice(max(s, 0), n - max(-s, 0)) for s, n in zip(step, inside.shape, strict=True))
    both = np.argwhere(inside[first] & inside[second])
    here = both + [part.start for part in first]
    return tuple(here.T), tuple((here + step).T)  # type: ignore[return-value]


def _along(places: Float64Array) -> Float64Array:
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))])


def _smooth(places: Float64Array, parameters: CentrelineParameters) -> Float64Array:
    """Smooth a line with a spline whose half-power wavelength is the shortest bend that is kept."""
    along = _along(places)
    if len(places) < 5 or along[-1] < parameters.smoothing_mm:
        return places
    even = np.linspace(0.0, along[-1], max(int(along[-1] / 0.5), 5) + 1)
    sampled = np.column_stack([np.interp(even, along, axis) for axis in places.T])
    weight = (parameters.smoothing_mm / (2 * np.pi)) ** 4 / (even[1] - even[0])
    smooth = [make_smoothing_spline(even, axis, lam=weight)(even) for axis in sampled.T]
    return np.column_stack(smooth)


def _evenly(places: Float64Array, step_mm: float) -> Float64Array:
    along = _along(places)
    even = np.linspace(0.0, along[-1], max(round(along[-1] / step_mm), 2) + 1)
    return np.column_stack([np.interp(even, along, axis) for axis in places.T])


def _centred(field: BoneField, places: Float64Array, parameters: CentrelineParameters) -> Float64Array:
    """Move a line to the middle of the lumen across it, a few times, smoothing in between."""
    for _ in range(CENTRING_ROUNDS):
        rays = rays_across(
            Centreline(places, _along(places), np.zeros(len(places))).tangents_ras, CENTRING_RAYS
        )
        moved = places + _centroids(wall_distances(field, places, rays), rays)
        places = _evenly(_smooth(moved, parameters), parameters.step_mm)
    return places


def _centroids(radii: Float64Array, rays: Float64Array) -> Float64Array:
    """Return the centroids of sections that are stars of rays, relative to where these begin: (N, 3)."""
    moments = (radii[..., None] ** 3 * rays).sum(1) / 3
    centroids: Float64Array = moments / (radii**2).sum(1)[:, None] * 2
    return centroids

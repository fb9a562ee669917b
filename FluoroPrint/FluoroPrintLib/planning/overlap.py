"""Where planned objects lie in the bone and in one another: signed distances at points of their surfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..geometry.volume import Volume
from ..mesh.polydata import points_of, triangles_of
from ..shape.inset import grid_over, mask_within
from .field import BoneField, bone_field
from .kinds import kind_of
from .plan import Planned

NEAR_MM = 5.0
"""Objects that are further apart than this are not measured."""
SAMPLE_MM = 1.5
"""Longer edges of a drawing are halved for its points to be dense."""
MOST_ROUNDS = 4
VOXEL_MM, MOST_VOXELS = 0.5, 1e6
"""Of the distances to an object."""


@dataclass(frozen=True)
class InBone:
    """How an object lies in the bone.

    Attributes
    ----------
    share : of its surface that lies within bone, 0 to 1
    deepest_mm : how deep its deepest point lies below the surface of the bone; below 0 it is outside
    """

    share: float
    deepest_mm: float


@dataclass(frozen=True)
class Gap:
    """The room between an object and the nearest other one.

    Attributes
    ----------
    name : id of the other
    gap_mm : below 0 they overlap by so much
    """

    name: str
    gap_mm: float


class Body:
    """An object as what others may overlap: points of its surface, and how deep places lie in it.

    Parameters
    ----------
    surface : closed, RAS mm
    """

    def __init__(self, surface: vtkPolyData) -> None:
        self.points = dense_points(surface)
        self.low, self.high = self.points.min(axis=0), self.points.max(axis=0)
        self._surface = surface
        self._field: BoneField | None = None

    def depths_mm(self, places_ras: Float64Array) -> Float64Array:
        """Return how deep places, (N, 3) RAS mm, lie in it: below 0 outside, where far by no more than that.

        Good to about a voxel of `VOXEL_MM`, larger where the object is large.
        """
        if self._field is None:
            self._field = _field_within(self._surface, self.low, self.high)
        return self._field.at(places_ras)

    def gap_mm(self, other: Body) -> float | None:
        """Return the least distance of this one's points to another, below 0 in it; None if all are far."""
        near = ((self.points > other.low - NEAR_MM) & (self.points < other.high + NEAR_MM)).all(axis=1)
        if not near.any():
            return None
        gap = -float(other.depths_mm(self.points[near]).max())
        return gap if gap <= NEAR_MM else None


def _field_within(surface: vtkPolyData, low: Float64Array, high: Float64Array) -> BoneField:
    room = float(np.prod(high - low + 2 * NEAR_MM))
    grid = grid_over(low - NEAR_MM, high + NEAR_MM, max(VOXEL_MM, (room / MOST_VOXELS) ** (1 / 3)))
    return bone_field(Volume(mask_within(surface, grid), grid.ijk_to_ras))


def dense_points(surface: vtkPolyData) -> Float64Array:
    """Return points of a surface, (N, 3): its own, and the middles of edges as long as these are long."""
    points, triangles = points_of(surface), triangles_of(surface)
    corners = points[triangles]
    found = [points]
    for _ in range(MOST_ROUNDS):
        edges = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2)
        corners = corners[edges.max(axis=1) > SAMPLE_MM]
        if not len(corners):
            break
        middles = (corners + np.roll(corners, -1, axis=1)) / 2
        found.append(middles.reshape(-1, 3))
        corners = _quartered(corners, middles)
    return np.concatenate(found)


def _quartered(corners: Float64Array, middles: Float64Array) -> Float64Array:
    """Return the four triangles that the middles of the edges make of each, (4 N, 3, 3)."""
    tips = [np.stack([corners[:, at], middles[:, at], middles[:, at - 1]], axis=1) for at in range(3)]
    return np.concatenate([middles, *tips])


def in_bone(bone: BoneField, body: Body) -> InBone:
    """Return how an object lies in the bone."""
    depths = bone.at(body.points)
    return InBone(float((depths > 0).mean()), float(depths.max()))


def body_of(planned: Planned) -> Body | None:
    """Return an object of a plan as a body; None where nothing is drawn of it."""
    surface = kind_of(planned).surface(planned)
    return Body(surface) if surface.GetNumberOfPoints() else None


def nearest_gap(body: Body, others: Mapping[str, Body]) -> Gap | None:
    """Return the gap to the nearest of some others; None where all are far."""
    gaps = [(name, body.gap_mm(other)) for name, other in others.items()]
    known = [Gap(name, gap) for name, gap in gaps if gap is not None]
    return min(known, key=lambda gap: gap.gap_mm, default=None)

"""Where planned objects lie in the bone and in one another: signed distances at points of their surfaces."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..geometry.volume import Volume, columns_transformed, transformed
from ..mesh.polydata import points_of, with_points
from ..shape.inset import grid_over, mask_within
from .field import BoneField, bone_field
from .kinds import kind_of
from .plan import Planned
from .surface_samples import surface_samples

NEAR_MM = 5.0
"""Objects that are further apart than this are not measured."""
VOXEL_MM, MOST_VOXELS = 0.5, 1e6
"""Of the distances to an object."""


@dataclass(frozen=True)
class InBone:
    """How an object lies in the bone.

    Attributes
    ----------
    share : of the area of its surface that lies within bone, 0 to 1
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

    What is drawn and measured of it once is kept where it is moved to.

    Attributes
    ----------
    points : (N, 3) of its surface, RAS mm, as `surface_samples` has them
    areas_mm2 : (N,) how much of the surface each stands for
    low, high : (3,) of the box about it

    Parameters
    ----------
    surface : closed, RAS mm
    """

    def __init__(self, surface: vtkPolyData) -> None:
        self._drawn = _Drawn(surface)
        self._to_place = np.eye(4)
        self._take_place()

    def moved(self, matrix: Float64Array) -> Body:
        """Return the body moved rigidly by a matrix (4, 4) from where it is."""
        other = copy(self)
        other._to_place = matrix @ self._to_place
        other._take_place()
        return other

    def _take_place(self) -> None:
        columns = columns_transformed(self._drawn.samples.places.T, self._to_place)
        self.points, self.areas_mm2 = columns.T, self._drawn.samples.areas_mm2
        self.low, self.high = columns.min(axis=1), columns.max(axis=1)

    @property
    def surface(self) -> vtkPolyData:
        """Its surface where it lies, RAS mm."""
        drawn = self._drawn.surface
        return with_points(drawn, transformed(points_of(drawn), self._to_place))

    def depths_mm(self, places_ras: Float64Array) -> Float64Array:
        """Return how deep places, (N, 3) RAS mm, lie in it: below 0 outside, where far by no more than that.

        Good to about a voxel of `VOXEL_MM`, larger where the object is large.
        """
        return self._drawn.field.at(transformed(places_ras, np.linalg.inv(self._to_place)))

    def gap_mm(self, other: Body) -> float | None:
        """Return the least distance of this one's points to another, below 0 in it; None if all are far."""
        low, high = other.low - NEAR_MM, other.high + NEAR_MM
        if (self.high <= low).any() or (self.low >= high).any():
            return None
        near = self._points_within(low, high)
        if len(near) == 0:
            return None
        gap = -float(other.depths_mm(near).max())
        return gap if gap <= NEAR_MM else None

    def _points_within(self, low: Float64Array, high: Float64Array) -> Float64Array:
        chosen = np.arange(len(self.points))
        for axis in range(3):
            along = self.points[chosen, axis]
            chosen = chosen[(along > low[axis]) & (along < high[axis])]
        within: Float64Array = self.points[chosen]
        return within


class _Drawn:
    """What is drawn of a body, where it was drawn; its field is measured when it is asked for."""

    def __init__(self, surface: vtkPolyData) -> None:
        self.surface, self.samples = surface, surface_samples(surface)

    @cached_property
    def field(self) -> BoneField:
        places = self.samples.places
        return _field_within(self.surface, places.min(axis=0), places.max(axis=0))


def _field_within(surface: vtkPolyData, low: Float64Array, high: Float64Array) -> BoneField:
    room = float(np.prod(high - low + 2 * NEAR_MM))
    grid = grid_over(low - NEAR_MM, high + NEAR_MM, max(VOXEL_MM, (room / MOST_VOXELS) ** (1 / 3)))
    return bone_field(Volume(mask_within(surface, grid), grid.ijk_to_ras))


def in_bone(bone: BoneField, body: Body) -> InBone:
    """Return how an object lies in the bone."""
    depths = bone.at(body.points)
    share = float(body.areas_mm2[depths > 0].sum()) / max(float(body.areas_mm2.sum()), 1e-9)
    return InBone(share, float(depths.max()))


def body_of(planned: Planned) -> Body | None:
    """Return an object of a plan as a body; None where nothing is drawn of it."""
    surface = kind_of(planned).surface(planned)
    return Body(surface) if surface.GetNumberOfPoints() else None


def nearest_gap(body: Body, others: Mapping[str, Body]) -> Gap | None:
    """Return the gap to the nearest of some others; None where all are far."""
    gaps = [(name, body.gap_mm(other)) for name, other in others.items()]
    known = [Gap(name, gap) for name, gap in gaps if gap is not None]
    return min(known, key=lambda gap: gap.gap_mm, default=None)

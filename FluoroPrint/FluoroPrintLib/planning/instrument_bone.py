"""What a pass of an instrument does in bone: how much it takes, from where, how far it goes beyond."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, TypeAlias

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import AnyArray, Float64Array
from ..geometry.volume import Volume
from ..mesh.distance import signed_distances_mm
from ..parameters import Bounds, Help, Parameters, Unit
from ..shape.solids import solid_of
from .electrode import structure_of
from .field import line_places
from .instrument import Pass
from .plan import Place
from .quality import values_at

Depth: TypeAlias = Callable[[AnyArray], Float64Array]
"""How deep places, (N, 3) RAS mm, lie in bone, (N,) mm: below 0 outside. `BoneField.at` is one."""

LINE_STEP_MM = 0.25
NO_WAY_MM = 0.1
"""Ways in bone or beyond it that are shorter are none."""


@dataclass(frozen=True)
class InstrumentParameters(Parameters):
    """How what is removed is told apart."""

    cortex_mm: Annotated[
        float, Bounds(0.0, 20.0), Unit("mm"), Help("Bone no deeper than this counts as cortex.")
    ] = 2.0
    cortex_from_hu: Annotated[
        float,
        Bounds(0.0, 4000.0),
        Unit("HU"),
        Help("Bone at least as dense as this in the volume counts as cortex instead; 0 goes by depth."),
    ] = 0.0


@dataclass(frozen=True)
class Way:
    """The way of a pass through bone, the longest of its lines.

    Attributes
    ----------
    in_bone_mm : how long it is in bone
    overshoot_mm : how far it goes beyond the last bone that it leaves; 0 where it ends in bone
    """

    in_bone_mm: float
    overshoot_mm: float

    @property
    def breaks_through(self) -> bool:
        """Whether it leaves the bone at the far side."""
        return self.overshoot_mm > NO_WAY_MM


@dataclass(frozen=True)
class Removed:
    """What a pass takes out of bone that is whole.

    Attributes
    ----------
    volume_mm3 : all of it
    cortex_mm3 : of cortex
    """

    volume_mm3: float
    cortex_mm3: float

    @property
    def rest_mm3(self) -> float:
        """What is no cortex."""
        return self.volume_mm3 - self.cortex_mm3


@dataclass(frozen=True)
class Spared:
    """How far a pass keeps from something that must be spared, mm; below 0 it is in it.

    Attributes
    ----------
    tip_mm : from its deepest place; of several the nearest
    least_mm : from anywhere of its room beyond the entry
    """

    tip_mm: float
    least_mm: float


def depth_in(surface: vtkPolyData) -> Depth:
    """Return how deep places lie within a closed surface, exactly."""
    return lambda places: -signed_distances_mm(np.asarray(places, np.float64).reshape(-1, 3), surface)


def way_of(depth_at: Depth, instrument: Pass) -> Way:
    """Return the way of a pass through bone."""
    ways = [_way_along(depth_at, start, end) for start, end in instrument.lines]
    return Way(max(way.in_bone_mm for way in ways), max(way.overshoot_mm for way in ways))


def _way_along(depth_at: Depth, start: Place, end: Place) -> Way:
    along, places = line_places(start, end, LINE_STEP_MM)
    spans = [(a, b) for a, b in spans_within(along, depth_at(places)) if b - a > NO_WAY_MM]
    if not spans:
        return Way(0.0, 0.0)
    return Way(sum(b - a for a, b in spans), float(along[-1]) - spans[-1][1])


def spans_within(along_mm: Float64Array, depth_mm: Float64Array) -> list[tuple[float, float]]:
    """Return from where to where a line lies in bone, its depth taken to be even between places (N,)."""
    inside = depth_mm > 0
    turns = np.flatnonzero(inside[1:] != inside[:-1])
    shares = depth_mm[turns] / (depth_mm[turns] - depth_mm[turns + 1])
    cuts = along_mm[turns] + shares * (along_mm[turns + 1] - along_mm[turns])
    edges = [*([along_mm[0]] if inside[0] else []), *cuts, *([along_mm[-1]] if inside[-1] else [])]
    return [(float(a), float(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def removed_in_samples(
    depth_at: Depth,
    instrument: Pass,
    parameters: InstrumentParameters,
    volume: Volume | None = None,
) -> Removed:
    """Return what a pass removes, counted in places that fill its room.

    Parameters
    ----------
    depth_at : in the bone
    instrument : the pass
    parameters : what cortex is
    volume : whose values tell cortex, where `cortex_from_hu` asks for it; places beyond it are told by depth
    """
    samples = instrument.samples()
    depth = depth_at(samples.places_ras)
    bone = _share(depth, samples.step_mm)
    rest = _share(depth - parameters.cortex_mm, samples.step_mm)
    if volume is not None and parameters.cortex_from_hu > 0:
        values = values_at(volume, samples.places_ras)
        rest = np.where(np.isfinite(values), bone * (values < parameters.cortex_from_hu), rest)
    taken, inner = (float((samples.volumes_mm3 * share).sum()) for share in (bone, rest))
    return Removed(taken, taken - inner)


def _share(depth: Float64Array, step_mm: float) -> Float64Array:
    """Return how much of what a place stands for lies below a surface at depth 0."""
    shares: Float64Array = np.clip(0.5 + depth / step_mm, 0.0, 1.0)
    return shares


def removed_from(
    surface: vtkPolyData,
    instrument: Pass,
    parameters: InstrumentParameters,
    volume: Volume | None = None,
) -> Removed:
    """Return what a pass removes of a bone by a boolean of solids; the share of cortex by samples.

    Raises
    ------
    FluoroPrintError
        The surface is not closed, or manifold3d is not installed.
    """
    taken = float((solid_of(surface) ^ instrument.solid()).volume())
    counted = removed_in_samples(depth_in(surface), instrument, parameters, volume)
    share = counted.cortex_mm3 / counted.volume_mm3 if counted.volume_mm3 > 0 else 0.0
    return Removed(taken, share * taken)


def spared_by(
    instrument: Pass, body_ras: Float64Array, structures: Mapping[str, Volume]
) -> dict[str, Spared]:
    """Return how far a pass keeps from each of some structures.

    Parameters
    ----------
    instrument : the pass
    body_ras : (N, 3) places of its surface, RAS mm
    structures : masks by name, not 0 is inside; those that are empty are left out
    """
    deepest = np.array([end for _, end in instrument.lines])
    found = {}
    for name, mask in structures.items():
        if (mask.array_kji > 0).any():
            known = structure_of(mask)
            tip, body = known.distance_mm(deepest).min(), known.distance_mm(body_ras).min()
            found[name] = Spared(float(tip), float(min(tip, body)))
    return found

"""What a kind of planned object can do, so that scene, panel and commands treat all kinds alike.

A kind is a `Kind` with the functions that are its own; `kinds` holds one entry of each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..parameters import Parameters
from .field import BoneField
from .plan import Figure, Places, Planned

LINE, POSE, PLANE, CLOSED_CURVE, OPEN_CURVE = "line", "pose", "plane", "closed curve", "curve"
"""What is dragged: the two ends of a line, a whole object by handles about its middle, a plane, the places
of a curve."""
ORIGIN = "origin"
"""The point about which an object is dragged, where it has one."""
GOOD, DOUBTFUL, BAD, UNKNOWN = "good", "doubtful", "bad", "unknown"
"""How an object lies, as far as its figures tell: shown as its colour."""

Density: TypeAlias = Callable[[Planned], dict[str, Figure]]
"""Measures bone density about an object."""


@dataclass(frozen=True)
class Surroundings:
    """What an object is measured in and chosen from.

    Attributes
    ----------
    bone : its field, None where none was chosen: figures of place are left out then
    density : measures bone density, None where there is no volume
    parameters : what is asked of the objects of a kind, by the kind's word
    catalogue : families of sizes of a kind, by the kind's word
    objects : of the plan, for kinds that are measured by others of it
    """

    bone: BoneField | None = None
    density: Density | None = None
    parameters: Mapping[str, Parameters] = dataclasses.field(default_factory=dict)
    catalogue: Mapping[str, tuple[Any, ...]] = dataclasses.field(default_factory=dict)
    objects: tuple[Planned, ...] = ()


def _as_it_is(planned: Planned, _around: Surroundings) -> Planned:
    return planned


def _without_verdict(_planned: Planned) -> str:
    return UNKNOWN


@dataclass(frozen=True)
class Kind:
    """What a kind of object can do; what is None or empty it cannot.

    Attributes
    ----------
    word : the `Planned.kind`
    title : what people call it
    surface : draws an object in RAS mm from its points, directions and figures alone
    refreshed : measures an object anew where it lies now
    handles : `LINE`, `POSE`, `PLANE`, `CLOSED_CURVE` or `OPEN_CURVE`
    ends : names of the two points of a `LINE`, each a list of one place, or of the places of a curve
    reshaped : takes an object to other places of its `ends`, to sizes that there are
    sizes : what can be made larger or smaller, the most usual first: "diameter"
    sized : returns the object so many steps larger in one of `sizes`
    snapped : returns the object moved so that it meets the surface of the bone
    mirrored : mends what a reflection leaves wrong: handed objects and turned frames
    columns : figures for a table, the most telling first
    verdict : how the object lies: `GOOD`, `DOUBTFUL`, `BAD` or `UNKNOWN`
    measured_by : kinds of other objects by which it is measured: it is measured anew when these are edited
    drawn_by : names of the points, directions and figures that it is drawn from: while these only move its
        drawing is moved. Empty: it is drawn anew each time
    """

    word: str
    title: str
    surface: Callable[[Planned], vtkPolyData]
    refreshed: Callable[[Planned, Surroundings], Planned] = _as_it_is
    handles: str = POSE
    ends: tuple[str, ...] = ()
    reshaped: Callable[[Planned, Mapping[str, Places], Surroundings], Planned] | None = None
    sizes: tuple[str, ...] = ()
    sized: Callable[[Planned, str, int, Surroundings], Planned] | None = None
    snapped: Callable[[Planned, Surroundings], Planned] | None = None
    mirrored: Callable[[Planned], Planned] | None = None
    columns: tuple[str, ...] = ()
    verdict: Callable[[Planned], str] = _without_verdict
    measured_by: tuple[str, ...] = ()
    drawn_by: tuple[str, ...] = ()


def pose_of(planned: Planned) -> Float64Array:
    """Return the own frame of an object as a matrix (4, 4) to RAS mm.

    Its origin is its point `origin`, or the middle of all points without one; its third axis is the first
    direction, its first axis the second direction as far as that is across. So an object moved rigidly takes
    its frame along.
    """
    named = planned.points.get(ORIGIN, ())
    places = named or [place for found in planned.points.values() for place in found]
    pose = np.eye(4)
    pose[:3, :3] = _axes([np.asarray(found[0]) for found in planned.directions.values() if found])
    pose[:3, 3] = np.mean(places, axis=0) if places else 0.0
    return pose


def _axes(directions: list[Float64Array]) -> Float64Array:
    """Return right-handed axes as columns: the first direction is the third axis."""
    if not directions:
        return np.eye(3)
    third = directions[0] / np.linalg.norm(directions[0])
    others = [*directions[1:], *np.eye(3)[np.abs(third).argsort(kind="stable")]]
    across = next(rest for other in others if np.linalg.norm(rest := other - (other @ third) * third) > 0.1)
    first = across / np.linalg.norm(across)
    return np.column_stack([first, np.cross(third, first), third])

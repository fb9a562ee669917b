"""Passes of instruments: the room that a drill, a wire or a saw blade takes as it goes into bone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import columns_transformed
from ..shape.solids import Solid, disc, engine, frame_along, placed
from .drawing import across
from .plan import Place, place_of

BEHIND_MM = 5.0
"""What stands so near before the entry is taken away too: it lies in the surface by its middle alone."""
SLICE_MM, SAW_STEP_MM, MOST_SAW_STEPS = 0.25, 0.5, 160
SPOTS, LAYERS, SAW_LINES = 48, 3, 17
APART_MM = 0.1
"""Ends that are nearer than this are one place."""


@dataclass(frozen=True)
class Samples:
    """Places that fill the room of a pass evenly.

    Attributes
    ----------
    places_ras : (N, 3) RAS mm
    volumes_mm3 : (N,) how much of the room each stands for
    step_mm : how far that reaches along the pass
    """

    places_ras: Float64Array
    volumes_mm3: Float64Array
    step_mm: float


class Pass(Protocol):
    """What an instrument does in one go."""

    @property
    def reach_mm(self) -> float:
        """How deep it goes from its entry."""

    @property
    def lines(self) -> tuple[tuple[Place, Place], ...]:
        """Lines from the entry to the deepest, along which the way in bone is measured, RAS mm."""

    def solid(self) -> Solid:
        """Return the room that it takes, with what lies just before the entry; needs manifold3d."""

    def samples(self) -> Samples:
        """Return places that fill the same room."""


@dataclass(frozen=True)
class DrillPass:
    """A drill or a wire that goes in along its axis: a cylinder with a cone at its end.

    Attributes
    ----------
    entry_ras, tip_ras : RAS mm; the tip is that of the cone
    diameter_mm : of the cylinder
    point_deg : angle of the cone, from side to side
    """

    entry_ras: Place
    tip_ras: Place
    diameter_mm: float
    point_deg: float

    @property
    def reach_mm(self) -> float:
        """From entry to tip."""
        return float(np.linalg.norm(np.subtract(self.tip_ras, self.entry_ras)))

    @property
    def axis_ras(self) -> Float64Array:
        """The unit vector from entry to tip; FluoroPrintError where they are one place."""
        return _unit(np.subtract(self.tip_ras, self.entry_ras), "Entry and tip")

    @property
    def point_mm(self) -> float:
        """How long the cone is."""
        return float(self.diameter_mm / 2 / np.tan(np.radians(self.point_deg) / 2))

    @property
    def lines(self) -> tuple[tuple[Place, Place], ...]:
        """The axis alone."""
        return ((self.entry_ras, self.tip_ras),)

    def solid(self) -> Solid:
        """Return cylinder and cone; the cylinder begins before the entry."""
        section, shoulder = disc(self.diameter_mm / 2), self.reach_mm - self.point_mm
        body = section.extrude(shoulder + self._behind_mm).translate((0.0, 0.0, -self._behind_mm))
        cone = section.extrude(self.point_mm, scale_top=(0.0, 0.0)).translate((0.0, 0.0, shoulder))
        return placed(body + cone, np.asarray(self.entry_ras), frame_along(self.axis_ras))

    @property
    def _behind_mm(self) -> float:
        """How far before the entry it begins: all of the cone and some of the cylinder are in it."""
        return max(BEHIND_MM, self.point_mm - self.reach_mm + 1.0)

    def samples(self) -> Samples:
        """Return spots of equal area in slices along the axis."""
        first, second = across(self.axis_ras)
        count = int(np.ceil((self.reach_mm + self._behind_mm) / SLICE_MM))
        step = (self.reach_mm + self._behind_mm) / count
        along = -self._behind_mm + step * (np.arange(count) + 0.5)
        radii = self.diameter_mm / 2 * np.minimum((self.reach_mm - along) / self.point_mm, 1.0)
        spots = np.arange(SPOTS)
        turns, shares = spots * np.pi * (3 - np.sqrt(5)), np.sqrt((spots + 0.5) / SPOTS)
        rim = np.cos(turns)[:, None] * first + np.sin(turns)[:, None] * second
        middles = np.asarray(self.entry_ras) + along[:, None] * self.axis_ras
        places = middles[:, None] + (radii[:, None] * shares)[..., None] * rim
        volumes = np.repeat(np.pi * radii**2 * step / SPOTS, SPOTS)
        return Samples(places.reshape(-1, 3), volumes, step)


@dataclass(frozen=True)
class SawPass:
    """A saw blade that is led along a line and into the depth: its kerf is a box.

    Attributes
    ----------
    start_ras, end_ras : ends of the kerf where the blade enters, RAS mm
    depth_ras : unit vector into the depth, across the line
    depth_mm : how deep the teeth go
    width_mm : of the blade: no kerf is shorter
    thickness_mm : of the blade
    """

    start_ras: Place
    end_ras: Place
    depth_ras: Place
    depth_mm: float
    width_mm: float
    thickness_mm: float

    @property
    def reach_mm(self) -> float:
        """How deep the teeth go."""
        return self.depth_mm

    @property
    def length_mm(self) -> float:
        """How long the kerf is: from start to end, or the blade's width."""
        return max(float(np.linalg.norm(np.subtract(self.end_ras, self.start_ras))), self.width_mm)

    @property
    def axes_ras(self) -> Float64Array:
        """Unit vectors as rows: along the kerf, across the blade, into the depth."""
        along = _unit(np.subtract(self.end_ras, self.start_ras), "Start and end")
        depth = np.asarray(self.depth_ras) - np.dot(self.depth_ras, along) * along
        depth = _unit(depth, "The kerf's line and its depth")
        return np.array([along, np.cross(depth, along), depth])

    @property
    def middle_ras(self) -> Float64Array:
        """The middle of the kerf where the blade enters."""
        middle: Float64Array = np.add(self.start_ras, self.end_ras) / 2
        return middle

    @property
    def lines(self) -> tuple[tuple[Place, Place], ...]:
        """Lines into the depth, evenly along the kerf."""
        ways = self._ways(SAW_LINES)
        deep = ways + self.depth_mm * self.axes_ras[2]
        return tuple((place_of(start), place_of(end)) for start, end in zip(ways, deep, strict=True))

    def corners(self, behind_mm: float = 0.0) -> Float64Array:
        """Return the corners of the kerf, (8, 3) RAS mm: four where it begins in turn, then four below."""
        half = np.array([self.length_mm, self.thickness_mm]) / 2
        turn = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
        own = [np.column_stack([turn, np.full(4, depth)]) for depth in (-behind_mm, self.depth_mm)]
        corners: Float64Array = self.middle_ras + np.concatenate(own) @ self.axes_ras
        return corners

    def solid(self) -> Solid:
        """Return the box; it begins `BEHIND_MM` before the line."""
        size = (self.length_mm, self.thickness_mm, self.depth_mm + BEHIND_MM)
        box = engine().Manifold.cube(size).translate((-size[0] / 2, -size[1] / 2, -BEHIND_MM))
        return placed(box, self.middle_ras, self.axes_ras)

    def samples(self) -> Samples:
        """Return places on a grid in the box."""
        size = np.array([self.length_mm, self.thickness_mm, self.depth_mm + BEHIND_MM])
        counts = [_steps(size[0]), LAYERS, _steps(size[2])]
        rows = [
            length * ((np.arange(count) + 0.5) / count - 0.5)
            for length, count in zip(size, counts, strict=True)
        ]
        rows[2] += size[2] / 2 - BEHIND_MM
        own = np.stack(np.meshgrid(*rows, indexing="ij"), -1).reshape(-1, 3)
        volumes = np.full(len(own), size.prod() / len(own))
        to_ras = np.eye(4)
        to_ras[:3, :3], to_ras[:3, 3] = self.axes_ras.T, self.middle_ras
        places = columns_transformed(own.T, to_ras).T
        return Samples(places, volumes, float(size[2] / counts[2]))

    def _ways(self, count: int) -> Float64Array:
        """Return places along the kerf, a little within its ends."""
        shares = (np.arange(count) + 0.5) / count - 0.5
        ways: Float64Array = self.middle_ras + (shares * self.length_mm)[:, None] * self.axes_ras[0]
        return ways


def _steps(length_mm: float) -> int:
    return int(np.clip(np.ceil(length_mm / SAW_STEP_MM), 1, MOST_SAW_STEPS))


def _unit(vector: Float64Array, what: str) -> Float64Array:
    length = float(np.linalg.norm(vector))
    if length < APART_MM:
        raise FluoroPrintError(f"{what} are one place or one line: move them apart.")
    return vector / length

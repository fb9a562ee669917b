"""Pegs and sockets that let the parts of a cut find together: where they go, how thick, how many.

All in the frame of the cut: the cutting plane is z = 0, pegs stand on what lies below and reach above.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .regions import farthest_points, samples_within
from .solids import Outline, Solid, disc, engine

THINNEST_MM, THICKEST_MM = 2.0, 8.0
SHARE_OF_WIDTH = 0.25
"""Diameter of a peg as a share of the side of a square as large as the cut face."""
SHRINK = 0.85
AREA_FOR_TWO_MM2, AREA_FOR_THREE_MM2 = 80.0, 1500.0
LEVELS = 9
SPARE = 5
"""Places that are tried for each peg wanted."""
FLAT = 0.6
"""How far from the axis the flat of a D is, in radii."""
START_MM = 1.0
"""Sockets begin this far before the cut face, so that no skin is left in their mouths."""


class PegWishes(Protocol):
    """What is asked of pegs; see `CutParameters`."""

    @property
    def pegs(self) -> str:
        """Either "round" or "D-shaped"."""

    @property
    def clearance_mm(self) -> float:
        """Gap about a peg."""

    @property
    def rim_mm(self) -> float:
        """Least wall about a socket."""

    @property
    def peg_diameter_mm(self) -> float:
        """0: by the area."""

    @property
    def peg_length_mm(self) -> float:
        """0: as long as thick."""

    @property
    def peg_count(self) -> int:
        """0: by the area."""


@dataclass(frozen=True)
class Pegs:
    """Where pegs stand and how large they are.

    Attributes
    ----------
    centres_mm : (N, 2) in the plane of the cut
    diameter_mm, length_mm : of each; the root goes as deep as the peg stands out
    is_d_shaped : with a flat along one side
    """

    centres_mm: Float64Array
    diameter_mm: float
    length_mm: float
    is_d_shaped: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """What was chosen, a sentence."""
        count = len(self.centres_mm)
        pegs = "1 peg" if count == 1 else f"{count} pegs"
        told = f"{pegs} of {self.diameter_mm:.2f} mm, {self.length_mm:.2f} mm long."
        if count == 1 and not self.is_d_shaped:
            return told, "A single round peg lets the parts turn: choose D-shaped to hold them."
        return (told,)


def fitted_pegs(model: Solid, wishes: PegWishes) -> Pegs:
    """Return pegs that fit into the cut face of a model and into what lies behind it.

    Raises
    ------
    FluoroPrintError
        None fits.
    """
    area = model.slice(0.0).area()
    for count, diameter in _tries(area, wishes):
        length = wishes.peg_length_mm or diameter
        centres = _centres(model, wishes, diameter, length, count)
        if len(centres) == count:
            return Pegs(centres, diameter, length, wishes.pegs == "D-shaped")
    pegs = f"{wishes.peg_count} pegs" if wishes.peg_count > 1 else "peg"
    what = "fit" if wishes.peg_count > 1 else "fits"
    size = f"{wishes.peg_diameter_mm:g} mm" if wishes.peg_diameter_mm else f"{THINNEST_MM:g} mm and more"
    raise FluoroPrintError(
        f"No {pegs} of {size} {what} into the cut face ({area:.0f} mm2) with {wishes.rim_mm:g} mm of wall "
        "about it: ask for fewer, thinner or shorter pegs, a smaller rim, or cut elsewhere."
    )


def _tries(area_mm2: float, wishes: PegWishes) -> Iterator[tuple[int, float]]:
    """Count and diameter to try: what suits the area, down to half as thick, then fewer and thinner ones."""
    diameters = list(_diameters(area_mm2, wishes))
    if wishes.peg_count:
        yield from ((wishes.peg_count, diameter) for diameter in diameters)
        return
    most = 1 + (area_mm2 > AREA_FOR_TWO_MM2) + (area_mm2 > AREA_FOR_THREE_MM2)
    thick = [diameter for diameter in diameters if diameter >= diameters[0] / 2]
    for some in (thick, diameters[len(thick) :]):
        yield from ((count, diameter) for count in range(most, 0, -1) for diameter in some)


def _diameters(area_mm2: float, wishes: PegWishes) -> Iterator[float]:
    """Try the wanted diameter, or those from what suits the area down to the thinnest."""
    if wishes.peg_diameter_mm:
        yield wishes.peg_diameter_mm
        return
    diameter = float(np.clip(SHARE_OF_WIDTH * np.sqrt(area_mm2), THINNEST_MM, THICKEST_MM))
    while diameter > THINNEST_MM:
        yield diameter
        diameter *= SHRINK
    yield THINNEST_MM


def _centres(model: Solid, wishes: PegWishes, diameter: float, length: float, count: int) -> Float64Array:
    """Return at most `count` places as far apart as may be where peg and socket have wall all about."""
    around = diameter / 2 + wishes.clearance_mm + wishes.rim_mm
    beyond = length + wishes.clearance_mm + wishes.rim_mm
    points = samples_within(_room(model, length, beyond).offset(-around), diameter / 4)
    chosen: list[Float64Array] = []
    apart = 2 * around - wishes.rim_mm
    for place in points[:SPARE] if count == 1 else farthest_points(points, SPARE * count, apart):
        # The room was looked at on some levels only; this looks at all of the wall, a little less thick.
        wall = disc(around - 0.1 * wishes.rim_mm).extrude(length + beyond).translate((*place, -length))
        if len(chosen) < count and (wall - model).volume() < 1e-6 * wall.volume():
            chosen.append(place)
    return np.array(chosen).reshape(-1, 2)


def _room(model: Solid, below: float, above: float) -> Outline:
    """Return what all sections of a model from -below to above have in common."""
    room = model.slice(0.0)
    for level in np.linspace(-below, above, LEVELS):
        room ^= model.slice(float(level))
    return room


def _profile(pegs: Pegs) -> Outline:
    radius = pegs.diameter_mm / 2
    if not pegs.is_d_shaped:
        return disc(radius)
    kept = engine().CrossSection.square((radius * (1 + FLAT) + 1, 2 * radius + 2))
    return disc(radius) ^ kept.translate((-radius - 1, -radius - 1))


def _everywhere(solid: Solid, pegs: Pegs) -> Solid:
    library = engine()
    copies = [solid.translate((*centre, 0.0)) for centre in pegs.centres_mm.tolist()]
    return library.Manifold.batch_boolean(copies, library.OpType.Add)


def peg_solid(pegs: Pegs) -> Solid:
    """Return all pegs with their roots."""
    peg = _profile(pegs).extrude(2 * pegs.length_mm).translate((0.0, 0.0, -pegs.length_mm))
    return _everywhere(peg, pegs)


def socket_solid(pegs: Pegs, clearance_mm: float) -> Solid:
    """Return what sockets take out: the pegs, larger by the clearance all round and at the end."""
    profile = _profile(pegs).offset(clearance_mm, engine().JoinType.Miter, 2.0)
    depth = pegs.length_mm + clearance_mm
    return _everywhere(profile.extrude(depth + START_MM).translate((0.0, 0.0, -START_MM)), pegs)

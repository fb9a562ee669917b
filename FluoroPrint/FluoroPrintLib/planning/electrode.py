"""An electrode from an entry to a target: where its contacts lie, what it keeps clear of and by how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy.spatial import cKDTree

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume, transformed
from ..parameters import Bounds, Help, Parameters, Unit
from .field import OUTSIDE_MM, BoneField, bone_field, line_places
from .plan import Place

STEP_MM = 0.5
SEARCH_STEP_MM = 1.5


@dataclass(frozen=True)
class ElectrodeParameters(Parameters):
    """Where an electrode may run."""

    margin_mm: Annotated[
        float,
        Bounds(0.0, 20.0),
        Unit("mm"),
        Help("Distance that shall stay between the electrode and what must be spared."),
    ] = 3.0
    search_mm: Annotated[
        float,
        Bounds(0.0, 40.0),
        Unit("mm"),
        Help("The entry is moved by up to this to where most is kept clear; 0 keeps it."),
    ] = 0.0
    beyond_mm: Annotated[
        float, Bounds(-10.0, 10.0), Unit("mm"), Help("How far the tip goes beyond the target.")
    ] = 0.0


@dataclass(frozen=True)
class Lead:
    """A lead for deep brain stimulation: sizes in mm, contacts counted from the tip.

    Attributes
    ----------
    id, title : for files, for people
    diameter_mm : of its body
    contact_mm, gap_mm : length of a contact, and between two
    contacts : how many rows of contacts it has
    tip_mm : from the tip to the first contact
    """

    id: str
    title: str
    diameter_mm: float
    contact_mm: float
    gap_mm: float
    contacts: int = 4
    tip_mm: float = 1.5


@dataclass(frozen=True)
class Electrode:
    """A lead in place.

    Attributes
    ----------
    entry_ras, target_ras, tip_ras : RAS mm; the tip may lie beyond the target
    lead : which one
    """

    entry_ras: Place
    target_ras: Place
    tip_ras: Place
    lead: Lead

    @property
    def axis_ras(self) -> Float64Array:
        """The unit vector from entry to tip."""
        way = np.subtract(self.tip_ras, self.entry_ras)
        axis: Float64Array = way / np.linalg.norm(way)
        return axis

    @property
    def length_mm(self) -> float:
        """From entry to tip."""
        return float(np.linalg.norm(np.subtract(self.tip_ras, self.entry_ras)))

    @property
    def contacts_ras(self) -> Float64Array:
        """Middles of the contacts, (contacts, 3), the one nearest to the tip first."""
        lead = self.lead
        back = lead.tip_mm + lead.contact_mm / 2 + np.arange(lead.contacts) * (lead.contact_mm + lead.gap_mm)
        places: Float64Array = np.asarray(self.tip_ras) - back[:, None] * self.axis_ras
        return places


@dataclass(frozen=True)
class Clearance:
    """How far an electrode keeps from one structure.

    Attributes
    ----------
    along_mm, distance_mm : (N,) from the entry; surface of the electrode to that of the structure, below 0
        where it runs through
    least_mm, least_at_mm : the least of it, and where
    """

    along_mm: Float64Array
    distance_mm: Float64Array
    least_mm: float
    least_at_mm: float


def electrode_to(entry_ras: Place, target_ras: Place, lead: Lead, beyond_mm: float = 0.0) -> Electrode:
    """Return a lead whose tip lies at the target, or beyond it along the same line.

    Raises
    ------
    FluoroPrintError
        Entry and target are nearer than the contacts are long.
    """
    way = np.subtract(target_ras, entry_ras)
    length = float(np.linalg.norm(way))
    needed = lead.tip_mm + lead.contacts * (lead.contact_mm + lead.gap_mm)
    if length + beyond_mm < needed:
        raise FluoroPrintError(
            f"Entry and target are {length:.1f} mm apart, the contacts of {lead.title} take {needed:.1f} mm: "
            "move the entry outwards."
        )
    tip = np.asarray(target_ras) + beyond_mm * way / length
    return Electrode(entry_ras, target_ras, (float(tip[0]), float(tip[1]), float(tip[2])), lead)


@dataclass(frozen=True)
class Structure:
    """Something that must be spared: its field, and its voxels for places beyond the grid of that."""

    field: BoneField
    voxels: cKDTree

    def distance_mm(self, places_ras: Float64Array) -> Float64Array:
        """Return how far places (N, 3) are from its surface, below 0 inside; good to about a voxel."""
        depth = self.field.at(places_ras)
        beyond = depth <= OUTSIDE_MM / 2
        depth[beyond] = self.field.step_mm / 2 - self.voxels.query(places_ras[beyond])[0]
        distance: Float64Array = -depth
        return distance


def structure_of(mask: Volume) -> Structure:
    """Return a structure of its mask (not 0 is inside); FluoroPrintError where that is empty."""
    field = bone_field(mask)
    depth = field.depth_mm.array_kji
    inside = np.argwhere((depth > 0) & (depth < 2 * mask.spacing_mm.max()))
    return Structure(field, cKDTree(transformed(inside[:, ::-1], mask.ijk_to_ras)))


def clearance_of(electrode: Electrode, structure: Structure) -> Clearance:
    """Return how far an electrode keeps from a structure."""
    along, places = line_places(electrode.entry_ras, electrode.tip_ras, STEP_MM)
    distance = structure.distance_mm(places) - electrode.lead.diameter_mm / 2
    least = int(distance.argmin())
    return Clearance(along, distance, float(distance[least]), float(along[least]))


def safest_entry(
    entry_ras: Place,
    target_ras: Place,
    lead: Lead,
    structures: Mapping[str, Structure],
    parameters: ElectrodeParameters,
) -> Place:
    """Return the entry about the given one, as far from the target, from which most is kept clear.

    Of entries that keep the margin the nearest to the given one is taken, so that nothing is moved without
    need; if none does, the one that keeps most.
    """
    entries = _entries_about(entry_ras, target_ras, parameters.search_mm)
    if not structures:
        return entry_ras
    kept = [
        min(
            clearance_of(electrode_to(entry, target_ras, lead, parameters.beyond_mm), each).least_mm
            for each in structures.values()
        )
        for entry in entries
    ]
    enough = [number for number, clear in enumerate(kept) if clear >= parameters.margin_mm]
    return entries[enough[0]] if enough else entries[int(np.argmax(kept))]


def _entries_about(entry: Place, target: Place, search_mm: float) -> list[Place]:
    """Return places on the sphere about the target through the entry, the nearest to the entry first."""
    way = np.subtract(entry, target)
    length = float(np.linalg.norm(way))
    axis = way / length
    first = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    steps = np.arange(-int(search_mm / SEARCH_STEP_MM), int(search_mm / SEARCH_STEP_MM) + 1) * SEARCH_STEP_MM
    grid = np.array([(a, b) for a in steps for b in steps if np.hypot(a, b) <= search_mm] or [(0.0, 0.0)])
    grid = grid[np.hypot(*grid.T).argsort(kind="stable")]
    turned = axis + (grid[:, :1] * first + grid[:, 1:] * second) / length
    places = np.asarray(target) + length * turned / np.linalg.norm(turned, axis=1, keepdims=True)
    return [(x, y, z) for x, y, z in places.tolist()]

"""The kinds of objects that a plan may hold: one entry each.

A new kind adds its entry in `kinds`; scene, panel and edits then know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from vtkmodules.vtkCommonDataModel import vtkPolyData

from .craniotomy_kind import craniotomy_kind
from .curve_cut import curve_cut_kind
from .donor_kind import donor_kind
from .drawing import balls
from .electrode_objects import electrode_kind
from .fragment_kind import fragment_kind
from .guide_kind import guide_kind
from .hip_kinds import cup_kind, pelvis_kind
from .implant_kind import implant_kind
from .instrument_kinds import instrument_kinds
from .kind import Kind
from .osteotomy_kind import osteotomy_kind
from .plan import Planned
from .plate_kind import plate_kind
from .screw_kind import screw_kind
from .vessel_objects import centreline_kind, stent_graft_kind

BALL_MM = 1.5


@cache
def kinds() -> Mapping[str, Kind]:
    """Return all kinds by their word."""
    known = (
        screw_kind(),
        pelvis_kind(),
        cup_kind(),
        implant_kind(),
        centreline_kind(),
        stent_graft_kind(),
        electrode_kind(),
        *instrument_kinds(),
        guide_kind(),
        osteotomy_kind(),
        craniotomy_kind(),
        curve_cut_kind(),
        plate_kind(),
        donor_kind(),
        fragment_kind(),
    )
    return {kind.word: kind for kind in known}


def kind_of(planned: Planned) -> Kind:
    """Return what an object can do; one of a kind that is not known can be moved, and shows its points."""
    return kinds().get(planned.kind) or Kind(planned.kind, planned.kind.capitalize(), surface_of_points)


def surface_of_points(planned: Planned) -> vtkPolyData:
    """Draw an object of which nothing is known but its points: a ball at each, RAS mm."""
    places = [place for found in planned.points.values() for place in found]
    return balls(places, BALL_MM)

"""All that can be planned: one entry each."""

from __future__ import annotations

from collections.abc import Mapping

from .craniotomy_planner import craniotomy_planner
from .cup_planner import cup_planner
from .curve_cut_planner import curve_cut_planner
from .electrode_planner import electrode_planner
from .guide_planner import guide_planner
from .instrument_planners import instrument_planners
from .mandible_planner import mandible_planner
from .osteotomy_planner import osteotomy_planner
from .planner import Planner
from .plate_planner import plate_planner
from .reduction_planner import reduction_planner
from .screw_planners import screw_planners
from .vessel_planner import vessel_planner


def planners() -> Mapping[str, Planner]:
    """Return all planners by their word, in the order in which they are offered."""
    known = (
        *screw_planners(),
        cup_planner(),
        vessel_planner(),
        electrode_planner(),
        *instrument_planners(),
        osteotomy_planner(),
        craniotomy_planner(),
        curve_cut_planner(),
        plate_planner(),
        guide_planner(),
        mandible_planner(),
        reduction_planner(),
    )
    return {planner.word: planner for planner in known}

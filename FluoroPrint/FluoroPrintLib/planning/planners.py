"""All that can be planned: one entry each."""

from __future__ import annotations

from collections.abc import Mapping

from .cup_planner import cup_planner
from .electrode_planner import electrode_planner
from .instrument_planners import instrument_planners
from .planner import Planner
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
    )
    return {planner.word: planner for planner in known}

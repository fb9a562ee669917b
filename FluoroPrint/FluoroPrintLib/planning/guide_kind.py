"""What a guide can do as an object of a plan: be drawn and moved; its checks hold in its place alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .guide_objects import CHECKED, DRAWN_BY, GUIDE, MADE_AT, SITE, STATE, surface_of_guide
from .kind import BAD, DOUBTFUL, GOOD, UNKNOWN, Kind, Surroundings
from .plan import Figure, Planned

STILL_MM, DEEP_MM = 1e-3, 0.05
MOVED_WORDS = "moved since it was made: make it again"


def guide_kind() -> Kind:
    """Return what a guide can do."""
    return Kind(
        GUIDE,
        "Guide",
        surface_of_guide,
        refreshed_guide,
        columns=("bore diameter", "clearance", "gap, median", "penetration on removal", STATE),
        mirrored=_away,
        verdict=_verdict,
        drawn_by=DRAWN_BY,
    )


def refreshed_guide(planned: Planned, _around: Surroundings) -> Planned:
    """Return a guide; one that is no longer where it was made lacks what it was checked by, and says so."""
    made, site = planned.figures.get(MADE_AT), planned.points.get(SITE, ())
    if made is None or not site or np.abs(np.subtract(made.value, site[0])).max() <= STILL_MM:
        return planned
    return _away(planned)


def _away(planned: Planned) -> Planned:
    kept = {name: figure for name, figure in planned.figures.items() if name not in CHECKED}
    return replace(planned, figures=kept | {STATE: Figure(MOVED_WORDS)})


def _verdict(planned: Planned) -> str:
    """Judge a guide by what it was checked by."""
    if STATE in planned.figures:
        return BAD
    deep = planned.figures.get("penetration on removal")
    if deep is None or not isinstance(deep.value, int | float):
        return UNKNOWN
    return GOOD if deep.value <= DEEP_MM else DOUBTFUL

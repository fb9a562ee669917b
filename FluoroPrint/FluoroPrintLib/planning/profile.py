"""The curves of a planned object along its way: distances to the cortex, to what is spared, diameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from .plan import Planned

ALONG, TO_CORTEX, DIAMETER = "along", "distance to cortex", "diameter"
JUDGED = "judged"
"""The first and last place along a screw that is judged: it crosses the cortex at its ends on purpose."""


@dataclass(frozen=True)
class Profile:
    """Curves along the way of an object.

    Attributes
    ----------
    along_mm : (N,) places on the way, rising
    curves_mm : (N,) values of each, by the figure's name
    needed_mm : the radius below which a distance to the cortex is a breach; 0 where none is told
    judged_mm : the first and last place that is judged; all of the way where nothing is told
    """

    along_mm: Float64Array
    curves_mm: Mapping[str, Float64Array]
    needed_mm: float
    judged_mm: tuple[float, float]

    def needed(self, name: str) -> float:
        """Return the level that a curve should stay above, mm: the radius for the cortex, 0 for others."""
        return self.needed_mm if name == TO_CORTEX else 0.0


def profile_of(planned: Planned) -> Profile | None:
    """Return the curves of an object that are as long as its list of places along it; None without any."""
    along = planned.figures.get(ALONG)
    if along is None or not isinstance(along.value, tuple) or len(along.value) < 2:
        return None
    curves = {
        name: np.array(found.value, float)
        for name, found in planned.figures.items()
        if name != ALONG and isinstance(found.value, tuple) and len(found.value) == len(along.value)
    }
    places = np.array(along.value, float)
    return Profile(places, curves, _radius(planned), _judged(planned, places)) if curves else None


def _radius(planned: Planned) -> float:
    diameter = planned.figures.get(DIAMETER)
    return float(diameter.value) / 2 if diameter and isinstance(diameter.value, int | float) else 0.0


def _judged(planned: Planned, along: Float64Array) -> tuple[float, float]:
    judged = planned.figures.get(JUDGED)
    first, last = judged.value if judged and isinstance(judged.value, tuple) else (along[0], along[-1])
    return float(first), float(last)

"""Colours for numbers, light to dark, in the same order for every kind of sight."""

from __future__ import annotations

import numpy as np

from ..arrays import AnyArray, Float64Array

# YlOrRd of ColorBrewer (C. Brewer, M. Harrower, Apache-2.0): light where the number is small, so that
# shading stays visible, and in order in grey print too.
_ANCHORS = (
    np.array(
        [
            (255, 255, 204),
            (255, 237, 160),
            (254, 217, 118),
            (254, 178, 76),
            (253, 141, 60),
            (252, 78, 42),
            (227, 26, 28),
            (189, 0, 38),
            (128, 0, 38),
        ]
    )
    / 255
)


def mapped_colours(values: AnyArray, low: float, high: float) -> Float64Array:
    """Return a colour (N, 3), 0 to 1, for each of N values; beyond `low` and `high` the end colours."""
    place = np.clip((np.asarray(values, float) - low) / max(high - low, 1e-12), 0, 1)
    where = np.linspace(0, 1, len(_ANCHORS))
    return np.stack([np.interp(place, where, channel) for channel in _ANCHORS.T], -1)


def hex_colour(colour: tuple[float, float, float] | Float64Array) -> str:
    """Return "#rrggbb" for red, green, blue of 0 to 1."""
    return "#" + "".join(f"{round(float(np.clip(channel, 0, 1)) * 255):02x}" for channel in colour)


def map_stops(count: int = 9) -> tuple[str, ...]:
    """Return evenly spaced colours of the map as "#rrggbb", low to high."""
    return tuple(hex_colour(colour) for colour in mapped_colours(np.linspace(0, 1, count), 0.0, 1.0))

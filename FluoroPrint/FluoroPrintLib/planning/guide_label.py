"""A label on the upper side of a guide: letters seen along its z, where there is room for them."""

from __future__ import annotations

import numpy as np

from ..shape.solids import Outline, engine
from ..shape.strokes import text_outline

HEIGHTS_MM = (4.0, 3.0, 2.5, 2.0)
LABEL_DEEP_MM = 0.5
STROKE_SHARE = 1 / 6
RIM_MM = 0.6
"""The letters keep this far from the edge of the guide, and from sleeves and slots."""
STEP_MM = 1.0
TURNS_DEG = (0, 90, 180, 270, 45, 135, 225, 315, 22.5, 67.5, 112.5, 157.5)


def label_letters(free: Outline, text: str) -> Outline | None:
    """Return the letters of a label, as large as they fit into the free part of a guide's outline.

    None where there is no room, or nothing to write.

    Raises
    ------
    FluoroPrintError
        A letter cannot be drawn.
    """
    words = " ".join(text.split()).upper()
    if not words or free.is_empty():
        return None
    inner = free.offset(-RIM_MM, engine().JoinType.Round)
    for height in HEIGHTS_MM:
        letters = text_outline(words, height, STROKE_SHARE * height)
        for turn in TURNS_DEG:
            found = _fitted(letters.rotate(turn), inner)
            if found is not None:
                return found
    return None


def _fitted(letters: Outline, inner: Outline) -> Outline | None:
    """Return letters moved to where all of them lie within an outline, None where there is no such place."""
    low, high = np.reshape(letters.bounds(), (2, 2))
    room_low, room_high = np.reshape(inner.bounds(), (2, 2)) if not inner.is_empty() else (low, low)
    if ((high - low) > (room_high - room_low)).any():
        return None
    frame = letters.hull()
    area = frame.area()
    ticks = [np.arange(room_low[i] - low[i], room_high[i] - high[i] + 1e-9, STEP_MM) for i in range(2)]
    for x in ticks[0]:
        for y in ticks[1]:
            if (frame.translate((x, y)) ^ inner).area() > area * (1 - 1e-6):
                return letters.translate((x, y))
    return None

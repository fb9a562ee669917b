"""Positioner angles of an XA run: five ways of writing them, told apart.

The standard (PS3.3 C.8.7.5) allows one mean change a frame, or for every frame the change since the
first one. Consoles also write absolute angles, and changes since the frame before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError

SAME_DEG = 0.05
"""Angles closer than this are one angle: headers round to tenths."""

LARGEST_ARC_DEG = 400.0
SMALLEST_ARC_DEG = 20.0


@dataclass(frozen=True)
class AngleList:
    """Angles of all frames, (N,) in degrees, how they were written, and what to warn of."""

    degrees: Float64Array
    encoding: str
    warnings: tuple[str, ...] = ()


def frame_angles(
    start_deg: float | None, increments_deg: Float64Array, count: int, name: str, *, may_be_steps: bool = True
) -> AngleList | None:
    """Return the angle of every frame, or None where the header does not tell it.

    Parameters
    ----------
    start_deg : angle of the first frame, None where the header has none
    increments_deg : (M,) values of the increment attribute, M = 0 where it is empty
    count : number of frames, N
    name : "primary" or "secondary", for messages
    may_be_steps : whether a list may hold changes since the frame before

    Raises
    ------
    FluoroPrintError
        M is neither 0, 1, N - 1 nor N; the message is a clause for the caller's sentence.
    """
    if len(increments_deg) > 1 and len(increments_deg) == count:
        return _from_list(start_deg, increments_deg, name, may_be_steps)
    if len(increments_deg) > 1 and len(increments_deg) == count - 1:
        return _from_list(start_deg or 0.0, np.insert(increments_deg, 0, 0.0), name, may_be_steps)
    if len(increments_deg) > 1:
        raise FluoroPrintError(
            f"the header lists {len(increments_deg)} {name} angle increments for {count} frames"
        )
    if start_deg is None:
        return None
    if len(increments_deg) == 0:
        return AngleList(np.full(count, start_deg), "constant")
    return AngleList(start_deg + increments_deg[0] * np.arange(count), "one mean increment")


def _from_list(start_deg: float | None, values: Float64Array, name: str, may_be_steps: bool) -> AngleList:
    """Tell offsets from the first frame, absolute angles and steps apart."""
    start = start_deg or 0.0
    if may_be_steps and _are_steps(values):
        steps = np.concatenate([[0.0], values[1:]])
        return _assumed(start + np.cumsum(steps), "steps from frame to frame", name)
    if abs(values[0]) <= SAME_DEG:
        return AngleList(start + values, "offsets from the first frame")
    if abs(start) <= SAME_DEG:
        return AngleList(_unwrapped(values), "absolute angles")
    if abs(values[0] - start) <= 0.5:
        return _assumed(_unwrapped(values), "absolute angles", name)
    return _assumed(start + values, "offsets from the start angle", name)


def _are_steps(values: Float64Array) -> bool:
    """Tell whether values are steps: nearly all alike, and only their sum makes an arc."""
    if len(values) < 4:
        return False
    steps = values[1:]
    middle, low, high = np.median(steps), np.percentile(steps, 10), np.percentile(steps, 90)
    alike = high - low <= 0.5 * abs(middle)
    begins_so = abs(values[0]) <= 1.5 * abs(middle) + SAME_DEG
    arc = abs(float(steps.sum()))
    return bool(alike and begins_so and abs(middle) <= 15.0 and SMALLEST_ARC_DEG <= arc <= LARGEST_ARC_DEG)


def _assumed(degrees: Float64Array, meaning: str, name: str) -> AngleList:
    warning = (
        f"The {name} angles are not written as the standard says; they were taken as {meaning}: check the "
        "arc, "
        "and give --primary-start-deg and --arc-deg if it is wrong."
    )
    return AngleList(degrees, meaning, (warning,))


def _unwrapped(degrees: Float64Array) -> Float64Array:
    """Go on past 180 degrees instead of jumping to -180."""
    unwrapped: Float64Array = np.unwrap(degrees, period=360.0)
    return unwrapped

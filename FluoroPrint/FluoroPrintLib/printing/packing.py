"""Where parts lie on the bed: rectangles, the largest first, each as far front and left as it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import BoolArray, Float64Array
from .footprint import ROUNDING_MM

Size = tuple[float, float]
"""Width and depth in mm."""


@dataclass(frozen=True)
class Place:
    """Where a rectangle lies.

    Attributes
    ----------
    plate : number of the bed, from 0
    x_mm, y_mm : its corner at the front left, on the bed
    turned : by 90 degrees
    """

    plate: int
    x_mm: float
    y_mm: float
    turned: bool


def packed(sizes: Sequence[Size], bed: Size, clearance_mm: float) -> list[Place]:
    """Place rectangles on as few beds as bottom-left packing makes of them (Baker, Coffman, Rivest 1980).

    Parameters
    ----------
    sizes : of the rectangles, each of which fits the bed, turned if need be
    bed : its size
    clearance_mm : least room between two rectangles; none is kept to the bed's edge

    Returns
    -------
    A place for each rectangle, in their order.
    """
    places: dict[int, Place] = {}
    plates: list[list[Float64Array]] = []
    for number in sorted(range(len(sizes)), key=lambda n: (-max(sizes[n]), -min(sizes[n]), n)):
        places[number] = _placed(sizes[number], bed, clearance_mm, plates)
    return [places[number] for number in range(len(sizes))]


def _placed(size: Size, bed: Size, clearance_mm: float, plates: list[list[Float64Array]]) -> Place:
    """Place a rectangle on the first plate with room for it, and note it there."""
    for plate in range(len(plates) + 1):
        if plate == len(plates):
            plates.append([])
        found = _lowest(size, bed, clearance_mm, plates[plate])
        if found is not None:
            x, y, turned = found
            width, depth = size[::-1] if turned else size
            plates[plate].append(np.array([x, y, x + width, y + depth]))
            return Place(plate, x, y, turned)
    raise AssertionError(f"a part of {size} was not refused for a bed of {bed}")


def _lowest(
    size: Size, bed: Size, clearance_mm: float, taken: list[Float64Array]
) -> tuple[float, float, bool] | None:
    """Return the place with the lowest back edge, then the leftmost: x, y, turned."""
    boxes = np.array(taken).reshape(-1, 4)
    xs = np.concatenate([[0.0], boxes[:, 2] + clearance_mm])
    ys = np.concatenate([[0.0], boxes[:, 3] + clearance_mm])
    x, y = (grid.ravel() for grid in np.meshgrid(xs, ys))
    found = []
    for turned in (False, True):
        width, depth = size[::-1] if turned else size
        free = _is_free(x, y, (width, depth), bed, clearance_mm, boxes)
        found += [(y[i] + depth, x[i], turned, y[i]) for i in np.flatnonzero(free)]
    if not found:
        return None
    _, left, turned, front = min(found)
    return float(left), float(front), turned


def _is_free(
    x: Float64Array, y: Float64Array, size: Size, bed: Size, clearance_mm: float, boxes: Float64Array
) -> BoolArray:
    """Tell which corners leave a rectangle on the bed and away from all boxes."""
    right, back = x + size[0], y + size[1]
    inside = (right <= bed[0] + ROUNDING_MM) & (back <= bed[1] + ROUNDING_MM)
    room = clearance_mm - ROUNDING_MM
    apart = (
        (right[:, None] + room <= boxes[:, 0])
        | (x[:, None] >= boxes[:, 2] + room)
        | (back[:, None] + room <= boxes[:, 1])
        | (y[:, None] >= boxes[:, 3] + room)
    )
    free: BoolArray = inside & apart.all(1)
    return free

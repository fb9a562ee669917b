"""Distances to measure on a print with a caliper: chosen so that they are well defined and well spread.

Flat jaws that close on a part read its width between two parallel planes. Where that width is the largest or
the smallest of all near-by ways to hold the part, turning it finds the way again, and a jaw that stands a
little askew changes the reading in the second order only. Such widths are taken first; those of a smooth
solid run along its double normals (the axes of an ellipsoid). Where there are too few of them, widths along
other directions follow, the least sensitive to a tilt first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from ..arrays import BoolArray, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..mesh.topology import edges_of, shell_volumes_mm3, shells_of

COUNT = 5
REACH_MM = 150.0
"""What a common caliper opens to."""
JAW_MM = 40.0
"""How deep its jaws reach."""
LEAST_MM = 5.0
TILT_DEG = 2.0
"""How far askew a hand may hold the jaws."""
DEFINED_MM = 0.02
"""A width counts as the largest or the smallest around where no tilt betters it by more."""
TOUCH_MM = 0.05
"""Points this near to a jaw touch it, as good as."""
APART_MM = 3.0
_DIRECTIONS = 1500
_FILLING = 150
_NEAR = np.cos(np.radians(6.0))
_SAME = np.cos(np.radians(3.0))
_ALIKE = np.cos(np.radians(12.0))
_RING = 16
_LETTERS = ("LR", "PA", "IS")
_NAMED = 0.38
"""Components of a direction below this are not named: it is within 22.5 degrees of the others' plane."""


@dataclass(frozen=True)
class CaliperDistance:
    """A width between parallel jaws.

    Attributes
    ----------
    name : the sides of the patient that it runs between, "R - L"
    nominal_mm : of the model
    direction_ras : unit vector across the jaws
    first_ras_mm, second_ras_mm : the places that touch the jaws, on either side
    held : "largest" or "smallest": turn the part until the caliper reads so; "along": hold it as drawn
    tilt_mm : by how much the reading changes at most where the jaws stand `TILT_DEG` askew
    """

    name: str
    nominal_mm: float
    direction_ras: tuple[float, float, float]
    first_ras_mm: tuple[tuple[float, float, float], ...]
    second_ras_mm: tuple[tuple[float, float, float], ...]
    held: str
    tilt_mm: float


@dataclass(frozen=True)
class _Candidates:
    """Widths in many directions: all arrays have a row each."""

    directions: Float64Array
    widths: Float64Array
    tilts: Float64Array
    is_largest: BoolArray
    is_smallest: BoolArray
    ends: Float64Array
    """(N, 2, 3) middle of what touches either jaw."""
    depths: Float64Array


def caliper_distances(
    points: Float64Array, triangles: IntArray, count: int = COUNT
) -> tuple[CaliperDistance, ...]:
    """Choose distances to measure on a part; on its largest piece where it has several.

    Parameters
    ----------
    points, triangles : (P, 3) RAS mm and (F, 3) of a closed surface
    count : how many

    Raises
    ------
    FluoroPrintError
        The part is flat or empty.
    """
    hull = _hull_points(_largest_piece(points, triangles))
    found = _measured(hull, _directions(hull))
    return tuple(_distance(hull, found, number) for number in _chosen(found, count))


def widths_mm(points: Float64Array, directions: Float64Array) -> Float64Array:
    """Return the width of points (P, 3) between jaws across each direction (N, 3): (N,)."""
    widths = np.empty(len(directions))
    for start in range(0, len(directions), 2000):
        heights = points @ directions[start : start + 2000].T
        widths[start : start + 2000] = heights.max(0) - heights.min(0)
    return widths


def _largest_piece(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Return the points of the shell with the most inside: pieces come off the printer apart."""
    count, shell = shells_of(triangles, edges_of(triangles))
    if count < 2:
        return points
    volumes = shell_volumes_mm3(points, triangles, count, shell)
    piece: Float64Array = points[np.unique(triangles[shell == np.argmax(volumes)])]
    return piece


def _hull_points(points: Float64Array) -> Float64Array:
    try:
        hull: Float64Array = points[ConvexHull(points).vertices]
    except (QhullError, ValueError) as error:
        raise FluoroPrintError("A part is flat or empty and has no widths: choose another model.") from error
    return hull


def _directions(hull: Float64Array) -> Float64Array:
    """Return the directions to choose from: extremes of the width, axes, and some between."""
    spread = _half_sphere(_DIRECTIONS)
    widths = widths_mm(hull, spread)
    near = np.abs(spread @ spread.T) > _NEAR
    lowest = np.where(near, widths[None], np.inf).min(1)
    highest = np.where(near, widths[None], -np.inf).max(1)
    faces = ConvexHull(hull).equations[:, :3]
    smallest = np.array([_smallest_near(hull, faces, each) for each in spread[widths <= lowest]])
    largest = np.array([_largest_near(hull, each) for each in spread[widths >= highest]])
    axes = np.linalg.svd(hull - hull.mean(0), full_matrices=False)[2]
    extremes = (
        smallest[np.argsort(widths_mm(hull, smallest))],
        largest[np.argsort(-widths_mm(hull, largest))],
    )
    return _each_once(np.vstack([*extremes, np.eye(3), axes, spread[:: _DIRECTIONS // _FILLING]]))


def _each_once(directions: Float64Array) -> Float64Array:
    """Leave out directions near an earlier one."""
    kept = directions[:1]
    for direction in directions[1:]:
        if (np.abs(kept @ direction) < _SAME).all():
            kept = np.vstack([kept, direction])
    return kept


def _half_sphere(count: int) -> Float64Array:
    """Return unit vectors spread evenly over half a sphere: a Fibonacci spiral."""
    step = np.arange(count) + 0.5
    z, turn = 1 - step / count, np.pi * (1 + 5**0.5) * step
    across = np.sqrt(1 - z**2)
    return np.stack([across * np.cos(turn), across * np.sin(turn), z], axis=1)


def _largest_near(hull: Float64Array, direction: Float64Array) -> Float64Array:
    """Climb to a largest width: the line between the touching points is never narrower than it was."""
    for _ in range(200):
        heights = hull @ direction
        line = hull[heights.argmax()] - hull[heights.argmin()]
        turned = line / np.linalg.norm(line)
        if turned @ direction > 1 - 1e-14:
            break
        direction = turned
    return direction


def _smallest_near(hull: Float64Array, faces: Float64Array, direction: Float64Array) -> Float64Array:
    """Descend to a smallest width: the best face of the hull near by, then ever smaller tilts."""
    near = faces[np.abs(faces @ direction) > _NEAR]
    tried = np.vstack([direction, near[:500]])
    widths = widths_mm(hull, tried)
    best: Float64Array = tried[widths.argmin()]
    width = widths.min()
    tilt_deg, turn = 2.0, 0.0
    while tilt_deg > 1e-3:
        ring = _tilted(best[None], tilt_deg, turn)[0]
        widths = widths_mm(hull, ring)
        if widths.min() < width - 1e-9:
            best, width = ring[widths.argmin()], widths.min()
        else:
            tilt_deg /= 2
        turn += 0.7  # a narrow valley may lie between the tilts tried before
    return best


def _tilted(directions: Float64Array, tilt_deg: float, turn: float = 0.0) -> Float64Array:
    """Return directions (N, 3) tilted by an angle to all sides: (N, 16, 3)."""
    helper = np.eye(3)[np.abs(directions).argmin(1)]
    across = np.cross(directions, helper)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    other = np.cross(directions, across)
    round_deg = turn + 2 * np.pi * np.arange(_RING) / _RING
    sides = across[:, None] * np.cos(round_deg)[:, None] + other[:, None] * np.sin(round_deg)[:, None]
    angle = np.radians(tilt_deg)
    tilted: Float64Array = directions[:, None] * np.cos(angle) + sides * np.sin(angle)
    return tilted


def _measured(hull: Float64Array, directions: Float64Array) -> _Candidates:
    widths = widths_mm(hull, directions)
    around = widths_mm(hull, _tilted(directions, TILT_DEG).reshape(-1, 3)).reshape(-1, _RING)
    change = around - widths[:, None]
    ends = np.array([[side.mean(0) for side in _touching(hull, each)] for each in directions])
    return _Candidates(
        directions,
        widths,
        np.abs(change).max(1),
        change.max(1) <= DEFINED_MM,
        change.min(1) >= -DEFINED_MM,
        ends,
        np.array([_jaw_depth_mm(hull, *row) for row in zip(directions, ends, strict=True)]),
    )


def _touching(hull: Float64Array, direction: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the points that touch the jaw where the direction comes from, and where it goes to."""
    heights = hull @ direction
    return hull[heights <= heights.min() + TOUCH_MM], hull[heights >= heights.max() - TOUCH_MM]


def _jaw_depth_mm(hull: Float64Array, direction: Float64Array, ends: Float64Array) -> float:
    """Return how deep jaws must reach, coming from the best side, to hold both places."""
    sides = _tilted(direction[None], 90.0)[0]
    furthest = (hull @ sides.T).max(0)
    return float((furthest - (ends @ sides.T).min(0)).min())


def _chosen(found: _Candidates, count: int) -> list[int]:
    """Choose one by one: well defined, within reach, and far from those chosen in direction and place."""
    size = found.widths.max()
    cost = np.where(found.is_largest | found.is_smallest, 0.0, 0.5 + found.tilts)
    cost += 2.0 * ((found.widths > REACH_MM) | (found.widths < LEAST_MM)) + 1.0 * (found.depths > JAW_MM)
    chosen = [int(np.argmax(found.widths / size - 10 * cost))]
    while len(chosen) < count:
        cosines = np.abs(found.directions @ found.directions[chosen].T).clip(0, 1)
        angle = np.arccos(cosines).min(1) / (np.pi / 2)
        ends, others = found.ends, found.ends[chosen].reshape(-1, 3)
        place = np.linalg.norm(ends[:, :, None] - others[None, None], axis=-1).min((1, 2)) / size
        score = angle + place - cost - 10 * (cosines.max(1) > _ALIKE)
        chosen.append(int(score.argmax()))
    return chosen


def _distance(hull: Float64Array, found: _Candidates, number: int) -> CaliperDistance:
    direction = found.directions[number]
    direction = direction * np.sign(direction[np.abs(direction).argmax()])
    first, second = (_few(side) for side in _touching(hull, direction))
    held = "largest" if found.is_largest[number] else "smallest" if found.is_smallest[number] else "along"
    return CaliperDistance(
        name=f"{_sides(-direction)} - {_sides(direction)}",
        nominal_mm=float(found.widths[number]),
        direction_ras=_triple(direction),
        first_ras_mm=first,
        second_ras_mm=second,
        held=held,
        tilt_mm=float(found.tilts[number]),
    )


def _few(points: Float64Array, most: int = 4) -> tuple[tuple[float, float, float], ...]:
    """Return a few of the points that touch a jaw, apart from each other."""
    kept = [points[0]]
    while len(kept) < most:
        apart = np.linalg.norm(points[:, None] - np.array(kept)[None], axis=-1).min(1)
        if apart.max() < APART_MM:
            break
        kept.append(points[apart.argmax()])
    return tuple(_triple(point) for point in kept)


def _sides(direction: Float64Array) -> str:
    """Return the sides of the patient that a direction points to, the main one first: "RS"."""
    order = np.argsort(-np.abs(direction))
    return "".join(
        _LETTERS[axis][1 if direction[axis] > 0 else 0] for axis in order if abs(direction[axis]) >= _NAMED
    )


def _triple(values: Float64Array) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return (x, y, z)

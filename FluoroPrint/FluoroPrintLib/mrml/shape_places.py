"""Places for operations on models, taken from markups of the scene, so that nobody types coordinates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Parameters
from .nodes import Node
from .points import points_from_node

POINTS, LINE, PLANE = "vtkMRMLMarkupsFiducialNode", "vtkMRMLMarkupsLineNode", "vtkMRMLMarkupsPlaneNode"
OPEN_CURVE, CLOSED_CURVE = "vtkMRMLMarkupsCurveNode", "vtkMRMLMarkupsClosedCurveNode"
PLACE_DECIMALS, DIRECTION_DECIMALS = 3, 6
Values = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """What markups say to an operation.

    Attributes
    ----------
    kinds : classes of markups that say it
    words : what they are called
    help : what they stand for, a sentence
    read : ``read(node)``, the values of the operation's fields; none where nothing was placed yet
    """

    kinds: tuple[str, ...]
    words: str
    help: str
    read: Callable[[Node], Values]


def place_for(operation: str) -> Place | None:
    """Return what markups say to an operation, None where it needs no place."""
    return _places().get(operation)


def _places() -> Mapping[str, Place]:
    plane = Place((PLANE,), "Plane", "Cuts along this plane; its normal points to part 2.", _plane)
    return {
        "cut": plane,
        "saw": plane,
        "base": Place((PLANE,), "Plane", "The model stands on this plane; its normal points up.", _stand),
        "drill": Place(
            (POINTS, LINE), "Points", "The drill enters at the first point and goes to the second.", _drill
        ),
        "label": Place(
            (POINTS, LINE),
            "Points",
            "The label's middle is at the first point; letters' tops point to a second one.",
            _label,
        ),
        "hollow": Place((POINTS,), "Points", "Each cavity is drained near these points.", _drains),
    }


def placed(operation: str, parameters: Parameters, node: Node) -> Parameters:
    """Return the parameters of an operation with the places that markups give.

    Parameters
    ----------
    operation : its word, "cut"
    parameters : of the operation
    node : vtkMRMLMarkupsNode under any transform, or None: the parameters stay as they are

    Raises
    ------
    FluoroPrintError
        The operation takes no such markups, or two points are one.
    """
    if node is None:
        return parameters
    place = place_for(operation)
    if place is None or not any(node.IsA(kind) for kind in place.kinds):
        wanted = place.words.lower() if place else "no place"
        raise FluoroPrintError(f"{node.GetName()!r} says nothing to {operation}: it takes {wanted}.")
    return replace(parameters, **place.read(node))


def _plane(node: Node) -> Values:
    if not node.GetIsPlaneValid():
        return {}
    origin, normal = np.zeros(3), np.zeros(3)
    node.GetOriginWorld(origin)
    node.GetNormalWorld(normal)
    return {"point_ras_mm": _point(origin), "normal": _direction(normal)}


def _stand(node: Node) -> Values:
    plane = _plane(node)
    return {"down": _direction(-np.array(plane["normal"]))} if plane else {}


def _drill(node: Node) -> Values:
    return _start_and_way(node, "entry_ras_mm", "direction")


def _label(node: Node) -> Values:
    return _start_and_way(node, "at_ras_mm", "up")


def _start_and_way(node: Node, start: str, way: str) -> Values:
    points = points_from_node(node)
    values: Values = {start: _point(points[0])} if len(points) else {}
    if len(points) < 2:
        return values
    if np.allclose(points[0], points[1], rtol=0, atol=10**-PLACE_DECIMALS):
        raise FluoroPrintError(f"The first two points of {node.GetName()!r} are one: move one of them.")
    return {**values, way: _direction(points[1] - points[0])}


def _drains(node: Node) -> Values:
    points = points_from_node(node)
    if not len(points):
        return {}
    words = (" ".join(f"{number:g}" for number in _point(point)) for point in points)
    return {"drains": "points", "drain_points": "; ".join(words)}


def _point(place: Float64Array) -> tuple[float, ...]:
    return _rounded(place, PLACE_DECIMALS)


def _direction(vector: Float64Array) -> tuple[float, ...]:
    return _rounded(vector / np.linalg.norm(vector), DIRECTION_DECIMALS)


def _rounded(values: Float64Array, decimals: int) -> tuple[float, ...]:
    """Return numbers that read well; adding 0.0 takes the sign of a zero away."""
    return tuple(float(value) + 0.0 for value in np.round(values, decimals))

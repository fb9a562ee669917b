"""Point lists of the scene: from vtkMRMLMarkupsNode to data."""

from __future__ import annotations

import numpy as np

from ..arrays import Float64Array
from .nodes import Node


def points_from_node(node: Node) -> Float64Array:
    """Return the points of a list in RAS mm of the world, (N, 3); those still to be placed are left out.

    Parameters
    ----------
    node : vtkMRMLMarkupsNode, under any transform; None has no points
    """
    count = node.GetNumberOfControlPoints() if node else 0
    defined = [i for i in range(count) if node.GetNthControlPointPositionStatus(i) == node.PositionDefined]
    places = [tuple(node.GetNthControlPointPositionWorld(index)) for index in defined]
    return np.array(places, np.float64).reshape(-1, 3)

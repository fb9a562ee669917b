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
    places = [tuple(node.GetNthControlPointPositionWorld(index)) for index in _defined(node)]
    return np.array(places, np.float64).reshape(-1, 3)


def labels_from_node(node: Node) -> tuple[str, ...]:
    """Return the labels of the points that `points_from_node` returns.

    Parameters
    ----------
    node : vtkMRMLMarkupsNode; None has no points
    """
    return tuple(node.GetNthControlPointLabel(index).strip() for index in _defined(node))


def descriptions_from_node(node: Node) -> tuple[str, ...]:
    """Return the descriptions of the points that `points_from_node` returns, "" where there is none.

    Parameters
    ----------
    node : vtkMRMLMarkupsNode; None has no points
    """
    return tuple(node.GetNthControlPointDescription(index).strip() for index in _defined(node))


def describe_points(node: Node, description: str) -> None:
    """Give a description to the points of a list that have none; those still to be placed are left out."""
    for index, known in zip(_defined(node), descriptions_from_node(node), strict=True):
        if not known:
            node.SetNthControlPointDescription(index, description)


def _defined(node: Node) -> list[int]:
    count = node.GetNumberOfControlPoints() if node else 0
    return [i for i in range(count) if node.GetNthControlPointPositionStatus(i) == node.PositionDefined]

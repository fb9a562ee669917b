"""Slice views: the place under a pixel of a view, the plane that it shows, and where places are drawn."""

from __future__ import annotations

import numpy as np

from ..arrays import Float64Array
from .nodes import Node, matrix_array


def place_in_view(slice_node: Node, x: float, y: float) -> Float64Array:
    """Return the place under a pixel of a slice view, (3,) RAS mm of the world.

    Parameters
    ----------
    slice_node : vtkMRMLSliceNode
    x, y : of the view's interactor
    """
    place: Float64Array = matrix_array(slice_node.GetXYToRAS()) @ [float(x), float(y), 0.0, 1.0]
    return place[:3]


def pixels_in_view(slice_node: Node, points_ras: Float64Array) -> Float64Array:
    """Return where places (P, 3) of the world are drawn in a slice view: (P, 2) pixels of the view."""
    to_view = np.linalg.inv(matrix_array(slice_node.GetXYToRAS()))
    pixels: Float64Array = points_ras @ to_view[:2, :3].T + to_view[:2, 3]
    return pixels


def plane_axes(slice_node: Node) -> Float64Array:
    """Return two unit vectors that span the plane of a slice view, as rows (2, 3), in RAS of the world."""
    axes: Float64Array = matrix_array(slice_node.GetSliceToRAS())[:3, :2].T
    return axes


def plane_place(slice_node: Node) -> Float64Array:
    """Return the middle of the plane that a slice view shows, (3,) RAS mm of the world."""
    return matrix_array(slice_node.GetSliceToRAS())[:3, 3]

"""Outlines in frames of a sweep: drawn as closed curves over the stack of frames, kept with the stack."""

from __future__ import annotations

import json

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import transformed
from ..segmentation.outlines import Outline
from .nodes import Node, node_to_world
from .silhouettes import stack_points_ras

KEPT = "FluoroPrint.Outlines"
"""Attribute of the stack: frame and corners of each outline, so that a saved scene keeps them."""
FEWEST_POINTS = 3
NEAR_FRAME = 0.5


def curve_in_frame(curve_node: Node, sweep_node: Node) -> Outline:
    """Return the control points of a curve as an outline of the frame that they were set in.

    Parameters
    ----------
    curve_node : vtkMRMLMarkupsCurveNode or another markup, drawn over the stack
    sweep_node : stack of frames made by `add_sweep`

    Raises
    ------
    FluoroPrintError
        There are fewer than three points, or they do not lie in one frame.
    """
    count = curve_node.GetNumberOfControlPoints() if curve_node is not None else 0
    if count < FEWEST_POINTS:
        raise FluoroPrintError("The curve has fewer than three points: draw it around the bone in a frame.")
    points = np.array([curve_node.GetNthControlPointPositionWorld(n) for n in range(count)])
    ijk = _stack_ijk(points, sweep_node)
    view = round(float(ijk[:, 2].mean()))
    if np.abs(ijk[:, 2] - view).max() > NEAR_FRAME or not 0 <= view < _frames_of(sweep_node):
        raise FluoroPrintError("The curve does not lie in one frame: draw it over the frame that is shown.")
    return Outline(view, ijk[:, :2])


def _stack_ijk(points_world: Float64Array, sweep_node: Node) -> Float64Array:
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    origin, column, row = stack_points_ras(sweep_node, corners, 0)
    to_world = np.eye(4)
    to_world[:3] = np.stack(
        [column - origin, row - origin, stack_points_ras(sweep_node, corners[:1], 1)[0] - origin, origin], 1
    )
    return transformed(points_world, np.linalg.inv(node_to_world(sweep_node) @ to_world))


def _frames_of(sweep_node: Node) -> int:
    return int(sweep_node.GetImageData().GetDimensions()[2])


def kept_outlines(sweep_node: Node) -> tuple[Outline, ...]:
    """Return the outlines that are kept with a stack, by frame."""
    entries = json.loads(sweep_node.GetAttribute(KEPT) or "[]")
    return tuple(Outline(int(view), np.array(polygon, np.float64)) for view, polygon in entries)


def keep_outline(sweep_node: Node, outline: Outline) -> None:
    """Keep an outline with a stack, instead of the one that its frame had."""
    others = [kept for kept in kept_outlines(sweep_node) if kept.view != outline.view]
    _keep(sweep_node, [*others, outline])


def forget_outline(sweep_node: Node, view: int) -> None:
    """Keep the outline of a frame no longer."""
    _keep(sweep_node, [kept for kept in kept_outlines(sweep_node) if kept.view != view])


def _keep(sweep_node: Node, outlines: list[Outline]) -> None:
    ordered = sorted(outlines, key=lambda outline: outline.view)
    entries = [[outline.view, np.round(outline.polygon_px, 3).tolist()] for outline in ordered]
    sweep_node.SetAttribute(KEPT, json.dumps(entries))

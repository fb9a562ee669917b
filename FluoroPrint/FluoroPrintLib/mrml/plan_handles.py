"""What is dragged of a planned object: the ends of a markups line, a markups plane, or a transform.

Places are those of the world: parent transforms of any node are reckoned with on both ways.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..planning.edits import Hand, drag, move
from ..planning.kind import CLOSED_CURVE, LINE, OPEN_CURVE, PLANE, POSE, Kind, pose_of
from ..planning.kinds import kind_of
from ..planning.plan import Place, Places, Plan, Planned
from .nodes import Node, matrix_array, node_to_world, vtk_matrix
from .points import points_from_node

CLASSES = {
    LINE: "vtkMRMLMarkupsLineNode",
    PLANE: "vtkMRMLMarkupsPlaneNode",
    POSE: "vtkMRMLLinearTransformNode",
    CLOSED_CURVE: "vtkMRMLMarkupsClosedCurveNode",
    OPEN_CURVE: "vtkMRMLMarkupsCurveNode",
}
BY_PLACES = {LINE: 2, CLOSED_CURVE: 3, OPEN_CURVE: 2}
"""What is dragged by places of its own, and how many there are at least."""
STILL_MM = 1e-4
"""What moved less was not moved: transforms and files keep so much."""
NOT_RIGID = 1e-3
PLANE_MM = 60.0
DIAMETER_ATTRIBUTES = ("diameter", "length")


def handle_class(planned: Planned) -> str:
    """Return the class of the node by which an object is dragged."""
    return CLASSES[kind_of(planned).handles]


def place_handles(node: Node, planned: Planned) -> None:
    """Put the handles where an object lies; those of a locked one cannot be dragged."""
    kind = kind_of(planned)
    previous = node.StartModify()
    if kind.handles in BY_PLACES:
        _place_ends(node, planned, kind)
    elif kind.handles == PLANE:
        _place_plane(node, planned)
    else:
        pose = np.linalg.inv(node_to_world(node)) @ pose_of(planned)
        node.SetMatrixTransformToParent(vtk_matrix(pose))
    _offer(node, planned)
    node.EndModify(previous)


def _place_ends(node: Node, planned: Planned, kind: Kind) -> None:
    ends = [(name, place) for name in kind.ends for place in planned.points[name]]
    while kind.handles != LINE and node.GetNumberOfControlPoints() > len(ends):
        node.RemoveNthControlPoint(node.GetNumberOfControlPoints() - 1)
    for number, (name, place) in enumerate(ends):
        if number < node.GetNumberOfControlPoints():
            node.SetNthControlPointPositionWorld(number, *place)
        else:
            node.AddControlPointWorld(place, name)
    for name in DIAMETER_ATTRIBUTES:
        if name in planned.figures:
            node.SetAttribute(f"FluoroPrint.{name}", str(planned.figures[name].value))
    node.SetAttribute("FluoroPrint.device", kind.title)


def _place_plane(node: Node, planned: Planned) -> None:
    pose = pose_of(planned)
    node.SetOriginWorld(*pose[:3, 3])
    node.SetAxesWorld(*(tuple(axis) for axis in pose[:3, :3].T))
    if not node.GetAttribute("FluoroPrint.sized"):
        node.SetSizeWorld(PLANE_MM, PLANE_MM)
        node.SetAttribute("FluoroPrint.sized", "1")


def _offer(node: Node, planned: Planned) -> None:
    """Show handles that can be dragged, unless the object is locked."""
    if node.GetDisplayNode() is None:
        node.CreateDefaultDisplayNodes()
    display, is_open = node.GetDisplayNode(), not planned.locked
    if node.IsA("vtkMRMLTransformNode"):
        display.SetEditorVisibility(is_open)
        display.SetEditorVisibility3D(is_open)
        display.SetEditorSliceIntersectionVisibility(is_open)
        display.SetEditorScalingEnabled(False)
        display.SetEditorScalingSliceEnabled(False)
        return
    node.SetLocked(not is_open)
    display.SetHandlesInteractive(is_open)
    display.SetScaleHandleVisibility(False)
    display.SetPropertiesLabelVisibility(False)


def dragged(plan: Plan, planned: Planned, node: Node, hand: Hand) -> Plan:
    """Return a plan with an object where its handles are now; the plan itself where they were not moved.

    Parameters
    ----------
    plan : that holds the object
    planned : as the plan holds it
    node : its handles
    hand : whose edit it is

    Raises
    ------
    FluoroPrintError
        The object is locked, its node was scaled or sheared, or stands under a transform that bends space.
    """
    if kind_of(planned).handles in BY_PLACES:
        places = _moved_ends(node, planned)
        return drag(plan, planned.id, places, hand) if places else plan
    matrix = _motion(node, planned)
    return plan if matrix is None else move(plan, planned.id, matrix, hand)


def _moved_ends(node: Node, planned: Planned) -> Mapping[str, Places]:
    """Return the ends of a line that were moved, world RAS mm, or all places of a curve that was changed.

    None where too few are left of them.
    """
    kind = kind_of(planned)
    now = [_place(place) for place in points_from_node(node)]
    if len(now) < BY_PLACES[kind.handles]:
        return {}
    if kind.handles == LINE:
        places: dict[str, Places] = {name: (now[number],) for number, name in enumerate(kind.ends)}
    else:
        places = {kind.ends[0]: tuple(now)}
    return {name: found for name, found in places.items() if _differ(found, planned.points[name])}


def _place(place: Float64Array) -> Place:
    x, y, z = place.tolist()
    return x, y, z


def _differ(one: Places, other: Places) -> bool:
    return len(one) != len(other) or float(np.abs(np.subtract(one, other)).max()) > STILL_MM


def _motion(node: Node, planned: Planned) -> Float64Array | None:
    """Return the rigid motion from where an object lies to its handles; None where there is none."""
    old, now = pose_of(planned), _pose(node)
    matrix = _rigid(now, node) @ np.linalg.inv(old)
    corners = old[:3, 3] + 100.0 * np.concatenate([np.zeros((1, 3)), np.eye(3)])
    away = corners @ matrix[:3, :3].T + matrix[:3, 3] - corners
    return matrix if np.abs(away).max() > STILL_MM else None


def _pose(node: Node) -> Float64Array:
    if node.IsA("vtkMRMLTransformNode"):
        matrix: Float64Array = node_to_world(node) @ _own_matrix(node)
        return matrix
    pose, origin = np.eye(4), np.zeros(3)
    axes = [np.zeros(3), np.zeros(3), np.zeros(3)]
    node.GetAxesWorld(*axes)
    node.GetOriginWorld(origin)
    pose[:3, :3] = np.column_stack(axes)
    pose[:3, 3] = origin
    return pose


def _own_matrix(node: Node) -> Float64Array:
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    node.GetMatrixTransformToParent(matrix)
    return matrix_array(matrix)


def _rigid(pose: Float64Array, node: Node) -> Float64Array:
    """Return a pose with its axes at right angles and of length 1; one that was scaled is refused."""
    left, sizes, right = np.linalg.svd(pose[:3, :3])
    if np.abs(sizes - 1).max() > NOT_RIGID or np.linalg.det(pose[:3, :3]) < 0:
        raise FluoroPrintError(
            f"{node.GetName()!r} was scaled, sheared or mirrored: planned objects are moved and turned only."
        )
    rigid: Float64Array = pose.copy()
    rigid[:3, :3] = left @ right
    return rigid

"""The objects of a plan as nodes: handles to drag, a drawing of each, a table of figures.

| object | handles | drawing |
|---|---|---|
| screws and what else has two ends | vtkMRMLMarkupsLineNode with diameter, length, device | model |
| planes | vtkMRMLMarkupsPlaneNode | model |
| all others | vtkMRMLLinearTransformNode with interaction handles | model under it |

All know their object's id by an attribute and reference the text node of their plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..files.plan_files import read_plan
from ..geometry.volume import transformed
from ..mesh.polydata import points_of, with_points
from ..planning.edits import Hand
from ..planning.history import History
from ..planning.kind import BAD, DOUBTFUL, GOOD, POSE, UNKNOWN, pose_of
from ..planning.kinds import kind_of
from ..planning.plan import Plan, Planned
from .cases import leave_case, place_in_case, remove_from_case
from .nodes import SHOWN, Node, Scene
from .plan_handles import dragged, handle_class, place_handles
from .plan_passes import follow_passes, hide_bone_after
from .plan_pieces import hide_pieces
from .plan_store import (
    DRAWING,
    PLAN_ROLE,
    STAGE,
    add_plan,
    case_of_plan,
    history_of,
    keep_history,
    plan_of,
)
from .plan_tables import FIGURES, fill_figures
from .provenance import SOURCE_ROLE

OBJECT = "FluoroPrint.Planned"
"""Attribute of handles and drawings: the id of their object."""
COLOURS = {
    GOOD: (0.25, 0.7, 0.35),
    DOUBTFUL: (0.95, 0.7, 0.2),
    BAD: (0.9, 0.25, 0.2),
    UNKNOWN: (0.4, 0.6, 0.85),
}


def load_plan(scene: Scene, path: Path, case: str, source: Node = None) -> Node:
    """Read PLAN.json into a scene and show its objects; return the vtkMRMLTextNode.

    Raises
    ------
    FluoroPrintError
        The file is no plan; nothing is added.
    """
    node = add_plan(scene, read_plan(path), case, source, path.name.split(".")[0])
    show_plan(node)
    return node


def show_plan(node: Node, plan: Plan | None = None) -> None:
    """Show the objects of a plan where it says: nodes are added, moved, recoloured, removed.

    Parameters
    ----------
    node : vtkMRMLTextNode of a plan
    plan : what the node holds, where that was read already
    """
    plan = plan_of(node) if plan is None else plan
    known = {planned.id for planned in plan.objects}
    for shown in [*handles_of(node).values(), *drawings_of(node).values()]:
        if shown.GetAttribute(OBJECT) not in known:
            remove_from_case(shown)
    handles, drawings = handles_of(node), drawings_of(node)
    for planned in plan.objects:
        handle = handles.get(planned.id)
        if handle is None or not handle.IsA(handle_class(planned)):
            handle = _added_handle(node, planned, handle)
        drawing = drawings.get(planned.id) or _added(node, planned, "vtkMRMLModelNode")
        place_handles(handle, planned)
        draw(planned, drawing, handle)
        for shown in (handle, drawing):
            if shown.GetName() != planned.label:
                shown.SetName(planned.label)
    _show_figures(node, plan)
    follow_passes(node, plan)


def draw(planned: Planned, drawing: Node, handle: Node, surface: vtkPolyData | None = None) -> None:
    """Draw an object into its model, in the colour of how it lies; `surface` where it was drawn already."""
    surface = kind_of(planned).surface(planned) if surface is None else surface
    if kind_of(planned).handles == POSE:
        own = transformed(points_of(surface), np.linalg.inv(pose_of(planned)))
        surface = with_points(surface, own)
        drawing.SetAndObserveTransformNodeID(handle.GetID())
    drawing.SetAndObservePolyData(surface)
    recolour(planned, drawing)


def recolour(planned: Planned, drawing: Node) -> None:
    """Give a drawing the colour of how its object lies."""
    colour, display = COLOURS[kind_of(planned).verdict(planned)], drawing.GetDisplayNode()
    if tuple(display.GetColor()) != colour:
        display.SetColor(*colour)


def handles_of(node: Node) -> dict[str, Node]:
    """Return the handles of a plan's objects by their ids."""
    return {shown.GetAttribute(OBJECT): shown for shown in _shown(node) if not shown.GetAttribute(SHOWN)}


def drawings_of(node: Node) -> dict[str, Node]:
    """Return the drawings of a plan's objects by their ids, vtkMRMLModelNode each."""
    return {shown.GetAttribute(OBJECT): shown for shown in _shown(node) if shown.GetAttribute(SHOWN)}


def _shown(node: Node) -> list[Node]:
    return [
        n for n in _nodes(node.GetScene()) if n.GetAttribute(OBJECT) and n.GetNodeReference(PLAN_ROLE) is node
    ]


def _nodes(scene: Scene) -> Iterator[Node]:
    return (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))


def _added_handle(node: Node, planned: Planned, old: Node) -> Node:
    if old is not None:
        remove_from_case(old)
    return _added(node, planned, handle_class(planned))


def _added(node: Node, planned: Planned, class_name: str) -> Node:
    scene = node.GetScene()
    shown = scene.AddNewNodeByClass(class_name, planned.label)
    shown.CreateDefaultDisplayNodes()
    shown.SetAttribute(OBJECT, planned.id)
    shown.SetNodeReferenceID(PLAN_ROLE, node.GetID())
    shown.SetNodeReferenceID(SOURCE_ROLE, node.GetID())
    if class_name == "vtkMRMLModelNode":
        shown.SetAttribute(SHOWN, DRAWING)
        shown.GetDisplayNode().SetVisibility2D(True)
    place_in_case(scene, shown, case_of_plan(node), STAGE)
    return shown


def remove_plan(node: Node) -> None:
    """Take a plan out of the scene with all that shows it."""
    scene = node.GetScene()
    hide_bone_after(node)
    hide_pieces(node)
    for shown in _shown(node):
        remove_from_case(shown)
    for role in (FIGURES, "FluoroPrint.PlanHistory"):
        other = node.GetNodeReference(role)
        if other is not None:
            leave_case(other)
            scene.RemoveNode(other)
    leave_case(node)
    scene.RemoveNode(node)


def _show_figures(node: Node, plan: Plan) -> None:
    scene, table = node.GetScene(), node.GetNodeReference(FIGURES)
    if table is None:
        table = scene.AddNewNodeByClass("vtkMRMLTableNode", f"{node.GetName()} figures")
        node.SetNodeReferenceID(FIGURES, table.GetID())
        table.SetNodeReferenceID(SOURCE_ROLE, node.GetID())
        place_in_case(scene, table, case_of_plan(node), STAGE)
    fill_figures(table, plan.objects)


def plan_from_nodes(node: Node, hand: Hand = Hand(), plan: Plan | None = None) -> Plan:  # noqa: B008 - frozen
    """Return a plan with its objects where their handles were dragged to.

    Parameters
    ----------
    node : vtkMRMLTextNode of a plan; it is not changed
    hand : whose edits these are, and what objects are measured in
    plan : what the node holds, where that was read already

    Raises
    ------
    FluoroPrintError
        A locked object was moved, one was scaled, or stands under a transform that bends space.
    """
    plan, handles = plan_of(node) if plan is None else plan, handles_of(node)
    for planned in plan.objects:
        if planned.id in handles:
            plan = dragged(plan, planned, handles[planned.id], hand)
    return plan


def take_up_drags(node: Node, hand: Hand = Hand(), history: History | None = None) -> History:  # noqa: B008
    """Keep what was dragged as one state more of a plan, and show it; what is refused goes back.

    Arguments and faults are those of `plan_from_nodes`; `history` is what the node holds, where read already.
    """
    history = history_of(node) if history is None else history
    try:
        history = history.done(plan_from_nodes(node, hand, history.present))
        keep_history(node, history)
    finally:
        show_plan(node, history.present)
    return history


def keep_and_show(node: Node, history: History) -> None:
    """Keep a plan with its states in its node, and show it."""
    keep_history(node, history)
    show_plan(node, history.present)

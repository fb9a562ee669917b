"""A plan in the scene: a text node that holds PLAN.json, and another one with the states before and after.

The text is the truth; what `plan_objects` shows is made of it.
"""

from __future__ import annotations

from ..errors import FluoroPrintError
from ..files.plan_files import plan_of_text, plan_text
from ..files.plan_history import history_of_text, history_text
from ..planning.history import History
from ..planning.plan import Plan
from .cases import place_in_case
from .nodes import Node, Scene, new_node
from .provenance import set_provenance, write_provenance_text

STAGE = "Plan"
PLAN = "FluoroPrint.Plan"
"""Attribute of a plan's text node: the title of its case."""
PLAN_ROLE = "FluoroPrint.PlanOf"
"""Role at the nodes that show a plan: its text node."""
DRAWING = "planned object"
"""What `SHOWN` says of drawings and pieces: they are no models of the case."""
HISTORY_ROLE = "FluoroPrint.PlanHistory"


def add_plan(scene: Scene, plan: Plan, case: str, source: Node = None, name: str = "Plan") -> Node:
    """Add a plan to the folder of a case; `plan_objects.show_plan` shows its objects.

    Parameters
    ----------
    scene : vtkMRMLScene
    plan : places in RAS mm of the world
    case : title of the case
    source : what was planned on, vtkMRMLSegmentationNode or vtkMRMLModelNode; None where not known
    name : of the node

    Returns
    -------
    vtkMRMLTextNode
    """
    node = new_node(scene, "vtkMRMLTextNode", name)
    node.SetAttribute(PLAN, case)
    history = scene.AddNewNodeByClass("vtkMRMLTextNode", f"{node.GetName()} history")
    history.SetHideFromEditors(True)
    node.SetNodeReferenceID(HISTORY_ROLE, history.GetID())
    keep_history(node, History(plan))
    set_provenance(node, source, STAGE)
    place_in_case(scene, node, case, STAGE)
    write_provenance_text(scene)
    return node


def is_plan(node: Node) -> bool:
    """Say whether a node holds a plan."""
    return node is not None and node.IsA("vtkMRMLTextNode") and node.GetAttribute(PLAN) is not None


def case_of_plan(node: Node) -> str:
    """Return the title of the case that a plan is of."""
    return node.GetAttribute(PLAN) or ""


def plans_of(scene: Scene) -> tuple[Node, ...]:
    """Return the text nodes of all plans in a scene, in their order."""
    nodes = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return tuple(node for node in nodes if is_plan(node))


def keep_history(node: Node, history: History) -> None:
    """Keep a plan and the states before and after it, so that they can be undone after saving too.

    Raises
    ------
    FluoroPrintError
        The plan does not fit its schema; the node stays as it was.
    """
    text = plan_text(history.present, f"{node.GetName()!r}")
    states = node.GetNodeReference(HISTORY_ROLE)
    if states is not None:
        states.SetText(history_text(history))
    node.SetText(text)


def plan_of(node: Node) -> Plan:
    """Return the plan of a text node; FluoroPrintError where it holds none, or one of a later version."""
    if not is_plan(node):
        raise FluoroPrintError(f"{node.GetName() if node else 'Nothing'!r} is no plan: choose a plan.")
    return plan_of_text(node.GetText() or "", f"The text of {node.GetName()!r}")


def history_of(node: Node) -> History:
    """Return the plan of a text node with its states before and after; none where they do not belong to it.

    Raises
    ------
    FluoroPrintError
        The node holds no plan.
    """
    plan, states = plan_of(node), node.GetNodeReference(HISTORY_ROLE)
    try:
        found = history_of_text(states.GetText() or "", states.GetName()) if states is not None else None
    except FluoroPrintError:
        found = None
    return found if found is not None and found.present == plan else History(plan)

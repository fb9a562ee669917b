"""The chain of models from a source to what was shaped of it: undone, redone, told as the steps of a recipe.

Each result refers to its source and says by which operation it was made, so the chain is the scene's own and
comes back with it. What is undone is removed; a twin of it, hidden from editors, stays in the scene until it
is redone or something else is made of its source. Slicer saves such nodes with the scene. No chooser, nor
the subject hierarchy, looks again at a node that is hidden later, so the twin is a node of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..shape.packed import packed
from ..shape.recipe import Step, part_path, step_of
from .cases import case_of, leave_case, place_in_case
from .deviations import show_model
from .models import is_shown
from .nodes import UNDONE, Node, Scene
from .provenance import parameters_of, source_of, stage_of, write_provenance_text

_OPERATION, _STEP, _PART = "FluoroPrint.Operation", "FluoroPrint.Step", "FluoroPrint.Part"
_SHAPE = "FluoroPrint.Shape"
_MODEL = "vtkMRMLModelNode"


def keep_step(node: Node, operation: str, step: int, part: str = "") -> None:
    """Note by which operation a model was made.

    Parameters
    ----------
    node : vtkMRMLModelNode
    operation : the word of the operation
    step : number of the step among those of the source (`next_step`), the same for all its parts
    part : which part it is, where the operation made several
    """
    node.SetAttribute(_OPERATION, operation)
    node.SetAttribute(_STEP, str(step))
    node.SetAttribute(_PART, part or None)


def keep_shape(nodes: Sequence[Node], shape: vtkPolyData) -> None:
    """Keep the second model of the step that made models, where that is in no scene: a planned implant."""
    text = packed(shape)
    for node in nodes:
        node.SetAttribute(_SHAPE, text)


def next_step(source: Node) -> int:
    """Return the number of the next step on a model, counted from 1."""
    return 1 + max((_step(made) for made in results_of(source)), default=0)


def operation_of(node: Node) -> str:
    """Return the word of the operation that made a model; empty for a model that was not shaped."""
    return node.GetAttribute(_OPERATION) or ""


def is_undone(node: Node) -> bool:
    """Say whether a result was undone and not redone."""
    return node.GetAttribute(UNDONE) is not None


def results_of(node: Node) -> tuple[Node, ...]:
    """Return the models that were shaped of a model, in their order, those that were undone among them."""
    scene = node.GetScene()
    models = (scene.GetNthNodeByClass(n, _MODEL) for n in range(scene.GetNumberOfNodesByClass(_MODEL)))
    return tuple(model for model in models if operation_of(model) and source_of(model) is node)


def steps_to(node: Node) -> tuple[Step, ...]:
    """Return the steps from the first model of a chain to a model; none where it was not shaped.

    A step after a cut takes the part that it took, and no other.
    """
    chain = _chain(node)
    steps, part = [], ""
    for made in chain:
        shape = made.GetAttribute(_SHAPE) or ""
        steps.append(step_of(operation_of(made), parameters_of(made), part, shape))
        word = made.GetAttribute(_PART)
        part = part_path(part, word) if word else part
    return tuple(steps)


def undo_lacking(node: Node) -> str:
    """Return why the step that made a model cannot be undone; empty where it can."""
    if not operation_of(node):
        return "This model was not made by shaping: there is no step to undo."
    if source_of(node) is None:
        return "The model that this one was made of is not in the scene any more: nothing to go back to."
    later = [made for part in _siblings(node) for made in results_of(part) if not is_undone(made)]
    return f'"{later[0].GetName()}" was made after it: undo that first.' if later else ""


def undo(node: Node) -> Node:
    """Take back the step that made a model: all its parts are removed, the source is shown again.

    Returns
    -------
    The source.

    Raises
    ------
    FluoroPrintError
        There is no such step, or another one was made after it.
    """
    _refuse(undo_lacking(node))
    source = source_of(node)
    order = 1 + max((_order(made) for made in results_of(source) if is_undone(made)), default=0)
    for part in _siblings(node):
        _set_aside(part, order)
    show_model(source, shown=True)
    write_provenance_text(source.GetScene())
    return source


def redo_lacking(node: Node) -> str:
    """Return why there is no step to redo on a model; empty where there is one."""
    return "" if _undone_of(node) else "Nothing was undone on this model."


def redo(node: Node) -> tuple[Node, ...]:
    """Bring back the step that was undone on a model: its parts are shown as they were, the model is hidden.

    Returns
    -------
    The models that the step made.

    Raises
    ------
    FluoroPrintError
        Nothing was undone.
    """
    _refuse(redo_lacking(node))
    parts = tuple(_bring_back(part) for part in _undone_of(node))
    show_model(node, shown=False)
    write_provenance_text(node.GetScene())
    return parts


def forget_undone(node: Node) -> None:
    """Remove for good what was undone on a model, for another step takes its place."""
    scene = node.GetScene()
    for part in [made for made in results_of(node) if is_undone(made)]:
        forget_undone(part)
        for number in reversed(range(part.GetNumberOfDisplayNodes())):
            scene.RemoveNode(part.GetNthDisplayNode(number))
        if part.GetStorageNode() is not None:
            scene.RemoveNode(part.GetStorageNode())
        leave_case(part)
        scene.RemoveNode(part)


def _chain(node: Node) -> tuple[Node, ...]:
    """Return the shaped models up to a model, the first one first; a chain that bites its tail ends there."""
    chain: list[Node] = []
    while node is not None and operation_of(node) and node not in chain:
        chain.insert(0, node)
        node = source_of(node)
    return tuple(chain)


def _step(node: Node) -> int:
    return int(node.GetAttribute(_STEP) or 0)


def _siblings(node: Node) -> tuple[Node, ...]:
    """Return the parts that the same step made, itself among them."""
    return tuple(part for part in results_of(source_of(node)) if _step(part) == _step(node))


def _undone_of(node: Node) -> tuple[Node, ...]:
    """Return the parts of the step on a model that was undone last."""
    undone = [made for made in results_of(node) if is_undone(made)]
    latest = max(map(_order, undone), default=0)
    return tuple(made for made in undone if _order(made) == latest)


def _order(node: Node) -> int:
    """Return where a result stands among the undone ones of its source."""
    return int(node.GetAttribute(UNDONE).split()[0])


def _set_aside(node: Node, order: int) -> None:
    """Put a hidden twin in place of a result; note whether that was shown."""
    node.SetAttribute(UNDONE, f"{order} {'shown' if is_shown(node) else 'hidden'}")
    show_model(_replaced(node, hidden=True), shown=False)


def _bring_back(node: Node) -> Node:
    """Put a result in place of its hidden twin, in the case of its source; return it."""
    was_shown = node.GetAttribute(UNDONE).endswith("shown")
    node.SetAttribute(UNDONE, None)
    result = _replaced(node, hidden=False)
    source = source_of(result)
    place_in_case(result.GetScene(), result, case_of(source) or str(source.GetName()), stage_of(result))
    show_model(result, shown=was_shown)
    return result


def _replaced(node: Node, *, hidden: bool) -> Node:
    """Put a twin in place of a model, hidden from editors or not; the chain's references follow."""
    scene = node.GetScene()
    twin = scene.CreateNodeByClass(node.GetClassName())
    twin.UnRegister(None)
    twin.Copy(node)
    twin.SetAndObservePolyData(node.GetPolyData())
    twin.SetHideFromEditors(hidden)
    twin = scene.AddNode(twin)
    for other in _nodes(scene):
        _follow(other, node, twin)
    # Display and storage belong to the twin now: nobody shall clear them away with the node.
    node.RemoveAllDisplayNodeIDs()
    node.SetAndObserveStorageNodeID(None)
    leave_case(node)
    scene.RemoveNode(node)
    return twin


def _follow(node: Node, before: Node, after: Node) -> None:
    """Let the references of FluoroPrint's own roles lead to another node."""
    roles = [node.GetNthNodeReferenceRole(n) for n in range(node.GetNumberOfNodeReferenceRoles())]
    for role in roles:
        if role.startswith("FluoroPrint.") and node.GetNodeReferenceID(role) == before.GetID():
            node.SetNodeReferenceID(role, after.GetID())


def _nodes(scene: Scene) -> list[Node]:
    return [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]


def _refuse(lacking: str) -> None:
    if lacking:
        raise FluoroPrintError(lacking)

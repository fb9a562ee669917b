"""How far a case is: told from the nodes of the scene, whoever made them.

Nodes belong together that came from one another: results of FluoroPrint know their source, a segmentation of
the Segment Editor knows the volume it was drawn on. The first of them gives the case its title.
"""

from __future__ import annotations

from dataclasses import dataclass

from .cases import STAGES, case_of
from .models import is_shown
from .nodes import SHOWN, Node, Scene
from .provenance import seconds_of, source_of, stage_of
from .sweeps import is_sweep_node

DONE, READY, WAITING = "done", "ready", "waiting"
_CLASSES = {
    "vtkMRMLScalarVolumeNode": "Acquire",
    "vtkMRMLSegmentationNode": "Segment",
    "vtkMRMLModelNode": "Model",
}
_PLAIN_STAGES = ("Print", "Plan")
_DRAWN_ON = "referenceImageGeometryRef"


@dataclass(frozen=True)
class StageState:
    """Where a case stands in one of its stages.

    Attributes
    ----------
    stage : one of `STAGES`
    state : `DONE`, `READY` (what it needs is there) or `WAITING`
    nodes : what was made, in the scene's order
    seconds : how long making it took, None where that is not known
    """

    stage: str
    state: str
    nodes: tuple[Node, ...] = ()
    seconds: float | None = None


@dataclass(frozen=True)
class CaseState:
    """Where a case stands.

    Attributes
    ----------
    title : of the case, empty for none
    sweep, volume, segmentation, model : the latest of each, None where there is none
    stages : the five of `STAGES`
    """

    title: str
    sweep: Node
    volume: Node
    segmentation: Node
    model: Node
    stages: tuple[StageState, ...]


def case_titles(scene: Scene) -> tuple[str, ...]:
    """Return the titles of the cases in a scene, in their order."""
    return tuple(dict.fromkeys(_title_of(node) for node in _case_nodes(scene)))


def case_state(scene: Scene, title: str) -> CaseState:
    """Return where a case stands; a title that no node belongs to gives an empty one."""
    nodes = [node for node in _case_nodes(scene) if _title_of(node) == title]
    latest = {
        "sweep": _last([node for node in nodes if is_sweep_node(node)]),
        "volume": _last(
            [node for node in nodes if node.IsA("vtkMRMLVolumeNode") and not is_sweep_node(node)]
        ),
        "segmentation": _last([node for node in nodes if node.IsA("vtkMRMLSegmentationNode")]),
        "model": _last([node for node in nodes if node.IsA("vtkMRMLModelNode")]),
    }
    needed = {
        "Acquire": True,
        "Segment": latest["volume"],
        "Model": latest["segmentation"],
        "Print": latest["model"],
        "Plan": latest["model"] and latest["sweep"],
    }
    found = {stage: [node for node in nodes if _stage(node) == stage] for stage in STAGES}
    done = {stage: bool(found[stage]) for stage in STAGES} | {"Acquire": latest["volume"] is not None}
    stages = tuple(_state(stage, found[stage], done[stage], bool(needed[stage])) for stage in STAGES)
    return CaseState(title, stages=stages, **latest)


def _state(stage: str, nodes: list[Node], is_done: bool, is_ready: bool) -> StageState:
    seconds = [taken for taken in map(seconds_of, nodes) if taken is not None]
    state = DONE if is_done else READY if is_ready else WAITING
    return StageState(stage, state, tuple(nodes), sum(seconds) if seconds else None)


def _last(nodes: list[Node]) -> Node:
    return nodes[-1] if nodes else None


def _case_nodes(scene: Scene) -> list[Node]:
    nodes = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return [node for node in nodes if _stage(node)]


def _stage(node: Node) -> str:
    """Return the stage that a node belongs to; empty for what is no result."""
    if node.GetHideFromEditors() or not node.GetSaveWithScene() or node.GetAttribute(SHOWN):
        return ""
    for class_name, stage in _CLASSES.items():
        if node.GetClassName() == class_name:
            return stage_of(node) or stage
    return stage_of(node) if stage_of(node) in _PLAIN_STAGES else ""


def _title_of(node: Node) -> str:
    root = _root(node)
    return case_of(root) or str(root.GetName())


def _root(node: Node) -> Node:
    """Return the first of the nodes that a node came from."""
    seen = {node.GetID()}
    while (source := source_of(node) or node.GetNodeReference(_DRAWN_ON)) is not None:
        if source.GetID() in seen:
            break
        seen.add(source.GetID())
        node = source
    return node


def case_models(node: Node) -> tuple[Node, ...]:
    """Return the visible models of the case that a model belongs to, itself among them."""
    title = _title_of(node)
    models = [n for n in _case_nodes(node.GetScene()) if n.IsA("vtkMRMLModelNode") and _title_of(n) == title]
    return tuple(n for n in models if n is node or is_shown(n))

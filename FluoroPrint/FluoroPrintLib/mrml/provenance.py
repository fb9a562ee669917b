"""Where each node came from: a reference to its source, parameters as attributes, all in one text node."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from ..parameters import Parameters
from .nodes import UNDONE, Node, Scene, attribute_names

SOURCE_ROLE = "FluoroPrint.Source"
FIGURES_ROLE = "FluoroPrint.Figures"
PROVENANCE_NAME = "FluoroPrint provenance"
SCHEMA_VERSION = 1
_STAGE = "FluoroPrint.Stage"
_SECONDS = "FluoroPrint.Seconds"
_PARAMETER = "FluoroPrint.Parameter."


def set_provenance(
    result: Node,
    source: Node,
    stage: str,
    parameters: Parameters | None = None,
    seconds: float | None = None,
) -> None:
    """Record on a node what it was made from, by which stage, with which parameters.

    Parameters
    ----------
    result : the node that was made
    source : the node it was made from, or None for an import
    stage : what made it, such as "Segment"
    parameters : the stage's parameters; each becomes an attribute, as JSON
    seconds : how long the stage took
    """
    if source is not None:
        result.SetNodeReferenceID(SOURCE_ROLE, source.GetID())
    result.SetAttribute(_STAGE, stage)
    if seconds is not None:
        result.SetAttribute(_SECONDS, f"{seconds:.2f}")
    if parameters is not None:
        for name, value in dataclasses.asdict(parameters).items():
            result.SetAttribute(f"{_PARAMETER}{name}", json.dumps(value))


def source_of(node: Node) -> Node:
    """Return the node that a node was made from, None where it is not recorded."""
    return node.GetNodeReference(SOURCE_ROLE)


def stage_of(node: Node) -> str:
    """Return the stage that made a node, empty where none is recorded."""
    return node.GetAttribute(_STAGE) or ""


def seconds_of(node: Node) -> float | None:
    """Return how long the stage that made a node took; None where that is not recorded."""
    text = node.GetAttribute(_SECONDS)
    return float(text) if text else None


def parameters_of(node: Node) -> dict[str, Any]:
    """Return the recorded parameters of the stage that made a node."""
    names = [name for name in attribute_names(node) if name.startswith(_PARAMETER)]
    return {name.removeprefix(_PARAMETER): json.loads(node.GetAttribute(name)) for name in names}


def provenance_of_scene(scene: Scene) -> dict[str, Any]:
    """Return the provenance of every node that a stage made, JSON types only, in the scene's order."""
    return {"schema": SCHEMA_VERSION, "results": [_entry(node) for node in _results(scene)]}


def write_provenance_text(scene: Scene) -> Node:
    """Collect the provenance of the scene into its one vtkMRMLTextNode, and return that node."""
    found = [
        node for node in _nodes(scene) if node.GetName() == PROVENANCE_NAME and node.IsA("vtkMRMLTextNode")
    ]
    text = found[0] if found else scene.AddNewNodeByClass("vtkMRMLTextNode", PROVENANCE_NAME)
    text.SetText(json.dumps(provenance_of_scene(scene), indent=1))
    return text


def _entry(node: Node) -> dict[str, Any]:
    source = source_of(node)
    return {
        "node": node.GetName(),
        "id": node.GetID(),
        "stage": node.GetAttribute(_STAGE),
        "source": source.GetName() if source is not None else None,
        "source_id": source.GetID() if source is not None else None,
        "parameters": parameters_of(node),
        "seconds": seconds_of(node),
    }


def _results(scene: Scene) -> Iterator[Node]:
    return (n for n in _nodes(scene) if n.GetAttribute(_STAGE) and not n.GetAttribute(UNDONE))


def _nodes(scene: Scene) -> Iterator[Node]:
    return (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))

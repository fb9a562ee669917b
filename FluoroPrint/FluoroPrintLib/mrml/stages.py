"""One way from a node to the nodes that a stage makes of it, whatever the stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import FluoroPrintError
from ..geometry.sweep import Sweep
from ..geometry.volume import Volume
from ..mesh.cleaning import Repair
from ..parameters import Parameters
from ..progress import Progress, part_of, silent
from ..segmentation.methods import Hints
from ..segmentation.segments import Segmentation
from ..shape.shaped import Part, Shaped
from .cases import place_in_case
from .models import add_model, add_part, add_repair, surface_from_node
from .nodes import Node, Scene
from .provenance import FIGURES_ROLE, set_provenance, write_provenance_text
from .segmentations import add_segmentation, segmentation_from_node
from .shape_steps import forget_undone, keep_step, next_step
from .sweeps import GEOMETRY_ROLE, add_sweep, is_sweep_node, sweep_from_nodes
from .tables import add_figures
from .volumes import add_volume, volume_from_node

DEFAULT_CASE = "FluoroPrint case"


@dataclass(frozen=True)
class Stage:
    """A step of the case as the scene knows it.

    Attributes
    ----------
    name : the folder in the subject hierarchy
    function : ``function(data, parameters, progress)``, pure; `data` is what the input node holds
    result_name : what its result is called; models keep their own names
    operation : the word of the operation that shapes a model, "drill"; its results can be undone
    """

    name: str
    function: Callable[[Any, Any, Progress], Any]
    result_name: str
    operation: str = ""


def reconstruction_stage() -> Stage:
    """Return the stage from sweep to volume."""
    from ..reconstruction.fdk import reconstruct

    return Stage("Acquire", reconstruct, "Volume")


def segmentation_stage() -> Stage:
    """Return the stage from volume to bone."""
    from ..segmentation.bone import segment_bone

    return Stage("Segment", segment_bone, "Bone")


def method_stage(name: str, hints: Hints = Hints()) -> Stage:  # noqa: B008 - frozen
    """Return the stage from volume to segmentation by one of `segmentation.methods`, with what it needs."""
    from ..segmentation.methods import find_by, method_named

    method = method_named(name)

    def segment(volume: Volume, parameters: Any, progress: Progress) -> Segmentation:
        return find_by(method, volume, parameters, hints, progress).segmentation

    return Stage("Segment", segment, method.title)


def model_stage() -> Stage:
    """Return the stage from segmentation to closed surfaces."""
    from ..mesh.model import models_from_segmentation

    return Stage("Model", models_from_segmentation, "Model")


def repair_stage() -> Stage:
    """Return the stage from model to repaired model."""
    from ..mesh.cleaning import repair_model

    return Stage("Model", repair_model, "Repaired model")


def shape_stage(name: str, other: Node = None) -> Stage:
    """Return the stage from model to shaped models by one of `shape.operations`.

    Parameters
    ----------
    name : of the operation: "drill"
    other : vtkMRMLModelNode of an operation that needs a second model
    """
    from ..shape.operations import operation_named, shape_by

    operation = operation_named(name)
    second = None if other is None else surface_from_node(other)

    def shape(surface: Any, parameters: Any, progress: Progress) -> Shaped:
        return shape_by(operation, surface, parameters, second, progress)

    return Stage("Model", shape, operation.title, operation.name)


def apply_stage(
    scene: Scene,
    stage: Stage,
    input_node: Node,
    parameters: Parameters,
    *,
    case: str = DEFAULT_CASE,
    progress: Progress = silent,
) -> tuple[Node, ...]:
    """Read the data of a node, run a stage on it, add its results with their provenance.

    Nothing is added where the stage fails or is cancelled; the input node is not changed.

    Parameters
    ----------
    scene : vtkMRMLScene
    stage : what to run
    input_node : sweep stack, volume, segmentation or model
    parameters : of the stage
    case : title of the case; results go to its folder in the subject hierarchy
    progress : told how far the stage is

    Returns
    -------
    The nodes that were made.

    Raises
    ------
    FluoroPrintError
        The node is of no use to the stage, or the stage says so.
    Cancelled
        `progress` stopped the work.
    """
    data = data_of(input_node)
    start = time.perf_counter()
    result = stage.function(data, parameters, part_of(progress, 0.0, 0.95))
    progress(0.95, "Adding the result to the scene")
    seconds = time.perf_counter() - start
    nodes = add_result(scene, stage, result, input_node, parameters, case=case, seconds=seconds)
    progress(1.0, "Done")
    return nodes


def add_result(
    scene: Scene,
    stage: Stage,
    result: Any,
    input_node: Node,
    parameters: Parameters,
    *,
    case: str = DEFAULT_CASE,
    seconds: float | None = None,
) -> tuple[Node, ...]:
    """Add what a stage made of a node's data to the scene, with its provenance; return the new nodes.

    What a repair did is kept with its model as a table of figures, what an operation told as the description.
    """
    step = _begun_step(input_node) if stage.operation else 0
    items = _items(result)
    nodes = tuple(_added(scene, item, stage.result_name, input_node, n) for n, item in enumerate(items))
    for node, item in zip(nodes, items, strict=True):
        register_result(scene, node, input_node, stage.name, parameters, case=case, seconds=seconds)
        if isinstance(result, Shaped):
            node.SetDescription(" ".join(result.notes))
            keep_step(node, stage.operation, step, item.word if len(items) > 1 else "")
        if isinstance(item, Repair):
            register_figures(scene, node, item.figures, stage.name, case=case)
    return nodes


def _begun_step(source: Node) -> int:
    """Let what was undone on a model be overtaken by another step; return the number of that."""
    forget_undone(source)
    return next_step(source)


def register_result(
    scene: Scene,
    node: Node,
    source: Node,
    stage: str,
    parameters: Parameters | None = None,
    *,
    case: str = DEFAULT_CASE,
    seconds: float | None = None,
) -> None:
    """Record where a node came from, put it (and a sweep's table) in its folder, refresh the text node."""
    set_provenance(node, source, stage, parameters, seconds)
    place_in_case(scene, node, case, stage)
    geometry = node.GetNodeReference(GEOMETRY_ROLE)
    if geometry is not None:
        place_in_case(scene, geometry, case, stage)
    write_provenance_text(scene)


def register_figures(
    scene: Scene, node: Node, figures: Mapping[str, Any], stage: str, *, case: str = DEFAULT_CASE
) -> Node:
    """Add a table of quality figures of a node, which references it (role `FIGURES_ROLE`).

    Returns
    -------
    vtkMRMLTableNode
    """
    table = add_figures(scene, figures, f"{node.GetName()} figures")
    node.SetNodeReferenceID(FIGURES_ROLE, table.GetID())
    register_result(scene, table, node, stage, case=case)
    return table


def data_of(node: Node) -> Any:
    """Return what a node holds: Sweep, Volume, Segmentation or surface (vtkPolyData).

    Raises
    ------
    FluoroPrintError
        The node is of another kind, or empty.
    """
    if is_sweep_node(node):
        return sweep_from_nodes(node)
    readers = {
        "vtkMRMLScalarVolumeNode": volume_from_node,
        "vtkMRMLSegmentationNode": segmentation_from_node,
        "vtkMRMLModelNode": surface_from_node,
    }
    for class_name, read in readers.items():
        if node is not None and node.IsA(class_name):
            return read(node)
    raise FluoroPrintError(
        f"{node.GetName() if node else 'Nothing'!r} cannot be used here: "
        "choose a sweep, volume, segmentation or model."
    )


def _items(result: Any) -> tuple[Any, ...]:
    if isinstance(result, Shaped):
        return result.parts
    return result if isinstance(result, tuple) else (result,)


def _added(scene: Scene, item: Any, name: str, source: Node, number: int) -> Node:
    if isinstance(item, Sweep):
        return add_sweep(scene, item, name)
    if isinstance(item, Volume):
        return add_volume(scene, item, name)
    if isinstance(item, Segmentation):
        return add_segmentation(scene, item, name, source if source.IsA("vtkMRMLVolumeNode") else None)
    if isinstance(item, Repair):
        return add_repair(scene, item, source)
    if isinstance(item, Part):
        return add_part(scene, item, source, number)
    return add_model(scene, item, f"{item.name} model")

"""Models of a scene, each under its own transform, made to fit each other: one undoable step each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalog.machines import read_catalogue
from ..mesh.model import ModelParameters
from ..mesh.named import NamedModel
from ..printing.machines import Material, material_called
from ..progress import Progress, part_of, silent
from ..shape.assembly import Assembly, AssemblyParameters, fit_order, fit_parts
from ..shape.fit import FitParameters
from .cases import case_of, place_in_case
from .models import named_surface
from .nodes import Node, Scene
from .recipes import case_title
from .stages import Stage, add_result, data_of, model_stage, shape_stage


@dataclass(frozen=True)
class _Source:
    """A node to assemble, and the models that a segmentation gave; None for a model node."""

    node: Node
    models: Any = None

    @property
    def named(self) -> tuple[NamedModel, ...]:
        """The models in world RAS mm."""
        if self.models is None:
            return (named_surface(self.node),)
        return tuple(NamedModel(each.name, each.colour, each.surface) for each in self.models)


def assemble(
    scene: Scene,
    nodes: Sequence[Node],
    parameters: FitParameters | None = None,
    who: AssemblyParameters | None = None,
    *,
    materials: Sequence[Material] | None = None,
    progress: Progress = silent,
) -> tuple[Node, ...]:
    """Bring models of one scene into one case, in world RAS mm, so that they fit each other.

    Whatever was imaged by another modality and registered in the scene joins as it stands there. A part that
    makes room becomes a new model, step by step, each of which can be undone; the others stay as they are.

    Parameters
    ----------
    scene : vtkMRMLScene
    nodes : vtkMRMLModelNode or vtkMRMLSegmentationNode each, under any transforms (a segmentation: linear
        ones); of a segmentation each segment becomes a model
    parameters : clearance and grid; defaults where left out
    who : who makes room for whom; the stiffer are told by the materials that nodes keep; defaults as well
    materials : of the catalogue, the shipped ones unless given
    progress : told how far the work is; may cancel

    Returns
    -------
    vtkMRMLModelNode of each part, in the order of the nodes and segments.

    Raises
    ------
    FluoroPrintError
        A node holds no closed model, or nothing would be left of one; the scene stays as it was.
    Cancelled
        `progress` stopped the work; the scene stays as it was.
    """
    parameters, who, stage = parameters or FitParameters(), who or AssemblyParameters(), model_stage()
    sources = [_source(node, stage, part_of(progress, 0.0, 0.3)) for node in nodes]
    named = [model for source in sources for model in source.named]
    made = _fitted(named, parameters, who, materials, part_of(progress, 0.3, 0.95))
    case = next(filter(None, map(case_of, nodes)), case_title(nodes[0]))
    return _added_steps(scene, _added_models(scene, sources, stage, case), made, parameters, case)


def fitting_of(
    nodes: Sequence[Node], parameters: FitParameters, materials: Sequence[Material] | None = None
) -> Callable[[Progress], Assembly]:
    """Read models of one case; return what fits them as `assemble` does, in a thread where wanted.

    What it gives is for `add_fitted`.
    """
    named = [named_surface(node) for node in nodes]
    return lambda progress: _fitted(named, parameters, AssemblyParameters(), materials, progress)


def add_fitted(
    scene: Scene, nodes: Sequence[Node], made: Assembly, parameters: FitParameters
) -> tuple[Node, ...]:
    """Add what fitting the models of a case made to the scene; return the models, in their order."""
    return _added_steps(scene, list(nodes), made, parameters, case_title(nodes[0]))


def _fitted(
    named: Sequence[NamedModel],
    parameters: FitParameters,
    who: AssemblyParameters,
    materials: Sequence[Material] | None,
    progress: Progress,
) -> Assembly:
    if not who.fit:
        return Assembly(tuple(named))
    known = materials or read_catalogue().materials
    order = fit_order([_kind(model.material, known) for model in named], who.whole)
    return fit_parts(named, order, parameters, progress)


def _source(node: Node, stage: Stage, progress: Progress) -> _Source:
    if node is None or not node.IsA("vtkMRMLSegmentationNode"):
        return _Source(node)
    return _Source(node, stage.function(data_of(node), ModelParameters(), progress))


def _kind(name: str, known: Sequence[Material]) -> str:
    material = material_called(name, known)
    return material.kind if material is not None else ""


def _added_models(scene: Scene, sources: Sequence[_Source], stage: Stage, case: str) -> list[Node]:
    """Return a model node of each part, all in the case; those of segmentations are added."""
    parts: list[Node] = []
    for source in sources:
        if source.models is not None:
            parts += add_result(scene, stage, source.models, source.node, ModelParameters(), case=case)
            continue
        place_in_case(scene, source.node, case, stage.name)
        parts.append(source.node)
    return parts


def _added_steps(
    scene: Scene, parts: list[Node], made: Assembly, parameters: FitParameters, case: str
) -> tuple[Node, ...]:
    """Add what each step made to the scene, one after another; return the parts at the end."""
    stage = shape_stage("fit")
    for step in made.steps:
        (node,) = add_result(scene, stage, step.shaped, parts[step.number], parameters, case=case)
        parts[step.number] = node
    return tuple(parts)

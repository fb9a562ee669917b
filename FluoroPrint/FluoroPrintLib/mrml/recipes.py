"""Recipes in the scene: each step's results become models of a chain, as if each had been done by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..parameters import Parameters
from ..planning.plan import Plan
from ..progress import Progress, part_of, silent
from ..shape.operations import operation_named
from ..shape.planned import PlannedCutsParameters, left_as_pieces, made_as_planned, planned_steps
from ..shape.recipe import Made, Piece, Step, made_in_steps
from .cases import case_of
from .models import named_surface, surface_from_node
from .nodes import Node, Scene
from .shape_places import placed
from .shape_steps import keep_shape
from .stages import add_result, apply_stage, shape_stage

Making = Callable[[Progress], tuple[Made, ...]]


def shape(
    scene: Scene,
    node: Node,
    name: str,
    parameters: Parameters | None = None,
    *,
    place: Node = None,
    other: Node = None,
    progress: Progress = silent,
) -> tuple[Node, ...]:
    """Shape a model by one operation; return the models that were made, in the case of their source.

    Parameters
    ----------
    scene : vtkMRMLScene
    node : vtkMRMLModelNode; it is hidden and otherwise stays as it was
    name : of the operation: "drill"
    parameters : of the operation; its defaults where left out
    place : vtkMRMLMarkupsNode that says where, see `shape_places`; None: the parameters do
    other : vtkMRMLModelNode of an operation that needs a second model
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The operation cannot be done; nothing is added.
    Cancelled
        `progress` stopped the work; nothing is added.
    """
    found = placed(name, parameters or operation_named(name).parameters(), place)
    return apply_stage(scene, shape_stage(name, other), node, found, case=case_title(node), progress=progress)


def replay(
    scene: Scene, node: Node, steps: Sequence[Step], other: Node = None, progress: Progress = silent
) -> tuple[Node, ...]:
    """Take a model through a recipe; return the models at its end.

    The models between are in the scene too, hidden, so that each step can be undone. Arguments and faults
    are those of `shape`; nothing is added where a step fails.
    """
    making = making_of(node, steps, other)
    return add_made(scene, node, making(part_of(progress, 0.0, 0.95)))


def making_of(node: Node, steps: Sequence[Step], other: Node = None) -> Making:
    """Read the models of a replay; return what computes it without the scene, in a thread where wanted."""
    named = named_surface(node)
    piece = Piece(named.name, named.surface, named.colour, named.warnings)
    second = None if other is None else surface_from_node(other)
    return lambda progress: made_in_steps((piece,), steps, second, progress)


def planned_making_of(
    node: Node, plan: Plan, parameters: PlannedCutsParameters | None = None
) -> Callable[[Progress], tuple[tuple[Made, ...], tuple[str, ...]]]:
    """Read a model; return what drills and cuts it as planned without the scene, in a thread where wanted.

    It gives what was made, for `add_made`, and a sentence for each object that does not meet the model, or
    is cut elsewhere.

    Raises
    ------
    FluoroPrintError
        The plan holds nothing that cuts, or an object lacks its points or cannot be drawn.
    """
    named, steps = named_surface(node), planned_steps(plan, parameters or PlannedCutsParameters())
    piece = Piece(named.name, named.surface, named.colour, named.warnings)

    def making(progress: Progress) -> tuple[tuple[Made, ...], tuple[str, ...]]:
        made, missed = made_as_planned((piece,), steps, progress)
        return made, (*missed, *left_as_pieces(plan))

    return making


def cut_as_planned(
    scene: Scene,
    node: Node,
    plan: Plan,
    parameters: PlannedCutsParameters | None = None,
    progress: Progress = silent,
) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    """Drill and cut a model as a plan says, each step to be undone.

    Parameters
    ----------
    scene : vtkMRMLScene
    node : vtkMRMLModelNode; it is hidden and otherwise stays as it was
    plan : of `files.plan_files.read_plan`
    parameters : clearance of holes, blade of cuts, whether implants are taken out; defaults where left out
    progress : told how far the work is; may cancel

    Returns
    -------
    The models at the end, and a sentence for each object of the plan that does not meet the model.

    Raises
    ------
    FluoroPrintError
        Nothing of the plan meets the model, or a step cannot be done; nothing is added.
    Cancelled
        `progress` stopped the work; nothing is added.
    """
    making = planned_making_of(node, plan, parameters)
    made, missed = making(part_of(progress, 0.0, 0.95))
    return add_made(scene, node, made), missed


def add_made(scene: Scene, node: Node, made: Sequence[Made]) -> tuple[Node, ...]:
    """Add the models of all steps of a replay to the scene; return those at its end."""
    case = case_title(node)
    nodes = {id(made[0].source): node}
    for each in made:
        stage, source = shape_stage(each.step.operation.name), nodes.pop(id(each.source))
        results = add_result(scene, stage, each.shaped, source, each.step.parameters, case=case)
        if each.step.shape is not None:
            keep_shape(results, each.step.shape)
        nodes |= {id(piece): result for piece, result in zip(each.pieces, results, strict=True)}
    return tuple(nodes.values())


def case_title(node: Node) -> str:
    """Return the title of a model's case: its own name where it is in none."""
    return case_of(node) or str(node.GetName())

"""The pieces of bone of a plan in the scene: a model each, under a transform of its own."""

from __future__ import annotations

from collections.abc import Sequence

from ..mesh.named import NamedModel
from ..planning.pieces import PlannedPiece
from .cases import place_in_case, remove_from_case
from .models import add_model, distinct_colour
from .nodes import SHOWN, Node, Scene, vtk_matrix
from .plan_objects import DRAWING, PIECE, PLAN_ROLE, pieces_of_plan
from .plan_store import STAGE, case_of_plan
from .provenance import SOURCE_ROLE

BONE = (0.93, 0.87, 0.74)


def show_pieces(node: Node, pieces: Sequence[PlannedPiece]) -> dict[str, Node]:
    """Show the pieces of a plan, moved as planned; in the place of those shown before.

    A model holds its piece where it was taken, so that a transform set to identity shows the bone as it was.

    Parameters
    ----------
    node : vtkMRMLTextNode of the plan
    pieces : as `planning.pieces.pieces_in` returns them

    Returns
    -------
    vtkMRMLModelNode of each piece by its name.
    """
    scene = node.GetScene()
    for old in pieces_of_plan(node):
        remove_from_case(old)
    return {piece.name: _add(scene, node, piece, number) for number, piece in enumerate(pieces)}


def _add(scene: Scene, plan: Node, piece: PlannedPiece, number: int) -> Node:
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", f"{piece.name} moved")
    transform.SetMatrixTransformToParent(vtk_matrix(piece.to_place))
    model = add_model(scene, NamedModel(piece.name, distinct_colour(BONE, number), piece.surface))
    model.SetAttribute(SHOWN, DRAWING)
    model.SetAndObserveTransformNodeID(transform.GetID())
    for added in (transform, model):
        added.SetAttribute(PIECE, piece.name)
        added.SetNodeReferenceID(PLAN_ROLE, plan.GetID())
        added.SetNodeReferenceID(SOURCE_ROLE, plan.GetID())
        place_in_case(scene, added, case_of_plan(plan), STAGE)
    return model

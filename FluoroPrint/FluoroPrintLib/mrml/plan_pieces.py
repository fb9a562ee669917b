"""The pieces of a plan in the scene: a model each, under a transform of its own, beside the plan.

The plan's node keeps whose pieces are shown and what they were made from, so that it is known, in a saved
scene too, whether they are those of the plan as it is now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..mesh.named import NamedModel
from ..planning.pieces import BONE, PlannedPiece, shown_with, told_of_pieces
from ..planning.plan import Plan, Planned
from .cases import place_in_case, remove_from_case
from .deviations import show_model
from .models import add_model, colour_of, distinct_colour, surface_from_node
from .nodes import SHOWN, Node, Scene, vtk_matrix
from .plan_passes import bone_shown_after
from .plan_store import DRAWING, PLAN_ROLE, STAGE, case_of_plan
from .provenance import SOURCE_ROLE
from .stages import register_result

PIECE = "FluoroPrint.Piece"
"""Attribute of the model and the transform of a piece: its name."""
PIECES_OF, MADE_FROM = "FluoroPrint.PiecesOf", "FluoroPrint.PiecesMadeFrom"
HIDDEN = "FluoroPrint.PiecesBone"
"""Role at the plan's node of the bone that is hidden while its pieces are shown."""


def show_pieces(node: Node, pieces: Sequence[PlannedPiece], bone: Node = None) -> dict[str, Node]:
    """Show pieces of a plan, moved as planned; in the place of those shown before.

    A model holds its piece where it was taken, so that a transform set to identity shows the bone as it was.

    Parameters
    ----------
    node : vtkMRMLTextNode of the plan
    pieces : as `planning.pieces` returns them
    bone : vtkMRMLModelNode or vtkMRMLSegmentationNode that the pieces stand for; it is hidden meanwhile

    Returns
    -------
    vtkMRMLModelNode of each piece by its name.
    """
    scene = node.GetScene()
    hide_pieces(node)
    if bone is not None and any(piece.colour == BONE for piece in pieces):
        node.SetNodeReferenceID(HIDDEN, bone.GetID())
        show_model(bone, shown=False)
    return {piece.name: _add(scene, node, piece, number) for number, piece in enumerate(pieces)}


def hide_pieces(node: Node) -> None:
    """Take the pieces of a plan away, and show the bone that they stood for."""
    for old in nodes_of_pieces(node):
        remove_from_case(old)
    bone = node.GetNodeReference(HIDDEN)
    node.RemoveNodeReferenceIDs(HIDDEN)
    for name in (PIECES_OF, MADE_FROM):
        node.RemoveAttribute(name)
    if bone is not None and bone_shown_after(node) is None:
        show_model(bone, shown=True)


def nodes_of_pieces(node: Node) -> list[Node]:
    """Return the models and transforms of the pieces of a plan."""
    scene = node.GetScene()
    known = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return [each for each in known if each.GetAttribute(PIECE) and each.GetNodeReference(PLAN_ROLE) is node]


def pieces_shown(node: Node) -> dict[str, Node]:
    """Return the models of the pieces of a plan by their names; none where none are shown, or no plan is."""
    found = nodes_of_pieces(node) if node is not None else []
    return {each.GetAttribute(PIECE): each for each in found if each.IsA("vtkMRMLModelNode")}


def keep_made_from(node: Node, planned: Planned, stamp: str) -> None:
    """Keep whose pieces are shown and what they were made from, as `stamp_of_pieces` tells it."""
    node.SetAttribute(PIECES_OF, planned.id)
    node.SetAttribute(MADE_FROM, stamp)


def object_in_pieces(node: Node, plan: Plan) -> Planned | None:
    """Return the object whose pieces are shown; None where none are, or it is no longer in the plan."""
    name = node.GetAttribute(PIECES_OF) if node is not None else None
    return next((planned for planned in plan.objects if planned.id == name), None)


def are_of_plan(node: Node, plan: Plan, bones: Sequence[Node]) -> bool:
    """Say whether the pieces shown are those of a plan as it is, in these bones (see `stamp_of_pieces`)."""
    planned = object_in_pieces(node, plan)
    return planned is not None and node.GetAttribute(MADE_FROM) == stamp_of_pieces(plan, planned, bones)


def stamp_of_pieces(plan: Plan, planned: Planned, bones: Sequence[Node]) -> str:
    """Return what changes with the pieces of an object: its cuts and moves, the bones and their places.

    Parameters
    ----------
    plan : that holds the object
    planned : the object
    bones : vtkMRMLModelNode or vtkMRMLSegmentationNode each, or None
    """
    told = told_of_pieces(shown_with(plan, planned)), [_outside(bone) for bone in bones]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _outside(bone: Node) -> Any:
    """Return which node a bone is and its box, to a hundredth of a millimetre: a saved scene keeps these."""
    if bone is None:
        return None
    box = np.zeros(6)
    bone.GetRASBounds(box)
    return bone.GetID(), np.round(box, 2).tolist()


def model_of_piece(shown: Node) -> Node:
    """Return a model of the case made of a piece where it stands now; the piece itself is hidden.

    Parameters
    ----------
    shown : vtkMRMLModelNode of `pieces_shown`

    Returns
    -------
    vtkMRMLModelNode under no transform, for FluoroPrint Prepare to go on with.
    """
    scene, plan = shown.GetScene(), shown.GetNodeReference(PLAN_ROLE)
    named = NamedModel(shown.GetAttribute(PIECE), colour_of(shown), surface_from_node(shown))
    model = add_model(scene, named)
    register_result(scene, model, plan, "Model", case=case_of_plan(plan))
    show_model(shown, shown=False)
    return model


def _add(scene: Scene, plan: Node, piece: PlannedPiece, number: int) -> Node:
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", f"{piece.name} moved")
    transform.SetMatrixTransformToParent(vtk_matrix(piece.to_place))
    colour = distinct_colour(BONE, number) if piece.colour == BONE else piece.colour
    model = add_model(scene, NamedModel(piece.name, colour, piece.surface))
    model.SetAttribute(SHOWN, DRAWING)
    model.SetAndObserveTransformNodeID(transform.GetID())
    for added in (transform, model):
        added.SetAttribute(PIECE, piece.name)
        added.SetNodeReferenceID(PLAN_ROLE, plan.GetID())
        added.SetNodeReferenceID(SOURCE_ROLE, plan.GetID())
        place_in_case(scene, added, case_of_plan(plan), STAGE)
    return model

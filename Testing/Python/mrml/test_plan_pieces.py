"""Pieces of bone of a plan in the scene, each moved by a transform of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.mrml.models import surface_from_node
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.plan_objects import (
    drawings_of,
    handles_of,
    keep_and_show,
    remove_plan,
    show_plan,
    take_up_drags,
)
from FluoroPrintLib.mrml.plan_pieces import (
    are_of_plan,
    hide_pieces,
    keep_made_from,
    nodes_of_pieces,
    pieces_shown,
    show_pieces,
    stamp_of_pieces,
)
from FluoroPrintLib.mrml.plan_store import add_plan, history_of, plan_of
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.planning.craniotomy_planner import plan_craniotomy
from FluoroPrintLib.planning.curve_cut import planned_curve_cut
from FluoroPrintLib.planning.guide_parameters import CutPlane
from FluoroPrintLib.planning.osteotomy_objects import Osteotomy, planned_osteotomy
from FluoroPrintLib.planning.pieces import Bones, pieces_in
from FluoroPrintLib.planning.plan import Plan
from FluoroPrintLib.progress import silent
from FluoroPrintLib.segmentation.segments import Segment, Segmentation

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))

from bone_solids import box, cap_places, request, shell

SHAFT = (30, 20, 80)


def plan():
    cut = Osteotomy((CutPlane((0, 0, 0), (0, 0, 1)),), 0.0, (0.0, 0.0, 0.0), (0.0, 0.0, 1.0), 90.0)
    return Plan("case", objects=(planned_osteotomy("osteotomy-1", "Shaft", cut, box(SHAFT)),))


def test_pieces_stand_under_transforms_of_their_own(scene):
    node = add_plan(scene, plan(), "case", None, "Plan")
    show_plan(node)
    before = scene.GetNumberOfNodes()
    shown = show_pieces(node, pieces_in(plan_of(node), Bones(box(SHAFT))))
    assert len(shown) == 2
    upper = max(shown.values(), key=lambda model: model.GetPolyData().GetBounds()[5])
    low, high = np.reshape(surface_from_node(upper).GetBounds(), (3, 2)).T
    assert (*low, *high) == pytest.approx((-10, -15, 0, 10, 15, 40), abs=1e-4)
    upper.GetParentTransformNode().SetMatrixTransformToParent(vtk_matrix(np.eye(4)))
    assert np.ptp(points_of(surface_from_node(upper))[:, 0]) == pytest.approx(30)
    count = scene.GetNumberOfNodes()
    show_pieces(node, pieces_in(plan_of(node), Bones(box(SHAFT))))
    assert scene.GetNumberOfNodes() == count, "shown again they take the place of the others"
    assert len(nodes_of_pieces(node)) == 4
    show_pieces(node, ())
    assert scene.GetNumberOfNodes() == before
    show_pieces(node, pieces_in(plan_of(node), Bones(box(SHAFT))))
    remove_plan(node)
    left = [scene.GetNthNode(number) for number in range(scene.GetNumberOfNodes())]
    assert not [each for each in left if each.GetAttribute("FluoroPrint.Piece")]


def test_the_places_of_a_curve_are_dragged_added_and_taken_away(scene):
    asked = {"place": cap_places(60.0, 0.5)}
    flap = plan_craniotomy(request(shell(60, 54), asked), silent)
    node = add_plan(scene, flap, "case", None, "Plan")
    show_plan(node)
    handle = handles_of(node)["craniotomy-1"]
    assert handle.IsA("vtkMRMLMarkupsClosedCurveNode")
    assert handle.GetNumberOfControlPoints() == 8
    before = plan_of(node).objects[0]
    np.testing.assert_allclose(before.points["curve"], asked["place"], atol=1e-5)
    further = cap_places(60.0, 0.7)[2]
    handle.SetNthControlPointPositionWorld(2, *further)
    found = take_up_drags(node).present.objects[0]
    assert found.points["curve"][2] == pytest.approx(further, abs=1e-4)
    assert found.figures["perimeter"].value > before.figures["perimeter"].value
    drawn = drawings_of(node)["craniotomy-1"]
    near = np.linalg.norm(points_of(surface_from_node(drawn)) - further, axis=1)
    assert near.min() < 4.0, "what is drawn goes through the place"
    handle.AddControlPointWorld(tuple(np.multiply(1.01, cap_places(60.0, 0.5, 16)[15])), "")
    assert len(take_up_drags(node).present.objects[0].points["curve"]) == 9
    keep_and_show(node, history_of(node).undone())
    assert handle.GetNumberOfControlPoints() == 8
    show_pieces(node, pieces_in(plan_of(node), Bones(shell(60, 54))))
    assert len(nodes_of_pieces(node)) == 4


def test_an_open_curve_is_one_of_slicers(scene):
    places = ((-10.0, 0.0, 40.0), (10.0, 0.0, 40.0))
    cut = planned_curve_cut("cut-1", "Cut", places, (0.0, 0.0, -1.0), 1.0, (1.0, 1.0))
    node = add_plan(scene, Plan(objects=(cut,)), "case", None, "Plan")
    show_plan(node)
    handle = handles_of(node)["cut-1"]
    assert handle.GetClassName() == "vtkMRMLMarkupsCurveNode"
    handle.SetNthControlPointPositionWorld(1, 10.0, 5.0, 40.0)
    assert take_up_drags(node).present.objects[0].points["curve"][1] == pytest.approx((10, 5, 40), abs=1e-4)
    handle.RemoveNthControlPoint(1)
    assert len(take_up_drags(node).present.objects[0].points["curve"]) == 2, "too few places are no change"
    assert handle.GetNumberOfControlPoints() == 2


def test_pieces_know_whether_they_are_of_the_plan_and_the_bone_as_they_are(scene):
    volume = Volume(np.pad(np.ones((20, 20, 20), np.uint8), 2), np.eye(4))
    bone = add_segmentation(scene, Segmentation(volume, (Segment("Bone", 1, (1.0, 1.0, 1.0)),)), "Bone")
    node = add_plan(scene, plan(), "case", bone, "Plan")
    planned, bones = plan_of(node).objects[0], (bone, None)
    show_pieces(node, pieces_in(plan_of(node), Bones(box(SHAFT))), bone)
    assert bone.GetDisplayNode().GetVisibility() == 0
    assert not are_of_plan(node, plan_of(node), bones)
    keep_made_from(node, planned, stamp_of_pieces(plan_of(node), planned, bones))
    assert are_of_plan(node, plan_of(node), bones)
    moved = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    shift = np.eye(4)
    shift[0, 3] = 5.0
    moved.SetMatrixTransformToParent(vtk_matrix(shift))
    bone.SetAndObserveTransformNodeID(moved.GetID())
    assert not are_of_plan(node, plan_of(node), bones)
    hide_pieces(node)
    assert bone.GetDisplayNode().GetVisibility() == 1
    assert pieces_shown(node) == {}


def test_an_osteotomy_is_dragged_by_a_plane_in_the_scene(scene):
    node = add_plan(scene, plan(), "case", None, "Plan")
    show_plan(node)
    handle = handles_of(node)["osteotomy-1"]
    assert handle.IsA("vtkMRMLMarkupsPlaneNode")
    handle.SetOriginWorld(0.0, 0.0, 7.0)
    found = take_up_drags(node).present.objects[0]
    assert found.points["origin"][0] == pytest.approx((0, 0, 7), abs=1e-4)
    assert found.points["hinge"][0] == pytest.approx((0, 0, 7), abs=1e-4)

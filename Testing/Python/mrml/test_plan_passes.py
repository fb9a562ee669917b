"""The bone after the passes of a plan as a model of the scene: one node, as the plan says, undone with it."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of, signed_volume_mm3, triangles_of
from FluoroPrintLib.mrml.cases import case_of
from FluoroPrintLib.mrml.files import open_case, write_case
from FluoroPrintLib.mrml.models import add_model, is_model, is_shown, surface_from_node
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.plan_objects import handles_of, keep_and_show, remove_plan, show_plan, take_up_drags
from FluoroPrintLib.mrml.plan_passes import (
    COLOURS,
    bone_shown_after,
    follow_passes,
    hide_bone_after,
    show_bone_after,
)
from FluoroPrintLib.mrml.plan_store import add_plan, history_of, plan_of, plans_of
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.instrument import DrillPass
from FluoroPrintLib.planning.instrument_objects import DRILLING, planned_drilling
from FluoroPrintLib.planning.plan import Plan
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.shape.solids import engine, surface_of
from vtkmodules.util.numpy_support import vtk_to_numpy

AREA = np.pi * 3.2**2 / 4
WHOLE = 40 * 40 * 10.0


def drilling(x):
    made = DrillPass((x, 0.0, 0.0), (x, 0.0, -14.0), 3.2, 90.0)
    return planned_drilling(DRILLING, "drilling-1", f"Drilling at {x:g}", made, "drill-bit")


@pytest.fixture
def bone(scene):
    block = engine().Manifold.cube((40, 40, 10), True).translate((0, 0, -5))
    return add_model(scene, NamedModel("Plate", (0.9, 0.9, 0.8), surface_of(block)))


@pytest.fixture
def node(scene, bone):
    """A plan of two drillings, shown."""
    plan = edits.add(edits.add(Plan(), drilling(-8.0), Hand()), drilling(8.0), Hand())
    node = add_plan(scene, plan, "Case 1", bone)
    show_plan(node)
    return node


def left(shown):
    surface = surface_from_node(shown)
    return signed_volume_mm3(points_of(surface), triangles_of(surface))


def test_the_bone_is_shown_after_each_pass_by_one_model(node, bone):
    shown = show_bone_after(node, bone, 1)
    assert left(shown) == pytest.approx(WHOLE - AREA * 10, rel=1e-5)
    assert (shown.GetName(), case_of(shown)) == ("Plate after pass 1 of 2", "Case 1")
    assert is_shown(shown)
    assert is_model(shown)
    assert not is_shown(bone)
    assert show_bone_after(node, bone) is shown
    assert left(shown) == pytest.approx(WHOLE - 2 * AREA * 10, rel=1e-5)
    colours = vtk_to_numpy(shown.GetPolyData().GetCellData().GetArray(COLOURS))
    assert len(np.unique(colours, axis=0)) == 3, "bone and two passes"
    assert show_bone_after(node, bone, 0) is shown
    assert left(shown) == pytest.approx(WHOLE, rel=1e-6)
    assert left(bone) == pytest.approx(WHOLE, rel=1e-6), "the bone stays as it is"


def test_undo_of_the_plan_gives_back_what_was_removed(node, bone):
    shown = show_bone_after(node, bone)
    history = history_of(node).done(edits.add(plan_of(node), drilling(0.0), Hand()))
    keep_and_show(node, history)
    assert left(shown) == pytest.approx(WHOLE - 3 * AREA * 10, rel=1e-5)
    assert shown.GetName() == "Plate after pass 3 of 3"
    keep_and_show(node, history.undone())
    assert left(shown) == pytest.approx(WHOLE - 2 * AREA * 10, rel=1e-5)
    keep_and_show(node, history.undone().redone())
    assert left(shown) == pytest.approx(WHOLE - 3 * AREA * 10, rel=1e-5)


def test_a_dragged_tip_changes_what_is_removed_once_it_rests(node, bone):
    shown = show_bone_after(node, bone)
    surface = shown.GetPolyData()
    follow_passes(node, plan_of(node))
    assert shown.GetPolyData() is surface, "nothing changed, nothing is made anew"
    handles_of(node)["drilling-1"].SetNthControlPointPositionWorld(1, -8.0, 0.0, -5.6)
    take_up_drags(node, Hand())
    assert left(shown) == pytest.approx(WHOLE - AREA * (10 + 4 + 1.6 / 3), rel=1e-5)


def test_it_follows_the_place_of_the_bone_and_goes_with_the_last_pass(scene, node, bone):
    shown = show_bone_after(node, bone)
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    away = np.eye(4)
    away[0, 3] = 16.0
    transform.SetMatrixTransformToParent(vtk_matrix(away))
    bone.SetAndObserveTransformNodeID(transform.GetID())
    show_plan(node)
    assert left(shown) == pytest.approx(WHOLE - AREA * 10, rel=1e-5), "one of the two holes misses it now"
    plan = edits.remove(edits.remove(plan_of(node), "drilling-1"), "drilling-1-2")
    keep_and_show(node, history_of(node).done(plan))
    assert bone_shown_after(node) is None
    assert is_shown(bone)


def test_it_goes_with_the_plan_and_comes_back_with_the_scene(scene, node, bone, tmp_path):
    show_bone_after(node, bone, 1)
    write_case(scene, tmp_path / "case.mrb")
    scene.Clear(0)
    open_case(scene, tmp_path / "case.mrb")
    (again,) = plans_of(scene)
    shown = bone_shown_after(again)
    assert left(shown) == pytest.approx(WHOLE - AREA * 10, rel=1e-5)
    show_plan(again)
    assert shown.GetName() == "Plate after pass 1 of 2"
    remove_plan(again)
    assert [is_shown(each) for each in scene.GetNodesByClass("vtkMRMLModelNode") if is_model(each)] == [True]


def test_a_segmentation_is_a_bone_too(scene, node, bone):
    from FluoroPrintLib.geometry.volume import Volume

    matrix = np.eye(4)
    matrix[:3, 3] = -24.5, -24.5, -14.5
    mask = np.zeros((20, 50, 50), np.uint8)
    mask[5:15, 5:45, 5:45] = 1
    labels = Segmentation(Volume(mask, matrix), (Segment("Plate", 1, (0.9, 0.9, 0.8)),))
    shown = show_bone_after(node, bone)
    segmented = add_segmentation(scene, labels, "Bone")
    before = left(show_bone_after(node, segmented, 0))
    assert show_bone_after(node, segmented, 1) is shown
    assert before - left(shown) == pytest.approx(AREA * 10, rel=0.02)
    assert is_shown(bone)
    hide_bone_after(node)
    assert segmented.GetDisplayNode().GetVisibility()


def test_faults_leave_the_scene_as_it_was(scene, node, bone):
    with pytest.raises(FluoroPrintError, match="no pass of an instrument"):
        show_bone_after(add_plan(scene, Plan(), "Case 2"), bone)
    shown = show_bone_after(node, bone)
    with pytest.raises(FluoroPrintError, match="choose the bone itself"):
        show_bone_after(node, shown)
    gone = scene.AddNewNodeByClass("vtkMRMLModelNode")
    with pytest.raises(FluoroPrintError):
        show_bone_after(node, gone)
    assert bone_shown_after(node) is shown

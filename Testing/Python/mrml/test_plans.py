"""A plan in the scene: nodes as the plan says, plans as nodes were dragged, all of it saved and opened."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.plan_files import plan_text, read_plan
from FluoroPrintLib.mrml.case_stages import case_state
from FluoroPrintLib.mrml.cases import case_of
from FluoroPrintLib.mrml.files import open_case, write_case
from FluoroPrintLib.mrml.models import is_model, surface_from_node
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.plan_handles import CLASSES
from FluoroPrintLib.mrml.plan_objects import (
    COLOURS,
    drawings_of,
    handles_of,
    keep_and_show,
    load_plan,
    plan_from_nodes,
    remove_plan,
    show_plan,
    take_up_drags,
)
from FluoroPrintLib.mrml.plan_store import (
    HISTORY_ROLE,
    PLAN,
    add_plan,
    history_of,
    keep_history,
    plan_of,
    plans_of,
)
from FluoroPrintLib.mrml.plan_tables import FIGURES
from FluoroPrintLib.mrml.provenance import source_of, stage_of
from FluoroPrintLib.mrml.tables import column_texts
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.history import History
from FluoroPrintLib.planning.kind import BAD, GOOD, PLANE, Kind
from FluoroPrintLib.planning.kinds import kind_of, surface_of_points
from FluoroPrintLib.planning.plan import Plan, Planned, moved, with_planned

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))

from planning_edits import edited_at_random, hand, plan_of_two, turned

ID = "screw-1-left"
BLOCK = Planned(
    "block",
    "Block",
    "block",
    points={"corners": ((10.0, 0.0, 0.0), (14.0, 6.0, 0.0), (12.0, 0.0, 9.0))},
    directions={"axis": ((0.6, 0.0, 0.8),), "up": ((0.0, 1.0, 0.0),)},
)


@pytest.fixture(scope="module")
def by_hand():
    return hand()


@pytest.fixture
def node(scene, by_hand):
    """A plan of two screws and a thing of no known kind, shown."""
    node = add_plan(scene, with_planned(plan_of_two(by_hand), BLOCK), "Case 1")
    show_plan(node)
    return node


@pytest.fixture
def cut_kind(monkeypatch):
    """A kind that is dragged as a plane."""
    kind = Kind("cut", "Cut", surface_of_points, handles=PLANE)
    monkeypatch.setattr("FluoroPrintLib.planning.kinds.kinds", lambda: {"cut": kind})


def put(handle, matrix):
    handle.SetMatrixTransformToParent(vtk_matrix(matrix))


def bounds(surface):
    return np.array(surface.GetBounds())


def close(one, other):
    """Whether two plans have their objects at the same places, to what transforms keep."""
    for left, right in zip(one.objects, other.objects, strict=True):
        for name, places in left.points.items():
            np.testing.assert_allclose(places, right.points[name], atol=2e-4)


def test_each_object_is_a_node_of_its_own_class_in_the_folder_of_the_case(scene, node):
    handles, drawings = handles_of(node), drawings_of(node)
    assert set(handles) == set(drawings) == {ID, "screw-1-right", "block"}
    assert handles[ID].IsA("vtkMRMLMarkupsLineNode")
    assert handles["block"].IsA("vtkMRMLLinearTransformNode")
    assert (handles[ID].GetName(), handles[ID].GetAttribute("FluoroPrint.diameter")) == (
        "Screw 1, left",
        "6.0",
    )
    for shown in (*handles.values(), *drawings.values(), node, node.GetNodeReference(FIGURES)):
        assert case_of(shown) == "Case 1"
    assert source_of(drawings[ID]) is node
    assert not any(map(is_model, drawings.values())), "drawings are no models of the case"
    assert stage_of(node) == "Plan"


def test_a_drawing_lies_where_its_object_is(node):
    plan, drawings = plan_of(node), drawings_of(node)
    for planned in plan.objects:
        drawn = kind_of(planned).surface(planned)
        np.testing.assert_allclose(bounds(surface_from_node(drawings[planned.id])), bounds(drawn), atol=1e-4)


def test_the_colour_tells_the_margin(node, by_hand):
    assert drawings_of(node)[ID].GetDisplayNode().GetColor() == COLOURS[GOOD]
    away = np.eye(4)
    away[0, 3] = 9.0
    keep_and_show(node, history_of(node).done(edits.move(plan_of(node), ID, away, by_hand)))
    assert drawings_of(node)[ID].GetDisplayNode().GetColor() == COLOURS[BAD]


def test_what_was_not_dragged_is_the_plan_itself(node, by_hand):
    assert plan_from_nodes(node, by_hand) == plan_of(node)
    assert take_up_drags(node, by_hand).past == ()


def test_a_dragged_line_is_a_moved_screw_with_new_figures(node, by_hand):
    handles_of(node)[ID].SetNthControlPointPositionWorld(1, -20.0, 0.0, 17.0)
    history = take_up_drags(node, by_hand)
    screw = history.present.named(ID)
    assert screw.points["tip"] == ((-20.0, 0.0, 15.0),), "45 mm is the nearest length that there is"
    assert (screw.figures["length"].value, screw.decisions[-1].what) == (45.0, edits.MOVED)
    assert handles_of(node)[ID].GetNthControlPointPositionWorld(1)[2] == pytest.approx(15.0)
    assert column_texts(node.GetNodeReference(FIGURES), "length") == ["45", "40", ""]
    assert plan_of(node) == history.present
    keep_and_show(node, history.undone())
    assert handles_of(node)[ID].GetNthControlPointPositionWorld(1)[2] == pytest.approx(10.0)


def test_a_dragged_transform_moves_its_object(node):
    matrix, handle = turned(8.0), handles_of(node)["block"]
    before = plan_of(node)
    world = vtk_matrix(np.eye(4))
    handle.GetMatrixTransformToWorld(world)
    old = np.array([[world.GetElement(r, c) for c in range(4)] for r in range(4)])
    put(handle, matrix @ old)
    after = take_up_drags(node).present
    close(Plan(objects=(after.named("block"),)), Plan(objects=(moved(BLOCK, matrix),)))
    assert after.named(ID) == before.named(ID)
    assert plan_from_nodes(node) == after, "the handles lie where the object is"


@pytest.mark.usefixtures("cut_kind")
def test_a_dragged_plane_takes_all_of_its_object_along(scene):
    node = add_plan(scene, Plan(objects=(replace(BLOCK, kind="cut"),)), "Case 1")
    show_plan(node)
    handle = handles_of(node)["block"]
    assert handle.GetClassName() == CLASSES[PLANE]
    np.testing.assert_allclose(handle.GetNormalWorld(), (0.6, 0.0, 0.8), atol=1e-6)
    handle.SetOriginWorld(*np.add(handle.GetOriginWorld(), (1.0, 2.0, 3.0)))
    found = plan_from_nodes(node).objects[0]
    np.testing.assert_allclose(
        found.points["corners"], np.add(BLOCK.points["corners"], (1.0, 2.0, 3.0)), atol=1e-4
    )


def test_under_a_parent_transform_the_places_are_those_of_the_world(scene, node):
    parent = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    put(parent, turned(30.0, (5.0, -6.0, 7.0)))
    plan = plan_of(node)
    for handle in handles_of(node).values():
        handle.SetAndObserveTransformNodeID(parent.GetID())
    expected = Plan(objects=tuple(moved(each, turned(30.0, (5.0, -6.0, 7.0))) for each in plan.objects))
    close(plan_from_nodes(node), expected)
    show_plan(node)
    assert plan_from_nodes(node) == plan, "shown again, they lie where the plan says"
    np.testing.assert_allclose(
        bounds(surface_from_node(drawings_of(node)["block"])), bounds(surface_of_points(BLOCK)), atol=1e-3
    )


def test_a_scaled_transform_is_refused_and_goes_back(node):
    plan = plan_of(node)
    put(handles_of(node)["block"], np.diag([2.0, 2.0, 2.0, 1.0]))
    with pytest.raises(FluoroPrintError, match="'Block' was scaled"):
        take_up_drags(node)
    assert plan_of(node) == plan == plan_from_nodes(node)


def test_a_locked_object_has_locked_handles_and_goes_back_where_it_was(node, by_hand):
    plan = plan_of(node)
    for name in (ID, "block"):
        plan = edits.lock(plan, name, True, by_hand)
    keep_and_show(node, history_of(node).done(plan))
    handles = handles_of(node)
    assert handles[ID].GetLocked()
    assert not handles[ID].GetDisplayNode().GetHandlesInteractive()
    assert not handles["block"].GetDisplayNode().GetEditorVisibility()
    handles[ID].SetNthControlPointPositionWorld(0, 0.0, 0.0, 0.0)
    with pytest.raises(FluoroPrintError, match="locked"):
        take_up_drags(node, by_hand)
    assert handles[ID].GetNthControlPointPositionWorld(0)[0] == pytest.approx(-20.0)


def test_removed_objects_take_their_nodes_along_and_undo_brings_them_back(scene, node):
    count = scene.GetNumberOfNodes()
    history = history_of(node).done(edits.remove(plan_of(node), "block"))
    keep_and_show(node, history)
    assert "block" not in handles_of(node)
    keep_and_show(node, history.undone())
    assert "block" in handles_of(node)
    assert scene.GetNumberOfNodes() == count


def test_a_removed_plan_leaves_nothing(scene, by_hand):
    before = scene.GetNumberOfNodes()
    node = add_plan(scene, plan_of_two(by_hand), "Case 1")
    show_plan(node)
    remove_plan(node)
    left = [scene.GetNthNode(index).GetName() for index in range(scene.GetNumberOfNodes())]
    assert len(left) - before <= 1, left  # the provenance of the scene


def test_fifty_edits_survive_saving_and_opening_with_undo_and_redo(
    scene, other_scene, node, by_hand, tmp_path
):
    history, random = history_of(node), np.random.default_rng(7)
    for number in range(50):
        history = edited_at_random(history, random, by_hand)
        if number % 10 == 0:
            keep_and_show(node, history)
            assert plan_from_nodes(node, by_hand) == history.present
    keep_and_show(node, history)
    write_case(scene, tmp_path / "case.mrb")
    open_case(other_scene, tmp_path / "case.mrb")
    (opened,) = plans_of(other_scene)
    assert history_of(opened) == history
    assert plan_from_nodes(opened, by_hand) == history.present
    assert set(handles_of(opened)) == {planned.id for planned in history.present.objects}
    while history.past:
        history = history.undone()
        if len(history.past) % 10 == 0:
            keep_history(opened, history)
            assert history_of(opened) == history
    show_plan(opened)
    assert plan_from_nodes(opened, by_hand) == history.present
    assert history_of(opened) == history
    assert case_state(other_scene, "Case 1").stages[-1].state == "done"


def test_a_plan_of_a_file_becomes_nodes(scene, by_hand, tmp_path):
    plan = plan_of_two(by_hand)
    (tmp_path / "PLAN.json").write_text(plan_text(plan, "test"))
    node = load_plan(scene, tmp_path / "PLAN.json", "Case 2")
    assert plan_from_nodes(node) == plan == read_plan(tmp_path / "PLAN.json")
    assert (node.GetName(), node.GetAttribute(PLAN)) == ("PLAN", "Case 2")
    count = scene.GetNumberOfNodes()
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(FluoroPrintError, match="cannot be read as a plan"):
        load_plan(scene, tmp_path / "other.json", "Case 2")
    assert scene.GetNumberOfNodes() == count


def test_a_history_that_does_not_belong_to_the_plan_is_left_aside(node, by_hand):
    keep_history(node, history_of(node).done(edits.remove(plan_of(node), "block")))
    plan = plan_of(node)
    for text in ("", "{}", '{"at": 3, "objects": [], "states": []}'):
        node.GetNodeReference(HISTORY_ROLE).SetText(text)
        assert history_of(node) == History(plan)


def test_other_text_is_no_plan(scene):
    with pytest.raises(FluoroPrintError, match="is no plan"):
        plan_of(scene.AddNewNodeByClass("vtkMRMLTextNode", "Notes"))

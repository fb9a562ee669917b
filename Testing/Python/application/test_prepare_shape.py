"""The section "Shape" of FluoroPrint Prepare: rows of each operation, places, results, undo, recipes."""

import json

import numpy as np
import pytest
import stand_in
from FluoroPrintLib.files.plan_files import write_plan
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.mrml.case_parameters import stored_parameters
from FluoroPrintLib.mrml.cases import place_in_case
from FluoroPrintLib.mrml.files import open_case, write_case
from FluoroPrintLib.mrml.models import add_model
from FluoroPrintLib.mrml.provenance import source_of
from FluoroPrintLib.mrml.shape_steps import operation_of, steps_to
from FluoroPrintLib.mrml.stages import model_stage
from FluoroPrintLib.parameters import parameter_fields
from FluoroPrintLib.planning.plan import Figure, Plan, Planned
from FluoroPrintLib.shape.drill import DrillParameters, drill
from FluoroPrintLib.shape.operations import operations
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of
from prepare_panel import ball, models_of, open_prepare, press

OPERATIONS = operations()
NAMES = [operation.name for operation in OPERATIONS]


@pytest.fixture
def widget(application, monkeypatch, scene):
    return open_prepare(monkeypatch, scene)


@pytest.fixture
def node(widget, scene):
    """The model of a ball, chosen."""
    found = ball(scene)
    widget.ui.modelChooser.setCurrentNode(found)
    return found


def choose(widget, name):
    widget.ui.operationBox.currentIndex = NAMES.index(name)


def shown(widget):
    """The fields whose rows can be seen where the section is open."""
    frames = widget.shape.frames
    return [name for name, frame in frames.items() if not frame.real.isHidden()]


def apply(widget, name):
    choose(widget, name)
    press(widget, widget.ui.shapeButton)
    return widget.ui.modelChooser.currentNode()


def plane_node(scene, origin=(0.0, 0.0, 2.0), normal=(0.0, 0.0, 1.0)):
    plane = scene.AddNewNodeByClass("vtkMRMLMarkupsPlaneNode", "Plane")
    plane.SetOriginWorld(origin)
    plane.SetNormalWorld(normal)
    return plane


def points_node(scene, *places):
    points = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Points")
    for place in places:
        points.AddControlPoint(place)
    return points


@pytest.mark.parametrize("name", NAMES)
def test_each_operation_shows_its_own_rows_from_its_dataclass(widget, node, name):
    choose(widget, name)
    operation = OPERATIONS[NAMES.index(name)]
    assert shown(widget) == [name]
    assert operation.summary in widget.ui.operationLabel.text
    fields = parameter_fields(operation.parameters)
    assert list(widget.shape.rows[name]) == [field.name for field in fields]
    for field in fields:
        assert field.help in widget.shape.rows[name][field.name].toolTip
    assert widget.ui.otherChooser.real.isHidden() is not operation.needs_other
    assert widget.shape.planeRow.real.isHidden() is (name not in ("cut", "saw", "base"))
    assert widget.shape.pointsRow.real.isHidden() is (name not in ("drill", "label", "hollow"))


def test_what_is_set_is_kept_in_the_scene_and_used(widget, node, scene):
    choose(widget, "drill")
    widget.shape.rows["drill"]["diameter_mm"].value = 5.0
    stand_in.type_text(widget.shape.rows["drill"]["entry_ras_mm"], "1, 0, 10")
    kept = stored_parameters(scene, "shape_drill")
    assert kept == DrillParameters((1.0, 0.0, 10.0), diameter_mm=5.0)
    made = apply(widget, "drill")
    expected = drill(node.GetPolyData(), kept).parts[0].surface
    np.testing.assert_array_equal(points_of(made.GetPolyData()), points_of(expected))


def test_the_result_is_a_new_model_of_another_name_and_colour_and_its_notes_are_told(
    widget, node, application
):
    before = points_of(node.GetPolyData())
    made = apply(widget, "drill")
    assert (made.GetName(), source_of(made)) == ("Ball drilled", node)
    assert np.ptp([made.GetDisplayNode().GetColor(), node.GetDisplayNode().GetColor()], axis=0).max() > 0.2
    assert not node.GetDisplayNode().GetVisibility()
    np.testing.assert_array_equal(points_of(node.GetPolyData()), before)
    assert "The hole took out" in widget.ui.shapeLabel.text
    widget.ui.modelChooser.setCurrentNode(node)
    assert widget.ui.shapeLabel.text == ""
    assert application.errors == []


def test_a_warning_stays_in_bold(widget, node):
    apply(widget, "mirror")
    apply(widget, "drill")
    text = widget.ui.shapeLabel.text
    assert "<b>MIRRORED left-right" in text
    assert text.count("MIRRORED") == 1
    assert "The hole took out" in text


def test_a_plane_says_where_to_cut_and_its_numbers_cannot_be_typed(widget, node, scene):
    choose(widget, "cut")
    plane = plane_node(scene)
    widget.shape.planes.chooser.setCurrentNode(plane)
    rows = widget.shape.rows["cut"]
    assert (rows["point_ras_mm"].text, rows["normal"].text) == ("0.0, 0.0, 2.0", "0.0, 0.0, 1.0")
    assert (rows["point_ras_mm"].enabled, rows["pegs"].enabled) == (False, True)
    assert "'Plane' gives it." in rows["normal"].toolTip
    first = apply(widget, "cut")
    assert first.GetPolyData().GetBounds()[5] == pytest.approx(2.0)
    widget.shape.planes.chooser.setCurrentNode(None)
    assert rows["point_ras_mm"].enabled
    assert "A point of the cutting plane" in rows["point_ras_mm"].toolTip


def test_a_plane_that_was_moved_says_where_it_is_now(widget, node, scene):
    plane = plane_node(scene)
    choose(widget, "saw")
    widget.shape.planes.chooser.setCurrentNode(plane)
    plane.SetOriginWorld((0.0, 0.0, -3.0))
    plane.InvokeEvent(plane.PointEndInteractionEvent)
    assert widget.shape.rows["saw"]["point_ras_mm"].text == "0.0, 0.0, -3.0"
    plane.SetOriginWorld((0.0, 0.0, 4.0))  # nobody is told of this one
    first = apply(widget, "saw")
    assert first.GetPolyData().GetBounds()[5] == pytest.approx(3.5)


def test_points_that_are_placed_say_where_to_drill(widget, node, scene):
    choose(widget, "drill")
    widget.shape.points.chooser.setCurrentNode(points_node(scene))
    assert widget.shape.rows["drill"]["entry_ras_mm"].enabled
    points = widget.shape.points.chooser.currentNode()
    points.AddControlPoint((2.0, 0.0, 9.0))
    points.AddControlPoint((2.0, 0.0, -9.0))
    kept = stored_parameters(scene, "shape_drill")
    assert (kept.entry_ras_mm, kept.direction) == ((2.0, 0.0, 9.0), (0.0, 0.0, -1.0))
    choose(widget, "hollow")
    assert stored_parameters(scene, "shape_hollow").drain_points == "2 0 9; 2 0 -9"
    assert widget.shape.rows["hollow"]["drains"].currentText == "points"


def test_what_is_typed_wrongly_is_told_at_the_button(widget, node, application):
    choose(widget, "drill")
    stand_in.type_text(widget.shape.rows["drill"]["entry_ras_mm"], "1, two")
    assert application.errors == []
    assert "entry_ras_mm is '1, two'" in widget.ui.shapeButton.toolTip
    assert not widget.ui.shapeButton.enabled


def test_points_of_no_use_are_told_at_the_button(widget, node, scene):
    choose(widget, "drill")
    widget.shape.points.chooser.setCurrentNode(points_node(scene, (1, 1, 1), (1, 1, 1)))
    assert not widget.ui.shapeButton.enabled
    assert "are one: move one of them" in widget.ui.shapeButton.toolTip


def test_a_second_model_is_chosen_for_combining(widget, node, scene, application):
    choose(widget, "combine")
    assert "another model beside this one" in widget.ui.shapeButton.toolTip
    widget.ui.otherChooser.setCurrentNode(node)
    assert not widget.ui.shapeButton.enabled
    widget.ui.otherChooser.setCurrentNode(ball(scene, "Tool", 5.0, middle=(10.0, 0.0, 0.0)))
    widget.shape.rows["combine"]["way"].currentText = "subtract"
    assert apply(widget, "combine").GetName() == "Ball reduced"
    assert application.errors == []


@pytest.mark.parametrize("name", ["saw", "scale", "mirror", "base", "hollow"])
def test_other_operations_run_from_the_panel_too(widget, node, application, name):
    made = apply(widget, name)
    assert operation_of(made) == name
    assert application.errors == []


def test_an_operation_that_is_refused_is_told_and_leaves_nothing(widget, node, scene, application):
    choose(widget, "drill")
    stand_in.type_text(widget.shape.rows["drill"]["entry_ras_mm"], "90, 0, 0")
    press(widget, widget.ui.shapeButton)
    assert len(application.errors) == 1
    assert models_of(scene) == [node]
    assert node.GetDisplayNode().GetVisibility()


def test_a_cancel_leaves_nothing(widget, node, scene, application):
    choose(widget, "hollow")
    stand_in.click(widget.ui.shapeButton)
    assert not widget.ui.shapeButton.enabled
    stand_in.click(widget.work.cancelButton)
    stand_in.wait_until(lambda: not widget.work.busy)
    assert models_of(scene) == [node]
    assert node.GetDisplayNode().GetVisibility()
    assert widget.work.label.text == "Cancelled; nothing was changed."
    assert application.errors == []


def test_a_cancelled_replay_leaves_nothing(widget, node, scene, application, tmp_path):
    path = tmp_path / "recipe.json"
    path.write_text('[{"operation": "mirror"}, {"operation": "hollow"}]')
    application.answers["QFileDialog.getOpenFileName"] = str(path)
    stand_in.click(widget.ui.replayRecipeButton)
    stand_in.click(widget.work.cancelButton)
    stand_in.wait_until(lambda: not widget.work.busy)
    assert models_of(scene) == [node]


def test_what_cannot_be_undone_or_redone_says_why(widget, node):
    ui = widget.ui
    assert "no step to undo" in ui.undoButton.toolTip
    assert "Nothing was undone" in ui.redoButton.toolTip
    assert not ui.saveRecipeButton.enabled
    first = apply(widget, "saw")
    apply(widget, "drill")
    ui.modelChooser.setCurrentNode(first)
    assert '"Ball part 1 drilled" was made after it' in ui.undoButton.toolTip
    assert not ui.undoButton.enabled


def test_steps_are_undone_and_redone_after_the_scene_was_saved(widget, node, scene, application, tmp_path):
    ui = widget.ui
    apply(widget, "saw")
    apply(widget, "drill")
    stand_in.click(ui.undoButton)
    write_case(scene, tmp_path / "case.mrb")
    scene.Clear(False)
    open_case(scene, tmp_path / "case.mrb")
    assert ui.modelChooser.currentNode().GetName() == "Ball part 1"
    assert shown(widget) == ["drill"]
    stand_in.click(ui.redoButton)
    assert ui.modelChooser.currentNode().GetName() == "Ball part 1 drilled"
    stand_in.click(ui.undoButton)
    stand_in.click(ui.undoButton)
    assert ui.modelChooser.currentNode().GetName() == "Ball"
    assert [model.GetName() for model in models_of(scene)] == ["Ball"]
    assert application.errors == []


def test_a_recipe_holds_the_steps_of_the_chosen_model(widget, node, application, tmp_path):
    path = tmp_path / "recipe.json"
    application.answers["QFileDialog.getSaveFileName"] = str(path)
    apply(widget, "saw")
    made = apply(widget, "drill")
    stand_in.click(widget.ui.saveRecipeButton)
    steps = json.loads(path.read_text())
    assert [(step["operation"], step.get("part")) for step in steps] == [("saw", None), ("drill", "part 1")]
    assert "recipe.json was written: 2 steps." in widget.work.label.text
    application.answers["QFileDialog.getOpenFileName"] = str(path)
    widget.ui.modelChooser.setCurrentNode(ball(made.GetScene(), "Next"))
    press(widget, widget.ui.replayRecipeButton)
    replayed = made.GetScene().GetFirstNodeByName("Next part 1 drilled")
    np.testing.assert_array_equal(points_of(replayed.GetPolyData()), points_of(made.GetPolyData()))
    assert [step.operation.name for step in steps_to(replayed)] == ["saw", "drill"]
    widget.ui.modelChooser.setCurrentNode(replayed)
    stand_in.click(widget.ui.undoButton)
    stand_in.click(widget.ui.undoButton)
    assert widget.ui.modelChooser.currentNode().GetName() == "Next"
    assert application.errors == []


def test_a_plan_drills_the_chosen_model_and_tells_what_it_misses(widget, node, scene, application, tmp_path):
    path, figures = tmp_path / "PLAN.json", {"diameter": Figure(4.0, "mm")}
    ends = {"entry": ((0.0, 0.0, 11.0),), "tip": ((0.0, 0.0, 0.0),)}
    away = {"entry": ((90.0, 0.0, 0.0),), "tip": ((80.0, 0.0, 0.0),)}
    objects = [
        Planned(f"s-{number}", f"Screw {number}", "screw", points=points, figures=figures)
        for number, points in enumerate((ends, away), start=1)
    ]
    write_plan(path, Plan(objects=tuple(objects)))
    application.answers["QFileDialog.getOpenFileName"] = str(path)
    widget.shape.rows["planned_cuts"]["screw_clearance_mm"].value = 1.0
    press(widget, widget.ui.planButton)
    drilled = widget.ui.modelChooser.currentNode()
    assert drilled.GetName() == "Ball drilled"
    assert widget.work.label.text == "Screw 2 does not meet the model: it was left out."
    (step,) = steps_to(drilled)
    assert (step.parameters.diameter_mm, step.parameters.depth_mm) == (5.0, 11.0)
    stand_in.click(widget.ui.undoButton)
    assert widget.ui.modelChooser.currentNode().GetName() == "Ball"
    assert application.errors == []


def test_a_plan_takes_its_implants_out_of_the_chosen_model_where_that_is_wanted(
    widget, node, scene, application, tmp_path
):
    path = tmp_path / "PLAN.json"
    places = {"points": {"centre": ((0.0, 0.0, 10.0),)}, "directions": {"axis": ((0.0, 0.0, 1.0),)}}
    cup = Planned("cup-left", "Cup", "cup", figures={"diameter": Figure(8.0, "mm")}, **places)
    write_plan(path, Plan(objects=(cup,)))
    application.answers["QFileDialog.getOpenFileName"] = str(path)
    press(widget, widget.ui.planButton)
    assert "let these be taken out too" in application.errors.pop()
    stand_in.click(widget.shape.rows["planned_cuts"]["cut_implants"])
    press(widget, widget.ui.planButton)
    reamed = widget.ui.modelChooser.currentNode()
    assert reamed.GetName() == "Ball fitted"
    assert max(np.linalg.norm(points_of(reamed.GetPolyData()) - (0, 0, 10), axis=1)) > 4
    assert min(np.linalg.norm(points_of(reamed.GetPolyData()) - (0, 0, 10), axis=1)) > 3.9
    stand_in.click(widget.ui.undoButton)
    assert widget.ui.modelChooser.currentNode() is node
    assert application.errors == []


def test_all_models_of_the_case_are_fitted_each_step_to_be_undone(widget, node, scene, application):
    choose(widget, "fit")
    assert not widget.ui.fitAllButton.enabled
    assert "no other model" in widget.ui.fitAllButton.toolTip
    solid = engine().Manifold.cube((20, 4, 4), True).translate((12, 0, 0))
    other = add_model(scene, NamedModel("Rod", (0.5, 0.5, 0.5), surface_of(solid)))
    for each in (node, other):
        place_in_case(scene, each, "C-12", model_stage().name)
    widget.refresh()
    press(widget, widget.ui.fitAllButton)
    assert application.errors == []
    fitted = next(model for model in models_of(scene) if model.GetName() == "Rod fitted")
    assert widget.ui.modelChooser.currentNode() is node
    gap = solid_of(fitted.GetPolyData()).min_gap(solid_of(node.GetPolyData()), 1.0)
    assert gap == pytest.approx(0.2, abs=0.02)
    widget.ui.modelChooser.setCurrentNode(fitted)
    stand_in.click(widget.ui.undoButton)
    assert widget.ui.modelChooser.currentNode() is other


def test_a_dialog_that_is_left_does_nothing(widget, node, scene, application):
    apply(widget, "mirror")
    application.answers["QFileDialog.getSaveFileName"] = ""
    application.answers["QFileDialog.getOpenFileName"] = ""
    stand_in.click(widget.ui.saveRecipeButton)
    stand_in.click(widget.ui.replayRecipeButton)
    assert len(models_of(scene)) == 2
    assert not widget.work.busy


def test_a_file_that_is_no_recipe_is_told(widget, node, application, tmp_path):
    path = tmp_path / "recipe.json"
    path.write_text("{")
    application.answers["QFileDialog.getOpenFileName"] = str(path)
    stand_in.click(widget.ui.replayRecipeButton)
    assert "The recipe is no JSON" in application.errors[0]


def test_a_model_that_goes_during_the_work_is_told(widget, node, scene, application):
    choose(widget, "drill")
    stand_in.click(widget.ui.shapeButton)
    scene.RemoveNode(node)
    stand_in.wait_until(lambda: not widget.work.busy)
    assert "removed meanwhile" in application.errors[0]
    assert models_of(scene) == []


def test_markups_are_not_followed_after_the_panel_is_gone(application, monkeypatch, scene):
    plane = plane_node(scene)
    before = stand_in.observed_events(plane)
    widget = open_prepare(monkeypatch, scene)
    widget.shape.planes.chooser.setCurrentNode(plane)
    assert stand_in.observed_events(plane) != before
    stand_in.close_panel(widget)
    assert stand_in.observed_events(plane) == before

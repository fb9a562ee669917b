"""The module FluoroPrint Plan: silhouettes over the frames, the view of the source, figures of all frames."""

from dataclasses import replace

import numpy as np
import pytest
import slicer
import stand_in
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.plan_files import read_plan, write_plan
from FluoroPrintLib.mrml.cases import case_of
from FluoroPrintLib.mrml.plan_pieces import pieces_shown
from FluoroPrintLib.mrml.provenance import source_of, stage_of
from FluoroPrintLib.mrml.silhouettes import BACKDROP, ON_SURFACE, OVER_FRAME, place_at_source
from FluoroPrintLib.mrml.sweeps import add_sweep
from FluoroPrintLib.mrml.tables import column_numbers
from FluoroPrintLib.planning.plan import Figure, Plan, Planned
from FluoroPrintLib.simulation.phantom import SPINE_BEHIND_MM, VERTEBRA_HEIGHT_MM, VERTEBRA_RADII_MM
from plan_panel import drilled_plate, pieces_worked_through, press, two_pedicles, worked_through
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkCommonTransforms import vtkTransform
from vtkmodules.vtkFiltersGeneral import vtkTransformPolyDataFilter
from vtkmodules.vtkFiltersSources import vtkCylinderSource, vtkSphereSource

SNAPPED = "moved onto the surface of the bone"
MODULE = "FluoroPrintPlan"  # each of its handlers is called here: see every_handler.py


def vertebral_body():
    """The body of the phantom's middle vertebra, as a surface."""
    cylinder = vtkCylinderSource()
    cylinder.SetRadius(1.0)
    cylinder.SetHeight(VERTEBRA_HEIGHT_MM)
    cylinder.SetResolution(60)
    place = vtkTransform()
    place.Translate(0, -SPINE_BEHIND_MM, 0)
    place.Scale(*VERTEBRA_RADII_MM, 1.0)
    place.RotateX(90)
    move = vtkTransformPolyDataFilter()
    move.SetInputConnection(cylinder.GetOutputPort())
    move.SetTransform(place)
    move.Update()
    return move.GetOutput()


@pytest.fixture
def widget(application, monkeypatch):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPlan")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    return widget


@pytest.fixture
def views(scene):
    """A coronal slice view and a 3D view's camera."""
    slice_node = scene.AddNewNodeByClass("vtkMRMLSliceNode")
    slice_node.SetLayoutName("Green")
    composite = scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    composite.SetLayoutName("Green")
    return slice_node, composite, scene.AddNewNodeByClass("vtkMRMLCameraNode")


@pytest.fixture
def nodes(widget, scene, sweep, views):
    """A sweep and a model, chosen."""
    sweep_node = add_sweep(scene, sweep, "Run 7")
    model = model_of(scene, vertebral_body())
    widget.ui.sweepChooser.setCurrentNode(sweep_node)
    widget.ui.modelChooser.setCurrentNode(model)
    return sweep_node, model


def model_of(scene, surface, name="Body"):
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", name)
    node.SetAndObservePolyData(surface)
    node.CreateDefaultDisplayNodes()
    return node


def shown(model, what):
    return model.GetNodeReference(f"FluoroPrint.{what}")


def points_of_lines(node):
    polydata = node.GetPolyData()
    return np.array([polydata.GetPoint(n) for n in range(polydata.GetNumberOfPoints())])


def in_stack(sweep_node, points):
    matrix = vtkMatrix4x4()
    sweep_node.GetRASToIJKMatrix(matrix)
    to_ijk = np.array([[matrix.GetElement(r, c) for c in range(4)] for r in range(4)])
    return points @ to_ijk[:3, :3].T + to_ijk[:3, 3]


def test_an_empty_scene_says_what_is_needed(widget):
    assert "Choose a model and the sweep" in widget.ui.hintLabel.text
    for button in (widget.ui.showButton, widget.ui.lookButton, widget.ui.backButton, widget.ui.allButton):
        assert not button.enabled


def test_the_outline_lies_on_its_frame_in_the_slice_view(widget, nodes, views, sweep, application):
    sweep_node, model = nodes
    widget.ui.frameSlider.value = 20
    stand_in.click(widget.ui.showButton)
    assert application.errors == []
    ijk = in_stack(sweep_node, points_of_lines(shown(model, OVER_FRAME)))
    np.testing.assert_allclose(ijk[:, 2], 19, atol=1e-6)
    from FluoroPrintLib.registration.silhouette import SurfaceContours

    seen = SurfaceContours(vertebral_body()).outline(sweep.geometry, 19)
    np.testing.assert_allclose(ijk[:, :2], seen.segments_px.reshape(-1, 2), atol=1e-6)
    display = shown(model, OVER_FRAME).GetDisplayNode()
    assert display.GetSliceDisplayMode() == slicer.vtkMRMLModelDisplayNode.SliceDisplayProjection
    assert display.GetNthViewNodeID(0) == views[0].GetID()
    assert widget.ui.frameLabel.text.startswith("Frame 20 of 60")


def test_the_slice_view_shows_the_frame(widget, nodes, views):
    sweep_node, _ = nodes
    stand_in.click(widget.ui.showButton)
    for number in (1, 33):
        widget.ui.frameSlider.value = number
        place = np.array([[0.0, views[0].GetSliceOffset(), 0.0]])
        assert in_stack(sweep_node, place)[0, 2] == pytest.approx(number - 1, abs=1e-6)
    assert views[1].GetBackgroundVolumeID() == sweep_node.GetID()
    assert views[0].GetOrientation() == "Coronal"


def test_a_true_model_agrees_with_the_frame_and_a_moved_one_does_not(widget, nodes, scene):
    _, model = nodes
    stand_in.click(widget.ui.showButton)
    widget.ui.frameSlider.value = 30
    true = float(widget.ui.agreementLabel.text.partition(": ")[2].partition(" mm")[0])
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    moved = vtkMatrix4x4()
    moved.SetElement(0, 3, 4.0)
    transform.SetMatrixTransformToParent(moved)
    before = points_of_lines(shown(model, OVER_FRAME)).mean(0)
    model.SetAndObserveTransformNodeID(transform.GetID())
    stand_in.wait_until(lambda: not np.allclose(points_of_lines(shown(model, OVER_FRAME)).mean(0), before))
    wrong = float(widget.ui.agreementLabel.text.partition(": ")[2].partition(" mm")[0])
    assert true < 1.5
    assert wrong > true + 0.5


def test_contours_inside_are_shown_on_request(widget, nodes):
    _, model = nodes
    stand_in.click(widget.ui.showButton)
    outline = shown(model, OVER_FRAME).GetPolyData().GetNumberOfLines()
    stand_in.click(widget.ui.insideBox)
    assert shown(model, OVER_FRAME).GetPolyData().GetNumberOfLines() > outline


def test_hiding_takes_everything_away_and_another_model_takes_its_place(widget, nodes, scene):
    _, model = nodes
    stand_in.click(widget.ui.showButton)
    ball = vtkSphereSource()
    ball.SetRadius(20.0)
    ball.Update()
    other = model_of(scene, ball.GetOutput(), "Ball")
    widget.ui.modelChooser.setCurrentNode(other)
    assert shown(model, OVER_FRAME) is None
    assert shown(other, OVER_FRAME) is not None
    stand_in.click(widget.ui.showButton)
    assert shown(other, OVER_FRAME) is None
    assert shown(other, ON_SURFACE) is None


def test_the_camera_at_the_source_sees_the_model_as_the_frame_does(widget, nodes, views, sweep):
    _, model = nodes
    camera = views[2]
    camera.SetPosition(0, 500, 0)
    before = camera.GetPosition()
    widget.ui.frameSlider.value = 12
    stand_in.click(widget.ui.lookButton)
    np.testing.assert_allclose(camera.GetPosition(), sweep.geometry.sources_ras[11], atol=1e-9)
    assert not camera.GetCamera().GetParallelProjection()
    assert shown(model, BACKDROP).GetDisplayNode().GetTextureImageDataConnection() is not None
    corners = points_of_lines(shown(model, BACKDROP))
    u, v, depth = sweep.geometry.ras_to_pixel[11] @ np.c_[corners, np.ones(4)].T
    assert sorted(zip((u / depth).round(3), (v / depth).round(3), strict=True)) == [
        (-0.5, -0.5),
        (-0.5, 39.5),
        (66.5, -0.5),
        (66.5, 39.5),
    ]
    widget.ui.frameSlider.value = 40
    np.testing.assert_allclose(camera.GetPosition(), sweep.geometry.sources_ras[39], atol=1e-9)
    stand_in.click(widget.ui.backButton)
    assert camera.GetPosition() == before
    assert not widget.ui.backButton.enabled


def test_points_fall_where_the_frame_has_them_in_the_source_s_view(scene, views, sweep):
    from FluoroPrintLib.mrml.silhouettes import move_camera

    camera = views[2]
    points = np.random.default_rng(1).uniform(-40, 40, (30, 3))
    move_camera(camera, place_at_source(sweep.geometry, 25))
    matrix = camera.GetCamera().GetCompositeProjectionTransformMatrix(1.0, -1, 1)
    to_view = np.array([[matrix.GetElement(r, c) for c in range(4)] for r in range(4)])
    x, y, _, w = to_view @ np.c_[points, np.ones(30)].T
    u, v, depth = sweep.geometry.ras_to_pixel[25] @ np.c_[points, np.ones(30)].T
    fit = np.linalg.lstsq(np.c_[x / w, y / w, np.ones(30)], np.c_[u / depth, v / depth], rcond=None)[0]
    np.testing.assert_allclose(np.c_[x / w, y / w, np.ones(30)] @ fit, np.c_[u / depth, v / depth], atol=1e-6)
    np.testing.assert_allclose(fit[[0, 1], [1, 0]], 0, atol=1e-6)  # upright: no rotation, no shear
    assert abs(fit[0, 0]) == pytest.approx(abs(fit[1, 1]), rel=1e-6)


def test_all_frames_give_a_table_in_the_case_and_a_curve(widget, nodes, scene, application):
    _, model = nodes
    stand_in.click(widget.ui.allButton)
    stand_in.wait_until(lambda: not widget.work.busy)
    assert application.errors == []
    table = scene.GetFirstNodeByName("Body agreement")
    assert (stage_of(table), source_of(table), case_of(table)) == ("Plan", model, "Body")
    means = column_numbers(table, "Mean")
    assert len(means) == 60
    assert np.nanmin(means) < 1.5
    assert not widget.ui.plotLabel.pixmap.isNull()
    assert "frames: mean distance" in widget.work.label.text


def test_cancel_leaves_the_scene(widget, nodes, scene, application):
    stand_in.click(widget.ui.allButton)
    stand_in.click(widget.work.cancelButton)
    stand_in.wait_until(lambda: not widget.work.busy)
    assert scene.GetFirstNodeByName("Body agreement") is None
    assert application.errors == []
    assert widget.ui.allButton.enabled


def test_a_model_outside_the_frame_is_told_without_a_dialog(widget, nodes, scene, application):
    ball = vtkSphereSource()
    ball.SetCenter(0, 0, 2000)
    ball.Update()
    widget.ui.modelChooser.setCurrentNode(model_of(scene, ball.GetOutput(), "Far"))
    stand_in.click(widget.ui.showButton)
    assert "The model lies outside of frame 1" in widget.ui.agreementLabel.text
    assert application.errors == []


def test_what_was_chosen_comes_back_with_the_scene_and_nothing_shown_is_saved(widget, nodes, scene, tmp_path):
    widget.ui.frameSlider.value = 17
    stand_in.click(widget.ui.showButton)
    path = str(tmp_path / "scene.mrml")
    scene.SetURL(path)
    assert scene.Commit(path)
    assert "silhouette" not in (tmp_path / "scene.mrml").read_text().replace("FluoroPrint.silhouette", "")
    scene.Clear(False)
    assert widget.ui.modelChooser.currentNode() is None
    scene.SetURL(path)
    scene.Connect()
    assert widget.chosen.frame == 17
    assert widget.ui.modelChooser.currentNode().GetName() == "Body"


def test_closing_the_scene_while_all_frames_are_compared_leaves_the_panel_usable(widget, nodes, scene, sweep):
    stand_in.click(widget.ui.showButton)
    stand_in.click(widget.ui.allButton)
    scene.Clear(False)
    assert not widget.work.busy
    widget.ui.sweepChooser.setCurrentNode(add_sweep(scene, sweep, "Run 8"))
    model = model_of(scene, vertebral_body())
    widget.ui.modelChooser.setCurrentNode(model)
    stand_in.click(widget.ui.showButton)
    assert shown(model, OVER_FRAME) is not None


def test_nothing_is_left_after_the_panel_is_gone(application, monkeypatch, scene, sweep, views):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPlan")
    before = stand_in.observed_events(scene)
    widget = stand_in.open_panel(module)
    model = model_of(scene, vertebral_body())
    events = stand_in.observed_events(model)
    widget.ui.sweepChooser.setCurrentNode(add_sweep(scene, sweep, "Run 7"))
    widget.ui.modelChooser.setCurrentNode(model)
    stand_in.click(widget.ui.showButton)
    stand_in.click(widget.ui.lookButton)
    stand_in.click(widget.ui.allButton)
    stand_in.close_panel(widget)
    assert stand_in.running_timers() == []
    assert stand_in.observed_events(scene) == before
    assert stand_in.observed_events(model) == events
    assert shown(model, OVER_FRAME) is None


def test_the_logic_works_without_a_window(application, monkeypatch, scene, sweep):
    logic = stand_in.load_module(monkeypatch, "FluoroPrintPlan").FluoroPrintPlanLogic()
    model, sweep_node = model_of(scene, vertebral_body()), add_sweep(scene, sweep, "Run 7")
    assert logic.show_silhouette(model, sweep_node, 3).is_outline.any()
    assert column_numbers(logic.compare(model, sweep_node), "Frame").tolist() == list(range(1, 61))
    with pytest.raises(FluoroPrintError):
        logic.compare(model, scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode"))


def test_every_button_of_a_plan_leads_on(widget, scene, application, tmp_path, monkeypatch):
    monkeypatch.setattr("FluoroPrintLib.planning.screw_planners.plan_pedicle_screws", two_pedicles)
    plan = worked_through(widget, scene, application, tmp_path)
    assert application.errors == []
    assert [planned.side for planned in plan.objects] == ["left", "right"]
    written = read_plan(tmp_path / "PLAN.json")
    assert [planned.id for planned in written.objects] == ["screw-1"]
    reported = read_plan(tmp_path / "report" / "PLAN.json")
    assert [planned.id for planned in reported.objects] == ["screw-1", "balls-1"]
    assert "Balls 1" in (tmp_path / "report" / "plan.html").read_text()
    assert (tmp_path / "report" / "plan.csv").read_text().count("balls-1") > 1
    told = [decision.what for decision in written.objects[0].decisions]
    assert told[-5:-1] == ["length made larger", "diameter made smaller", "length made smaller", SNAPPED]


def test_the_bone_is_stepped_through_pass_by_pass(widget, scene):
    drilled_plate(widget, scene)
    press(widget, "passesButton")
    widget.ui.passSpinBox.value = 1
    assert widget.ui.passesLabel.text.startswith("Hole at -8 removed")


def test_pieces_are_shown_saved_handed_on_and_hidden(widget, scene, application, tmp_path, monkeypatch):
    handed = []
    monkeypatch.setattr("FluoroPrintLib.slicer_app.pieces_section.open_model", handed.append)
    node = pieces_worked_through(widget, scene, application, tmp_path)
    assert application.errors == []
    assert [model.GetName() for model in handed] == ["osteotomy-1-piece-1 2"]
    assert {path.name for path in tmp_path.iterdir()} == {f"osteotomy-1-piece-{n}.stl" for n in (1, 2)}
    assert pieces_shown(node) == {}


def test_the_logic_loads_and_saves_a_plan(application, monkeypatch, scene, tmp_path):
    logic = stand_in.load_module(monkeypatch, "FluoroPrintPlan").FluoroPrintPlanLogic()
    screw = Planned("screw-1", "Screw", "screw", points={"entry": ((0, 0, 0),), "tip": ((0, 0, 40.0),)})
    write_plan(
        tmp_path / "PLAN.json", Plan("C", objects=(replace(screw, figures={"diameter": Figure(5.0)}),))
    )
    node = logic.load_plan(scene, tmp_path / "PLAN.json", "C")
    assert logic.save_plan(node, tmp_path / "again.json") == read_plan(tmp_path / "PLAN.json")
    assert (tmp_path / "again.json").read_text() == (tmp_path / "PLAN.json").read_text()

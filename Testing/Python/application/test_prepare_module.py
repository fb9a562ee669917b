"""The module FluoroPrint Prepare: segments to models; check, colours, repair, export."""

import numpy as np
import pytest
import slicer
import stand_in
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.mesh_formats import read_mesh
from FluoroPrintLib.files.recipes import write_recipe
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.polydata import points_of, with_points
from FluoroPrintLib.mrml.case_parameters import store_parameters
from FluoroPrintLib.mrml.cases import case_of
from FluoroPrintLib.mrml.print_plates import plates_of
from FluoroPrintLib.mrml.provenance import source_of, stage_of
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.mrml.shape_steps import steps_to
from FluoroPrintLib.printing.settings import PrintSettings
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.shape.operations import operations
from FluoroPrintLib.shape.size import MirrorParameters
from prepare_panel import QUICK, ball, false_slicer, models_of, open_prepare, press

OPERATIONS = [operation.name for operation in operations()]

MODULE = "FluoroPrintPrepare"  # each of its handlers is called here: see every_handler.py


def two_balls():
    """A segmentation of two balls of radius 6 mm."""
    k, j, i = np.indices((24, 24, 48)) - 11.5
    labels = (k**2 + j**2 + i**2 < 36).astype(np.uint8)
    labels[k**2 + j**2 + (i - 24) ** 2 < 36] = 2
    segments = (Segment("Femur", 1, (0.9, 0.8, 0.6)), Segment("Tibia", 2, (0.6, 0.8, 0.9)))
    return Segmentation(Volume(labels, np.eye(4)), segments)


@pytest.fixture
def widget(application, monkeypatch, scene):
    return open_prepare(monkeypatch, scene)


@pytest.fixture
def segmentation(widget, scene):
    node = add_segmentation(scene, two_balls(), "Bones")
    widget.ui.segmentationChooser.setCurrentNode(node)
    return node


@pytest.fixture
def made(widget, segmentation, scene):
    """The models of both segments, the first chosen."""
    press(widget, widget.ui.applyButton)
    return models_of(scene)


def table_of(widget):
    table = widget.ui.checkTable
    return {
        table.item(n, 0).text(): (table.item(n, 1).text(), table.item(n, 2).text())
        for n in range(table.rowCount)
    }


def test_an_empty_scene_says_what_to_do(widget):
    ui = widget.ui
    assert "Choose a segmentation" in ui.hintLabel.text
    buttons = (ui.applyButton, ui.checkButton, ui.repairButton, ui.compareButton, ui.exportButton)
    assert not any(button.enabled for button in buttons)


def test_each_segment_becomes_a_model_and_the_first_is_chosen_with_its_check(
    widget, made, application, segmentation
):
    assert application.errors == []
    assert [node.GetName() for node in made] == ["Femur model", "Tibia model"]
    assert widget.ui.modelChooser.currentNode() is made[0]
    assert [source_of(node) for node in made] == [segmentation, segmentation]
    assert case_of(made[0]) == "Bones"
    assert "Prints: watertight, one piece." in widget.ui.verdictLabel.text
    assert table_of(widget)["Watertight"] == ("yes", "✔")


def test_a_model_with_holes_is_told_in_colour_words_and_signs(widget, scene, application):
    widget.ui.modelChooser.setCurrentNode(ball(scene, open_faces=3))
    press(widget, widget.ui.checkButton)
    assert application.errors == []
    assert "Will not print" in widget.ui.verdictLabel.text
    assert table_of(widget)["Watertight"] == ("no", "✖")
    assert table_of(widget)["Open edges"] == ("9", "✖")
    item = widget.ui.checkTable.item(0, 2)
    assert item.foreground().color().name() == "#d64545"
    assert "Repair the model" in item.toolTip()


def test_a_model_in_metres_is_doubted(widget, scene):
    widget.ui.modelChooser.setCurrentNode(ball(scene, radius=0.03))
    press(widget, widget.ui.checkButton)
    assert table_of(widget)["Size"][1] == "▲"


def test_a_changed_model_is_to_be_checked_anew(widget, scene):
    node = ball(scene)
    widget.ui.modelChooser.setCurrentNode(node)
    press(widget, widget.ui.checkButton)
    assert not widget.ui.checkTable.real.isHidden()
    node.SetAndObservePolyData(ball(scene, "Other", 4.0).GetPolyData())
    widget.refresh()
    assert widget.ui.checkTable.real.isHidden()


def test_a_repair_makes_a_new_model_and_says_what_it_did(widget, scene, application):
    node = ball(scene, open_faces=3)
    cells = node.GetPolyData().GetNumberOfCells()
    widget.ui.modelChooser.setCurrentNode(node)
    press(widget, widget.ui.repairButton)
    assert application.errors == []
    repaired = widget.ui.modelChooser.currentNode()
    assert repaired.GetName() == "Ball repaired"
    assert (source_of(repaired), stage_of(repaired)) == (node, "Model")
    assert node.GetPolyData().GetNumberOfCells() == cells
    assert "holes closed: 3" in widget.ui.repairLabel.text
    assert "Prints: watertight" in widget.ui.verdictLabel.text


def test_a_repair_takes_metres_to_millimetres(widget, scene):
    widget.ui.modelChooser.setCurrentNode(ball(scene, radius=0.03))
    widget.ui.scaleBox.value = 1000.0
    press(widget, widget.ui.repairButton)
    bounds = widget.ui.modelChooser.currentNode().GetPolyData().GetBounds()
    assert bounds[1] - bounds[0] == pytest.approx(60.0, rel=0.02)


def test_deviations_are_shown_as_colours_and_taken_away(widget, made):
    display = made[0].GetDisplayNode()
    assert "From segment Femur: mean 0." in widget.ui.deviationLabel.text
    stand_in.click(widget.ui.deviationBox)
    assert display.GetScalarVisibility()
    assert display.GetActiveScalarName() == "Deviation_mm"
    low, high = display.GetScalarRange()
    assert low == -high < 0
    stand_in.click(widget.ui.deviationBox)
    assert not display.GetScalarVisibility()


def test_a_loaded_model_is_compared_with_the_segmentation(widget, segmentation, scene, application):
    node = ball(scene, "Femur from a file", radius=7.0, middle=(11.5, 11.5, 11.5))
    widget.ui.modelChooser.setCurrentNode(node)
    assert not widget.ui.deviationBox.enabled
    press(widget, widget.ui.compareButton)
    assert application.errors == []
    assert node.GetDisplayNode().GetScalarVisibility()
    assert "From Femur: mean " in widget.ui.deviationLabel.text
    values = slicer.util.arrayFromModelPointData(node, "Deviation_mm")
    assert np.median(values) == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize("suffix", ["stl", "obj", "ply", "3mf"])
def test_a_model_is_exported_and_read_back(widget, scene, application, tmp_path, suffix):
    node = ball(scene)
    widget.ui.modelChooser.setCurrentNode(node)
    path = tmp_path / f"ball.{suffix}"
    widget.ui.fileEdit.currentPath = str(path)
    press(widget, widget.ui.exportButton)
    assert application.errors == []
    assert f"ball.{suffix} was written and read back" in widget.ui.exportLabel.text
    assert "0 open edges" in widget.ui.exportLabel.text
    if suffix != "3mf":
        assert read_mesh(path).GetNumberOfCells() == node.GetPolyData().GetNumberOfCells()


def test_all_models_of_the_case_go_into_one_file(widget, made, tmp_path):
    path = tmp_path / "bones.3mf"
    widget.ui.fileEdit.currentPath = str(path)
    stand_in.click(widget.ui.allBox)
    press(widget, widget.ui.exportButton)
    from FluoroPrintLib.files.threemf_reading import read_threemf

    assert len(read_threemf(path)) == 2


@pytest.mark.parametrize(("answer", "is_replaced"), [(True, True), (False, False)])
def test_a_file_that_exists_is_replaced_only_when_the_user_agrees(
    widget, scene, application, monkeypatch, tmp_path, answer, is_replaced
):
    path = tmp_path / "ball.stl"
    path.write_text("mine")
    asked = []
    monkeypatch.setattr(
        slicer.util, "confirmOkCancelDisplay", lambda text, **_options: asked.append(text) or answer
    )
    widget.ui.modelChooser.setCurrentNode(ball(scene))
    widget.ui.fileEdit.currentPath = str(path)
    press(widget, widget.ui.exportButton)
    assert str(path) in asked[0]
    assert (path.read_bytes() != b"mine") is is_replaced


def test_a_file_of_an_unknown_kind_is_told(widget, scene, application, tmp_path):
    widget.ui.modelChooser.setCurrentNode(ball(scene))
    widget.ui.fileEdit.currentPath = str(tmp_path / "ball.doc")
    stand_in.click(widget.ui.exportButton)
    assert ".stl" in application.errors[0]
    assert list(tmp_path.iterdir()) == []


def test_cancel_leaves_the_scene(widget, segmentation, scene, application):
    stand_in.click(widget.ui.applyButton)
    stand_in.click(widget.work.cancelButton)
    stand_in.wait_until(lambda: not widget.work.busy)
    assert models_of(scene) == []
    assert application.errors == []


def test_closing_the_scene_in_the_middle_of_work_leaves_the_panel_usable(widget, segmentation, scene):
    stand_in.click(widget.ui.applyButton)
    scene.Clear(False)
    assert not widget.work.busy
    store_parameters(scene, "model", QUICK)
    widget.ui.segmentationChooser.setCurrentNode(add_segmentation(scene, two_balls(), "Bones"))
    press(widget, widget.ui.applyButton)
    assert len(models_of(scene)) == 2


def test_what_was_chosen_comes_back_with_the_scene(widget, segmentation, scene, tmp_path):
    widget.ui.fileEdit.currentPath = "bones.3mf"
    widget.ui.scaleBox.value = 1000.0
    stand_in.click(widget.ui.allBox)
    path = str(tmp_path / "scene.mrml")
    scene.SetURL(path)
    assert scene.Commit(path)
    scene.Clear(False)
    assert (widget.ui.fileEdit.currentPath, widget.ui.scaleBox.value) == ("", 1.0)
    scene.SetURL(path)
    scene.Connect()
    assert (widget.ui.fileEdit.currentPath, widget.ui.scaleBox.value) == ("bones.3mf", 1000.0)
    assert widget.ui.allBox.checked
    assert widget.ui.segmentationChooser.currentNode().GetName() == "Bones"


def test_nothing_observes_or_ticks_after_the_panel_is_gone(application, monkeypatch, scene):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPrepare")
    before = stand_in.observed_events(scene)
    widget = stand_in.open_panel(module)
    widget.ui.segmentationChooser.setCurrentNode(add_segmentation(scene, two_balls(), "Bones"))
    stand_in.click(widget.ui.applyButton)
    stand_in.close_panel(widget)
    assert stand_in.running_timers() == []
    assert stand_in.observed_events(scene) == before


def test_a_model_is_shaped_undone_redone_and_its_steps_used_again(widget, scene, application, tmp_path):
    ui, node = widget.ui, ball(scene)
    ui.modelChooser.setCurrentNode(node)
    ui.operationBox.currentIndex = OPERATIONS.index("drill")
    stand_in.click(widget.shape.points.placeButton)
    stand_in.click(widget.shape.planes.placeButton)
    points = widget.shape.points.chooser.currentNode()
    for place in ((0, 0, 10), (0, 0, -10)):
        points.AddControlPoint(place)
    press(widget, ui.shapeButton)
    drilled = ui.modelChooser.currentNode()
    assert drilled.GetName() == "Ball drilled"
    stand_in.click(ui.undoButton)
    assert ui.modelChooser.currentNode() is node
    stand_in.click(ui.redoButton)
    assert ui.modelChooser.currentNode().GetName() == "Ball drilled"
    path = str(tmp_path / "recipe.json")
    application.answers["QFileDialog.getSaveFileName"] = path
    application.answers["QFileDialog.getOpenFileName"] = path
    stand_in.click(ui.saveRecipeButton)
    ui.modelChooser.setCurrentNode(ball(scene, "Other ball"))
    press(widget, ui.replayRecipeButton)
    assert ui.modelChooser.currentNode().GetName() == "Other ball drilled"
    application.answers["QFileDialog.getOpenFileName"] = ""
    stand_in.click(ui.planButton)
    assert ui.modelChooser.currentNode().GetName() == "Other ball drilled"
    assert application.errors == []


def test_all_models_of_a_case_are_fitted_at_once(widget, made, scene, application):
    points = points_of(made[1].GetPolyData()) - (15.0, 0.0, 0.0)
    made[1].SetAndObservePolyData(with_points(made[1].GetPolyData(), points))
    widget.ui.operationBox.currentIndex = OPERATIONS.index("fit")
    press(widget, widget.ui.fitAllButton)
    assert application.errors == []
    assert any(model.GetName().endswith(" fitted") for model in models_of(scene))


def test_a_model_is_laid_on_plates_that_are_written_and_taken_away(
    widget, scene, application, tmp_path, monkeypatch
):
    ui, folder = widget.ui, tmp_path / "job"
    monkeypatch.setenv("FLUOROPRINT_PRUSA_SLICER", false_slicer(tmp_path))
    (tmp_path / "materials.json").write_text(
        '{"materials": [{"id": "pla", "cost": {"amount": 1, "per": "kg", "currency": "CHF", "year": 2026}}]}'
    )
    ui.modelChooser.setCurrentNode(ball(scene))
    ui.catalogueEdit.currentPath = str(tmp_path)
    ui.printerBox.currentText = "Original Prusa MINI+"
    ui.materialBox.currentIndex = 1
    ui.materialBox.currentText = "PLA filament"
    ui.ownMaterialBox.currentText = "PLA filament"
    press(widget, ui.prepareButton)
    assert "CHF" in ui.platesTable.item(0, 3).text()
    assert "1 CHF/kg (2026)" in ui.machineLabel.text
    application.answers["QFileDialog.getExistingDirectory"] = str(folder)
    press(widget, ui.writePlatesButton)
    assert [path.name for path in folder.iterdir()] == ["plate-1.3mf"]
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text, **_options: True)
    press(widget, ui.sliceButton)
    assert sorted(path.name for path in folder.iterdir()) == ["plate-1.3mf", "plate-1.gcode"]
    application.answers["QFileDialog.getExistingDirectory"] = str(tmp_path / "package")
    press(widget, ui.packageButton)
    assert (tmp_path / "package" / "sheet.html").is_file()
    stand_in.click(ui.removePlatesButton)
    assert len(models_of(scene)) == 1
    assert application.errors == []


def shape_by_logic(logic, scene, model, tmp_path):
    """Cut a model by a plane, undo, redo, mirror a part; replay that on another model."""
    plane = scene.AddNewNodeByClass("vtkMRMLMarkupsPlaneNode", "Plane")
    plane.SetOriginWorld((11.5, 11.5, 13.0))
    plane.SetNormalWorld((0.0, 0.0, 1.0))
    first, second = logic.shape(scene, model, "cut", place=plane)
    assert first.GetPolyData().GetBounds()[5] == second.GetPolyData().GetBounds()[4] == 13.0
    assert logic.undo(first) is model
    first, second = logic.redo(model)
    (mirrored,) = logic.shape(scene, second, "mirror", MirrorParameters(plane_mm=11.5))
    write_recipe(tmp_path / "recipe.json", steps_to(mirrored))
    made = logic.replay(scene, logic.repair(scene, model), tmp_path / "recipe.json")
    assert [node.GetName() for node in made] == [
        "Femur model repaired 2 part 1",
        "Femur model repaired 2 part 2 mirrored",
    ]


def test_the_logic_works_on_any_scene_without_a_window(application, monkeypatch, scene, tmp_path):
    logic = stand_in.load_module(monkeypatch, "FluoroPrintPrepare").FluoroPrintPrepareLogic()
    node = add_segmentation(scene, two_balls(), "Bones")
    models = logic.prepare(scene, node, QUICK)
    assert logic.check(models[0]).is_watertight
    assert logic.repair(scene, models[0]).GetName() == "Femur model repaired"
    assert logic.export(models, tmp_path / "bones.stl").triangles > 100
    shape_by_logic(logic, scene, models[0], tmp_path)
    job = logic.print(scene, models, "prusa-mini", "pla", settings=PrintSettings(infill_percent=20.0))
    assert [part.placed.name for part in job.parts] == ["Femur model", "Tibia model"]
    assert job.settings.infill_percent == 20.0
    assert len(plates_of(scene)) == 1
    with pytest.raises(FluoroPrintError):
        logic.prepare(scene, scene.AddNewNodeByClass("vtkMRMLSegmentationNode"))

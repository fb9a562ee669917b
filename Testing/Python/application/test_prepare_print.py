"""The section "Print" of FluoroPrint Prepare: machines to choose, plates, what they take, files."""

import json
import re

import pytest
import slicer
import stand_in
from FluoroPrintLib.catalog.machines import read_catalogue
from FluoroPrintLib.files.plates import read_models
from FluoroPrintLib.files.threemf_reading import read_threemf
from FluoroPrintLib.mrml.case_parameters import stored_parameters
from FluoroPrintLib.mrml.files import open_case, write_case
from FluoroPrintLib.mrml.models import keep_material, material_at
from FluoroPrintLib.mrml.print_files import print_files_of
from FluoroPrintLib.mrml.print_plates import plates_of
from prepare_panel import ball, false_slicer, models_of, open_prepare, press

CATALOGUE = read_catalogue()


@pytest.fixture
def widget(application, monkeypatch, scene, tmp_path):
    monkeypatch.setenv("FLUOROPRINT_PRUSA_SLICER", str(tmp_path / "nowhere"))
    monkeypatch.setenv("FLUOROPRINT_CURA_ENGINE", str(tmp_path / "nowhere"))
    return open_prepare(monkeypatch, scene)


@pytest.fixture
def node(widget, scene):
    """The model of a ball, chosen, for a small printer."""
    found = ball(scene)
    widget.ui.modelChooser.setCurrentNode(found)
    choose(widget, "prusa-mini", "pla")
    return found


@pytest.fixture
def prepared(widget, node):
    press(widget, widget.ui.prepareButton)
    return node


def choose(widget, printer, material=None):
    widget.ui.printerBox.currentText = widget.printing.catalogue.printer(printer).title
    if material is not None:
        widget.ui.materialBox.currentText = widget.printing.catalogue.material(material).title


def offered(box):
    return [box.itemText(number) for number in range(box.count)]


def rows_of(table):
    return [[table.item(r, c).text() for c in range(table.columnCount)] for r in range(table.rowCount)]


def answer_folder(application, folder):
    application.answers["QFileDialog.getExistingDirectory"] = str(folder)


@pytest.mark.parametrize("printer", CATALOGUE.printers, ids=lambda printer: printer.id)
def test_only_materials_that_the_printer_takes_are_offered(widget, printer):
    choose(widget, printer.id)
    fitting = [m.title for m in CATALOGUE.materials if printer.process in m.processes]
    assert offered(widget.ui.printerBox) == [each.title for each in CATALOGUE.printers]
    assert offered(widget.ui.materialBox) == fitting
    assert widget.ui.materialBox.currentText == fitting[0]
    assert printer.size_words in widget.ui.machineLabel.text


def test_a_material_is_kept_while_the_printer_takes_it(widget):
    choose(widget, "prusa-mini", "petg")
    choose(widget, "prusa-mk3s")
    assert widget.chosen.material == "petg"
    assert widget.ui.materialBox.currentText == CATALOGUE.material("petg").title
    choose(widget, "prusa-sl1s")
    assert widget.printing.material.id != "petg"


def test_a_folder_of_the_user_adds_to_the_catalogue(widget, tmp_path):
    entry = {"id": "mine", "title": "My printer", "technology": "material extrusion", "process": "FDM"}
    sizes = {"bed_mm": [90, 80], "height_mm": 70, "min_wall_mm": 0.8, "min_hole_mm": 1, "clearance_mm": 3}
    sources = dict.fromkeys(sizes, "measured")
    path = tmp_path / "printers.json"
    path.write_text(json.dumps({"printers": [entry | sizes | {"sources": sources}]}))
    widget.ui.catalogueEdit.currentPath = str(tmp_path)
    assert widget.ui.catalogueLabel.text == ""
    choose(widget, "mine")
    assert "90 x 80 x 70 mm" in widget.ui.machineLabel.text
    widget.ui.catalogueEdit.currentPath = ""
    assert "My printer" not in offered(widget.ui.printerBox)


def test_a_folder_of_no_use_is_told_and_the_shipped_ones_stay(widget, tmp_path, application):
    widget.ui.catalogueEdit.currentPath = str(tmp_path)
    assert "holds no printers.json" in widget.ui.catalogueLabel.text
    assert len(offered(widget.ui.printerBox)) == len(CATALOGUE.printers)
    assert application.errors == []


def test_a_model_is_prepared_and_told(widget, prepared, scene, application):
    assert application.errors == []
    ((part, plate, size, _),) = rows_of(widget.ui.partsTable)
    assert (part, plate) == ("Ball", "1")
    assert [float(edge) for edge in re.findall(r"[\d.]+", size)] == pytest.approx([20, 20, 20], abs=0.5)
    ((plate, material, mass, cost, time),) = rows_of(widget.ui.platesTable)
    assert plate == "1"
    assert (material.endswith(" ml"), mass.endswith(" g"), "EUR" in cost, "min" in time) == (True,) * 4
    assert "sterilisation" in widget.ui.findingsLabel.text
    assert len(plates_of(scene)) == 1
    assert models_of(scene)[0] is prepared
    assert widget.ui.modelChooser.currentNode() is prepared


def test_settings_are_rows_of_their_dataclasses_and_used(widget, node, scene):
    widget.printing.rows["print"]["infill_percent"].value = 100.0
    widget.printing.rows["orientation"]["directions"].value = 7
    assert stored_parameters(scene, "print").infill_percent == 100.0
    assert stored_parameters(scene, "orientation").directions == 7
    press(widget, widget.ui.prepareButton)
    assert "stayed contaminated" not in widget.ui.findingsLabel.text
    assert float(rows_of(widget.ui.platesTable)[0][1].split()[0]) > 4.0


def test_what_is_typed_wrongly_is_told_at_the_button(widget, prepared, application):
    widget.ui.printSettings.collapsed = False
    stand_in.type_text(widget.printing.rows["print"]["layer_mm"], "thick")
    assert application.errors == []
    assert "layer_mm is 'thick': it takes a number." in widget.ui.prepareButton.toolTip
    assert not widget.ui.writePlatesButton.enabled
    stand_in.type_text(widget.printing.rows["print"]["layer_mm"], "0.1")
    press(widget, widget.ui.prepareButton)
    assert application.errors == []


def test_all_visible_models_of_the_case_are_prepared(widget, node, scene):
    widget.ui.operationBox.currentIndex = 2  # saw
    press(widget, widget.ui.shapeButton)
    press(widget, widget.ui.prepareButton)
    assert [row[0] for row in rows_of(widget.ui.partsTable)] == ["Ball part 1"]
    stand_in.click(widget.ui.printAllBox)
    press(widget, widget.ui.prepareButton)
    assert [row[0] for row in rows_of(widget.ui.partsTable)] == ["Ball part 1", "Ball part 2"]


def test_what_does_not_fit_is_refused_in_a_sentence(widget, prepared, scene, application):
    widget.ui.modelChooser.setCurrentNode(ball(scene, "Pelvis", 150.0))
    press(widget, widget.ui.prepareButton)
    (told,) = application.errors
    assert '"Pelvis" measures' in told
    assert "takes 180 x 180 x 180 mm: cut it, or choose a larger printer." in told
    assert [row[0] for row in rows_of(widget.ui.partsTable)] == ["Ball"]


def test_a_cancel_leaves_nothing(widget, node, scene, application):
    stand_in.click(widget.ui.prepareButton)
    stand_in.click(widget.work.cancelButton)
    stand_in.wait_until(lambda: not widget.work.busy)
    assert plates_of(scene) == ()
    assert widget.ui.partsTable.rowCount == 0
    assert not widget.ui.writePlatesButton.enabled
    assert application.errors == []


def test_plates_are_written_and_registered(widget, prepared, scene, application, tmp_path):
    answer_folder(application, tmp_path / "job")
    press(widget, widget.ui.writePlatesButton)
    ((_, triangles),) = read_threemf(tmp_path / "job" / "plate-1.3mf")
    assert len(triangles) == prepared.GetPolyData().GetNumberOfCells()
    assert "plate-1.3mf" in widget.ui.printLabel.text
    tables = slicer.util.getNodesByClass("vtkMRMLTableNode", scene)
    assert ("plate-1.3mf",) in [print_files_of(table) for table in tables]
    assert application.errors == []


@pytest.mark.parametrize("answer", [True, False])
def test_plates_that_exist_are_replaced_only_when_the_user_agrees(
    widget, prepared, application, tmp_path, monkeypatch, answer
):
    path, asked = tmp_path / "plate-1.3mf", []
    path.write_text("mine")
    monkeypatch.setattr(
        slicer.util, "confirmOkCancelDisplay", lambda text, **_o: asked.append(text) or answer
    )
    answer_folder(application, tmp_path)
    press(widget, widget.ui.writePlatesButton)
    assert str(path) in asked[0]
    assert (path.read_bytes() != b"mine") is answer


def test_a_dialog_that_is_left_writes_nothing(widget, prepared, application):
    answer_folder(application, "")
    stand_in.click(widget.ui.writePlatesButton)
    assert not widget.work.busy


def test_a_part_that_is_no_solid_is_told_and_not_written(widget, scene, application, tmp_path):
    widget.ui.modelChooser.setCurrentNode(ball(scene, open_faces=3))
    press(widget, widget.ui.prepareButton)
    assert "<b>✖</b> <b>Ball</b>" in widget.ui.findingsLabel.text
    answer_folder(application, tmp_path / "job")
    press(widget, widget.ui.writePlatesButton)
    assert "is no solid" in application.errors[0]
    assert not (tmp_path / "job").exists()


def test_slicing_says_what_is_lacking_and_runs_where_it_can(
    widget, prepared, application, tmp_path, monkeypatch
):
    ui = widget.ui
    assert not ui.sliceButton.enabled
    assert "PrusaSlicer was not found: install it" in ui.sliceButton.toolTip
    monkeypatch.setenv("FLUOROPRINT_PRUSA_SLICER", false_slicer(tmp_path))
    widget.refresh()
    answer_folder(application, tmp_path / "job")
    press(widget, ui.sliceButton)
    assert (tmp_path / "job" / "plate-1.gcode").is_file()
    assert "plate-1.gcode (PrusaSlicer: 4.2 ml, 1 h 05 min)" in ui.printLabel.text
    assert application.errors == []


def test_a_printer_that_prusaslicer_does_not_know_is_told(widget, prepared, tmp_path, monkeypatch):
    monkeypatch.setenv("FLUOROPRINT_PRUSA_SLICER", false_slicer(tmp_path))
    powder = next(printer for printer in CATALOGUE.printers if printer.technology == "powder bed fusion")
    choose(widget, powder.id)
    press(widget, widget.ui.prepareButton)
    assert not widget.ui.sliceButton.enabled
    assert widget.ui.writePlatesButton.enabled
    assert powder.title in widget.ui.sliceButton.toolTip


def test_a_package_is_made_and_registered_and_replaced_only_when_the_user_agrees(
    widget, node, scene, application, tmp_path, monkeypatch
):
    folder = tmp_path / "job"
    choose(widget, "prusa-mini", "pla")
    answer_folder(application, folder)
    widget.ui.packageSettings.collapsed = False
    stand_in.click(widget.ui.packagePrusaBox)
    stand_in.type_text(widget.package.rows["case"], "C-12")
    press(widget, widget.ui.packageButton)
    assert application.errors == []
    facts = json.loads((folder / "sheet.json").read_text(encoding="utf-8"))
    assert facts["case"] == "C-12"
    assert facts["printer"]["id"] == "prusa-mini"
    assert facts["plates"][0]["sliced"] is None
    assert facts["files"][0]["name"] == "model.prusaslicer.3mf"
    assert not (folder / "model.3mf").exists()
    assert widget.ui.printLabel.text.startswith("4 files and the sheet were written to")
    tables = slicer.util.getNodesByClass("vtkMRMLTableNode", scene)
    assert any("sheet.html" in print_files_of(table) for table in tables)
    before = (folder / "sheet.json").read_bytes()
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda *_a, **_o: False)
    press(widget, widget.ui.packageButton)
    assert (folder / "sheet.json").read_bytes() == before


@pytest.mark.slow
def test_a_package_that_is_to_be_sliced_says_what_is_lacking_and_holds_its_figures(
    widget, node, application, tmp_path, monkeypatch
):
    widget.ui.packageSettings.collapsed = False
    stand_in.click(widget.ui.packageSliceBox)
    assert not widget.ui.packageButton.enabled
    assert "PrusaSlicer was not found: install it" in widget.ui.packageButton.toolTip
    monkeypatch.setenv("FLUOROPRINT_PRUSA_SLICER", false_slicer(tmp_path))
    widget.refresh()
    answer_folder(application, tmp_path / "job")
    press(widget, widget.ui.packageButton)
    assert application.errors == []
    facts = json.loads((tmp_path / "job" / "sheet.json").read_text(encoding="utf-8"))
    assert facts["plates"][0]["sliced"]["material_ml"] == 4.2


@pytest.mark.parametrize("change", ["printer", "setting", "surface", "place", "model", "material"])
def test_what_was_changed_since_is_to_be_prepared_anew(widget, prepared, scene, change):
    ui = widget.ui
    assert ui.writePlatesButton.enabled
    if change == "printer":
        choose(widget, "prusa-mk3s")
    elif change == "setting":
        widget.printing.rows["print"]["walls"].value = 5
    elif change == "surface":
        prepared.SetAndObservePolyData(ball(scene, "Other").GetPolyData())
    elif change == "place":
        transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Move")
        prepared.SetAndObserveTransformNodeID(transform.GetID())
    elif change == "material":
        widget.ui.ownMaterialBox.currentText = "PETG filament"
    else:
        ui.modelChooser.setCurrentNode(ball(scene, "Other"))
    widget.refresh()
    assert not ui.writePlatesButton.enabled
    assert "prepare the print anew" in ui.writePlatesButton.toolTip
    press(widget, ui.prepareButton)
    assert ui.writePlatesButton.enabled


def test_a_model_has_a_material_of_its_own(widget, prepared, scene, application, tmp_path):
    box, other = widget.ui.ownMaterialBox, ball(scene, "Vessel")
    assert offered(box) == ["that of the print", *(material.title for material in CATALOGUE.materials)]
    assert box.currentIndex == 0
    widget.ui.modelChooser.setCurrentNode(other)
    box.currentText = "TPU filament"
    assert material_at(other) == "TPU filament"
    assert material_at(prepared) == ""
    press(widget, widget.ui.prepareButton)
    ((_, taken, mass, *_),) = rows_of(widget.ui.platesTable)
    assert float(mass.split()[0]) / float(taken.split()[0]) == pytest.approx(1.21, rel=0.05)
    widget.ui.modelChooser.setCurrentNode(prepared)
    assert box.currentIndex == 0
    widget.ui.modelChooser.setCurrentNode(other)
    assert box.currentText == "TPU filament"
    widget.ui.fileEdit.currentPath = str(tmp_path / "vessel.3mf")
    press(widget, widget.ui.exportButton)
    (written,) = read_models(tmp_path / "vessel.3mf")
    assert (written.name, written.material) == ("Vessel", "TPU filament")
    box.currentIndex = 0
    assert material_at(other) == ""
    assert application.errors == []


def test_a_material_that_is_in_no_catalogue_stays_shown(widget, node):
    keep_material(node, "Unobtainium")
    widget.refresh()
    assert widget.ui.ownMaterialBox.currentText == "Unobtainium"
    press(widget, widget.ui.prepareButton)
    assert "which the catalogue does not know" in widget.ui.findingsLabel.text


def test_plates_are_taken_away(widget, prepared, scene):
    count = len(models_of(scene))
    stand_in.click(widget.ui.removePlatesButton)
    assert (count, models_of(scene)) == (3, [prepared])
    assert widget.ui.partsTable.real.isHidden()
    assert widget.ui.findingsLabel.real.isHidden()
    assert not widget.ui.removePlatesButton.enabled
    assert "Prepare the print first." in widget.ui.writePlatesButton.toolTip


def test_what_was_prepared_is_told_again_with_the_saved_scene(widget, prepared, scene, tmp_path, application):
    rows = rows_of(widget.ui.platesTable)
    write_case(scene, tmp_path / "case.mrb")
    scene.Clear(False)
    assert widget.ui.platesTable.rowCount == 0
    open_case(scene, tmp_path / "case.mrb")
    assert rows_of(widget.ui.platesTable) == rows
    assert widget.ui.printerBox.currentText == CATALOGUE.printer("prusa-mini").title
    assert not widget.ui.writePlatesButton.enabled
    stand_in.click(widget.ui.removePlatesButton)
    assert [model.GetName() for model in models_of(scene)] == ["Ball"]
    assert application.errors == []


def test_names_are_shown_as_they_are(widget, scene):
    widget.ui.modelChooser.setCurrentNode(ball(scene, "<i>Femur</i> & co", open_faces=1))
    press(widget, widget.ui.prepareButton)
    assert "&lt;i&gt;Femur&lt;/i&gt; &amp; co" in widget.ui.findingsLabel.text

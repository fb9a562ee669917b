"""A prepared print in the scene: plates beside the models, what they take, gone without a trace."""

import numpy as np
import pytest
from FluoroPrintLib.catalog.machines import read_catalogue
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.mrml.case_stages import case_models, case_state
from FluoroPrintLib.mrml.cases import nodes_of_stage
from FluoroPrintLib.mrml.files import open_case, write_case
from FluoroPrintLib.mrml.models import add_model, is_model, keep_material, named_surface, surface_from_node
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.print_plates import add_plates, plates_of, prepare_plates, remove_plates
from FluoroPrintLib.mrml.print_tables import FINDINGS, PARTS, PLATES, print_rows
from FluoroPrintLib.mrml.provenance import source_of
from FluoroPrintLib.mrml.shape_steps import results_of
from FluoroPrintLib.printing.estimates import duration
from FluoroPrintLib.printing.orientation import OrientationParameters
from FluoroPrintLib.printing.preparation import prepare_print
from FluoroPrintLib.printing.settings import PrintSettings
from FluoroPrintLib.shape.solids import engine, surface_of

STANDING = OrientationParameters(orient=False)


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue()


@pytest.fixture
def mini(catalogue):
    return catalogue.printer("prusa-mini"), catalogue.material("pla")


def box_node(scene, name, size, at=(0.0, 0.0, 0.0)):
    box = engine().Manifold.cube(size, True).translate(at)
    return add_model(scene, NamedModel(name, (0.9, 0.8, 0.6), surface_of(box)))


def bounds_of(node):
    bounds = np.zeros(6)
    node.GetRASBounds(bounds)
    return bounds.reshape(3, 2)


def shown_models(scene, word):
    count = scene.GetNumberOfNodesByClass("vtkMRMLModelNode")
    nodes = (scene.GetNthNodeByClass(n, "vtkMRMLModelNode") for n in range(count))
    return [node for node in nodes if word in node.GetName()]


def test_plates_of_several_materials_name_them(scene, mini, catalogue):
    nodes = [box_node(scene, "Femur", (20, 20, 20)), box_node(scene, "Vessel", (10, 10, 10))]
    keep_material(nodes[1], "TPU filament")
    prepare_plates(scene, nodes, *mini, STANDING, known=catalogue.materials)
    rows = print_rows(scene, PLATES)
    assert [row[1].split(" ", 1)[1] for row in rows] == ["ml PLA filament", "ml TPU filament"]


def test_plates_lie_beside_the_models_each_with_its_parts(scene, mini):
    nodes = [box_node(scene, "Femur", (120, 90, 20), (5, -7, 30)), box_node(scene, "Tibia", (120, 100, 20))]
    job = prepare_plates(scene, nodes, *mini)
    assert len(plates_of(scene)) == len(job.estimates) == 2
    beds, parts = shown_models(scene, "Bed "), shown_models(scene, " on plate ")
    assert sorted(part.placed.plate for part in job.parts) == [0, 1]
    for number, part in enumerate(parts):
        plate = job.parts[number].placed.plate
        assert part.GetName() == f"{nodes[number].GetName()} on plate {plate + 1}"
        room, place = bounds_of(beds[plate]), bounds_of(part)
        np.testing.assert_allclose(np.ptp(room, axis=1), (180, 180, 180))
        assert (place[:, 0] >= room[:, 0] - 1e-6).all()
        assert (place[:, 1] <= room[:, 1] + 1e-6).all()
        assert place[2, 0] == pytest.approx(room[2, 0])
        assert part.GetParentTransformNode() is plates_of(scene)[plate]
        assert source_of(part) is nodes[number]
        on_bed = points_of(job.parts[number].placed.surface)
        np.testing.assert_allclose(points_of(surface_from_node(part)) - room[:, 0], on_bed, atol=1e-9)
    assert bounds_of(beds[0])[0, 0] > max(bounds_of(node)[0, 1] for node in nodes)
    assert bounds_of(beds[1])[0, 0] > bounds_of(beds[0])[0, 1]


def test_models_are_printed_where_their_transform_puts_them(scene, mini):
    node = box_node(scene, "Femur", (30, 20, 10))
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Turn")
    transform.SetMatrixTransformToParent(vtk_matrix(np.diag([1.0, 1, 1, 1])[[2, 0, 1, 3]]))
    node.SetAndObserveTransformNodeID(transform.GetID())
    job = prepare_plates(scene, [node], *mini, STANDING)
    assert job.parts[0].placed.size_mm == pytest.approx((30, 10, 20))  # turned about z


def test_the_tables_tell_what_the_job_does(scene, mini):
    node = box_node(scene, "Femur", (30, 20, 0.2))
    job = prepare_plates(scene, [node], *mini, STANDING, PrintSettings(infill_percent=40.0))
    assert print_rows(scene, PARTS)[0][:3] == ("Femur", "1", "30 × 20 × 0")
    ((plate, material, mass, cost, time),) = print_rows(scene, PLATES)
    taken = job.estimates[0]
    assert plate == "1"
    assert (material, mass) == (f"{taken.material_ml:.1f} ml", f"{taken.mass_g:.1f} g")
    assert cost == f"{taken.cost:.2f} EUR"
    assert time == duration(taken.seconds)
    findings = print_rows(scene, FINDINGS)
    assert len(findings) == len(job.parts[0].findings) + len(job.findings) > 0
    assert any(part == "Femur" and "walls under" in text for _, part, text in findings)


def test_what_is_not_known_is_told_so(scene, catalogue):
    material = next(m for m in catalogue.materials if m.cost is None or m.density_g_cm3 is None)
    printer = next(p for p in catalogue.printers if p.process in material.processes)
    prepare_plates(scene, [box_node(scene, "Femur", (30, 20, 10))], printer, material)
    assert "not known" in print_rows(scene, PLATES)[0]


def test_plates_are_no_results_of_the_case(scene, mini):
    node = box_node(scene, "Femur", (30, 20, 10))
    prepare_plates(scene, [node], *mini)
    assert case_models(node) == (node,)
    assert case_state(scene, "Femur").model is node
    assert results_of(node) == ()
    assert not any(is_model(part) for part in shown_models(scene, " on plate "))


def test_preparing_again_replaces_the_plates_and_removing_leaves_nothing(scene, mini):
    node = box_node(scene, "Femur", (30, 20, 10))
    prepare_plates(scene, [node, box_node(scene, "Tibia", (160, 160, 10))], *mini)
    prepare_plates(scene, [node], *mini)
    assert [part.GetName() for part in shown_models(scene, " on plate ")] == ["Femur on plate 1"]
    assert [plate.GetName() for plate in plates_of(scene)] == ["Plate 1"]
    assert len(nodes_of_stage(scene, "Femur", "Print")) == 3
    kinds = {scene.GetNthNode(n).GetClassName() for n in range(scene.GetNumberOfNodes())}
    remove_plates(scene)
    assert plates_of(scene) == ()
    assert print_rows(scene, PARTS) == ()
    assert nodes_of_stage(scene, "Femur", "Print") == ()
    assert shown_models(scene, "Bed") == []
    left = {scene.GetNthNode(n).GetClassName() for n in range(scene.GetNumberOfNodes())}
    assert kinds - left == {"vtkMRMLLinearTransformNode", "vtkMRMLTableNode"}
    assert node.GetDisplayNode() is not None


def test_plates_come_back_with_the_scene_and_can_be_removed_then(scene, mini, tmp_path):
    prepare_plates(scene, [box_node(scene, "Femur", (30, 20, 10))], *mini)
    rows = print_rows(scene, PLATES)
    write_case(scene, tmp_path / "case.mrb")
    scene.Clear(False)
    open_case(scene, tmp_path / "case.mrb")
    assert len(plates_of(scene)) == 1
    assert print_rows(scene, PLATES) == rows
    remove_plates(scene)
    assert [node.GetName() for node in shown_models(scene, "Femur")] == ["Femur"]


def test_what_does_not_fit_is_refused_and_the_plates_stay(scene, mini):
    node = box_node(scene, "Femur", (30, 20, 10))
    prepare_plates(scene, [node], *mini)
    count = scene.GetNumberOfNodes()
    with pytest.raises(FluoroPrintError, match=r'"Tibia" measures .* takes 180 x 180 x 180 mm: cut it'):
        prepare_plates(scene, [box_node(scene, "Tibia", (400, 10, 10))], *mini)
    with pytest.raises(FluoroPrintError, match="nothing to print"):
        prepare_plates(scene, [], *mini)
    assert len(plates_of(scene)) == 1
    assert scene.GetNumberOfNodes() == count + 2  # the model and its display


def test_a_cancel_leaves_nothing(scene, mini):
    node = box_node(scene, "Femur", (30, 20, 10))
    count = scene.GetNumberOfNodes()

    def cancel(fraction, message):
        raise Cancelled

    with pytest.raises(Cancelled):
        prepare_plates(scene, [node], *mini, progress=cancel)
    assert scene.GetNumberOfNodes() == count


def test_a_model_that_was_removed_meanwhile_is_told(scene, mini):
    node = box_node(scene, "Femur", (30, 20, 10))
    job = prepare_print([named_surface(node)], *mini)
    scene.RemoveNode(node)
    with pytest.raises(FluoroPrintError, match="removed meanwhile"):
        add_plates(scene, job, [node])

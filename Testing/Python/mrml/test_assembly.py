"""Models under transforms of their own become one assembly in world coordinates; each step can be undone."""

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.mrml.assembly import assemble
from FluoroPrintLib.mrml.case_stages import case_models
from FluoroPrintLib.mrml.cases import case_of
from FluoroPrintLib.mrml.files import open_case, write_case
from FluoroPrintLib.mrml.models import add_model, colour_of, keep_material, material_at, named_surface
from FluoroPrintLib.mrml.nodes import new_node, vtk_matrix
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.mrml.shape_steps import redo, steps_to, undo
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.shape.assembly import AssemblyParameters, overlaps
from FluoroPrintLib.shape.fit import FitParameters
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of

COARSE = FitParameters(0.5, voxel_mm=0.5)
PLA, TPU = "PLA filament", "TPU filament"


def node_of(scene, name, solid, material="", shift=None):
    node = add_model(scene, NamedModel(name, (0.9, 0.2, 0.2), surface_of(solid), material=material))
    if shift is not None:
        put_under(node, shift)
    return node


def put_under(node, shift):
    """Put a node under a transform that turns it about S by 90 degrees and moves it."""
    matrix = np.array([[0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
    matrix[:3, 3] = shift
    transform = new_node(node.GetScene(), "vtkMRMLLinearTransformNode", f"Registration of {node.GetName()}")
    transform.SetMatrixTransformToParent(vtk_matrix(matrix))
    node.SetAndObserveTransformNodeID(transform.GetID())


@pytest.fixture
def parts(scene):
    """A block and a rod that crosses it, each under its own transform, which alone brings them together."""
    cube, rod = engine().Manifold.cube((20, 20, 20), True), engine().Manifold.cylinder(60, 3, 3, 48, True)
    bone = node_of(scene, "Bone", cube, PLA, (100, 0, 0))
    vessel = node_of(scene, "Vessel", rod.translate((0, -100, 0)), TPU, (0, 0, 0))
    return bone, vessel


def test_parts_meet_in_world_coordinates_and_the_softer_makes_room(scene, parts):
    bone, vessel = parts
    made = assemble(scene, [vessel, bone], COARSE)
    assert made[1] is bone
    assert [node.GetName() for node in made] == ["Vessel fitted", "Bone"]
    assert made[0].GetParentTransformNode() is None
    assert np.allclose(points_of(made[0].GetPolyData()).mean(0)[:2], (100, 0), atol=0.01)
    assert overlaps([named_surface(node) for node in made]) == ()
    # Outside of the block and half a millimetre from it.
    assert solid_of(made[0].GetPolyData()).volume() == pytest.approx(np.pi * 9 * 39, rel=0.01)
    assert (material_at(made[0]), colour_of(made[0])) == (TPU, pytest.approx((0.9, 0.2, 0.2)))
    assert case_of(bone) == case_of(made[0]) != ""


def test_a_step_is_undone_and_redone_also_after_saving(scene, parts, tmp_path):
    made = assemble(scene, parts, COARSE)
    assert [step.operation.name for step in steps_to(made[1])] == ["fit"]
    assert undo(made[1]) is parts[1]
    (again,) = redo(parts[1])
    assert again.GetName() == "Vessel fitted"
    assert material_at(again) == TPU
    write_case(scene, tmp_path / "case.mrb")
    scene.Clear(False)
    open_case(scene, tmp_path / "case.mrb")
    node = scene.GetFirstNodeByName("Vessel fitted")
    assert material_at(node) == TPU
    assert undo(node).GetName() == "Vessel"


def test_without_fitting_the_models_join_the_case_as_they_are(scene, parts):
    before = [points_of(node.GetPolyData()).tobytes() for node in parts]
    assert assemble(scene, parts, COARSE, AssemblyParameters(fit=False)) == parts
    assert [points_of(node.GetPolyData()).tobytes() for node in parts] == before
    assert case_of(parts[0]) == case_of(parts[1]) == "Bone"


def test_a_segmentation_of_another_modality_joins_where_its_transform_puts_it(scene, parts):
    bone, _ = parts
    mask = np.zeros((12, 12, 12), np.uint8)
    mask[3:9, 3:9, 3:9] = 1
    volume = Volume(mask, np.array([[1, 0, 0, -5.5], [0, 1, 0, -105.5], [0, 0, 1, 4.5], [0, 0, 0, 1.0]]))
    tumour = add_segmentation(scene, Segmentation(volume, (Segment("Tumour", 1, (0, 0.5, 0)),)), "MRI")
    put_under(tumour, (0, 0, 0))
    made = assemble(scene, [bone, tumour], COARSE, AssemblyParameters(whole="earlier"))
    assert len(made) == 2
    bounds = np.zeros(6)
    made[1].GetRASBounds(bounds)
    assert bounds[:4] == pytest.approx([97, 103, -3, 3], abs=0.3)
    assert case_of(made[1]) == case_of(bone)
    assert overlaps([named_surface(node) for node in made]) == ()


def test_nothing_is_added_where_a_part_cannot_be_fitted(scene, parts):
    from FluoroPrintLib.mesh.polydata import polydata_from, triangles_of

    opened = parts[1].GetPolyData()
    parts[1].SetAndObservePolyData(polydata_from(points_of(opened), triangles_of(opened)[1:]))
    count = scene.GetNumberOfNodes()
    with pytest.raises(FluoroPrintError, match="not closed"):
        assemble(scene, parts, COARSE)
    assert scene.GetNumberOfNodes() == count


def test_a_second_fit_adds_no_second_word(scene, parts):
    bone, vessel = parts
    plate = node_of(scene, "Plate", engine().Manifold.cube((20, 20, 2), True).translate((100, 0, 25)), PLA)
    made = assemble(scene, [bone, vessel, plate], COARSE)
    assert made[1].GetName() == "Vessel fitted 2"
    assert len(steps_to(made[1])) == 2
    keep_material(made[1], "")
    assert named_surface(made[1]).material == ""
    assert set(case_models(bone)) >= {bone}

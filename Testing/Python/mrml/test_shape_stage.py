"""Shaping as a stage of the scene: named after its source, under its transform, its warnings kept."""

import numpy as np
from FluoroPrintLib.mesh.named import NamedModel, warnings_of
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.mrml.models import add_model, named_surface
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.provenance import parameters_of, source_of
from FluoroPrintLib.mrml.stages import apply_stage, shape_stage
from FluoroPrintLib.shape.combine import CombineParameters
from FluoroPrintLib.shape.drill import DrillParameters, drill
from FluoroPrintLib.shape.saw import SawParameters
from FluoroPrintLib.shape.size import MirrorParameters
from FluoroPrintLib.shape.solids import engine, surface_of

COLOUR = (0.2, 0.4, 0.6)
MOVE = np.array([[0, -1, 0, 5.0], [1, 0, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])


def cube_node(scene, size=20.0):
    return add_model(
        scene, NamedModel("Femur", COLOUR, surface_of(engine().Manifold.cube((size,) * 3, True)))
    )


def test_a_model_is_drilled_where_its_transform_puts_it(scene):
    node = cube_node(scene)
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Move")
    transform.SetMatrixTransformToParent(vtk_matrix(MOVE))
    node.SetAndObserveTransformNodeID(transform.GetID())
    parameters = DrillParameters((5.0, 6.0, 17.0), depth_mm=3.0)
    (made,) = apply_stage(scene, shape_stage("drill"), node, parameters)
    expected = drill(named_surface(node).surface, parameters).parts[0].surface
    np.testing.assert_array_equal(points_of(made.GetPolyData()), points_of(expected))
    assert made.GetName() == "Femur drilled"
    assert made.GetDescription().startswith("The hole took out")
    assert np.ptp([made.GetDisplayNode().GetColor(), COLOUR], axis=0).max() > 0.2
    assert source_of(made) is node
    assert parameters_of(made)["depth_mm"] == 3.0
    assert not node.GetDisplayNode().GetVisibility()


def test_warnings_stay_through_later_steps_and_reach_what_is_exported(scene):
    (mirrored,) = apply_stage(scene, shape_stage("mirror"), cube_node(scene), MirrorParameters())
    parts = apply_stage(scene, shape_stage("saw"), mirrored, SawParameters())
    assert [part.GetName() for part in parts] == ["Femur mirrored part 1", "Femur mirrored part 2"]
    (warning,) = warnings_of(named_surface(part) for part in parts)
    assert warning.startswith("MIRRORED")


def test_a_second_model_is_a_node_too(scene):
    stage = shape_stage("combine", cube_node(scene, 10.0))
    (made,) = apply_stage(scene, stage, cube_node(scene), CombineParameters("intersect"))
    assert np.abs(points_of(made.GetPolyData())).max() == 5.0

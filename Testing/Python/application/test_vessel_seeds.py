"""The points of the effect "Vessel": with them only what is connected to one is kept."""

import numpy as np
import pytest
import stand_in
from bone_editor import apply, choose, count_of, open_editor, preview, previewed
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.vessel import find_vessels
from slicer.util import arrayFromSegmentBinaryLabelmap

SIZE = 48
AT_K, AT_J, AT_I = np.indices((SIZE, SIZE, SIZE)) - SIZE // 2
GRID = grid_centred_at((0, 0, 0), (SIZE, SIZE, SIZE), 1.0)


def rods():
    """A wide rod along I and a thin one along K, of contrast in soft tissue with noise."""
    voxels = np.random.default_rng(1).normal(40.0, 20.0, (SIZE, SIZE, SIZE))
    voxels[(AT_K - 10) ** 2 + (AT_J - 8) ** 2 <= 5**2] = 700.0
    voxels[((AT_I - 10) ** 2 + (AT_J + 12) ** 2 <= 3**2) & (np.abs(AT_K) < 15)] = 700.0
    return Volume(voxels.astype(np.float32), GRID)


def place_ras(i, j, k):
    """The place of a voxel, counted from the middle one."""
    return (GRID @ [*np.add((i, j, k), SIZE // 2), 1.0])[:3]


IN_WIDE, IN_THIN, BESIDE = place_ras(0, 8, 10), place_ras(10, -12, 0), place_ras(-15, -12, -15)


@pytest.fixture
def volume(scene):
    return add_volume(scene, rods(), "Rods")


@pytest.fixture
def editor(registered, scene, volume):
    return choose(open_editor(scene, "SegmentEditor"), scene, volume, "Vessel")


def points(scene, editor, *places):
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Seeds")
    for place in places:
        node.AddControlPoint(list(place))
    editor.options.seeds.chooser.setCurrentNode(node)
    return node


def voxels(editor, volume):
    return arrayFromSegmentBinaryLabelmap(editor.segmentation, editor.segment_id, volume) > 0


def found_from(*places):
    seeds = np.array(places) if places else None
    return find_vessels(rods(), None, seeds).segmentation.labelmap.array_kji > 0


@pytest.mark.parametrize("places", [(), (IN_THIN,), (IN_WIDE,), (IN_WIDE, IN_THIN)])
def test_what_is_written_is_what_the_function_finds_from_the_points(
    editor, application, scene, volume, places
):
    points(scene, editor, *places)
    apply(editor)
    assert application.errors == []
    np.testing.assert_array_equal(voxels(editor, volume), found_from(*places))


def test_without_a_list_the_parameters_decide(editor, application, volume):
    apply(editor)
    assert application.errors == []
    np.testing.assert_array_equal(voxels(editor, volume), found_from())


def test_the_two_rods_are_told_apart():
    assert 3 * np.count_nonzero(found_from(IN_THIN)) < np.count_nonzero(found_from(IN_WIDE))


def test_points_are_where_they_are_seen_under_a_transform(editor, scene, volume):
    move, matrix = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode"), np.eye(4)
    matrix[:3, 3] = [30.0, 4.0, -7.0]
    move.SetMatrixTransformToParent(vtk_matrix(matrix))
    for node in (editor.segmentation, volume):
        node.SetAndObserveTransformNodeID(move.GetID())
    points(scene, editor, IN_THIN + matrix[:3, 3])
    apply(editor)
    assert count_of(editor, volume) == np.count_nonzero(found_from(IN_THIN))


def test_a_point_beside_all_vessels_is_one_sentence(editor, application, scene, volume):
    points(scene, editor, BESIDE)
    apply(editor)
    assert "No vessel was found" in application.errors[0]
    assert count_of(editor, volume) == 0


def test_the_preview_follows_the_points(editor, scene):
    node = points(scene, editor, IN_WIDE)
    preview(editor)
    assert previewed(scene) == np.count_nonzero(found_from(IN_WIDE))
    node.SetNthControlPointPosition(0, *IN_THIN)
    node.InvokeEvent(node.PointEndInteractionEvent)
    stand_in.wait_until(lambda: previewed(scene) == np.count_nonzero(found_from(IN_THIN)))
    editor.options.seeds.chooser.setCurrentNode(None)
    stand_in.wait_until(lambda: previewed(scene) == np.count_nonzero(found_from()))


def test_placing_makes_a_list_and_ends_with_the_effect(editor, scene):
    stand_in.click(editor.options.seeds.placeButton)
    node = editor.options.seeds.chooser.currentNode()
    assert (node.GetName(), node.IsA("vtkMRMLMarkupsFiducialNode")) == ("Vessel seeds", True)
    interaction = scene.GetNodeByID("vtkMRMLInteractionNodeSingleton")
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    stand_in.click(editor.options.seeds.placeButton)
    assert editor.options.seeds.chooser.currentNode() is node
    editor.widget.setActiveEffectByName("")
    assert interaction.GetCurrentInteractionMode() == interaction.ViewTransform


def test_leaving_the_effect_follows_no_points(editor, scene):
    node = points(scene, editor, IN_WIDE)
    followed = stand_in.observed_events(node)["functions"]
    editor.widget.setActiveEffectByName("")
    assert stand_in.observed_events(node)["functions"] == followed - 3

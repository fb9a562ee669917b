"""The Segment Editor effect "Reprojection check", used as from the editor's own panel."""

from types import SimpleNamespace

import numpy as np
import pytest
import slicer
import stand_in
from bone_editor import CENTRED_KJI, GRID, RADIUS, add_segment, open_editor, segmentation_over
from FluoroPrintLib.mrml.case_parameters import store_parameters
from FluoroPrintLib.mrml.nodes import vtk_image, vtk_matrix
from FluoroPrintLib.mrml.segment_outlines import NAME as OUTLINE
from FluoroPrintLib.mrml.silhouettes import OVER_FRAME
from FluoroPrintLib.mrml.sweeps import add_sweep
from FluoroPrintLib.mrml.tables import column_numbers
from FluoroPrintLib.segmentation.reprojection import SnapParameters, snap_to_frames
from slicer.util import arrayFromSegmentBinaryLabelmap

WANTED = SnapParameters(max_mm=3.0, frames=12, edge_inside_px=0.8)
CONFIRM = "qSlicerSegmentEditorAbstractEffect.confirmCurrentSegmentVisible"
BALL_KJI = (CENTRED_KJI**2).sum(0)


@pytest.fixture
def checking(registered, scene, ball, ball_run):
    """An editor with a ball 2 mm too large selected, the effect chosen, the sweep chosen."""
    widget = open_editor(scene, "SegmentEditor")
    segmentation = segmentation_over(scene, ball)
    image = slicer.vtkOrientedImageData()
    image.ShallowCopy(vtk_image(BALL_KJI <= (RADIUS + 2) ** 2))
    image.SetImageToWorldMatrix(vtk_matrix(GRID))
    segment_id = segmentation.AddSegmentFromBinaryLabelmapRepresentation(image, "large")
    widget.setSegmentationNode(segmentation)
    widget.setSourceVolumeNode(ball)
    widget.setCurrentSegmentID(segment_id)
    store_parameters(scene, "snap", WANTED)
    widget.setActiveEffectByName("Reprojection check")
    options = widget.activeEffect().self().options
    sweep_node = add_sweep(scene, ball_run, "Run")
    options.sweepChooser.setCurrentNode(sweep_node)
    return SimpleNamespace(
        widget=widget,
        node=widget.real.node,
        segmentation=segmentation,
        segment_id=segment_id,
        options=options,
        sweep_node=sweep_node,
    )


def voxels(editor, ball):
    return arrayFromSegmentBinaryLabelmap(editor.segmentation, editor.segment_id, ball) > 0


def ended(editor):
    stand_in.wait_until(lambda: not editor.options.work.busy)


def press(editor, button):
    stand_in.click(button)
    ended(editor)


def outline_models(scene):
    nodes = scene.GetNodesByClass("vtkMRMLModelNode")
    found = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
    return [node for node in found if node.GetName() == OUTLINE]


def mean_radius_px(model):
    lines = model.GetNodeReference(f"FluoroPrint.{OVER_FRAME}").GetPolyData()
    points = np.array([lines.GetPoint(n) for n in range(lines.GetNumberOfPoints())])[:, [0, 2]]
    return np.linalg.norm(points - points.mean(0), axis=1).mean()


def test_snap_moves_the_border_as_the_function_does(checking, application, ball, ball_run):
    before = voxels(checking, ball)
    press(checking, checking.options.snapButton)
    assert application.errors == []
    expected = snap_to_frames(before, GRID, ball_run, WANTED)
    np.testing.assert_array_equal(voxels(checking, ball), expected.mask_kji)
    assert checking.options.work.label.text == expected.note
    true = BALL_KJI <= RADIUS**2
    assert (voxels(checking, ball) != true).sum() < 0.25 * (before != true).sum()


def test_undo_takes_the_move_back(checking, ball):
    before = voxels(checking, ball)
    press(checking, checking.options.snapButton)
    assert (voxels(checking, ball) != before).any()
    checking.widget.undo()
    np.testing.assert_array_equal(voxels(checking, ball), before)


def test_masks_of_the_editor_are_respected(checking, ball):
    before = voxels(checking, ball)
    half = CENTRED_KJI[2] >= 0
    checking.node.SetMaskSegmentID(add_segment(checking, "half", half))
    checking.node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    checking.node.SetOverwriteMode(checking.node.OverwriteNone)
    press(checking, checking.options.snapButton)
    changed = voxels(checking, ball) != before
    assert changed[half].any()
    assert not changed[~half].any()


def test_the_sweep_is_held_against_where_a_transform_puts_the_segment(checking, scene, ball, ball_run):
    """The segmentation is moved by 1 mm, its volume with it: the frames stay, so the border moves back."""
    before = voxels(checking, ball)
    move, matrix = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode"), np.eye(4)
    matrix[0, 3] = 1.0
    move.SetMatrixTransformToParent(vtk_matrix(matrix))
    for node in (checking.segmentation, ball):
        node.SetAndObserveTransformNodeID(move.GetID())
    press(checking, checking.options.snapButton)
    expected = snap_to_frames(before, matrix @ GRID, ball_run, WANTED).mask_kji
    np.testing.assert_array_equal(voxels(checking, ball), expected)


def test_the_outline_is_drawn_over_the_frame_and_follows_the_segment(checking, scene):
    press(checking, checking.options.showButton)
    (model,) = outline_models(scene)
    assert model.GetHideFromEditors()
    assert not model.GetSaveWithScene()
    assert mean_radius_px(model) == pytest.approx((RADIUS + 2) * 1100 / 700, rel=0.05)
    assert checking.options.agreementLabel.text.startswith("Edges beside ")
    before = checking.options.agreementLabel.text
    checking.options.frameSlider.value = 7.0
    assert checking.options.agreementLabel.text != before
    press(checking, checking.options.snapButton)
    stand_in.wait_until(lambda: mean_radius_px(model) == pytest.approx(RADIUS * 1100 / 700, rel=0.03))


def test_the_outline_is_of_the_segment_that_is_selected(checking, scene):
    small = add_segment(checking, "small", BALL_KJI <= (RADIUS - 4) ** 2)
    press(checking, checking.options.showButton)
    checking.widget.setCurrentSegmentID(small)
    (model,) = outline_models(scene)
    stand_in.wait_until(
        lambda: mean_radius_px(model) == pytest.approx((RADIUS - 4) * 1100 / 700, rel=0.05), 30
    )


def test_hiding_the_outline_or_leaving_the_effect_leaves_no_trace(checking, scene):
    for leave in (
        lambda: stand_in.click(checking.options.showButton),
        lambda: checking.widget.setActiveEffectByName(""),
    ):
        before = scene.GetNumberOfNodes()
        press(checking, checking.options.showButton)
        assert outline_models(scene)
        leave()
        assert scene.GetNumberOfNodes() == before
    assert not checking.options.showButton.checked


def test_closing_the_scene_ends_it_and_it_can_be_used_again(checking, application, scene):
    press(checking, checking.options.showButton)
    scene.Clear(False)
    assert application.errors == []
    assert not checking.options.showButton.checked
    assert not checking.options.snapButton.enabled


def test_all_frames_give_a_table_in_the_case(checking, application, scene):
    press(checking, checking.options.tableButton)
    assert application.errors == []
    table = scene.GetFirstNodeByName("Segmentation agreement")
    assert column_numbers(table, "Frame").tolist() == list(range(1, 13))
    # 2 mm too large, and a round edge is found 0.8 pixels of 0.64 mm inside.
    np.testing.assert_allclose(column_numbers(table, "Bias"), -2.5, atol=0.3)
    np.testing.assert_allclose(column_numbers(table, "MeanPx"), 2.5 / 0.636, atol=0.5)
    assert checking.options.work.label.text.endswith("over 12 frames; the table is in the case.")


def test_without_a_sweep_the_buttons_say_so(checking):
    checking.options.sweepChooser.setCurrentNode(None)
    for button in (checking.options.snapButton, checking.options.tableButton, checking.options.showButton):
        assert not button.enabled
        assert button.toolTip == "Choose a sweep first."


def test_an_empty_segment_is_told_in_a_sentence(checking, application):
    empty = checking.segmentation.GetSegmentation().AddEmptySegment("empty", "empty")
    checking.widget.setCurrentSegmentID(empty)
    for button in (checking.options.showButton, checking.options.snapButton):
        press(checking, button)
    assert len(application.errors) == 2
    assert all("empty" in error or "no voxels" in error for error in map(str, application.errors))
    assert not checking.options.showButton.checked


def test_a_hidden_segment_is_snapped_only_where_the_user_says_so(checking, application, ball):
    before = voxels(checking, ball)
    checking.segmentation.GetDisplayNode().SetSegmentVisibility(checking.segment_id, False)
    application.answers[CONFIRM] = False
    press(checking, checking.options.snapButton)
    np.testing.assert_array_equal(voxels(checking, ball), before)


def test_another_segment_selected_meanwhile_is_not_written_to(checking, application, ball):
    other = add_segment(checking, "other", BALL_KJI <= 25)
    before = voxels(checking, ball)
    stand_in.click(checking.options.snapButton)
    checking.widget.setCurrentSegmentID(other)
    ended(checking)
    assert "Another segment was selected meanwhile" in str(application.errors[0])
    np.testing.assert_array_equal(voxels(checking, ball), before)

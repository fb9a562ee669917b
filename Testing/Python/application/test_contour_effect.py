"""The effect "Fluoro contour" in frames, used as from the editor's own panel."""

from types import SimpleNamespace

import numpy as np
import pytest
import slicer
import stand_in
from bone_editor import BALL_MM3, CENTRED_KJI, GRID, RADIUS, add_segment, open_editor, segmentation_over
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mrml.frame_outlines import curve_in_frame, forget_outline, keep_outline, kept_outlines
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.segment_outlines import NAME as OUTLINE
from FluoroPrintLib.mrml.silhouettes import OVER_FRAME, stack_points_ras
from FluoroPrintLib.mrml.sweeps import add_sweep
from FluoroPrintLib.registration.silhouette import project_points
from FluoroPrintLib.segmentation.hull import find_hull
from FluoroPrintLib.segmentation.outlines import Outline
from slicer.util import arrayFromSegmentBinaryLabelmap

MIDDLE_RAS = (GRID @ [24.0, 24.0, 24.0, 1.0])[:3]
VIEWS = (0, 4, 8)


@pytest.fixture
def contouring(registered, scene, ball, ball_run):
    """An editor with an empty segment selected, the effect chosen, sweep and curve chosen."""
    widget = open_editor(scene, "SegmentEditor")
    segmentation = segmentation_over(scene, ball)
    segment_id = segmentation.GetSegmentation().AddEmptySegment("hull", "hull")
    widget.setSegmentationNode(segmentation)
    widget.setSourceVolumeNode(ball)
    widget.setCurrentSegmentID(segment_id)
    widget.setActiveEffectByName("Fluoro contour")
    both = widget.activeEffect().self().options
    both.modeBox.currentText = "In frames"
    options = both.frames
    sweep_node = add_sweep(scene, ball_run, "Run")
    curve = scene.AddNewNodeByClass("vtkMRMLMarkupsClosedCurveNode")
    options.sweepChooser.setCurrentNode(sweep_node)
    options.curveChooser.setCurrentNode(curve)
    return SimpleNamespace(
        widget=widget,
        node=widget.real.node,
        segmentation=segmentation,
        segment_id=segment_id,
        options=options,
        both=both,
        sweep_node=sweep_node,
        curve=curve,
    )


def clicks_px(run, view, wide=1.0, count=8):
    """Points about the ball's shadow in a frame, as many as a user clicks."""
    middle = project_points(run.geometry.ras_to_pixel[view], MIDDLE_RAS[None])[0]
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    reach = wide * RADIUS * 1100 / 700
    return middle + reach * np.stack([np.cos(turn), np.sin(turn)], 1)


def draw(curve, sweep_node, pixels, view):
    curve.RemoveAllControlPoints()
    for place in stack_points_ras(sweep_node, np.asarray(pixels, float), view):
        curve.AddControlPoint(*place)


def take(editor, run, views=VIEWS, wide=1.0):
    for view in views:
        draw(editor.curve, editor.sweep_node, clicks_px(run, view, wide), view)
        stand_in.click(editor.options.takeButton)


def apply(editor):
    stand_in.click(editor.options.applyButton)
    stand_in.wait_until(lambda: not editor.options.work.busy)


def voxels(editor, ball):
    return arrayFromSegmentBinaryLabelmap(editor.segmentation, editor.segment_id, ball) > 0


def drawn_lines(scene):
    model = scene.GetFirstNodeByName(OUTLINE)
    node = model.GetNodeReference(f"FluoroPrint.{OVER_FRAME}") if model else None
    return node.GetPolyData().GetNumberOfLines() if node else 0


def test_the_hull_of_three_outlines_holds_the_ball(contouring, application, ball, ball_run):
    take(contouring, ball_run)
    assert contouring.options.outlinesLabel.text == "Outlines in frames 1, 5, 9."
    apply(contouring)
    assert application.errors == []
    outlines = kept_outlines(contouring.sweep_node)
    expected = find_hull(Volume(np.zeros(CENTRED_KJI.shape[1:]), GRID), outlines, ball_run)
    np.testing.assert_array_equal(voxels(contouring, ball), expected)
    inner = (CENTRED_KJI**2).sum(0) <= (RADIUS - 1) ** 2
    assert expected[inner].mean() > 0.99
    assert 0.95 * BALL_MM3 < expected.sum() < 1.25 * BALL_MM3


def test_between_its_points_the_outline_follows_the_edge(contouring, ball_run):
    wide = 1.05
    radii = {}
    for follow in (True, False):
        contouring.options.edgesBox.checked = follow
        take(contouring, ball_run, [4], wide)
        (outline,) = kept_outlines(contouring.sweep_node)
        middle = project_points(ball_run.geometry.ras_to_pixel[4], MIDDLE_RAS[None])[0]
        radii[follow] = np.linalg.norm(outline.polygon_px - middle, axis=1)
    np.testing.assert_allclose(radii[False], wide * RADIUS * 1100 / 700, atol=0.01)
    assert len(radii[True]) > 60
    # Of a round solid the steepest fall is just inside of the edge.
    assert np.median(radii[True]) == pytest.approx(RADIUS * 1100 / 700 - 0.8, abs=0.6)


def test_undo_takes_the_hull_back(contouring, ball, ball_run):
    take(contouring, ball_run)
    apply(contouring)
    contouring.widget.undo()
    assert not voxels(contouring, ball).any()


def test_masks_of_the_editor_are_respected(contouring, ball, ball_run):
    half = CENTRED_KJI[2] >= 0
    contouring.node.SetMaskSegmentID(add_segment(contouring, "half", half))
    contouring.node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    contouring.node.SetOverwriteMode(contouring.node.OverwriteNone)
    take(contouring, ball_run)
    apply(contouring)
    assert voxels(contouring, ball)[half].any()
    assert not voxels(contouring, ball)[~half].any()


def test_the_hull_is_cut_where_a_transform_puts_the_segmentation(contouring, scene, ball, ball_run):
    move, matrix = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode"), np.eye(4)
    matrix[2, 3] = 5.0
    move.SetMatrixTransformToParent(vtk_matrix(matrix))
    for node in (contouring.segmentation, ball):
        node.SetAndObserveTransformNodeID(move.GetID())
    take(contouring, ball_run)
    apply(contouring)
    middle = np.argwhere(voxels(contouring, ball)).mean(0)
    np.testing.assert_allclose(middle, [24 - 5, 24, 24], atol=1.0)


def test_the_outline_of_the_frame_that_is_shown_is_drawn(contouring, scene, ball_run):
    take(contouring, ball_run, [0, 4])
    assert contouring.options.frameSlider.value == 5.0
    assert drawn_lines(scene) > 60
    contouring.options.frameSlider.value = 3.0
    assert drawn_lines(scene) == 0
    assert not contouring.options.forgetButton.enabled
    contouring.options.frameSlider.value = 1.0
    assert drawn_lines(scene) > 60
    stand_in.click(contouring.options.forgetButton)
    assert drawn_lines(scene) == 0
    assert contouring.options.outlinesLabel.text == "Outlines in frames 5."


def test_leaving_the_effect_keeps_the_outlines_and_nothing_drawn(contouring, scene, ball_run):
    take(contouring, ball_run)
    contouring.widget.setActiveEffectByName("")
    assert drawn_lines(scene) == 0
    assert scene.GetFirstNodeByName(OUTLINE) is None
    contouring.widget.setActiveEffectByName("Fluoro contour")
    assert contouring.options.outlinesLabel.text == "Outlines in frames 1, 5, 9."
    assert contouring.options.applyButton.enabled


def test_the_volume_is_shown_again_where_slices_are_contoured(contouring, scene, ball, ball_run):
    green = scene.AddNewNodeByClass("vtkMRMLSliceNode", "Green")
    composite = scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode", "Green")
    for node in (green, composite):
        node.SetLayoutName("Green")
    contouring.options.frameSlider.value = 4.0
    assert composite.GetBackgroundVolumeID() == contouring.sweep_node.GetID()
    contouring.both.modeBox.currentText = "In slices"
    assert composite.GetBackgroundVolumeID() == ball.GetID()
    assert green.GetSliceOffset() == pytest.approx(0.0, abs=1.0)
    contouring.both.modeBox.currentText = "In frames"
    composite.SetBackgroundVolumeID("")
    contouring.both.modeBox.currentText = "In slices"
    assert not composite.GetBackgroundVolumeID()


def test_closing_the_scene_ends_it(contouring, application, scene, ball_run):
    take(contouring, ball_run)
    scene.Clear(False)
    assert application.errors == []
    assert not contouring.options.applyButton.enabled


def test_buttons_say_what_is_lacking(contouring, ball_run):
    options = contouring.options
    assert options.applyButton.toolTip == "Take an outline first: two frames or more."
    options.curveChooser.setCurrentNode(None)
    assert options.takeButton.toolTip == "Choose or make a closed curve first."
    options.sweepChooser.setCurrentNode(None)
    assert options.takeButton.toolTip == "Choose a sweep first."


def test_a_curve_that_is_no_outline_is_told_in_a_sentence(contouring, application, ball_run):
    stand_in.click(contouring.options.takeButton)
    draw(contouring.curve, contouring.sweep_node, clicks_px(ball_run, 2), 2)
    contouring.curve.AddControlPoint(0.0, 40.0, 0.0)
    stand_in.click(contouring.options.takeButton)
    said = [str(error) for error in application.errors]
    assert "fewer than three points" in said[0]
    assert "does not lie in one frame" in said[1]
    assert kept_outlines(contouring.sweep_node) == ()


def test_outlines_that_share_no_voxel_are_told_in_a_sentence(contouring, application, ball, ball_run):
    contouring.options.edgesBox.checked = False
    for view, row in ((0, 8.0), (6, 55.0)):
        square = np.array([[30.0, row], [45.0, row], [45.0, row + 6], [30.0, row + 6]])
        draw(contouring.curve, contouring.sweep_node, square, view)
        stand_in.click(contouring.options.takeButton)
    apply(contouring)
    assert "lies within all outlines" in str(application.errors[0])
    assert not voxels(contouring, ball).any()


def test_outlines_are_read_where_a_transform_puts_the_stack(scene, ball_run):
    sweep_node = add_sweep(scene, ball_run, "Run")
    curve = scene.AddNewNodeByClass("vtkMRMLMarkupsClosedCurveNode")
    pixels = clicks_px(ball_run, 7)
    draw(curve, sweep_node, pixels, 7)
    move, matrix = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode"), np.eye(4)
    matrix[:3, 3] = [3.0, 20.0, -4.0]
    move.SetMatrixTransformToParent(vtk_matrix(matrix))
    for node in (sweep_node, curve):
        node.SetAndObserveTransformNodeID(move.GetID())
    outline = curve_in_frame(curve, sweep_node)
    assert outline.view == 7
    np.testing.assert_allclose(outline.polygon_px, pixels, atol=1e-6)
    curve.SetAndObserveTransformNodeID(None)
    with pytest.raises(FluoroPrintError, match="one frame"):
        curve_in_frame(curve, sweep_node)


def test_a_frame_keeps_one_outline(scene, ball_run):
    sweep_node = add_sweep(scene, ball_run, "Run")
    corners = np.array([[1.0, 2.0], [5.0, 2.0], [3.0, 7.5]])
    for view in (5, 2, 5):
        keep_outline(sweep_node, Outline(view, corners + view))
    assert [kept.view for kept in kept_outlines(sweep_node)] == [2, 5]
    np.testing.assert_array_equal(kept_outlines(sweep_node)[1].polygon_px, corners + 5)
    forget_outline(sweep_node, 5)
    assert [kept.view for kept in kept_outlines(sweep_node)] == [2]

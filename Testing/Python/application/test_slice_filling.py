"""The effect "Fluoro contour" in slices: what closed contours write, and what is filled between them."""

from types import SimpleNamespace

import numpy as np
import pytest
import slicer
import stand_in
from bone_editor import (
    CENTRED_KJI,
    GRID,
    RADIUS,
    add_segment,
    choose,
    count_of,
    ended,
    open_editor,
    volume_of_ball,
)
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mrml.case_parameters import store_parameters
from FluoroPrintLib.mrml.contoured_slices import contoured_slices, kept_contours
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.oriented_images import image_from_mask
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.slice_contours import (
    SliceContourParameters,
    contour_slices,
    fill_between,
)
from FluoroPrintLib.segmentation.slices import Slice
from qt_side.slice_widgets import drawn_over
from scipy.spatial.transform import Rotation
from slice_drawing import (
    AREA,
    AXES,
    MIDDLE_RAS,
    NAME,
    between,
    click,
    contour,
    contour_ball,
    offset,
    press,
    ring_ras,
    view_of,
    voxels,
)
from slicer.util import arrayFromSegmentBinaryLabelmap

CONFIRM = "qSlicerSegmentEditorAbstractEffect.confirmCurrentSegmentVisible"


@pytest.fixture
def contouring(registered, scene, ball):
    return choose(open_editor(scene, "SegmentEditor"), scene, ball, NAME)


@pytest.fixture
def drawing(contouring):
    return contouring.options.slices


@pytest.fixture
def view(scene):
    return view_of(scene)


CLOSINGS = {
    "Enter": lambda editor, view, ring: press(editor, view, "Return"),
    "Enter of the number pad": lambda editor, view, ring: press(editor, view, "KP_Enter"),
    "double click": lambda editor, view, ring: click(editor, view, ring[-1], "LeftButtonDoubleClickEvent"),
    "click on the first point": lambda editor, view, ring: click(editor, view, ring[0] + [0.5, 0.5, 0]),
}


@pytest.mark.parametrize("way", CLOSINGS)
def test_a_closed_contour_fills_its_slice_alone(contouring, application, scene, view, ball, way):
    ring = ring_ras()
    contour(contouring, view, ring, close=False)
    assert count_of(contouring, ball) == 0
    assert CLOSINGS[way](contouring, view, ring)
    assert application.errors == []
    found = voxels(contouring, ball)
    np.testing.assert_array_equal(np.flatnonzero(found.any((1, 2))), [24])
    assert found.sum() == pytest.approx(AREA, rel=0.03)
    assert drawn_over(view) == []
    assert contouring.options.slices.work.label.text == "Slices contoured in this segment: 1."


@pytest.mark.parametrize("orientation", AXES)
def test_what_is_filled_is_what_the_function_finds(contouring, scene, ball, orientation):
    view = view_of(scene, orientation)
    contour(contouring, view, ring_ras(orientation))
    (kept,) = kept_contours(contouring.segmentation.GetSegmentation().GetSegment(contouring.segment_id))
    found = voxels(contouring, ball)
    np.testing.assert_array_equal(found, contour_slices(volume_of_ball(), [kept]))
    assert found.sum() == pytest.approx(AREA, rel=0.03)
    assert {np.ptp(at) for at in np.nonzero(found)} == {0, 26}


def test_undo_takes_a_contour_back_with_what_is_known_of_it(contouring, application, drawing, view, ball):
    contour(contouring, view, ring_ras())
    contouring.widget.undo()
    assert count_of(contouring, ball) == 0
    segment = contouring.segmentation.GetSegmentation().GetSegment(contouring.segment_id)
    assert kept_contours(segment) == ()
    stand_in.click(drawing.betweenButton)
    assert application.errors == [] or "two slices" in application.errors[0]


def test_slices_between_are_filled_and_undo_takes_that_back(contouring, application, view, ball):
    contour_ball(contouring, view, (-13.0, -9.0, -4.0, 1.0, 6.0, 10.0, 13.0))
    drawn = voxels(contouring, ball)
    between(contouring)
    assert application.errors == []
    found = voxels(contouring, ball)
    numbers = [11, 15, 20, 25, 30, 34, 37]
    np.testing.assert_array_equal(np.flatnonzero(drawn.any((1, 2))), numbers)
    expected = fill_between(drawn, [Slice(2, n) for n in numbers], Volume(drawn, GRID))
    np.testing.assert_array_equal(found, expected)
    inside = (CENTRED_KJI**2).sum(0) <= RADIUS**2
    assert 2 * (found & inside).sum() / (found.sum() + inside.sum()) > 0.96
    assert contouring.options.slices.work.label.text == "The slices between were filled."
    contouring.widget.undo()
    np.testing.assert_array_equal(voxels(contouring, ball), drawn)


def test_a_slice_contoured_after_filling_changes_what_lies_beside_it(contouring, view, ball):
    contour_ball(contouring, view, (-10.0, 10.0))
    between(contouring)
    cylinder = count_of(contouring, ball)
    contour_ball(contouring, view, (0.0,))
    between(contouring)
    assert count_of(contouring, ball) > 1.2 * cylinder
    segment = contouring.segmentation.GetSegmentation().GetSegment(contouring.segment_id)
    assert contoured_slices(segment, volume_of_ball()) == {Slice(2, 14), Slice(2, 24), Slice(2, 34)}


def test_a_contour_replaces_what_was_filled_in_its_slice(contouring, view, ball):
    contour_ball(contouring, view, (-8.0, 8.0))
    between(contouring)
    cylinder = count_of(contouring, ball)
    store_parameters(slicer.mrmlScene, "contour", SliceContourParameters(follow_edges=False))
    offset(contouring, view, 0.0)
    contour(contouring, view, ring_ras(wide_mm=-9.0, count=16))
    assert voxels(contouring, ball)[24].sum() == pytest.approx(np.pi * 5**2, rel=0.15)
    assert voxels(contouring, ball).sum() == cylinder - cylinder / 17 + voxels(contouring, ball)[24].sum()
    contour(contouring, view, ring_ras(wide_mm=-8.0, count=16))
    assert voxels(contouring, ball)[24].sum() == pytest.approx(np.pi * 6**2, rel=0.15)
    between(contouring)
    assert count_of(contouring, ball) < 0.75 * cylinder
    contouring.widget.undo()
    contouring.widget.undo()
    contouring.widget.undo()
    assert count_of(contouring, ball) == cylinder


def test_a_segment_that_was_emptied_is_contoured_anew(contouring, application, view, ball):
    contour_ball(contouring, view, (-8.0, 8.0))
    effect = contouring.widget.activeEffect()
    nothing = image_from_mask(np.zeros(CENTRED_KJI.shape[1:], bool), effect.sourceVolumeImageData())
    replace = slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeSet
    effect.modifySelectedSegmentByLabelmap(nothing, replace)
    assert count_of(contouring, ball) == 0
    between(contouring)
    assert "two slices or more" in application.errors.pop()
    contour_ball(contouring, view, (0.0,))
    assert application.errors == []
    assert count_of(contouring, ball) == pytest.approx(AREA, rel=0.03)


def test_what_lay_between_contoured_slices_is_replaced(contouring, view, ball):
    slab = add_segment(contouring, "slab", np.abs(CENTRED_KJI[0]) <= 1)
    contouring.widget.setCurrentSegmentID(slab)
    contouring.segment_id = slab
    contour_ball(contouring, view, (-6.0, 6.0))
    between(contouring)
    assert not voxels(contouring, ball)[:, :8, :8].any()
    assert count_of(contouring, ball) == pytest.approx(13 * np.pi * (RADIUS**2 - 6**2), rel=0.05)


def test_one_contoured_slice_cannot_be_filled_between(contouring, application, view, ball):
    between(contouring)
    contour(contouring, view, ring_ras())
    between(contouring)
    assert len(application.errors) == 2
    assert all("two slices or more of one direction" in str(error) for error in application.errors)


def test_masks_and_the_editable_range_are_respected(contouring, view, ball):
    half = CENTRED_KJI[2] >= 0
    contouring.node.SetMaskSegmentID(add_segment(contouring, "half", half))
    contouring.node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    contouring.node.SetOverwriteMode(contouring.node.OverwriteNone)
    contour_ball(contouring, view, (-6.0, 6.0))
    between(contouring)
    written = voxels(contouring, ball)
    assert written.sum() == pytest.approx(13 * np.pi * (RADIUS**2 - 6**2) / 2, rel=0.1)
    assert not (written & ~half).any()
    contouring.node.SetSourceVolumeIntensityMask(True)
    contouring.node.SetSourceVolumeIntensityMaskRange(1000.0, 5000.0)
    contour_ball(contouring, view, (-9.0,))
    in_range = voxels(contouring, ball)[15]
    assert in_range.sum() == pytest.approx(np.pi * (RADIUS**2 - 9**2) / 4, rel=0.15)
    assert slicer.util.arrayFromVolume(ball)[15][in_range].min() >= 1000.0


def test_under_a_transform_the_contour_is_where_it_was_seen(contouring, application, scene, view, ball):
    move, matrix = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode"), np.eye(4)
    matrix[:3, 3] = [5.0, -4.0, 3.0]
    move.SetMatrixTransformToParent(vtk_matrix(matrix))
    for node in (contouring.segmentation, ball):
        node.SetAndObserveTransformNodeID(move.GetID())
    offset(contouring, view, 3.0)
    contour(contouring, view, ring_ras(middle=MIDDLE_RAS + matrix[:3, 3]))
    assert application.errors == []
    labelmap = arrayFromSegmentBinaryLabelmap(contouring.segmentation, contouring.segment_id, ball) > 0
    assert labelmap.sum() == pytest.approx(AREA, rel=0.03)
    np.testing.assert_allclose(np.argwhere(labelmap).mean(0), 24, atol=0.3)


def test_an_oblique_volume_is_contoured_in_views_rotated_to_its_plane(registered, application, scene):
    turned = np.eye(4)
    turned[:3, :3] = Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix()
    oblique = add_volume(scene, Volume(volume_of_ball().array_kji, turned @ GRID), "Oblique")
    editor, view = choose(open_editor(scene, "SegmentEditor"), scene, oblique, NAME), view_of(scene)
    node = view.mrmlSliceNode()
    middle = turned[:3, :3] @ MIDDLE_RAS
    click(editor, view, middle)
    assert "oblique to the volume" in application.errors.pop()
    node.RotateToVolumePlane(oblique)
    node.JumpSliceByCentering(*middle)
    node.UpdateMatrices()
    to_ras = np.array([[node.GetSliceToRAS().GetElement(r, c) for c in (0, 1)] for r in range(3)])
    turn = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    ring = middle + (RADIUS + 0.5) * np.stack([np.cos(turn), np.sin(turn)], 1) @ to_ras.T
    contour(editor, view, ring)
    assert application.errors == []
    found = voxels(editor, oblique)
    assert found.sum() == pytest.approx(AREA, rel=0.03)
    assert np.count_nonzero([np.ptp(at) for at in np.nonzero(found)]) == 2
    np.testing.assert_allclose(np.argwhere(found).mean(0), 24, atol=0.3)


def test_another_segment_is_not_written_into(contouring, application, view, ball):
    contour(contouring, view, ring_ras(), close=False)
    other = add_segment(contouring, "other", CENTRED_KJI[0] > 20)
    contouring.widget.setCurrentSegmentID(other)
    press(contouring, view, "Return")
    assert "Another segment was selected" in application.errors[0]
    contouring.widget.setCurrentSegmentID(contouring.segment_id)
    press(contouring, view, "Return")
    assert count_of(contouring, ball) == pytest.approx(AREA, rel=0.03)


def test_another_segment_chosen_while_slices_are_filled_is_not_written_into(
    contouring, application, view, ball
):
    contour_ball(contouring, view, (-6.0, 6.0))
    drawn = count_of(contouring, ball)
    stand_in.click(contouring.options.slices.betweenButton)
    click(contouring, view, MIDDLE_RAS)
    contouring.widget.setCurrentSegmentID(add_segment(contouring, "other", CENTRED_KJI[0] > 20))
    ended(SimpleNamespace(options=contouring.options.slices))
    assert "being filled" in application.errors[0]
    assert "nothing was written" in application.errors[1]
    assert count_of(contouring, ball) == drawn


def test_nothing_is_begun_where_the_user_leaves_the_segment_hidden(contouring, application, view):
    contouring.segmentation.GetDisplayNode().SetSegmentVisibility(contouring.segment_id, False)
    application.answers[CONFIRM] = False
    click(contouring, view, MIDDLE_RAS)
    assert drawn_over(view) == []
    contour_slices_asked = len(application.asked)
    stand_in.click(contouring.options.slices.betweenButton)
    assert len(application.asked) == contour_slices_asked + 1
    assert not contouring.options.slices.work.busy

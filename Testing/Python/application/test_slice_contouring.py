"""The effect "Fluoro contour" in slices: how a contour is drawn over a ball of bone."""

import numpy as np
import pytest
import slicer
import stand_in
import vtk
from bone_editor import (
    RADIUS,
    choose,
    count_of,
    open_editor,
    volume_of_ball,
)
from FluoroPrintLib.mrml.case_parameters import store_parameters
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.slice_views import pixels_in_view
from FluoroPrintLib.segmentation.slice_contours import (
    SliceContourParameters,
)
from qt_side.slice_widgets import drawn_over
from slice_drawing import (
    AREA,
    MIDDLE_RAS,
    NAME,
    away_mm,
    click,
    contour,
    line_of,
    offset,
    press,
    ring_ras,
    view_of,
    xy_of,
)


@pytest.fixture
def contouring(registered, scene, ball):
    return choose(open_editor(scene, "SegmentEditor"), scene, ball, NAME)


@pytest.fixture
def drawing(contouring):
    return contouring.options.slices


@pytest.fixture
def view(scene):
    return view_of(scene)


def test_the_line_follows_the_edge_to_the_pointer(contouring, view):
    ring = ring_ras(wide_mm=0.0)
    click(contouring, view, ring[0])
    assert not click(contouring, view, ring[2], "MouseMoveEvent")
    corners, dots = line_of(view)
    assert dots == 1
    assert len(corners) > 15
    assert np.abs(away_mm(view, corners) - RADIUS).max() < 1.5
    np.testing.assert_allclose(corners[-1], xy_of(view, ring[2]), atol=4)
    click(contouring, view, MIDDLE_RAS, "MouseMoveEvent")
    assert away_mm(view, line_of(view)[0])[-1] < 1
    stand_in.interact(contouring.widget, view, "LeaveEvent")
    assert len(line_of(view)[0]) == 1
    click(contouring, view, ring[1])
    assert (len(line_of(view)[0]) > 8, line_of(view)[1]) == (True, 2)


def test_straight_lines_are_drawn_where_edges_are_not_followed(contouring, view, ball):
    store_parameters(slicer.mrmlScene, "contour", SliceContourParameters(follow_edges=False))
    ring = ring_ras(wide_mm=0.0, count=4)
    contour(contouring, view, ring, close=False)
    assert len(line_of(view)[0]) == 6
    press(contouring, view, "Return")
    assert count_of(contouring, ball) == pytest.approx(2 * RADIUS**2, rel=0.05)


@pytest.mark.parametrize("key", ["BackSpace", "Delete"])
def test_the_last_point_is_taken_back(contouring, view, ball, key):
    ring = ring_ras()
    contour(contouring, view, [*ring, MIDDLE_RAS], close=False)
    assert press(contouring, view, key)
    assert line_of(view)[1] == 8
    press(contouring, view, "Return")
    assert count_of(contouring, ball) == pytest.approx(AREA, rel=0.03)
    click(contouring, view, ring[0])
    assert press(contouring, view, key)
    assert drawn_over(view) == []
    assert not press(contouring, view, key)


def test_escape_and_the_button_drop_the_contour(contouring, view, drawing, ball):
    assert not drawing.dropButton.enabled
    for drop in (lambda: press(contouring, view, "Escape"), lambda: stand_in.click(drawing.dropButton)):
        contour(contouring, view, ring_ras(), close=False)
        drop()
        assert drawn_over(view) == []
        assert not press(contouring, view, "Return")
        assert count_of(contouring, ball) == 0


def test_keys_are_slicer_s_where_nothing_is_drawn_or_they_mean_nothing_here(contouring, view):
    for key in ("Return", "BackSpace", "Escape", "f"):
        assert not press(contouring, view, key)
    click(contouring, view, ring_ras()[0])
    assert not press(contouring, view, "f")


@pytest.mark.parametrize("key", ["shift", "control", "alt"])
def test_clicks_with_other_keys_and_buttons_are_slicer_s(contouring, view, key):
    assert not click(contouring, view, MIDDLE_RAS, **{key: True})
    assert not click(contouring, view, MIDDLE_RAS, "RightButtonPressEvent")
    assert drawn_over(view) == []


def test_three_d_views_are_left_alone(contouring):
    other = slicer.qMRMLWidget()
    assert not stand_in.interact(contouring.widget, other, "LeftButtonPressEvent")


def test_two_points_are_no_contour_yet(contouring, application, drawing, view, ball):
    contour(contouring, view, ring_ras()[:2])
    assert drawing.work.label.text.startswith("A contour needs three points or more")
    assert line_of(view)[1] == 2
    assert application.errors == []


def test_an_oblique_slice_is_told_in_a_sentence(contouring, application, view):
    tilted = np.eye(4)
    tilted[:3, :3] = [[-1, 0, 0], [0, np.cos(0.1), np.sin(0.1)], [0, -np.sin(0.1), np.cos(0.1)]]
    view.mrmlSliceNode().GetSliceToRAS().DeepCopy(vtk_matrix(tilted))
    view.mrmlSliceNode().UpdateMatrices()
    assert click(contouring, view, MIDDLE_RAS)
    assert "oblique to the volume" in application.errors[0]
    assert "Rotate to volume plane" in application.errors[0]
    assert drawn_over(view) == []


def test_points_that_cannot_be_set_are_told_in_a_sentence(contouring, application, view, scene):
    click(contouring, view, MIDDLE_RAS + [24.7, 0, 0])
    assert drawn_over(view) == []
    contouring.widget.setCurrentSegmentID("")
    click(contouring, view, MIDDLE_RAS)
    contouring.widget.setCurrentSegmentID(contouring.segment_id)
    click(contouring, view, MIDDLE_RAS)
    offset(contouring, view, 5.0)
    click(contouring, view, MIDDLE_RAS + [3.0, 0, 5.0])
    offset(contouring, view, 100.0)
    stand_in.interact(contouring.widget, view, "KeyPressEvent", key="Escape")
    click(contouring, view, MIDDLE_RAS + [0, 0, 100.0])
    said = [str(error) for error in application.errors]
    assert "outside of the slice" in said[0]
    assert said[1] == "No segment is selected: add one, or select the one to write into."
    assert "lies in another slice" in said[2]
    assert "outside of the volume" in said[3]
    assert len(said) == 4


def test_the_line_keeps_to_its_slice_and_its_place(contouring, view):
    contour(contouring, view, ring_ras(), close=False)
    before = line_of(view)[0]
    (actor,) = drawn_over(view)
    offset(contouring, view, 5.0)
    assert not actor.GetVisibility()
    offset(contouring, view, 0.0)
    assert actor.GetVisibility()
    np.testing.assert_allclose(line_of(view)[0], before, atol=1e-6)
    view.mrmlSliceNode().SetXYZOrigin(8.0, 0.0, 0.0)
    view.mrmlSliceNode().UpdateMatrices()
    stand_in.change_view(contouring.widget, view)
    moved, pixels = line_of(view)[0] - before, pixels_in_view(view.mrmlSliceNode(), ring_ras()[-1:])
    assert np.abs(moved[0]).max() > 20
    np.testing.assert_allclose(moved, np.tile(moved[0], (len(moved), 1)), atol=1e-6)
    np.testing.assert_allclose(line_of(view)[0][-1], pixels[0], atol=4)
    tilted = vtk_matrix(np.diag([-1.0, 1.0, 1.0, 1.0]))
    tilted.SetElement(2, 1, 0.3)
    view.mrmlSliceNode().GetSliceToRAS().DeepCopy(tilted)
    stand_in.change_view(contouring.widget, view)
    assert not actor.GetVisibility()


def test_another_view_of_the_slice_takes_points_too_but_draws_nothing(contouring, scene, view, ball):
    other = view_of(scene, name="Yellow")
    ring = ring_ras()
    contour(contouring, view, ring[:4], close=False)
    contour(contouring, other, ring[4:], close=False)
    before = line_of(view)[0]
    click(contouring, other, MIDDLE_RAS, "MouseMoveEvent")
    stand_in.change_view(contouring.widget, other)
    np.testing.assert_array_equal(line_of(view)[0], before)
    assert drawn_over(other) == []
    press(contouring, other, "Return")
    assert count_of(contouring, ball) == pytest.approx(AREA, rel=0.03)


def test_another_volume_drops_the_contour(contouring, scene, view):
    from FluoroPrintLib.mrml.volumes import add_volume

    contour(contouring, view, ring_ras(), close=False)
    contouring.widget.setSourceVolumeNode(add_volume(scene, volume_of_ball(8), "Other"))
    assert drawn_over(view) == []


def test_leaving_the_effect_leaves_nothing(contouring, view):
    contour(contouring, view, ring_ras(), close=False)
    contouring.widget.setActiveEffectByName("")
    assert drawn_over(view) == []
    contouring.widget.setActiveEffectByName(NAME)
    assert not contouring.options.slices.dropButton.enabled


def test_closing_the_scene_leaves_nothing(contouring, application, scene, view):
    contour(contouring, view, ring_ras(), close=False)
    scene.Clear(False)
    assert application.errors == []
    assert drawn_over(view) == []


def shown_of(editor):
    """Which of the two parts is shown: that of slices, that of frames."""
    effect = editor.widget.activeEffect()
    return [part.frame.isVisibleTo(effect.optionsFrame()) for part in editor.options._sections]


def test_the_mode_decides_which_options_are_shown_and_who_gets_the_clicks(contouring, view):
    options = contouring.options
    contour(contouring, view, ring_ras(), close=False)
    options.modeBox.currentText = "In frames"
    assert drawn_over(view) == []
    assert not click(contouring, view, MIDDLE_RAS)
    assert not press(contouring, view, "Return")
    stand_in.change_view(contouring.widget, view)
    assert shown_of(contouring) == [False, True]
    options.modeBox.currentText = "In slices"
    assert click(contouring, view, MIDDLE_RAS)
    assert line_of(view)[1] == 1
    assert shown_of(contouring) == [True, False]


def test_the_effect_shows_its_icon_and_help(contouring):
    effect = contouring.widget.activeEffect()
    assert (effect.name, effect.title) == (NAME, NAME)
    assert not effect.self().icon().isNull()
    assert "Double click" in effect.self().helpText()


def test_what_an_effect_draws_over_a_view_stays_until_it_is_taken_away(contouring, view):
    effect, actor = contouring.widget.activeEffect(), vtk.vtkActor2D()
    effect.addActor2D(view, actor)
    assert drawn_over(view) == [actor]
    effect.removeActor2D(view, actor)
    assert drawn_over(view) == []
    with pytest.raises(ValueError, match="not in this view"):
        effect.removeActor2D(view, actor)

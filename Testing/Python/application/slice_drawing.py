"""Slice views over a ball of bone, and what a user does there with the effect "Fluoro contour"."""

import numpy as np
import stand_in
from bone_editor import (
    GRID,
    RADIUS,
)
from FluoroPrintLib.mrml.slice_views import pixels_in_view
from qt_side.slice_widgets import drawn_over, slice_widget_of
from slicer.util import arrayFromSegmentBinaryLabelmap
from vtk.util.numpy_support import vtk_to_numpy

NAME = "Fluoro contour"
MIDDLE_RAS = (GRID @ [24.0, 24.0, 24.0, 1.0])[:3]
VIEW_PIXELS = 200
AXES = {"Axial": (2, [0, 1]), "Sagittal": (0, [1, 2]), "Coronal": (1, [0, 2])}
"""Of each orientation, the axis across the slice and those within, the same in RAS and in the ball's grid."""
AREA = np.pi * RADIUS**2


def view_of(scene, orientation="Axial", name="Red"):
    """A slice view through the middle of the ball; it shows 50 mm with 4 pixels a mm."""
    node = scene.AddNewNodeByClass("vtkMRMLSliceNode", name)
    getattr(node, f"SetOrientationTo{orientation}")()
    node.SetDimensions(VIEW_PIXELS, VIEW_PIXELS, 1)
    node.SetFieldOfView(50.0, 50.0, 1.0)
    node.JumpSliceByOffsetting(*MIDDLE_RAS)
    node.UpdateMatrices()
    return slice_widget_of(node)


def ring_ras(orientation="Axial", off_mm=0.0, count=8, wide_mm=0.5, middle=MIDDLE_RAS):
    """Points about the ball in a slice so far from its middle, a little off its edge."""
    across, within = AXES[orientation]
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False) + 0.05
    points = np.tile(middle, (count, 1))
    points[:, across] += off_mm
    reach = np.sqrt(RADIUS**2 - off_mm**2) + wide_mm
    points[:, within] += reach * np.stack([np.cos(turn), np.sin(turn)], 1)
    return points


def xy_of(view, place_ras):
    return tuple(
        int(x) for x in np.rint(pixels_in_view(view.mrmlSliceNode(), np.asarray(place_ras)[None])[0])
    )


def click(editor, view, place_ras, event="LeftButtonPressEvent", **keys):
    return stand_in.interact(editor.widget, view, event, xy_of(view, place_ras), **keys)


def press(editor, view, key):
    return stand_in.interact(editor.widget, view, "KeyPressEvent", key=key)


def contour(editor, view, points, close=True):
    for point in points:
        assert click(editor, view, point)
    if close:
        assert press(editor, view, "Return")


def offset(editor, view, off_mm):
    """Scroll the view so far from the ball's middle, as the wheel does."""
    node = view.mrmlSliceNode()
    node.JumpSliceByOffsetting(*MIDDLE_RAS)
    node.SetSliceOffset(node.GetSliceOffset() + off_mm)
    node.UpdateMatrices()
    stand_in.change_view(editor.widget, view)


def voxels(editor, ball):
    return arrayFromSegmentBinaryLabelmap(editor.segmentation, editor.segment_id, ball) > 0


def line_of(view):
    """Return the corners of the line that is drawn over a view, and how many dots there are."""
    (actor,) = drawn_over(view)
    shape = actor.GetMapper().GetInput()
    places = vtk_to_numpy(shape.GetPoints().GetData())[:, :2]
    dots = shape.GetNumberOfVerts()
    return places[: len(places) - dots], dots


def away_mm(view, corners):
    return np.linalg.norm(corners - pixels_in_view(view.mrmlSliceNode(), MIDDLE_RAS[None]), axis=1) / 4


def contour_ball(editor, view, offsets):
    for off_mm in offsets:
        offset(editor, view, off_mm)
        contour(editor, view, ring_ras(off_mm=off_mm))


def between(editor):
    stand_in.click(editor.options.slices.betweenButton)
    stand_in.wait_until(lambda: not editor.options.slices.work.busy)

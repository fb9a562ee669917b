"""A model's silhouette in the scene: over its frame in a slice view, and from the source's place in 3D.

The stack of frames stands in the scene so that coronal slices show the frames (see `sweeps`). The silhouette
is drawn there as lines in the plane of its frame, projected onto the coronal view alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..geometry.sweep import SweepGeometry
from ..geometry.volume import transformed
from ..registration.c_arm_view import c_arm_view, panel_corners_ras, panel_depth_mm, towards_source
from ..registration.silhouette import Silhouette
from .nodes import SHOWN, Node, Scene, matrix_array, new_node, vtk_image

CORONAL_VIEW = "Green"
OUTLINE_COLOUR, INSIDE_COLOUR = (1.0, 0.84, 0.1), (0.2, 0.85, 0.95)
TOWARDS_SOURCE = 0.001
"""Lines on the surface are moved this share towards the source, so that the surface does not hide them."""
OVER_FRAME, ON_SURFACE, BACKDROP = "silhouette", "silhouette in 3D", "frame backdrop"


def show_silhouette(
    sweep_node: Node, model_node: Node, seen: Silhouette, geometry: SweepGeometry, view: int
) -> None:
    """Show a silhouette over its frame and on the model; the one before is replaced.

    Parameters
    ----------
    sweep_node : stack of frames made by `add_sweep`
    model_node : whose silhouette it is
    seen : from frame `view`
    """
    places = stack_points_ras(sweep_node, seen.segments_px, view)
    _show_lines(model_node, OVER_FRAME, places, seen.is_outline, in_slices=True)
    on_surface = towards_source(seen.edges_ras, geometry.sources_ras[view], TOWARDS_SOURCE)
    _show_lines(model_node, ON_SURFACE, on_surface, seen.is_outline, in_slices=False)


def show_over_frame(sweep_node: Node, model_node: Node, segments_px: Float64Array, view: int) -> None:
    """Show lines (S, 2, 2) of a frame over it, kept with a model as its silhouette is."""
    places = stack_points_ras(sweep_node, segments_px, view)
    _show_lines(model_node, OVER_FRAME, places, np.ones(len(segments_px), bool), in_slices=True)


def stack_points_ras(sweep_node: Node, points_px: Float64Array, view: int) -> Float64Array:
    """Return where pixels of a frame stand in the stack: (..., 3) RAS mm of (..., 2) column and row."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    sweep_node.GetIJKToRASMatrix(matrix)
    ijk = np.concatenate([points_px, np.full((*points_px.shape[:-1], 1), float(view))], -1)
    return transformed(ijk, matrix_array(matrix))


def _show_lines(
    model_node: Node, what: str, places: Float64Array, is_outline: BoolArray, *, in_slices: bool
) -> None:
    node = _shown_node(model_node, what)
    node.SetAndObservePolyData(_lines(places, is_outline))
    display = node.GetDisplayNode()
    display.SetVisibility2D(in_slices)
    display.SetVisibility3D(not in_slices)
    if in_slices:
        display.SetSliceDisplayModeToProjection()
        slice_node = coronal_slice(node.GetScene())
        if slice_node is not None:
            display.SetViewNodeIDs([slice_node.GetID()])


def _shown_node(model_node: Node, what: str) -> Node:
    """Return the node that shows something of a model, made where there is none."""
    role = f"FluoroPrint.{what}"
    node = model_node.GetNodeReference(role)
    if node is None:
        node = new_node(model_node.GetScene(), "vtkMRMLModelNode", f"{model_node.GetName()} {what}")
        node.SetAttribute(SHOWN, "1")
        node.SetHideFromEditors(True)
        node.SetSaveWithScene(False)
        node.CreateDefaultDisplayNodes()
        _look_of_lines(node.GetDisplayNode())
        model_node.SetNodeReferenceID(role, node.GetID())
    return node


def _look_of_lines(display: Node) -> None:
    display.SetLineWidth(2)
    display.SetAmbient(1.0)
    display.SetDiffuse(0.0)
    display.SetScalarVisibility(True)
    display.SetActiveScalarName("Colour")
    display.SetScalarRangeFlag(display.UseDirectMapping)
    display.SetSaveWithScene(False)


def _lines(places: Float64Array, is_outline: Any) -> Any:
    """Return lines (S, 2, 3) as vtkPolyData, coloured as outline or as contour inside."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    points, cells, lines = vtkPoints(), vtkCellArray(), vtkPolyData()
    points.SetData(numpy_to_vtk(np.ascontiguousarray(places.reshape(-1, 3), np.float64), deep=True))
    count = len(places)
    cells.SetData(
        numpy_to_vtkIdTypeArray(np.arange(0, 2 * count + 1, 2), deep=True),
        numpy_to_vtkIdTypeArray(np.arange(2 * count), deep=True),
    )
    lines.SetPoints(points)
    lines.SetLines(cells)
    colours = np.where(np.asarray(is_outline)[:, None], OUTLINE_COLOUR, INSIDE_COLOUR)
    array = numpy_to_vtk(np.repeat(np.round(colours * 255), 2, 0).astype(np.uint8), deep=True)
    array.SetName("Colour")
    lines.GetPointData().SetScalars(array)
    return lines


def show_backdrop(model_node: Node, frame: Float32Array, geometry: SweepGeometry, view: int) -> None:
    """Show a frame where the panel stood, to look at the model before it."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonExecutionModel import vtkTrivialProducer
    from vtkmodules.vtkFiltersSources import vtkPlaneSource

    corners = panel_corners_ras(geometry, view, panel_depth_mm(geometry, view))
    plane = vtkPlaneSource()
    for place, corner in ((plane.SetOrigin, 0), (plane.SetPoint1, 1), (plane.SetPoint2, 3)):
        place(*corners[corner])
    plane.Update()
    node = _shown_node(model_node, BACKDROP)
    node.SetAndObservePolyData(plane.GetOutput())
    low, high = np.percentile(frame, [1, 99.5])
    grey = np.clip((frame - low) / max(float(high - low), 1e-6) * 255, 0, 255).astype(np.uint8)
    image = vtk_image(grey[None])
    colours = numpy_to_vtk(np.repeat(grey.reshape(-1, 1), 3, 1), deep=True)
    image.GetPointData().SetScalars(colours)
    producer = vtkTrivialProducer()
    producer.SetOutput(image)
    display = node.GetDisplayNode()
    display.SetScalarVisibility(False)
    display.SetVisibility2D(False)
    display.SetTextureImageDataConnection(producer.GetOutputPort())


def remove_shown(model_node: Node) -> None:
    """Take away what is shown of a model: silhouettes and backdrop."""
    scene = model_node.GetScene()
    for what in (OVER_FRAME, ON_SURFACE, BACKDROP):
        node = model_node.GetNodeReference(f"FluoroPrint.{what}")
        if node is not None and scene is not None:
            display = node.GetDisplayNode()
            scene.RemoveNode(node)
            scene.RemoveNode(display)


def coronal_slice(scene: Scene) -> Node:
    """Return the slice node of the coronal view, None where there is no such view."""
    nodes = scene.GetNodesByClass("vtkMRMLSliceNode")
    found = [nodes.GetItemAsObject(n) for n in range(nodes.GetNumberOfItems())]
    return next((node for node in found if node.GetLayoutName() == CORONAL_VIEW), None)


def show_frame_in_slice(sweep_node: Node, view: int) -> None:
    """Show a frame upright in the coronal view: its slice, with the sweep behind."""
    scene = sweep_node.GetScene()
    slice_node = coronal_slice(scene)
    if slice_node is None:
        return
    middle = np.zeros(2)
    offset = float(stack_points_ras(sweep_node, middle, view)[1])
    slice_node.SetOrientationToCoronal()
    slice_node.SetSliceOffset(offset)
    composite = coronal_composite(scene)
    if composite is not None:
        composite.SetBackgroundVolumeID(sweep_node.GetID())


def show_volume_in_slice(volume_node: Node, sweep_node: Node) -> None:
    """Show the middle of a volume in the coronal view, if that still shows the frames of a sweep."""
    slice_node, composite = (find(volume_node.GetScene()) for find in (coronal_slice, coronal_composite))
    if slice_node is None or composite is None or composite.GetBackgroundVolumeID() != sweep_node.GetID():
        return
    composite.SetBackgroundVolumeID(volume_node.GetID())
    bounds = [0.0] * 6
    volume_node.GetRASBounds(bounds)
    slice_node.SetSliceOffset((bounds[2] + bounds[3]) / 2)


def coronal_composite(scene: Scene) -> Node:
    """Return the node that says what the coronal view shows, None where there is no such view."""
    nodes = scene.GetNodesByClass("vtkMRMLSliceCompositeNode")
    found = [nodes.GetItemAsObject(n) for n in range(nodes.GetNumberOfItems())]
    return next((node for node in found if node.GetLayoutName() == CORONAL_VIEW), None)


def first_camera(scene: Scene) -> Node:
    """Return the camera of the first 3D view, None where there is none."""
    return scene.GetFirstNodeByClass("vtkMRMLCameraNode")


def camera_place(camera: Node) -> dict[str, Any]:
    """Return where a camera stands, for `move_camera`."""
    return {
        "position": tuple(camera.GetPosition()),
        "focal_point": tuple(camera.GetFocalPoint()),
        "view_up": tuple(camera.GetViewUp()),
        "view_angle": float(camera.GetViewAngle()),
    }


def move_camera(camera: Node, place: dict[str, Any]) -> None:
    """Put a camera where `camera_place` or `place_at_source` says."""
    previous = camera.StartModify()
    camera.SetPosition(*place["position"])
    camera.SetFocalPoint(*place["focal_point"])
    camera.SetViewUp(*place["view_up"])
    camera.SetViewAngle(place["view_angle"])
    camera.GetCamera().SetParallelProjection(False)
    camera.EndModify(previous)
    camera.ResetClippingRange()


def place_at_source(geometry: SweepGeometry, view: int) -> dict[str, Any]:
    """Return the place of a camera that sees what the source of a frame saw."""
    seen = c_arm_view(geometry, view)
    return {
        "position": tuple(seen.position_ras),
        "focal_point": tuple(seen.focal_point_ras),
        "view_up": tuple(seen.view_up),
        "view_angle": seen.view_angle_deg,
    }

"""A sweep as a run to browse: frames and detector poses in step, so that the C-arm turns in 3D."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.sweep import SweepGeometry
from ..registration.c_arm_view import panel_corners_ras
from .c_arm import c_arm_surface, frame_plane, show_c_arm
from .nodes import SHOWN, Node, Scene, new_node, vtk_image, vtk_matrix
from .sweeps import sweep_from_nodes
from .volumes import show_grey

FRAME_ROLE = "FluoroPrint.Frame"
PLANE_ROLE = "FluoroPrint.FrameOnPanel"
BROWSER_ROLE = "FluoroPrint.Browser"


def add_playback(scene: Scene, sweep_node: Node) -> Node:
    """Add a sequence of frames and a sequence of panel poses with a browser that plays both.

    The frame shown stands on the panel, where it was taken; the C-arm's source, beam and panel turn with it.
    The frames are copied: make this on demand.

    Parameters
    ----------
    scene : vtkMRMLScene
    sweep_node : stack of frames made by `add_sweep`

    Returns
    -------
    vtkMRMLSequenceBrowserNode; it references the volume that shows the frame (role `FRAME_ROLE`)

    Raises
    ------
    FluoroPrintError
        The node is no sweep, or the distance source to detector is not known.
    """
    sweep, name = sweep_from_nodes(sweep_node), sweep_node.GetName()
    poses, pixel_mm = panel_poses(sweep.geometry, name)
    frames = (_frame_node(frame, pixel_mm[index]) for index, frame in enumerate(sweep.frames))
    frame_sequence = _sequence(scene, frames, f"{name} frames")
    pose_sequence = _sequence(scene, (_pose_node(pose) for pose in poses), f"{name} poses")
    browser = new_node(scene, "vtkMRMLSequenceBrowserNode", f"{name} browser")
    browser.SetAndObserveMasterSequenceNodeID(frame_sequence.GetID())
    browser.AddSynchronizedSequenceNodeID(pose_sequence.GetID())
    shown = _proxy(scene, browser, frame_sequence, f"{name} frame")
    panel = _proxy(scene, browser, pose_sequence, f"{name} panel")
    shown.SetAndObserveTransformNodeID(panel.GetID())
    display = sweep_node.GetDisplayNode()
    show_grey(shown, display.GetWindow(), display.GetLevel())
    browser.SetNodeReferenceID(FRAME_ROLE, shown.GetID())
    _add_c_arm(scene, browser, sweep.geometry, name)
    _add_frame_on_panel(scene, browser, panel, sweep.geometry, pixel_mm[0], name)
    sweep_node.SetNodeReferenceID(BROWSER_ROLE, browser.GetID())
    return browser


def _add_c_arm(scene: Scene, browser: Node, geometry: SweepGeometry, name: str) -> None:
    """Add a sequence of the C-arm, in RAS: exact also where source and panel wander against each other."""
    assert geometry.sid_mm is not None
    corners = [panel_corners_ras(geometry, view, geometry.sid_mm) for view in range(geometry.count)]
    surfaces = (c_arm_surface(*pose) for pose in zip(geometry.sources_ras, corners, strict=True))
    sequence = _sequence(scene, (_model_node(surface) for surface in surfaces), f"{name} C-arm poses")
    browser.AddSynchronizedSequenceNodeID(sequence.GetID())
    show_c_arm(_proxy(scene, browser, sequence, f"{name} C-arm"))


def _add_frame_on_panel(
    scene: Scene, browser: Node, panel: Node, geometry: SweepGeometry, pixel_mm: Float64Array, name: str
) -> None:
    plane = new_node(scene, "vtkMRMLModelNode", f"{name} frame on panel")
    plane.SetAttribute(SHOWN, "1")
    plane.SetAndObservePolyData(frame_plane(geometry.columns, geometry.rows, pixel_mm))
    plane.CreateDefaultDisplayNodes()
    plane.GetDisplayNode().SetAmbient(1.0)
    plane.GetDisplayNode().SetDiffuse(0.0)
    plane.GetDisplayNode().SetBackfaceCulling(False)
    plane.GetDisplayNode().SetVisibility2D(False)
    plane.SetAndObserveTransformNodeID(panel.GetID())
    browser.SetNodeReferenceID(PLANE_ROLE, plane.GetID())
    show_frame_on_panel(browser)


def show_frame_on_panel(browser: Node) -> None:
    """Let the rectangle on the panel show the current frame; a scene that was opened does not remember it."""
    plane, frame = browser.GetNodeReference(PLANE_ROLE), browser.GetNodeReference(FRAME_ROLE)
    if plane is not None and frame is not None and frame.GetDisplayNode() is not None:
        plane.GetDisplayNode().SetTextureImageDataConnection(
            frame.GetDisplayNode().GetOutputImageDataConnection()
        )


def playback_of(sweep_node: Node) -> Node:
    """Return the browser that plays a sweep, None where there is none."""
    return sweep_node.GetNodeReference(BROWSER_ROLE)


def remove_playback(sweep_node: Node) -> None:
    """Take away the browser that plays a sweep, with its sequences and what they show."""
    browser, scene = playback_of(sweep_node), sweep_node.GetScene()
    if browser is None:
        return
    sequences = _sequences_of(browser)
    shown = [browser.GetProxyNode(sequence) for sequence in sequences] + [
        browser.GetNodeReference(PLANE_ROLE)
    ]
    parts = [part for node in shown for part in _parts_of(node)]
    for node in [browser, *sequences, *shown, *parts]:
        if node is not None:
            scene.RemoveNode(node)


def _parts_of(node: Node) -> list[Node]:
    """Return how a node is shown and stored."""
    display = node.GetDisplayNode() if node.IsA("vtkMRMLDisplayableNode") else None
    return [display, node.GetStorageNode()]


def _sequences_of(browser: Node) -> list[Node]:
    from vtkmodules.vtkCommonCore import vtkCollection

    found = vtkCollection()
    browser.GetSynchronizedSequenceNodes(found, True)
    return [found.GetItemAsObject(index) for index in range(found.GetNumberOfItems())]


def panel_poses(geometry: SweepGeometry, name: str) -> tuple[Float64Array, Float64Array]:
    """Return where the panel stood and how large its pixels are.

    Parameters
    ----------
    geometry : with a known distance source to detector
    name : of the sweep, for the error's sentence

    Returns
    -------
    (N, 4, 4) panel_to_ras: x along columns, y along rows, z towards the source, all in mm, origin at the
    centre of pixel (0, 0); and (N, 2) column and row spacing in mm.

    Raises
    ------
    FluoroPrintError
        The distance source to detector is not known.
    """
    if geometry.sid_mm is None:
        raise FluoroPrintError(
            f"The sweep {name!r} cannot be shown in 3D: its distance source to detector is not known; "
            "give it at import."
        )
    pixel_to_ray = np.linalg.inv(geometry.ras_to_pixel[:, :, :3]) * geometry.sid_mm
    spacing = np.linalg.norm(pixel_to_ray[:, :, :2], axis=1)
    poses = np.tile(np.eye(4), (geometry.count, 1, 1))
    poses[:, :3, :2] = pixel_to_ray[:, :, :2] / spacing[:, None, :]
    poses[:, :3, 2] = -geometry.normals_ras
    poses[:, :3, 3] = geometry.sources_ras + pixel_to_ray[:, :, 2]
    return poses, spacing


def _frame_node(frame: Float64Array, spacing_mm: Float64Array) -> Node:
    import slicer

    node = slicer.vtkMRMLScalarVolumeNode()
    node.SetSpacing(*spacing_mm, 1.0)
    node.SetAndObserveImageData(vtk_image(frame[None]))
    return node


def _model_node(surface: Any) -> Node:
    import slicer

    node = slicer.vtkMRMLModelNode()
    node.SetAndObservePolyData(surface)
    return node


def _pose_node(pose: Float64Array) -> Node:
    import slicer

    node = slicer.vtkMRMLLinearTransformNode()
    node.SetMatrixTransformToParent(vtk_matrix(pose))
    return node


def _sequence(scene: Scene, nodes: Iterable[Node], name: str) -> Node:
    sequence = new_node(scene, "vtkMRMLSequenceNode", name)
    sequence.SetIndexName("frame")
    sequence.SetIndexUnit("")
    for number, node in enumerate(nodes, start=1):
        sequence.SetDataNodeAtValue(node, str(number))
    return sequence


def _proxy(scene: Scene, browser: Node, sequence: Node, name: str) -> Node:
    """Return the node that shows the current item of a sequence: the one that Slicer added, or a new one."""
    node = browser.GetProxyNode(sequence)
    if node is None:
        first = sequence.GetNthDataNode(0)
        node = scene.AddNewNodeByClass(first.GetClassName())
        node.CopyContent(first)
        browser.AddProxyNode(node, sequence, False)
    browser.SetOverwriteProxyName(sequence, False)
    node.SetName(scene.GenerateUniqueName(name) if scene.GetFirstNodeByName(name) else name)
    node.SetAttribute(SHOWN, "1")
    return node

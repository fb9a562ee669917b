"""A sweep as a run to browse: frames and detector poses in step, so that the C-arm turns in 3D."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.sweep import SweepGeometry
from .nodes import Node, Scene, new_node, vtk_image, vtk_matrix
from .sweeps import sweep_from_nodes
from .volumes import show_grey

FRAME_ROLE = "FluoroPrint.Frame"


def add_playback(scene: Scene, sweep_node: Node) -> Node:
    """Add a sequence of frames and a sequence of panel poses with a browser that plays both.

    The frame shown stands on the panel, where it was taken. The frames are copied: make this on demand.

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
    return browser


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
    """Add the node that shows the current item of a sequence."""
    first = sequence.GetNthDataNode(0)
    node = new_node(scene, first.GetClassName(), name)
    node.CopyContent(first)
    browser.AddProxyNode(node, sequence, False)
    return node

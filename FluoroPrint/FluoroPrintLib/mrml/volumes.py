"""Volumes: data to vtkMRMLScalarVolumeNode and back."""

from __future__ import annotations

from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from .nodes import Node, Scene, image_array, matrix_array, new_node, node_to_world, vtk_image, vtk_matrix

BONE_WINDOW_HU = 2000.0
BONE_LEVEL_HU = 500.0


def add_volume(
    scene: Scene,
    volume: Volume,
    name: str,
    window_level_hu: tuple[float, float] = (BONE_WINDOW_HU, BONE_LEVEL_HU),
) -> Node:
    """Add a volume to the scene, shown with a window for bone.

    Parameters
    ----------
    scene : vtkMRMLScene
    volume : in HU; its notes become the node's description
    name : what the user reads; a number is appended where it is taken
    window_level_hu : width and middle of the grey scale

    Returns
    -------
    vtkMRMLScalarVolumeNode
    """
    node = new_node(scene, "vtkMRMLScalarVolumeNode", name)
    node.SetIJKToRASMatrix(vtk_matrix(volume.ijk_to_ras))
    node.SetAndObserveImageData(vtk_image(volume.array_kji))
    node.SetDescription(" ".join(volume.notes))
    show_grey(node, *window_level_hu)
    return node


def show_grey(node: Node, window: float, level: float) -> None:
    """Give a volume node a grey display of this window and level."""
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetAndObserveColorNodeID("vtkMRMLColorTableNodeGrey")
    display.SetAutoWindowLevel(False)
    display.SetWindowLevel(window, level)


def volume_from_node(node: Node) -> Volume:
    """Return the volume of a node; linear parent transforms go into its ijk_to_ras.

    Parameters
    ----------
    node : vtkMRMLScalarVolumeNode (a label map too)

    Raises
    ------
    FluoroPrintError
        The node is no volume, empty, or stands under a transform that bends space.
    """
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    if node is None or not node.IsA("vtkMRMLScalarVolumeNode"):
        raise FluoroPrintError(
            f"{node.GetName() if node else 'Nothing'!r} is not a volume: choose a scalar volume."
        )
    ijk_to_local = vtkMatrix4x4()
    node.GetIJKToRASMatrix(ijk_to_local)
    array_kji = image_array(node.GetImageData(), node.GetName())
    return Volume(array_kji, node_to_world(node) @ matrix_array(ijk_to_local))

"""The preview of a sweep: one volume, replaced by the next."""

from __future__ import annotations

from ..geometry.volume import Volume
from .nodes import SHOWN, Node, vtk_image, vtk_matrix
from .volumes import add_volume

PREVIEW_ROLE = "FluoroPrint.Preview"


def show_preview(sweep_node: Node, volume: Volume) -> Node:
    """Put a preview into the scene in place of the one before; it is no result, and not saved with the scene.

    Returns
    -------
    vtkMRMLScalarVolumeNode
    """
    node = sweep_node.GetNodeReference(PREVIEW_ROLE)
    if node is None:
        node = add_volume(sweep_node.GetScene(), volume, f"{sweep_node.GetName()} preview")
        node.SetAttribute(SHOWN, "1")
        node.SetSaveWithScene(False)
        sweep_node.SetNodeReferenceID(PREVIEW_ROLE, node.GetID())
        return node
    node.SetIJKToRASMatrix(vtk_matrix(volume.ijk_to_ras))
    node.SetAndObserveImageData(vtk_image(volume.array_kji))
    node.SetDescription(" ".join(volume.notes))
    return node

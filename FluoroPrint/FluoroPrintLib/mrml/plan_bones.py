"""The bone that a plan is made on, read from a segmentation or a model of the scene."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..geometry.volume import Volume
from ..mesh.surface import surface_of_mask
from ..planning.field import BoneField
from ..planning.live import bone_to_plan_in
from ..planning.meshes import bone_within
from ..progress import Progress, part_of
from ..segmentation.segments import Segment, Segmentation
from .models import surface_from_node
from .nodes import Node
from .segmentations import segmentation_from_node

LABELMAP = "Binary labelmap"
BONE = (0.93, 0.87, 0.74)


def reading_segmentation(node: Node) -> Callable[[Progress], Segmentation]:
    """Read a bone with its segments as `reading_bone` does; a model is a bone of one segment."""
    if node is not None and node.IsA("vtkMRMLSegmentationNode"):
        found = segmentation_from_node(node)
        return lambda _progress: found
    read, segment = reading_bone(node), Segment(str(node.GetName()), 1, BONE)
    return lambda progress: Segmentation(read(progress), (segment,))


def reading_surface(node: Node) -> Callable[[], vtkPolyData]:
    """Read a bone from its node; return what gives its surface, RAS mm of the world, without the scene.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode (all of its segments) or vtkMRMLModelNode

    Raises
    ------
    FluoroPrintError
        The node holds no bone.
    """
    if node is not None and node.IsA("vtkMRMLSegmentationNode"):
        labels = segmentation_from_node(node).labelmap
        return lambda: surface_of_mask(labels.array_kji > 0, labels.ijk_to_ras)
    surface = surface_from_node(node)
    return lambda: surface


def reading_bone(node: Node) -> Callable[[Progress], Volume]:
    """Read a bone from its node; return what gives its mask without the scene, in a thread where wanted.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode (all of its segments) or vtkMRMLModelNode

    Raises
    ------
    FluoroPrintError
        The node holds no bone.
    """
    if node is not None and node.IsA("vtkMRMLSegmentationNode"):
        labelmap = segmentation_from_node(node).labelmap
        return lambda _progress: labelmap
    surface = surface_from_node(node)

    def within(progress: Progress) -> Volume:
        progress(0.0, "Filling the model")
        return bone_within(surface)

    return within


def measuring_bone(node: Node, region: str = "") -> Callable[[Progress], BoneField]:
    """Return what measures a bone without the scene; arguments and faults are those of `bone_to_plan_in`."""
    read = reading_bone(node)
    return lambda progress: bone_to_plan_in(read(progress), region, part_of(progress, 0.1, 1.0))


def stamp_of_bone(node: Node, region: str = "") -> Any:
    """Return what changes with a bone and its place, None for no bone."""
    if node is None:
        return None
    transform = node.GetParentTransformNode()
    moved = (transform.GetID(), transform.GetTransformToWorldMTime()) if transform is not None else None
    return node.GetID(), _stamp_of_data(node), moved, region


def _stamp_of_data(node: Node) -> Any:
    """Return what changes with a surface or with labelmaps, but not with how a segmentation is shown."""
    if node.IsA("vtkMRMLModelNode"):
        return node.GetPolyData().GetMTime() if node.GetPolyData() is not None else 0
    segmentation = node.GetSegmentation()
    segments = [segmentation.GetNthSegment(n) for n in range(segmentation.GetNumberOfSegments())]
    return tuple((each.GetRepresentation(LABELMAP) or each).GetMTime() for each in segments)

"""Segmentations: data to vtkMRMLSegmentationNode and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..segmentation.segments import Segment, Segmentation
from .nodes import Node, Scene, image_array, matrix_array, new_node, node_to_world, vtk_image, vtk_matrix

_MOST_SEGMENTS = 255


def add_segmentation(
    scene: Scene,
    segmentation: Segmentation,
    name: str,
    source_volume_node: Node = None,
    *,
    closed_surface: bool = False,
) -> Node:
    """Add a segmentation to the scene: one shared labelmap, names, colours and terminology.

    Parameters
    ----------
    scene : vtkMRMLScene
    segmentation : labelmap and segments; Slicer takes a segment without terminology for "Tissue"
    name : what the user reads
    source_volume_node : vtkMRMLVolumeNode the reference geometry is taken from, if any
    closed_surface : also make Slicer's own closed surfaces, shown in 3D

    Returns
    -------
    vtkMRMLSegmentationNode
    """
    node = new_node(scene, "vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    if source_volume_node is not None:
        node.SetReferenceImageGeometryParameterFromVolumeNode(source_volume_node)
    labelmap = _oriented_image(segmentation.labelmap)
    for segment in segmentation.segments:
        node.GetSegmentation().AddSegment(_vtk_segment(segment, labelmap))
    if closed_surface:
        node.CreateClosedSurfaceRepresentation()
    return node


def add_empty_segment(node: Node, segment: Segment) -> str:
    """Add a segment without voxels, with name, colour and terminology of another; return its ID.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode
    segment : what to call it; its label is not used
    """
    vtk_segmentation = node.GetSegmentation()
    segment_id: str = vtk_segmentation.AddEmptySegment("", segment.name, segment.colour)
    _set_terminology(vtk_segmentation.GetSegment(segment_id), segment)
    return segment_id


def _oriented_image(labelmap: Volume) -> Any:
    import slicer

    image = slicer.vtkOrientedImageData()
    image.ShallowCopy(vtk_image(labelmap.array_kji))
    image.SetImageToWorldMatrix(vtk_matrix(labelmap.ijk_to_ras))
    return image


def _vtk_segment(segment: Segment, labelmap: Any) -> Any:
    import slicer

    result = slicer.vtkSegment()
    result.SetName(segment.name)
    result.SetColor(*segment.colour)
    result.SetLabelValue(segment.label)
    _set_terminology(result, segment)
    result.AddRepresentation(
        slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName(), labelmap
    )
    return result


def _set_terminology(vtk_segment: Any, segment: Segment) -> None:
    import slicer

    if segment.terminology:
        vtk_segment.SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), segment.terminology)


def segmentation_from_node(node: Node) -> Segmentation:
    """Return the segmentation of a node; linear parent transforms go into its ijk_to_ras.

    The labelmap covers the reference geometry. Label values stay as they are where each segment has its
    own, else segments are numbered from 1. Where segments overlap, the later one wins.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode

    Raises
    ------
    FluoroPrintError
        The node is no segmentation, holds no segments or too many, or stands under a transform that
        bends space.
    """
    if node is None or not node.IsA("vtkMRMLSegmentationNode"):
        raise FluoroPrintError(
            f"{node.GetName() if node else 'Nothing'!r} is not a segmentation: choose one."
        )
    segments = _segments_of(node)
    merged = _merged_labelmap(node, [segment.label for segment in segments])
    return Segmentation(merged, segments)


def _segments_of(node: Node) -> tuple[Segment, ...]:
    vtk_segmentation = node.GetSegmentation()
    count = vtk_segmentation.GetNumberOfSegments()
    if not 0 < count <= _MOST_SEGMENTS:
        raise FluoroPrintError(f"{node.GetName()!r} holds {count} segments: it takes 1 to {_MOST_SEGMENTS}.")
    if not _has_labelmap(node):
        raise FluoroPrintError(f"{node.GetName()!r} cannot be turned into a labelmap: check its segments.")
    vtk_segments = [vtk_segmentation.GetNthSegment(index) for index in range(count)]
    labels = [segment.GetLabelValue() for segment in vtk_segments]
    if len(set(labels)) < count or not all(0 < label <= _MOST_SEGMENTS for label in labels):
        labels = list(range(1, count + 1))
    return tuple(_segment(segment, label) for segment, label in zip(vtk_segments, labels, strict=True))


def _has_labelmap(node: Node) -> bool:
    return bool(
        node.GetSegmentation().ContainsRepresentation("Binary labelmap")
        or node.CreateBinaryLabelmapRepresentation()
    )


def _segment(segment: Any, label: int) -> Segment:
    import slicer
    from vtkmodules.vtkCommonCore import reference

    terminology = reference("")
    segment.GetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), terminology)
    red, green, blue = segment.GetColor()
    return Segment(segment.GetName(), label, (red, green, blue), str(terminology))


def _merged_labelmap(node: Node, labels: list[int]) -> Volume:
    import slicer
    from vtkmodules.vtkCommonCore import vtkIntArray, vtkStringArray
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    merged, ids, values = slicer.vtkOrientedImageData(), vtkStringArray(), vtkIntArray()
    for index, label in enumerate(labels):
        ids.InsertNextValue(node.GetSegmentation().GetNthSegmentID(index))
        values.InsertNextValue(label)
    mode = slicer.vtkSegmentation.EXTENT_REFERENCE_GEOMETRY
    if not node.GenerateMergedLabelmapForAllSegments(merged, mode, None, ids, values):
        raise FluoroPrintError(f"{node.GetName()!r} could not be merged to one labelmap: check its segments.")
    to_world = vtkMatrix4x4()
    merged.GetImageToWorldMatrix(to_world)
    first = np.eye(4)
    first[:3, 3] = merged.GetExtent()[::2]
    array_kji = image_array(merged, node.GetName()).astype(np.uint8)
    return Volume(array_kji, node_to_world(node) @ matrix_array(to_world) @ first)

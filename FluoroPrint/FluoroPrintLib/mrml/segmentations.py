"""Segmentations: data to vtkMRMLSegmentationNode and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..segmentation.segments import Segment, Segmentation
from .nodes import Node, Scene, image_array, matrix_array, new_node, node_to_world, vtk_image, vtk_matrix

_MOST_SEGMENTS = 255
_MADE_BY = "FluoroPrint.MadeBy"


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


def made_segments(node: Node, maker: str) -> dict[str, str]:
    """Return the IDs of the segments that `segments_for` added for a maker, by the names they were given.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode
    maker : what made them, and from which segment
    """
    vtk_segmentation, made = node.GetSegmentation(), {}
    for index in range(vtk_segmentation.GetNumberOfSegments()):
        its_maker, _, name = _tag(vtk_segmentation.GetNthSegment(index), _MADE_BY).partition("|")
        if its_maker == maker:
            made[name] = vtk_segmentation.GetNthSegmentID(index)
    return made


def segments_for(node: Node, maker: str, segments: list[Segment]) -> list[str]:
    """Return the ID of a segment to write each of some into: one made before, or an empty one added now.

    What the maker made before and makes no more is removed.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode
    maker : what makes them, and from which segment
    segments : what to call them where they are added; those made before keep the names they have
    """
    made = made_segments(node, maker)
    for name in made.keys() - {segment.name for segment in segments}:
        node.GetSegmentation().RemoveSegment(made[name])
    return [made.get(segment.name) or _made(node, maker, segment) for segment in segments]


def _made(node: Node, maker: str, segment: Segment) -> str:
    segment_id = add_empty_segment(node, segment)
    node.GetSegmentation().GetSegment(segment_id).SetTag(_MADE_BY, f"{maker}|{segment.name}")
    return segment_id


def mask_of_segments(node: Node, segment_ids: list[str]) -> Volume:
    """Return where any of some segments is: 1 on the reference geometry, in the segmentation's own frame.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode that holds a segment or more
    segment_ids : of them
    """
    in_world = _merged_labelmap(node, dict.fromkeys(segment_ids, 1))
    return Volume(in_world.array_kji, np.linalg.inv(node_to_world(node)) @ in_world.ijk_to_ras)


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
    ids = (node.GetSegmentation().GetNthSegmentID(index) for index in range(len(segments)))
    merged = _merged_labelmap(node, dict(zip(ids, (segment.label for segment in segments), strict=True)))
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

    red, green, blue = segment.GetColor()
    terminology = _tag(segment, slicer.vtkSegment.GetTerminologyEntryTagName())
    return Segment(segment.GetName(), label, (red, green, blue), terminology)


def _tag(segment: Any, name: str) -> str:
    from vtkmodules.vtkCommonCore import reference

    value = reference("")
    segment.GetTag(name, value)
    return str(value)


def _merged_labelmap(node: Node, labels: dict[str, int]) -> Volume:
    import slicer
    from vtkmodules.vtkCommonCore import vtkIntArray, vtkStringArray
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    merged, ids, values = slicer.vtkOrientedImageData(), vtkStringArray(), vtkIntArray()
    for segment_id, label in labels.items():
        ids.InsertNextValue(segment_id)
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

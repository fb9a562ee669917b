"""A Segment Editor over a ball of bone, and what a user does with the effect "Fluoro bone" in it."""

from types import SimpleNamespace

import numpy as np
import slicer
import stand_in
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.nodes import vtk_image, vtk_matrix
from slicer.util import arrayFromSegmentBinaryLabelmap, arrayFromSegmentInternalBinaryLabelmap

SIZE, RADIUS = 48, 14
GRID = grid_centred_at((0, 0, 0), (SIZE, SIZE, SIZE), 1.0)
BALL_MM3 = 4 / 3 * np.pi * RADIUS**3
NAME = "Fluoro bone"
CENTRED_KJI = np.indices((SIZE, SIZE, SIZE)) - SIZE // 2


def volume_of_ball(radius=RADIUS):
    """A ball of bone (1000 HU) in soft tissue (40 HU) with noise, voxels of 1 mm."""
    noise = np.random.default_rng(1).normal(0.0, 20.0, (SIZE, SIZE, SIZE))
    inside = (CENTRED_KJI**2).sum(0) <= radius**2
    voxels = np.where(inside, 1000.0, 40.0) + noise
    return Volume(voxels.astype(np.float32), GRID)


def segmentation_over(scene, volume_node):
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    return node


def open_editor(scene, tag):
    """Return an editor whose choices are kept in a singleton node, as Slicer's modules have it."""
    widget = slicer.qMRMLSegmentEditorWidget()
    widget.setMRMLScene(scene)
    node = scene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
    node.UnRegister(None)
    node.SetSingletonTag(tag)
    widget.setMRMLSegmentEditorNode(scene.AddNode(node))
    return widget


def choose(widget, scene, volume_node, name=NAME):
    """Make a segmentation with one segment, choose all that the effect needs, and the effect."""
    segmentation = segmentation_over(scene, volume_node)
    segment_id = segmentation.GetSegmentation().AddEmptySegment("bone", "bone", (0.2, 0.4, 0.6))
    widget.setSegmentationNode(segmentation)
    widget.setSourceVolumeNode(volume_node)
    widget.setCurrentSegmentID(segment_id)
    widget.setActiveEffectByName(name)
    return SimpleNamespace(
        widget=widget,
        node=widget.real.node,
        segmentation=segmentation,
        segment_id=segment_id,
        options=widget.activeEffect().self().options,
    )


def count_of(editor, ball, segment_id=None):
    voxels = arrayFromSegmentBinaryLabelmap(editor.segmentation, segment_id or editor.segment_id, ball)
    return np.count_nonzero(voxels)


def ended(editor):
    stand_in.wait_until(lambda: not editor.options.work.busy)


def apply(editor):
    stand_in.click(editor.options.applyButton)
    ended(editor)


def preview(editor):
    stand_in.click(editor.options.previewButton)
    ended(editor)


def previews(scene):
    nodes = scene.GetNodesByClass("vtkMRMLSegmentationNode")
    found = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
    return [node for node in found if node.GetHideFromEditors()]


def previewed(scene):
    """Return how many voxels the only preview shows."""
    (node,) = previews(scene)
    segment_id = node.GetSegmentation().GetNthSegmentID(0)
    return np.count_nonzero(arrayFromSegmentInternalBinaryLabelmap(node, segment_id))


def add_segment(editor, name, mask_kji):
    image = slicer.vtkOrientedImageData()
    image.ShallowCopy(vtk_image(mask_kji))
    image.SetImageToWorldMatrix(vtk_matrix(GRID))
    return editor.segmentation.AddSegmentFromBinaryLabelmapRepresentation(image, name)

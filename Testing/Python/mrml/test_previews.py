"""A preview is seen over the slices and nowhere else, and leaves nothing behind."""

import numpy as np
import pytest
import slicer
from FluoroPrintLib.mrml.nodes import vtk_image, vtk_matrix
from FluoroPrintLib.mrml.previews import OPACITY, add_preview, remove_preview
from FluoroPrintLib.mrml.segmentations import add_segmentation
from slicer.util import arrayFromSegmentInternalBinaryLabelmap
from vtkmodules.util.misc import calldata_type
from vtkmodules.util.vtkConstants import VTK_OBJECT

COLOUR = (0.2, 0.4, 0.6)


@pytest.fixture
def labelmap(volume):
    mask_kji = np.zeros(volume.array_kji.shape, np.uint8)
    mask_kji[2:5, 3:6, 4:8] = 1
    image = slicer.vtkOrientedImageData()
    image.ShallowCopy(vtk_image(mask_kji))
    image.SetImageToWorldMatrix(vtk_matrix(volume.ijk_to_ras))
    return image


@pytest.fixture
def bones(scene, segmentation):
    return add_segmentation(scene, segmentation, "Bones")


def test_a_preview_shows_its_labelmap_translucent_over_slices_only(scene, labelmap, bones):
    node = add_preview(scene, labelmap, COLOUR, bones)
    segment_id = node.GetSegmentation().GetNthSegmentID(0)
    assert np.count_nonzero(arrayFromSegmentInternalBinaryLabelmap(node, segment_id)) == 3 * 3 * 4
    assert node.GetSegmentation().GetSegment(segment_id).GetColor() == pytest.approx(COLOUR)
    display = node.GetDisplayNode()
    assert display.GetVisibility2DFill()
    assert display.GetVisibility2DOutline()
    assert display.GetOpacity2DFill() == OPACITY
    assert not display.GetVisibility3D()


def test_a_preview_is_translucent_whatever_segments_usually_are(scene, labelmap, bones):
    usual = slicer.vtkMRMLSegmentationDisplayNode()
    usual.SetOpacity2DFill(1.0)
    scene.AddDefaultNode(usual)
    assert add_preview(scene, labelmap, COLOUR, bones).GetDisplayNode().GetOpacity2DFill() == OPACITY


def test_the_segmentation_stays_as_it_is(scene, labelmap, bones):
    segments, changed = bones.GetSegmentation().GetNumberOfSegments(), bones.GetMTime()
    add_preview(scene, labelmap, COLOUR, bones)
    assert bones.GetSegmentation().GetNumberOfSegments() == segments
    assert bones.GetMTime() == changed


def test_a_preview_is_hidden_from_choosers_and_files(scene, labelmap, bones):
    node = add_preview(scene, labelmap, COLOUR, bones)
    assert node.GetHideFromEditors()
    assert not node.GetSaveWithScene()
    assert not node.GetDisplayNode().GetSaveWithScene()


def test_no_list_shows_a_preview_even_as_it_is_added(scene, labelmap, bones):
    """The subject hierarchy looks at a node once, when it comes."""
    hidden = []

    @calldata_type(VTK_OBJECT)
    def note(_scene, _event, node):
        hidden.append(node.GetHideFromEditors())

    tag = scene.AddObserver(scene.NodeAddedEvent, note)
    add_preview(scene, labelmap, COLOUR, bones)
    scene.RemoveObserver(tag)
    assert hidden[0]


def test_a_preview_stands_under_the_transform_of_the_segmentation(scene, labelmap, bones):
    move = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    bones.SetAndObserveTransformNodeID(move.GetID())
    assert add_preview(scene, labelmap, COLOUR, bones).GetParentTransformNode() is move


def test_a_removed_preview_leaves_nothing_behind(scene, labelmap, bones):
    before = scene.GetNumberOfNodes()
    remove_preview(add_preview(scene, labelmap, COLOUR, bones))
    assert scene.GetNumberOfNodes() == before


def test_several_display_nodes_go_with_their_preview(scene, labelmap, bones):
    before = scene.GetNumberOfNodes()
    node = add_preview(scene, labelmap, COLOUR, bones)
    node.AddAndObserveDisplayNodeID(scene.AddNewNodeByClass("vtkMRMLSegmentationDisplayNode").GetID())
    remove_preview(node)
    assert scene.GetNumberOfNodes() == before


def test_a_preview_without_a_display_node_can_be_removed(scene, labelmap, bones):
    before = scene.GetNumberOfNodes()
    node = add_preview(scene, labelmap, COLOUR, bones)
    scene.RemoveNode(node.GetDisplayNode())
    remove_preview(node)
    assert scene.GetNumberOfNodes() == before


def test_a_preview_that_went_with_its_scene_is_removed_already(scene, labelmap, bones):
    node = add_preview(scene, labelmap, COLOUR, bones)
    scene.Clear(False)
    nodes = scene.GetNumberOfNodes()
    remove_preview(node)
    assert scene.GetNumberOfNodes() == nodes

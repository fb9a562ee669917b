"""Contours kept with a segment: which slices they lie in, and that files and copies keep them."""

import numpy as np
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.contoured_slices import contoured_slices, keep_contour, kept_contours
from FluoroPrintLib.mrml.files import read_segmentation, write_segmentation
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.outlines import SliceOutline
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.segmentation.slices import Slice, points_at
from scipy.spatial.transform import Rotation

GRID = Volume(np.zeros((12, 14, 16), np.float32), grid_centred_at((3, -2, 5), (16, 14, 12), 1.5))
CORNERS = np.array([[2.0, 3.0], [9.0, 3.5], [7.25, 10.0]])
CONTOURED = (Slice(2, 4), Slice(2, 9), Slice(0, 11), Slice(2, 4))


def contoured_segment(scene):
    labels = np.zeros(GRID.array_kji.shape, np.uint8)
    labels[2:6, 2:6, 2:6] = 1
    segmentation = Segmentation(GRID.with_array(labels), (Segment("Bone", 1, (0.9, 0.8, 0.5)),))
    node = add_segmentation(scene, segmentation, "Bone", add_volume(scene, GRID, "Volume"))
    segment = node.GetSegmentation().GetNthSegment(0)
    for where in CONTOURED:
        keep_contour(segment, SliceOutline(points_at(GRID, where, CORNERS)))
    return node, segment


def test_contours_are_kept_in_their_order_and_tell_their_slices(scene):
    _, segment = contoured_segment(scene)
    for kept, where in zip(kept_contours(segment), CONTOURED, strict=True):
        np.testing.assert_allclose(kept.points_ras, points_at(GRID, where, CORNERS), atol=1e-3)
    assert contoured_slices(segment, GRID) == set(CONTOURED)


def test_contours_that_lie_in_no_slice_of_a_grid_do_not_count(scene):
    _, segment = contoured_segment(scene)
    far = Volume(GRID.array_kji, grid_centred_at((300, 300, 300), (16, 14, 12), 1.5))
    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix()
    for other in (far, Volume(GRID.array_kji, turn @ GRID.ijk_to_ras)):
        assert contoured_slices(segment, other) == set()


def test_a_file_keeps_them(scene, tmp_path):
    node, segment = contoured_segment(scene)
    write_segmentation(node, tmp_path / "bone.seg.nrrd")
    again = read_segmentation(scene, tmp_path / "bone.seg.nrrd").GetSegmentation().GetNthSegment(0)
    assert len(kept_contours(again)) == len(CONTOURED)
    for one, other in zip(kept_contours(again), kept_contours(segment), strict=True):
        np.testing.assert_array_equal(one.points_ras, other.points_ras)


def test_a_segment_without_contours_has_none(scene):
    node, _ = contoured_segment(scene)
    node.GetSegmentation().AddEmptySegment("other", "other")
    assert kept_contours(node.GetSegmentation().GetSegment("other")) == ()

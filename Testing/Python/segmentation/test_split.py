"""Splitting what touches: closed forms with a gap, a neck, a socket, fragments; what is invariant."""

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.segmentation.methods import Hints, find_by, method_named
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.segmentation.split import SplitParameters, split_parts
from scipy import ndimage

BONE_HU, SOFT_HU = 900.0, 40.0


def scene(bone, *, size=(64, 40, 40), spacing=(1.0, 1.0, 1.0), noise=15.0, rotation=None):
    """Return a volume of ``bone(x, y, z)`` about the origin, a bit blurred, and its coordinates."""
    ijk_to_ras = np.diag([*spacing, 1.0])
    ijk_to_ras[:3, 3] = -(np.array(size) - 1) / 2 * spacing
    k, j, i = np.indices(size[::-1])
    x, y, z = (c * s + o for c, s, o in zip((i, j, k), spacing, ijk_to_ras[:3, 3], strict=True))
    if rotation is not None:
        ijk_to_ras = rotation @ ijk_to_ras
    hu = np.where(bone(x, y, z), BONE_HU, SOFT_HU)
    hu = ndimage.gaussian_filter(hu, 0.5) + np.random.default_rng(5).normal(0, noise, hu.shape)
    return Volume(hu.astype(np.float32), ijk_to_ras), (x, y, z)


def whole(volume, mask):
    return Segmentation(volume.with_array(mask.astype(np.uint8)), (Segment("Bone", 1, (1.0, 1.0, 1.0)),))


def ball(x, y, z, centre, radius):
    return (x - centre) ** 2 + y**2 + z**2 <= radius**2


def two_balls(x, y, z):
    return ball(x, y, z, -12.5, 11.8) | ball(x, y, z, 12.5, 11.8)


def right_share(labels, mask, x, border=0.0):
    return (labels == np.where(x < border, 1, 2))[mask].mean()


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.7, 1.1, 1.8)])
def test_two_balls_with_a_dark_gap_are_split_in_the_gap(spacing):
    size = tuple(int(n / s) for n, s in zip((60, 36, 36), spacing, strict=True))
    volume, (x, y, z) = scene(two_balls, size=size, spacing=spacing)
    mask = (np.abs(x) < 26) & (y**2 + z**2 < 12**2) & ((np.abs(x) < 3) | (volume.array_kji > 400))
    parts = split_parts(volume, whole(volume, mask), np.array([[-12.0, 0, 0], [12.0, 3, 2]]))
    labels = parts.labelmap.array_kji
    assert (labels[mask] > 0).all()
    assert not labels[~mask].any()
    bone = mask & (volume.array_kji > 400) & two_balls(x, y, z)
    assert right_share(labels, bone, x) > 0.995
    assert [segment.name for segment in parts.segments] == ["Part 1", "Part 2"]


def test_balls_of_other_size_fused_at_a_neck_are_cut_at_the_neck_within_a_voxel():
    def fused(x, y, z):
        return ball(x, y, z, -9.0, 14.0) | ball(x, y, z, 13.0, 9.0)

    volume, (x, y, z) = scene(fused, size=(64, 36, 36))
    mask = fused(x, y, z)
    neck = (14.0**2 - 9.0**2 + 13.0**2 - 9.0**2) / 44.0  # where the spheres meet
    labels = split_parts(volume, whole(volume, mask), np.array([[-9.0, 0, 0], [13.0, 0, 0]])).labelmap
    wrong = mask & (labels.array_kji != np.where(x < neck, 1, 2))
    assert np.abs(x[wrong] - neck).max(initial=0.0) <= 1.0


def test_a_head_is_taken_out_of_its_socket():
    def socket(x, y, z):
        r = np.sqrt(x**2 + y**2 + z**2)
        return (r <= 10.5) | ((r >= 12.0) & (r <= 17.0) & (x < 3.0))

    volume, (x, y, z) = scene(socket, size=(44, 44, 44))
    r = np.sqrt(x**2 + y**2 + z**2)
    mask = ((r <= 17.0) & (x < 3.0)) | (r <= 10.5)  # the joint space counted in
    labels = split_parts(volume, whole(volume, mask), np.array([[0.0, 0, 0], [-14.5, 0, 0]])).labelmap
    bone = mask & socket(x, y, z)
    assert (labels.array_kji == np.where(r < 11.2, 1, 2))[bone].mean() > 0.98


def test_every_fragment_gets_its_point():
    def fragments(x, y, z):
        return (np.abs(x) < 28) & (np.abs(y) < 9) & (np.abs(z) < 9) & (np.abs(np.abs(x) - 9) > 0.9)

    volume, (x, y, z) = scene(fragments)
    mask = (np.abs(x) < 28) & (np.abs(y) < 9) & (np.abs(z) < 9)
    seeds = np.array([[-20.0, 2, 0], [0.0, 0, -3], [17.0, -2, 1]])
    labels = split_parts(volume, whole(volume, mask), seeds).labelmap.array_kji
    bone = fragments(x, y, z)
    assert (labels == np.digitize(x, [-9, 9]) + 1)[bone].mean() > 0.99


def test_shells_about_dark_marrow_are_split_from_points_in_the_marrow():
    def shells(x, y, z):
        return two_balls(x, y, z) & ~(ball(x, y, z, -12.5, 9.5) | ball(x, y, z, 12.5, 9.5))

    volume, (x, y, z) = scene(shells)
    mask = shells(x, y, z) | ((np.abs(x) < 1.2) & (y**2 + z**2 < 9))
    labels = split_parts(volume, whole(volume, mask), np.array([[-12.0, 1, 0], [13.0, 0, 0]])).labelmap
    assert right_share(labels.array_kji, mask & shells(x, y, z), x) > 0.99


def hinge(x, y, z):
    """Two bars side by side, their middles joined across the slit by a bridge as long as they are wide."""
    bars = (np.abs(x) < 24) & (np.abs(y) < 9) & (np.abs(z) < 6) & (np.abs(y) > 0.8)
    return bars | ((np.abs(x) < 3) & (np.abs(y) < 2) & (np.abs(z) < 6))


def test_several_points_a_part_hold_both_its_ends_where_bone_bridges_the_slit():
    volume, (_, y, _) = scene(hinge)
    mask = hinge(*scene(hinge)[1])
    seeds = np.array([[-20.0, -5, 0], [20.0, 5, 0], [20.0, -5, 1], [-20.0, 5, 1]])
    parts = split_parts(volume, whole(volume, mask), seeds, seed_parts=("L4", "L5", "L4", "L5"))
    assert [segment.name for segment in parts.segments] == ["L4", "L5"]
    assert right_share(parts.labelmap.array_kji, mask & (np.abs(y) > 1.5), y) > 0.99


def test_a_point_without_a_name_is_a_part_alone():
    def fragments(x, y, z):
        return (np.abs(x) < 28) & (np.abs(y) < 9) & (np.abs(z) < 9) & (np.abs(np.abs(x) - 9) > 0.9)

    volume, (x, y, z) = scene(fragments)
    seeds = np.array([[-20.0, 2, 0], [0.0, 0, -3], [17.0, -2, 1], [-14.0, 0, 0]])
    mask = fragments(x, y, z)
    parts = split_parts(volume, whole(volume, mask), seeds, seed_parts=("head", "", "", "head"))
    assert [segment.name for segment in parts.segments] == ["head", "Part 2", "Part 3"]
    assert (parts.labelmap.array_kji == np.digitize(x, [-9, 9]) + 1)[mask].mean() > 0.99


def test_a_point_in_the_wide_marrow_of_a_shell_is_taken_for_its_shell():
    def shells(x, y, z):
        return two_balls(x, y, z) & ~(ball(x, y, z, -12.5, 10.3) | ball(x, y, z, 12.5, 10.3))

    volume, (x, y, z) = scene(shells)
    mask = shells(x, y, z) & ~((z > 8) & (np.abs(np.abs(x) - 12.5) < 5) & (np.abs(y) < 5))  # a hole in each
    labels = split_parts(volume, whole(volume, mask), np.array([[-12.5, 0, 4], [12.5, 0, 4]])).labelmap
    assert right_share(labels.array_kji, mask, x) > 0.99


def test_points_of_two_parts_in_one_bone_share_it():
    def bar(x, y, z):
        return (np.abs(x) < 20) & (np.abs(y) < 8) & (np.abs(z) < 8)

    volume, (x, y, z) = scene(bar)
    seeds = np.array([[-12.0, 0, 0], [12.0, 0, 0]])
    labels = split_parts(volume, whole(volume, bar(x, y, z)), seeds).labelmap.array_kji
    assert labels[bar(x, y, z) & (x < -11.5) & (x > -12.6)].tolist().count(1) > 0
    assert {1, 2} == set(np.unique(labels)) - {0}


def test_an_oblique_volume_and_a_segmentation_on_another_grid_give_the_same():
    turn = np.eye(4)
    turn[:2, :2] = [[0.8, -0.6], [0.6, 0.8]]
    volume, (x, y, z) = scene(two_balls, size=(60, 36, 36), rotation=turn)
    fine = grid_centred_at((0, 0, 0), (90, 90, 60), 0.7)
    k, j, i = np.indices((60, 90, 90))
    ras = np.stack([i, j, k], -1) @ fine[:3, :3].T + fine[:3, 3]
    own = ras @ turn[:3, :3]
    mask = two_balls(own[..., 0], own[..., 1], own[..., 2])
    given = Segmentation(Volume(mask.astype(np.uint8), fine), (Segment("Bone", 3, (1.0, 1.0, 1.0)),))
    seeds = np.array([[-12.0, 0, 0], [12.0, 0, 0]]) @ turn[:3, :3].T
    labels = split_parts(volume, given, seeds).labelmap.array_kji
    bone = two_balls(x, y, z) & (labels > 0)
    assert bone.sum() > 0.95 * two_balls(x, y, z).sum()
    assert right_share(labels, bone, x) > 0.99


def test_the_order_of_the_points_names_the_parts_and_the_inputs_stay():
    volume, (x, y, z) = scene(two_balls, size=(60, 36, 36))
    given = whole(volume, two_balls(x, y, z))
    before = volume.array_kji.copy(), given.labelmap.array_kji.copy()
    seeds = np.array([[-12.0, 0, 0], [12.0, 0, 0]])
    one = split_parts(volume, given, seeds).labelmap.array_kji
    other = split_parts(volume, given, seeds[::-1]).labelmap.array_kji
    np.testing.assert_array_equal(np.where(one > 0, 3 - one, 0), other)
    np.testing.assert_array_equal(volume.array_kji, before[0])
    np.testing.assert_array_equal(given.labelmap.array_kji, before[1])


@pytest.mark.parametrize(
    ("seeds", "sentence"),
    [
        ([[-12.0, 0, 0]], "Points are given for 1 of 2 to 32 parts"),
        ([[-12.0, 0, 0], [12.0, 17.0, 0]], "Point 2 lies 6 mm off the segment"),
        ([[-12.5, 0, 0], [-12.4, 0, 0]], "Two points lie in the same piece of bone"),
    ],
)
def test_points_of_no_use_are_one_sentence(seeds, sentence):
    volume, (x, y, z) = scene(two_balls, size=(60, 40, 40))
    with pytest.raises(FluoroPrintError, match=sentence):
        split_parts(volume, whole(volume, two_balls(x, y, z)), np.array(seeds))


def test_nothing_segmented_is_one_sentence():
    volume, (x, _, _) = scene(two_balls, size=(60, 36, 36))
    with pytest.raises(FluoroPrintError, match="Nothing is segmented within the volume"):
        split_parts(volume, whole(volume, x > 1e3), np.array([[-12.0, 0, 0], [12.0, 0, 0]]))


@pytest.mark.parametrize("fill", [0.0, np.nan])
def test_where_the_image_shows_nothing_the_shape_decides(fill):
    volume, (x, y, z) = scene(two_balls, size=(60, 36, 36))
    mask = two_balls(x, y, z) | ((np.abs(x) < 2) & (y**2 + z**2 < 9))
    blank = volume.with_array(np.full_like(volume.array_kji, fill))
    seeds = np.array([[-12.0, 0, 0], [12.0, 0, 0]])
    labels = split_parts(blank, whole(blank, mask), seeds).labelmap.array_kji
    assert right_share(labels, mask & (np.abs(x) > 1), x) > 0.99


def test_the_method_by_name_does_the_same():
    volume, (x, y, z) = scene(two_balls, size=(60, 36, 36))
    given = whole(volume, two_balls(x, y, z))
    seeds = np.array([[-12.0, 0, 0], [12.0, 0, 0]])
    wanted = SplitParameters(joint_mm=3.0)
    found = find_by(method_named("joint-split"), volume, wanted, Hints(seeds, given))
    expected = split_parts(volume, given, seeds, wanted).labelmap.array_kji
    np.testing.assert_array_equal(found.segmentation.labelmap.array_kji, expected)
    assert found.note.startswith("2 parts: Part 1 ")

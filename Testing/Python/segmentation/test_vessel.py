"""Vessels beside bone: tubes of known size stay whole and keep it; slabs and balls are no vessels."""

import re

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.segmentation.vessel import VesselParameters, find_vessels, vessel_wall
from FluoroPrintLib.segmentation.vesselness import scales_mm, tube_answer
from scipy import ndimage
from tubes import SOFT_HU, from_line, from_ring, points_of, radius_of, share_inside, volume_of

CUBE = (0.8, 0.8, 0.8)
SHAPE = (72, 72, 72)
CONTRAST_HU, BONE_HU = 800.0, 1300.0
START, END = (-18.0, -6.0, -16.0), (4.0, 8.0, 18.0)
LENGTH_MM = float(np.linalg.norm(np.subtract(END, START)))


def beside_bone(beyond_mm, spacing=CUBE, shape=SHAPE):
    """Fill surfaces with contrast, beside a slab and a ball of bone that they do not touch."""
    points = points_of(shape, spacing)
    half = np.array(shape) * spacing / 2
    slab = (points[..., 0] > half[0] - 7) & (np.abs(points[..., 1]) < 20)
    ball = np.linalg.norm(points - (half - 9) * [-1, 1, -1], axis=-1) < 7
    values = np.where(slab | ball, BONE_HU, SOFT_HU)
    share = share_inside(beyond_mm, spacing)
    return values * (1 - share) + CONTRAST_HU * share


def found_in(values, spacing=CUBE, seeds=None, noise_hu=80.0, **parameters):
    volume = volume_of(values, spacing, noise_hu)
    return find_vessels(volume, VesselParameters(**parameters), seeds)


def labels_of(found):
    return found.segmentation.labelmap.array_kji


def dice(one, other):
    return 2 * np.count_nonzero(one & other) / (np.count_nonzero(one) + np.count_nonzero(other))


def unbroken_along(mask, path_mm, spacing=CUBE):
    """Say whether all points of a path lie in one piece of a mask, or within a voxel of it."""
    at = np.rint(path_mm / spacing + (np.array(mask.shape) - 1) / 2).astype(int)
    labels = ndimage.maximum_filter(ndimage.label(mask)[0], 3)
    return len(set(labels[tuple(at.T)])) == 1 and labels[tuple(at[0])] > 0


@pytest.mark.parametrize(
    ("radius_mm", "spacing", "shape"),
    [
        (1.0, CUBE, SHAPE),
        (2.0, CUBE, SHAPE),
        (4.0, CUBE, SHAPE),
        (8.0, CUBE, SHAPE),
        (2.0, (1.2, 0.6, 0.6), (48, 96, 96)),
    ],
)
def test_a_straight_tube_keeps_its_radius(radius_mm, spacing, shape):
    beyond = from_line(points_of(shape, spacing), START, END) - radius_mm
    lumen = labels_of(found_in(beside_bone(beyond, spacing, shape), spacing)) == 1
    assert radius_of(lumen, LENGTH_MM, spacing) == pytest.approx(radius_mm, abs=0.3 * np.mean(spacing))
    assert dice(lumen, beyond < 0) > (0.85 if radius_mm < 2 else 0.92)
    assert unbroken_along(lumen, np.linspace(START, END, 50), spacing)
    assert beyond[lumen].max() < 1.0


@pytest.mark.parametrize("radius_mm", [1.0, 2.0, 4.0])
def test_a_ring_keeps_its_radius_and_closes(radius_mm):
    beyond = from_ring(points_of(SHAPE, CUBE), 15.0) - radius_mm
    lumen = labels_of(found_in(beside_bone(beyond))) == 1
    volume = lumen.sum() * np.prod(CUBE)
    measured_mm = np.sqrt(volume / (2 * np.pi**2 * 15.0))
    assert measured_mm == pytest.approx(radius_mm, abs=0.3 * 0.8)
    turned = np.linspace(0, 2 * np.pi, 100)
    path = 15.0 * np.stack([np.zeros(100), np.cos(turned), np.sin(turned)], -1)
    assert unbroken_along(lumen, path)


@pytest.mark.parametrize(("trunk_mm", "branch_mm"), [(12.5, 1.0), (6.0, 2.0), (3.0, 2.0)])
def test_a_fork_of_wide_and_thin_vessels_is_whole(trunk_mm, branch_mm):
    points, middle = points_of(SHAPE, CUBE), np.array([-8.0, 0.0, 0.0])
    trunk = middle + [(0, 0, -27), (0, 0, 0)]
    branches = [middle + [(0, 0, 0), (0, side, 20)] for side in (-20, 20)]
    beyond = np.minimum.reduce(
        [from_line(points, *trunk) - trunk_mm, *(from_line(points, *ends) - branch_mm for ends in branches)]
    )
    lumen = labels_of(found_in(beside_bone(beyond))) == 1
    assert dice(lumen, beyond < 0) > 0.9
    for ends in branches:
        assert unbroken_along(lumen, np.concatenate([np.linspace(*trunk, 40), np.linspace(*ends, 40)]))
    assert beyond[lumen].max() < 1.0


@pytest.mark.parametrize("wall_mm", [1.0, 2.0, 3.3])
@pytest.mark.parametrize("spacing", [CUBE, (1.2, 0.6, 0.6)])
def test_the_wall_is_as_thick_as_asked_outside_the_lumen(wall_mm, spacing):
    beyond = from_line(points_of((40, 60, 60), spacing), (0, 0, -40), (0, 0, 40)) - 4.0
    wall = vessel_wall(beyond < 0, np.array(spacing), wall_mm)
    assert not (wall & (beyond < 0)).any()
    half = max(spacing) / 2
    assert beyond[wall].max() <= wall_mm + half
    assert beyond[~wall & (beyond > 0)].min() >= wall_mm - half
    across = (wall | (beyond < 0))[:, :, 30].sum() * spacing[0] * spacing[1]
    assert np.sqrt(across / np.pi) - 4.0 == pytest.approx(wall_mm, abs=np.mean(spacing) / 2)


def test_lumen_and_wall_are_two_segments_and_no_wall_is_one():
    beyond = from_line(points_of(SHAPE, CUBE), START, END) - 3.0
    values = beside_bone(beyond)
    bare, walled = found_in(values), found_in(values, wall_mm=2.0)
    assert [segment.name for segment in bare.segmentation.segments] == ["Vessel"]
    assert [segment.name for segment in walled.segmentation.segments] == ["Vessel", "Vessel wall"]
    np.testing.assert_array_equal(labels_of(walled) == 1, labels_of(bare) == 1)
    expected = vessel_wall(labels_of(bare) == 1, np.array(CUBE), 2.0)
    np.testing.assert_array_equal(labels_of(walled) == 2, expected)


def two_tubes():
    points = points_of(SHAPE, CUBE)
    wide = from_line(points, (-18, -14, -20), (-18, -14, 20)) - 3.0
    thin = from_line(points, (4, 14, -15), (4, 14, 15)) - 2.0
    return np.minimum(wide, thin), wide, thin


def test_the_largest_tree_is_kept_or_all_or_what_the_seeds_touch():
    beyond, wide, thin = two_tubes()
    values = beside_bone(beyond)
    assert dice(labels_of(found_in(values)) == 1, wide < 0) > 0.9
    every = found_in(values, pieces="all")
    assert every.pieces == 2
    assert dice(labels_of(every) == 1, beyond < 0) > 0.9
    seed_kji = np.array([4.0, 14.0, 5.0]) / CUBE + (np.array(SHAPE) - 1) / 2
    seed_ras = volume_of(values, CUBE).ijk_to_ras @ [*seed_kji[::-1], 1.0]
    seeded = found_in(values, seeds=seed_ras[None, :3])
    assert dice(labels_of(seeded) == 1, thin < 0) > 0.9
    with pytest.raises(FluoroPrintError, match="No vessel was found"):
        found_in(values, seeds=np.array([[500.0, 0.0, 0.0]]))


def test_bone_alone_is_no_vessel():
    with pytest.raises(FluoroPrintError, match="No vessel was found: nothing bright is tube enough"):
        found_in(beside_bone(np.full(SHAPE, 10.0)))


def test_small_pieces_are_left_out():
    beyond, wide, _ = two_tubes()
    found = found_in(beside_bone(beyond), pieces="all", min_piece_mm3=700.0)
    assert found.pieces == 1
    assert dice(labels_of(found) == 1, wide < 0) > 0.9


def test_a_tube_answers_like_one_and_sheets_and_balls_do_not():
    ideal, ball, sheet, valley = (
        (-np.exp(-1), -np.exp(-1), 0),
        (-0.3, -0.3, -0.3),
        (-0.5, 0, 0),
        (0.1, 0.2, 0.3),
    )
    answers = tube_answer(np.array([ideal, ball, sheet, valley], np.float32).T)
    np.testing.assert_allclose(answers, [1, 0, 0, 0], atol=1e-6)


def test_scales_span_the_diameters_in_small_steps():
    sigmas = scales_mm((2.0, 30.0), np.array(CUBE))
    assert sigmas[0] == pytest.approx(2.0 / np.sqrt(8))
    assert sigmas[-1] == pytest.approx(30.0 / np.sqrt(8))
    assert max(after / before for before, after in zip(sigmas, sigmas[1:], strict=False)) <= 1.5
    assert len(scales_mm((0.3, 0.4), np.array(CUBE))) == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.empty((0, 4, 4)), "The volume has no voxels"),
        (np.full((4, 4, 4), np.nan), "The volume holds no numbers"),
        (np.full((4, 4, 4), 40.0), "No vessel was found: nothing stands out"),
        (np.full((1, 8, 8), -1000.0), "No vessel was found"),
    ],
)
def test_a_volume_of_no_use_is_one_sentence(values, sentence):
    with pytest.raises(FluoroPrintError, match=re.escape(sentence)):
        find_vessels(Volume(values.astype(np.float32), np.eye(4)))


def test_diameters_the_wrong_way_round_are_told():
    with pytest.raises(FluoroPrintError, match=r"min_diameter_mm is 5 mm, above max_diameter_mm of 2 mm"):
        found_in(np.zeros((4, 4, 4)), min_diameter_mm=5.0, max_diameter_mm=2.0)


def test_the_work_can_be_cancelled_and_the_volume_stays():
    volume = volume_of(beside_bone(from_line(points_of(SHAPE, CUBE), START, END) - 3.0), CUBE)
    before = volume.array_kji.copy()

    def stop(fraction, message):
        if message.startswith("looking for tubes"):
            raise Cancelled

    with pytest.raises(Cancelled):
        find_vessels(volume, progress=stop)
    np.testing.assert_array_equal(volume.array_kji, before)

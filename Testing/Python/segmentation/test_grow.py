"""Growing from points: two balls of bone joined at a neck of known width, alone, under noise, on any grid."""

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.segmentation.ground import ground_of
from FluoroPrintLib.segmentation.grow import RIM_MM, SLAB, GrowParameters, _rim, grow
from FluoroPrintLib.segmentation.methods import Hints, find_by, method_named
from scipy.ndimage import distance_transform_edt, gaussian_filter

RADIUS, APART = 12.0, 14.0
BALL_MM3 = 4 / 3 * np.pi * RADIUS**3
LEFT, RIGHT = np.array([-APART, 0, 0]), np.array([APART, 0, 0])
STRAIGHT = np.diag([1.0, 1.0, 1.0, 1.0])


def grid(spacing=(1.0, 1.0, 1.0), turned_deg=0.0, size_mm=(64, 40, 40)):
    """An ijk_to_ras about the origin, turned about S; and its shape (k, j, i)."""
    turn, angle = np.eye(4), np.radians(turned_deg)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    count = [round(length / step) for length, step in zip(size_mm, spacing, strict=True)]
    matrix = np.diag([*spacing, 1.0])
    matrix[:3, 3] = [-step * (n - 1) / 2 for step, n in zip(spacing, count, strict=True)]
    return turn @ matrix, count[::-1]


def places(ijk_to_ras, shape):
    k, j, i = np.indices(shape)
    return np.stack([i, j, k, np.ones_like(i)], -1) @ ijk_to_ras.T


def balls(neck_mm, spacing=(1.0, 1.0, 1.0), turned_deg=0.0, shell=False, noise_hu=30.0, seed=0):
    """Two balls, or thick shells about marrow, 4 mm apart and joined by a rod of a width; in soft tissue."""
    matrix, shape = grid(spacing, turned_deg)
    ras = places(matrix, shape)[..., :3]
    ras = ras @ np.linalg.inv(_turn(turned_deg)).T
    first, second = (np.linalg.norm(ras - centre, axis=-1) for centre in (LEFT, RIGHT))
    rod = (np.hypot(ras[..., 1], ras[..., 2]) <= neck_mm / 2) & (np.abs(ras[..., 0]) < APART)
    bone = (first <= RADIUS) | (second <= RADIUS) | rod
    values = np.where(bone, 900.0, 40.0)
    if shell:
        values[(first < RADIUS - 3) | (second < RADIUS - 3)] = 250.0
    values = gaussian_filter(values, 0.4 / np.array(spacing[::-1]))
    values += np.random.default_rng(seed).normal(0, noise_hu, shape)
    return Volume(values.astype(np.float32), matrix)


def _turn(turned_deg):
    return grid(turned_deg=turned_deg)[0][:3, :3]


def grown_mm3(volume, *seeds, **parameters):
    found = grow(volume, np.array(seeds, float), GrowParameters(**parameters))
    return found.segmentation.labelmap.array_kji.sum() * abs(np.linalg.det(volume.ijk_to_ras[:3, :3]))


@pytest.mark.parametrize("shell", [False, True])
@pytest.mark.parametrize("neck_mm", [2.0, 4.0, 6.0])
def test_one_of_two_balls_is_grown_not_the_other_where_the_neck_is_narrow(neck_mm, shell):
    volume = balls(neck_mm, shell=shell)
    assert grown_mm3(volume, LEFT) == pytest.approx(BALL_MM3, rel=0.2)  # the level is below half height


def test_a_way_as_wide_as_the_balls_is_gone_through():
    assert grown_mm3(balls(22.0), LEFT, size_limit=50.0) > 1.7 * BALL_MM3


@pytest.mark.parametrize("shell", [False, True])
def test_no_seed_in_one_ball_leaks_into_the_other(shell):
    """From 30 random seeds none returns more than 1.5 times the ball."""
    volume = balls(5.0, shell=shell, noise_hu=60.0)
    ground = ground_of(volume)
    random = np.random.default_rng(7)
    for _ in range(30):
        away = random.normal(size=3)
        seed = LEFT + away / np.linalg.norm(away) * random.uniform(0, RADIUS - 0.5)
        found = grow(volume, seed[None], ground=ground)
        assert 0 < found.segmentation.labelmap.array_kji.sum() < 1.5 * BALL_MM3


@pytest.mark.parametrize("place", ["marrow", "cortex"])
def test_a_click_into_marrow_or_cortex_takes_the_whole_bone(place):
    """Marrow hardly brighter than soft tissue, in noise, in cortex that has a hole of 3 mm."""
    matrix, shape = grid(size_mm=(40, 40, 40))
    ras = places(matrix, shape)[..., :3]
    away = np.linalg.norm(ras, axis=-1)
    values = np.where(away <= RADIUS, 900.0, 40.0)
    hole = (np.hypot(ras[..., 0], ras[..., 1]) < 1.5) & (ras[..., 2] > 0)
    values[(away < RADIUS - 2.5) | (hole & (away <= RADIUS))] = 200.0
    values = gaussian_filter(values, 0.6) + np.random.default_rng(3).normal(0, 60, shape)
    seed = (1.0, 2.0, -1.0) if place == "marrow" else (RADIUS - 1, 0.0, 0.0)
    assert grown_mm3(Volume(values.astype(np.float32), matrix), seed) == pytest.approx(BALL_MM3, rel=0.25)


LOWER_BODY, UPPER_BODY = slice(8, 29), slice(35, 56)


def two_bodies(disc_hu):
    """Two blocks of marrow in cortex of 2 mm, 6 mm apart, with a disc between them that bone rims."""
    values = np.full((64, 44, 44), 40.0)
    values[8:56, 10:34, 10:34] = 900.0
    for body in (LOWER_BODY, UPPER_BODY):
        values[body.start + 2 : body.stop - 2, 12:32, 12:32] = 200.0
    values[29:35, 12:32, 12:32] = disc_hu
    noise = np.random.default_rng(5).normal(0, 50, values.shape)
    return Volume((gaussian_filter(values, 0.6) + noise).astype(np.float32), STRAIGHT)


def test_endplates_and_a_disc_between_two_bodies_are_not_gone_through():
    """The disc is as bright as marrow; nothing but the walls about it holds the region back."""
    seed = np.array([[22.0, 22, 18]])
    found = grow(two_bodies(180.0), seed, GrowParameters(size_limit=100.0)).segmentation.labelmap.array_kji
    assert found[LOWER_BODY, 11:33, 11:33].mean() > 0.95
    assert found[UPPER_BODY, 11:33, 11:33].mean() < 0.05


def test_marrow_without_walls_about_it_is_no_bone():
    """A cube as bright as marrow, in soft tissue beside bone."""
    volume = balls(2.0)
    volume.array_kji[4:12, 28:36, 28:36] += 120.0
    with pytest.raises(FluoroPrintError, match="The seed lies in no bone above"):
        grow(volume, (volume.ijk_to_ras @ [32, 32, 8, 1.0])[None, :3])


def test_a_seed_in_each_ball_gives_both():
    assert grown_mm3(balls(4.0), LEFT, RIGHT) == pytest.approx(2 * BALL_MM3, rel=0.2)


def test_a_joint_space_holds_the_region_back_and_is_crossed_when_asked():
    """Two halves of a block with a thin dark gap that blurs to above the level of bone."""
    values = np.full((40, 40, 40), 40.0, np.float32)
    values[10:30, 10:30, 5:35] = 900.0
    values[:, :, 19:21] = 40.0
    volume = Volume(gaussian_filter(values, 0.9), STRAIGHT)
    whole = grown_mm3(volume, (12, 20, 20), gap_hu=0.0, size_limit=50.0)
    assert volume.array_kji[20, 20, 19] > 300
    assert whole == pytest.approx(22 * 22 * 32, rel=0.15)
    assert grown_mm3(volume, (12, 20, 20)) == pytest.approx(whole / 2, rel=0.1)


@pytest.mark.parametrize(
    ("spacing", "turned_deg"), [((0.8, 0.8, 1.6), 0.0), ((1.0, 1.0, 1.0), 30.0), ((0.9, 1.2, 0.7), -20.0)]
)
def test_anisotropic_and_oblique_grids_give_the_same_ball(spacing, turned_deg):
    volume = balls(4.0, spacing, turned_deg)
    assert grown_mm3(volume, _turn(turned_deg) @ LEFT) == pytest.approx(BALL_MM3, rel=0.2)


def test_nothing_is_farther_than_the_reach():
    volume = balls(4.0)
    found = grow(volume, LEFT[None].astype(float), GrowParameters(reach_mm=6.0))
    ras = places(volume.ijk_to_ras, volume.array_kji.shape)[..., :3]
    away = np.linalg.norm(ras - LEFT, axis=-1)[found.segmentation.labelmap.array_kji > 0]
    assert 5.0 < away.max() <= 6.0 + np.sqrt(3) / 2


def test_a_region_that_is_large_for_its_width_is_cut_off_at_its_bound():
    """A plate 6 mm thick, seeded in its middle: its widest ball has a radius of about 3 mm."""
    values = np.full((64, 64, 24), 40.0, np.float32)
    values[4:60, 4:60, 9:15] = 900.0
    volume = Volume(values, STRAIGHT)
    ball = 4 / 3 * np.pi * 4.0**3
    assert 50 < grown_mm3(volume, (12, 32, 32), size_limit=5.0) <= 5.2 * ball
    assert grown_mm3(volume, (12, 32, 32), size_limit=100.0) > 4000


def test_region_level_and_neck_are_told_and_the_volume_stays():
    volume = balls(4.0)
    before = volume.array_kji.copy()
    volume.array_kji.setflags(write=False)
    found = grow(volume, LEFT[None].astype(float))
    assert 40 < found.lower_hu < 900
    assert found.note.startswith("Grown above ")
    assert np.array_equal(volume.array_kji, before)
    assert np.array_equal(found.segmentation.labelmap.ijk_to_ras, volume.ijk_to_ras)
    assert [segment.name for segment in found.segmentation.segments] == ["Grown"]


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        ((200.0, 0, 0), r"The seed at 200.0, 0.0, 0.0 mm \(RAS\) lies outside of the volume"),
        ((0, 16, 16), "The seed lies in no bone above"),
        ((28.0, 18, 18), "The seed lies in air"),
        ((np.nan, 0, 0), "There is no seed"),
    ],
)
def test_a_seed_that_is_in_no_bone_is_one_sentence(seed, sentence):
    volume = balls(4.0)
    volume.array_kji[-6:, -6:, -8:] = -990.0
    with pytest.raises(FluoroPrintError, match=sentence):
        grow(volume, np.array([seed], float))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.zeros((0, 4, 4)), "There is no seed|lies outside|no voxels"),
        (np.full((6, 6, 6), np.nan), "holds no numbers"),
        (np.full((6, 6, 6), 700.0), "one value everywhere"),
    ],
)
def test_an_empty_or_constant_volume_is_one_sentence(values, sentence):
    with pytest.raises(FluoroPrintError, match=sentence):
        grow(Volume(values, STRAIGHT), np.array([[2.0, 2, 2]]))


def test_a_single_slice_is_grown_in():
    volume = balls(2.0)
    middle = volume.array_kji.shape[0] // 2
    place = volume.ijk_to_ras.copy()
    place[2, 3] = 0.0
    one = Volume(volume.array_kji[middle : middle + 1], place)
    assert grown_mm3(one, LEFT) == pytest.approx(np.pi * RADIUS**2, rel=0.15)


def test_progress_grows_and_a_cancel_is_heard():
    heard = []
    grow(
        balls(4.0), np.array([LEFT, RIGHT], float), progress=lambda fraction, message: heard.append(fraction)
    )
    assert heard == sorted(heard)
    assert heard[-1] == 1.0

    def stop(fraction, message):
        raise Cancelled

    with pytest.raises(Cancelled):
        grow(balls(4.0), LEFT[None].astype(float), progress=stop)


def test_the_method_is_the_function():
    volume = balls(4.0)
    found = find_by(method_named("fluoro-grow"), volume, None, Hints(seeds_ras=RIGHT[None].astype(float)))
    expected = grow(volume, RIGHT[None].astype(float))
    assert np.array_equal(found.segmentation.labelmap.array_kji, expected.segmentation.labelmap.array_kji)
    assert found.note == expected.note


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.5, 0.7, 0.9), (3.0, 0.8, 0.8)])
def test_the_rim_found_in_slabs_is_that_of_the_whole(spacing):
    free = np.random.default_rng(0).random((2 * SLAB + 5, 12, 14)) > 0.995
    free[SLAB + 4 : 2 * SLAB] = False  # a slab without a solid beside one with it
    away = distance_transform_edt(~free, sampling=spacing)
    np.testing.assert_array_equal(_rim(free, np.array(spacing)), away <= max(RIM_MM, *spacing))

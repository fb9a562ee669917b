import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.segmentation.bone import BoneParameters, find_bone, segment_bone
from FluoroPrintLib.segmentation.threshold import BONE_IN_CT_HU, LEAN_HU, bone_threshold_hu, otsu_threshold
from scipy.ndimage import gaussian_filter

SIZE, MIDDLE = 64, 31.5
RADIUS = np.linalg.norm(np.moveaxis(np.indices((SIZE,) * 3), 0, -1) - MIDDLE, axis=-1)
GRID = np.diag([-0.8, -0.8, 0.8, 1.0])


def head(outer=20.0, inner=12.0, noise_hu=60.0, shift_hu=0.0, seed=0):
    """A bone shell of 900 HU in soft tissue of 40 HU in air, blurred and noisy; outside the field -1000."""
    tissue = np.where(RADIUS < 28, 40.0, -1000.0)
    exact = np.where((outer > RADIUS) & (inner <= RADIUS), 900.0, tissue)
    values = gaussian_filter(exact, 0.7) + np.random.default_rng(seed).normal(0, noise_hu, exact.shape)
    values = np.where(RADIUS < 31, values + shift_hu, -1000.0)
    return Volume(values.astype(np.float32), GRID)


def dice(mask, truth):
    return 2 * (mask & truth).sum() / (mask.sum() + truth.sum())


def bone_of(volume, **parameters):
    return segment_bone(volume, BoneParameters(**parameters)).labelmap.array_kji.astype(bool)


TRUTH = (RADIUS < 20) & (RADIUS >= 12)


@pytest.mark.parametrize("noise_hu", [0.0, 60.0, 150.0])
def test_a_shell_of_bone_is_found_in_its_place(noise_hu):
    mask = bone_of(head(noise_hu=noise_hu))
    assert dice(mask, TRUTH) > 0.97
    assert mask.sum() == pytest.approx(4 / 3 * np.pi * (20**3 - 12**3), rel=0.05)


@pytest.mark.parametrize("denoising", ["curvature", "median"])
def test_denoising_finds_more_of_noisy_bone_than_none(denoising):
    noisy = head(noise_hu=250.0)
    assert (
        dice(bone_of(noisy, denoising=denoising), TRUTH)
        > dice(bone_of(noisy, denoising="none"), TRUTH) + 0.02
    )


@pytest.mark.parametrize("shift_hu", [-250.0, 200.0])
def test_a_scale_shifted_by_truncation_does_not_lose_the_bone(shift_hu):
    assert dice(bone_of(head(shift_hu=shift_hu)), TRUTH) > 0.93


def test_specks_without_a_seed_and_small_pieces_are_left_out_and_sizeable_ones_kept():
    plain = {"lower_hu": 300.0, "denoising": "none", "sharpening": 0.0}
    volume = head(noise_hu=0.0)
    values = volume.array_kji
    values[28:36, 28:36, 28:36] = 450
    values[31, 31, 31 + 25] = 900
    values[29:34, 29:34, 5:10] = 900
    mask = bone_of(volume, **plain, min_piece_mm3=20.0)
    assert not mask[31, 31, 31]
    assert not mask[31, 31, 56]
    assert mask[31, 31, 7]
    assert bone_of(volume, **plain, seed_hu=300.0)[31, 31, 31]


def test_pieces_are_measured_in_mm3_whatever_the_voxels():
    values = np.full((20, 20, 20), 0.5, np.float32)
    values[5:7, 5:8, 5:9] = 1000
    for spacing in ([1, 1, 1], [0.5, 1, 3], [2, 0.25, 0.1]):
        piece_mm3 = 24 * np.prod(spacing)
        volume = Volume(values, np.diag([*spacing, 1.0]))
        fixed = {"lower_hu": 500.0, "denoising": "none"}
        assert bone_of(volume, **fixed, min_piece_mm3=0.99 * piece_mm3).sum() == 24
        with pytest.raises(FluoroPrintError, match="reaches .* mm3: lower"):
            bone_of(volume, **fixed, min_piece_mm3=1.01 * piece_mm3)


def test_an_oblique_anisotropic_grid_gives_the_same_voxels_as_a_straight_one():
    values = head().array_kji[::2]
    straight = np.diag([0.8, 0.8, 1.6, 1.0])
    angle = np.radians(25)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    masks = [bone_of(Volume(values, grid)) for grid in (straight, turn @ straight)]
    assert np.array_equal(*masks)
    assert dice(masks[0], TRUTH[::2]) > 0.96


@pytest.mark.parametrize("spacing_mm", [0.05, 0.2, 5.0])
def test_denoising_is_stable_on_any_voxel_size(spacing_mm):
    volume = Volume(head().array_kji, np.diag([spacing_mm] * 3 + [1.0]))
    assert dice(bone_of(volume, min_piece_mm3=0.0), TRUTH) > 0.97


def test_enclosed_cavities_are_filled_when_asked_and_open_ones_never():
    assert bone_of(head(), cavities="enclosed")[31, 31, 31]
    assert not bone_of(head(), cavities="none")[31, 31, 31]
    pierced = head(noise_hu=0.0)
    pierced.array_kji[29:35, 29:35, 31:] = 0.5
    assert not bone_of(pierced, cavities="enclosed")[31, 31, 31]


def test_values_outside_the_field_do_not_move_the_threshold():
    volume = head(noise_hu=30.0)
    expected = bone_of(volume)
    for outside in (np.nan, 0.0, np.inf):
        values = np.where(RADIUS < 31, volume.array_kji, np.float32(outside))
        assert dice(bone_of(Volume(values, GRID)), expected) > 0.995


def test_metal_does_not_move_the_threshold():
    volume = head(noise_hu=30.0)
    expected = bone_of(volume)
    volume.array_kji[30:33, 30:33, 10:54] = 12000
    found = bone_of(volume)
    away = np.hypot(*(np.indices(RADIUS.shape)[:2] - 31.0)) > 6
    assert dice(found & away, expected & away) > 0.995


def test_the_segment_is_named_coloured_and_coded_as_slicer_does():
    (segment,) = segment_bone(head()).segments
    assert (segment.name, segment.label) == ("Bone", 1)
    assert tuple(round(255 * part) for part in segment.colour) == (241, 214, 145)
    parts = segment.terminology.split("~")
    assert len(parts) == 7
    assert parts[1:4] == ["SCT^123037004^Anatomical Structure", "SCT^272673000^Bone", "^^"]
    assert parts[4:] == ["Anatomic codes - DICOM master list", "^^", "^^"]


def test_the_labelmap_lies_where_the_volume_lies_and_the_volume_stays_as_it_was():
    volume = head()
    before = volume.array_kji.copy()
    volume.array_kji.setflags(write=False)
    labelmap = segment_bone(volume).labelmap
    assert labelmap.array_kji.dtype == np.uint8
    assert np.array_equal(labelmap.ijk_to_ras, volume.ijk_to_ras)
    assert np.array_equal(volume.array_kji, before)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.zeros((0, 4, 4)), "no voxels"),
        (np.full((4, 4, 4), np.nan), "holds no numbers"),
        (np.full((4, 4, 4), 700.0), "one value everywhere"),
        (np.random.default_rng(0).normal(-1000, 20, (12, 12, 12)), "No bone was found"),
        (np.random.default_rng(0).normal(40, 30, (12, 12, 12)), "No bone was found"),
    ],
)
def test_volumes_without_bone_are_one_sentence(values, sentence):
    with pytest.raises(FluoroPrintError, match=sentence):
        segment_bone(Volume(values, np.eye(4)))


def test_a_single_slice_is_segmented():
    volume = Volume(head().array_kji[32:33], GRID)
    assert dice(bone_of(volume), TRUTH[32:33]) > 0.97


def test_integer_volumes_give_what_float_volumes_give():
    volume = head(noise_hu=30.0)
    whole = np.round(volume.array_kji)
    masks = [bone_of(Volume(whole.astype(kind), GRID)) for kind in (np.int16, np.float64)]
    assert np.array_equal(*masks)


def test_the_levels_that_were_found_are_told():
    found = find_bone(head(noise_hu=60.0))
    assert 40 < found.lower_hu < found.seed_hu < 900
    assert found.noise_hu == pytest.approx(60, rel=0.1)
    assert found.note == (
        f"Bone above {found.lower_hu:.0f} HU, seeds above {found.seed_hu:.0f} HU, "
        f"noise {found.noise_hu:.0f} HU."
    )
    again = find_bone(head(noise_hu=60.0), BoneParameters(lower_hu=found.lower_hu, seed_hu=found.seed_hu))
    assert (again.lower_hu, again.seed_hu) == (found.lower_hu, found.seed_hu)
    assert np.array_equal(found.segmentation.labelmap.array_kji, again.segmentation.labelmap.array_kji)


def test_thresholds_that_contradict_are_refused():
    with pytest.raises(FluoroPrintError, match="seed_hu is 200 HU, below the lower threshold of 300 HU"):
        bone_of(head(), lower_hu=300.0, seed_hu=200.0)


def test_otsu_parts_two_groups_half_way_between():
    values = np.concatenate([np.full(900, 40.0), np.full(100, 900.0)])
    assert otsu_threshold(values) == pytest.approx(470, abs=5)


def test_the_threshold_does_not_depend_on_how_much_air_there_is():
    volume = head(noise_hu=20.0).array_kji
    found = volume[volume != -1000]
    more_air = np.concatenate([found, np.full(10**6, -990.0, np.float32)])
    assert bone_threshold_hu(found) == bone_threshold_hu(more_air)


def test_progress_grows_and_a_cancel_is_heard():
    heard = []
    segment_bone(head(), progress=lambda fraction, message: heard.append(fraction))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0

    def stop(fraction, message):
        raise Cancelled

    with pytest.raises(Cancelled):
        segment_bone(head(), progress=stop)


def test_little_bone_is_parted_from_soft_tissue_and_not_soft_tissue_from_fat():
    random = np.random.default_rng(4)
    fat, muscle, bone = (
        random.normal(*group) for group in ((30, 15, 45000), (250, 15, 54000), (1000, 80, 1000))
    )
    threshold = bone_threshold_hu(np.concatenate([fat, muscle, bone]))
    assert muscle.max() < threshold < 1000


def test_bone_of_a_calibrated_ct_begins_where_it_does_even_if_all_of_it_is_dense():
    random = np.random.default_rng(4)
    groups = [random.normal(*group) for group in ((40, 20, 50000), (1300, 80, 9000))]
    assert otsu_threshold(np.concatenate(groups)) > 500
    assert bone_threshold_hu(np.concatenate(groups)) == BONE_IN_CT_HU
    shifted = bone_threshold_hu(np.concatenate([group + 200.0 for group in groups]))
    assert shifted == pytest.approx(BONE_IN_CT_HU + 240.0, abs=15)


def wall_beside_thick_bone(noise_hu):
    """A wall, thinner than the blur lets through, that leaves a block of bone."""
    truth = np.full((40, 40, 60), LEAN_HU, np.float32)
    truth[8:32, 8:32, 4:24] = 1000.0
    truth[8:32, 19:21, 24:56] = 560.0
    noise = np.random.default_rng(5).normal(0, noise_hu, truth.shape)
    return Volume((gaussian_filter(truth, 1.2) + noise).astype(np.float32), np.diag([0.8, 0.8, 0.8, 1.0]))


def test_a_thin_wall_that_blur_sank_below_the_threshold_is_brought_back():
    volume, wall = wall_beside_thick_bone(8.0), np.s_[12:28, 19:21, 28:52]
    assert volume.array_kji[wall].mean() < BONE_IN_CT_HU
    assert bone_of(volume, sharpening=0.0)[wall].mean() < 0.2
    found = bone_of(volume)
    assert found[wall].mean() > 0.95
    assert found[:, :14, 28:52].mean() < 0.01, "nothing beside the wall"


def test_a_wall_that_stays_below_the_threshold_is_followed_on_request():
    volume, wall = wall_beside_thick_bone(8.0), np.s_[12:28, 19:21, 28:52]
    assert bone_of(volume, sharpening=0.0)[wall].mean() < 0.2
    found = bone_of(volume, sharpening=0.0, thin_walls=True)
    assert found[wall].mean() > 0.9
    assert found[:, :14, 28:52].mean() < 0.01, "nothing beside the wall"
    thick = np.s_[:, :, :22]
    assert np.array_equal(found[thick], bone_of(volume, sharpening=0.0)[thick]), "no rim about thick bone"


def test_cupping_does_not_lose_the_bone_in_the_middle():
    volume = head(noise_hu=30.0)
    cup = -220.0 * np.exp(-((RADIUS * 0.8 / 25.0) ** 2))
    cupped = Volume(np.where(volume.array_kji == -1000, -1000, volume.array_kji + cup), GRID)
    assert dice(bone_of(cupped), TRUTH) > dice(bone_of(cupped, flatten=False), TRUTH)


def test_marrow_is_filled_when_asked_though_its_cortex_has_a_gap():
    pierced = head(noise_hu=0.0)
    pierced.array_kji[30:33, 30:33, 31:] = 40.0
    assert not bone_of(pierced, cavities="enclosed")[31, 31, 31]
    assert bone_of(pierced, cavities="marrow")[31, 31, 31]


def test_a_ball_in_thick_slices_is_found_as_large_as_it_is():
    spacing_kji = np.array([2.0, 0.8, 0.5])
    from_centre = np.moveaxis(np.indices((16, 40, 60)), 0, -1) * spacing_kji - [15.0, 15.6, 14.75]
    radius_mm = np.linalg.norm(from_centre, axis=-1)
    values = np.where(radius_mm < 9, 900.0, np.where(radius_mm < 14, 40.0, -1000.0))
    values += np.random.default_rng(0).normal(0, 10, values.shape)
    found = bone_of(Volume(values.astype(np.float32), np.diag([-0.5, -0.8, 2.0, 1.0])))
    assert np.count_nonzero(found) == pytest.approx(np.count_nonzero(radius_mm < 9), rel=0.03)

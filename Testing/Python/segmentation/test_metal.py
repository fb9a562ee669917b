"""Metal in volumes: wires and screws of known size, with bone about them; nothing where there is none."""

import re

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.segmentation.bone import BoneParameters, find_bone
from FluoroPrintLib.segmentation.metal import MetalParameters, find_metal, metal_mask, metal_threshold_hu
from scipy import ndimage
from tubes import SOFT_HU, from_line, points_of, radius_of, share_inside, volume_of

CUBE = (0.8, 0.8, 0.8)
SHAPE = (48, 48, 48)
START, END = (-12.0, -3.0, -5.0), (12.0, 4.0, 5.0)
LENGTH_MM = float(np.linalg.norm(np.subtract(END, START)))
TITANIUM_HU, STEEL_HU = 7000.0, 20000.0


def rod(radius_mm, metal_hu=TITANIUM_HU, spacing=CUBE, shape=SHAPE, start=START, end=END):
    """A rod within a tube of cortex, in soft tissue."""
    beyond = from_line(points_of(shape, spacing), start, end)
    cortex = (beyond < radius_mm + 11) & (beyond > radius_mm + 8)
    values = np.where(cortex, 1700.0, SOFT_HU)
    share = share_inside(beyond - radius_mm, spacing)
    return values * (1 - share) + metal_hu * share


def labels_of(found):
    return found.segmentation.labelmap.array_kji


@pytest.mark.parametrize("metal_hu", [TITANIUM_HU, STEEL_HU])
@pytest.mark.parametrize(
    ("radius_mm", "spacing", "shape"),
    [(1.5, CUBE, SHAPE), (2.5, CUBE, SHAPE), (4.0, CUBE, SHAPE), (2.0, (1.5, 0.7, 0.7), (26, 55, 55))],
)
def test_a_rod_has_its_diameter_and_volume(radius_mm, spacing, shape, metal_hu):
    volume = volume_of(rod(radius_mm, metal_hu, spacing, shape), spacing, noise_hu=60.0)
    found = find_metal(volume)
    assert [segment.name for segment in found.segmentation.segments] == ["Metal 1"]
    measured_mm = radius_of(labels_of(found) > 0, LENGTH_MM, spacing)
    assert 2 * measured_mm == pytest.approx(2 * radius_mm, abs=min(spacing) / 3)
    true_mm3 = np.pi * radius_mm**2 * (LENGTH_MM + 4 / 3 * radius_mm)
    assert found.pieces[0].volume_mm3 == pytest.approx(true_mm3, rel=0.05)


def test_a_wire_of_two_and_a_half_voxels_has_its_diameter():
    found = find_metal(volume_of(rod(1.0, STEEL_HU), CUBE, noise_hu=60.0))
    assert 2 * radius_of(labels_of(found) > 0, LENGTH_MM, CUBE) == pytest.approx(2.0, abs=0.8 / 3)


@pytest.mark.parametrize("blur_mm", [0.4, 0.7, 1.0])
def test_the_spread_of_the_edge_is_the_blur_of_the_scanner(blur_mm):
    spacing = (0.6, 0.6, 0.6)
    found = find_metal(volume_of(rod(4.0, spacing=spacing, shape=(64, 64, 64)), spacing, blur_mm=blur_mm))
    expected = np.hypot(blur_mm, 0.6 / np.sqrt(12))
    assert found.pieces[0].edge.spread_mm == pytest.approx(expected, rel=0.1)
    assert found.pieces[0].edge.body == pytest.approx(TITANIUM_HU, rel=0.02)
    assert found.pieces[0].bloom_mm == pytest.approx(1.645 * expected, abs=0.4)


def test_the_bloomed_border_lies_the_bloom_beyond_the_true_one():
    volume = volume_of(rod(3.0), CUBE, blur_mm=0.8)
    true, bloomed = find_metal(volume), find_metal(volume, MetalParameters(border="bloomed"))
    bloom = bloomed.pieces[0].bloom_mm
    assert bloom == true.pieces[0].bloom_mm
    wider = radius_of(labels_of(bloomed) > 0, LENGTH_MM, CUBE)
    assert wider == pytest.approx(radius_of(labels_of(true) > 0, LENGTH_MM, CUBE) + bloom, abs=0.4)
    assert f"blooming {bloom:.1f} mm" in true.note
    np.testing.assert_array_equal(metal_mask(volume), labels_of(bloomed) > 0)


def test_pieces_are_separate_segments_the_largest_first():
    values = np.maximum(
        rod(1.5, start=(-14, -12, -10), end=(-14, 12, 10)), rod(2.5, start=(8, -9, -9), end=(8, 9, 9))
    )
    found = find_metal(volume_of(values, CUBE, noise_hu=60.0))
    segments = found.segmentation.segments
    assert [segment.name for segment in segments] == ["Metal 1", "Metal 2"]
    assert len({segment.colour for segment in segments}) == 2
    assert all("Foreign body" in segment.terminology for segment in segments)
    sizes = [np.count_nonzero(labels_of(found) == segment.label) for segment in segments]
    assert sizes == sorted(sizes, reverse=True)
    for segment in segments:
        assert ndimage.label(labels_of(found) == segment.label)[1] == 1


def test_metal_alone_counts_not_the_bone_about_it():
    found = find_metal(volume_of(rod(2.5), CUBE, noise_hu=100.0))
    beyond = from_line(points_of(SHAPE, CUBE), START, END) - 2.5
    assert beyond[labels_of(found) > 0].max() < 1.0
    assert beyond[labels_of(found) == 0].min() > -1.0


@pytest.mark.parametrize("densest_hu", [300.0, 2000.0, 3000.0])
def test_without_metal_one_sentence_says_so(densest_hu):
    values = np.where(from_line(points_of(SHAPE, CUBE), START, END) < 6, densest_hu, SOFT_HU)
    volume = volume_of(values, CUBE, noise_hu=30.0)
    with pytest.raises(
        FluoroPrintError, match=r"^No metal was found: .*; if there is some, give lower_hu\.$"
    ):
        find_metal(volume)
    assert not metal_mask(volume).any()


def test_metal_and_its_blooming_do_not_move_the_thresholds_of_bone():
    """The rim of a rod is a ramp through all values of bone; counted in, it lifts the seeds by 60 HU here."""
    with_rod = rod(2.5, STEEL_HU)
    without_rod = np.where(with_rod > STEEL_HU / 2, SOFT_HU, np.minimum(with_rod, 1700.0))
    found, expected = (
        find_bone(volume_of(values, CUBE, noise_hu=30.0, blur_mm=1.5), BoneParameters(denoising="none"))
        for values in (with_rod, without_rod)
    )
    assert found.lower_hu == pytest.approx(expected.lower_hu, abs=10.0)
    assert found.seed_hu == pytest.approx(expected.seed_hu, abs=10.0)


def test_specks_are_no_metal():
    volume = volume_of(np.full(SHAPE, SOFT_HU), CUBE, noise_hu=20.0)
    volume.array_kji[8::20, 8::20, 8::20] = 9000.0
    with pytest.raises(FluoroPrintError, match="No metal was found: no piece above .* reaches 10 mm3"):
        find_metal(volume)
    assert not metal_mask(volume).any()


def test_the_threshold_lies_in_the_gap():
    rng = np.random.default_rng(2)
    bone, metal = rng.exponential(250.0, 50000) + 1500, rng.normal(9000.0, 300.0, 3000)
    assert bone.max() < metal_threshold_hu(np.concatenate([bone, metal])) < metal.min()
    assert metal_threshold_hu(bone[bone < 3000]) is None
    assert metal_threshold_hu(np.empty(0, np.float32)) is None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.empty((0, 4, 4)), "The volume has no voxels"),
        (np.full((4, 4, 4), np.nan), "The volume holds no numbers"),
        (np.full((4, 4, 4), 40.0), "No metal was found"),
        (np.full((1, 8, 8), -1000.0), "No metal was found"),
    ],
)
def test_a_volume_of_no_use_is_one_sentence(values, sentence):
    with pytest.raises(FluoroPrintError, match=re.escape(sentence)):
        find_metal(Volume(values.astype(np.float32), np.eye(4)))


def test_metal_that_fills_the_volume_and_one_slice_of_metal_are_found():
    assert (labels_of(find_metal(Volume(np.full((6, 6, 6), 9000.0, np.float32), np.eye(4)))) == 1).all()
    slice_alone = volume_of(rod(4.0), CUBE).array_kji[24:25]
    found = find_metal(Volume(slice_alone, np.diag([0.8, 0.8, 0.8, 1.0])), MetalParameters(min_piece_mm3=1.0))
    assert found.pieces[0].volume_mm3 > 0.8 * np.pi * 4**2 * 0.8


def test_values_outside_the_field_do_not_matter():
    values = volume_of(rod(2.5), CUBE)
    outside = from_line(points_of(SHAPE, CUBE), START, END) > 12
    marked = np.where(outside, np.nan, values.array_kji)
    np.testing.assert_array_equal(
        labels_of(find_metal(values.with_array(marked))), labels_of(find_metal(values))
    )


def test_the_work_can_be_cancelled_and_the_volume_stays():
    volume = volume_of(rod(2.5), CUBE)
    before = volume.array_kji.copy()

    def stop(fraction, message):
        if message.startswith("measuring"):
            raise Cancelled

    with pytest.raises(Cancelled):
        find_metal(volume, progress=stop)
    np.testing.assert_array_equal(volume.array_kji, before)

"""Dark sheets against closed forms: a plate of Gaussian profile, a tube, a ball, on any grid."""

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled
from FluoroPrintLib.segmentation import sheetness
from FluoroPrintLib.segmentation.sheetness import dark_sheetness

DEPTH, WIDTH, SCALE = 400.0, 1.5, 1.2


def squared_distance_mm(shape, spacing, axes):
    places = np.meshgrid(*(np.arange(n) - n // 2 for n in shape), indexing="ij")
    return sum(
        (place * step) ** 2
        for axis, (place, step) in enumerate(zip(places, spacing, strict=True))
        if axis in axes
    )


def dark(axes, spacing=(0.6, 0.6, 0.6), shape=(31, 31, 31)):
    """A plate, tube or ball that is bent across one, two or three axes."""
    return -DEPTH * np.exp(-squared_distance_mm(shape, spacing, axes) / (2 * WIDTH**2))


def middle_of(found):
    return found[tuple(n // 2 for n in found.shape)]


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("spacing", [(0.6, 0.6, 0.6), (0.9, 0.5, 0.7)])
def test_a_plate_of_gaussian_profile_gives_what_the_formula_says(axis, spacing):
    found = dark_sheetness(dark([axis], spacing), np.array(spacing), (SCALE,))
    expected = DEPTH * WIDTH * SCALE**2 / (WIDTH**2 + SCALE**2) ** 1.5
    assert middle_of(found) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("axes", [(0, 1), (1, 2), (0, 1, 2)])
def test_a_tube_and_a_ball_are_no_sheets(axes):
    assert middle_of(dark_sheetness(dark(axes), np.full(3, 0.6), (SCALE,))) < 0.01 * DEPTH


def test_bright_sheets_and_flat_values_give_nothing():
    assert middle_of(dark_sheetness(-dark([0]), np.full(3, 0.6), (SCALE,))) == 0
    assert dark_sheetness(np.full((5, 6, 7), 300.0), np.ones(3), (SCALE,)).max() < 0.1


def test_an_edge_is_no_sheet():
    values = np.full((41, 9, 9), 40.0)
    values[20:] = 1040.0
    assert dark_sheetness(values, np.full(3, 0.5), (SCALE,)).max() < 75.0


def test_an_oblique_sheet_is_as_deep_as_a_straight_one():
    k, j, _ = np.meshgrid(*(np.arange(41) - 20,) * 3, indexing="ij")
    across = 0.6 * (k * np.cos(0.5) + j * np.sin(0.5))
    found = dark_sheetness(-DEPTH * np.exp(-(across**2) / (2 * WIDTH**2)), np.full(3, 0.6), (SCALE,))
    assert middle_of(found) == pytest.approx(
        DEPTH * WIDTH * SCALE**2 / (WIDTH**2 + SCALE**2) ** 1.5, rel=0.03
    )


def test_of_several_scales_the_best_counts():
    one, two, both = (
        dark_sheetness(dark([1]), np.full(3, 0.6), scales) for scales in ((0.8,), (2.0,), (0.8, 2.0))
    )
    np.testing.assert_array_equal(both, np.maximum(one, two))


def test_slabs_give_what_the_whole_gives(monkeypatch):
    values = np.random.default_rng(0).normal(0, 100, (23, 14, 12)).astype(np.float32)
    whole = dark_sheetness(values, np.array([0.7, 0.6, 0.8]), (1.0,))
    monkeypatch.setattr(sheetness, "SLAB_VOXELS", 3 * 14 * 12)
    np.testing.assert_allclose(dark_sheetness(values, np.array([0.7, 0.6, 0.8]), (1.0,)), whole, atol=1e-3)


def test_it_can_be_cancelled():
    def stop(fraction, message):
        raise Cancelled

    with pytest.raises(Cancelled):
        dark_sheetness(np.zeros((4, 4, 4)), np.ones(3), (1.0,), stop)

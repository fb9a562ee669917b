"""Live-wire contours on discs of known place, and shapes between contoured slices."""

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.segmentation.between_slices import between_slices, depth_inside_mm
from FluoroPrintLib.segmentation.livewire import LiveWire, contour_mask
from scipy import ndimage

MIDDLE, RADIUS = np.array([61.3, 48.7]), 27.0


def disc(noise=0.0, spacing=(1.0, 1.0), shape=(100, 120), radius=RADIUS):
    """A disc that is round in mm, each pixel the share of it that is covered, slightly blurred."""
    finer = 5
    row, column = (np.indices(np.multiply(shape, finer)) - (finer - 1) / 2) / finer
    away = np.hypot((column - MIDDLE[0]) * spacing[0], (row - MIDDLE[1]) * spacing[1])
    fine = (away <= radius).astype(float)
    image = fine.reshape(shape[0], finer, shape[1], finer).mean((1, 3))
    return ndimage.gaussian_filter(image, 0.7) + np.random.default_rng(2).normal(0, noise, shape)


def clicks(count, spacing=(1.0, 1.0), radius=RADIUS, off=1.2):
    """Points near the edge, each a little off, as a hand sets them."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    reach = radius + off * np.cos(5 * turn)
    return MIDDLE + np.stack([np.cos(turn), np.sin(turn)], 1) * reach[:, None] / spacing


def radii(contour, spacing=(1.0, 1.0)):
    return np.linalg.norm((contour - MIDDLE) * spacing, axis=1)


@pytest.mark.parametrize("noise", [0.0, 0.15])
def test_the_outline_of_a_disc_is_found_within_half_a_pixel(noise):
    contour = LiveWire(disc(noise)).contour(clicks(5))
    error = np.abs(radii(contour) - RADIUS)
    assert error.mean() < 0.25
    assert np.percentile(error, 95) < 0.5
    area = contour_mask([contour], (100, 120)).sum()
    assert area == pytest.approx(np.pi * RADIUS**2, rel=0.01)


def test_pixels_that_are_not_square_are_followed_in_mm():
    spacing = (0.5, 1.25)
    contour = LiveWire(disc(0.05, spacing, radius=18.0), spacing).contour(clicks(6, spacing, 18.0, 0.5))
    error = np.abs(radii(contour, spacing) - 18.0)
    assert error.mean() < 0.25
    assert error.max() < 1.25


def test_the_way_follows_the_bent_edge_and_not_the_chord():
    path = LiveWire(disc(0.1)).path(MIDDLE + [RADIUS, 0], MIDDLE + [0, RADIUS])
    assert path[0].tolist() == np.rint(MIDDLE + [RADIUS, 0]).tolist()
    assert path[-1].tolist() == np.rint(MIDDLE + [0, RADIUS]).tolist()
    assert np.abs(np.diff(path, axis=0)).max() == 1
    assert np.abs(radii(path) - RADIUS).max() < 1.5
    assert len(path) < 1.3 * np.pi / 2 * RADIUS


def test_a_strong_edge_is_followed_before_a_faint_one_that_is_nearer():
    row = np.indices((100, 120))[0]
    image = ndimage.gaussian_filter(1.0 * (row >= 32) + 0.05 * (row >= 46), 0.7)
    path = LiveWire(image).path((10, 41), (110, 41))
    middle = path[(path[:, 0] > 30) & (path[:, 0] < 90)]
    np.testing.assert_allclose(middle[:, 1], 31.5, atol=1)


def test_the_same_way_is_found_from_either_end():
    wire = LiveWire(disc(0.1))
    there = wire.path((40, 30), (80, 70))
    back = wire.path((80, 70), (40, 30))
    np.testing.assert_array_equal(there, back[::-1])


@pytest.mark.parametrize(
    ("image", "points", "words"),
    [
        (np.zeros((2, 9)), clicks(4), "three by three pixels"),
        (np.zeros((9, 9)), clicks(4), "one value everywhere"),
        (np.full((9, 9), np.nan), clicks(4), "no numbers"),
        (disc(), clicks(2), "three points or more"),
        (disc(), [[200, 1], [3, 3], [5, 5]], "outside of the image"),
        (disc(), [[3, 3]] * 4, "All points of the contour are one"),
    ],
)
def test_what_gives_no_contour_is_refused_in_a_sentence(image, points, words):
    with pytest.raises(FluoroPrintError, match=words):
        LiveWire(image).contour(points)


def test_no_contours_are_an_empty_mask():
    assert not contour_mask([], (4, 5)).any()


def circle_mask(radius, shift=0.0, spacing=(1.0, 1.0)):
    row, column = np.indices((90, 90))
    return np.hypot((column - 44.6 - shift) * spacing[0], (row - 44.4) * spacing[1]) <= radius


def test_between_two_circles_lies_a_cone():
    filled = between_slices({0: circle_mask(30.0), 20: circle_mask(10.0)})
    assert sorted(filled) == list(range(21))
    for number, mask in filled.items():
        assert np.sqrt(mask.sum() / np.pi) == pytest.approx(30.0 - number, abs=0.35)
    frustum = np.pi * 20 / 3 * (30**2 + 30 * 10 + 10**2)
    volume = sum(mask.sum() for mask in filled.values()) - (filled[0].sum() + filled[20].sum()) / 2
    assert volume == pytest.approx(frustum, rel=0.01)


def test_between_equal_circles_lies_a_cylinder_and_the_contoured_slices_stay():
    given = {3: circle_mask(17.0), 9: circle_mask(17.0)}
    filled = between_slices(given)
    for number in range(3, 10):
        np.testing.assert_array_equal(filled[number], given[3])


def test_three_contours_are_joined_by_pairs():
    filled = between_slices({0: circle_mask(10.0), 4: circle_mask(20.0), 8: circle_mask(10.0)})
    np.testing.assert_array_equal(filled[2], filled[6])
    assert filled[2].sum() == pytest.approx(np.pi * 15.0**2, rel=0.03)


def test_flat_pixels_give_the_same_cone_in_mm():
    spacing = (0.8, 0.5)
    filled = between_slices(
        {0: circle_mask(20.0, spacing=spacing), 10: circle_mask(10.0, spacing=spacing)}, spacing
    )
    assert filled[5].sum() * 0.4 == pytest.approx(np.pi * 15.0**2, rel=0.03)


def test_depth_is_told_from_the_border_between_pixels():
    mask = np.zeros((9, 9), bool)
    mask[:, 4:] = True
    np.testing.assert_allclose(depth_inside_mm(mask, (1.0, 2.0))[4, :6], [-7.5, -5.5, -3.5, -1.5, 1.5, 3.5])


@pytest.mark.parametrize("contoured", [{}, {2: np.zeros((5, 5), bool)}])
def test_slices_without_a_contour_are_refused(contoured):
    with pytest.raises(FluoroPrintError, match="A slice has no contour"):
        between_slices(contoured)

"""Flattening, denoising and sharpening, each against a volume whose undamaged state is known."""

import numpy as np
import pytest
from FluoroPrintLib.segmentation.restoration import (
    MOST_SHARPENING,
    denoised,
    denoising_for,
    flattened,
    noise_hu,
    sharpened,
    sharpening_for,
)
from scipy.ndimage import gaussian_filter

SIZE, SPACING = (60, 80, 80), np.array([1.5, 1.2, 1.2])
INSIDE = np.ones(SIZE, bool)
ACROSS_MM = (np.indices(SIZE, sparse=True)[2] - 39.5) * SPACING[2]


def tissue(noise=20.0, seed=0):
    """Soft tissue of 40 HU with blocks of bone."""
    values = np.full(SIZE, 40.0) + np.random.default_rng(seed).normal(0, noise, SIZE)
    values[20:40, 30:50, 20:30] = values[20:40, 30:50, 55:60] = 900.0
    return values.astype(np.float32)


def test_a_slow_bend_of_the_scale_is_taken_out_and_bone_keeps_its_contrast():
    bend = 1.2 * ACROSS_MM * np.ones(SIZE)
    flat = flattened((tissue() + bend).astype(np.float32), INSIDE, SPACING)
    soft = tissue(0.0) == 40
    assert np.abs(bend[soft]).max() > 55
    rest = gaussian_filter(np.where(soft, flat - 40.0, 0.0), 2)
    assert np.abs(rest[:, :, 10:70]).max() < 20
    block = flat[25:35, 35:45, 22:28].mean() - flat[25:35, 35:45, 5:15].mean()
    assert block == pytest.approx(860.0, abs=30.0)


def test_what_is_flat_stays_as_it_is():
    values = tissue()
    before = values.copy()
    values.setflags(write=False)
    assert np.abs(gaussian_filter(flattened(values, INSIDE, SPACING) - values, 3)).max() < 8
    assert np.array_equal(values, before)


def test_nothing_is_bent_where_there_is_no_tissue():
    values = np.where(np.abs(ACROSS_MM) < 20, tissue(), np.float32(-1000.0))
    far = np.abs(ACROSS_MM) > 46
    change = flattened(values, INSIDE, SPACING) - values
    assert np.abs(change[:, :, far.ravel()]).max() < 8


@pytest.mark.parametrize("noise", [5.0, 30.0, 60.0])
def test_noise_is_measured_in_soft_tissue_alone(noise):
    assert noise_hu(tissue(noise), INSIDE) == pytest.approx(noise, rel=0.1)
    assert noise_hu(np.full(SIZE, -1000.0, np.float32), INSIDE) == 0.0


def test_curvature_flow_takes_out_noise_and_leaves_an_edge_in_place():
    step = np.where(ACROSS_MM < 0, 40.0, 900.0) * np.ones(SIZE)
    noisy = (step + np.random.default_rng(1).normal(0, 60, SIZE)).astype(np.float32)
    smooth = denoised(noisy, SPACING, 3)
    assert noise_hu(smooth, INSIDE) < 0.6 * noise_hu(noisy, INSIDE)
    assert np.array_equal((smooth > 470).mean((0, 1)) > 0.5, (step > 470)[0, 0])


def test_sharpening_brings_the_height_of_a_blurred_wall_back():
    wall = np.zeros((20, 20, 40), np.float32)
    wall[:, :, 18:21] = 1000.0
    blurred = gaussian_filter(wall, 1.0)
    restored = sharpened(blurred, 1.0, np.ones(3))
    assert blurred[10, 10, 19] < restored[10, 10, 19] <= 1100.0
    assert np.abs(restored - wall).sum() < 0.8 * np.abs(blurred - wall).sum()
    assert restored.sum() == pytest.approx(blurred.sum(), rel=1e-4)
    assert sharpened(blurred, 0.0, np.ones(3)) is blurred


def test_noisier_volumes_are_sharpened_less():
    amounts = [sharpening_for(noise) for noise in (0.0, 5.0, 12.0, 24.0, 48.0)]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] == MOST_SHARPENING
    assert amounts[-1] == pytest.approx(amounts[-2] / 2)
    assert sharpening_for(48.0, 6) == pytest.approx(amounts[-2]), "twice the iterations leave half the noise"


def test_noisier_volumes_are_smoothed_more():
    iterations = [denoising_for(noise) for noise in (0.0, 12.0, 18.0, 24.0, 30.0, 500.0)]
    assert iterations == sorted(iterations)
    assert iterations[:3] == [3, 3, 3]
    assert iterations[3:] == [4, 5, 9]

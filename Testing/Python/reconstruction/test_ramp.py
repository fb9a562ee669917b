"""The ramp filter against its closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.reconstruction.ramp import WINDOWS, filter_rows, padded_length, ramp_response


def kernel(count: int) -> np.ndarray:
    """Kak and Slaney's band-limited ramp in space for lags -count to count."""
    lag = np.arange(-count, count + 1)
    odd = lag % 2 == 1
    values = np.zeros(len(lag))
    values[odd] = -1 / (np.pi * lag[odd]) ** 2
    values[count] = 0.25
    return values


@pytest.mark.parametrize("length", [64, 250, 2048])
def test_the_response_at_zero_is_what_the_cut_off_tails_of_the_kernel_leave(length: int):
    # The whole kernel sums up to 0; its tails beyond length / 2 to about -2 / (pi^2 length).
    response = ramp_response(length, "ram-lak", 1.0)
    assert response[0] == pytest.approx(2 / (np.pi**2 * length), rel=0.1)


def test_the_response_follows_the_frequency_up_to_nyquist():
    response = ramp_response(1024, "ram-lak", 1.0)
    np.testing.assert_allclose(response, np.arange(513) / 1024, rtol=0, atol=1.0 / 1024)


def test_the_energy_is_that_of_the_analytic_band_limited_ramp():
    # Integral of f^2 from -1/2 to 1/2.
    response = ramp_response(1024, "ram-lak", 1.0).astype(float)
    both_sides = np.concatenate([response, response[1:-1]])
    assert (both_sides**2).mean() == pytest.approx(1 / 12, rel=1e-5)


@pytest.mark.parametrize(
    ("window", "end"),
    [("ram-lak", 1.0), ("shepp-logan", 2 / np.pi), ("cosine", 0), ("hamming", 0.08), ("hann", 0)],
)
@pytest.mark.parametrize("cutoff", [0.25, 0.5, 1.0])
def test_a_window_is_one_at_zero_ends_at_the_cutoff_and_passes_nothing_beyond(window, end, cutoff):
    plain = ramp_response(256, "ram-lak", 1.0).astype(float)
    share = ramp_response(256, window, cutoff) / plain
    last = round(128 * cutoff)
    assert share[0] == pytest.approx(1.0)
    assert share[last] == pytest.approx(end, abs=1e-6)
    assert (share[last + 1 :] == 0).all()
    assert (np.diff(share[: last + 1]) <= 1e-6).all()


def test_every_window_named_is_known_and_halves_where_its_formula_does():
    middle = {
        name: ramp_response(256, name, 1.0)[64] / ramp_response(256, "ram-lak", 1.0)[64] for name in WINDOWS
    }
    expected = {
        "ram-lak": 1.0,
        "shepp-logan": np.sin(np.pi / 4) / (np.pi / 4),
        "cosine": np.sqrt(0.5),
        "hamming": 0.54,
        "hann": 0.5,
    }
    assert middle == pytest.approx(expected, rel=1e-5)


def test_filtering_is_the_convolution_with_the_kernel_and_zeros_beyond_the_edges():
    frames = np.random.default_rng(5).normal(size=(2, 3, 75)).astype(np.float32)
    length = padded_length(75)
    filtered = filter_rows(frames, ramp_response(length, "ram-lak", 1.0))
    expected = [[np.convolve(row, kernel(74))[74:149] for row in f] for f in frames]
    assert filtered.dtype == np.float32
    np.testing.assert_allclose(filtered, expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("columns", [1, 2, 75, 97, 1024])
def test_rows_are_padded_to_an_even_length_at_least_twice_theirs(columns: int):
    length = padded_length(columns)
    assert length % 2 == 0
    assert 2 * columns <= length <= 2 * columns + max(4, columns // 2)


def test_the_filtered_shadow_of_a_disc_is_flat_inside_and_falls_as_the_closed_form_outside():
    # Ramp of 2 sqrt(R^2 - s^2): 1/pi inside, (1 - |s| / sqrt(s^2 - R^2)) / pi outside.
    radius, place = 60.0, np.arange(400) - 199.5
    inner = place + (np.arange(16)[:, None] + 0.5) / 16 - 0.5
    shadow = (2 * np.sqrt(np.maximum(radius**2 - inner**2, 0))).mean(0).astype(np.float32)
    filtered = filter_rows(shadow[None, None], ramp_response(padded_length(400), "hann", 1.0))[0, 0]
    inside, outside = np.abs(place) < radius - 6, np.abs(place) > radius + 6
    np.testing.assert_allclose(filtered[inside], 1 / np.pi, rtol=0.01)
    s = np.abs(place[outside])
    expected = (1 - s / np.sqrt(s**2 - radius**2)) / np.pi
    np.testing.assert_allclose(filtered[outside], expected, rtol=0, atol=0.005)

"""The four linear maps: by hand, adjoint to each other, alike in both engines."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.reconstruction import engines
from FluoroPrintLib.reconstruction.engines import choose_engine

ENGINES_AGREE = 2e-5
"""Largest difference of the engines, as a share of the largest value: both sum up in single precision."""
ADJOINT_TO = 1e-5

FRAME_SHAPE, VIRTUAL_SHAPE = (17, 23), (19, 31)
VIEWS, PLANES, PLANE_SHAPE = 5, 13, (16, 21)


def random32(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.1, 1.0, shape).astype(np.float32)


@pytest.fixture
def homographies() -> np.ndarray:
    """Virtual pixels to frame pixels: shifted, turned and foreshortened; some fall outside."""
    rng = np.random.default_rng(11)
    matrices = np.tile(np.eye(3), (VIEWS, 1, 1))
    matrices[:, 0] = [0.05, 0.8, -2.0]
    matrices[:, 1] = [0.9, -0.03, 0.7]
    matrices[:, :2] += rng.normal(0, 0.02, (VIEWS, 2, 3))
    matrices[:, 2, :2] = rng.normal(0, 2e-3, (VIEWS, 2))
    return matrices * rng.uniform(300, 900, (VIEWS, 1, 1))


@pytest.fixture
def coefficients() -> np.ndarray:
    """Planes (PLANES) from views (VIEWS): rows forwards and backwards, some outside, one left out."""
    rng = np.random.default_rng(12)
    table = np.empty((PLANES, VIEWS, 5))
    table[..., 0] = rng.uniform(0.5, 1.5, (PLANES, VIEWS))
    table[..., 1] = rng.uniform(-3, 3, (PLANES, VIEWS))
    table[..., 2] = rng.uniform(0.7, 1.3, (PLANES, VIEWS))
    table[..., 3] = rng.uniform(-5, 5, (PLANES, VIEWS))
    table[..., 4] = rng.uniform(0.7, 1.5, (PLANES, VIEWS))
    mirrored = table[3:5, 1]
    mirrored[:, 1] += 14
    mirrored[:, 2] *= -1
    table[7, 2, 0] = 0
    table[8, 0, 1] = 500.0
    return table


def resampled_by_hand(inputs: np.ndarray, coefficients: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    result = np.zeros((len(coefficients), *shape))
    for m, n in np.ndindex(coefficients.shape[:2]):
        gain, offset_a, step_a, offset_b, step_b = coefficients[m, n]
        for j, k in np.ndindex(shape):
            a, b = offset_a + step_a * j, offset_b + step_b * k
            result[m, j, k] += gain * bilinear(inputs[n], a, b)
    return result


def bilinear(image: np.ndarray, row: float, column: float) -> float:
    if not (0 <= row < image.shape[0] - 1 and 0 <= column < image.shape[1] - 1):
        return 0.0
    r, c = int(row), int(column)
    y, x = row - r, column - c
    corners = image[r : r + 2, c : c + 2].astype(float)
    return float(np.array([1 - y, y]) @ corners @ np.array([1 - x, x]))


def test_warp_reads_each_virtual_pixel_bilinearly_at_its_place(engine_name, homographies):
    frames = random32(1, VIEWS, *FRAME_SHAPE)
    warped = choose_engine(engine_name).warp(frames, homographies, VIRTUAL_SHAPE)
    expected = np.zeros((VIEWS, *VIRTUAL_SHAPE))
    for v, a, b in np.ndindex(expected.shape):
        column, row, depth = homographies[v] @ (a, b, 1)
        expected[v, a, b] = bilinear(frames[v], row / depth, column / depth)
    assert warped.dtype == np.float32
    assert (expected == 0).any()
    np.testing.assert_allclose(warped, expected, rtol=0, atol=ENGINES_AGREE)


def test_resample_sum_adds_every_view_read_at_its_places(engine_name, coefficients):
    inputs, start = random32(2, VIEWS, *VIRTUAL_SHAPE), random32(3, PLANES, *PLANE_SHAPE)
    outputs = start.copy()
    choose_engine(engine_name).resample_sum(inputs, coefficients, outputs)
    expected = start + resampled_by_hand(inputs, coefficients, PLANE_SHAPE)
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=ENGINES_AGREE * expected.max())


def test_warp_and_its_adjoint_have_the_same_products(engine_name, homographies):
    engine = choose_engine(engine_name)
    frames, warped = random32(4, VIEWS, *FRAME_SHAPE), random32(5, VIEWS, *VIRTUAL_SHAPE)
    there = np.vdot(engine.warp(frames, homographies, VIRTUAL_SHAPE).astype(float), warped)
    back = np.vdot(frames.astype(float), engine.warp_adjoint(warped, homographies, FRAME_SHAPE))
    assert there == pytest.approx(back, rel=ADJOINT_TO)


def test_resample_sum_and_its_adjoint_have_the_same_products(engine_name, coefficients):
    engine = choose_engine(engine_name)
    inputs, outputs = random32(6, VIEWS, *VIRTUAL_SHAPE), random32(7, PLANES, *PLANE_SHAPE)
    forth, back = np.zeros_like(outputs), np.zeros_like(inputs)
    engine.resample_sum(inputs, coefficients, forth)
    engine.resample_sum_adjoint(outputs, coefficients, back)
    assert np.vdot(forth.astype(float), outputs) == pytest.approx(
        np.vdot(inputs.astype(float), back), rel=ADJOINT_TO
    )


def test_both_engines_give_the_same_in_all_four_maps(homographies, coefficients):
    pytest.importorskip("numba")
    frames, warped = random32(8, VIEWS, *FRAME_SHAPE), random32(9, VIEWS, *VIRTUAL_SHAPE)
    outputs = random32(10, PLANES, *PLANE_SHAPE)
    results = []
    for engine in (choose_engine("numpy"), choose_engine("numba")):
        forth, back = outputs.copy(), warped.copy()
        engine.resample_sum(warped, coefficients, forth)
        engine.resample_sum_adjoint(outputs, coefficients, back)
        results.append(
            (
                engine.warp(frames, homographies, VIRTUAL_SHAPE),
                engine.warp_adjoint(warped, homographies, FRAME_SHAPE),
                forth,
                back,
            )
        )
    for plain, fast in zip(*results, strict=True):
        np.testing.assert_allclose(fast, plain, rtol=0, atol=ENGINES_AGREE * plain.max())


def test_places_outside_leave_the_outputs_as_they_are(engine_name):
    coefficients = np.array(
        [[[1.0, -30.0, 1.0, 0.0, 1.0]], [[1.0, 0.0, 1.0, 40.0, 1.0]], [[0.0, 0.0, 1.0, 0.0, 1.0]]]
    )
    outputs = random32(13, 3, 6, 7)
    before = outputs.copy()
    choose_engine(engine_name).resample_sum(random32(14, 1, 10, 12), coefficients, outputs)
    np.testing.assert_array_equal(outputs, before)


def test_auto_takes_numba_only_where_it_is_installed(monkeypatch):
    monkeypatch.setattr(engines, "numba_is_installed", lambda: False)
    assert type(choose_engine()).__name__ == "NumpyEngine"
    with pytest.raises(FluoroPrintError, match="numba is not installed: install it or use engine numpy"):
        choose_engine("numba")


def test_auto_takes_numba_where_it_is_installed():
    pytest.importorskip("numba")
    assert type(choose_engine("auto")).__name__ == "NumbaEngine"

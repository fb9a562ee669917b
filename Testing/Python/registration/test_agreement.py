"""Figures of the agreement between a model and its frames, on frames of a ball by the closed form."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.registration.agreement import agreement, agreement_in_frames
from FluoroPrintLib.registration.outline_distance import OutlineDistance
from FluoroPrintLib.registration.silhouette import SurfaceContours
from scipy import ndimage
from solids import ball, c_arm, ellipse, signed_distance_px

CENTRE, RADIUS = (10.0, -6.0, 4.0), 45.0


def frames_of_a_ball(radius_mm: float) -> np.ndarray:
    """Line integrals that fall at the ball's edge: a blurred step, with some noise."""
    geometry = c_arm()
    row, column = np.indices((geometry.rows, geometry.columns))
    pixels = np.stack([column, row], -1).astype(float)
    noise = np.random.default_rng(0).normal(0, 0.005, (geometry.count, geometry.rows, geometry.columns))
    conics = [ellipse(matrix, CENTRE, radius_mm) for matrix in geometry.ras_to_pixel]
    steps = [ndimage.gaussian_filter((signed_distance_px(c, pixels) < 0) * 1.0, 1.0) for c in conics]
    return (np.stack(steps) + noise).astype(np.float32)


@pytest.mark.parametrize("larger_mm", [-2.0, 3.0])
def test_every_frame_tells_by_how_much_the_model_is_too_small_or_too_large(larger_mm):
    contours = SurfaceContours(ball(CENTRE, RADIUS))
    found = agreement_in_frames(contours, frames_of_a_ball(RADIUS + larger_mm), c_arm(), range(3))
    assert [figures.view for figures in found] == [0, 1, 2]
    for figures in found:
        assert figures.found > 0.95
        assert figures.bias_mm == pytest.approx(larger_mm, abs=0.3)
        assert figures.mean_mm == pytest.approx(abs(larger_mm), abs=0.3)
        assert figures.p95_mm == pytest.approx(abs(larger_mm), abs=0.8)
        assert figures.mean_px / figures.mean_mm == pytest.approx(1100 / 700 / 2, rel=0.08)


def test_a_model_is_compared_where_its_transform_puts_it():
    moved = np.eye(4)
    moved[:3, 3] = [-25.0, 12.0, 7.0]
    contours = SurfaceContours(ball((CENTRE[0] + 25.0, CENTRE[1] - 12.0, CENTRE[2] - 7.0), RADIUS))
    frames = frames_of_a_ball(RADIUS)
    (there,) = agreement_in_frames(contours, frames, c_arm(), [1], moved)
    (elsewhere,) = agreement_in_frames(contours, frames, c_arm(), [1])
    assert there.found > 0.95
    assert there.mean_mm < 0.2
    assert elsewhere.found < 0.5


def test_figures_are_of_the_samples_with_an_edge():
    px = np.array([-1.0, 1.0, 3.0, np.nan])
    figures = agreement(OutlineDistance(np.zeros((4, 2)), px, px * 0.5, 0.75, 1.0, 0.5), 7)
    assert (figures.view, figures.found) == (7, 0.75)
    assert (figures.mean_px, figures.mean_mm, figures.bias_mm) == pytest.approx((5 / 3, 5 / 6, 0.5))
    assert (figures.p95_px, figures.p95_mm) == pytest.approx((2.8, 1.4))


def test_a_frame_without_edges_has_no_distances_and_stops_nothing():
    frames = frames_of_a_ball(RADIUS)
    frames[1] = 0
    found = agreement_in_frames(SurfaceContours(ball(CENTRE, RADIUS)), frames, c_arm(), range(3))
    assert found[1].found == 0
    assert np.isnan(found[1].mean_mm)
    assert found[2].mean_mm < 0.3


def test_a_model_that_no_frame_shows_is_refused():
    contours = SurfaceContours(ball((0.0, 0.0, 300.0), 20.0, 40))
    with pytest.raises(FluoroPrintError, match="outside of frame 2"):
        agreement_in_frames(contours, frames_of_a_ball(RADIUS), c_arm(), [1, 2])


def test_the_comparison_can_be_cancelled():
    def cancel(fraction: float, message: str) -> None:
        assert message == "comparing frame 1"
        raise Cancelled

    with pytest.raises(Cancelled):
        agreement_in_frames(
            SurfaceContours(ball(CENTRE, RADIUS, 40)), frames_of_a_ball(RADIUS), c_arm(), [0], None, cancel
        )

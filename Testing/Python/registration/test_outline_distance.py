"""The distance from a model's outline to a frame's edges, on frames of a ball by the closed form."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.registration.outline_distance import outline_distance
from FluoroPrintLib.registration.silhouette import silhouette
from scipy import ndimage
from solids import ball, c_arm, ellipse, signed_distance_px

CENTRE, RADIUS = (10.0, -6.0, 4.0), 45.0


def shell_frame(radius_mm: float = RADIUS, noise: float = 0.005) -> np.ndarray:
    """Line integrals that fall at the ball's edge as they do at a thick cortex: a blurred step."""
    geometry = c_arm()
    row, column = np.indices((geometry.rows, geometry.columns))
    conic = ellipse(geometry.ras_to_pixel[0], CENTRE, radius_mm)
    inside = signed_distance_px(conic, np.stack([column, row], -1).astype(float)) < 0
    frame = ndimage.gaussian_filter(inside.astype(float), 1.0)
    return (frame + np.random.default_rng(0).normal(0, noise, frame.shape)).astype(np.float32)


@pytest.mark.parametrize("larger_mm", [-3.0, 0.0, 3.0])
def test_a_ball_of_another_size_lies_that_much_away(larger_mm: float) -> None:
    geometry = c_arm()
    seen = silhouette(ball(CENTRE, RADIUS), geometry, 0)
    found = outline_distance(seen, shell_frame(RADIUS + larger_mm), geometry, 0)
    px_per_mm = 1100 / 700 / 2
    assert found.found > 0.98
    assert np.nanmedian(found.distances_px) == pytest.approx(larger_mm * px_per_mm, abs=0.15)
    assert np.nanmedian(found.distances_mm) == pytest.approx(larger_mm, abs=0.2)
    assert found.median_mm == pytest.approx(abs(larger_mm), abs=0.25)
    assert len(found.points_px) == pytest.approx(2 * np.pi * RADIUS * px_per_mm, rel=0.1)


def test_a_shift_is_seen_on_both_sides_with_both_signs() -> None:
    geometry = c_arm()
    seen = silhouette(ball((CENTRE[0] + 4.0, *CENTRE[1:]), RADIUS), geometry, 0)
    found = outline_distance(seen, shell_frame(), geometry, 0)
    middle = found.points_px[:, 0].mean()
    reach = np.ptp(found.points_px[:, 0]) / 2
    left = found.points_px[:, 0] < middle - 0.9 * reach
    right = found.points_px[:, 0] > middle + 0.9 * reach
    # At 0/0 the right of the patient is at the left of the frame: the edge lies to the right of the model.
    assert np.nanmedian(found.distances_mm[left]) == pytest.approx(-4.0, abs=0.4)
    assert np.nanmedian(found.distances_mm[right]) == pytest.approx(4.0, abs=0.4)


def test_without_edges_nothing_is_found() -> None:
    geometry = c_arm()
    seen = silhouette(ball(CENTRE, RADIUS), geometry, 0)
    empty = np.zeros((geometry.rows, geometry.columns), np.float32)
    found = outline_distance(seen, empty, geometry, 0)
    assert found.found == 0
    assert np.isnan(found.median_mm)


def test_a_model_outside_of_the_frame_is_refused() -> None:
    geometry = c_arm()
    seen = silhouette(ball((0.0, 0.0, 300.0), 20.0, 40), geometry, 0)
    with pytest.raises(FluoroPrintError, match="outside of frame 1"):
        outline_distance(seen, shell_frame(), geometry, 0)

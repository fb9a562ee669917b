"""The orbit fitted to the sources: axis, radius, arc, sense of turning, flex, fan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.orbit import fan_angles_deg, fit_orbit, half_fan_deg
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import SweepGeometry

SID, SOD = 1180.0, 785.0
ROWS, COLUMNS, PIXEL = 30, 50, 6.0


def turned(primary_deg, secondary_deg: float = 0.0, **options) -> SweepGeometry:
    primary = np.asarray(primary_deg, float)
    return geometry_from_angles(
        primary,
        np.full_like(primary, secondary_deg),
        sid_mm=SID,
        sod_mm=SOD,
        pixel_mm=(PIXEL, PIXEL),
        rows=ROWS,
        columns=COLUMNS,
        **options,
    )


def moved(geometry: SweepGeometry, offsets_ras: np.ndarray) -> SweepGeometry:
    """Shift source and panel of each frame together."""
    matrices = geometry.ras_to_pixel.copy()
    matrices[:, :, 3] -= np.einsum("nij,nj->ni", matrices[:, :, :3], offsets_ras)
    return replace(geometry, ras_to_pixel=matrices)


@pytest.mark.parametrize("secondary", [0.0, 15.0, -30.0])
@pytest.mark.parametrize("start", [-100.0, 10.0, 170.0])
def test_a_circle_is_found_with_radius_centre_and_axis(start: float, secondary: float):
    orbit = fit_orbit(turned(start + np.arange(0, 200, 4.0), secondary))
    b = np.radians(secondary)
    assert orbit.radius_mm == pytest.approx(SOD * np.cos(b), rel=1e-9)
    np.testing.assert_allclose(orbit.centre_ras, (0, 0, -SOD * np.sin(b)), rtol=0, atol=1e-6)
    np.testing.assert_allclose(orbit.axis_ras, (0, 0, 1), rtol=0, atol=1e-9)
    np.testing.assert_allclose(orbit.angles_deg, np.arange(0, 200, 4.0), rtol=0, atol=1e-6)
    assert orbit.flex_mm < 1e-6


def test_the_axis_points_the_way_about_which_the_source_turns():
    forth, back = (fit_orbit(turned(angles)) for angles in (np.arange(-90, 91, 5), np.arange(90, -91, -5)))
    np.testing.assert_allclose(back.axis_ras, -forth.axis_ras, atol=1e-9)
    np.testing.assert_allclose(back.angles_deg, forth.angles_deg, atol=1e-6)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("secondary", [0.0, 15.0])
def test_each_source_is_the_first_turned_about_the_axis_by_its_angle(secondary: float, reverse: bool):
    primary = np.arange(-80, 100, 7.0)
    geometry = turned(primary[::-1] if reverse else primary, secondary)
    orbit = fit_orbit(geometry)
    arm = geometry.sources_ras[0] - orbit.centre_ras
    angle = np.radians(orbit.angles_deg)[:, None]
    expected = orbit.centre_ras + np.cos(angle) * arm + np.sin(angle) * np.cross(orbit.axis_ras, arm)
    np.testing.assert_allclose(geometry.sources_ras, expected, rtol=0, atol=1e-6)


def test_the_arc_is_the_angle_between_the_ends_plus_one_step():
    assert fit_orbit(turned(np.linspace(0, 198, 100))).arc_deg == pytest.approx(200.0)


def test_equal_steps_share_the_arc_equally():
    orbit = fit_orbit(turned(np.arange(0, 200, 2.0)))
    np.testing.assert_allclose(orbit.steps_deg, 2.0, rtol=1e-7)


def test_unequal_steps_sum_up_to_the_arc_and_each_is_half_the_way_to_its_neighbours():
    rng = np.random.default_rng(7)
    primary = np.cumsum(rng.uniform(1, 5, 60))
    orbit = fit_orbit(turned(primary))
    assert orbit.steps_deg.sum() == pytest.approx(orbit.arc_deg, rel=1e-9)
    np.testing.assert_allclose(orbit.steps_deg[1:-1], (primary[2:] - primary[:-2]) / 2, rtol=1e-6)


def test_a_full_turn_is_recognised_and_a_short_scan_is_not():
    assert fit_orbit(turned(np.arange(0, 360, 5.0))).is_full_turn
    assert fit_orbit(turned(np.linspace(0, 360, 73))).is_full_turn, "the first angle again at the end"
    assert not fit_orbit(turned(np.arange(0, 340, 5.0))).is_full_turn
    assert not fit_orbit(turned(np.arange(0, 380, 5.0))).is_full_turn


@pytest.mark.parametrize("count", [13, 37, 73])
def test_the_steps_of_a_full_turn_sum_up_to_a_turn_even_if_the_last_frame_repeats_the_first(count: int):
    steps = fit_orbit(turned(np.linspace(0, 360, count))).steps_deg
    whole = 360 / (count - 1)
    assert steps.sum() == pytest.approx(360.0, rel=1e-9)
    np.testing.assert_allclose(steps[1:-1], whole, rtol=1e-6)
    np.testing.assert_allclose(steps[[0, -1]], whole / 2, rtol=1e-6)


def test_the_steps_of_a_full_turn_close_it_over_an_uneven_gap():
    primary = np.delete(np.arange(0, 360, 5.0), 71)
    orbit = fit_orbit(turned(primary))
    expected = np.full(71, 5.0)
    expected[[0, -1]] = 7.5
    assert orbit.is_full_turn
    np.testing.assert_allclose(orbit.steps_deg, expected, rtol=1e-6)


def test_flex_is_how_far_a_wobbling_source_leaves_the_circle():
    primary = np.arange(0, 360, 3.0)
    along_axis = 4.0 * np.cos(np.radians(3 * primary))
    offsets = np.zeros((len(primary), 3))
    offsets[:, 2] = along_axis
    orbit = fit_orbit(moved(turned(primary), offsets))
    assert orbit.flex_mm == pytest.approx(4.0, abs=0.01)
    assert orbit.radius_mm == pytest.approx(SOD, abs=0.05)


def test_radial_flex_is_measured_too():
    primary = np.arange(0, 360, 3.0)
    geometry = turned(primary)
    inwards = -geometry.sources_ras / SOD
    offsets = 3.0 * np.cos(np.radians(4 * primary))[:, None] * inwards
    assert fit_orbit(moved(geometry, offsets)).flex_mm == pytest.approx(3.0, abs=0.02)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_frames_are_refused_with_their_number(count: int):
    plural = "s" if count > 1 else ""
    with pytest.raises(FluoroPrintError, match=f"has {count} frame{plural}: a reconstruction needs"):
        fit_orbit(turned(np.arange(count)))


def test_a_source_that_stands_still_is_refused():
    with pytest.raises(FluoroPrintError, match="does not turn about the patient"):
        fit_orbit(turned(np.zeros(20)))


def test_a_source_that_moves_on_a_line_is_refused():
    still = turned(np.zeros(20))
    with pytest.raises(FluoroPrintError, match="lie on a line"):
        fit_orbit(moved(still, np.arange(20.0)[:, None] * (1.0, 0.0, 0.5)))


@pytest.mark.parametrize("secondary", [0.0, 20.0])
@pytest.mark.parametrize("sense", [1, -1])
def test_fan_angles_are_those_of_the_columns_positive_in_the_sense_of_turning(sense: int, secondary: float):
    geometry = turned(sense * np.arange(-80, 80, 4.0), secondary)
    fan = fan_angles_deg(geometry, fit_orbit(geometry), padding=3)
    columns = np.arange(-3, COLUMNS + 3) - (COLUMNS - 1) / 2
    expected = sense * np.degrees(np.arctan(columns * PIXEL / (SID * np.cos(np.radians(secondary)))))
    assert fan.shape == (40, COLUMNS + 6)
    np.testing.assert_allclose(fan, np.broadcast_to(expected, fan.shape), rtol=0, atol=1e-6)


def test_a_ray_and_its_opposite_run_along_one_line():
    # The ray (t, g) is seen again as (t + 180 + 2 g, -g): what the short-scan weights build on.
    step = 2 * np.degrees(np.arctan(10.5 * PIXEL / SID))
    geometry = turned([-90.0, 0.0, 90.0, 180.0 + step])
    column = (COLUMNS - 1) / 2 + 10.5
    orbit = fit_orbit(geometry)
    fan = fan_angles_deg(geometry, orbit)
    assert fan[1, int(column)] == pytest.approx(step / 2, abs=1e-6)
    row = (ROWS - 1) / 2
    first, again = (
        np.linalg.inv(geometry.ras_to_pixel[view, :, :3]) @ (place, row, 1)
        for view, place in ((1, column), (3, COLUMNS - 1 - column))
    )
    between = geometry.sources_ras[3] - geometry.sources_ras[1]
    np.testing.assert_allclose(np.cross(first, between), 0, atol=1e-6)
    np.testing.assert_allclose(np.cross(again, between), 0, atol=1e-6)


def test_the_half_fan_is_that_of_the_wider_side():
    geometry = turned(np.arange(-80, 80, 4.0), principal_point=(10.0, (ROWS - 1) / 2))
    expected = np.degrees(np.arctan((COLUMNS - 1 - 10.0) * PIXEL / SID))
    assert half_fan_deg(geometry, fit_orbit(geometry)) == pytest.approx(expected, abs=1e-6)

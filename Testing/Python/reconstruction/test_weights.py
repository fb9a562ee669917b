"""Weights of rays: what is seen twice counts once."""

from __future__ import annotations

import numpy as np
import pytest
from balls import SID, SOD, arc, wobbling
from FluoroPrintLib.geometry.orbit import fan_angles_deg, fit_orbit
from FluoroPrintLib.geometry.sweep import focal_lengths
from FluoroPrintLib.reconstruction.weights import (
    cosine_weights,
    parker_silver,
    short_scan_weights,
)

HALF_FAN = np.radians(10.0)


def weight_or_zero(turned: np.ndarray, fan: np.ndarray, arc_rad: float) -> np.ndarray:
    inside = (turned >= 0) & (turned <= arc_rad)
    return np.where(inside, parker_silver(turned, fan, arc_rad), 0.0)


@pytest.mark.parametrize("arc_deg", [201.0, 210.0, 240.0, 280.0, 320.0, 350.0])
def test_the_weights_of_a_ray_and_its_opposites_sum_up_to_one(arc_deg: float):
    whole = np.radians(arc_deg)
    turned = np.linspace(0, whole, 700)[:, None]
    fan = np.linspace(-HALF_FAN, HALF_FAN, 81)
    total = sum(
        weight_or_zero(turned + half_turns * (np.pi + 2 * fan), fan * (-1) ** half_turns, whole)
        for half_turns in (0, 1)
    ) + weight_or_zero(turned - np.pi + 2 * fan, -fan, whole)
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-12)


@pytest.mark.parametrize("arc_deg", [201.0, 260.0, 350.0])
def test_the_weights_rise_from_zero_without_a_step_and_stay_within_one(arc_deg: float):
    turned = np.linspace(0, np.radians(arc_deg), 2001)[:, None]
    fan = np.linspace(-HALF_FAN, HALF_FAN, 41)
    weights = parker_silver(turned, fan, turned[-1, 0])
    np.testing.assert_allclose(weights[[0, -1]], 0.0, atol=1e-12)
    assert weights.min() >= 0
    assert weights.max() <= 1
    # sin^2 over 2 (excess - fan) rises no faster than pi / 4 over its half width.
    steepest = np.pi / 4 / ((turned[-1, 0] - np.pi) / 2 - HALF_FAN)
    assert np.abs(np.diff(weights, axis=0)).max() <= 1.001 * steepest * (turned[1, 0] - turned[0, 0])


def test_a_short_scan_of_too_small_an_arc_still_gets_finite_weights():
    weights = short_scan_weights(arc(np.arange(0, 150, 3.0)), fit_orbit(arc(np.arange(0, 150, 3.0))))
    assert np.isfinite(weights).all()
    assert weights.min() >= 0
    assert weights.max() <= 1
    assert weights.mean() > 0.8, "hardly any ray is seen twice"


@pytest.mark.parametrize("padding", [0, 9])
def test_every_ray_of_a_full_turn_has_half_a_share(padding: int):
    geometry = arc(np.arange(0, 360, 6.0))
    weights = short_scan_weights(geometry, fit_orbit(geometry), padding)
    np.testing.assert_array_equal(weights, np.full((60, geometry.columns + 2 * padding), 0.5))


@pytest.mark.parametrize("secondary", [0.0, 15.0])
def test_the_same_views_in_reversed_order_have_the_same_weights(secondary: float):
    forth = arc(np.linspace(-100, 100, 81), secondary)
    back = arc(np.linspace(100, -100, 81), secondary)
    weights = [short_scan_weights(geometry, fit_orbit(geometry), 5) for geometry in (forth, back)]
    np.testing.assert_allclose(weights[1][::-1], weights[0], rtol=0, atol=1e-9)


@pytest.mark.parametrize("sense", [1, -1])
def test_rays_of_a_panel_seen_twice_share_one_by_the_lines_they_run_on(sense: int):
    # Lines in the plane of the orbit are told apart by angle and distance from the centre, by nothing of
    # the formula: the sum over the views that see a line, interpolated, is one view's worth.
    geometry = arc(sense * np.arange(-110, 110, 0.5), columns=80)
    orbit = fit_orbit(geometry)
    weights = short_scan_weights(geometry, orbit)
    fan = np.radians(fan_angles_deg(geometry, orbit))
    run = (np.radians(orbit.angles_deg)[:, None] + fan).ravel()
    line_deg = np.degrees(run) % 180
    flipped = (np.degrees(run) // 180 % 2).astype(bool)
    distance = SOD * np.sin(fan).ravel() * np.where(flipped, -1, 1)
    bins = [np.arange(0, 181, 15.0), np.linspace(-60, 60, 9)]
    held, _, _ = np.histogram2d(line_deg, distance, bins, weights=weights.ravel() * np.cos(fan).ravel())
    np.testing.assert_allclose(held / held.mean(), 1.0, rtol=0, atol=0.06)


def test_focal_lengths_and_principal_point_are_those_the_geometry_was_made_with():
    geometry = arc(np.arange(0, 200, 20.0), 10.0, principal_point=(33.5, 12.25))
    along_columns, along_rows, principal = focal_lengths(geometry)
    np.testing.assert_allclose(along_columns, SID / 2.4, rtol=1e-9)
    np.testing.assert_allclose(along_rows, SID / 2.4, rtol=1e-9)
    np.testing.assert_allclose(principal, np.tile([33.5, 12.25], (10, 1)), rtol=0, atol=1e-8)


def test_the_cosine_is_that_of_each_ray_against_the_panels_normal():
    geometry = wobbling(arc(np.arange(0, 200, 20.0), 10.0), 6.0)
    columns, rows = np.meshgrid(np.arange(-4, geometry.columns + 4), np.arange(geometry.rows))
    pixels = np.stack([columns, rows, np.ones_like(rows)], -1)
    rays = pixels @ np.linalg.inv(geometry.ras_to_pixel[3, :, :3]).T
    expected = rays @ geometry.normals_ras[3] / np.linalg.norm(rays, axis=-1)
    np.testing.assert_allclose(cosine_weights(geometry, 3, 4), expected, rtol=1e-6)

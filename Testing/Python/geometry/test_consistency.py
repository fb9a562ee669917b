"""Opposite rays tell the right geometry from the wrong one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.geometry.consistency import (
    Consistency,
    disagreement,
    measure_consistency,
    mirrored_columns,
    opposite_rays,
)
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep, SweepGeometry
from sweeps import SID, SOD, arc, sweep_of, with_geometry


def other_way(geometry: SweepGeometry) -> SweepGeometry:
    assert geometry.primary_deg is not None
    assert geometry.pixel_mm is not None
    return geometry_from_angles(
        -geometry.primary_deg,
        np.zeros(geometry.count),
        sid_mm=SID,
        sod_mm=SOD,
        pixel_mm=geometry.pixel_mm,
        rows=geometry.rows,
        columns=geometry.columns,
    )


def consistency_of(sweep: Sweep) -> Consistency:
    found = measure_consistency(sweep)
    assert found is not None
    return found


def test_opposite_rays_are_one_line_in_space() -> None:
    geometry = arc()
    rays = opposite_rays(geometry)
    sources = geometry.sources_ras
    for (first, second), pixels in list(zip(rays.views, rays.pixels, strict=True))[::17]:
        pixel = np.append(pixels[0], 1.0)
        direction = np.linalg.inv(geometry.ras_to_pixel[first][:, :3]) @ pixel
        across = np.cross(direction, sources[second] - sources[first])
        assert np.linalg.norm(across) < 1e-9 * np.linalg.norm(direction) * 1000


def test_rays_that_are_opposite_agree_where_the_geometry_is_right() -> None:
    sweep = sweep_of(arc())
    right = disagreement(sweep, sweep.geometry)
    assert right is not None
    assert right < 0.02
    found = consistency_of(sweep)
    assert found.is_upright
    assert not found.is_mirrored
    assert not found.is_shifted


@pytest.mark.parametrize("wrong", [other_way, mirrored_columns])
def test_the_other_sense_of_turning_is_found(wrong: object) -> None:
    sweep = sweep_of(arc())
    found = consistency_of(with_geometry(sweep, wrong(sweep.geometry)))  # type: ignore[operator]
    assert found.is_mirrored
    assert not found.is_upright


def test_both_mistakes_together_make_a_mirror_image_that_fits() -> None:
    """What no sweep tells of itself: this is the limit of the check, held so that nobody relies on it."""
    sweep = sweep_of(arc())
    found = consistency_of(with_geometry(sweep, mirrored_columns(other_way(sweep.geometry))))
    assert found.is_upright


@pytest.mark.parametrize("shift_px", [-4.3, 1.0, 3.7])
def test_a_principal_point_that_moved_is_found_again(shift_px: float) -> None:
    true = arc(principal_point=(35.5 + shift_px, 19.5))
    found = consistency_of(with_geometry(sweep_of(true), arc()))
    assert found.is_shifted
    assert found.upright.column_shift == pytest.approx(shift_px, abs=0.1)


def test_the_wrong_sense_is_found_with_a_moved_principal_point_too() -> None:
    sweep = sweep_of(arc(principal_point=(38.0, 19.5)))
    assert consistency_of(with_geometry(sweep, other_way(arc()))).is_mirrored


def test_a_short_arc_has_no_opposite_rays() -> None:
    assert measure_consistency(sweep_of(arc(150.0))) is None


def test_frames_of_nothing_are_neither_right_nor_wrong() -> None:
    sweep = sweep_of(arc())
    noise = np.random.default_rng(2).normal(0, 1, sweep.frames.shape).astype(np.float32)
    found = consistency_of(replace(sweep, frames=noise))
    assert not found.is_mirrored
    assert not found.is_shifted


def test_a_mirrored_geometry_reads_the_column_at_the_other_side() -> None:
    geometry = arc()
    mirrored = mirrored_columns(geometry)
    point = np.array([20.0, -35.0, 12.0, 1.0])
    seen, other = (g.ras_to_pixel @ point for g in (geometry, mirrored))
    np.testing.assert_allclose(other[:, 0] / other[:, 2], 71 - seen[:, 0] / seen[:, 2])
    np.testing.assert_allclose(other[:, 1:], seen[:, 1:])

"""The preview shows what the full reconstruction shows, in the same place, coarser."""

from __future__ import annotations

import numpy as np
import pytest
from balls import WATER, Ball, arc, centroid_ras, chords, sweep_of
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.geometry.orbit import fit_orbit
from FluoroPrintLib.reconstruction.checks import check_arc
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters
from FluoroPrintLib.reconstruction.preview import (
    binned,
    preview,
    preview_factor,
    preview_views,
    preview_voxel_mm,
    with_views,
)

ARC = np.linspace(-105, 105, 50)
BALL = Ball((18.0, -11.0, 7.0), 20.0, WATER)


def fine(columns: int = 256, rows: int = 152):
    return arc(ARC, rows=rows, columns=columns, pixel_mm=0.8)


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_a_binned_pixel_lies_in_the_middle_of_its_pixels(factor: int) -> None:
    """A point that projects to the middle of a block projects to the binned pixel's centre."""
    geometry = fine()
    small = binned(sweep_of(geometry, [BALL], 1), factor).geometry
    block = np.array([5, 3])
    middle = block * factor + (factor - 1) / 2
    for view in (0, 20, 49):
        matrix = geometry.ras_to_pixel[view]
        ray = np.linalg.inv(matrix[:, :3]) @ np.append(middle, 1.0)
        point = geometry.sources_ras[view] + 900 * ray
        pixel = small.ras_to_pixel[view] @ np.append(point, 1.0)
        np.testing.assert_allclose(pixel[:2] / pixel[2], block, atol=1e-9)
        assert pixel[2] == pytest.approx((matrix @ np.append(point, 1.0))[2])
    assert small.pixel_mm == pytest.approx((0.8 * factor, 0.8 * factor))


def test_binned_frames_are_those_of_a_coarse_panel() -> None:
    """The coarse panel's own chords, each pixel the mean over its area, are the outside judge."""
    sweep = binned(sweep_of(fine(), [BALL], 1), 4)
    expected = chords(sweep.geometry, [BALL], samples=4)
    np.testing.assert_allclose(sweep.frames, expected, atol=1e-5)


def test_rows_and_columns_left_over_are_left_out() -> None:
    sweep = binned(sweep_of(fine(columns=259, rows=154), [BALL], 1), 4)
    assert sweep.frames.shape == (50, 38, 64)
    np.testing.assert_allclose(sweep.frames, chords(sweep.geometry, [BALL], samples=4), atol=1e-5)


def test_the_ball_stands_where_it_is_with_its_value() -> None:
    sweep = sweep_of(fine(), [BALL], 1)
    before = sweep.frames.copy()
    volume = preview(sweep, ReconstructionParameters(voxel_mm=1.0, engine="numpy"))
    np.testing.assert_array_equal(sweep.frames, before)
    assert volume.spacing_mm == pytest.approx(
        preview_voxel_mm(sweep.geometry, ReconstructionParameters(voxel_mm=1.0))
    )
    centre = centroid_ras(volume, BALL.centre_ras, 30.0, -500.0)
    np.testing.assert_allclose(centre, BALL.centre_ras, atol=0.4)
    ijk = np.linalg.inv(volume.ijk_to_ras) @ [*BALL.centre_ras, 1.0]
    i, j, k = np.rint(ijk[:3]).astype(int)
    assert volume.array_kji[k - 1 : k + 2, j - 1 : j + 2, i - 1 : i + 2].mean() == pytest.approx(
        0.0, abs=60.0
    )


@pytest.mark.parametrize("count", [3, 120, 121, 200, 496])
def test_fewer_views_keep_both_ends_of_the_arc(count: int) -> None:
    views = preview_views(count)
    assert views[0] == 0
    assert views[-1] == count - 1
    assert len(views) <= 121
    steps = np.diff(views)
    assert steps[:-1].min(initial=steps.max()) == steps.max()


def test_fewer_views_are_a_short_scan_still() -> None:
    sweep = sweep_of(arc(np.linspace(-98, 98, 200), rows=4, pixel_mm=1.6), [BALL], 1)
    fewer = with_views(sweep, preview_views(200))
    check_arc(fewer.geometry, fit_orbit(fewer.geometry))
    assert fewer.geometry.primary_deg is not None
    np.testing.assert_allclose(fewer.geometry.primary_deg[[0, -1]], [-98, 98])


def test_small_frames_are_binned_less() -> None:
    assert [preview_factor(fine(columns=c)) for c in (40, 152, 256, 1024)] == [1, 2, 4, 4]


def test_a_short_arc_is_refused_and_a_cancel_passed_on() -> None:
    with pytest.raises(FluoroPrintError, match="arc"):
        preview(sweep_of(arc(np.linspace(0, 90, 30)), [BALL], 1))

    def stop(fraction: float, message: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        preview(sweep_of(arc(ARC), [BALL], 1), progress=stop)

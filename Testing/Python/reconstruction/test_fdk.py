"""FDK of balls whose line integrals are known: right values in the right place, whatever the arm does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from balls import WATER, Ball, arc, centroid_ras, distances_mm, sweep_of, voxel_centres_ras, wobbling
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.geometry.sweep import Sweep, SweepGeometry
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct

VOXEL_MM = 1.5
HU_WITHIN = 6.0
PLACE_WITHIN_VOXELS = 0.05
ENGINES_AGREE_HU = 0.05

BODY = Ball((4.0, -3.0, 2.0), 30.0, WATER)
BONE = Ball((13.0, 7.0, -4.0), 7.0, WATER)
SHORT_SCAN = np.linspace(-100, 100, 101)
SMALL = ReconstructionParameters(voxel_mm=VOXEL_MM, size_mm=(84.0, 84.0, 60.0))

SCANS = {
    "short scan": arc(SHORT_SCAN),
    "turned the other way": arc(SHORT_SCAN[::-1]),
    "full turn": arc(np.arange(0, 360, 3.6)),
    "full turn, the first view again at the end": arc(np.linspace(0, 360, 101)),
    "arc well over the short scan": arc(np.linspace(-150, 150, 151)),
    "from the left": arc(SHORT_SCAN + 77),
    "from behind": arc(SHORT_SCAN + 160),
    "wobbling": wobbling(arc(SHORT_SCAN), 5.0),
    "panel off its middle": arc(SHORT_SCAN, principal_point=(45.5, 20.0)),
}


def levels_hu(volume: Volume) -> tuple[float, float]:
    """Mean of the body, away from edge and bone, and of the bone's middle."""
    body, bone = distances_mm(volume, BODY.centre_ras), distances_mm(volume, BONE.centre_ras)
    values = volume.array_kji
    return float(values[(body < 24) & (bone > 12)].mean()), float(values[bone < 4].mean())


def misplaced_voxels(volume: Volume) -> float:
    """How far the bone's centre of mass lies from its place, along the worst axis."""
    found = centroid_ras(volume, BONE.centre_ras, 9.5, levels_hu(volume)[0])
    return float(np.abs(found - BONE.centre_ras).max() / VOXEL_MM)


@pytest.mark.parametrize("scan", SCANS)
def test_water_and_bone_have_their_values_in_their_places(scan: str):
    volume = reconstruct(sweep_of(SCANS[scan], [BODY, BONE]), SMALL)
    water, bone = levels_hu(volume)
    assert volume.array_kji.dtype == np.float32
    assert volume.array_kji.shape == (40, 56, 56)
    assert water == pytest.approx(0, abs=HU_WITHIN)
    assert bone == pytest.approx(1000, abs=HU_WITHIN)
    assert misplaced_voxels(volume) < PLACE_WITHIN_VOXELS
    body = distances_mm(volume, BODY.centre_ras)
    assert volume.array_kji[(body > 34) & (volume.array_kji > -1000)].mean() == pytest.approx(-1000, abs=12)
    assert volume.array_kji[(body < 24) & (distances_mm(volume, BONE.centre_ras) > 12)].std() < 4


def test_few_views_of_a_full_turn_whose_last_repeats_the_first_do_not_add_up_to_more():
    ball = Ball((0.0, 0.0, 0.0), 20.0, WATER)
    volume = reconstruct(sweep_of(arc(np.linspace(0, 360, 25)), [ball]), SMALL)
    assert volume.array_kji[distances_mm(volume, (0, 0, 0)) < 10].mean() == pytest.approx(0, abs=HU_WITHIN)


def test_a_tilted_arm_puts_things_in_their_places_and_keeps_what_it_cannot_miss():
    # Nothing looks straight along the orbit's plane, so a ball's level falls by its missing frequencies
    # (Tuy, SIAM J. Appl. Math. 43(3), 1983); its place is not touched.
    volume = reconstruct(sweep_of(arc(SHORT_SCAN, 15.0), [BODY, BONE]), SMALL)
    water, bone = levels_hu(volume)
    assert misplaced_voxels(volume) < PLACE_WITHIN_VOXELS
    assert bone - water == pytest.approx(1000, abs=40)
    assert -60 < water < 0


@pytest.mark.parametrize("secondary", [15.0, -25.0])
def test_a_long_rod_of_water_keeps_its_value_under_a_tilted_arm(secondary: float):
    # FDK is exact for what does not change along the axis, at any tilt.
    geometry = arc(SHORT_SCAN, secondary)
    radius, place = 28.0, np.array([5.0, -4.0])
    columns, rows = np.meshgrid(np.arange(geometry.columns), np.arange(geometry.rows))
    pixels = np.stack([columns, rows, np.ones_like(rows)], -1)
    frames = np.empty((geometry.count, geometry.rows, geometry.columns), np.float32)
    for view, source in enumerate(geometry.sources_ras):
        rays = pixels @ np.linalg.inv(geometry.ras_to_pixel[view, :, :3]).T
        flat = rays[..., :2] / np.linalg.norm(rays, axis=-1, keepdims=True)
        across = np.linalg.norm(flat, axis=-1)
        along = flat / across[..., None]
        offset = along[..., 0] * (place - source[:2])[1] - along[..., 1] * (place - source[:2])[0]
        frames[view] = 2 * WATER * np.sqrt(np.maximum(radius**2 - offset**2, 0)) / across
    volume = reconstruct(Sweep(frames, 1.0, geometry), replace(SMALL, size_mm=(80.0, 80.0, 15.0)))
    from_rod = np.linalg.norm(voxel_centres_ras(volume)[..., :2] - place, axis=-1)
    assert volume.array_kji[from_rod < 22].mean() == pytest.approx(0, abs=HU_WITHIN)
    assert volume.array_kji[(from_rod > 33) & (from_rod < 37)].mean() == pytest.approx(-1000, abs=12)


def test_turning_the_other_way_is_the_same_scan():
    sweep = sweep_of(arc(SHORT_SCAN), [BODY, BONE], samples=1)
    back = Sweep(sweep.frames[::-1].copy(), 1.0, arc(SHORT_SCAN[::-1]))
    forth_hu, back_hu = (reconstruct(s, SMALL).array_kji for s in (sweep, back))
    np.testing.assert_allclose(back_hu, forth_hu, rtol=0, atol=0.05)


def test_the_volume_stands_where_it_is_asked_for():
    there = reconstruct(
        sweep_of(arc(SHORT_SCAN), [BODY, BONE]),
        replace(SMALL, centre_mm=(11.3, 8.0, -6.0), size_mm=(48.0, 54.0, 42.0)),
    )
    np.testing.assert_allclose(there.centre_ras, (11.3, 8.0, -6.0), atol=1e-9)
    assert there.size_ijk == (32, 36, 28)
    assert misplaced_voxels(there) < PLACE_WITHIN_VOXELS
    assert levels_hu(there) == pytest.approx((0, 1000), abs=HU_WITHIN)


def test_no_axis_is_mirrored():
    sides = {"right": (14, 0, 0), "front": (0, 13, 0), "head": (0, 0, 12)}
    marks = [
        Ball(place, 5.5, per_mm) for place, per_mm in zip(sides.values(), (0.03, 0.05, 0.07), strict=True)
    ]
    volume = reconstruct(sweep_of(arc(SHORT_SCAN), marks), SMALL)
    for mark in marks:
        near, mirrored = (
            volume.array_kji[distances_mm(volume, place) < 1.6].mean()
            for place in (mark.centre_ras, -np.array(mark.centre_ras))
        )
        assert near == pytest.approx(1000 * mark.per_mm / WATER - 1000, rel=0.05)
        assert mirrored == pytest.approx(-1000, abs=40)


def test_both_engines_reconstruct_alike():
    pytest.importorskip("numba")
    sweep = sweep_of(wobbling(arc(SHORT_SCAN[::2], 8.0), 4.0), [BODY, BONE], samples=1)
    plain, fast = (reconstruct(sweep, replace(SMALL, engine=name)).array_kji for name in ("numpy", "numba"))
    np.testing.assert_allclose(fast, plain, rtol=0, atol=ENGINES_AGREE_HU)


@pytest.mark.parametrize("window", ["ram-lak", "shepp-logan", "cosine", "hamming", "hann"])
def test_no_window_changes_the_level_of_water(window: str):
    sweep = sweep_of(arc(SHORT_SCAN[::2]), [BODY, BONE], samples=2)
    volume = reconstruct(sweep, replace(SMALL, window=window, cutoff=1.0, voxel_mm=3.0))
    assert levels_hu(volume)[0] == pytest.approx(0, abs=HU_WITHIN)


def test_the_attenuation_of_water_sets_the_scale():
    sweep = sweep_of(arc(SHORT_SCAN[::2]), [BODY, BONE], samples=2)
    volume = reconstruct(sweep, replace(SMALL, water_per_mm=0.025, voxel_mm=3.0, scatter=0.0))
    assert levels_hu(volume)[0] == pytest.approx(-200, abs=HU_WITHIN)


def test_a_body_wider_than_the_panel_keeps_its_level_far_better_with_continued_rows():
    body = Ball((0.0, 0.0, 0.0), 60.0, WATER)
    sweep = sweep_of(arc(SHORT_SCAN[::2], columns=50), [body], samples=1)
    small = replace(SMALL, voxel_mm=2.0, size_mm=(56.0, 56.0, 20.0))
    cut, continued = (
        reconstruct(sweep, replace(small, truncation_padding=padding)) for padding in (0.0, 1.0)
    )
    from_axis = np.linalg.norm(voxel_centres_ras(cut)[..., :2], axis=-1)
    middle, rim = from_axis < 10, (from_axis > 22) & (from_axis < 28)
    assert cut.array_kji[middle].mean() > 150, "the cut body shows what there is to mend"
    assert abs(continued.array_kji[middle].mean()) < 15
    rise, mended_rise = (abs(v.array_kji[rim].mean() - v.array_kji[middle].mean()) for v in (cut, continued))
    assert mended_rise < 0.1 * rise


def test_rows_that_end_in_air_are_not_continued():
    sweep = sweep_of(arc(SHORT_SCAN[::2]), [BODY], samples=1)
    off, on = (
        reconstruct(sweep, replace(SMALL, truncation_padding=padding)).array_kji for padding in (0.0, 1.0)
    )
    np.testing.assert_array_equal(on, off)


def seen_by_all(volume: Volume, geometry: SweepGeometry, slack_px: float) -> np.ndarray:
    """(K, J, I): whether each voxel falls inside every frame, by more than `slack_px` pixels."""
    points = np.concatenate([voxel_centres_ras(volume), np.ones((*volume.array_kji.shape, 1))], -1)
    seen = np.ones(volume.array_kji.shape, bool)
    for matrix in geometry.ras_to_pixel:
        column, row, depth = np.moveaxis(points @ matrix.T, -1, 0)
        column, row = column / depth, row / depth
        edges = [column, geometry.columns - 1 - column, row, geometry.rows - 1 - row]
        seen &= np.minimum.reduce(edges) > slack_px
    return seen


@pytest.mark.parametrize("geometry", [arc(SHORT_SCAN[::2]), wobbling(arc(SHORT_SCAN[::2], 10.0), 5.0)])
def test_air_is_put_where_a_view_does_not_see_and_nowhere_else(geometry: SweepGeometry):
    frames = np.ones((geometry.count, geometry.rows, geometry.columns), np.float32)
    wide = replace(SMALL, voxel_mm=3.0, size_mm=(190.0, 180.0, 100.0))
    volume = reconstruct(Sweep(frames, 1.0, geometry), wide)
    masked = volume.array_kji == -1000
    assert masked[~seen_by_all(volume, geometry, -0.7)].all()
    assert not masked[seen_by_all(volume, geometry, 2.0)].any()
    bare = reconstruct(Sweep(frames, 1.0, geometry), replace(wide, mask_field=False))
    np.testing.assert_array_equal(bare.array_kji[~masked], volume.array_kji[~masked])
    assert (bare.array_kji[masked] != -1000).mean() > 0.5


def test_a_volume_of_no_given_size_covers_what_all_views_see():
    geometry = arc(SHORT_SCAN[::4])
    frames = np.ones((geometry.count, geometry.rows, geometry.columns), np.float32)
    own, wide = (
        reconstruct(Sweep(frames, 1.0, geometry), ReconstructionParameters(voxel_mm=2.0, size_mm=size))
        for size in (None, (200.0, 200.0, 120.0))
    )
    seen, reach = (
        np.abs(voxel_centres_ras(volume)[volume.array_kji > -1000]).max(0) for volume in (own, wide)
    )
    np.testing.assert_allclose(seen, reach, rtol=0, atol=2.0)
    assert own.array_kji.size < 0.35 * wide.array_kji.size


def test_too_short_an_arc_is_refused_with_what_it_covers_and_what_is_needed():
    # Half a fan is atan(41.5 * 2.4 / 1180) = 4.82 degrees; the arc counts one step more.
    geometry = arc(np.linspace(0, 148, 75))
    sweep = Sweep(np.zeros((75, 48, 84), np.float32), 1.0, geometry)
    with pytest.raises(FluoroPrintError, match=r"arc of 150\.0 degrees but this panel needs 189\.6 "):
        reconstruct(sweep, SMALL)


@pytest.mark.slow
def test_too_short_an_arc_passes_if_allowed():
    sweep = sweep_of(arc(np.linspace(0, 148, 75)), [BODY, BONE], samples=1)
    volume = reconstruct(sweep, replace(SMALL, allow_short_arc=True))
    assert np.isfinite(volume.array_kji).all()
    inside = distances_mm(volume, BONE.centre_ras) < 4
    assert volume.array_kji[inside].mean() > levels_hu(volume)[0] + 500


def test_more_than_a_turn_is_refused():
    geometry = arc(np.linspace(0, 420, 141))
    sweep = Sweep(np.zeros((141, 48, 84), np.float32), 1.0, geometry)
    with pytest.raises(FluoroPrintError, match=r"covers 423\.0 degrees, more than one turn"):
        reconstruct(sweep, SMALL)


def test_the_user_hears_how_far_it_is_and_can_stop():
    heard = []

    def listen(fraction: float, message: str) -> None:
        heard.append(fraction)

    def stop(fraction: float, message: str) -> None:
        if fraction > 0.3:
            raise Cancelled(message)

    sweep = sweep_of(arc(SHORT_SCAN), [BODY], samples=1)
    reconstruct(sweep, SMALL, listen)
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0.0, 1.0)
    assert len(heard) > 6
    with pytest.raises(Cancelled):
        reconstruct(sweep, SMALL, stop)


def test_the_frames_of_the_sweep_stay_as_they_were():
    sweep = sweep_of(arc(SHORT_SCAN[::2], columns=50), [BODY], samples=1)
    before = sweep.frames.copy()
    reconstruct(sweep, SMALL)
    np.testing.assert_array_equal(sweep.frames, before)

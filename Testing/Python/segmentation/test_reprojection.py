"""A border that is moved to agree with frames, on frames of a ball by the closed form."""

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.segmentation.methods import Hints, find_by, method_named
from FluoroPrintLib.segmentation.reprojection import (
    SnapParameters,
    chosen_views,
    compare_with_frames,
    labels_on_grid,
    mean_mm,
    snap_to_frames,
    surface_for_views,
)
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.segmentation.surface_spread import spread_over_surface
from frames_of_a_ball import CENTRE, GRID, RADIUS, VOXEL_MM, case, depth_in_a_ball, mask_of_a_ball
from scipy import ndimage

ROUND = SnapParameters(frames=16, edge_inside_px=0.8)


def distances_mm(mask):
    """Of the mask's surface from the true ball."""
    return np.abs(np.linalg.norm(points_of(surface_for_views(mask, GRID)) - CENTRE, axis=1) - RADIUS)


@pytest.mark.parametrize(
    ("given", "least_before", "most_after"),
    [
        (case((0.0, 0.0, 0.0), RADIUS + 1), 0.95, 0.2),
        (case((0.0, 0.0, 0.0), RADIUS - 1), 0.95, 0.2),
        (case((1.0, 0.0, 0.0), RADIUS), 0.48, 0.15),
        (case((0.0, 0.0, -1.0), RADIUS), 0.48, 0.15),
    ],
    ids=["large", "small", "beside", "below"],
)
def test_a_border_one_mm_off_comes_to_the_ball(ball_sweep, given, least_before, most_after):
    before = given.mask.copy()
    snapped = snap_to_frames(given.mask, GRID, ball_sweep, ROUND)
    np.testing.assert_array_equal(given.mask, before)
    assert distances_mm(given.mask).mean() > least_before
    assert distances_mm(snapped.mask_kji).mean() < most_after
    assert mean_mm(snapped.after) < 0.4 * mean_mm(snapped.before)
    assert mean_mm(snapped.after) < 0.2


@pytest.mark.parametrize("most_mm", [0.8, 1.2])
def test_no_voxel_further_from_the_border_than_allowed_changes(ball_sweep, most_mm):
    given = case((0.0, 0.0, 0.0), RADIUS + 1)
    parameters = replace(ROUND, max_mm=most_mm)
    snapped = snap_to_frames(given.mask, GRID, ball_sweep, parameters).mask_kji
    changed = snapped != given.mask
    assert changed.sum() > 2000
    for side in (given.mask, ~given.mask):
        deep = ndimage.distance_transform_edt(side, sampling=VOXEL_MM) - VOXEL_MM / 2
        assert deep[changed & side].max(initial=0) <= most_mm + 1e-3


def test_a_border_that_agrees_stays_within_half_a_voxel(ball_sweep):
    mask = mask_of_a_ball()
    for inside_px in (0.4, 0.8, 1.2):
        snapped = snap_to_frames(mask, GRID, ball_sweep, replace(ROUND, edge_inside_px=inside_px)).mask_kji
        assert np.abs(depth_in_a_ball()[snapped != mask]).max(initial=0) < 0.5 * VOXEL_MM + 0.35
        assert distances_mm(snapped).mean() < 0.5 * VOXEL_MM


def test_an_oblique_left_handed_grid_of_flat_voxels_gives_the_same_ball(ball_sweep):
    turn = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    to_ras = np.eye(4)
    to_ras[:3, :3] = turn @ np.diag([0.6, 0.7, -1.2])
    size = np.array([80, 70, 42])
    to_ras[:3, 3] = CENTRE - to_ras[:3, :3] @ ((size - 1) / 2)
    k, j, i = np.indices(size[::-1])
    where = np.stack([i, j, k], -1) @ to_ras[:3, :3].T + to_ras[:3, 3]
    mask = depth_in_a_ball((0.8, 0.0, 0.0), where=where) >= 0
    snapped = snap_to_frames(mask, to_ras, ball_sweep, ROUND).mask_kji
    surface = points_of(surface_for_views(snapped, to_ras))
    assert np.abs(np.linalg.norm(surface - CENTRE, axis=1) - RADIUS).mean() < 0.25


def test_a_mask_at_the_edge_of_its_volume_is_moved_within_it(ball_sweep):
    mask = mask_of_a_ball(radius=RADIUS - 1)[:40]
    snapped = snap_to_frames(mask, GRID, ball_sweep, ROUND).mask_kji
    assert snapped.shape == mask.shape
    middle = slice(10, 36)
    wrong = (snapped != mask_of_a_ball()[:40])[middle]
    assert wrong.sum() < 0.25 * (mask != mask_of_a_ball()[:40])[middle].sum()


def test_figures_tell_pixels_and_mm_of_every_frame(ball_sweep):
    figures = compare_with_frames(mask_of_a_ball(radius=RADIUS + 1), GRID, ball_sweep, [0, 5, 9])
    assert [each.view for each in figures] == [0, 5, 9]
    for each in figures:
        assert each.found > 0.95
        # Edges of a round solid are found 0.8 pixels of 0.64 mm inside of it.
        assert each.bias_mm == pytest.approx(-1.0 - 0.8 * 0.64, abs=0.15)
        assert each.mean_mm / each.mean_px == pytest.approx(0.64, abs=0.03)


def test_frames_are_chosen_evenly_and_never_twice():
    assert chosen_views(9, 5) == [0, 2, 4, 6, 8]
    assert chosen_views(3, 24) == [0, 1, 2]


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.zeros((62, 62, 62), bool), "The segment is empty"),
        (mask_of_a_ball(radius=7.0), "No frame has an edge beside"),
    ],
)
def test_what_cannot_be_snapped_is_told_in_a_sentence(ball_sweep, mask, words):
    with pytest.raises(FluoroPrintError, match=words):
        snap_to_frames(mask, GRID, ball_sweep, ROUND)


def test_a_segment_beside_the_frames_is_refused(ball_sweep):
    beside = GRID.copy()
    beside[2, 3] += 150
    with pytest.raises(FluoroPrintError, match="outside of frame 1"):
        snap_to_frames(mask_of_a_ball(), beside, ball_sweep, ROUND)


def test_one_frame_that_does_not_show_the_segment_stops_nothing(ball_sweep):
    away = ball_sweep.geometry.ras_to_pixel.copy()
    away[3, 0] += 500 * away[3, 2]
    moved = Sweep(ball_sweep.frames, 1.0, replace(ball_sweep.geometry, ras_to_pixel=away))
    snapped = snap_to_frames(mask_of_a_ball(radius=RADIUS + 1), GRID, moved, ROUND)
    assert snapped.before[3].found == 0
    assert distances_mm(snapped.mask_kji).mean() < 0.25


def test_snapping_can_be_cancelled(ball_sweep):
    def cancel(fraction, _message):
        if fraction > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        snap_to_frames(mask_of_a_ball(), GRID, ball_sweep, ROUND, cancel)


def test_the_method_snaps_each_segment_and_equals_the_function(ball_sweep):
    mask = mask_of_a_ball(radius=RADIUS + 1)
    labels = mask * np.uint8(7)
    volume = Volume(np.zeros(mask.shape, np.float32), GRID)
    given = Segmentation(volume.with_array(labels), (Segment("Head", 7, (1.0, 0.0, 0.0)),))
    found = find_by(
        method_named("reproject-snap"), volume, ROUND, Hints(segmentation=given, sweep=ball_sweep)
    )
    expected = snap_to_frames(mask, GRID, ball_sweep, ROUND)
    np.testing.assert_array_equal(found.segmentation.labelmap.array_kji, expected.mask_kji * np.uint8(7))
    assert found.segmentation.segments == given.segments
    assert found.note == f"Head: {expected.note}"
    hints = Hints(segmentation=replace(given, segments=()), sweep=ball_sweep)
    with pytest.raises(FluoroPrintError, match="no segments"):
        find_by(method_named("reproject-snap"), volume, ROUND, hints)


def test_labels_are_read_where_the_other_grid_lies():
    grid = GRID.copy()
    grid[:3, 3] += GRID[:3, :3] @ [4, 5, 6]
    labelmap = Volume(mask_of_a_ball().astype(np.uint8), GRID)
    cut = labels_on_grid(labelmap, Volume(np.zeros((50, 40, 30), np.uint8), grid))
    np.testing.assert_array_equal(cut, labelmap.array_kji[6:56, 5:45, 4:34])


def test_values_on_a_surface_are_spread_to_their_neighbours_and_fade_far_away():
    side = 60
    row, column = np.indices((side, side))
    points = np.stack([column.ravel(), row.ravel(), np.zeros(side * side)], 1).astype(float)
    corner = (row * side + column)[:-1, :-1].ravel()
    triangles = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + side], 1),
            np.stack([corner + 1, corner + side + 1, corner + side], 1),
        ]
    )
    known = points[points[:, 0] < 20]
    values = np.full(len(known), 2.0)
    values[7] = 50.0
    spread = spread_over_surface(points, triangles, known, values, 2.0, 0.5).reshape(side, side)
    assert spread[40, 2:18] == pytest.approx(2.0, abs=0.1)
    assert 0.5 < spread[40, 24] < 2.0
    assert abs(spread[40, -1]) < 0.4
    assert np.abs(spread).max() < 4.0

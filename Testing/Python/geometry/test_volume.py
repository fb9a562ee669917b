"""The grid of a volume: order, centre, spacing."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at, transformed


@pytest.mark.parametrize("size_ijk", [(1, 1, 1), (4, 6, 8), (5, 4, 3)])
def test_a_grid_has_its_middle_at_the_centre_asked_for(size_ijk):
    i, j, k = size_ijk
    volume = Volume(np.zeros((k, j, i)), grid_centred_at((12.0, -7.5, 3.25), size_ijk, 0.4))
    np.testing.assert_allclose(volume.centre_ras, (12.0, -7.5, 3.25), rtol=0, atol=1e-12)
    np.testing.assert_allclose(volume.spacing_mm, 0.4)
    assert volume.size_ijk == size_ijk


def test_a_grid_runs_to_the_left_the_back_and_the_head():
    steps = grid_centred_at((0, 0, 0), (3, 3, 3), 2.0)[:3, :3]
    np.testing.assert_array_equal(steps, np.diag([-2.0, -2.0, 2.0]))


def test_the_first_voxel_is_half_a_size_less_half_a_voxel_from_the_centre():
    first = grid_centred_at((1.0, 2.0, 3.0), (10, 20, 30), 0.5)[:3, 3]
    np.testing.assert_allclose(first, (1 + 2.25, 2 + 4.75, 3 - 7.25), rtol=0, atol=1e-12)


def test_spacing_and_centre_hold_for_an_oblique_grid_of_unequal_edges():
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    matrix = np.eye(4)
    matrix[:3, :3] = turn * [0.5, 1.0, 2.5]
    matrix[:3, 3] = (5, 6, 7)
    volume = Volume(np.zeros((3, 5, 7)), matrix)
    np.testing.assert_allclose(volume.spacing_mm, (0.5, 1.0, 2.5))
    corners = [(matrix @ (i, j, k, 1))[:3] for i in (0, 6) for j in (0, 4) for k in (0, 2)]
    np.testing.assert_allclose(volume.centre_ras, np.mean(corners, 0))


def test_other_values_take_the_same_place_and_must_have_the_same_shape():
    volume = Volume(np.zeros((2, 3, 4)), grid_centred_at((0, 0, 0), (4, 3, 2), 1.0))
    ones = np.ones((2, 3, 4))
    assert volume.with_array(ones).array_kji is ones
    np.testing.assert_array_equal(volume.with_array(ones).ijk_to_ras, volume.ijk_to_ras)
    with pytest.raises(ValueError, match=r"\(4, 3, 2\).*\(2, 3, 4\)"):
        volume.with_array(np.ones((4, 3, 2)))


def test_points_are_turned_scaled_and_moved_whatever_they_are_held_in():
    matrix = np.array([[0, -2.0, 0, 5], [2.0, 0, 0, 6], [0, 0, 3.0, 7], [0, 0, 0, 1]])
    np.testing.assert_array_equal(transformed([(1, 2, 3)], matrix), [[1, 8, 16]])
    np.testing.assert_array_equal(transformed(np.ones((2, 4, 3), np.float32), matrix)[1, 2], [3, 8, 10])
    assert Volume(np.zeros((1, 1, 1)), matrix).voxel_mm3 == pytest.approx(12)

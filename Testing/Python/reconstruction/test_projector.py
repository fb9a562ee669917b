"""The projector against chords, and the pair against each other."""

from __future__ import annotations

import numpy as np
import pytest
from balls import Ball, arc, chords, distances_mm, wobbling
from FluoroPrintLib.errors import Cancelled
from FluoroPrintLib.geometry.sweep import SweepGeometry
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.progress import Progress
from FluoroPrintLib.reconstruction.projector import back_project, project

ADJOINT_TO = 1e-5
ENGINES_AGREE = 2e-5
VIEWS = np.linspace(-100, 100, 9)


def voxelised(ball: Ball, size_ijk: tuple[int, int, int], voxel_mm: float, centre_ras=(0, 0, 0)) -> Volume:
    """A ball with a soft edge: each voxel holds about the share of it that is inside."""
    grid = Volume(np.zeros(size_ijk[::-1], np.float32), grid_centred_at(centre_ras, size_ijk, voxel_mm))
    inside = np.clip((ball.radius_mm - distances_mm(grid, ball.centre_ras)) / voxel_mm + 0.5, 0, 1)
    return grid.with_array((ball.per_mm * inside).astype(np.float32))


def project_for(volume: Volume, geometry: SweepGeometry, progress: Progress) -> None:
    project(volume, geometry, progress=progress)


def back_project_for(volume: Volume, geometry: SweepGeometry, progress: Progress) -> None:
    frames = np.zeros((geometry.count, geometry.rows, geometry.columns), np.float32)
    back_project(frames, geometry, volume, progress=progress)


def test_a_ball_casts_the_shadow_of_its_chords(engine_name):
    ball = Ball((6.0, -7.0, 3.0), 20.0, 0.02)
    geometry = wobbling(arc(VIEWS, 12.0), 5.0)
    seen = project(voxelised(ball, (58, 58, 50), 1.0), geometry, engine_name)
    expected = chords(geometry, [ball], samples=1)
    deep = expected > 0.5
    assert deep.sum() > 1000
    np.testing.assert_allclose(seen[deep], expected[deep], rtol=0.02)
    assert seen.sum() == pytest.approx(expected.sum(), rel=2e-3)
    assert seen[expected == 0].max() < 0.15


def test_the_shadow_of_a_small_ball_lies_where_its_centre_projects(engine_name):
    ball = Ball((14.0, 8.0, -11.0), 5.0, 0.05)
    geometry = wobbling(arc(VIEWS, 15.0), 8.0)
    seen = project(voxelised(ball, (50, 46, 42), 1.0, (2.0, 1.0, -1.0)), geometry, engine_name).astype(float)
    row, column = np.mgrid[: geometry.rows, : geometry.columns]
    mass = seen.sum((1, 2))
    found = np.stack([(seen * column).sum((1, 2)), (seen * row).sum((1, 2))], -1) / mass[:, None]
    ray = geometry.ras_to_pixel @ [*ball.centre_ras, 1.0]
    np.testing.assert_allclose(found, ray[:, :2] / ray[:, 2:], rtol=0, atol=0.05)


@pytest.mark.parametrize("spacing", [(1.5, 1.5, 1.5), (1.0, 1.4, 2.2)])
def test_projecting_and_back_projecting_have_the_same_products(engine_name, spacing):
    rng = np.random.default_rng(4)
    matrix = np.diag([-spacing[0], spacing[1], spacing[2], 1.0])
    matrix[:3, 3] = (12.0, -15.0, -14.0)
    matrix[0, 1] = 0.3
    volume = Volume(rng.uniform(0, 1, (13, 17, 19)).astype(np.float32), matrix)
    geometry = wobbling(arc(VIEWS, 10.0, rows=24, columns=30), 5.0)
    frames = rng.uniform(0, 1, (9, 24, 30)).astype(np.float32)
    there = np.vdot(project(volume, geometry, engine_name).astype(float), frames)
    back = np.vdot(volume.array_kji.astype(float), back_project(frames, geometry, volume, engine_name))
    assert there == pytest.approx(back, rel=ADJOINT_TO)


def test_both_engines_project_and_back_project_alike():
    pytest.importorskip("numba")
    volume = voxelised(Ball((3.0, 2.0, 1.0), 12.0, 0.02), (32, 30, 28), 1.2)
    geometry = wobbling(arc(VIEWS, 10.0), 5.0)
    frames = np.random.default_rng(6).uniform(0, 1, (9, geometry.rows, geometry.columns)).astype(np.float32)
    for plain, fast in (
        [project(volume, geometry, name) for name in ("numpy", "numba")],
        [back_project(frames, geometry, volume, name) for name in ("numpy", "numba")],
    ):
        np.testing.assert_allclose(fast, plain, rtol=0, atol=ENGINES_AGREE * plain.max())


def test_a_voxel_outside_of_every_frame_casts_no_shadow_and_gets_none(engine_name):
    grid = Volume(np.ones((3, 3, 3), np.float32), grid_centred_at((0, 0, 200.0), (3, 3, 3), 1.0))
    geometry = arc(VIEWS)
    assert project(grid, geometry, engine_name).max() == 0
    frames = np.ones((9, geometry.rows, geometry.columns), np.float32)
    assert back_project(frames, geometry, grid, engine_name).max() == 0


@pytest.mark.parametrize("run", [project_for, back_project_for])
def test_the_user_can_stop_either_direction(run):
    def stop(fraction: float, message: str) -> None:
        assert 0 <= fraction <= 1
        raise Cancelled(message)

    with pytest.raises(Cancelled, match="view 1 of 9"):
        run(voxelised(Ball((0, 0, 0), 3.0, 0.02), (8, 8, 8), 1.0), arc(VIEWS), stop)

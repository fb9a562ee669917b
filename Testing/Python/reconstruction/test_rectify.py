"""Virtual panels: the way over them ends on the pixel, and on the plane, that the straight way ends on."""

from __future__ import annotations

import numpy as np
import pytest
from balls import arc, wobbling
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.sweep import SweepGeometry
from FluoroPrintLib.geometry.volume import grid_centred_at
from FluoroPrintLib.reconstruction.rectify import Rectification, rectify

SIZE_IJK = (14, 11, 9)
ARC = np.linspace(-100, 95, 24)


def oblique_grid(seed: int) -> np.ndarray:
    """A grid of unequal edges, turned by up to 20 degrees about any axis, off the isocentre."""
    rng = np.random.default_rng(seed)
    skew = np.zeros((3, 3))
    skew[np.triu_indices(3, 1)] = rng.uniform(-0.2, 0.2, 3)
    turn, _ = np.linalg.qr(np.eye(3) + skew - skew.T)
    turn *= np.sign(np.diag(turn))
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ np.diag([-4.0, 5.5, 7.0])
    matrix[:3, 3] = rng.uniform(-10, 10, 3) - matrix[:3, :3] @ ((np.array(SIZE_IJK) - 1) / 2)
    return matrix


CASES = {
    "straight": (arc(ARC), grid_centred_at((0, 0, 0), SIZE_IJK, 5.0)),
    "tilted": (arc(ARC, 15.0), grid_centred_at((5, -8, 3), SIZE_IJK, 5.0)),
    "steeply tilted": (arc(ARC, -40.0), grid_centred_at((0, 0, 0), SIZE_IJK, 5.0)),
    "oblique grid": (arc(ARC), oblique_grid(1)),
    "oblique grid, tilted and wobbling arm": (wobbling(arc(ARC, 10.0), 8.0), oblique_grid(2)),
    "panel off its middle": (arc(ARC, principal_point=(10.0, 60.0)), oblique_grid(3)),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[SweepGeometry, np.ndarray, tuple[Rectification, ...]]:
    geometry, ijk_to_ras = CASES[request.param]
    return geometry, ijk_to_ras, rectify(geometry, ijk_to_ras, SIZE_IJK, 0.5)


def voxels(group: Rectification, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random voxels: plane, place along the other axis, k; and their ijk."""
    rng = np.random.default_rng(seed)
    ijk = np.stack([rng.integers(0, n, 200) for n in SIZE_IJK], -1)
    return ijk[:, group.axis], ijk[:, 1 - group.axis], ijk


def on_virtual_panel(
    group: Rectification, view: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(a, b, 1) of random voxels on the virtual panel of a view, their magnification, and their ijk."""
    plane, other, ijk = voxels(group, seed)
    magnification, offset_a, step_a, offset_b, step_b = group.plane_to_virtual[plane, view].T
    places = np.stack([offset_a + step_a * other, offset_b + step_b * ijk[:, 2], np.ones(len(ijk))])
    return places, magnification, ijk


def test_every_view_is_in_one_group_and_has_its_planes_across_its_central_ray(case):
    geometry, ijk_to_ras, groups = case
    np.testing.assert_array_equal(
        np.sort(np.concatenate([g.views for g in groups])), np.arange(geometry.count)
    )
    to_ijk = np.linalg.inv(ijk_to_ras)
    for group in groups:
        rays = (geometry.sources_ras[group.views] - (ijk_to_ras @ [6.5, 5, 4, 1])[:3]) @ to_ijk[:3, :3].T
        assert (np.abs(rays[:, group.axis]) >= np.abs(rays[:, 1 - group.axis]) - 1e-9).all()


def test_a_voxel_falls_on_the_same_pixel_over_the_virtual_panel_as_straight(case):
    geometry, ijk_to_ras, groups = case
    for group in groups:
        for v, view in enumerate(group.views):
            places, magnification, ijk = on_virtual_panel(group, v, view)
            over = group.virtual_to_pixel[v] @ places
            straight = geometry.ras_to_pixel[view] @ ijk_to_ras @ np.vstack([ijk.T, np.ones(len(ijk))])
            np.testing.assert_allclose(over[:2] / over[2], straight[:2] / straight[2], rtol=0, atol=1e-8)
            np.testing.assert_allclose(over[2] / magnification, straight[2], rtol=1e-10)


def test_the_ray_of_a_virtual_pixel_runs_from_each_plane_to_the_next(case):
    geometry, ijk_to_ras, groups = case
    for group in groups:
        for v, view in enumerate(group.views):
            places, _, ijk = on_virtual_panel(group, v, view)
            rays = (group.virtual_to_ray[v] @ places).T
            to_source = geometry.sources_ras[view] - (ijk @ ijk_to_ras[:3, :3].T + ijk_to_ras[:3, 3])
            np.testing.assert_allclose(np.cross(rays, to_source), 0, atol=1e-6)
            planes_crossed = (np.linalg.inv(ijk_to_ras[:3, :3]) @ rays.T)[group.axis]
            np.testing.assert_allclose(np.abs(planes_crossed), 1.0, rtol=1e-9)


def test_the_virtual_panel_holds_every_voxel_that_the_frame_shows(case):
    geometry, _, groups = case
    for group in groups:
        for v, view in enumerate(group.views):
            places, _, _ = on_virtual_panel(group, v, view)
            column, row, depth = group.virtual_to_pixel[v] @ places
            shown = (column >= 0) & (column <= (geometry.columns - 1) * depth)
            shown &= (row >= 0) & (row <= (geometry.rows - 1) * depth)
            a, b = places[0, shown], places[1, shown]
            assert (a >= 0).all()
            assert (b >= 0).all()
            assert (a <= group.shape[0] - 1).all()
            assert (b <= group.shape[1] - 1).all()


def test_the_pitch_is_no_finer_than_asked_for():
    grid = grid_centred_at((0, 0, 0), (20, 20, 20), 4.0)
    fine, coarse = (rectify(arc(ARC), grid, (20, 20, 20), pitch) for pitch in (0.0, 1.0))
    for group, other in zip(fine, coarse, strict=True):
        middle = group.plane_to_virtual[10, :, 2] / group.plane_to_virtual[10, :, 0]
        held = other.plane_to_virtual[10, :, 2] / other.plane_to_virtual[10, :, 0]
        np.testing.assert_allclose(1 / held, 1.0, rtol=1e-9)
        assert (1 / middle < 0.5).all(), "a pixel is 1.6 mm at the isocentre, a voxel 4 mm"


def test_a_chunk_holds_the_views_asked_for():
    group = rectify(arc(ARC), grid_centred_at((0, 0, 0), SIZE_IJK, 5.0), SIZE_IJK)[0]
    part = group.chunk(2, 5)
    np.testing.assert_array_equal(part.views, group.views[2:5])
    np.testing.assert_array_equal(part.plane_to_virtual, group.plane_to_virtual[:, 2:5])
    np.testing.assert_array_equal(part.virtual_to_pixel, group.virtual_to_pixel[2:5])
    np.testing.assert_array_equal(part.virtual_to_ray, group.virtual_to_ray[2:5])


def test_a_view_along_the_long_axis_is_refused_by_its_frame():
    geometry = arc(np.zeros(4))
    steep = arc(np.zeros(1), 85.0)
    matrices = np.concatenate([geometry.ras_to_pixel[:2], steep.ras_to_pixel, geometry.ras_to_pixel[3:]])
    geometry = SweepGeometry(matrices, geometry.rows, geometry.columns)
    with pytest.raises(FluoroPrintError, match="Frame 3 looks along the long axis"):
        rectify(geometry, grid_centred_at((0, 0, 0), SIZE_IJK, 5.0), SIZE_IJK)

"""Silhouettes against closed forms: a ball's ellipse, a mask's projection by the projector."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of
from FluoroPrintLib.mesh.surface import surface_of_mask
from FluoroPrintLib.reconstruction.projector import project
from FluoroPrintLib.registration.silhouette import SurfaceContours, layers, silhouette
from scipy import ndimage
from solids import VIEWS, ball, c_arm, ellipse, signed_distance_px, together

CENTRE, RADIUS = (21.0, -14.0, 9.0), 40.0


def pixel_grid(shape: tuple[int, int]) -> np.ndarray:
    row, column = np.indices(shape)
    return np.stack([column, row], -1).astype(float)


@pytest.mark.parametrize("view", range(len(VIEWS)))
def test_a_ball_has_the_outline_and_the_shadow_of_its_ellipse(view: int) -> None:
    geometry = c_arm()
    seen = silhouette(ball(CENTRE, RADIUS), geometry, view)
    conic = ellipse(geometry.ras_to_pixel[view], CENTRE, RADIUS)
    assert seen.is_outline.all()
    assert np.abs(signed_distance_px(conic, seen.segments_px)).max() < 0.03
    distance = signed_distance_px(conic, pixel_grid(seen.shadow.shape))
    assert seen.shadow[distance < -0.03].all()
    assert not seen.shadow[distance > 0.03].any()


def test_the_surface_lies_at_the_right_of_its_outline() -> None:
    """Seen with rows downwards, as the frame is shown."""
    seen = silhouette(ball(CENTRE, RADIUS), c_arm(), 1)
    along = seen.segments_px[:, 1] - seen.segments_px[:, 0]
    long = np.linalg.norm(along, axis=1) > 0.5
    to_middle = seen.segments_px.mean((0, 1)) - seen.segments_px[:, 0]
    left = along[:, 1] * to_middle[:, 0] - along[:, 0] * to_middle[:, 1]
    assert (left[long] < 0).all()


def test_the_outline_is_one_closed_line() -> None:
    seen = silhouette(ball(CENTRE, RADIUS), c_arm(), 1)
    starts, ends = (np.round(seen.segments_px[:, n], 9) for n in (0, 1))
    assert sorted(map(tuple, starts)) == sorted(map(tuple, ends))


def test_the_pieces_lie_on_the_surface_where_they_are_seen() -> None:
    geometry = c_arm()
    seen = silhouette(ball(CENTRE, RADIUS), geometry, 2)
    homogeneous = np.concatenate([seen.edges_ras, np.ones((*seen.edges_ras.shape[:2], 1))], -1)
    pixels = homogeneous @ geometry.ras_to_pixel[2].T
    np.testing.assert_allclose(pixels[..., :2] / pixels[..., 2:], seen.segments_px)
    np.testing.assert_allclose(np.linalg.norm(seen.edges_ras - CENTRE, axis=-1), RADIUS, atol=1e-3)


@pytest.mark.parametrize("view", range(len(VIEWS)))
def test_the_shadow_of_a_mesh_is_the_projection_of_its_voxels_within_a_pixel(view: int) -> None:
    """An outside judge: the projector, which knows nothing of meshes. A ring with a hole, and a lump."""
    k, j, i = np.indices((70, 80, 90)) - np.array([35, 40, 45])[:, None, None, None]
    ring = (np.hypot(i, k) - 25) ** 2 + j**2 < 7**2
    lump = (i - 20) ** 2 + (j + 22) ** 2 + (k - 10) ** 2 < 12**2
    mask = ring | lump
    matrix = grid_centred_at((0.0, 0.0, 0.0), (90, 80, 70), 1.0)
    geometry = c_arm()
    one = replace(geometry, ras_to_pixel=geometry.ras_to_pixel[view : view + 1])
    integrals = project(Volume(mask.astype(np.float32), matrix), one, "numpy")[0]
    seen = silhouette(surface_of_mask(mask, matrix), geometry, view)
    near = np.ones((3, 3), bool)
    assert not (seen.shadow & ~ndimage.binary_dilation(integrals > 0.3, near)).any()
    assert not ((integrals > 0.3) & ~ndimage.binary_dilation(seen.shadow, near)).any()
    agree = np.count_nonzero(seen.shadow & (integrals > 0.3))
    either = np.count_nonzero(seen.shadow | (integrals > 0.3))
    assert agree > 0.85 * either


def test_a_hole_has_an_outline_of_its_own() -> None:
    k, j, i = np.indices((70, 30, 70)) - np.array([35, 15, 35])[:, None, None, None]
    mask = (np.hypot(i, k) - 25) ** 2 + j**2 < 7**2
    seen = silhouette(surface_of_mask(mask, grid_centred_at((0.0, 0.0, 0.0), (70, 30, 70), 1.0)), c_arm(), 0)
    middle = np.array([74.5, 59.5])
    distance = np.linalg.norm(seen.segments_px[seen.is_outline].mean(1) - middle, axis=1)
    scale = 1100 / 700 / 2
    assert not seen.shadow[59, 74]
    inner, outer = abs(distance / scale - 18) < 2, abs(distance / scale - 32) < 2.5
    assert (inner | outer).all()
    assert inner.any()
    assert outer.any()


@pytest.mark.parametrize(("height_mm", "is_seen"), [(-90.0, True), (90.0, False)])
def test_a_contour_inside_is_shown_where_nothing_hides_it(height_mm: float, is_seen: bool) -> None:
    """At 0/0 the source is behind the back: a small ball behind (posterior) is nearer to it."""
    surface = together(ball((0.0, 0.0, 0.0), 40.0, 60), ball((3.0, height_mm, 5.0), 10.0, 60))
    seen = silhouette(surface, c_arm(), 0)
    inside = seen.segments_px[~seen.is_outline]
    assert (len(inside) > 20) == is_seen
    if is_seen:
        conic = ellipse(c_arm().ras_to_pixel[0], (3.0, height_mm, 5.0), 10.0)
        assert np.abs(signed_distance_px(conic, inside)).max() < 0.1


def test_a_surface_beyond_the_frame_covers_it_to_the_edge() -> None:
    seen = silhouette(ball((0.0, 0.0, 0.0), 150.0), c_arm(), 0)
    assert seen.shadow.all()


def test_a_surface_turned_inside_out_has_the_same_shadow() -> None:
    surface = ball(CENTRE, RADIUS, 40)
    inside_out = polydata_from(points_of(surface), triangles_of(surface)[:, ::-1])
    straight, turned = (silhouette(each, c_arm(), 1).shadow for each in (surface, inside_out))
    assert np.count_nonzero(straight ^ turned) <= 0.005 * np.count_nonzero(straight)


def test_winding_counts_the_layers() -> None:
    square = np.array([[1.5, 1.5], [6.5, 1.5], [6.5, 6.5], [1.5, 6.5]])
    small = np.array([[3.0, 3.0], [5.0, 3.0], [5.0, 5.0], [3.0, 5.0]])
    segments = np.concatenate([np.stack([p, np.roll(p, -1, 0)], 1) for p in (square, small)])
    winding = np.abs(layers(segments, (9, 9)))
    expected = np.zeros((9, 9), int)
    expected[2:7, 2:7] = 1
    # Corners on pixel centres: half of the small square's border counts as inside.
    assert winding[4, 4] == 2
    assert np.count_nonzero(winding) == np.count_nonzero(expected)
    assert winding.sum() == 25 + 4


def test_what_cannot_be_projected_is_refused() -> None:
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    with pytest.raises(FluoroPrintError, match="no triangles"):
        silhouette(vtkPolyData(), c_arm(), 0)
    with pytest.raises(FluoroPrintError, match="no frame 9"):
        silhouette(ball(CENTRE, RADIUS, 20), c_arm(), 8)
    with pytest.raises(FluoroPrintError, match="behind the X-ray source"):
        silhouette(ball((0.0, -700.0, 0.0), RADIUS, 20), c_arm(), 0)


def test_a_moved_surface_is_seen_where_it_was_moved_to():
    turned = np.eye(4)
    turned[:3, :3] = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
    turned[:3, 3] = [5.0, -8.0, 3.0]
    surface = together(ball((20.0, 0.0, 0.0), 30.0, 40), ball((-15.0, -25.0, 5.0), 12.0, 40))
    moved = polydata_from(points_of(surface) @ turned[:3, :3].T + turned[:3, 3], triangles_of(surface))
    here = SurfaceContours(moved).silhouette(c_arm(), 1)
    there = SurfaceContours(surface).silhouette(c_arm(), 1, turned)
    assert len(here.segments_px) == len(there.segments_px)
    np.testing.assert_allclose(there.segments_px.mean((0, 1)), here.segments_px.mean((0, 1)), atol=1e-4)
    np.testing.assert_allclose(there.edges_ras.mean((0, 1)), here.edges_ras.mean((0, 1)), atol=1e-4)
    assert np.count_nonzero(here.shadow ^ there.shadow) <= 2


def test_the_outline_alone_is_the_silhouettes_outline():
    contours = SurfaceContours(together(ball((0.0, 0.0, 0.0), 40.0, 60), ball((3.0, -90.0, 5.0), 10.0, 60)))
    whole, outline = contours.silhouette(c_arm(), 0), contours.outline(c_arm(), 0)
    assert outline.is_outline.all()
    np.testing.assert_array_equal(outline.segments_px, whole.segments_px[whole.is_outline])
    np.testing.assert_array_equal(outline.edges_ras, whole.edges_ras[whole.is_outline])
    np.testing.assert_array_equal(outline.shadow, whole.shadow)


def test_the_search_for_visible_contours_can_be_cancelled():
    def cancel(fraction: float, message: str) -> None:
        raise Cancelled

    contours = SurfaceContours(together(ball((0.0, 0.0, 0.0), 40.0, 60), ball((3.0, -90.0, 5.0), 10.0, 60)))
    with pytest.raises(Cancelled):
        contours.silhouette(c_arm(), 0, progress=cancel)

"""The hull of outlines in frames, against cones and cylinders of known volume."""

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.files.outlines import read_outlines, write_outlines
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.registration.silhouette import project_points
from FluoroPrintLib.segmentation.hull import HullParameters, Region, find_hull, hull_of_outlines
from FluoroPrintLib.segmentation.methods import Hints, find_by, method_named
from FluoroPrintLib.segmentation.outlines import Outline

CENTRE, RADIUS = np.array([4.0, -3.0, 6.0]), 15.0
ROWS, COLUMNS = 90, 100


def views_at(angles_deg, sod_mm=700.0):
    angles = np.asarray(angles_deg, float)
    return geometry_from_angles(
        angles,
        np.zeros(len(angles)),
        sid_mm=1.5 * sod_mm,
        sod_mm=sod_mm,
        pixel_mm=(1.0, 1.0),
        rows=ROWS,
        columns=COLUMNS,
    )


def ball_outline(geometry, view, corners=720, radius=RADIUS):
    """Where the rays that touch the ball meet the panel; they touch it along a circle before its middle."""
    source = geometry.sources_ras[view]
    axis, distance = CENTRE - source, np.linalg.norm(CENTRE - source)
    axis = axis / distance
    across = np.cross(axis, [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across)
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)[:, None]
    ring = np.cos(turn) * across + np.sin(turn) * np.cross(axis, across)
    # The polygon is drawn about the circle, not within it, so that it cuts nothing off.
    wide = radius * np.sqrt(1 - (radius / distance) ** 2) / np.cos(np.pi / corners)
    points = CENTRE - radius**2 / distance * axis + wide * ring
    return Outline(view, project_points(geometry.ras_to_pixel[view], points))


def grid_about(centre=CENTRE, size=(60, 60, 60), voxel_mm=0.7):
    return Volume(np.zeros(size[::-1], np.uint8), grid_centred_at(centre, size, voxel_mm))


def places(grid):
    k, j, i = np.indices(grid.array_kji.shape)
    return np.stack([i, j, k], -1) @ grid.ijk_to_ras[:3, :3].T + grid.ijk_to_ras[:3, 3]


def in_cone(grid, source):
    """Inside of the cone from the source about the ball: a closed form without panel or outline."""
    towards, rays = CENTRE - source, places(grid) - source
    cosine = rays @ towards / np.linalg.norm(rays, axis=-1) / np.linalg.norm(towards)
    return cosine >= np.sqrt(1 - (RADIUS / np.linalg.norm(towards)) ** 2)


def oblique(grid):
    """The same place with voxels of 0.5 x 0.8 x 1.1 mm on a turned, left-handed grid."""
    turn = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    to_ras = np.eye(4)
    to_ras[:3, :3] = turn @ np.diag([-0.5, 0.8, 1.1])
    size = np.array([70, 44, 32])
    to_ras[:3, 3] = CENTRE - to_ras[:3, :3] @ ((size - 1) / 2)
    return Volume(np.zeros(size[::-1], np.uint8), to_ras)


@pytest.mark.parametrize("make", [lambda grid: grid, oblique], ids=["straight", "oblique"])
def test_the_hull_is_the_intersection_of_the_cones(make):
    geometry = views_at([0.0, 50.0, 110.0])
    grid = make(grid_about())
    hull = hull_of_outlines([ball_outline(geometry, view) for view in range(3)], geometry, grid)
    expected = np.all([in_cone(grid, source) for source in geometry.sources_ras], 0)
    assert expected.sum() > 10000
    assert np.count_nonzero(hull != expected) < 3e-4 * expected.sum()
    assert hull[np.linalg.norm(places(grid) - CENTRE, axis=-1) <= RADIUS].all()


def test_two_distant_views_at_right_angles_give_two_crossed_cylinders():
    """The solid of Steinmetz, 16/3 r^3, as the cones become cylinders."""
    geometry = views_at([0.0, 90.0], sod_mm=20000.0)
    hull = hull_of_outlines([ball_outline(geometry, view) for view in (0, 1)], geometry, grid_about())
    assert hull.sum() * 0.7**3 == pytest.approx(16 / 3 * RADIUS**3, rel=0.01)


def test_more_views_bring_the_hull_nearer_to_the_ball_and_never_below_it():
    """N distant views about an axis leave, of a ball, what N slabs leave of each of its slices: a polygon."""
    ball_mm3 = 4 / 3 * np.pi * RADIUS**3
    for count in (3, 6):
        geometry = views_at(np.arange(count) * 180.0 / count, sod_mm=20000.0)
        outlines = [ball_outline(geometry, view) for view in range(count)]
        hull_mm3 = hull_of_outlines(outlines, geometry, grid_about()).sum() * 0.7**3
        sides = 2 * count  # each slice is a regular polygon of 2 N sides about the circle
        polygon = sides * np.tan(np.pi / sides) / np.pi
        assert hull_mm3 == pytest.approx(ball_mm3 * polygon, rel=0.01)


def test_a_frame_that_does_not_see_a_voxel_does_not_cut_it_away():
    """The other frame looks along the row of voxels, and has all of them inside."""
    geometry = views_at([0.0, 90.0])
    width_mm = COLUMNS / 1.5
    grid = Volume(np.zeros((3, 3, 301), np.uint8), grid_centred_at((0, 0, 0), (301, 3, 3), 0.5))
    hull = hull_of_outlines([ball_outline(geometry, view) for view in (0, 1)], geometry, grid)
    x = np.abs(places(grid)[1, 1, :, 0])
    assert hull[1, 1, x > width_mm / 2 + 1].all()
    assert not hull[1, 1, (x > 22) & (x < width_mm / 2 - 1)].any()


def test_what_no_outlined_frame_sees_is_not_in_the_hull():
    geometry = views_at([0.0])
    for place in (geometry.sources_ras[0] * 1.2, np.array([100.0, 0.0, 0.0])):
        grid = grid_about(centre=place, size=(5, 5, 5))
        assert not hull_of_outlines([ball_outline(geometry, 0)], geometry, grid).any()


def test_an_outline_within_another_is_a_hole_and_one_beside_it_another_piece():
    square = np.array([[10.0, 10.0], [30.0, 10.0], [30.0, 30.0], [10.0, 30.0]])
    region = Region([square, (square - 20) / 2 + 20, square + [40, 0]], (60, 90))
    asked = np.array([[11.0, 20], [20, 20], [60, 20], [40, 20], [10.01, 29.99], [9.99, 20], [14.9, 20]])
    assert region.holds(asked).tolist() == [True, False, True, False, True, False, True]
    assert region.mask.sum() == 2 * 400 - 100


def test_between_pixels_the_outline_is_exact():
    rng = np.random.default_rng(0)
    turn = np.sort(rng.uniform(0, 2 * np.pi, 40))
    star = 25 + np.stack([np.cos(turn), np.sin(turn)], 1) * rng.uniform(2, 20, (40, 1))
    asked = rng.uniform(0, 49, (4000, 2))
    start, end = star, np.roll(star, -1, 0)
    with np.errstate(divide="ignore"):
        at = start[:, 0] + (asked[:, 1:] - start[:, 1]) / (end - start)[:, 1] * (end - start)[:, 0]
    crossed = ((start[:, 1] > asked[:, 1:]) != (end[:, 1] > asked[:, 1:])) & (asked[:, :1] > at)
    np.testing.assert_array_equal(Region([star], (50, 50)).holds(asked), crossed.sum(1) % 2 == 1)


def test_one_poor_outline_is_forgiven_where_that_is_allowed():
    geometry = views_at([0.0, 50.0, 110.0])
    good = [ball_outline(geometry, view) for view in range(3)]
    poor = [*good[:2], Outline(2, good[2].polygon_px + [12.0, 0.0])]
    grid = grid_about()
    ball = np.linalg.norm(places(grid) - CENTRE, axis=-1) <= RADIUS
    assert not hull_of_outlines(poor, geometry, grid)[ball].all()
    assert hull_of_outlines(poor, geometry, grid, outside_allowed=1)[ball].all()


def test_the_method_keeps_what_is_bright_enough_and_equals_the_function():
    geometry = views_at([0.0, 90.0])
    sweep = Sweep(np.zeros((2, ROWS, COLUMNS), np.float32), 1.0, geometry)
    outlines = tuple(ball_outline(geometry, view) for view in range(2))
    grid = grid_about()
    bright = np.where(places(grid)[..., 2] > CENTRE[2], 500.0, 0.0).astype(np.float32)
    volume = grid.with_array(bright)
    wanted = HullParameters(lower_hu=250.0)
    hull = find_hull(volume, outlines, sweep, wanted)
    whole = find_hull(volume, outlines, sweep)
    np.testing.assert_array_equal(hull, whole & (bright > 250))
    found = find_by(method_named("frames-hull"), volume, wanted, Hints(sweep=sweep, outlines=outlines))
    np.testing.assert_array_equal(found.segmentation.labelmap.array_kji > 0, hull)
    assert found.note == f"Hull of the outlines in 2 frames: {hull.sum() * 0.7**3 / 1000:.1f} ml."


@pytest.mark.parametrize(
    ("outlines", "words"),
    [
        ([], "There are no outlines"),
        ([Outline(7, np.zeros((3, 2)))], "An outline is of frame 8, but the sweep has 2"),
        ([Outline(0, np.zeros((2, 2)))], "An outline of frame 1 has no area"),
        ([Outline(0, np.full((4, 2), np.nan))], "An outline of frame 1 has no area"),
        ([Outline(0, np.array([[0.0, 0], [3, 0], [0, 3]]))], "No voxel of the volume lies within"),
    ],
)
def test_outlines_of_no_use_are_refused_in_a_sentence(outlines, words):
    sweep = Sweep(np.zeros((2, ROWS, COLUMNS), np.float32), 1.0, views_at([0.0, 90.0]))
    with pytest.raises(FluoroPrintError, match=words):
        find_hull(grid_about(size=(20, 20, 20)), outlines, sweep)


def test_nothing_bright_within_the_outlines_is_told():
    geometry = views_at([0.0, 90.0])
    sweep = Sweep(np.zeros((2, ROWS, COLUMNS), np.float32), 1.0, geometry)
    outlines = [ball_outline(geometry, view) for view in range(2)]
    with pytest.raises(FluoroPrintError, match="Nothing within the outlines is above 300 HU"):
        find_hull(grid_about(), outlines, sweep, HullParameters(lower_hu=300.0))


def test_the_hull_can_be_cancelled():
    def cancel(_fraction, _message):
        raise Cancelled

    geometry = views_at([0.0])
    with pytest.raises(Cancelled):
        hull_of_outlines([ball_outline(geometry, 0)], geometry, grid_about(), progress=cancel)


def test_outlines_come_back_from_their_file(tmp_path):
    outlines = [Outline(3, np.array([[1.5, 2.25], [9.0, 2.0], [4.0, 7.125]]))]
    path = tmp_path / "outlines.json"
    write_outlines(path, outlines)
    (read,) = read_outlines(path)
    assert read.view == 3
    np.testing.assert_array_equal(read.polygon_px, outlines[0].polygon_px)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[1]", '[{"frame": 1}]', '[{"frame": 1, "outline_px": [1, 2]}]', "\xff"]
)
def test_a_file_without_outlines_is_refused_in_a_sentence(tmp_path, text):
    path = tmp_path / "outlines.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(FluoroPrintError, match=r"outlines.*: give a list of \{\"frame\": 1"):
        read_outlines(path)

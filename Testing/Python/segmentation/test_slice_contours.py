"""A ball contoured by eight points every fifth slice, filled and filled in between."""

import time

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.files.outlines import read_slice_outlines, write_slice_outlines
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.segmentation.livewire import LiveWire
from FluoroPrintLib.segmentation.methods import Hints, find_by, method_named
from FluoroPrintLib.segmentation.open_contour import OpenContour
from FluoroPrintLib.segmentation.outlines import SliceOutline
from FluoroPrintLib.segmentation.slice_contours import SliceContourParameters, contour_slices, fill_between
from FluoroPrintLib.segmentation.slices import (
    Slice,
    lies_between,
    pixel_size_mm,
    pixels_at,
    points_at,
    slice_in_plane,
    slice_through,
)
from scipy.spatial.transform import Rotation

SIZE, RADIUS = 64, 20.0
MIDDLE = np.array([1.3, -2.1, 0.4])
OBLIQUE = np.eye(4)
OBLIQUE[:3, :3] = Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix()
GRIDS = {
    "cubic": grid_centred_at((0, 0, 0), (SIZE, SIZE, SIZE), 1.0),
    "anisotropic": np.diag([0.8, 1.0, 1.6, 1.0])
    @ np.array([[-1, 0, 0, 31.5], [0, -1, 0, 31.5], [0, 0, 1, -20.0], [0, 0, 0, 1]]),
    "oblique": OBLIQUE @ grid_centred_at((0, 0, 0), (SIZE, SIZE, SIZE), 1.0),
}


def ball(grid, noise=60.0):
    """A ball of 1000 HU in 40 HU, each voxel by the share of it that is covered, and the voxels within."""
    ijk = np.moveaxis(np.indices((SIZE, SIZE, SIZE))[::-1], 0, -1)
    away = np.linalg.norm(ijk @ grid[:3, :3].T + grid[:3, 3] - MIDDLE, axis=-1)
    covered = np.clip(RADIUS - away + 0.5, 0, 1)
    values = 40 + 960 * covered + np.random.default_rng(5).normal(0, noise, covered.shape)
    return Volume(values.astype(np.float32), grid), away <= RADIUS


def ring_ras(volume, where, off_mm=0.8, count=8):
    """Points about the ball in a slice, each a little off its edge, as a hand sets them; None beside it."""
    here = pixels_at(volume, where, MIDDLE[None])[0]
    across = (MIDDLE - points_at(volume, where, here[None])[0]) @ (
        MIDDLE - points_at(volume, where, here[None])[0]
    )
    if across >= RADIUS**2 - 9.0:
        return None
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False) + 0.1
    reach = np.sqrt(RADIUS**2 - across) + off_mm * np.cos(5 * turn)
    pixels = here + np.stack([np.cos(turn), np.sin(turn)], 1) * reach[:, None] / pixel_size_mm(volume, where)
    return points_at(volume, where, pixels)


def outlines_of(volume, axis, step=None, **how):
    """Outlines in every fifth slice (every third of thick ones), and in the last that has one."""
    step = step or (5 if volume.spacing_mm[axis] < 1.1 else 3)
    rings = [ring_ras(volume, Slice(axis, index), **how) for index in range(SIZE)]
    there = [index for index, ring in enumerate(rings) if ring is not None]
    return [SliceOutline(rings[index]) for index in sorted({*there[::step], there[-1]})]


def dice(one, other):
    return 2 * np.count_nonzero(one & other) / (np.count_nonzero(one) + np.count_nonzero(other))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("name", GRIDS)
def test_a_ball_comes_back_from_eight_points_in_every_fifth_slice(name, axis):
    volume, inside = ball(GRIDS[name])
    outlines = outlines_of(volume, axis)
    found = contour_slices(volume, outlines)
    assert 8 <= len(outlines) <= 11
    assert dice(found, inside) > 0.97


def test_following_the_edges_is_nearer_than_straight_lines_between_the_points():
    volume, inside = ball(GRIDS["cubic"])
    outlines = outlines_of(volume, 2, step=1)
    nearness = {
        follow: dice(contour_slices(volume, outlines, SliceContourParameters(follow_edges=follow)), inside)
        for follow in (True, False)
    }
    assert nearness[True] > 0.985
    octagon = 8 * np.sin(np.pi / 4) / 2 / np.pi
    assert nearness[False] == pytest.approx(2 * octagon / (1 + octagon), abs=0.02)


def test_contoured_slices_alone_hold_something_where_none_are_filled_in():
    volume, _ = ball(GRIDS["cubic"])
    outlines = outlines_of(volume, 2)
    found = contour_slices(volume, outlines, SliceContourParameters(fill_between=False))
    numbers = sorted(slice_through(volume, outline.points_ras).index for outline in outlines)
    np.testing.assert_array_equal(np.flatnonzero(found.any((1, 2))), numbers)
    np.testing.assert_array_equal(
        fill_between(found, [Slice(2, n) for n in numbers], volume)[numbers], found[numbers]
    )


def test_an_outline_within_another_one_is_a_hole():
    volume, _ = ball(GRIDS["cubic"])
    where = Slice(2, SIZE // 2)
    square = np.array([[10.2, 10.2], [40.2, 10.2], [40.2, 40.2], [10.2, 40.2]])
    outlines = [SliceOutline(points_at(volume, where, corners)) for corners in (square, square / 2 + 12)]
    found = contour_slices(volume, outlines, SliceContourParameters(follow_edges=False))
    assert np.count_nonzero(found) == 30**2 - 15**2
    assert found[SIZE // 2, 15, 15]
    assert not found[SIZE // 2, 25, 25]


def test_filling_between_replaces_what_was_there_and_leaves_the_rest():
    grid = Volume(np.zeros((11, 20, 20), np.float32), np.eye(4))
    mask = np.zeros((11, 20, 20), bool)
    mask[2, 5:15, 5:15] = mask[8, 5:15, 5:15] = True
    mask[5] = mask[10, :3] = True
    found = fill_between(mask, [Slice(2, 2), Slice(2, 8), Slice(2, 9)], grid)
    expected = np.zeros_like(mask)
    expected[2:9, 5:15, 5:15] = True
    expected[10, :3] = True
    np.testing.assert_array_equal(found, expected)


def test_slices_of_two_directions_are_filled_between_together():
    grid = Volume(np.zeros((12, 12, 12), np.float32), np.eye(4))
    mask = np.zeros((12, 12, 12), bool)
    mask[2, 2:6, 2:6] = mask[6, 2:6, 2:6] = True
    mask[8:11, 8:11, 3] = mask[8:11, 8:11, 7] = True
    contoured = [Slice(2, 2), Slice(2, 6), Slice(0, 3), Slice(0, 7)]
    found = fill_between(mask, contoured, grid)
    expected = np.zeros_like(mask)
    expected[2:7, 2:6, 2:6] = expected[8:11, 8:11, 3:8] = True
    np.testing.assert_array_equal(found, expected)


def test_one_slice_cannot_be_filled_between():
    grid = Volume(np.zeros((5, 5, 5), np.float32), np.eye(4))
    mask = np.ones((5, 5, 5), bool)
    with pytest.raises(FluoroPrintError, match="two slices or more of one direction"):
        fill_between(mask, [Slice(2, 2), Slice(1, 2)], grid)


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("where", [Slice(0, 7), Slice(1, 20), Slice(2, 63)])
def test_a_plane_and_points_tell_their_slice(name, where):
    grid = Volume(np.zeros((SIZE, SIZE, SIZE), np.float32), GRIDS[name])
    pixels = np.array([[3.0, 4.5], [50.0, 6.0], [30.0, 33.0]])
    points = points_at(grid, where, pixels)
    assert slice_through(grid, points) == where
    np.testing.assert_allclose(pixels_at(grid, where, points), pixels, atol=1e-9)
    normal = np.cross(points[1] - points[0], points[2] - points[0])
    assert slice_in_plane(grid, points[2], normal) == where
    assert slice_in_plane(grid, points[0], -3 * normal) == where


def test_a_pixel_of_a_slice_is_the_voxel_of_the_volume():
    array = np.arange(4 * 5 * 6).reshape(4, 5, 6)
    for axis, index in ((0, 5), (1, 4), (2, 3)):
        where, ijk = Slice(axis, index), np.array([1, 2, 3])
        ijk[axis] = index
        column, row = ijk[list(where.spanned)]
        assert where.of(array)[row, column] == array[tuple(ijk[::-1])]


def test_a_slice_lies_between_others_of_its_direction_alone():
    others = {Slice(2, 3), Slice(2, 9), Slice(1, 6)}
    asked = (*others, Slice(2, 2), Slice(2, 4), Slice(2, 10), Slice(1, 5), Slice(0, 5))
    assert [where for where in asked if lies_between(where, others)] == [Slice(2, 4)]
    assert not lies_between(Slice(2, 4), set())


def test_oblique_planes_and_planes_outside_are_told_in_a_sentence():
    grid = Volume(np.zeros((SIZE, SIZE, SIZE), np.float32), GRIDS["oblique"])
    with pytest.raises(FluoroPrintError, match="oblique to the volume: choose"):
        slice_in_plane(grid, np.zeros(3), np.array([0.0, 0.0, 1.0]))
    with pytest.raises(FluoroPrintError, match="outside of the volume"):
        slice_in_plane(grid, 100 * OBLIQUE[:3, 2], OBLIQUE[:3, 2])
    points = points_at(grid, Slice(2, 9), np.array([[3.0, 4.5], [50.0, 6.0], [30.0, 33.0]]))
    with pytest.raises(FluoroPrintError, match="do not lie in one slice"):
        slice_through(grid, points + np.outer([0, 0, 1.5], OBLIQUE[:3, 2]))


@pytest.mark.parametrize(
    ("outlines", "words"),
    [
        ([], "There are no outlines"),
        ([SliceOutline(np.zeros((2, 3)))], "has no area"),
        ([SliceOutline(np.full((3, 3), np.nan))], "has no area"),
        ([SliceOutline(np.array([[0.0, 0, 0], [300, 0, 0], [0, 4, 0]]))], "outside of the image"),
    ],
)
def test_outlines_of_no_use_are_told_in_a_sentence(outlines, words):
    volume, _ = ball(GRIDS["cubic"])
    with pytest.raises(FluoroPrintError, match=words):
        contour_slices(volume, outlines)


def test_a_volume_without_an_edge_is_told_in_a_sentence():
    volume, _ = ball(GRIDS["cubic"])
    outlines = outlines_of(volume, 2)
    with pytest.raises(FluoroPrintError, match="one value everywhere"):
        contour_slices(volume.with_array(np.ones_like(volume.array_kji)), outlines)


def test_the_work_can_be_cancelled():
    volume, _ = ball(GRIDS["cubic"])

    def stop(fraction, _message):
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        contour_slices(volume, outlines_of(volume, 2), None, stop)


def test_the_method_finds_what_the_function_finds():
    volume, _ = ball(GRIDS["oblique"])
    outlines = tuple(outlines_of(volume, 1))
    found = find_by(method_named("slices-contour"), volume, None, Hints(slice_outlines=outlines))
    np.testing.assert_array_equal(found.segmentation.labelmap.array_kji, contour_slices(volume, outlines))
    millilitres = np.count_nonzero(found.segmentation.labelmap.array_kji) / 1000
    assert found.note == f"Contoured in {len(outlines)} slices: {millilitres:.1f} ml."


def test_outlines_come_back_from_a_file(tmp_path):
    volume, _ = ball(GRIDS["oblique"])
    outlines = outlines_of(volume, 0)
    write_slice_outlines(tmp_path / "o.json", outlines)
    for one, other in zip(read_slice_outlines(tmp_path / "o.json"), outlines, strict=True):
        np.testing.assert_allclose(one.points_ras, other.points_ras, atol=1e-4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "holds no outlines"),
        ('[{"outline_ras": [[1, 2]]}]', "cannot be read as outlines in slices"),
        ('[{"frame": 1, "outline_px": [[1, 2]]}]', "cannot be read as outlines in slices"),
        ("no", "cannot be read as outlines in slices"),
        ('{"markups": [{"type": "Fiducial", "controlPoints": []}]}', "holds no outlines"),
        ('{"a": 1}', "is no markups file"),
        (None, "cannot be read as outlines in slices"),
    ],
)
def test_files_of_no_use_are_told_in_a_sentence(tmp_path, text, words):
    if text is not None:
        (tmp_path / "o.json").write_text(text)
    with pytest.raises(FluoroPrintError, match=words):
        read_slice_outlines(tmp_path / "o.json")


def test_ways_computed_beforehand_are_those_asked_for_one_by_one():
    volume, _ = ball(GRIDS["cubic"], 200.0)
    wire = LiveWire(Slice(2, 30).of(volume.array_kji))
    ways = wire.ways_from((12, 31))
    ways.compute_all()
    known = dict(ways._known)
    for end in ((50, 33), (12, 31), (0, 0), (63, 63), (13, 31)):
        np.testing.assert_array_equal(ways.to(end), wire.path((12, 31), end))
    assert ways._known.keys() == known.keys()


def test_the_way_to_the_pointer_is_found_at_once_in_a_large_slice():
    away = np.hypot(*(np.indices((512, 512)) - 256))
    noise = np.random.default_rng(3).normal(0, 60, away.shape)
    values = np.where(away < 150, 1000.0, 40.0) + noise
    volume = Volume(values[None].astype(np.float32), np.eye(4))
    contour = OpenContour(volume, Slice(2, 0), SliceContourParameters())
    contour.add(np.array([256.0, 106.0, 0.0]))
    for pointer in ([511.0, 511.0, 0.0], [0.0, 3.0, 0.0], [106.0, 256.0, 0.0]):
        start = time.process_time()
        line = contour.line_ras(np.array(pointer))
        assert time.process_time() - start < 0.1
        np.testing.assert_array_equal(line[-1], pointer)
    assert np.abs(np.hypot(*(line[:, :2] - 256).T) - 150).max() < 2

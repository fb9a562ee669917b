"""Pictures are true to size, side and depth."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.deviation import rounded_up
from FluoroPrintLib.report.colours import map_stops, mapped_colours
from FluoroPrintLib.report.markup import figure
from FluoroPrintLib.report.pictures import edge_letters, frame_pictures, png_bytes, scale_bar_mm
from FluoroPrintLib.report.slices import slice_pictures
from FluoroPrintLib.report.surfaces import (
    ANTERIOR,
    INFERIOR,
    LEFT,
    POSTERIOR,
    RIGHT,
    SUPERIOR,
    View,
    is_closed,
    mesh_of,
    surface_picture,
)
from FluoroPrintLib.segmentation.segments import Segment, Segmentation

from .conftest import RADIUS_MM, sphere

RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


def mean_place(is_there):
    """Return the mean (x, y) of the true pixels."""
    return np.argwhere(is_there).mean(0)[::-1]


def is_colour(rgb, channel):
    """Return where a picture is mostly of one channel's colour."""
    others = rgb[..., [c for c in range(3) if c != channel]].astype(int)
    return rgb[..., channel].astype(int) > 40 + others.max(-1)


def ink(rgb):
    """Return how much of each pixel is covered, for a black thing on white."""
    return 1 - rgb[..., 0] / 255


@pytest.mark.parametrize("view", [ANTERIOR, SUPERIOR, View("oblique", (1, -2, -0.5), (0, 0, 1))])
def test_a_spheres_silhouette_has_the_area_of_its_great_circle(view):
    picture = surface_picture([mesh_of(sphere(), (0.0, 0.0, 0.0))], view, 300)
    covered = (ink(picture.rgb) > 0.5).sum() * picture.mm_per_px**2
    assert covered == pytest.approx(np.pi * RADIUS_MM**2, rel=0.01)


def test_a_large_triangle_covers_its_area():
    from FluoroPrintLib.mesh.polydata import polydata_from

    triangle = polydata_from([[0, 0, 0], [-30, 0, 0], [0, 0, 40]], [[0, 1, 2]])
    picture = surface_picture([mesh_of(triangle, (0.0, 0.0, 0.0))], ANTERIOR, 300)
    dark = ink(picture.rgb)
    covered = np.clip(dark / np.median(dark[dark > 0.8]), 0, 1).sum()
    assert covered * picture.mm_per_px**2 == pytest.approx(600, rel=0.01)


@pytest.mark.parametrize(
    ("view", "edges"),
    [
        (ANTERIOR, "RLSI"),
        (POSTERIOR, "LRSI"),
        (LEFT, "APSI"),
        (RIGHT, "PASI"),
        (SUPERIOR, "LRAP"),
        (INFERIOR, "RLAP"),
    ],
)
def test_each_side_of_the_patient_appears_at_the_edge_that_says_so(view, edges):
    """A ball on each axis must lie towards the edge that bears its letter: no picture is mirrored."""
    body = mesh_of(sphere(10.0), (0.8, 0.8, 0.8))
    directions = {
        "R": (40, 0, 0),
        "L": (-40, 0, 0),
        "A": (0, 40, 0),
        "P": (0, -40, 0),
        "S": (0, 0, 40),
        "I": (0, 0, -40),
    }
    middle = 99.5
    for edge, sign in zip(edges, ((-1, 0), (1, 0), (0, -1), (0, 1)), strict=True):
        counter = mesh_of(sphere(5.0, tuple(-np.array(directions[edge]))), (0.8, 0.8, 0.8))
        ball = mesh_of(sphere(5.0, directions[edge]), RED)
        picture = surface_picture([body, counter, ball], view, 200)
        assert "".join(picture.edges) == edges
        offset = mean_place(is_colour(picture.rgb, 0)) - middle
        assert offset == pytest.approx(np.array(sign) * 40 / picture.mm_per_px, abs=1.5)


@pytest.mark.parametrize(("view", "seen"), [(ANTERIOR, 0), (POSTERIOR, 2)])
def test_the_nearer_thing_hides_the_farther(view, seen):
    front, back = mesh_of(sphere(10, (0, 20, 0)), RED), mesh_of(sphere(10, (0, -20, 0)), BLUE)
    for order in ([front, back], [back, front]):
        rgb = surface_picture(order, view, 120).rgb
        assert is_colour(rgb, seen).sum() > 300
        assert is_colour(rgb, 2 - seen).sum() == 0


def test_a_surface_is_brighter_where_it_faces_the_viewer_and_hollows_are_dark():
    rgb = surface_picture([mesh_of(sphere(), (0.8, 0.8, 0.8))], ANTERIOR, 201).rgb
    assert rgb[100, 100].mean() > 1.3 * rgb[100, 184].mean()


def test_the_back_of_an_open_surface_is_seen():
    from FluoroPrintLib.mesh.polydata import polydata_from

    square = polydata_from([[0, 0, 0], [10, 0, 0], [10, 0, 10], [0, 0, 10]], [[0, 1, 2], [0, 2, 3]])
    for view in (ANTERIOR, POSTERIOR):
        rgb = surface_picture([mesh_of(square, RED)], view, 100).rgb
        assert is_colour(rgb, 0).mean() == pytest.approx(1 / 1.14**2, rel=0.03)


def test_a_closed_surface_is_known_from_an_open_or_inverted_one():
    mesh = mesh_of(sphere(), RED)
    assert is_closed(mesh.points_ras, mesh.triangles)
    assert not is_closed(mesh.points_ras, mesh.triangles[1:])
    assert not is_closed(mesh.points_ras, mesh.triangles[:, ::-1])


def test_leaving_out_hidden_backs_changes_no_pixel():
    mesh = mesh_of(sphere(), RED)
    assert mesh.is_closed
    pictures = [surface_picture([m], LEFT, 150).rgb for m in (mesh, replace(mesh, is_closed=False))]
    np.testing.assert_array_equal(*pictures)


@pytest.mark.slow
def test_three_hundred_thousand_triangles_take_a_moment():
    mesh = mesh_of(sphere(resolution=390), (0.9, 0.8, 0.7))
    assert len(mesh.triangles) > 300_000
    times = []
    for _ in range(3):
        start = time.process_time()
        surface_picture([mesh], LEFT, 500)
        times.append(time.process_time() - start)
    assert min(times) < 1.5


def test_the_scale_bar_has_the_length_it_says():
    import re

    picture = surface_picture([mesh_of(sphere(), RED)], ANTERIOR, 300)
    overlay = str(figure(picture))
    length_mm = float(re.search(r">([\d.]+) mm<", overlay)[1])
    start, end = map(float, re.search(r'd="M([\d.]+) \d+V\d+H([\d.]+)V', overlay).groups())
    covered = (is_colour(picture.rgb, 0)[150]).sum() / (2 * RADIUS_MM)  # pixels a mm, from the ball itself
    assert (end - start) / covered == pytest.approx(length_mm, rel=0.02)


@pytest.mark.parametrize(("width", "bar"), [(250, 50), (100, 20), (33, 10), (7, 2), (61, 20), (0.4, 0.1)])
def test_scale_bars_are_round_and_a_sixth_to_a_third_of_the_width(width, bar):
    assert scale_bar_mm(width) == pytest.approx(bar)
    assert width / 7 < scale_bar_mm(width) <= width / 3


def asymmetric_volume(oblique=False):
    """Return balls 1, 2, 3 at the left, front and top, and one that brings their mean to the origin."""
    matrix = np.diag([-1.5, -1.5, 1.5, 1.0])
    if oblique:
        matrix[:3, :3] = matrix[:3, :3][:, [2, 0, 1]]  # i to S, j to R, k to A: as some scanners store it
    matrix[:3, 3] = -matrix[:3, :3] @ [19.5, 19.5, 19.5]
    ijk = np.moveaxis(np.indices((40, 40, 40))[::-1], 0, -1)
    ras = ijk @ matrix[:3, :3].T + matrix[:3, 3]
    labels = np.zeros((40, 40, 40), np.uint8)
    for label, centre in enumerate([(-18, 0, 0), (0, 18, 0), (0, 0, 18), (18, -18, -18)], start=1):
        labels[((ras - centre) ** 2).sum(-1) < 36] = label
    return Volume(labels, matrix)


@pytest.mark.parametrize("oblique", [False, True])
def test_slices_are_not_mirrored_whatever_the_order_of_the_axes(oblique):
    labels = asymmetric_volume(oblique)
    shown = Volume(np.where(labels.array_kji > 0, 1000, -1000).astype(np.float32), labels.ijk_to_ras)
    colours = {1: (1.0, 0.0, 0.0), 2: (0.0, 1.0, 0.0), 3: (0.0, 0.0, 1.0)}
    segments = tuple(Segment(str(label), label, colour) for label, colour in colours.items())
    segmentation = Segmentation(labels, segments)
    axial, coronal, sagittal = slice_pictures(shown, segmentation, size_px=118)
    for picture, across, up in ((axial, 0, 1), (coronal, 0, 2), (sagittal, 1, 2)):
        middle = (np.array([picture.width_px, picture.height_px]) - 1) / 2
        if across == 0:  # the left ball lies to the right of the picture
            x, y = mean_place(is_colour(picture.rgb, 0)) - middle
            assert (x, y) == pytest.approx((18 / picture.mm_per_px, 0), abs=1.5)
        else:  # the front ball lies to the left of the picture
            x, y = mean_place(is_colour(picture.rgb, 1)) - middle
            assert (x, y) == pytest.approx((-18 / picture.mm_per_px, 0), abs=1.5)
        x, y = mean_place(is_colour(picture.rgb, up)) - middle
        assert (x, y) == pytest.approx((0, -18 / picture.mm_per_px), abs=1.5)
    assert ("".join(axial.edges), "".join(coronal.edges), "".join(sagittal.edges)) == ("RLAP", "RLSI", "APSI")


def test_a_slice_of_a_grid_with_unequal_spacing_shows_round_things_round(volume):
    squashed = Volume(volume.array_kji[::3], volume.ijk_to_ras @ np.diag([1.0, 1, 3, 1]))
    for picture in slice_pictures(squashed, size_px=240):
        bright = np.argwhere(picture.rgb[..., 0] > 128)
        height, width = np.ptp(bright, axis=0)
        assert height / width == pytest.approx(1.0, abs=0.06)
        assert width * picture.mm_per_px == pytest.approx(2 * RADIUS_MM, abs=1.5)


def test_the_models_cut_is_drawn_where_the_model_is(volume, segmentation):
    picture = slice_pictures(volume, segmentation, [("#00ff00", sphere())])[0]
    ((colour, line),) = picture.lines
    middle = (np.array([picture.width_px, picture.height_px]) - 1) / 2
    radii = np.linalg.norm(line - middle, axis=1) * picture.mm_per_px
    assert colour == "#00ff00"
    np.testing.assert_allclose(radii, RADIUS_MM, atol=0.2)


def test_frames_show_dense_parts_bright_in_one_grey_scale(sweep):
    frames = np.zeros_like(sweep.frames)
    frames[:, 5:10, 5:10] = np.linspace(1, 2, 9)[:, None, None]
    first, middle, last = frame_pictures(replace(sweep, frames=frames), height_px=20)
    assert [p.rgb[7, 7, 0] for p in (first, middle, last)] == sorted(
        p.rgb[7, 7, 0] for p in (first, middle, last)
    )
    assert last.rgb[7, 7, 0] == 255
    assert first.rgb[15, 20, 0] == 0
    assert first.caption == "Frame 1 of 9, -100.0°"


def test_a_png_comes_back_from_another_reader(tmp_path):
    import SimpleITK

    rgb = np.random.default_rng(0).integers(0, 256, (7, 5, 3)).astype(np.uint8)
    (tmp_path / "a.png").write_bytes(png_bytes(rgb))
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(tmp_path / "a.png")), rgb)


def test_letters_name_the_sides():
    assert edge_letters(np.array([-1.0, 0.1, 0]), np.array([0, 0.2, 0.9])) == ("R", "L", "S", "I")


def test_the_colour_map_runs_light_to_dark():
    stops = mapped_colours(np.linspace(0, 1, 50), 0, 1) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(stops) < 0).all()
    assert map_stops()[0] == "#ffffcc"
    np.testing.assert_array_equal(
        mapped_colours(np.array([-1.0, 9.0]), 0, 1), mapped_colours(np.array([0, 1]), 0, 1)
    )


@pytest.mark.parametrize(("value", "top"), [(0.31, 0.5), (0.2, 0.2), (1.1, 2), (0, 1), (23, 25), (np.nan, 1)])
def test_the_end_of_a_colour_scale_is_round(value, top):
    assert rounded_up(value) == pytest.approx(top)


def test_faces_that_meet_in_a_sharp_edge_are_lit_each_as_it_lies():
    from FluoroPrintLib.mesh.polydata import polydata_from

    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    right, front, top = [[4, 6, 7], [4, 7, 5]], [[2, 3, 7], [2, 7, 6]], [[1, 5, 7], [1, 7, 3]]
    mesh = mesh_of(polydata_from(10 * corners, [*right, *front, *top]), corners)
    sides = np.repeat(np.eye(3), 2, axis=0)
    np.testing.assert_allclose(mesh.normals_ras[mesh.triangles], np.repeat(sides[:, None], 3, 1), atol=1e-12)
    np.testing.assert_array_equal(mesh.colours, mesh.points_ras / 10)


def test_a_round_surface_keeps_its_points_and_is_lit_smoothly():
    body = mesh_of(sphere(10.0), RED)
    outwards = body.points_ras / np.linalg.norm(body.points_ras, axis=1, keepdims=True)
    assert np.einsum("ij,ij->i", body.normals_ras, outwards).min() > 0.999

"""C-arm angles to projections: DICOM's closed forms, points projected by hand, matrices of any scale."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.poses import (
    c_arm_axes_ras,
    geometry_from_angles,
    matrices_from_poses,
    with_turned_panel,
)
from FluoroPrintLib.geometry.sweep import Sweep, SweepGeometry, normalised, source_positions

SID, SOD = 1000.0, 600.0
PRIMARY = np.array([0.0, 90.0, -90.0, 30.0, -45.0, 170.0])
SECONDARY = np.array([0.0, 0.0, 0.0, 20.0, -15.0, 5.0])


def made(primary=PRIMARY, secondary=SECONDARY, **options) -> SweepGeometry:
    defaults = {"sid_mm": SID, "sod_mm": SOD, "pixel_mm": (2.0, 0.5), "rows": 41, "columns": 61}
    return geometry_from_angles(
        np.asarray(primary, float), np.asarray(secondary, float), **{**defaults, **options}
    )


def seen(geometry: SweepGeometry, point_ras) -> np.ndarray:
    """Column, row and depth of a point in every frame: (N, 3)."""
    column, row, depth = np.moveaxis(geometry.ras_to_pixel @ np.append(point_ras, 1.0), 1, 0)
    return np.stack([column / depth, row / depth, depth], -1)


def test_the_detector_stands_where_dicom_says():
    a, b = np.radians(PRIMARY), np.radians(SECONDARY)
    lps = np.stack([np.sin(a) * np.cos(b), -np.cos(a) * np.cos(b), np.sin(b)], -1)
    np.testing.assert_allclose(
        c_arm_axes_ras(PRIMARY, SECONDARY)[:, 2], lps * [-1, -1, 1], rtol=0, atol=1e-14
    )


@pytest.mark.parametrize(
    ("primary", "secondary", "towards_ras"),
    [
        (0, 0, (0, 1, 0)),  # in front of the chest
        (90, 0, (-1, 0, 0)),  # LAO: on the patient's left
        (-90, 0, (1, 0, 0)),  # RAO: on the patient's right
        (180, 0, (0, -1, 0)),  # behind the back
        (0, 90, (0, 0, 1)),  # cranial: over the head
    ],
)
def test_lao_is_the_patients_left_and_cranial_is_the_head(primary, secondary, towards_ras):
    axes = c_arm_axes_ras(np.array([float(primary)]), np.array([float(secondary)]))
    np.testing.assert_allclose(axes[0, 2], towards_ras, rtol=0, atol=1e-14)
    geometry = made([primary], [secondary])
    np.testing.assert_allclose(geometry.sources_ras[0], -SOD * np.array(towards_ras), rtol=0, atol=1e-9)
    np.testing.assert_allclose(geometry.normals_ras[0], towards_ras, rtol=0, atol=1e-12)


def test_the_panels_axes_are_square_and_a_viewer_at_the_panel_has_columns_to_the_right():
    axes = c_arm_axes_ras(PRIMARY, SECONDARY)
    np.testing.assert_allclose(axes @ axes.swapaxes(1, 2), np.broadcast_to(np.eye(3), (6, 3, 3)), atol=1e-14)
    looking, upwards = -axes[:, 2], -axes[:, 1]
    np.testing.assert_allclose(axes[:, 0], np.cross(looking, upwards), rtol=0, atol=1e-14)
    assert (axes[:, 1, 2] < 0).all(), "rows run to the feet"


def test_the_isocentre_projects_to_the_middle_of_every_frame():
    np.testing.assert_allclose(seen(made(), (0, 0, 0)), np.tile([30.0, 20.0, SOD], (6, 1)), rtol=1e-12)


def test_the_isocentre_projects_to_a_given_principal_point():
    geometry = made(principal_point=(12.5, 33.25))
    np.testing.assert_allclose(seen(geometry, (0, 0, 0))[:, :2], np.tile([12.5, 33.25], (6, 1)), rtol=1e-12)


@pytest.mark.parametrize(
    ("primary", "point_ras", "expected"),
    [
        # From the front, 3 mm to the right: 5 mm on the panel, 10 columns, to the viewer's left.
        (0, (3, 0, 0), (20, 20, 600)),
        # 6 mm to the head: 10 mm on the panel, 5 rows up.
        (0, (0, 0, 6), (30, 15, 600)),
        # 150 mm nearer to the panel: magnified 1000 / 750.
        (0, (3, 150, 6), (22, 16, 750)),
        # Panel on the patient's left, seen from there the back is on the right.
        (90, (0, -3, 0), (40, 20, 600)),
        (-90, (0, -3, 0), (20, 20, 600)),
        (180, (3, 0, 0), (40, 20, 600)),
    ],
)
def test_points_project_where_the_intercept_theorem_puts_them(primary, point_ras, expected):
    np.testing.assert_allclose(seen(made([primary], [0]), point_ras)[0], expected, rtol=1e-12)


def test_matrices_from_poses_put_every_pixel_on_the_line_from_the_source_through_its_place():
    rng = np.random.default_rng(3)
    sources, firsts = rng.normal(0, 500, (2, 7, 3))
    steps = rng.normal(0, 1, (2, 7, 3))
    matrices = matrices_from_poses(sources, firsts, *steps)
    np.testing.assert_allclose(source_positions(matrices), sources, rtol=0, atol=1e-7)
    for column, row in [(0, 0), (17, 4), (-3, 90)]:
        place = firsts + column * steps[0] + row * steps[1]
        for share in (0.3, 1.0, 2.0):
            point = sources + share * (place - sources)
            w_column, w_row, depth = (
                matrices @ np.concatenate([point, np.ones((7, 1))], 1)[:, :, None]
            ).T.reshape(3, 7)
            np.testing.assert_allclose(
                [w_column / depth, w_row / depth], [[column] * 7, [row] * 7], atol=1e-6
            )
            np.testing.assert_allclose(
                depth,
                share
                * ((firsts - sources) * np.cross(*steps)).sum(1)
                / np.linalg.norm(np.cross(*steps), axis=1)
                * np.sign(((firsts - sources) * np.cross(*steps)).sum(1)),
                atol=1e-6,
            )


@pytest.mark.parametrize("factor", [1.0, 250.0, -1.0, -3e-5])
def test_normalising_undoes_any_scale_and_sign(factor: float):
    expected = made().ras_to_pixel
    scales = factor * np.array([1.0, 2.0, 0.5, 1.0, 3.0, 1.0])
    np.testing.assert_allclose(normalised(expected * scales[:, None, None]), expected, rtol=1e-9, atol=1e-9)


def test_normalising_takes_the_sign_that_makes_the_given_point_seen():
    matrix = made([0], [0]).ras_to_pixel
    behind_the_source = (0.0, -700.0, 0.0)
    np.testing.assert_allclose(normalised(matrix, behind_the_source), -matrix, rtol=1e-12)


@pytest.mark.parametrize("fault", ["nan", "zero row", "rank two"])
def test_a_matrix_that_does_not_project_is_refused_by_its_frame(fault: str):
    matrices = made().ras_to_pixel.copy()
    if fault == "nan":
        matrices[3, 0, 1] = np.nan
    elif fault == "zero row":
        matrices[3, 2] = 0
    else:
        matrices[3, 0] = 2 * matrices[3, 1]
    with pytest.raises(FluoroPrintError, match="matrix of frame 4 is not a projection"):
        normalised(matrices)


def test_frames_of_another_size_than_the_geometry_are_refused_with_both_sizes():
    with pytest.raises(FluoroPrintError, match=r"\(6, 41, 60\).*\(6, 41, 61\)"):
        Sweep(np.zeros((6, 41, 60), np.float32), 1.0, made())


def test_matrices_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 4\)"):
        SweepGeometry(np.eye(4), 10, 10)


def test_a_panel_turned_clockwise_has_its_axes_turned_from_right_to_down():
    """The new columns run cos right + sin down: what lies there is found at those columns, in mm."""
    turn = np.radians(30.0)
    upright = made(principal_point=(20.0, 9.0))
    turned = with_turned_panel(upright, np.full(len(PRIMARY), 30.0))
    axes = c_arm_axes_ras(PRIMARY, SECONDARY)
    right, down = axes[:, 0], axes[:, 1]
    columns, rows = np.cos(turn) * right + np.sin(turn) * down, np.cos(turn) * down - np.sin(turn) * right
    for view, (along_columns, along_rows) in enumerate(zip(columns, rows, strict=True)):
        point = 12.0 * along_columns - 5.0 * along_rows
        pixel = seen(turned, point)[view]
        expected = [20.0 + 12.0 * SID / SOD / 0.5, 9.0 - 5.0 * SID / SOD / 2.0, SOD]
        np.testing.assert_allclose(pixel, expected, rtol=1e-9)

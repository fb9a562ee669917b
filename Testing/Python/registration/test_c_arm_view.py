"""The camera at the source against the projection matrices, by VTK's own projection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.geometry.poses import geometry_from_angles, with_turned_panel
from FluoroPrintLib.geometry.sweep import SweepGeometry
from FluoroPrintLib.registration.c_arm_view import c_arm_view, panel_corners_ras, towards_source
from FluoroPrintLib.registration.silhouette import project_points

PLACES = np.random.default_rng(3).uniform(-60, 60, (50, 3))


def c_arm(principal_point: tuple[float, float] | None = None) -> SweepGeometry:
    return geometry_from_angles(
        np.array([0.0, 33.0, -105.0]),
        np.array([0.0, 14.0, -20.0]),
        sid_mm=1180.0,
        sod_mm=760.0,
        pixel_mm=(0.9, 1.1),
        rows=300,
        columns=360,
        principal_point=principal_point,
    )


def skewed() -> SweepGeometry:
    """Rows that are not quite square to the columns, as a calibration may find."""
    geometry = c_arm()
    shear = np.array([[1.0, 0.02, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return replace(geometry, ras_to_pixel=shear @ geometry.ras_to_pixel)


def seen(camera_view, points: np.ndarray, aspect: float) -> np.ndarray:
    """Where VTK's camera shows points: (P, 2), -1 to 1 from edge to edge of the view."""
    from vtkmodules.vtkRenderingCore import vtkCamera

    camera = vtkCamera()
    camera.SetPosition(*camera_view.position_ras)
    camera.SetFocalPoint(*camera_view.focal_point_ras)
    camera.SetViewUp(*camera_view.view_up)
    camera.SetViewAngle(camera_view.view_angle_deg)
    camera.SetClippingRange(10.0, 3000.0)
    matrix = camera.GetCompositeProjectionTransformMatrix(aspect, -1, 1)
    full = np.array([[matrix.GetElement(r, c) for c in range(4)] for r in range(4)])
    clip = np.c_[points, np.ones(len(points))] @ full.T
    return clip[:, :2] / clip[:, 3:]


def to_pixels(shown: np.ndarray, shown_corners: np.ndarray, geometry: SweepGeometry) -> np.ndarray:
    """Pixels of the frame on the panel's picture that the view shows there."""
    right, low = geometry.columns - 0.5, geometry.rows - 0.5
    corners = np.array([[-0.5, -0.5], [right, -0.5], [right, low], [-0.5, low]])
    affine, *_ = np.linalg.lstsq(np.c_[shown_corners, np.ones(4)], corners, rcond=None)
    return np.c_[shown, np.ones(len(shown))] @ affine


@pytest.mark.parametrize("aspect", [1.0, 1.7])
@pytest.mark.parametrize(
    "geometry",
    [c_arm(), c_arm((150.0, 190.0)), with_turned_panel(c_arm(), np.full(3, 25.0)), skewed()],
    ids=["middle", "off the middle", "turned", "skewed"],
)
@pytest.mark.parametrize("view", range(3))
def test_the_view_shows_points_where_the_frame_has_them(geometry, view, aspect):
    camera = c_arm_view(geometry, view, aspect)
    corners = seen(camera, panel_corners_ras(geometry, view, 1180.0), aspect)
    found = to_pixels(seen(camera, PLACES, aspect), corners, geometry)
    np.testing.assert_allclose(found, project_points(geometry.ras_to_pixel[view], PLACES), atol=1e-3)


@pytest.mark.parametrize("geometry", [c_arm(), c_arm((100.0, 210.0))], ids=["middle", "off the middle"])
@pytest.mark.parametrize("aspect", [0.6, 1.0, 1.7])
def test_the_whole_panel_is_seen(geometry, aspect):
    corners = seen(c_arm_view(geometry, 1, aspect), panel_corners_ras(geometry, 1, 1180.0), aspect)
    assert np.abs(corners).max() == pytest.approx(1 / 1.02, abs=1e-6)


def test_rows_run_down_and_columns_to_the_left_as_the_source_sees_them():
    """The frame itself is shown as seen from the panel: left and right change places."""
    first, second, _third, fourth = seen(c_arm_view(c_arm(), 0), panel_corners_ras(c_arm(), 0, 1180.0), 1.0)
    assert first[1] > fourth[1]
    assert first[0] > second[0]


def test_the_corners_are_those_of_the_frame_at_any_depth():
    geometry = c_arm((150.0, 190.0))
    for depth in (500.0, 1180.0):
        pixels = project_points(geometry.ras_to_pixel[2], panel_corners_ras(geometry, 2, depth))
        expected = [[-0.5, -0.5], [359.5, -0.5], [359.5, 299.5], [-0.5, 299.5]]
        np.testing.assert_allclose(pixels, expected, atol=1e-9)


def test_points_moved_to_the_source_stay_where_they_are_seen():
    geometry = c_arm()
    moved = towards_source(PLACES, geometry.sources_ras[1], 0.01)
    assert np.linalg.norm(moved - PLACES, axis=1).min() > 6
    matrix = geometry.ras_to_pixel[1]
    np.testing.assert_allclose(project_points(matrix, moved), project_points(matrix, PLACES), atol=1e-9)

"""The view that the X-ray source has: a perspective camera, and the panel that it looks at.

A camera that stands at the source shows any model before any panel exactly as the rays met them, wherever it
looks: perspective depends on the camera's place alone. So the camera looks along the panel's normal, also
where the principal point lies off the middle of the panel; the panel then stands off the middle of the view.
What the source sees is mirrored against the frame as it is shown, which is seen from the panel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from ..geometry.sweep import SweepGeometry

MARGIN = 1.02
"""The view reaches this much beyond the panel."""
DEPTH_WITHOUT_SID = 1.5
"""Where the distance of the panel is not known it is taken for this many times that of the RAS origin."""


@dataclass(frozen=True)
class CArmView:
    """A camera at the source of a frame.

    Attributes
    ----------
    position_ras : (3,) the focal spot in mm
    focal_point_ras : (3,) on the panel's normal, as deep as the RAS origin: what a view turns about
    view_up : (3,) unit vector, from the last rows of the frame to the first
    view_angle_deg : vertical angle in which the whole panel is seen
    """

    position_ras: Float64Array
    focal_point_ras: Float64Array
    view_up: Float64Array
    view_angle_deg: float


def c_arm_view(geometry: SweepGeometry, view: int, aspect: float = 1.0) -> CArmView:
    """Return the camera that sees what the source of a frame saw.

    Parameters
    ----------
    geometry : of the sweep
    view : index of the frame
    aspect : width of the view by its height; the panel is seen whole in views at least as wide
    """
    source, normal = geometry.sources_ras[view], geometry.normals_ras[view]
    rows = np.linalg.inv(geometry.ras_to_pixel[view, :, :3])[:, 1]
    up = -rows / np.linalg.norm(rows)
    rays = panel_corners_ras(geometry, view, 1.0) - source
    reach = max(np.abs(rays @ up).max(), np.abs(rays @ np.cross(normal, up)).max() / aspect)
    angle = 2 * np.degrees(np.arctan(MARGIN * reach))
    return CArmView(source, source + normal * origin_depth_mm(geometry, view), up, float(angle))


def origin_depth_mm(geometry: SweepGeometry, view: int) -> float:
    """Return how deep the RAS origin lies before the source of a frame."""
    return max(float(geometry.ras_to_pixel[view, 2, 3]), 1.0)


def panel_depth_mm(geometry: SweepGeometry, view: int) -> float:
    """Return the distance source to panel, or one that serves where it is not known."""
    return geometry.sid_mm or DEPTH_WITHOUT_SID * origin_depth_mm(geometry, view)


def panel_corners_ras(geometry: SweepGeometry, view: int, depth_mm: float) -> Float64Array:
    """Return the outer corners of the panel at a depth before the source.

    Returns
    -------
    (4, 3) in RAS mm: of the first row and first column, first row and last column, last row and last
    column, last row and first column; half a pixel beyond the pixels' centres
    """
    right, low = geometry.columns - 0.5, geometry.rows - 0.5
    corners = np.array([[-0.5, -0.5, 1], [right, -0.5, 1], [right, low, 1], [-0.5, low, 1]])
    rays = corners @ np.linalg.inv(geometry.ras_to_pixel[view, :, :3]).T
    found: Float64Array = geometry.sources_ras[view] + depth_mm * rays
    return found


def towards_source(points_ras: Float64Array, source_ras: Float64Array, share: float) -> Float64Array:
    """Return points (..., 3) moved a share of their way to the source: in every view from there the same."""
    moved: Float64Array = points_ras + share * (source_ras - points_ras)
    return moved

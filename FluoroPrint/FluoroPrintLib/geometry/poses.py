"""C-arm angles to projection matrices and back.

Angles as DICOM has them (PS3.3 C.8.7.5): primary a, LAO positive; secondary b, cranial positive. The
detector's direction from the isocentre in LPS, patient head first supine, is (sin a cos b, -cos a cos b,
sin b); columns run to the viewer's right as seen from the panel towards the source, rows to the feet.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import Float64Array
from .sweep import SweepGeometry

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0])


def c_arm_axes_ras(primary_deg: Float64Array, secondary_deg: Float64Array) -> Float64Array:
    """Return the axes of the panel for each pair of angles.

    Parameters
    ----------
    primary_deg, secondary_deg : (N,) positioner angles

    Returns
    -------
    (N, 3, 3): unit vectors in RAS, rows: along columns, along rows, isocentre to detector.
    """
    a, b = np.radians(primary_deg), np.radians(secondary_deg)
    zero = np.zeros_like(a)
    along_columns = np.stack([np.cos(a), np.sin(a), zero], -1)
    along_rows = np.stack([np.sin(a) * np.sin(b), -np.cos(a) * np.sin(b), -np.cos(b)], -1)
    to_detector = np.stack([np.sin(a) * np.cos(b), -np.cos(a) * np.cos(b), np.sin(b)], -1)
    axes: Float64Array = np.stack([along_columns, along_rows, to_detector], 1) @ LPS_TO_RAS
    return axes


def matrices_from_poses(
    sources_ras: Float64Array,
    first_pixels_ras: Float64Array,
    column_steps_ras: Float64Array,
    row_steps_ras: Float64Array,
) -> Float64Array:
    """Return normalised projection matrices from the place of source and panel.

    Parameters
    ----------
    sources_ras : (N, 3) focal spots in mm
    first_pixels_ras : (N, 3) centres of pixel (0, 0) in mm
    column_steps_ras, row_steps_ras : (N, 3) vectors from one pixel to the next column, next row, in mm

    Returns
    -------
    (N, 3, 4) ras_to_pixel
    """
    pixel_to_ray = np.stack([column_steps_ras, row_steps_ras, first_pixels_ras - sources_ras], -1)
    ray_to_pixel = np.linalg.inv(pixel_to_ray)
    matrices = np.concatenate([ray_to_pixel, -(ray_to_pixel @ sources_ras[:, :, None])], -1)
    scale = np.linalg.norm(matrices[:, 2, :3], axis=1)
    result: Float64Array = matrices / scale[:, None, None]
    return result


def geometry_from_angles(
    primary_deg: Float64Array,
    secondary_deg: Float64Array,
    *,
    sid_mm: float,
    sod_mm: float,
    pixel_mm: tuple[float, float],
    rows: int,
    columns: int,
    principal_point: tuple[float, float] | None = None,
) -> SweepGeometry:
    """Return the geometry of an ideal C-arm: isocentre at the RAS origin, panel square to the central ray.

    Parameters
    ----------
    primary_deg, secondary_deg : (N,) positioner angles of each frame
    sid_mm, sod_mm : distances source to detector and source to isocentre
    pixel_mm : row spacing, column spacing at the detector
    rows, columns : size of a frame
    principal_point : (column, row) that the isocentre projects to; the middle of the frame by default
    """
    axes = c_arm_axes_ras(primary_deg, secondary_deg)
    column, row = principal_point or ((columns - 1) / 2, (rows - 1) / 2)
    column_step, row_step = axes[:, 0] * pixel_mm[1], axes[:, 1] * pixel_mm[0]
    first_pixel = (sid_mm - sod_mm) * axes[:, 2] - column * column_step - row * row_step
    matrices = matrices_from_poses(-sod_mm * axes[:, 2], first_pixel, column_step, row_step)
    return SweepGeometry(
        matrices,
        rows,
        columns,
        np.asarray(primary_deg, float),
        np.asarray(secondary_deg, float),
        sid_mm,
        sod_mm,
        pixel_mm,
    )


def with_turned_panel(geometry: SweepGeometry, turn_deg: Float64Array) -> SweepGeometry:
    """Return a geometry whose panels are turned in their own plane, about the foot of the source.

    Parameters
    ----------
    geometry : with a known pixel size
    turn_deg : (N,) clockwise as seen from the panel towards the source: columns turn towards rows
    """
    row_mm, column_mm = geometry.pixel_mm or (1.0, 1.0)
    normals = geometry.normals_ras
    foot = np.einsum("nij,nj->ni", geometry.ras_to_pixel[:, :2, :3], normals)
    turn = np.radians(np.asarray(turn_deg, float))
    turned = np.tile(np.eye(3), (geometry.count, 1, 1))
    turned[:, 0, 0], turned[:, 0, 1] = np.cos(turn), np.sin(turn) * row_mm / column_mm
    turned[:, 1, 0], turned[:, 1, 1] = -np.sin(turn) * column_mm / row_mm, np.cos(turn)
    turned[:, :2, 2] = foot - np.einsum("nij,nj->ni", turned[:, :2, :2], foot)
    return replace(geometry, ras_to_pixel=turned @ geometry.ras_to_pixel)

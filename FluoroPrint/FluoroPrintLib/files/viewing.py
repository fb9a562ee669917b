"""What viewers of three-dimensional pictures (glTF, USD) want: metres, up, front, colours, normals.

Both standards look along -Z at the front of a thing that stands on the floor, Y up. So the patient's left is
+X, superior +Y, anterior +Z. Points stay LPS millimetres, exact; one matrix above all parts turns, scales and
stands them on the floor.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array, IntArray
from ..mesh.named import Colour, NamedSurface
from ..mesh.polydata import points_of, triangles_of, welded

METRES = 0.001
LPS_TO_VIEWER = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
NAME = "FluoroPrint"
"""What the files name as the program that wrote them; only such files are read back."""


def lps_mesh(surface: vtkPolyData) -> tuple[Float64Array, IntArray]:
    """Return points (P, 3) in LPS mm, of float32 precision and all different, and triangles (F, 3)."""
    points, triangles = welded(points_of(surface), triangles_of(surface))
    return points * (-1.0, -1.0, 1.0) + 0.0, triangles


def standing(models: Sequence[NamedSurface]) -> Float64Array:
    """Return the matrix (4, 4) from LPS mm to a viewer's metres.

    The middle of all models comes above the origin, their lowest point to height 0.
    """
    points = np.concatenate([points_of(model.surface) for model in models]) * (-1.0, -1.0, 1.0)
    turned = METRES * points @ LPS_TO_VIEWER.T
    low, high = turned.min(0), turned.max(0)
    matrix = np.eye(4)
    matrix[:3, :3] = METRES * LPS_TO_VIEWER
    matrix[:3, 3] = -np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    return matrix


def linear(colour: Colour) -> Colour:
    """Return a colour of the screen (sRGB) as the linear light that both standards count in."""
    parts = np.clip(colour, 0.0, 1.0)
    light = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    red, green, blue = (round(float(part), 6) for part in light)
    return red, green, blue


def on_screen(light: Sequence[float]) -> Colour:
    """Return linear light as a colour of the screen (sRGB): the opposite of `linear`."""
    parts = np.asarray(light, float)
    shown = np.where(parts <= 0.0031308, 12.92 * parts, 1.055 * parts ** (1 / 2.4) - 0.055)
    red, green, blue = (round(float(part), 4) for part in shown)
    return red, green, blue


def cie_lab(colour: Colour) -> tuple[int, int, int]:
    """Return a colour of the screen (sRGB) as DICOM writes CIELab values (PS3.3, C.10.7.1.1), white D50."""
    white = np.array([0.9642, 1.0, 0.8249])
    to_xyz = np.array(
        [
            [0.4360747, 0.3850649, 0.1430804],
            [0.2225045, 0.7168786, 0.0606169],
            [0.0139322, 0.0971045, 0.7141733],
        ]
    )
    share = to_xyz @ np.asarray(linear(colour)) / white
    x, y, z = np.where(share > (6 / 29) ** 3, np.cbrt(share), share * (29 / 6) ** 2 / 3 + 4 / 29)
    lightness, a, b = 116 * y - 16, 500 * (x - y), 200 * (y - z)
    scaled = (lightness * 65535 / 100, (a + 128) * 65535 / 255, (b + 128) * 65535 / 255)
    first, second, third = (int(round(min(max(float(value), 0.0), 65535.0))) for value in scaled)
    return first, second, third


def normals_of(points: Float64Array, triangles: IntArray) -> Float64Array:
    """Return a unit vector (P, 3) at each point: the mean of its faces by their areas."""
    a, b, c = points[triangles.T]
    faces = np.cross(b - a, c - a)
    sums = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(faces[:, axis], 3), len(points)) for axis in range(3)], -1
    )
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    unit: Float64Array = np.where(length > 0, sums / np.where(length > 0, length, 1.0), (0.0, 0.0, 1.0))
    return unit

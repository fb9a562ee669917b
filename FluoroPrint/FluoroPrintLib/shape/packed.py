"""A surface as text, for recipes and attributes of nodes, which hold words alone."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..mesh.polydata import points_of, polydata_from, triangles_of

_COUNTS = struct.Struct("<II")


def packed(surface: vtkPolyData) -> str:
    """Return triangles as text: counts, float32 points, uint32 numbers of points, deflated, in base 64."""
    points, triangles = points_of(surface), triangles_of(surface)
    content = (
        _COUNTS.pack(len(points), len(triangles))
        + points.astype("<f4").tobytes()
        + triangles.astype("<u4").tobytes()
    )
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")


def unpacked(text: str) -> vtkPolyData:
    """Return the surface that `packed` turned into text.

    Raises
    ------
    FluoroPrintError
        The text is none of its.
    """
    try:
        content = zlib.decompress(base64.b64decode(text, validate=True))
        count, faces = _COUNTS.unpack_from(content)
        if len(content) != _COUNTS.size + 12 * (count + faces):
            raise ValueError("it is of another length than it says")
        points = np.frombuffer(content, "<f4", 3 * count, _COUNTS.size).reshape(-1, 3)
        triangles = np.frombuffer(content, "<u4", 3 * faces, _COUNTS.size + 12 * count).reshape(-1, 3)
        if faces == 0 or triangles.max() >= count or not np.isfinite(points).all():
            raise ValueError("it holds no faces, or such without points")
    except (ValueError, binascii.Error, zlib.error, struct.error) as error:
        raise FluoroPrintError("its shape is damaged: save the recipe again.") from error
    return polydata_from(points.astype(float), triangles.astype(np.int64))

"""Solids on grids: boxes, cylinders, and a column of vertebrae put together from them."""

from __future__ import annotations

import numpy as np
from FluoroPrintLib.geometry.volume import Volume, transformed
from FluoroPrintLib.planning.screw_sizes import ScrewFamily

FAMILY = ScrewFamily(
    "pedicle", "Pedicle screws", tuple(np.arange(4.0, 8.6, 0.5)), tuple(np.arange(25.0, 61.0, 5.0)), {}
)
SPACING_MM = 34.0


def grid(size_mm, voxel_mm, centre=(0.0, 0.0, 0.0), turn=None):
    """A grid of bool zeros about a centre, its axes turned by a rotation."""
    count = np.ceil(np.divide(size_mm, voxel_mm)).astype(int)
    matrix = np.eye(4)
    matrix[:3, :3] = (np.eye(3) if turn is None else turn) @ np.diag(voxel_mm)
    matrix[:3, 3] = np.asarray(centre) - matrix[:3, :3] @ ((count - 1) / 2)
    return Volume(np.zeros(tuple(int(n) for n in count[::-1]), bool), matrix)


def places_of(volume):
    """RAS places of all voxels' centres, (K, J, I, 3)."""
    kji = np.moveaxis(np.indices(volume.array_kji.shape), 0, -1)
    return transformed(kji[..., ::-1], volume.ijk_to_ras)


def tube(places, start, end, radius, inner=0.0):
    """Which places lie in a cylinder from start to end, outside an inner radius."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    length = np.linalg.norm(end - start)
    along = (places - start) @ ((end - start) / length)
    across = np.linalg.norm(places - start - along[..., None] * ((end - start) / length), axis=-1)
    return (along >= 0) & (along <= length) & (across <= radius) & (across >= inner)


def box(places, low, high):
    """Which places lie in a box."""
    return ((places >= low) & (places <= high)).all(axis=-1)


def vertebra(places, z=0.0, right_mm=5.0, left_mm=6.0):
    """A vertebra about the canal at the origin of x and y: body, pedicles of two radii, arch, processes.

    The left pedicle (x below 0) is thicker than the right one. The canal is an oval of 9 by 8 mm.
    """
    p = places - np.array([0.0, 0.0, z])
    body = tube(p, (0, 25, -13), (0, 25, 13), 20)
    pedicles = tube(p, (-15, -14, 4), (-15, 20, 4), left_mm) | tube(p, (15, -14, 4), (15, 20, 4), right_mm)
    arch = tube(p, (0, 0, -9), (0, 0, 11), 19) & (p[..., 1] < -2)
    spine = box(p, (-3, -40, -8), (3, -12, 4))
    canal = (p[..., 0] / 9) ** 2 + ((p[..., 1] + 1) / 8) ** 2 < 1
    return (body | pedicles | arch | spine) & ~canal


def column(volume, levels=3):
    """A column of vertebrae, the middle one at the origin, as a mask on the grid of `volume`."""
    places = places_of(volume)
    heights = SPACING_MM * (np.arange(levels) - (levels - 1) / 2)
    mask = np.zeros(volume.array_kji.shape, bool)
    for z in heights:
        mask |= vertebra(places, z)
    return Volume(mask.astype(np.uint8), volume.ijk_to_ras)


def rotation(axis, degrees):
    """A rotation matrix about an axis (0, 1, 2)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.eye(3)
    a, b = (axis + 1) % 3, (axis + 2) % 3
    turn[a, a], turn[a, b], turn[b, a], turn[b, b] = c, -s, s, c
    return turn

"""What extrusion lays for a part as it lies: walls, skins, infill and supports, each in mm3.

Sums over the faces of the part and a map of what hangs over the bed; nothing is sliced. The rules are those
of PrusaSlicer, whose supports have a sheath and stand on a dense first layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float64Array, IntArray
from .machines import Printer
from .profile import solid_layers_of
from .settings import SUPPORT_BELOW_DEG, SUPPORT_SPACING_MM, PrintSettings, layer_of, line_width_mm, shell_mm

NARROW_LINES, GROWN_LINES = 6, 5
"""Solid strips along a wall that are narrower than so many lines are widened by so many."""
ROUNDING = np.pi / 4
"""A circle's share of its square: lines end round; and the mean outline's share of its outline in cells."""
SUPPORT_LINE_MM, FIRST_LAYER_SHARE, FOOT_MM = 0.35, 0.9, 3.0
"""Supports: width of a line; how dense the first layer is, and how far it reaches beyond them."""
SUPPORT_WIDER_MM, INTERFACE_MM = 2.0, 0.7
"""Supports: how far they reach beyond what hangs, a cell of their grid; thickness of their dense top."""
CELL_MM, SAMPLE_MM = 1.0, 0.5
LAYER_MM = 0.2
"""What skins and supports are counted in where nobody tells the layer."""


@dataclass(frozen=True)
class Paths:
    """Material by how it is laid.

    Attributes
    ----------
    walls_mm3 : lines along the outline of each layer
    skins_mm3 : solid layers below and above, where the walls do not reach
    strips_mm3 : solid strips along walls that lie at a slant, laid in short lines
    infill_mm3 : within
    supports_mm3 : below what hangs
    """

    walls_mm3: float
    skins_mm3: float
    strips_mm3: float
    infill_mm3: float
    supports_mm3: float

    @property
    def part_mm3(self) -> float:
        """All but the supports."""
        return self.walls_mm3 + self.skins_mm3 + self.strips_mm3 + self.infill_mm3


def paths_of(points: Float64Array, triangles: IntArray, printer: Printer, settings: PrintSettings) -> Paths:
    """Return what is laid for a closed part: points (P, 3) in mm, triangles (F, 3) facing outward, z up."""
    settings = replace(settings, layer_mm=layer_of(printer, settings) or LAYER_MM)
    corners = (points - points.min(0))[triangles]
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    volume = abs(float(np.einsum("ij,ij->", corners[:, 0], doubled))) / 6
    solid = np.array(_shell(doubled / 2, printer, settings))
    solid *= min(1.0, volume / max(float(solid.sum()), 1e-9))
    infill = settings.infill_percent / 100 * (volume - float(solid.sum()))
    supports = _supports_mm3(corners, doubled / 2, settings) if settings.support else 0.0
    walls, skins, strips = solid.tolist()
    return Paths(walls, skins, strips, infill, supports)


def _shell(areas: Float64Array, printer: Printer, settings: PrintSettings) -> tuple[float, float, float]:
    """Return walls, skins and strips below faces whose area vectors are given (F, 3).

    A wall is `shell` thick across z, a skin `skin` along z: below a face inclined by a from the bed they are
    shell sin a and skin cos a thick, and what the wall takes is no skin. The strip of skin beside the wall is
    skin / tan a - shell wide in each layer; a narrow one is widened.
    """
    shell, line = shell_mm(printer, settings), line_width_mm(printer)
    skin = solid_layers_of(printer, settings) * (settings.layer_mm or LAYER_MM)
    across, along = np.linalg.norm(areas[:, :2], axis=1), np.abs(areas[:, 2])
    beside = np.maximum(skin * along - shell * across, 0.0)
    narrow = (beside > 0) & (beside < NARROW_LINES * line * across)
    strips = GROWN_LINES * line * float(across[narrow].sum())
    return shell * float(across.sum()), float(beside.sum()), strips


def _supports_mm3(corners: Float64Array, areas: Float64Array, settings: PrintSettings) -> float:
    """Return what is laid below faces (F, 3, 3) that hang: hatching, sheath, first layer, dense top."""
    layer = settings.layer_mm or LAYER_MM
    tops = _tops_mm(corners[_hanging(areas)])
    tops = ndimage.grey_dilation(tops, footprint=_disc(SUPPORT_WIDER_MM))
    tops[tops <= 2 * layer] = 0.0
    line = SUPPORT_LINE_MM - layer * (1 - ROUNDING)
    room = float(tops.sum()) * CELL_MM**2
    steps = sum(float(np.abs(np.diff(tops, axis=axis)).sum()) for axis in (0, 1))
    foot = ndimage.binary_dilation(tops > 0, structure=_disc(FOOT_MM))
    return (
        line / (line + SUPPORT_SPACING_MM) * room
        + line * ROUNDING * steps * CELL_MM
        + FIRST_LAYER_SHARE * layer * int(foot.sum()) * CELL_MM**2
        + INTERFACE_MM * int((tops > 0).sum()) * CELL_MM**2
    )


def _hanging(areas: Float64Array) -> BoolArray:
    """Tell which faces hang: those that face down and are flatter than what stands by itself."""
    facing = -areas[:, 2] / np.maximum(np.linalg.norm(areas, axis=1), 1e-30)
    hanging: BoolArray = facing > np.cos(np.radians(SUPPORT_BELOW_DEG)) + 1e-9
    return hanging


def _tops_mm(corners: Float64Array) -> Float64Array:
    """Return how high faces (F, 3, 3) hang over each cell of the bed: the highest, 0 where none does."""
    points = np.concatenate([np.zeros((0, 3)), *_sampled(corners)])
    if len(points) == 0:
        return np.zeros((1, 1))
    cells = np.floor(points[:, :2] / CELL_MM).astype(int)
    cells += int(np.ceil((SUPPORT_WIDER_MM + FOOT_MM) / CELL_MM)) + 1 - cells.min(0)
    tops = np.zeros(cells.max(0) + cells.min(0) + 1)
    np.maximum.at(tops, (cells[:, 0], cells[:, 1]), points[:, 2])
    return tops


def _sampled(corners: Float64Array) -> Iterator[Float64Array]:
    """Yield points spread over faces (F, 3, 3), at most `SAMPLE_MM` apart along and across their longest."""
    lengths = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2)
    turned = (lengths.argmax(1)[:, None] + np.arange(3)) % 3
    a, b, c = np.take_along_axis(corners, turned[:, :, None], axis=1).swapaxes(0, 1)
    longest = np.maximum(lengths.max(1), 1e-30)
    widths = np.linalg.norm(np.cross(b - a, c - a), axis=1) / longest
    counts = np.ceil(np.stack([longest, widths], axis=1) / SAMPLE_MM).astype(int).clip(1)
    kinds, kind = np.unique(counts, axis=0, return_inverse=True)
    for number, (along, across) in enumerate(kinds):
        u = ((np.arange(along) + 0.5) / along)[:, None, None, None]
        v = ((np.arange(across) + 0.5) / across)[:, None, None]
        mine = kind.ravel() == number
        yield (((1 - u) * a[mine] + u * b[mine]) * (1 - v) + v * c[mine]).reshape(-1, 3)


def _disc(radius_mm: float) -> BoolArray:
    reach = int(radius_mm / CELL_MM)
    x, y = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    disc: BoolArray = np.hypot(x, y) * CELL_MM <= radius_mm
    return disc

"""The medullary canal of a femur: its axis, and how wide it is along that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..arrays import Float64Array, IntArray
from ..errors import FluoroPrintError
from .acetabulum import first_bone_mm
from .field import BoneField
from .plan import Place
from .vessel_rays import across_frames, rays_across

LEVEL_MM, SECTION_STEP_MM, SECTION_MM = 2.0, 0.5, 20.0
"""Distance of levels; places of a section are looked at so close together, and so far about the axis."""
ROUNDS, WAYS = 3, 18
LEAST_LEVELS = 5
TOP_MM = 0.3
"""Places that are so little nearer to the cortex than the farthest one count for the middle of the circle."""


@dataclass(frozen=True)
class FemoralCanal:
    """A canal between two landmarks, level by level from above.

    Attributes
    ----------
    start_ras, axis_ras : a place of its axis at the upper landmark, and the unit vector down; RAS mm
    along_mm : (N,) of the levels, from the start
    centres_ras : (N, 3) centres of the inscribed circles
    width_mm : (N,) the least width through them: the endosteal width
    """

    start_ras: Float64Array
    axis_ras: Float64Array
    along_mm: Float64Array
    centres_ras: Float64Array
    width_mm: Float64Array

    def at(self, along_mm: float) -> Float64Array:
        """Return the place of the axis so far from its start, (3,) RAS mm."""
        place: Float64Array = self.start_ras + along_mm * self.axis_ras
        return place

    def upper(self, length_mm: float) -> FemoralCanal:
        """Return the canal down to a length, with the line through its own centres: femora are bowed.

        Where that holds too few levels it is the whole canal.
        """
        kept = self.along_mm <= length_mm
        if kept.sum() < LEAST_LEVELS:
            return self
        centres, whole = self.centres_ras[kept], float(self.along_mm[-1])
        start, end = _line_through(centres, self.start_ras, self.at(whole))
        axis = (end - start) / np.linalg.norm(end - start)
        return FemoralCanal(start, axis, (centres - start) @ axis, centres, self.width_mm[kept])


def femoral_canal(cortex: BoneField, proximal_ras: Place, distal_ras: Place) -> FemoralCanal:
    """Return the canal between two landmarks in it: the line of least squares through inscribed circles.

    Sections across the line are looked at; the farthest place from bone in each, of those that hang together
    about the line, is the centre of its circle. The line is then the better one through the centres.

    Parameters
    ----------
    cortex : field of a femur whose marrow is no bone
    proximal_ras, distal_ras : landmarks in the canal, above and below

    Raises
    ------
    FluoroPrintError
        The landmarks are one, or between them there is no hollow with bone all round.
    """
    start, end = np.asarray(proximal_ras, np.float64), np.asarray(distal_ras, np.float64)
    length = float(np.linalg.norm(end - start))
    if length < LEAST_LEVELS * LEVEL_MM:
        raise FluoroPrintError("The two places of the femoral canal are too near: put them apart along it.")
    along = np.linspace(0.0, length, int(length / LEVEL_MM) + 1)
    for _ in range(ROUNDS):
        axis = (end - start) / np.linalg.norm(end - start)
        circles = [_circle(cortex, start + far * axis, axis) for far in along]
        found = np.array([circle for circle in circles if circle is not None]).reshape(-1, 3)
        if len(found) < max(LEAST_LEVELS, len(along) / 2):
            raise FluoroPrintError(
                "There is no medullary canal between the places of the femoral shaft: give the femur with "
                "its marrow left out of it, and places within the canal."
            )
        start, end = _line_through(found, start, end)
    axis = (end - start) / np.linalg.norm(end - start)
    return FemoralCanal(start, axis, (found - start) @ axis, found, _least_widths(cortex, found, axis))


def _least_widths(cortex: BoneField, centres: Float64Array, axis: Float64Array) -> Float64Array:
    """Return the least width across an axis through each place, (N,): that of an oval through all ways round.

    The oval's width is a mean and one wave in half a turn, so that single voxels count little.
    """
    rays = rays_across(axis[None], 2 * WAYS)[0]
    away = np.array([first_bone_mm(cortex, centre, rays, to_mm=SECTION_MM) for centre in centres])
    away = np.nan_to_num(away, nan=SECTION_MM)
    waves = np.fft.rfft(away[:, :WAYS] + away[:, WAYS:], axis=1)
    least: Float64Array = (waves[:, 0].real - 2 * np.abs(waves[:, 1])) / WAYS
    return least


def _circle(cortex: BoneField, middle: Float64Array, axis: Float64Array) -> Float64Array | None:
    """Return the centre of the circle inscribed in a section, None where no bone goes round it."""
    first, second = (across[0] for across in across_frames(axis[None]))
    ticks = np.arange(-SECTION_MM, SECTION_MM + SECTION_STEP_MM, SECTION_STEP_MM)
    u, v = np.meshgrid(ticks, ticks, indexing="ij")
    away = -cortex.at(middle + u[..., None] * first + v[..., None] * second)
    labels, _ = ndimage.label(away > 0)
    own = labels == _label_about(labels, u**2 + v**2)
    if own[0].any() or own[-1].any() or own[:, 0].any() or own[:, -1].any():
        return None
    top = own & (away > away[own].max() - TOP_MM)
    centre: Float64Array = middle + u[top].mean() * first + v[top].mean() * second
    return centre


def _label_about(labels: IntArray, far: Float64Array) -> int:
    """Return the label of the hollow that is nearest to the middle of a section."""
    return int(labels.flat[int(np.where(labels > 0, far, np.inf).argmin())])


def _line_through(
    centres: Float64Array, start: Float64Array, end: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return the ends of the line of least squares through centres, at the heights of the old ends."""
    middle = centres.mean(axis=0)
    way = np.linalg.svd(centres - middle)[2][0]
    way = way * np.sign(way @ (end - start))
    return middle + way * float(way @ (start - middle)), middle + way * float(way @ (end - middle))


def width_towards(cortex: BoneField, place_ras: Float64Array, direction_ras: Float64Array) -> float:
    """Return how wide a canal is at a place along a direction, from cortex to cortex; NaN if it is open."""
    rays = np.stack([direction_ras, -direction_ras])
    return float(first_bone_mm(cortex, place_ras, rays, to_mm=SECTION_MM).sum())

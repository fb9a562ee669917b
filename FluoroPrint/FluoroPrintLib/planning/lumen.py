"""How wide a vessel is along its centreline: sections at right angles to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from .centreline import Centreline
from .field import BoneField
from .vessel_rays import RAYS, rays_across, wall_distances


@dataclass(frozen=True)
class LumenSections:
    """The lumen across a centreline, a value a place.

    Attributes
    ----------
    area_mm2 : (N,) of the section
    mean_mm : (N,) diameter of the circle with its area
    least_mm, greatest_mm : (N,) least and greatest width through the middle
    """

    area_mm2: Float64Array
    mean_mm: Float64Array
    least_mm: Float64Array
    greatest_mm: Float64Array


def lumen_sections(lumen: BoneField, line: Centreline) -> LumenSections:
    """Measure the lumen in planes at right angles to its centreline, by rays from the middle to the wall.

    Parameters
    ----------
    lumen : field of the lumen (`bone_field` of its mask): above 0 inside
    line : its centreline
    """
    radii = wall_distances(lumen, line.places_ras, rays_across(line.tangents_ras))
    area = (radii**2).sum(1) * np.pi / RAYS
    widths = radii[:, : RAYS // 2] + radii[:, RAYS // 2 :]
    return LumenSections(area, 2 * np.sqrt(area / np.pi), widths.min(1), widths.max(1))

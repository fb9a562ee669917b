"""A vertebra contoured by hand in every fifth slice, as far as a script has a hand: points on its border.

The points lie on the border of the reference vertebra of `segmentation_grow` in axial slices, one every 8, 14
or 20 mm, each off by about 0.5 mm. They are joined along the edges of the reconstruction, or by straight
lines as Slicer's own Draw does between clicks; both are filled in between by the same function.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from accuracy import surface_distance_mm
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.segmentation.outlines import SliceOutline
from FluoroPrintLib.segmentation.slice_contours import SliceContourParameters, contour_slices
from FluoroPrintLib.segmentation.slices import Slice, points_at
from segmentation_grow import _volumes, vertebra
from skimage.measure import find_contours

EVERY, APARTS_MM, OFF_MM = 5, (8.0, 14.0, 20.0), 0.5
LEAST_POINTS, LEAST_LENGTH_MM = 5, 20.0


def rows() -> list[tuple[str, str, str]]:
    """Return case, figures and what is needed; nothing where FLUOROPRINT_DATA names no folder of the data."""
    data = Path(os.environ.get("FLUOROPRINT_DATA", ""))
    cases = (("lumbosacral", "lumbosacral"), ("thoracic-wobble", "thoracic"))
    there = [case for case in cases if (data / "sweeps" / f"{case[0]}-xa.dcm").is_file()]
    return [
        row
        for name, ct in there
        if "FLUOROPRINT_DATA" in os.environ
        for row in rows_of(name, *_volumes(data, name, ct))
    ]


def rows_of(name: str, volume: Volume, ct_kji: np.ndarray) -> list[tuple[str, str, str]]:
    """Return the rows of a case: its reconstruction, and the CT on the same grid."""
    truth = vertebra(name, ct_kji, volume.spacing_mm[::-1])
    return [row_of(name, volume, truth, apart_mm) for apart_mm in APARTS_MM]


def row_of(name: str, volume: Volume, truth: np.ndarray, apart_mm: float) -> tuple[str, str, str]:
    """Contour with points so far apart, along edges and straight; return the row."""
    outlines = outlines_of(truth, volume, apart_mm)
    shown, everywhere = [], np.ones(truth.shape, bool)
    for words, follow in (("along edges", True), ("straight", False)):
        found = contour_slices(volume, outlines, SliceContourParameters(follow_edges=follow))
        dice = 2 * np.count_nonzero(found & truth) / (np.count_nonzero(found) + np.count_nonzero(truth))
        distance = surface_distance_mm(found, truth, everywhere, tuple(volume.spacing_mm[::-1]))
        shown.append(f"{words} Dice {dice:.3f} {distance:.2f} mm")
    points = sum(len(outline.points_ras) for outline in outlines)
    return f"contours, {name}, {points} points in {len(outlines)}", "  ".join(shown), "-"


def outlines_of(truth: np.ndarray, volume: Volume, apart_mm: float) -> list[SliceOutline]:
    """Return outlines of a mask in every so many axial slices and the last one."""
    rng = np.random.default_rng(4)
    numbers = np.flatnonzero(truth.any((1, 2)))
    outlines = []
    for number in sorted({*numbers[::EVERY].tolist(), int(numbers[-1])}):
        for border in find_contours(np.pad(truth[number], 1).astype(float), 0.5):
            pixels = points_along(border[:, ::-1] - 1, volume.spacing_mm[0], apart_mm)
            if pixels is not None:
                pixels += rng.normal(0, OFF_MM / volume.spacing_mm[0], pixels.shape)
                outlines.append(SliceOutline(points_at(volume, Slice(2, number), pixels)))
    return outlines


def points_along(border: np.ndarray, pixel_mm: float, apart_mm: float) -> np.ndarray | None:
    """Return points of a closed border so far apart; None of one that is too short to be contoured."""
    along = np.concatenate([[0], np.linalg.norm(np.diff(border, axis=0), axis=1).cumsum()]) * pixel_mm
    if along[-1] < LEAST_LENGTH_MM:
        return None
    count = max(LEAST_POINTS, round(along[-1] / apart_mm))
    places = np.arange(count) * along[-1] / count
    return np.stack([np.interp(places, along, column) for column in border.T], 1)

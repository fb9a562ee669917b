"""Contrast-filled vessels beside bone, by hysteresis on a multi-scale vesselness; a wall for printing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array, IntArray, UInt8Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .edge_spread import beyond_mm, box_about
from .segments import GENERAL_LIST, NO_REGION, Segment, Segmentation
from .vesselness import contrast_of, lumen_about_lines

LUMEN_COLOUR = (216 / 255, 101 / 255, 79 / 255)  # "artery" of Slicer's generic anatomy colours
WALL_COLOUR = (111 / 255, 184 / 255, 210 / 255)  # "connective tissue"
LUMEN_TERMINOLOGY = f"{GENERAL_LIST}~SCT^85756007^Tissue~SCT^51114001^Artery~^^{NO_REGION}"
WALL_TERMINOLOGY = f"{GENERAL_LIST}~SCT^85756007^Tissue~SCT^21793004^Connective tissue~^^{NO_REGION}"
AIR_HU = -1000.0
SMOOTHING_VOXELS = 0.6
SEED_REACH_MM = 2.0
LEAST_TUBULAR_SHARE = 0.02
"""A tenth of any tube answers as one, or more; of slabs and balls of bone next to nothing does."""


@dataclass(frozen=True)
class VesselParameters(Parameters):
    """Which vessels are looked for, and the wall to add."""

    min_diameter_mm: Annotated[
        float, Bounds(0.3, 40.0), Unit("mm"), Help("Diameter of the thinnest vessel to look for.")
    ] = 1.5
    max_diameter_mm: Annotated[
        float, Bounds(0.5, 80.0), Unit("mm"), Help("Diameter of the widest vessel to look for.")
    ] = 30.0
    lower_hu: Annotated[
        float | None,
        Bounds(-1000.0, 10000.0),
        Unit("HU"),
        Help("Half way between soft tissue and contrast; found in the volume if left out."),
    ] = None
    seed_vesselness: Annotated[
        float, Bounds(0.05, 1.0), Help("A vessel is this much like a tube somewhere; an ideal tube is 1.")
    ] = 0.6
    lower_vesselness: Annotated[
        float, Bounds(0.05, 1.0), Help("A vessel is followed where it is at least this much like a tube.")
    ] = 0.42
    pieces: Annotated[
        str, Choices(("largest", "all")), Help("Keep the largest tree alone, or all separate pieces.")
    ] = "largest"
    min_piece_mm3: Annotated[
        float, Bounds(0.0, 1e6), Unit("mm3"), Help("Separate pieces smaller than this are left out.")
    ] = 100.0
    wall_mm: Annotated[
        float,
        Bounds(0.0, 10.0),
        Unit("mm"),
        Help("Thickness of a wall around the lumen, a segment of its own for printing; 0 adds none."),
    ] = 0.0


@dataclass(frozen=True)
class FoundVessels:
    """Vessels, and how they were told.

    Attributes
    ----------
    segmentation : the lumen, and its wall where one was asked for
    lower_hu : half way between soft tissue and contrast
    lumen_ml : volume of the lumen
    pieces : number of separate pieces
    """

    segmentation: Segmentation
    lower_hu: float
    lumen_ml: float
    pieces: int

    @property
    def note(self) -> str:
        """What was found, as a sentence."""
        words = "1 piece" if self.pieces == 1 else f"{self.pieces} pieces"
        return f"Lumen of {self.lumen_ml:.1f} ml in {words}; contrast told at {self.lower_hu:.0f} HU."


def find_vessels(
    volume: Volume,
    parameters: VesselParameters | None = None,
    seeds_ras: Float64Array | None = None,
    progress: Progress = silent,
) -> FoundVessels:
    """Segment the lumen of contrast-filled vessels; the volume stays as it is.

    Lines are found as Sato finds them (see `vesselness`), followed by hysteresis, and widened to where the
    contrast has fallen to half. Bone is as bright as contrast, but no tube: what is neither along a line nor
    connected to one is left out.

    Parameters
    ----------
    volume : values in HU on any grid, oblique and anisotropic too; NaN counts as outside the field
    parameters : diameters, thresholds, what to keep, wall
    seeds_ras : (N, 3) points in the vessels to keep, RAS mm; then no other piece is kept
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        There is no number or no vessel in the volume, or no vessel at a seed.
    """
    wanted = parameters or VesselParameters()
    if wanted.min_diameter_mm > wanted.max_diameter_mm:
        raise FluoroPrintError(
            f"min_diameter_mm is {wanted.min_diameter_mm:g} mm, above max_diameter_mm of "
            f"{wanted.max_diameter_mm:g} mm: give the smaller first."
        )
    progress(0.0, "finding the contrast")
    values, measured = _numbers(volume)
    smooth = ndimage.gaussian_filter(values, SMOOTHING_VOXELS)
    contrast = contrast_of(smooth, measured, wanted.lower_hu)
    spacing_kji = volume.spacing_mm[::-1]
    lumen, seeds = lumen_about_lines(
        values,
        smooth,
        spacing_kji,
        contrast,
        diameters_mm=(wanted.min_diameter_mm, wanted.max_diameter_mm),
        thresholds=(wanted.lower_vesselness, wanted.seed_vesselness),
        progress=part_of(progress, 0.05, 0.85),
    )
    progress(0.85, "keeping the vessels")
    lumen, count = _kept(lumen & measured, seeds, volume, wanted, seeds_ras)
    progress(0.95, "adding the wall")
    labels = lumen.astype(np.uint8)
    labels[vessel_wall(lumen, spacing_kji, wanted.wall_mm)] = 2
    progress(1.0, "vessels segmented")
    lumen_ml = float(lumen.sum() * np.prod(spacing_kji)) / 1000
    return FoundVessels(_segmentation(labels, volume, wanted), contrast.half_hu, lumen_ml, count)


def vessel_wall(lumen_kji: BoolArray, spacing_kji: Float64Array, wall_mm: float) -> BoolArray:
    """Return the voxels outside the lumen, up to a distance from its surface; none for a distance of 0.

    Parameters
    ----------
    lumen_kji : (K, J, I)
    spacing_kji : (3,) mm
    wall_mm : thickness; what would lie outside the volume is cut off
    """
    wall = np.zeros(lumen_kji.shape, bool)
    if wall_mm > 0 and lumen_kji.any():
        box = box_about(lumen_kji, wall_mm, spacing_kji)
        beyond = beyond_mm(lumen_kji[box], spacing_kji)
        wall[box] = (beyond <= wall_mm) & ~lumen_kji[box]
    return wall


def _segmentation(labels: UInt8Array, volume: Volume, wanted: VesselParameters) -> Segmentation:
    segments = [Segment("Vessel", 1, LUMEN_COLOUR, LUMEN_TERMINOLOGY)]
    if wanted.wall_mm > 0:
        segments.append(Segment("Vessel wall", 2, WALL_COLOUR, WALL_TERMINOLOGY))
    return Segmentation(volume.with_array(labels), tuple(segments))


def _kept(
    lumen: BoolArray,
    seeds: BoolArray,
    volume: Volume,
    wanted: VesselParameters,
    seeds_ras: Float64Array | None,
) -> tuple[BoolArray, int]:
    """Return the pieces to keep, and their number."""
    labels, _ = ndimage.label(lumen)
    sizes = np.bincount(labels.ravel())
    keep = sizes * volume.voxel_mm3 >= max(wanted.min_piece_mm3, 1e-9)
    tubular = np.bincount(labels[seeds & lumen], minlength=len(sizes))
    keep &= tubular > LEAST_TUBULAR_SHARE * sizes
    keep[0] = False
    if seeds_ras is not None and len(seeds_ras):
        keep &= _touched(labels, volume, seeds_ras)
    elif wanted.pieces == "largest" and keep.any():
        keep = np.arange(len(sizes)) == np.where(keep, tubular, 0).argmax()
    if not keep.any():
        raise FluoroPrintError(
            "No vessel was found: nothing bright is tube enough and large enough (at the seeds, if any); "
            "check the diameters, or lower seed_vesselness, lower_hu or min_piece_mm3."
        )
    kept: BoolArray = keep[labels]
    return kept, int(keep.sum())


def _touched(labels: IntArray, volume: Volume, seeds_ras: Float64Array) -> BoolArray:
    """Return which labels lie within `SEED_REACH_MM` of a seed."""
    touched = np.zeros(int(labels.max()) + 1, bool)
    ras_to_ijk = np.linalg.inv(volume.ijk_to_ras)
    reach = np.ceil(SEED_REACH_MM / volume.spacing_mm[::-1]).astype(int)
    for seed in seeds_ras:
        at = np.rint(ras_to_ijk[:3, :3] @ seed + ras_to_ijk[:3, 3]).astype(int)[::-1]
        if (at >= -reach).all() and (at < labels.shape + reach).all():
            box = tuple(
                slice(max(0, middle - r), middle + r + 1) for middle, r in zip(at, reach, strict=True)
            )
            touched[np.unique(labels[box])] = True
    touched[0] = False
    return touched


def _numbers(volume: Volume) -> tuple[Float32Array, BoolArray]:
    """Return the values without NaN, and which voxels were measured."""
    values = np.asarray(volume.array_kji, np.float32)
    if values.ndim != 3 or values.size == 0:
        raise FluoroPrintError("The volume has no voxels: give a reconstructed volume.")
    measured = np.isfinite(values)
    if not measured.any():
        raise FluoroPrintError("The volume holds no numbers, only NaN or infinity: reconstruct it again.")
    measured &= values != AIR_HU
    return np.nan_to_num(values, nan=AIR_HU, posinf=AIR_HU, neginf=AIR_HU), measured

"""Bone from a noisy cone-beam volume: flatten, denoise, restore edges, threshold with hysteresis, fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from .filling import enclosed_cavities, with_marrow
from .metal import metal_mask
from .restoration import (
    FEWEST_ITERATIONS,
    denoised,
    denoising_for,
    flattened,
    median_filtered,
    noise_hu,
    sharpened,
    sharpening_for,
)
from .segments import GENERAL_LIST, NO_REGION, Segment, Segmentation
from .threshold import bone_threshold_hu, edge_threshold_hu, seed_threshold_hu

BONE_COLOUR = (241 / 255, 214 / 255, 145 / 255)  # "bone" of Slicer's generic anatomy colours
BONE_TERMINOLOGY = f"{GENERAL_LIST}~SCT^123037004^Anatomical Structure~SCT^272673000^Bone~^^{NO_REGION}"
RIM_VOXELS = 1
AIR_HU, HIGHEST_HU = -1000.0, 4000.0  # outside the field and beyond metal nothing is told apart


@dataclass(frozen=True)
class BoneParameters(Parameters):
    """How bone is told from the rest."""

    lower_hu: Annotated[
        float | None,
        Bounds(-1000.0, 3000.0),
        Unit("HU"),
        Help("Bone is above this; found by Otsu's method between soft tissue and bone if left out."),
    ] = None
    seed_hu: Annotated[
        float | None,
        Bounds(-1000.0, 4000.0),
        Unit("HU"),
        Help(
            "A piece of bone holds a voxel above this; half way from the threshold to mean bone if left out."
        ),
    ] = None
    flatten: Annotated[bool, Help("Take out slow changes of the scale first: cupping, truncation.")] = True
    denoising: Annotated[
        str, Choices(("curvature", "median", "none")), Help("Edge-preserving filter before the threshold.")
    ] = "curvature"
    denoising_iterations: Annotated[
        int | None,
        Bounds(1, 50),
        Help("Iterations of the curvature flow; more in noisier volumes if left out."),
    ] = None
    sharpening: Annotated[
        float | None,
        Bounds(0.0, 5.0),
        Help("How much blurred edges are restored after denoising; less in noisier volumes if left out."),
    ] = None
    thin_walls: Annotated[
        bool, Help("Follow walls thinner than the resolution below the threshold, as of the skull.")
    ] = False
    min_piece_mm3: Annotated[
        float, Bounds(0.0, 1e6), Unit("mm3"), Help("Separate pieces smaller than this are left out.")
    ] = 100.0
    cavities: Annotated[
        str,
        Choices(("none", "enclosed", "marrow")),
        Help("What to fill: nothing, all that bone encloses, or marrow too where its cortex has gaps."),
    ] = "none"


@dataclass(frozen=True)
class FoundBone:
    """Bone, and the levels it was told by.

    Attributes
    ----------
    segmentation : one segment, bone
    lower_hu : bone is above this
    seed_hu : each piece of bone holds a voxel above this
    noise_hu : standard deviation in soft tissue; it decides how much is smoothed and how far edges restored
    """

    segmentation: Segmentation
    lower_hu: float
    seed_hu: float
    noise_hu: float

    @property
    def note(self) -> str:
        """The levels as a sentence."""
        return (
            f"Bone above {self.lower_hu:.0f} HU, seeds above {self.seed_hu:.0f} HU, "
            f"noise {self.noise_hu:.0f} HU."
        )


def segment_bone(
    volume: Volume, parameters: BoneParameters | None = None, progress: Progress = silent
) -> Segmentation:
    """Segment bone as `find_bone` does, and return the segmentation alone."""
    return find_bone(volume, parameters, progress).segmentation


def find_bone(
    volume: Volume, parameters: BoneParameters | None = None, progress: Progress = silent
) -> FoundBone:
    """Segment bone; the volume stays as it is.

    Slow changes of the scale are taken out; curvature flow (Sethian, 1999) takes out noise and keeps edges;
    blurred edges are restored as far as the noise allows, so that thin cortex reaches the threshold. That is
    Otsu's between soft tissue and bone, at most what bone begins at in a calibrated CT. Voxels above it
    count where they connect, across faces, to a voxel above the seed threshold (hysteresis) and the piece is
    not smaller than `min_piece_mm3`. All sizeable pieces are kept. On request walls that connect to bone are
    followed below the threshold.

    Parameters
    ----------
    volume : values in HU on any grid, oblique and anisotropic too; NaN counts as outside the field
    parameters : thresholds, denoising, what to leave out
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The volume holds no number, nothing that looks like bone, or the thresholds contradict each other.
    """
    wanted = parameters or BoneParameters()
    inside = _inside(volume)
    values_hu, noise = _restored(_numbers(volume), inside, volume, wanted, part_of(progress, 0.0, 0.6))
    progress(0.6, "finding the threshold")
    lower, seed = _thresholds(values_hu, inside & ~metal_mask(volume), wanted)
    progress(0.7, "thresholding")
    least_voxels = wanted.min_piece_mm3 / volume.voxel_mm3
    mask = _pieces(values_hu, lower, seed, least_voxels)
    if wanted.thin_walls:
        edge = edge_threshold_hu(values_hu[inside], lower)
        mask |= _thin_walls(values_hu, mask, seed, edge, least_voxels)
    if not mask.any():
        raise FluoroPrintError(
            f"No piece of bone above {lower:.0f} HU with a part above {seed:.0f} HU reaches "
            f"{wanted.min_piece_mm3:g} mm3: lower the thresholds or the smallest piece."
        )
    progress(0.8, "filling")
    mask = _filled(mask, wanted.cavities, volume)
    progress(1.0, "bone segmented")
    bone = Segment("Bone", 1, BONE_COLOUR, BONE_TERMINOLOGY)
    labelmap = volume.with_array(mask.astype(np.uint8))
    return FoundBone(Segmentation(labelmap, (bone,)), lower, seed, noise)


def _spacing_kji_mm(volume: Volume) -> Float64Array:
    return volume.spacing_mm[::-1]


def _filled(mask: BoolArray, cavities: str, volume: Volume) -> BoolArray:
    if cavities == "marrow":
        mask = with_marrow(mask, _spacing_kji_mm(volume))
    return mask if cavities == "none" else mask | enclosed_cavities(mask)


def _labelled(mask: BoolArray, connectivity: int) -> IntArray:
    labels: IntArray = ndimage.label(mask, ndimage.generate_binary_structure(3, connectivity))[0]
    return labels


def _numbers(volume: Volume) -> Float32Array:
    if volume.array_kji.ndim != 3 or volume.array_kji.size == 0:
        raise FluoroPrintError("The volume has no voxels: give a reconstructed volume.")
    values = np.asarray(volume.array_kji, np.float32)
    if not np.isfinite(values).any():
        raise FluoroPrintError("The volume holds no numbers, only NaN or infinity: reconstruct it again.")
    if not values.min(initial=np.inf, where=np.isfinite(values)) < values.max(
        initial=-np.inf, where=np.isfinite(values)
    ):
        raise FluoroPrintError("The volume has one value everywhere, so it shows no bone: check the sweep.")
    numbers: Float32Array = np.clip(
        np.nan_to_num(values, nan=AIR_HU, posinf=AIR_HU, neginf=AIR_HU), AIR_HU, HIGHEST_HU
    )
    return numbers


def _inside(volume: Volume) -> BoolArray:
    """Tell which voxels were measured: outside the field reconstructions write NaN, 0 or -1000 exactly."""
    values = volume.array_kji
    inside: BoolArray = np.isfinite(values) & (values != 0) & (values != AIR_HU)
    return inside


def _restored(
    values_hu: Float32Array, inside: BoolArray, volume: Volume, wanted: BoneParameters, progress: Progress
) -> tuple[Float32Array, float]:
    """Return the volume ready for the threshold, and its noise in HU."""
    spacing = _spacing_kji_mm(volume)
    if wanted.flatten:
        progress(0.0, "flattening")
        values_hu = flattened(values_hu, inside, spacing)
    progress(0.4, "denoising")
    noise = noise_hu(values_hu, inside)
    iterations = wanted.denoising_iterations or denoising_for(noise)
    if wanted.denoising == "curvature":
        values_hu = denoised(values_hu, spacing, iterations)
    elif wanted.denoising == "median":
        values_hu = median_filtered(values_hu)
    progress(0.8, "restoring edges")
    amount = wanted.sharpening
    if amount is None:
        amount = sharpening_for(noise, iterations if wanted.denoising == "curvature" else FEWEST_ITERATIONS)
    return sharpened(values_hu, amount, spacing), noise


def _thresholds(values_hu: Float32Array, inside: BoolArray, wanted: BoneParameters) -> tuple[float, float]:
    """Return the lower and the seed threshold, found or given."""
    measured = values_hu[inside]
    lower = bone_threshold_hu(measured) if wanted.lower_hu is None else wanted.lower_hu
    seed = seed_threshold_hu(measured, lower) if wanted.seed_hu is None else wanted.seed_hu
    if seed < lower:
        raise FluoroPrintError(
            f"seed_hu is {seed:g} HU, below the lower threshold of {lower:g} HU: give at least that."
        )
    return lower, seed


def _thin_walls(
    values_hu: Float32Array, mask: BoolArray, seed_hu: float, edge_hu: float, least_voxels: float
) -> BoolArray:
    """Return what connects to bone above a lower level and is more than the blurred rim of bone.

    Walls thinner than the resolution never reach the threshold; the rim of thick bone passes the lower level
    too, but ends within `RIM_VOXELS` of the threshold's surface.
    """
    followed = _pieces(values_hu, edge_hu, seed_hu, least_voxels)
    beyond = followed & ~ndimage.binary_dilation(mask, iterations=RIM_VOXELS)
    walls: BoolArray = ndimage.binary_dilation(beyond, iterations=RIM_VOXELS) & followed
    return walls


def _pieces(values_hu: Float32Array, lower_hu: float, seed_hu: float, least_voxels: float) -> BoolArray:
    """Return the pieces above the lower threshold that hold a seed and are large enough."""
    labels = _labelled(values_hu > lower_hu, 1)
    keep = np.bincount(labels.ravel()) >= max(least_voxels, 1)
    seeded = np.zeros(len(keep), bool)
    seeded[labels[values_hu >= seed_hu]] = True
    keep &= seeded
    keep[0] = False
    kept: BoolArray = keep[labels]
    return kept

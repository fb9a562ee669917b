"""Bone from a noisy cone-beam volume: denoise, threshold with hysteresis, drop specks, fill cavities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import SimpleITK as sitk  # noqa: N813 - the name that everyone uses
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, IntArray
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, silent
from .segments import Segment, Segmentation
from .threshold import bone_threshold_hu, edge_threshold_hu, seed_threshold_hu

BONE_COLOUR = (241 / 255, 214 / 255, 145 / 255)  # "bone" of Slicer's generic anatomy colours
BONE_TERMINOLOGY = (
    "Segmentation category and type - 3D Slicer General Anatomy list"
    "~SCT^123037004^Anatomical Structure~SCT^272673000^Bone~^^"
    "~Anatomic codes - DICOM master list~^^~^^"
)
AIR_HU, HIGHEST_HU = -1000.0, 4000.0  # outside the field and beyond metal nothing is told apart
RIM_VOXELS = 1
CURVATURE_TIME_STEP = 0.0625  # stable in three dimensions for voxels of edge 1


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
    denoising: Annotated[
        str, Choices(("curvature", "median", "none")), Help("Edge-preserving filter before the threshold.")
    ] = "curvature"
    denoising_iterations: Annotated[
        int, Bounds(1, 50), Help("Iterations of the curvature flow: more for noisier volumes.")
    ] = 3
    min_piece_mm3: Annotated[
        float, Bounds(0.0, 1e6), Unit("mm3"), Help("Separate pieces smaller than this are left out.")
    ] = 100.0
    cavities: Annotated[
        str, Choices(("none", "enclosed")), Help("Cavities to fill: none, or all that bone encloses.")
    ] = "none"


@dataclass(frozen=True)
class FoundBone:
    """Bone, and the levels it was told by.

    Attributes
    ----------
    segmentation : one segment, bone
    lower_hu : bone is above this
    seed_hu : each piece of bone holds a voxel above this
    edge_hu : thin walls were followed down to this; None where the threshold was given
    """

    segmentation: Segmentation
    lower_hu: float
    seed_hu: float
    edge_hu: float | None

    @property
    def note(self) -> str:
        """The levels as a sentence."""
        walls = "" if self.edge_hu is None else f", thin walls down to {self.edge_hu:.0f} HU"
        return f"Bone above {self.lower_hu:.0f} HU, seeds above {self.seed_hu:.0f} HU{walls}."


def segment_bone(
    volume: Volume, parameters: BoneParameters | None = None, progress: Progress = silent
) -> Segmentation:
    """Segment bone as `find_bone` does, and return the segmentation alone."""
    return find_bone(volume, parameters, progress).segmentation


def find_bone(
    volume: Volume, parameters: BoneParameters | None = None, progress: Progress = silent
) -> FoundBone:
    """Segment bone; the volume stays as it is.

    Curvature flow (Sethian, 1999) keeps edges while it takes out noise; the threshold is Otsu's between soft
    tissue and bone; voxels above it count where they connect, across faces, to a voxel above the seed
    threshold (hysteresis) and the piece is not smaller than `min_piece_mm3`. All sizeable pieces are kept.
    Where the threshold is found, not given, thin walls that connect to bone are followed below it.

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
    progress(0.0, "denoising")
    values_hu = _denoised(_numbers(volume), volume, wanted)
    progress(0.4, "finding the threshold")
    inside = _inside(volume)
    lower, seed = _thresholds(values_hu, inside, wanted)
    progress(0.5, "thresholding")
    least_voxels = wanted.min_piece_mm3 / _voxel_mm3(volume)
    mask = _pieces(values_hu, lower, seed, least_voxels)
    edge = None
    if wanted.lower_hu is None:
        progress(0.6, "following thin walls")
        edge = edge_threshold_hu(values_hu[inside], lower)
        mask |= _thin_walls(values_hu, mask, seed, edge, least_voxels)
    if not mask.any():
        raise FluoroPrintError(
            f"No piece of bone above {lower:.0f} HU with a part above {seed:.0f} HU reaches "
            f"{wanted.min_piece_mm3:g} mm3: lower the thresholds or the smallest piece."
        )
    if wanted.cavities == "enclosed":
        progress(0.8, "filling cavities")
        mask |= enclosed_cavities(mask)
    progress(1.0, "bone segmented")
    bone = Segment("Bone", 1, BONE_COLOUR, BONE_TERMINOLOGY)
    labelmap = volume.with_array(mask.astype(np.uint8))
    return FoundBone(Segmentation(labelmap, (bone,)), lower, seed, edge)


def enclosed_cavities(mask_kji: BoolArray) -> BoolArray:
    """Return the background that does not reach the border of the volume, connected by faces and edges."""
    padded = np.pad(~mask_kji, 1, constant_values=True)
    labels = _labelled(padded, 2)
    enclosed: BoolArray = padded & (labels != labels[0, 0, 0])
    return enclosed[1:-1, 1:-1, 1:-1]


def _labelled(mask: BoolArray, connectivity: int) -> IntArray:
    labels: IntArray = ndimage.label(mask, ndimage.generate_binary_structure(3, connectivity))[0]
    return labels


def _voxel_mm3(volume: Volume) -> float:
    return abs(float(np.linalg.det(volume.ijk_to_ras[:3, :3])))


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


def _denoised(values_hu: Float32Array, volume: Volume, wanted: BoneParameters) -> Float32Array:
    if wanted.denoising == "none":
        return values_hu
    image = sitk.GetImageFromArray(values_hu)
    spacing = volume.spacing_mm
    # In units of the smallest spacing: the time step is stable on any grid, and the shape of voxels kept.
    image.SetSpacing([float(length) for length in spacing / spacing.min()])
    if wanted.denoising == "median":
        image = sitk.Median(image, [1, 1, 1])
    else:
        image = sitk.CurvatureFlow(image, CURVATURE_TIME_STEP, wanted.denoising_iterations)
    denoised: Float32Array = sitk.GetArrayFromImage(image)
    return denoised


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

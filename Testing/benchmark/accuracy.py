"""Bone surface of a reconstruction against the CT that its sweep was made from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from scipy import ndimage

BONE_HU = 350.0
FIELD_RADIUS_MM = 75.0
SAMPLE = Path(__file__).parents[2] / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm"


@dataclass(frozen=True)
class Case:
    """A sweep with the CT behind it, and the figures to reach."""

    name: str
    sweep: Path
    ct: Path
    truth: Path | None
    voxel_mm: float
    largest_mm: float
    least_dice: float


def cases(data: Path, shipped: Path) -> list[Case]:
    """Return the cases at hand: the shipped one, and those of a data folder where there is one."""
    found = [
        Case(
            "head-small",
            SAMPLE,
            shipped / "head-phantom-ct-crop.nrrd",
            None,
            1.6,
            0.92,
            0.83,
        )
    ]
    for name, largest, least in (("head-phantom", 0.165, 0.965), ("lumbosacral", 0.27, 0.89)):
        sweep, truth = data / "sweeps" / f"{name}-xa.dcm", data / "sweeps" / f"{name}-xa.truth.json"
        ct = data / "reference" / f"{name}-ct.nrrd"
        if sweep.is_file() and ct.is_file():
            found.append(Case(name, sweep, ct, truth, 0.8, largest, least))
    return found


def bone_agreement(volume: sitk.Image, case: Case) -> tuple[float, float]:
    """Return mean surface distance in mm and Dice of bone, within the common field.

    volume : reconstruction in HU, LPS, the isocentre at the origin
    """
    ct = sitk.ReadImage(str(case.ct), sitk.sitkFloat32)
    if case.truth is not None:
        isocentre = json.loads(case.truth.read_text())["isocenter_lps"]
        ct.SetOrigin([edge - middle for edge, middle in zip(ct.GetOrigin(), isocentre, strict=True)])
    reference = sitk.GetArrayFromImage(sitk.Resample(ct, volume, sitk.Transform(), sitk.sitkLinear, -1000.0))
    inside = compared(ct, volume)
    spacing = volume.GetSpacing()[::-1]
    ours, theirs = sitk.GetArrayFromImage(volume) > BONE_HU, reference > BONE_HU
    overlap = 2 * (ours & theirs & inside).sum() / max((ours & inside).sum() + (theirs & inside).sum(), 1)
    return surface_distance_mm(ours, theirs, inside, spacing), float(overlap)


def compared(ct: sitk.Image, volume: sitk.Image) -> np.ndarray:
    """Return where to compare: in the CT, near the axis, and within 3/4 of that of the middle."""
    covered = sitk.Resample(ct * 0 + 1, volume, sitk.Transform(), sitk.sitkNearestNeighbor, 0.0)
    inside = sitk.GetArrayFromImage(covered) > 0
    z, y, x = (
        origin + step * index
        for origin, step, index in zip(
            volume.GetOrigin()[::-1], volume.GetSpacing()[::-1], np.indices(inside.shape), strict=True
        )
    )
    inside &= (np.hypot(x, y) < FIELD_RADIUS_MM) & (np.abs(z) < 0.75 * FIELD_RADIUS_MM)
    return ndimage.binary_erosion(inside, iterations=2)


def surface_distance_mm(
    a: np.ndarray, b: np.ndarray, inside: np.ndarray, spacing: tuple[float, ...]
) -> float:
    surfaces = [mask & ~ndimage.binary_erosion(mask) for mask in (a, b)]
    distances = [ndimage.distance_transform_edt(~surface, sampling=spacing) for surface in surfaces]
    to_b = distances[1][surfaces[0] & inside].mean()
    to_a = distances[0][surfaces[1] & inside].mean()
    return float((to_a + to_b) / 2)

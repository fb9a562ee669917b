"""How far "Fluoro grow" leaks: from 100 random seeds in one vertebra, against that vertebra in the CT.

The reference vertebra is cut out of the CT, on the reconstruction's grid, by prisms: polygons in sagittal
planes, in voxels (j, k), each for a range of columns i. They were set by hand on the disc planes, the facet
joints and the joints of the ribs, to within some 2 mm. Within them: bone above 200 HU, closed by 3 mm, and
what it encloses in at least two of three directions of slices.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.sweep_parameters import SweepParameters
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.ground import ground_of
from FluoroPrintLib.segmentation.grow import GrowParameters, grow_in_box, parts_of
from scipy import ndimage
from vtkmodules.vtkCommonDataModel import vtkPolygon

VOXEL_MM, SEEDS = 0.8, 100
PRISMS = {
    "lumbosacral": (
        (75, 107, "64,140 70,143 100,150 112,155 114,150 118,124 118,119 105,117 90,112 76,104 66,104"),
        (75, 107, "119,146 128,147 150,132 152,120 130,121 119,130"),
        (
            *(56, 75),
            "76,106 90,110 104,116 112,119 113,128 118,132 127,132 127,112 142,112 142,135 127,138 123,142 "
            "123,162 108,162 104,148 70,150",
        ),
        (
            *(107, 121),
            "70,106 90,110 104,116 112,119 113,128 118,132 129,132 129,112 146,112 146,135 128,138 125,142 "
            "124,162 108,162 104,148 70,150",
        ),
        (30, 56, "78,126 100,125 115,128 122,132 140,136 140,162 78,162"),
        (121, 165, "78,126 100,125 115,127 122,129 140,134 140,162 78,162"),
    ),
    "thoracic-wobble": (
        (81, 119, "93,128 118,127.5 137,127 137,112 133,98 118,98.5 93,100"),
        (
            *(91, 109),
            "141,126 149,127 153,116 158,112 175,80 177,64 164,62 152,90 143,92 140,118",
        ),
        (
            *(80, 91),
            "134,112 134,124 139,126 141,130 147,129 149,121 155,118 162,112 157,103 150,98 150,91 145,91 "
            "143,103 141,112",
        ),
        (
            *(109, 120),
            "134,112 134,124 139,126 141,130 147,129 149,121 155,118 164,112 160,103 150,98 150,91 145,91 "
            "143,103 141,112",
        ),
        (60, 80, "143,100 143,114 150,119 163,119 165,100"),
        (120, 140, "143,100 143,114 150,119 165,119 167,100"),
    ),
}


def rows() -> list[tuple[str, str, str]]:
    """Return case, figure and what is needed; nothing where FLUOROPRINT_DATA names no folder of the data."""
    data = Path(os.environ.get("FLUOROPRINT_DATA", ""))
    cases = (("lumbosacral", "lumbosacral"), ("thoracic-wobble", "thoracic"))
    found = []
    for name, ct in cases:
        if "FLUOROPRINT_DATA" in os.environ and (data / "sweeps" / f"{name}-xa.dcm").is_file():
            found += rows_of(name, *_volumes(data, name, ct))
    return found


def rows_of(name: str, volume: Volume, ct_kji: np.ndarray) -> list[tuple[str, str, str]]:
    """Return the rows of a case: its reconstruction, and the CT on the same grid."""
    truth = vertebra(name, ct_kji, volume.spacing_mm[::-1])
    ratios, covered = leaks(volume, truth)
    return [
        (f"{name}: worst of {SEEDS} seeds, region over vertebra", f"{ratios.max():.2f}", "at most 1.5"),
        (f"{name}: vertebra covered, median", f"{np.median(covered):.2f}", ""),
        (f"{name}: vertebra covered, best tenth", f"{np.quantile(covered, 0.9):.2f}", ""),
    ]


def leaks(volume: Volume, truth: np.ndarray, count: int = SEEDS) -> tuple[np.ndarray, np.ndarray]:
    """Return each seed's region over the vertebra's volume, and how much of the vertebra it is."""
    parts, inside = parts_of(ground_of(volume), GrowParameters()), np.argwhere(truth)
    seeds = inside[np.random.default_rng(0).choice(len(inside), count, replace=False)]
    figures = []
    for seed in seeds:
        try:
            box, part = grow_in_box(parts, tuple(map(int, seed)))
        except FluoroPrintError:
            figures.append((0, 0))
            continue
        figures.append((np.count_nonzero(part), np.count_nonzero(part & truth[box])))
    ratios, covered = (np.array(figures) / np.count_nonzero(truth)).T
    return ratios, covered


def vertebra(name: str, ct_kji: np.ndarray, spacing_mm: np.ndarray) -> np.ndarray:
    """Return the reference vertebra."""
    region = np.zeros(ct_kji.shape, bool)
    for first, last, corners in PRISMS[name]:
        region[:, :, first:last] |= _polygon(corners, ct_kji.shape[:2])[:, :, None]
    bone = region & (ndimage.gaussian_filter(ct_kji, 0.6) > 200)
    near = ndimage.distance_transform_edt(~bone, sampling=spacing_mm) <= 3.2
    closed = region & ((ndimage.distance_transform_edt(near, sampling=spacing_mm) > 3.2) | bone)
    solid = closed | (_enclosed_votes(closed) >= 2)
    solid = ndimage.binary_fill_holes(solid | (ndimage.binary_closing(solid, iterations=2) & region))
    labels, _ = ndimage.label(solid)
    return labels == np.bincount(labels.ravel())[1:].argmax() + 1


def _polygon(corners: str, shape_kj: tuple[int, ...]) -> np.ndarray:
    points = [[float(part) for part in corner.split(",")] for corner in corners.split()]
    low, high = np.min(points, 0), np.max(points, 0)
    flat = [value for point in points for value in (*point, 0.0)]
    bounds, normal = [low[0], high[0], low[1], high[1], 0.0, 0.0], [0.0, 0.0, 1.0]
    inside = np.zeros(shape_kj, bool)
    for k in range(int(low[1]), min(int(high[1]) + 1, shape_kj[0])):
        for j in range(int(low[0]), min(int(high[0]) + 1, shape_kj[1])):
            inside[k, j] = vtkPolygon.PointInPolygon([j, k, 0.0], len(points), flat, bounds, normal) == 1
    return inside


def _enclosed_votes(mask: np.ndarray) -> np.ndarray:
    """Return in how many directions of slices a voxel is enclosed, by no more than 2500 voxels."""
    votes = np.zeros(mask.shape, np.uint8)
    for axis in range(3):
        slices, counted = np.moveaxis(mask, axis, 0), np.moveaxis(votes, axis, 0)
        for index in np.flatnonzero(slices.any((1, 2))):
            labels, _ = ndimage.label(ndimage.binary_fill_holes(slices[index]) & ~slices[index])
            small = np.bincount(labels.ravel()) <= 2500
            small[0] = False
            counted[index] += small[labels]
    return votes


def _volumes(data: Path, name: str, ct_name: str) -> tuple[Volume, np.ndarray]:
    truth = data / "sweeps" / f"{name}-xa.truth.json"
    geometry = truth if name == "thoracic-wobble" else None
    sweep = read_sweep(data / "sweeps" / f"{name}-xa.dcm", SweepParameters(), geometry=geometry)
    volume = reconstruct(sweep, ReconstructionParameters(voxel_mm=VOXEL_MM))
    image = sitk.GetImageFromArray(volume.array_kji)
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.ijk_to_ras
    image.SetSpacing(volume.spacing_mm.tolist())
    image.SetOrigin(lps[:3, 3].tolist())
    image.SetDirection((lps[:3, :3] / volume.spacing_mm).ravel().tolist())
    ct = sitk.ReadImage(str(data / "reference" / f"{ct_name}-ct.nrrd"), sitk.sitkFloat32)
    isocentre = json.loads(truth.read_text())["isocenter_lps"]
    ct.SetOrigin([edge - middle for edge, middle in zip(ct.GetOrigin(), isocentre, strict=True)])
    return volume, sitk.GetArrayFromImage(
        sitk.Resample(ct, image, sitk.Transform(), sitk.sitkLinear, -1000.0)
    )


if __name__ == "__main__":
    for row in rows():
        print(*row, sep=" | ")

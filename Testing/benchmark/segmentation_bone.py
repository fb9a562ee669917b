"""Bone found by itself against the bone of the CT (above 350 HU), beside two peers in the same run.

Peers: Otsu's threshold of the whole volume with small islands left out, as Slicer's Threshold and Islands do
it; scikit-image's random walker, seeded by Otsu's three classes.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from accuracy import BONE_HU, SAMPLE, compared, surface_distance_mm
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.volumes import read_volume
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.bone import find_bone
from FluoroPrintLib.simulation.sweeps import SimulationParameters, simulate_sweep, sweep_of_simulated
from scipy import ndimage
from skimage.filters import threshold_multiotsu, threshold_otsu
from skimage.segmentation import random_walker

WHOLE, TRUNCATED = (0.93, 0.6), (0.90, 0.8)
SHIPPED = Path(__file__).parents[1] / "Data" / "head-phantom-ct-crop.nrrd"
LEAST_MM3 = 100.0


@dataclass(frozen=True)
class Case:
    """A reconstruction, the CT behind it on the same grid, where to compare, and the figures to reach.

    `needed` is the least Dice and the largest mean surface distance in mm; None where none was asked for.
    """

    name: str
    volume: Volume
    ct_kji: np.ndarray
    inside: np.ndarray
    needed: tuple[float, float] | None


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield case, figures and what is needed, a row a case."""
    return map(row_of, cases())


def row_of(case: Case) -> tuple[str, str, str]:
    """Segment a case by ours and by the peers; return its row."""
    begun = time.perf_counter()
    ours = find_bone(case.volume).segmentation.labelmap.array_kji > 0
    seconds = time.perf_counter() - begun
    figures = {
        name: agreement(case, mask)
        for name, mask in (("ours", ours), ("Otsu", otsu_islands(case)), ("walker", walker(case)))
    }
    shown = "  ".join(f"{name} {dice:.3f} {distance:.3f} mm" for name, (dice, distance) in figures.items())
    best_peer = max(figures["Otsu"][0], figures["walker"][0])
    verdict = "better than both" if figures["ours"][0] > best_peer else "a peer is better"
    needed = f"{case.needed[0]:.2f} {case.needed[1]:.1f} mm" if case.needed else "-"
    return f"bone, {case.name}", f"{shown}; {verdict}; {seconds:.1f} s", needed


def agreement(case: Case, mask: np.ndarray) -> tuple[float, float]:
    """Return Dice and mean surface distance in mm of a mask and the CT's bone."""
    truth, inside = case.ct_kji > BONE_HU, case.inside
    both = (mask & truth & inside).sum()
    dice = 2 * both / max((mask & inside).sum() + (truth & inside).sum(), 1)
    return float(dice), surface_distance_mm(mask, truth, inside, tuple(case.volume.spacing_mm[::-1]))


def otsu_islands(case: Case) -> np.ndarray:
    """Return Otsu's threshold of the whole volume, small islands left out."""
    mask = case.volume.array_kji > threshold_otsu(case.volume.array_kji)
    labels, _ = ndimage.label(mask)
    sizes = np.bincount(labels.ravel()) * np.prod(case.volume.spacing_mm)
    sizes[0] = 0
    return sizes[labels] >= LEAST_MM3


def walker(case: Case) -> np.ndarray:
    """Return the random walker's bone; seeds are the lowest and highest of Otsu's three classes."""
    part = compared_box(case.inside)
    values = np.nan_to_num(case.volume.array_kji[part], nan=-1000.0)
    low, high = threshold_multiotsu(np.clip(values[values > -300], -300, 1500), 3)
    seeds = np.where(values > high, 2, np.where(values < low, 1, 0)).astype(np.int8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = random_walker(values, seeds, beta=130, mode="cg_j", tol=1e-2)
    mask = np.zeros(case.inside.shape, bool)
    mask[part] = found == 2
    return mask


def compared_box(inside: np.ndarray, margin: int = 10) -> tuple[slice, ...]:
    """Return the box about what is compared, for the walker, which takes minutes on a whole volume."""
    (box,) = ndimage.find_objects(inside.astype(np.uint8))
    return tuple(slice(max(0, side.start - margin), side.stop + margin) for side in box)


def cases() -> Iterator[Case]:
    """Yield the cases at hand: shipped ones, and those of the data folder that FLUOROPRINT_DATA names."""
    head = read_volume(SHIPPED)
    yield case_of("head-small", reconstruct_file(SAMPLE, None, 1.6), SHIPPED, None, WHOLE)
    yield simulated("head, simulated", head, 0.8, WHOLE, pixel_mm=1.0)
    yield simulated("head, few photons", head, 0.8, WHOLE, pixel_mm=1.0, photons=2e4)
    # A phantom in air has no soft tissue that would tell how much scatter there is: it is given.
    yield simulated("head, scatter 0.2", head, 0.8, WHOLE, taken_out=0.2, pixel_mm=1.0, scatter=0.2)
    data = Path(os.environ.get("FLUOROPRINT_DATA", ""))
    if not (data / "sweeps").is_dir():
        return
    for name, voxel_mm, needed in (
        ("head-phantom", 0.8, WHOLE),
        ("lumbosacral", 0.8, TRUNCATED),
        ("thoracic-wobble", 0.8, None),
    ):
        sweep, truth = data / "sweeps" / f"{name}-xa.dcm", data / "sweeps" / f"{name}-xa.truth.json"
        ct = data / "reference" / f"{name.removesuffix('-wobble')}-ct.nrrd"
        geometry = truth if name.endswith("wobble") else None
        yield case_of(name, reconstruct_file(sweep, geometry, voxel_mm), ct, truth, needed)
    for name in ("thoracic", "lumbosacral"):
        ct = read_volume(data / "reference" / f"{name}-ct.nrrd")
        yield simulated(f"{name}, truncated", ct, 0.8, None, panel_mm=(300.0, 300.0))
        yield simulated(f"{name}, few photons", ct, 0.8, None, photons=5e4, panel_mm=(300.0, 300.0))
        yield simulated(f"{name}, scatter 0.2", ct, 0.8, None, scatter=0.2, panel_mm=(300.0, 300.0))


def reconstruct_file(sweep: Path, geometry: Path | None, voxel_mm: float) -> Volume:
    """Return the volume of a sweep's file, by the defaults."""
    return reconstruct(read_sweep(sweep, geometry=geometry), ReconstructionParameters(voxel_mm=voxel_mm))


def simulated(
    name: str,
    ct: Volume,
    voxel_mm: float,
    needed: tuple[float, float] | None,
    taken_out: float | None = None,
    **parameters: object,
) -> Case:
    """Return the case of a sweep simulated from a CT; `taken_out` is the scatter that the user gives."""
    made = simulate_sweep(ct, SimulationParameters(frames=200, **parameters))  # type: ignore[arg-type]
    volume = reconstruct(
        sweep_of_simulated(made), ReconstructionParameters(voxel_mm=voxel_mm, scatter=taken_out)
    )
    placed = ct.ijk_to_ras.copy()
    placed[:3, 3] -= ct.centre_ras
    return _case(name, volume, image_of(Volume(ct.array_kji, placed)), needed)


def case_of(
    name: str, volume: Volume, ct: Path, truth: Path | None, needed: tuple[float, float] | None
) -> Case:
    """Return the case of a sweep's file and the CT behind it."""
    import json

    image = sitk.ReadImage(str(ct), sitk.sitkFloat32)
    if truth is not None:
        isocentre = json.loads(truth.read_text())["isocenter_lps"]
        image.SetOrigin([edge - middle for edge, middle in zip(image.GetOrigin(), isocentre, strict=True)])
    return _case(name, volume, image, needed)


def _case(name: str, volume: Volume, ct: sitk.Image, needed: tuple[float, float] | None) -> Case:
    grid = image_of(volume)
    on_grid = sitk.Resample(ct, grid, sitk.Transform(), sitk.sitkLinear, -1000.0)
    return Case(name, volume, sitk.GetArrayFromImage(on_grid), compared(ct, grid), needed)


def image_of(volume: Volume) -> sitk.Image:
    """Return a volume as SimpleITK has it, in LPS."""
    image = sitk.GetImageFromArray(volume.array_kji.astype(np.float32))
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.ijk_to_ras
    image.SetSpacing(volume.spacing_mm.tolist())
    image.SetOrigin(to_lps[:3, 3].tolist())
    image.SetDirection((to_lps[:3, :3] / volume.spacing_mm).ravel().tolist())
    return image

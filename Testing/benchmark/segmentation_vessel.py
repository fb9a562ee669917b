"""How near vessels come to the tubes of contrast that were simulated before a spine."""

from __future__ import annotations

import os

import numpy as np
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.vessel import VesselParameters, find_vessels
from FluoroPrintLib.simulation.phantom import lumbar_phantom
from FluoroPrintLib.simulation.sweeps import SimulationParameters, simulate_sweep, sweep_of_simulated

VOXEL_MM, PHANTOM_MM, CONTRAST_HU = 0.8, 0.7, 700.0
TUBES = (
    ("aorta 25 mm", (0, 40, 45), (0, 40, -5), 12.5),
    ("left branch 10 mm", (0, 40, -5), (-30, 36, -45), 5.0),
    ("right branch 10 mm", (0, 40, -5), (30, 36, -45), 5.0),
    ("left branch 3 mm", (0, 40, 25), (-45, 30, 25), 1.5),
    ("right branch 2 mm", (0, 40, 15), (45, 30, 15), 1.0),
)
"""Name, ends in RAS mm, radius in mm."""


def rows() -> list[tuple[str, str, str]]:
    """Return case, figure and what is needed; empty where no benchmark is asked for."""
    if not os.environ.get("FLUOROPRINT_DATA"):
        return []
    volume = _reconstructed()
    found = find_vessels(volume, VesselParameters())
    lumen = found.segmentation.labelmap.array_kji == 1
    beyond = _beyond(volume)
    true = beyond < 0
    dice = 2 * np.count_nonzero(lumen & true) / (np.count_nonzero(lumen) + np.count_nonzero(true))
    stray = np.count_nonzero(lumen & (beyond > 2 * VOXEL_MM)) / np.count_nonzero(lumen)
    overall = [
        ("vessel, Dice", f"{dice:.3f}", "0.9"),
        ("vessel, share beyond two voxels of the lumen", f"{stray:.3f}", "0.02"),
    ]
    return [*overall, *(_row(tube, lumen, volume) for tube in TUBES)]


def _row(tube: tuple, lumen: np.ndarray, volume: Volume) -> tuple[str, str, str]:
    """Return how much of a tube's axis lies in the lumen, beyond the trunk that it leaves."""
    name, start, end, radius_mm = tube
    share = np.linspace(0.0, 1.0, 100)[:, None]
    places = np.asarray(start, float) * (1 - share) + np.asarray(end, float) * share
    ras_to_ijk = np.linalg.inv(volume.ijk_to_ras)
    at = np.rint(places @ ras_to_ijk[:3, :3].T + ras_to_ijk[:3, 3]).astype(int)
    whole = lumen[at[:, 2], at[:, 1], at[:, 0]][:-5].mean()
    return (f"vessel, {name}, share of its axis found", f"{whole:.2f}", "1")


def _reconstructed() -> Volume:
    ct = lumbar_phantom(PHANTOM_MM)
    share = np.clip(0.5 - _beyond(ct) / PHANTOM_MM, 0, 1)
    filled = ct.with_array((ct.array_kji * (1 - share) + CONTRAST_HU * share).astype(np.float32))
    parameters = SimulationParameters(frames=200, pixel_mm=0.8, arc_deg=205.0, bits=16)
    return reconstruct(
        sweep_of_simulated(simulate_sweep(filled, parameters)), ReconstructionParameters(voxel_mm=VOXEL_MM)
    )


def _beyond(volume: Volume) -> np.ndarray:
    """Return the signed distance of each voxel from the surface of the tubes, in mm."""
    k, j, i = np.indices(volume.array_kji.shape, dtype=np.float32)
    places = np.stack([i, j, k], -1) @ volume.ijk_to_ras[:3, :3].T + volume.ijk_to_ras[:3, 3]
    return np.minimum.reduce([_from_line(places, *ends) - radius for _, *ends, radius in TUBES])


def _from_line(places: np.ndarray, start, end) -> np.ndarray:
    along = np.subtract(end, start).astype(float)
    share = np.clip((places - start) @ along / (along @ along), 0, 1)
    return np.linalg.norm(places - start - share[..., None] * along, axis=-1)

"""How near metal comes to the rods and wires that were simulated."""

from __future__ import annotations

import os

import numpy as np
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.metal import find_metal
from FluoroPrintLib.simulation.phantom import lumbar_phantom
from FluoroPrintLib.simulation.sweeps import SimulationParameters, simulate_sweep, sweep_of_simulated

VOXEL_MM, PHANTOM_MM = 0.6, 0.5
TITANIUM_HU, STEEL_HU = 8000.0, 20000.0
RODS = (
    ("titanium 5.5 mm", (-25, 0, 0), (0.3, 0.2, 1), 2.75, 40, TITANIUM_HU),
    ("titanium 3.5 mm", (25, 5, -10), (0.1, 1, 0.2), 1.75, 30, TITANIUM_HU),
    ("steel 2 mm", (0, -25, 15), (1, 0.2, 0.3), 1.0, 35, STEEL_HU),
    ("steel 4 mm", (8, 22, -30), (1, 0.1, 0.1), 2.0, 30, STEEL_HU),
    ("titanium 6 mm", (-20, -40, -35), (1, 0.3, 0.4), 3.0, 16, TITANIUM_HU),
)
"""Name, middle in RAS mm, direction, radius and length in mm, value."""
END_MM = 4.0
"""The diameter is measured so far from the ends."""


def rows() -> list[tuple[str, str, str]]:
    """Return case, figure and what is needed; empty where no benchmark is asked for."""
    if not os.environ.get("FLUOROPRINT_DATA"):
        return []
    volume = _reconstructed()
    found = find_metal(volume)
    labels = found.segmentation.labelmap.array_kji
    return [row for rod in RODS for row in _rows_of(rod, labels, volume)]


def _rows_of(rod: tuple, labels: np.ndarray, volume: Volume) -> list[tuple[str, str, str]]:
    name, middle, direction, radius_mm, length_mm, _ = rod
    k, j, i = np.nonzero(labels)
    places = np.stack([i, j, k], -1) @ volume.ijk_to_ras[:3, :3].T + volume.ijk_to_ras[:3, 3]
    along, across = _along_and_across(places, middle, direction)
    near = (np.abs(along) < length_mm / 2 + 3) & (across < radius_mm + 3)
    if not near.any():
        raise FluoroPrintError(f"{name} was not found.")
    inner = near & (np.abs(along) < length_mm / 2 - END_MM)
    area_mm2 = inner.sum() * VOXEL_MM**3 / (length_mm - 2 * END_MM)
    error_voxels = (2 * np.sqrt(area_mm2 / np.pi) - 2 * radius_mm) / VOXEL_MM
    error_percent = 100 * (near.sum() * VOXEL_MM**3 / (np.pi * radius_mm**2 * length_mm) - 1)
    return [
        (f"metal, {name}, diameter", f"{error_voxels:+.2f} voxels", "0.33 voxels"),
        (f"metal, {name}, volume", f"{error_percent:+.1f} %", "5 %"),
    ]


def _reconstructed() -> Volume:
    """Return the lumbar phantom with the rods, seen by a C-arm without scatter."""
    ct = lumbar_phantom(PHANTOM_MM)
    values = ct.array_kji
    for _, middle, direction, radius_mm, length_mm, value in RODS:
        share = _share_in_rod(ct, middle, direction, radius_mm, length_mm)
        values = values * (1 - share) + value * share
    parameters = SimulationParameters(frames=200, pixel_mm=0.6, arc_deg=205.0, bits=16)
    sweep = sweep_of_simulated(simulate_sweep(ct.with_array(values.astype(np.float32)), parameters))
    return reconstruct(sweep, ReconstructionParameters(voxel_mm=VOXEL_MM))


def _share_in_rod(ct: Volume, middle, direction, radius_mm: float, length_mm: float) -> np.ndarray:
    """Return how much of each voxel lies in a rod, from its distance to the surface."""
    k, j, i = np.indices(ct.array_kji.shape, dtype=np.float32)
    places = np.stack([i, j, k], -1) @ ct.ijk_to_ras[:3, :3].T + ct.ijk_to_ras[:3, 3]
    along, across = _along_and_across(places, middle, direction)
    beyond = np.maximum(across - radius_mm, np.abs(along) - length_mm / 2)
    return np.clip(0.5 - beyond / PHANTOM_MM, 0, 1)


def _along_and_across(places: np.ndarray, middle, direction) -> tuple[np.ndarray, np.ndarray]:
    axis = np.asarray(direction, float) / np.linalg.norm(direction)
    from_middle = places - np.asarray(middle, float)
    along = from_middle @ axis
    return along, np.sqrt(np.maximum((from_middle**2).sum(-1) - along**2, 0))

"""RTK beside ours: the same frames and geometry handed over as files, RTK run as a program of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from FluoroPrintLib.files.geometry_files import write_geometry
from FluoroPrintLib.geometry.orbit import fit_orbit
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.reconstruction.weights import short_scan_weights

REDUNDANCY = 2.0  # RTK's FDK takes every ray to be measured twice


@dataclass(frozen=True)
class PeerRun:
    """RTK's volume (K, J, I) in attenuation per mm, its seconds and peak memory."""

    attenuation_kji: np.ndarray
    seconds: float
    peak_mb: float


def rtk_fdk(sweep: Sweep, pixel_mm: float, voxel_mm: float, size_ijk: tuple[int, int, int]) -> PeerRun:
    """Run RTK's CPU FDK (Hann at 0.8) on a sweep, weighted for the short scan by our weights."""
    weights = REDUNDANCY * short_scan_weights(sweep.geometry, fit_orbit(sweep.geometry))
    with tempfile.TemporaryDirectory() as folder:
        frames, geometry, out = (Path(folder) / name for name in ("frames.npy", "geometry.xml", "volume.npy"))
        np.save(frames, (sweep.frames * weights[:, None, :]).astype(np.float32))
        write_geometry(geometry, sweep.geometry)
        i, j, k = size_ijk
        program = [sys.executable, str(Path(__file__).with_name("rtk_fdk.py")), str(frames), str(geometry)]
        words = [*program, str(pixel_mm), str(voxel_mm), f"{i}x{k}x{j}", str(out)]
        printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
        # RTK's axes are x to the left, y to the head, z to the front.
        attenuation = np.load(out).transpose(1, 0, 2)[:, ::-1]
    return PeerRun(np.ascontiguousarray(attenuation), float(printed[-2]), float(printed[-1]))

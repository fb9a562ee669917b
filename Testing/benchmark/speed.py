"""One engine's speed and memory on the common task; run as a program of its own so that memory is its own.

usage: speed.py numpy|numba
200 views of 512 x 512 to 256 x 256 x 256 voxels. Prints seconds (median of RUNS after one that warms up)
and the peak memory of frames, volume and workspace in MB, the interpreter and its libraries left out.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numpy as np

VIEWS, PANEL, VOXELS, VOXEL_MM, PIXEL_MM = 200, 512, 256, 0.8, 0.6
RUNS = 3


def task_sweep(views: int = VIEWS):
    """Return the sweep of a water ball of 80 mm about the isocentre, by the closed form of its chords."""
    from FluoroPrintLib.geometry.poses import geometry_from_angles
    from FluoroPrintLib.geometry.sweep import Sweep

    angles = np.linspace(-100, 100, views)
    geometry = geometry_from_angles(
        angles, 0 * angles, sid_mm=1180, sod_mm=785, pixel_mm=(PIXEL_MM, PIXEL_MM), rows=PANEL, columns=PANEL
    )
    place = (np.arange(PANEL) - (PANEL - 1) / 2) * PIXEL_MM / 1180
    square = place**2 + place[:, None] ** 2
    nearest = 785**2 * square / (1 + square)
    chord = 0.02 * 2 * np.sqrt(np.maximum(80.0**2 - nearest, 0)).astype(np.float32)
    return Sweep(np.repeat(chord[None], views, 0), 1.0, geometry)


def memory_mb(kind: str) -> float:
    """Return the memory that the process holds now (VmRSS) or held at most (VmHWM); Linux only."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) / 1000


def main() -> None:
    """Warm up on a few views, then measure."""
    from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct

    engine = sys.argv[1]
    edge = VOXELS * VOXEL_MM
    small = ReconstructionParameters(size_mm=(40.0,) * 3, engine=engine, scatter=0.0, allow_short_arc=True)
    reconstruct(task_sweep(20), small)
    baseline = memory_mb("VmRSS")
    sweep = task_sweep()
    parameters = ReconstructionParameters(voxel_mm=VOXEL_MM, size_mm=(edge,) * 3, engine=engine, scatter=0.0)
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        volume = reconstruct(sweep, parameters)
        seconds.append(time.perf_counter() - start)
        middle = volume.array_kji[120:136, 120:136, 120:136].mean()
        assert abs(middle) < 10, f"water reads {middle:.1f} HU"
        del volume
    peak = memory_mb("VmHWM") - baseline
    print(f"{statistics.median(seconds):.2f} {peak:.0f}")


if __name__ == "__main__":
    main()

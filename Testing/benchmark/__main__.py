"""Speed, memory and accuracy beside RTK, and meshes beside their repairers, in one run on this machine.

FLUOROPRINT_DATA names a folder with sweeps/ and reference/ for the larger cases; the small one is shipped.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from accuracy import Case, bone_agreement, cases  # noqa: E402
from FluoroPrintLib.files.sweep import read_sweep  # noqa: E402
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at  # noqa: E402
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct  # noqa: E402
from rtk_peer import rtk_fdk  # noqa: E402
from speed import PANEL, PIXEL_MM, VIEWS, VOXEL_MM, VOXELS, task_sweep  # noqa: E402

PEERS_VOXELS = "104"
NEEDED = {"numba": 10.0, "numpy": 1.5}


def main() -> int:
    """Print both tables; return 1 where a figure is missed."""
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(
        f"{platform.processor() or platform.machine()}, {threads} threads, Python {platform.python_version()}"
    )
    reached = [speed_table(), accuracy_table(), mesh_table()]
    print("All figures reached." if all(reached) else "A figure was missed.")
    return 0 if all(reached) else 1


def speed_table() -> bool:
    """Print seconds and peak memory of RTK and both engines; tell whether all are as fast as they must be."""
    budget = 1.5 * 4 * (VOXELS**3 + VIEWS * PANEL**2) / 1e6
    print(f"\nFDK, {VIEWS} views of {PANEL} x {PANEL} to {VOXELS}^3 voxels; memory allowed {budget:.0f} MB")
    ours = {engine: [float(word) for word in _printed("speed.py", engine)] for engine in NEEDED}
    peers = [rtk_fdk(task_sweep(), PIXEL_MM, VOXEL_MM, (VOXELS,) * 3) for _ in range(2)]
    fastest = min(peer.seconds for peer in peers)
    print(f"{'RTK, CPU':<12}{fastest:8.2f} s{'':22}{peers[0].peak_mb:8.0f} MB, process whole; faster of 2")
    reached = True
    for engine, needed in NEEDED.items():
        seconds, peak = ours[engine]
        ratio = fastest / seconds
        reached &= ratio >= needed and peak <= budget
        print(f"{engine:<12}{seconds:8.2f} s {ratio:6.1f} x (needs {needed:4.1f}){peak:8.0f} MB; median of 3")
    return reached


def _printed(program: str, *words: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(HERE / program), *words], check=True, capture_output=True, text=True
    )
    return done.stdout.split()


def accuracy_table() -> bool:
    """Print bone surface distance and Dice against the CT; tell whether all are as near as they must be."""
    print(f"\n{'bone against CT':<16}{'voxel':>8}{'ours':>18}{'RTK':>18}{'needed':>18}")
    reached = True
    for case in cases(Path(os.environ.get("FLUOROPRINT_DATA", "")), HERE.parent / "Data"):
        ours, peer = _volumes(case)
        figures = bone_agreement(_image(ours), case)
        reached &= figures[0] <= case.largest_mm and figures[1] >= case.least_dice
        cells = (figures, bone_agreement(_image(peer), case), (case.largest_mm, case.least_dice))
        shown = "".join(f"{distance:9.3f} mm {dice:.3f}" for distance, dice in cells)
        print(f"{case.name:<16}{case.voxel_mm:5.1f} mm{shown}")
    return reached


def mesh_table() -> bool:
    """Print what mesh_speed.py does; tell whether meshes are worked on as fast as they must be.

    The repair is set beside its peers on a smaller mesh, as some take very long for a large one.
    """
    print(flush=True)
    reached = subprocess.run([sys.executable, str(HERE / "mesh_speed.py")], check=False).returncode == 0
    print(flush=True)
    peers = [sys.executable, str(HERE / "repair_peers.py"), PEERS_VOXELS]
    return subprocess.run(peers, check=False).returncode == 0 and reached


def _volumes(case: Case) -> tuple[Volume, Volume]:
    sweep = read_sweep(case.sweep)
    volume = reconstruct(sweep, ReconstructionParameters(voxel_mm=case.voxel_mm))
    assert sweep.geometry.pixel_mm is not None
    peer = rtk_fdk(sweep, sweep.geometry.pixel_mm[0], case.voxel_mm, volume.size_ijk)
    hounsfield = (peer.attenuation_kji / ReconstructionParameters().water_per_mm - 1) * 1000
    return volume, Volume(hounsfield, grid_centred_at((0, 0, 0), volume.size_ijk, case.voxel_mm))


def _image(volume: Volume) -> sitk.Image:
    image = sitk.GetImageFromArray(volume.array_kji.astype(np.float32))
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.ijk_to_ras
    image.SetSpacing(volume.spacing_mm.tolist())
    image.SetOrigin(to_lps[:3, 3].tolist())
    return image


if __name__ == "__main__":
    sys.exit(main())

"""Seconds and memory of surface, smoothing, decimation, check, and repair at over a million triangles.

    python Testing/benchmark/mesh_speed.py [VOXELS] [alone]

The surface is that of a wavy ball in VOXELS^3 voxels of 0.3 mm (410: 1.3 million). The damage is 1 %
of the faces dropped, 20 % turned, 7 % repeated. Beside it, where they are installed: pymeshlab,
fast-simplification and VTK (decimation to as many faces); repair_peers.py compares the repair. Outside judges
only; those under the GPL are in no extra of pyproject.toml: install them by hand.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.cleaning import repair_model
from FluoroPrintLib.mesh.decimation import decimate_mesh
from FluoroPrintLib.mesh.deviation import deviation
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of
from FluoroPrintLib.mesh.smoothing import smooth_mesh
from FluoroPrintLib.mesh.surface import surface_of_mask
from mesh_damage import mixed
from speed import memory_mb
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkQuadricDecimation

VOXELS, VOXEL_MM, BOUND_MM = 410, 0.3, 0.1
CHAIN_S, REPAIR_S = 30, 30


def wavy_ball(size: int) -> np.ndarray:
    place = np.arange(size) - (size - 1) / 2
    x, y, z = np.meshgrid(place, place, place, indexing="ij", sparse=True)
    waves = 6 * np.sin(x / 9) * np.sin(y / 9) * np.sin(z / 9)
    return np.sqrt(x**2 + y**2 + z**2) + waves < 0.44 * size


def timed(name: str, work: Callable[[], Any]) -> Any:
    """Do and print the seconds on the clock and of the processors."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:<32}{wall:8.1f} s{cpu:8.1f} s of processors", flush=True)
    return result


def told(surface: vtkPolyData, reference: vtkPolyData) -> None:
    found, apart = check_mesh(surface), deviation(surface, reference)
    print(
        f"    {found.triangles} triangles, {found.volume_mm3 / 1000:.2f} ml, moved {apart.max_mm:.3f} mm, "
        f"{' '.join(found.faults) or 'no fault'}"
    )


def decimations(smooth: vtkPolyData, share: float) -> None:
    points, faces = points_of(smooth), triangles_of(smooth)
    if is_there("fast_simplification"):
        import fast_simplification

        made = timed("fast-simplification", lambda: fast_simplification.simplify(points, faces, 1 - share))
        told(polydata_from(*made), smooth)
    if is_there("pymeshlab"):
        import pymeshlab

        meshes = pymeshlab.MeshSet()
        meshes.add_mesh(pymeshlab.Mesh(points, faces))
        count = int(share * len(faces))
        timed(
            "pymeshlab decimation",
            lambda: meshes.meshing_decimation_quadric_edge_collapse(targetfacenum=count),
        )
        told(_of_meshlab(meshes), smooth)
    quadrics = vtkQuadricDecimation()
    quadrics.SetInputData(smooth)
    quadrics.SetTargetReduction(1 - share)
    timed("vtkQuadricDecimation", quadrics.Update)
    told(quadrics.GetOutput(), smooth)


def is_there(package: str) -> bool:
    if find_spec(package) is None:
        print(f"{package} is not installed: not compared")
        return False
    return True


def _of_meshlab(meshes: Any) -> vtkPolyData:
    made = meshes.current_mesh()
    return polydata_from(made.vertex_matrix(), made.face_matrix())


def main() -> int:
    """Print seconds, memory, and what was made; return 1 where it took longer than it may."""
    size = next((int(word) for word in sys.argv[1:] if word.isdigit()), VOXELS)
    mask, matrix = wavy_ball(size), np.diag([VOXEL_MM] * 3 + [1.0])
    repair_model(surface_of_mask(wavy_ball(40), matrix))
    decimate_mesh(smooth_mesh(surface_of_mask(wavy_ball(40), matrix), 0.3), BOUND_MM, "numba")
    before, start = memory_mb("VmRSS"), time.perf_counter()
    rough = timed("surface", lambda: surface_of_mask(mask, matrix))
    smooth = timed("smoothing", lambda: smooth_mesh(rough, 0.3))
    made = timed("decimation within 0.1 mm, checked", lambda: decimate_mesh(smooth, BOUND_MM))
    seconds = [time.perf_counter() - start]
    share = made.surface.GetNumberOfPolys() / smooth.GetNumberOfPolys()
    print(f"    {smooth.GetNumberOfPolys()} triangles, {100 * share:.1f} % left, moved {made.max_mm:.3f} mm")
    timed("deviation from the surface", lambda: deviation(made.surface, rough))
    damaged = mixed(points_of(smooth), triangles_of(smooth), np.random.default_rng(1))
    start = time.perf_counter()
    repaired = timed("repair", lambda: repair_model(polydata_from(damaged.points, damaged.faces)).surface)
    seconds.append(time.perf_counter() - start)
    print(f"peak memory {memory_mb('VmHWM') - before:.0f} MB more than at the start")
    told(repaired, smooth)
    reached = seconds[0] < CHAIN_S and seconds[1] < REPAIR_S
    print(
        f"chain {seconds[0]:.0f} s (needs {CHAIN_S}), repair {seconds[1]:.0f} s (needs {REPAIR_S})",
        flush=True,
    )
    if "alone" not in sys.argv:
        decimations(smooth, share)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

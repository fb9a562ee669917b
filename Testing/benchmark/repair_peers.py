"""Repair of a damaged mesh of a million triangles with a cavity, beside pymeshfix, pymeshlab and trimesh.

    python Testing/benchmark/repair_peers.py [VOXELS] [ENGINE ...]

A wavy ball with a wavy hollow, VOXELS^3 voxels of 0.3 mm; 1 % of the faces dropped, 20 % turned, 7 %
repeated. Each engine runs in a process of its own, given what it needs for this damage; what it made is
written as STL, read again, and checked against the sound mesh. Outside judges only: pymeshfix and pymeshlab
are under the GPL, and in no extra of pyproject.toml: install them by hand.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from FluoroPrintLib.arrays import BoolArray, Float64Array, IntArray
from FluoroPrintLib.files.mesh_formats import read_mesh
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.cleaning import repair_model
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of, welded
from FluoroPrintLib.mesh.smoothing import smooth_mesh
from FluoroPrintLib.mesh.surface import surface_of_mask
from mesh_damage import mixed
from mesh_speed import VOXEL_MM, wavy_ball
from speed import memory_mb

Mesh = tuple[Float64Array, IntArray]
VOXELS, HOLLOW = 400, 0.4


def with_hollow(size: int) -> BoolArray:
    mask, inner = wavy_ball(size), wavy_ball(int(HOLLOW * size))
    start = (size - len(inner)) // 2
    middle = slice(start, start + len(inner))
    mask[middle, middle, middle] &= ~inner
    return mask


def ours(points: Float64Array, faces: IntArray) -> Mesh:
    made = repair_model(polydata_from(points, faces)).surface
    return points_of(made), triangles_of(made)


def by_pymeshfix(points: Float64Array, faces: IntArray) -> Mesh:
    import pymeshfix

    fixed = pymeshfix.MeshFix(points, faces.astype(np.int32))
    fixed.repair()
    return np.asarray(fixed.points), np.asarray(fixed.faces, np.int64)


def by_trimesh(points: Float64Array, faces: IntArray) -> Mesh:
    import trimesh

    mesh = trimesh.Trimesh(points, faces)
    mesh.update_faces(mesh.unique_faces() & mesh.nondegenerate_faces())
    mesh.fix_normals()
    mesh.fill_holes()
    return np.asarray(mesh.vertices), np.asarray(mesh.faces, np.int64)


def by_pymeshlab(points: Float64Array, faces: IntArray) -> Mesh:
    import pymeshlab

    meshes = pymeshlab.MeshSet()
    meshes.add_mesh(pymeshlab.Mesh(points, faces))
    for name in ("remove_duplicate_faces", "repair_non_manifold_edges", "re_orient_faces_coherently"):
        getattr(meshes, f"meshing_{name}")()
    meshes.meshing_close_holes(maxholesize=1000, selfintersection=False)
    meshes.meshing_re_orient_faces_by_geometry(parity_sampling=True)
    made = meshes.current_mesh()
    return made.vertex_matrix(), made.face_matrix().astype(np.int64)


ENGINES = {
    "ours": (ours, "numpy"),
    "pymeshlab": (by_pymeshlab, "pymeshlab"),
    "pymeshfix": (by_pymeshfix, "pymeshfix"),
    "trimesh": (by_trimesh, "trimesh"),
}


def run(name: str, folder: Path) -> None:
    """Repair by one engine, in this process; print seconds on the clock, of the processors, and memory."""
    engine = ENGINES[name][0]
    with np.load(folder / "small.npz") as small:
        engine(small["points"], small["faces"])
    with np.load(folder / "damaged.npz") as damaged:
        points, faces = damaged["points"], damaged["faces"]
    before, wall, cpu = memory_mb("VmRSS"), time.perf_counter(), time.process_time()
    made = engine(points, faces)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{wall:8.1f}{cpu:8.1f}{memory_mb('VmHWM') - before:8.0f}", flush=True)
    write_stl(folder / "made.stl", *made)


def write_stl(path: Path, points: Float64Array, faces: IntArray) -> None:
    """Write any mesh as it is: our own writer refuses some."""
    records = np.zeros(
        len(faces), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("end", "<u2")])
    )
    records["corners"] = points[faces]
    path.write_bytes(bytes(80) + np.uint32(len(faces)).tobytes() + records.tobytes())


def damaged_ball(size: int, folder: Path, name: str) -> Mesh:
    sound = smooth_mesh(surface_of_mask(with_hollow(size), np.diag([VOXEL_MM] * 3 + [1.0])), 0.3)
    damaged = mixed(points_of(sound), triangles_of(sound), np.random.default_rng(1))
    points, faces = welded(damaged.points, damaged.faces)
    np.savez(folder / f"{name}.npz", points=points, faces=faces)
    return points_of(sound), triangles_of(sound)


def main() -> int:
    """Print a row for each engine."""
    if sys.argv[1:2] == ["run"]:
        run(sys.argv[2], Path(sys.argv[3]))
        return 0
    with tempfile.TemporaryDirectory() as made_here:
        folder = Path(made_here)
        damaged_ball(60, folder, "small")
        size = next((int(word) for word in sys.argv[1:] if word.isdigit()), VOXELS)
        sound = damaged_ball(size, folder, "damaged")
        whole = check_mesh(polydata_from(*sound))
        print(f"{whole.triangles} triangles, {whole.cavities} cavity, {whole.volume_mm3 / 1000:.2f} ml")
        print(f"{'':24}clock s   cpu s      MB  volume off  cavities  faults")
        chosen = [name for name in ENGINES if name in sys.argv] or list(ENGINES)
        for name in chosen:
            package = ENGINES[name][1]
            if find_spec(package) is None:
                print(f"{name:24}{package} is not installed")
                continue
            done = subprocess.run(
                [sys.executable, __file__, "run", name, made_here],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                print(f"{name:24}failed: {done.stderr.strip().splitlines()[-1:]}")
                continue
            found = check_mesh(read_mesh(folder / "made.stl"))
            # A mesh that is inside out as a whole is turned with a click: its volume is not held against it.
            off = 100 * abs(abs(found.volume_mm3) / whole.volume_mm3 - 1)
            print(
                f"{name:24}{done.stdout.splitlines()[-1]}{off:10.3f} %{found.cavities:10}  "
                f"{' '.join(found.faults) or 'none'}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())

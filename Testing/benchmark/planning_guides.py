"""Guides on random sites of real bones: closed in the file, gap to the bone, removal, time.

    python Testing/benchmark/planning_guides.py [SITES [WORD]]

FLUOROPRINT_DATA names a folder with meshes/. On each of five bones (those with WORD in their names) SITES
sites (20) are drawn by area, every other one a drill up to 30 degrees from the normal, the rest a cut across
the surface. A site that is refused in a sentence is drawn again and counted. Gap and removal are measured
again here, on the file that was written: the gap by the distance of its own vertices to the bone, of those
whose line along the withdrawal meets the bone first and no steeper than 60 degrees; the removal by the
bone's vertices within the moved guide and the guide's within the bone.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.mesh.distance import distances_mm, signed_distances_mm
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of, with_points
from FluoroPrintLib.planning.guide import Guide, make_guide
from FluoroPrintLib.planning.guide_parameters import CutPlane, DrillLine, GuideParameters
from FluoroPrintLib.shape.probing import Probe
from FluoroPrintLib.shape.solids import unit
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersModeling import vtkSelectEnclosedPoints

SITES = 20
BONES = (
    "VHF_Left_Bone_Sacrum_smooth",
    "VHF_Right_Bone_Tibia_smooth",
    "VHM_Left_Bone_Patella_smooth",
    "VHM_Left_Bone_Talus_smooth",
    "VHM_Right_Bone_Calcaneous_smooth",
)
NEEDED_MM = 0.05
STEEPEST = np.cos(np.radians(60.0))
STEPS_MM = (0.0, 0.3, 1.0, 3.0, 10.0, 30.0)
WITHIN_REACH_MM = 1.0
SAMPLED = 3000
"""Vertices of a guide that are looked at on its way; all of them where it sits."""


@dataclass
class Judged:
    """A guide judged by its file."""

    watertight: bool
    off_p95_mm: float
    within: float
    penetration_mm: float
    own: Guide
    seconds: float


def main() -> None:
    """Print a line a bone, and of all."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SITES
    folder = Path(os.environ["FLUOROPRINT_DATA"]) / "meshes"
    word = sys.argv[2] if len(sys.argv) > 2 else ""
    every: list[Judged] = []
    print(
        f"{'bone':<34}{'closed':>8}{'gap off, P95':>14}{'in 0.05':>11}"
        f"{'into bone':>11}{'own P95':>9}{'CPU':>7}"
    )
    for name in (bone for bone in BONES if word in bone):
        rng = np.random.default_rng(2026)
        bone = read_mesh(folder / f"{name}.stl")
        judged, refused = on_bone(bone, rng, count)
        every += judged
        print(f"{row(name, judged)}  refused: {len(refused)}")
        for sentence in sorted(set(refused)):
            print(f"    {refused.count(sentence)} x {sentence}")
    print(row("all", every))


def row(name: str, judged: list[Judged]) -> str:
    """Return a line: how many are closed; the worst guide's gap and depth in the bone; the median time."""
    closed = sum(one.watertight for one in judged)
    off, deep = (max(getattr(one, key) for one in judged) for key in ("off_p95_mm", "penetration_mm"))
    within = 100 * min(one.within for one in judged)
    own = max(one.own.fit.gap_error_p95_mm for one in judged)
    seconds = float(np.median([one.seconds for one in judged]))
    return (
        f"{name:<34}{closed:>4}/{len(judged):<3}{off:11.3f} mm{within:9.1f} %{deep:8.3f} mm"
        f"{own:9.3f}{seconds:6.1f} s"
    )


def on_bone(bone: vtkPolyData, rng: np.random.Generator, count: int) -> tuple[list[Judged], list[str]]:
    """Make and judge guides on random sites."""
    probe = Probe(bone)
    judged, refused = [], []
    while len(judged) < count:
        drills, cuts = drawn(probe, rng, drill=len(judged) % 2 == 0)
        begun = time.process_time()
        try:
            guide = make_guide(bone, drills, cuts, GuideParameters())
        except FluoroPrintError as error:
            refused.append(str(error))
            continue
        judged.append(judge(guide, bone, probe, time.process_time() - begun))
    return judged, refused


def drawn(probe: Probe, rng: np.random.Generator, drill: bool) -> tuple[list[DrillLine], list[CutPlane]]:
    """Draw a site by area, and a drill or a cut there."""
    area = np.linalg.norm(probe.face_normals, axis=1)
    face = rng.choice(len(area), p=area / area.sum())
    site = probe.points[probe.triangles[face]].mean(axis=0)
    normal = probe.mean_normal(site, 5.0)
    across = unit(np.cross(normal, rng.normal(size=3)))
    if not drill:
        return [], [CutPlane(tuple(site), tuple(across))]
    lean = np.radians(rng.uniform(0, 30))
    target = site - 25.0 * (np.cos(lean) * normal + np.sin(lean) * across)
    return [DrillLine(tuple(site), tuple(target))], []


def judge(guide: Guide, bone: vtkPolyData, probe: Probe, seconds: float) -> Judged:
    """Write a guide, read it by another program, and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "guide.stl"
        write_mesh(path, [NamedModel("guide", (1, 1, 1), guide.surface)])
        written = trimesh.load(path)
        surface = read_mesh(path)
    off = np.abs(contact_gaps(points_of(surface), bone, probe, guide) - guide.parameters.gap_mm)
    return Judged(
        bool(written.is_watertight),
        float(np.percentile(off, 95)),
        float((off <= NEEDED_MM).mean()),
        penetration(surface, bone, np.array(guide.withdrawal_ras)),
        guide,
        seconds,
    )


def contact_gaps(points: np.ndarray, bone: vtkPolyData, probe: Probe, guide: Guide) -> np.ndarray:
    """Return the distances to the bone of the vertices that face it over no more than a millimetre.

    Those that lie beside a bore or slot, at the base's side, or above bone seen under a flat angle are left
    out, and those from which another way to the bone is shorter than its depth below them allows: an edge
    of the bone stands above them, which is what an undercut is.
    """
    way = np.array(guide.withdrawal_ras)
    down = probe.first_hits(points, -way, 3 * WITHIN_REACH_MM)
    flat = down.normals @ way > STEEPEST
    near = np.isfinite(down.along_mm) & (down.along_mm < WITHIN_REACH_MM) & flat
    distance = signed_distances_mm(points[near], bone)
    seen = down.along_mm[near] * (down.normals[near] @ way)
    return distance[np.abs(distance - seen) < NEEDED_MM]


def penetration(guide: vtkPolyData, bone: vtkPolyData, way: np.ndarray) -> float:
    """Return how deep guide and bone come into each other while the guide is moved off."""
    points, deepest = points_of(guide), 0.0
    corners, chosen = points_of(bone), np.random.default_rng(1)
    for step in STEPS_MM:
        moved = points + step * way
        some = moved if step == 0 else chosen.choice(moved, min(SAMPLED, len(moved)), replace=False)
        low, high = moved.min(axis=0), moved.max(axis=0)
        deepest = max(deepest, -float(signed_distances_mm(some, bone).min()))
        about = corners[((corners > low) & (corners < high)).all(axis=1)]
        if len(about):
            shape = with_points(guide, moved)
            inside = about[within(about, shape)]
            deepest = max(deepest, float(distances_mm(inside, shape).max(initial=0.0)))
    return deepest


def within(points: np.ndarray, surface: vtkPolyData) -> np.ndarray:
    """Tell which points lie in a closed surface, by rays: the sign of a distance fails at sharp edges."""
    places = vtkPoints()
    places.SetData(numpy_to_vtk(points, deep=True))
    cloud = vtkPolyData()
    cloud.SetPoints(places)
    select = vtkSelectEnclosedPoints()
    select.SetInputData(cloud)
    select.SetSurfaceData(surface)
    select.Update()
    return vtk_to_numpy(select.GetOutput().GetPointData().GetArray("SelectedPoints")) > 0


if __name__ == "__main__":
    main()

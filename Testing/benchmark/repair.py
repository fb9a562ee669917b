"""Damaged bones repaired: is every one closed in its file, its volume that of the sound one, its canal open?

    python Testing/benchmark/repair.py [large]

FLUOROPRINT_DATA names a folder with meshes/. The sound meshes, the same with a canal hollowed out, and a
piece sawn from one so that its canal is open at both ends are each damaged in every way of mesh_damage.py.
`large` adds two million triangles. A repair is wrong ("invalid") that is not closed in its file, has another
volume by over 1 %, another number of cavities, or moved the surface by 0.1 mm where it was sound.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.mesh.check import MeshCheck, check_mesh
from FluoroPrintLib.mesh.cleaning import RepairParameters, repair_model
from FluoroPrintLib.mesh.deviation import mean_edge_mm, samples_of
from FluoroPrintLib.mesh.distance import distances_mm
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of
from FluoroPrintLib.shape.hollow import HollowParameters, hollow
from FluoroPrintLib.shape.saw import SawParameters, saw
from mesh_damage import KINDS, Damaged, overlapped_by_ball
from scipy.spatial import cKDTree
from vtkmodules.vtkCommonDataModel import vtkPolyData

MOST_VOLUME, MOST_MOVED_MM, LEFT_MM = 0.01, 0.1, 0.002
WALL_MM = {"Talus": 3.0, "Patella": 3.0, "Tibia": 5.0}


@dataclass
class Sound:
    """A sound mesh and its check."""

    name: str
    surface: vtkPolyData
    check: MeshCheck


@dataclass
class Tally:
    """What was seen of one kind of damage."""

    done: int = 0
    refused: int = 0
    invalid: int = 0
    volume: float = 0.0
    moved_mm: float = 0.0
    cutting: int = 0
    seconds: list[float] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def sound_meshes(folder: Path) -> list[Sound]:
    """The bones that are closed, some with a canal, and a piece with a canal open at both ends."""
    surfaces = {}
    for path in sorted((folder / "meshes").glob("*.stl")):
        surface = read_mesh(path)
        if np.diff(np.reshape(surface.GetBounds(), (3, 2))).max() < 2:
            surface = polydata_from(points_of(surface) * 1000, triangles_of(surface))
        if check_mesh(surface).is_printable:
            surfaces[path.stem] = surface
    for name, surface in list(surfaces.items()):
        for bone, wall in WALL_MM.items():
            if bone in name:
                made = hollow(surface, HollowParameters(wall_mm=wall, drains="none")).parts[0].surface
                surfaces[f"{name}, canal"] = made
                if bone == "Tibia":
                    surfaces[f"{name}, open canal"] = middle_third(made)
    return [Sound(name, surface, check_mesh(surface)) for name, surface in surfaces.items()]


def middle_third(surface: vtkPolyData) -> vtkPolyData:
    low, high = np.reshape(surface.GetBounds(), (3, 2)).T
    axis = int((high - low).argmax())
    for share, side in ((1 / 3, 1), (1 / 2, 0)):
        point = (low + high) / 2
        point[axis] = low[axis] + share * (high - low)[axis]
        parts = saw(surface, SawParameters(tuple(point), tuple(np.eye(3)[axis]), 0.5)).parts
        surface = parts[side].surface
    return surface


def judge(sound: Sound, damaged: Damaged, tally: Tally, folder: Path) -> None:
    """Repair, and hold what comes back against the sound mesh."""
    start = time.perf_counter()
    try:
        made = repair_model(
            polydata_from(damaged.points, damaged.faces), RepairParameters(scale=damaged.scale)
        ).surface
    except FluoroPrintError as error:
        tally.refused += 1
        tally.words.append(f"{sound.name} refused: {error}")
        return
    tally.seconds.append(time.perf_counter() - start)
    write_mesh(folder / "made.stl", [NamedModel("made", (1, 1, 1), made)])
    found = check_mesh(read_mesh(folder / "made.stl"))
    volume, moved = abs(found.volume_mm3 / sound.check.volume_mm3 - 1), moved_mm(sound, damaged, made)
    closed = found.is_watertight and found.non_manifold_points == 0
    right = (
        closed and volume < MOST_VOLUME and moved < MOST_MOVED_MM and found.cavities == sound.check.cavities
    )
    tally.done += right
    tally.invalid += not right
    if not right:
        tally.words.append(
            f"{sound.name} invalid: closed {closed}, volume {100 * volume:.2f} %, moved {moved:.3f} mm, "
            f"{found.cavities} cavities for {sound.check.cavities}"
        )
    tally.volume, tally.moved_mm = max(tally.volume, volume), max(tally.moved_mm, moved)
    tally.cutting += max(0, found.self_intersecting_faces - sound.check.self_intersecting_faces)


def moved_mm(sound: Sound, damaged: Damaged, made: vtkPolyData) -> float:
    """Greatest distance between the sound and the repaired surface, both ways, away from spoiled faces.

    What lies on the damaged surface was not moved: a spike that cuts nothing is no fault that could be told.
    """
    points, faces = points_of(sound.surface), triangles_of(sound.surface)
    kept = np.ones(len(points), bool)
    kept[faces[damaged.spoiled]] = False
    there = distances_mm(points[kept], made).max(initial=0.0)
    samples = samples_of(made, mean_edge_mm(sound.surface))
    given = polydata_from(damaged.points * damaged.scale, damaged.faces)
    samples = samples[distances_mm(samples, given) > LEFT_MM]
    near = cKDTree(points[faces].mean(1)).query(samples, 4)[1]
    back = distances_mm(samples[~damaged.spoiled[near].any(1)], sound.surface).max(initial=0.0)
    return float(max(there, back))


def overlapped(sound: Sound, rng: np.random.Generator) -> tuple[Sound, Damaged]:
    union, damaged = overlapped_by_ball(sound.surface, rng)
    return Sound(f"{sound.name} and a ball", union, check_mesh(union)), damaged


def hopeless() -> list[str]:
    """What is said of a mesh of one triangle, and of none."""
    said = []
    for points, faces in ((np.eye(3), [[0, 1, 2]]), (np.zeros((0, 3)), np.zeros((0, 3), int))):
        try:
            repair_model(polydata_from(points, faces))
            said.append("")
        except FluoroPrintError as error:
            said.append(str(error))
    return said


def two_million(sounds: list[Sound]) -> Sound:
    """Bones side by side, each face cut into sixteen."""
    points, faces, x, count = [], [], 0.0, 0
    for sound in sounds:
        fine = finer(finer((points_of(sound.surface), triangles_of(sound.surface))))
        low, high = fine[0].min(0), fine[0].max(0)
        points.append(fine[0] - low + [x, 0, 0])
        faces.append(fine[1] + count)
        x, count = x + high[0] - low[0] + 5, count + len(fine[0])
        if sum(map(len, faces)) > 2_000_000:
            break
    surface = polydata_from(np.concatenate(points), np.concatenate(faces))
    return Sound("two million triangles", surface, check_mesh(surface))


def finer(mesh: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    points, faces = mesh
    sides = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], -1), axis=2).reshape(-1, 2)
    ends, number = np.unique(sides, axis=0, return_inverse=True)
    ab, bc, ca = (number.reshape(-1, 3) + len(points)).T
    a, b, c = faces.T
    cut = [np.stack(three, -1) for three in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]
    return np.concatenate([points, points[ends].mean(1)]), np.concatenate(cut)


def progress_of(tallies: Iterable[Tally]) -> str:
    """What was seen so far."""
    done, refused, invalid = np.sum([(t.done, t.refused, t.invalid) for t in tallies], axis=0)
    return f"{done} right, {refused} refused, {invalid} wrong so far"


def main() -> int:
    """Print a row for each kind of damage; return 1 where a repair was wrong."""
    rng, tallies = np.random.default_rng(2026), defaultdict(Tally)
    sounds = sound_meshes(Path(os.environ["FLUOROPRINT_DATA"]))
    print(f"{len(sounds)} sound meshes, {sum(s.check.cavities for s in sounds)} with a closed canal")
    with tempfile.TemporaryDirectory() as folder:
        for sound in sounds:
            for kind, damage in KINDS.items():
                damaged = damage(points_of(sound.surface), triangles_of(sound.surface), rng)
                judge(sound, damaged, tallies[kind], Path(folder))
            judge(*overlapped(sound, rng), tallies["overlapping ball"], Path(folder))
            print(f"{sound.name}: {progress_of(tallies.values())}", file=sys.stderr, flush=True)
        if "large" in sys.argv:
            large = two_million(sounds)
            damaged = KINDS["dropped, flipped, repeated"](
                points_of(large.surface), triangles_of(large.surface), rng
            )
            judge(large, damaged, tallies[f"{len(damaged.faces)} faces"], Path(folder))
    print(f"{'damage':<28}done refused invalid  volume off  moved mm  faces cutting  longest s")
    for kind, t in tallies.items():
        print(
            f"{kind:<28}{t.done:4}{t.refused:8}{t.invalid:8}{100 * t.volume:10.3f} %{t.moved_mm:10.4f}"
            f"{t.cutting:15}{max(t.seconds, default=0):11.1f}"
        )
    print("\n".join(f"{kind}: {words}" for kind, t in tallies.items() for words in t.words))
    said = hopeless()
    print("\n".join(said))
    reached = all(said) and not any(t.invalid for t in tallies.values())
    print("No repair was wrong." if reached else "A repair was wrong.")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

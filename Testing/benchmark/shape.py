"""Random cuts on real bones: is every result closed in its file, and its volume that of the voxels?

    python Testing/benchmark/shape.py [COUNT]

FLUOROPRINT_DATA names a folder with meshes/ and reference/. COUNT operations (200) are drawn: drills, saw
cuts, cuts with pegs, labels, in turn, on each closed mesh and on bone of each CT. A place that is refused in
a sentence is drawn again and counted. The voxels know nothing of the meshes that were made: each is the
model's own voxels, which share its volume, less or more those within the tool's closed form.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from FluoroPrintLib.arrays import BoolArray, Float64Array
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.files.volumes import read_volume
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.cleaning import RepairParameters, repair_model
from FluoroPrintLib.mesh.deviation import samples_of
from FluoroPrintLib.mesh.distance import signed_distances_mm
from FluoroPrintLib.mesh.intersections import intersecting_pairs
from FluoroPrintLib.mesh.model import ModelParameters, models_from_segmentation
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of, signed_volume_mm3, triangles_of, welded
from FluoroPrintLib.mesh.topology import edges_of, non_manifold_points
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.shape.cut import CutParameters, cut
from FluoroPrintLib.shape.drill import DrillParameters, drill
from FluoroPrintLib.shape.hollow import HollowParameters, hollow
from FluoroPrintLib.shape.inset import grid_around, mask_within
from FluoroPrintLib.shape.label import LabelParameters, label
from FluoroPrintLib.shape.pegs import fitted_pegs
from FluoroPrintLib.shape.saw import SawParameters, saw
from FluoroPrintLib.shape.solids import engine, frame_along, solid_of, surface_of, unit, unplaced
from FluoroPrintLib.shape.strokes import text_outline
from vtkmodules.vtkCommonDataModel import vtkPolyData

COUNT = 200
VOXELS_ACROSS = 300
NEEDED_VOLUME, NEEDED_GAP_MM = 0.005, 0.02
DRAWS = 60
BONE_HU = {"head-phantom-ct": 350, "lumbosacral-ct": 250, "thoracic-ct": 250}


@dataclass
class Judged:
    """A model with its voxels' centres, of which those inside are kept."""

    name: str
    surface: vtkPolyData
    volume_mm3: float = 0.0
    centres: Float64Array = field(default_factory=lambda: np.zeros((0, 3)))
    voxel_mm3: float = 0.0

    def __post_init__(self) -> None:
        self.volume_mm3 = volume_of(self.surface)
        edges = np.diff(np.reshape(self.surface.GetBounds(), (3, 2)))
        grid = grid_around(self.surface, float(edges.max()) / VOXELS_ACROSS)
        self.centres = grid.centres_ras_mm(mask_within(self.surface, grid))
        # A share of the faces' own volume: the voxels' error on thin walls is not the tool's.
        self.voxel_mm3 = self.volume_mm3 / len(self.centres)

    def within(self, chosen: BoolArray) -> float:
        """Volume of the model's voxels that are chosen."""
        return float(np.count_nonzero(chosen)) * self.voxel_mm3


def volume_of(surface: vtkPolyData) -> float:
    return signed_volume_mm3(points_of(surface), triangles_of(surface))


def models(folder: Path) -> list[Judged]:
    """The closed meshes, those in metres scaled and repaired, and bone of the CTs."""
    found = []
    for path in sorted((folder / "meshes").glob("*.stl")):
        surface = read_mesh(path)
        longest = np.diff(np.reshape(surface.GetBounds(), (3, 2))).max()
        try:
            if longest < 2:
                surface = repair_model(surface, RepairParameters(scale=1000.0)).surface
            solid_of(surface)
        except FluoroPrintError as error:
            print(f"{path.name} left out: {error}")
            continue
        found.append(Judged(path.stem, surface))
    return found + [of_ct(folder / "reference" / f"{name}.nrrd", level) for name, level in BONE_HU.items()]


def of_ct(path: Path, level: float) -> Judged:
    """Model of the bone in the middle of a CT."""
    whole = read_volume(path)
    crop = tuple(slice(n // 2 - 45, n // 2 + 45) for n in whole.array_kji.shape)
    matrix = whole.ijk_to_ras.copy()
    matrix[:3, 3] += matrix[:3, :3] @ [s.start for s in reversed(crop)]
    mask = Volume((whole.array_kji[crop] > level).astype(np.uint8), matrix)
    bone = Segmentation(mask, (Segment("Bone", 1, (1, 1, 1)),))
    return Judged(path.stem, models_from_segmentation(bone, ModelParameters())[0].surface)


Result = tuple[list[vtkPolyData], list[float]]
"""Surfaces that were made, and the volume that each must have."""


def drilled(model: Judged, rng: np.random.Generator) -> Result:
    entry, along = place(model, rng), unit(rng.normal(size=3))
    diameter = rng.uniform(1.5, 6.0)
    made = drill(model.surface, DrillParameters(tuple(entry), tuple(along), diameter))
    rel = model.centres - entry
    off = np.linalg.norm(rel - np.outer(rel @ along, along), axis=1)
    gone = (off < diameter / 2) & (rel @ along > -diameter)
    return [made.parts[0].surface], [model.volume_mm3 - model.within(gone)]


def sawn(model: Judged, rng: np.random.Generator) -> Result:
    point, across = middle(model, rng), unit(rng.normal(size=3))
    kerf = rng.uniform(0.3, 2.0)
    made = saw(model.surface, SawParameters(tuple(point), tuple(across), kerf))
    side = (model.centres - point) @ across
    return [part.surface for part in made.parts], [
        model.within(side < -kerf / 2),
        model.within(side > kerf / 2),
    ]


def pegged(model: Judged, rng: np.random.Generator) -> Result:
    point, across = middle(model, rng), unit(rng.normal(size=3))
    parameters = CutParameters(tuple(point), tuple(across), "round", rim_mm=1.0)
    made = cut(model.surface, parameters)
    axes = frame_along(across)
    pegs = fitted_pegs(unplaced(solid_of(model.surface), point, axes), parameters)
    x, y, z = ((model.centres - point) @ axes.T).T
    off = np.min([np.hypot(x - a, y - b) for a, b in pegs.centres_mm], axis=0)
    radius, reach = pegs.diameter_mm / 2, pegs.length_mm
    gap = parameters.clearance_mm
    below = (z < 0) | ((off < radius) & (z < reach))
    above = (z > 0) & ~((off < radius + gap) & (z < reach + gap))
    return [part.surface for part in made.parts], [model.within(below), model.within(above)]


def labelled(model: Judged, rng: np.random.Generator) -> Result:
    height = rng.uniform(2.5, 5.0)
    way = str(rng.choice(["engraved", "raised"]))
    words = {"text": str(rng.choice(["R", "L5", "CT-7"])), "height_mm": height, "way": way}
    at = points_of(model.surface)[rng.integers(model.surface.GetNumberOfPoints())]
    made = label(model.surface, LabelParameters(at_ras_mm=tuple(at), up=tuple(rng.normal(size=3)), **words))
    changed = text_outline(words["text"], height, height / 7).area() * 0.6
    return [made.parts[0].surface], [model.volume_mm3 + (changed if way == "raised" else -changed)]


KINDS: dict[str, Callable[[Judged, np.random.Generator], Result]] = {
    "drill": drilled,
    "saw": sawn,
    "pegs": pegged,
    "label": labelled,
}


def place(model: Judged, rng: np.random.Generator) -> Float64Array:
    return model.centres[rng.integers(len(model.centres))]


def middle(model: Judged, rng: np.random.Generator) -> Float64Array:
    """A place not too near an end: between two of the model's own."""
    return (place(model, rng) + place(model, rng)) / 2


@dataclass
class Tally:
    """What was seen of one kind of operation."""

    done: int = 0
    refused: int = 0
    closed: int = 0
    surfaces: int = 0
    cutting_faces: int = 0
    worst: float = 0.0
    seconds: list[float] = field(default_factory=list)


def is_closed(surface: vtkPolyData, folder: Path) -> tuple[bool, int]:
    """Whether a surface is closed and 2-manifold as STL holds it, and how many of its faces cut another."""
    write_mesh(folder / "made.stl", [NamedModel("made", (1, 1, 1), surface)])
    again = read_mesh(folder / "made.stl")
    points, faces = welded(points_of(again), triangles_of(again))
    edges = edges_of(faces)
    whole = bool((edges.count == 2).all()) and not edges.is_mis_oriented.any()
    sound = whole and len(non_manifold_points(faces, edges)) == 0
    return sound, len(np.unique(intersecting_pairs(points, faces)))


def judge(model: Judged, kind: str, rng: np.random.Generator, tally: Tally, folder: Path) -> None:
    for _ in range(DRAWS):
        start = time.perf_counter()
        try:
            surfaces, expected = KINDS[kind](model, rng)
        except FluoroPrintError:
            tally.refused += 1
            continue
        tally.seconds.append(time.perf_counter() - start)
        break
    else:
        return
    tally.done += 1
    for surface, volume in zip(surfaces, expected, strict=True):
        sound, cutting = is_closed(surface, folder)
        tally.surfaces += 1
        tally.closed += sound
        tally.cutting_faces += cutting
        # Of the whole model: voxels tell a sliver's volume no better than to its surface.
        tally.worst = max(tally.worst, abs(volume_of(surface) - volume) / model.volume_mm3)


def closed_forms() -> bool:
    """Print hollows and pegs against what geometry says; tell whether all are as near as they must be."""
    reached = True
    ball = surface_of(engine().Manifold.sphere(15.0, 256))
    for wall in (1.0, 2.0, 4.0):
        made = hollow(ball, HollowParameters(wall_mm=wall, drains="none"))
        true = 4 / 3 * np.pi * (15.0**3 - (15.0 - wall) ** 3)
        error = volume_of(made.parts[0].surface) / true - 1
        reached &= abs(error) < NEEDED_VOLUME
        print(f"hollow ball, wall {wall:g} mm: volume {100 * error:+.3f} %. {made.notes[0]}")
    block = surface_of(engine().Manifold.cube((40.0, 30.0, 40.0), True))
    for shape in ("round", "D-shaped"):
        for gap in (0.1, 0.2, 0.4):
            parameters = CutParameters(normal=(0.1, 0.2, 1.0), pegs=shape, clearance_mm=gap)
            below, above = (part.surface for part in cut(block, parameters).parts)
            samples = samples_of(below, 0.3)
            standing = samples[samples @ unit(parameters.normal) > 0.5]
            found = signed_distances_mm(standing, above)
            reached &= float(np.abs(found - gap).max()) < NEEDED_GAP_MM
            print(f"{shape} pegs, clearance {gap:g} mm: measured {found.min():.4f} to {found.max():.4f} mm")
    return reached


def main() -> int:
    """Print both parts; return 1 where a figure is missed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    reached = closed_forms()
    rng, tallies = np.random.default_rng(2026), defaultdict(Tally)
    chosen = models(Path(os.environ["FLUOROPRINT_DATA"]))
    print(f"{len(chosen)} models, {', '.join(f'{m.surface.GetNumberOfPolys()}' for m in chosen)} triangles")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            kind = tuple(KINDS)[number % len(KINDS)]
            judge(chosen[number // len(KINDS) % len(chosen)], kind, rng, tallies[kind], Path(folder))
    print("kind   done refused  closed/surfaces  faces cutting  volume off by, worst  median s")
    for kind, t in tallies.items():
        print(
            f"{kind:<6}{t.done:5}{t.refused:8}{t.closed:8}/{t.surfaces:<8}{t.cutting_faces:14}"
            f"{100 * t.worst:18.3f} %{np.median(t.seconds):12.2f}"
        )
        reached &= t.closed == t.surfaces and t.worst < NEEDED_VOLUME
    done = sum(t.done for t in tallies.values())
    print(f"{done} of {count} done. {'All figures reached.' if reached else 'A figure was missed.'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

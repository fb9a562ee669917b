"""Cups suggested on solids whose socket is known, and on a real hemipelvis whose socket is not.

    python Testing/benchmark/planning_hip.py

The solids are those of the tests: a ball of bone with a spherical socket, its fossa and notch, cut off at a
rim. FLUOROPRINT_DATA names a folder with meshes/myosim_l_pelvis.stl; without it the solids alone are
measured. That mesh has 122 points: its socket is a polygon, and no truth of it is known; a round socket would
give the same wherever the search begins, and on the other side. A femur there (meshes/myosim_r_femur.stl) has
no canal: it is given cortex of an even thickness, and stems are fitted to what is left.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Python" / "planning"))

from FluoroPrintLib.catalog.implants import implant_family  # noqa: E402
from FluoroPrintLib.errors import FluoroPrintError  # noqa: E402
from FluoroPrintLib.files.mesh_formats import read_mesh  # noqa: E402
from FluoroPrintLib.geometry.volume import Volume  # noqa: E402
from FluoroPrintLib.mesh.cleaning import RepairParameters, repair_model  # noqa: E402
from FluoroPrintLib.mesh.polydata import points_of, with_points  # noqa: E402
from FluoroPrintLib.planning.acetabulum import find_acetabulum, find_head, head_from_landmarks  # noqa: E402
from FluoroPrintLib.planning.cup import CupParameters, coverage, suggested_cup  # noqa: E402
from FluoroPrintLib.planning.cup_angles import (  # noqa: E402
    PelvicLandmarks,
    in_hip,
    pelvis_frame,
    radiographic_of,
)
from FluoroPrintLib.planning.femoral_canal import femoral_canal  # noqa: E402
from FluoroPrintLib.planning.field import BoneField, bone_field  # noqa: E402
from FluoroPrintLib.planning.meshes import bone_within  # noqa: E402
from FluoroPrintLib.planning.stem_fit import StemParameters, fitted_stem  # noqa: E402
from FluoroPrintLib.shape.inset import grid_over, mask_within  # noqa: E402
from hip_solids import centre, hip, landmarks, native_axis  # noqa: E402

RADII_MM, VOXELS_MM, SEEDS = (21.0, 24.5, 28.0, 33.0), (0.8, 1.25), 3
SEED_MM = 8.0
FEMUR_MM, FEMUR_VOXEL_MM, CORTICES_MM = (95.0, 215.0), 0.8, (2.5, 3.5)
STEMS = implant_family("stem-straight")
SIZES = implant_family("cup-hemispherical").sizes("diameter_mm")


def main() -> None:
    """Print a line a solid, and what was found of the hemipelvis."""
    print("solid: diameter, voxel, side; errors of centre, diameter, rim; size less that of the sphere; time")
    for line in solids():
        print(line)
    if "FLUOROPRINT_DATA" not in os.environ:
        print("FLUOROPRINT_DATA names no folder: the hemipelvis is left out.")
        return
    surface = left_hemipelvis(Path(os.environ["FLUOROPRINT_DATA"]))
    for line in (*real(surface), *stems(Path(os.environ["FLUOROPRINT_DATA"]))):
        print(line)


def solids() -> Iterator[str]:
    """Yield a line a solid: found from places off the centre by chance."""
    chance = np.random.default_rng(0)
    for radius in RADII_MM:
        for voxel in VOXELS_MM:
            for side in ("right", "left"):
                size = 2 * (radius + 20)
                field = bone_field(hip(side, voxel_mm=voxel, radius_mm=radius, size_mm=size))
                begun = time.process_time()
                socket = find_acetabulum(field, centre(side) + chance.normal(size=3) * SEED_MM / np.sqrt(3))
                seconds = time.process_time() - begun
                frame = pelvis_frame(landmarks())
                cup = suggested_cup(socket, frame, side, SIZES, CupParameters())
                turn = np.degrees(np.arccos(np.clip(socket.axis_ras @ native_axis(side), -1, 1)))
                off = np.linalg.norm(socket.centre_ras - centre(side))
                yield (
                    f"{2 * radius:g} mm, {voxel:g} mm, {side:<5}  {off:.2f} mm  "
                    f"{2 * (socket.radius_mm - radius):+.2f} mm  {turn:.2f}°  "
                    f"{cup.diameter_mm - 2 * radius:+g} mm  {seconds:.1f} s"
                )


def left_hemipelvis(folder: Path) -> object:
    """Return the hemipelvis in RAS mm: its file has x anterior, y superior, z right, in metres."""
    mesh = read_mesh(folder / "meshes" / "myosim_l_pelvis.stl")
    points = points_of(repair_model(mesh, RepairParameters(scale=1000.0)).surface)
    own = points * (-1.0, -1.0, 1.0)
    return with_points(repair_model(mesh, RepairParameters(scale=1000.0)).surface, own[:, [2, 0, 1]])


def stems(folder: Path) -> Iterator[str]:
    """Yield stems fitted to a femur's outer shape, made hollow; its head at the origin."""
    mesh = read_mesh(folder / "meshes" / "myosim_r_femur.stl")
    surface = repair_model(mesh, RepairParameters(scale=1000.0)).surface
    points = points_of(surface)
    grid = grid_over(points.min(0), np.minimum(points.max(0), (1e3, FEMUR_MM[1] + 15, 1e3)), FEMUR_VOXEL_MM)
    depth = bone_field(Volume(mask_within(surface, grid), grid.ijk_to_ras)).depth_mm
    ends = [middle_at(depth, height) for height in FEMUR_MM]
    for cortex_mm in CORTICES_MM:
        shell = (depth.array_kji > 0) & (depth.array_kji < cortex_mm)
        field, begun = bone_field(depth.with_array(shell.astype(np.uint8))), time.process_time()
        canal = femoral_canal(field, *ends)
        fit = fitted_stem(STEMS, field, canal, (0.0, 0.0, 0.0), 130.0, StemParameters())
        off = canal.centres_ras - canal.start_ras
        bow = np.linalg.norm(off - np.outer(off @ canal.axis_ras, canal.axis_ras), axis=1).max()
        sizes = fit.implant.dimensions
        yield (
            f"femur, cortex {cortex_mm:g} mm: canal {canal.width_mm.min():.1f} to "
            f"{canal.width_mm.max():.1f} mm, bowed {bow:.1f} mm; "
            f"stem {sizes['tip_mm']:g} x {sizes['length_mm']:g} mm, "
            f"room {fit.clearance_mm:.2f} mm, fill {np.round(fit.fill, 2).tolist()}, "
            f"{time.process_time() - begun:.1f} s"
        )


def middle_at(depth: Volume, height_mm: float) -> tuple[float, ...]:
    """Return the deepest place of a bone at a height along A."""
    row = int(round((height_mm - depth.ijk_to_ras[1, 3]) / FEMUR_VOXEL_MM))
    k, i = np.unravel_index(depth.array_kji[:, row].argmax(), depth.array_kji[:, row].shape)
    return tuple((depth.ijk_to_ras @ (i, row, k, 1.0))[:3].tolist())


def landmarks_of(points: np.ndarray) -> PelvicLandmarks:
    """Return landmarks by rule: the foremost points of the ilium and of the pubis, and their mirror images.

    The mesh's midline is R = 0, its anterior superior iliac spine is level with S = 0.
    """
    lateral, high = points[:, 0] < points[:, 0].min() / 2, points[:, 2] > -25.0
    spine = points[lateral & high][points[lateral & high][:, 1].argmax()]
    medial = (points[:, 0] > points[:, 0].min() / 3) & (points[:, 2] < -40.0)
    tubercle = points[medial][points[medial][:, 1].argmax()]
    mirrored = [tuple((place * (-1, 1, 1)).tolist()) for place in (spine, tubercle)]
    own = [tuple(place.tolist()) for place in (spine, tubercle)]
    return PelvicLandmarks(own[0], mirrored[0], own[1], mirrored[1])


def real(surface: object) -> Iterator[str]:
    """Yield what is found of the hemipelvis: from the landmarks alone, from places about it, mirrored."""
    bone = bone_within(surface)
    marks = landmarks_of(points_of(surface))
    frame, field = pelvis_frame(marks), bone_field(bone)
    yield f"hemipelvis: landmarks {vars(marks)}"
    try:
        head = find_head(field, head_from_landmarks(marks, frame, "left"))
        yield told("from the landmarks", field, head, frame, "left")
    except FluoroPrintError as error:
        yield f"from the landmarks: {error}"
        return
    chance = np.random.default_rng(1)
    for number in range(SEEDS):
        seed = head + chance.normal(size=3) * SEED_MM / np.sqrt(3)
        yield told(
            f"from {np.linalg.norm(seed - head):.0f} mm beside, {number + 1}", field, seed, frame, "left"
        )
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    mirrored = bone_field(Volume(bone.array_kji, flip @ bone.ijk_to_ras))
    yield told("mirrored", mirrored, head * (-1, 1, 1), frame, "right")


def told(name: str, field: BoneField, head: np.ndarray, frame: object, side: str) -> str:
    """Return what is found about a head as a line."""
    begun = time.process_time()
    try:
        socket = find_acetabulum(field, head)
    except FluoroPrintError as error:
        return f"{name}: {error}"
    cup = suggested_cup(socket, frame, side, SIZES, CupParameters())
    native = radiographic_of(in_hip(socket.axis_ras, frame, side))
    covered = coverage(field, cup, CupParameters().contact_mm)
    return (
        f"{name}: centre {np.round(socket.centre_ras, 1).tolist()}, sphere {2 * socket.radius_mm:.1f} mm "
        f"(rms {socket.rms_mm:.2f}, spread {socket.spread_mm:.1f}), rim rms {socket.rim_rms_mm:.2f} mm, "
        f"native {native[0]:.1f}/{native[1]:.1f}°, "
        f"cup {cup.diameter_mm:g} mm, coverage at 40/15° {100 * covered:.0f} %, "
        f"{time.process_time() - begun:.1f} s"
    )


if __name__ == "__main__":
    main()

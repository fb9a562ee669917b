"""Screws planned by themselves on real bone, judged on the CT's own bone, which the planning never saw.

    python Testing/benchmark/planning_screws.py

FLUOROPRINT_DATA names a folder with reference/, sweeps/ and meshes/. Each spine is planned from the bone of
its CT and from the bone of its reconstructed sweep, with the greys of either. The judge is the CT above a
fixed level with its marrow filled, mirrored at its upper and lower edge so that cut bone is filled too.
Corridors of the pelvis are found with no hint and judged on the very mesh.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from FluoroPrintLib.catalog.screws import screw_family
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.mesh_formats import read_mesh
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.volumes import read_volume
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.cleaning import RepairParameters, repair_model
from FluoroPrintLib.planning.corridors import CorridorParameters
from FluoroPrintLib.planning.field import BoneField, bone_field
from FluoroPrintLib.planning.meshes import bone_within, joined
from FluoroPrintLib.planning.pedicle_screws import LUMBAR, THORACIC, PedicleScrewParameters
from FluoroPrintLib.planning.pedicles import LEFT, RIGHT
from FluoroPrintLib.planning.pelvic_corridors import (
    ILIOSACRAL,
    RAMUS,
    SIDES,
    SUPRA_ACETABULAR,
    screw_in_region,
)
from FluoroPrintLib.planning.planner import PlanRequest
from FluoroPrintLib.planning.screw import fit_of
from FluoroPrintLib.planning.screw_objects import SCREW, screw_of
from FluoroPrintLib.planning.screw_planners import RegionParameters, plan_corridor
from FluoroPrintLib.planning.spine import PlannedPedicle, plan_pedicle_screws
from FluoroPrintLib.planning.upright import cropped
from FluoroPrintLib.progress import silent
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.bone import BoneParameters, find_bone
from FluoroPrintLib.segmentation.filling import with_marrow

VOXEL_MM = 0.8
AROUND_MM = 60.0
MIRRORED = 12


@dataclass(frozen=True)
class Spine:
    """A spine to plan: its files, region, level of bone in the sweep (None: found), the judge's level."""

    ct: str
    sweep: str
    geometry: str | None
    region: str
    sweep_hu: float | None
    judge_hu: float


def spines() -> tuple[Spine, ...]:
    """The two spines."""
    return (
        Spine("thoracic-ct", "thoracic-wobble-xa", "thoracic-wobble-xa.truth", THORACIC, None, 150.0),
        Spine("lumbosacral-ct", "lumbosacral-xa", None, LUMBAR, 200.0, 120.0),
    )


def main() -> None:
    """Print a line a screw and a line a case."""
    folder = Path(os.environ["FLUOROPRINT_DATA"])
    for spine in spines():
        ct = read_volume(folder / "reference" / f"{spine.ct}.nrrd")
        judged = filled(ct, spine.judge_hu)
        report(spine.ct, ct, BoneParameters(), judged, spine.region)
        if spine.region == LUMBAR:
            across_the_joints(ct, BoneParameters(), judged)
        sweep = reconstructed(folder / "sweeps", spine)
        moved = Volume(judged.array_kji, at_isocentre(folder / "sweeps", spine) @ judged.ijk_to_ras)
        bone = BoneParameters(lower_hu=spine.sweep_hu, denoising_iterations=6 if spine.sweep_hu else 3)
        report(f"{spine.sweep}, reconstructed", sweep, bone, moved, spine.region)
        if spine.region == LUMBAR:
            across_the_joints(sweep, bone, moved)
    for line in corridors(folder / "meshes"):
        print(line)


def filled(ct: Volume, level_hu: float) -> Volume:
    """Return the CT's bone above a level with its marrow."""
    beyond = ((MIRRORED, MIRRORED), (0, 0), (0, 0))
    mask = np.pad(ct.array_kji > level_hu, beyond, mode="reflect")
    return Volume(with_marrow(mask, ct.spacing_mm[::-1])[MIRRORED:-MIRRORED], ct.ijk_to_ras)


def reconstructed(folder: Path, spine: Spine) -> Volume:
    """Return the volume of a sweep, by its true geometry where its header has none."""
    geometry = folder / f"{spine.geometry}.json" if spine.geometry else None
    sweep = read_sweep(folder / f"{spine.sweep}.dcm", geometry=geometry)
    return reconstruct(sweep, ReconstructionParameters(voxel_mm=VOXEL_MM))


def at_isocentre(folder: Path, spine: Spine) -> np.ndarray:
    """Return the matrix that takes the CT's RAS to the sweep's: its isocentre is the origin."""
    isocentre = json.loads((folder / f"{spine.sweep}.truth.json").read_text())["isocenter_lps"]
    matrix = np.eye(4)
    matrix[:3, 3] = -np.multiply(isocentre, (-1, -1, 1))
    return matrix


def report(name: str, volume: Volume, bone: BoneParameters, judged: Volume, region: str) -> None:
    """Plan one volume and print how its screws fare on the judge's bone."""
    mask = find_bone(volume, bone).segmentation.labelmap
    parameters = PedicleScrewParameters(region=region)
    begun = time.process_time()
    planned = plan_pedicle_screws(mask, screw_family("pedicle"), parameters, volume=volume)
    seconds = (time.process_time() - begun) / max(found.pedicle.level for found in planned)
    field = judge_about(judged, planned)
    fits = [(found, fit_of(field, found.screw, parameters)) for found in planned if found.screw]
    for found, fit in fits:
        screw = found.screw
        print(
            f"  {found.pedicle.level} {found.pedicle.side:<5}"
            f" {screw.diameter_mm:g} x {screw.length_mm:.0f} mm"
            f"  margin {fit_of(found.field, screw, parameters).margin_mm:.2f} mm"
            f"  on the CT's bone {fit.margin_mm:.2f} mm, {fit.grade}"
        )
    for found in planned:
        if found.screw is None:
            print(f"  {found.pedicle.level} {found.pedicle.side:<5} no screw fits, as {found.why}")
    grades = "".join(sorted(fit.grade for _, fit in fits))
    off = [fit.margin_mm - fit_of(found.field, found.screw, parameters).margin_mm for found, fit in fits]
    print(
        f"{name}: {len(planned)} pedicles, {len(fits)} screws, grades {grades}, "
        f"sides right {sides_right(planned)}, {seconds:.1f} s of CPU a vertebra;\n"
        f"  margin on the CT's bone less the planned one: {min(off):.2f} to {max(off):.2f} mm, "
        f"median {np.median(off):.2f} mm\n"
    )


def across_the_joints(volume: Volume, bone: BoneParameters, judged: Volume) -> None:
    """Plan iliosacral screws through either joint and print how they fare on the judge's bone."""
    field, found = bone_field(joined([judged])), find_bone(volume, bone).segmentation
    parameters = CorridorParameters(trim_mm=10.0)
    chosen = {CorridorParameters: parameters, RegionParameters: RegionParameters(region=ILIOSACRAL)}
    for side in SIDES:
        families = {SCREW: screw_family("cannulated")}
        begun = time.process_time()
        request = PlanRequest(
            "", found, lambda: None, volume=volume, families=families, side=side, chosen=chosen
        )
        screw = screw_of(plan_corridor(request, silent).objects[0])
        fit = fit_of(field, screw, parameters)
        print(
            f"  {ILIOSACRAL} through the joint, {side}: {screw.diameter_mm:g} x {screw.length_mm:.0f} mm"
            f"  on the CT's bone {fit.margin_mm:.2f} mm, {fit.grade}, {fit.depth_mm[0]:.1f} mm deep at its"
            f" entry, {time.process_time() - begun:.1f} s of CPU\n"
        )


def judge_about(judged: Volume, planned: tuple[PlannedPedicle, ...]) -> BoneField:
    """Return the judge's field about the pedicles."""
    centres = np.array([found.pedicle.centre_ras for found in planned])
    return bone_field(cropped(judged, centres.min(axis=0) - AROUND_MM, centres.max(axis=0) + AROUND_MM))


def sides_right(planned: tuple[PlannedPedicle, ...]) -> str:
    """Say of how many pairs the left pedicle lies further left (lower R) than the right one."""
    pairs = [
        (one, other)
        for one in planned
        for other in planned
        if one.pedicle.level == other.pedicle.level and one.pedicle.side == LEFT != other.pedicle.side
    ]
    right = sum(one.pedicle.centre_ras[0] < other.pedicle.centre_ras[0] for one, other in pairs)
    return f"{right} of {len(pairs)}"


def corridors(folder: Path) -> Iterator[str]:
    """Yield a line a corridor: of a hemipelvis, of its mirror image, of a sacrum."""
    pelvis = repair_model(read_mesh(folder / "myosim_l_pelvis.stl"), RepairParameters(scale=1000.0)).surface
    half = bone_within(pelvis)
    mirrored = Volume(half.array_kji, np.diag([-1.0, 1.0, 1.0, 1.0]) @ half.ijk_to_ras)
    for bone, side in ((half, LEFT), (mirrored, RIGHT)):
        for region in (RAMUS, SUPRA_ACETABULAR):
            yield corridor(bone, region, side)
    sacrum = bone_within(read_mesh(folder / "VHF_Left_Bone_Sacrum_smooth.stl"))
    for side in SIDES:
        yield corridor(sacrum, ILIOSACRAL, side)


def corridor(bone: Volume, region: str, side: str) -> str:
    """Plan one corridor and tell its size."""
    parameters = CorridorParameters(trim_mm=10.0)
    begun = time.process_time()
    field = bone_field(bone)
    try:
        screw = screw_in_region(field, region, side, screw_family("cannulated"), parameters)
    except FluoroPrintError as error:
        return f"{region}, {side}: {error}"
    fit = fit_of(field, screw, parameters)
    return (
        f"{region}, {side}: {screw.diameter_mm:g} x {screw.length_mm:.0f} mm, "
        f"least distance to cortex {fit.least_mm:.1f} mm, "
        f"margin {fit.margin_mm:.2f} mm, {fit.grade}, {time.process_time() - begun:.1f} s of CPU"
    )


if __name__ == "__main__":
    main()

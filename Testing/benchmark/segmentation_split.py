"""How much bone comes to the right side where the lumbosacral reconstruction is split at its joints.

The joint spaces were traced in transverse slices of the CT (Testing/Data/lumbosacral-joints.txt). Bone of the
reconstruction counts where its foot on a trace lies within the traced length and is no farther than a limit;
its side of the trace tells the bone it belongs to. One point a bone splits the reconstruction, several times
with other points.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from FluoroPrintLib.arrays import BoolArray, Float64Array, IntArray
from FluoroPrintLib.geometry.volume import Volume

TRACES = Path(__file__).resolve().parents[1] / "Data" / "lumbosacral-joints.txt"
NEEDED = "95 %"
BONES = ("right ilium", "sacrum", "left ilium", "L5", "L4")
SIDES = {
    "sacro-iliac_right": ("right ilium", "sacrum"),
    "sacro-iliac_left": ("sacrum", "left ilium"),
    "L5/S1_right": ("L5", "sacrum"),
    "L5/S1_left": ("L5", "sacrum"),
    "L4/L5_right": ("L4", "L5"),
    "L4/L5_left": ("L4", "L5"),
}
"""The bones on both sides of a trace: to the right and left of it, or to the back and front."""
LIMIT_MM = {"sacro-iliac": 15.0, "L5/S1": 8.0, "L4/L5": 8.0}
CENTRES_RAS = np.array(
    [[72.0, -9.6, -24.4], [0.8, -17.6, -5.2], [-61.6, -17.6, -18.8], [8.0, -27.2, 25.2], [7.2, -30.4, 47.6]]
)
"""A place in each bone, in the order of `BONES`; in the vertebrae it is the lamina, next to the joints."""
SPREAD_MM = 3.0
PLACEMENTS = 3
LOWER_HU = 220.0  # the spongy bone of this body is darker than what Fluoro bone takes by itself


def rows() -> list[tuple[str, str, str]]:
    """Return case, figure and what is needed for each joint; nothing where the data are not there."""
    folder = os.environ.get("FLUOROPRINT_DATA")
    sweep = Path(folder or "") / "sweeps" / "lumbosacral-xa.dcm"
    if folder is None or not sweep.is_file():
        return []
    shares = measured(_reconstructed(sweep))
    return [
        (f"joint split, {joint.replace('_', ' ')}", ", ".join(f"{100 * s:.1f} %" for s in found), NEEDED)
        for joint, found in shares.items()
    ]


def measured(volume: Volume) -> dict[str, list[float]]:
    """Return for each joint the share of bone on the right side, of each placement of the points."""
    from FluoroPrintLib.segmentation.bone import BoneParameters, segment_bone
    from FluoroPrintLib.segmentation.split import split_parts

    bone = segment_bone(volume, BoneParameters(lower_hu=LOWER_HU, sharpening=0.0, flatten=False))
    expected = {joint: expected_labels(volume, bone.labelmap.array_kji > 0, joint) for joint in SIDES}
    rng = np.random.default_rng(7)
    shares: dict[str, list[float]] = {joint: [] for joint in SIDES}
    for _ in range(PLACEMENTS):
        seeds = CENTRES_RAS + rng.uniform(-SPREAD_MM, SPREAD_MM, CENTRES_RAS.shape)
        labels = split_parts(volume, bone, seeds).labelmap.array_kji
        for joint, wanted in expected.items():
            shares[joint].append(float((labels == wanted)[wanted > 0].mean()))
    return shares


def expected_labels(volume: Volume, bone: BoolArray, joint: str) -> IntArray:
    """Return 1 and on for bone that belongs to `BONES` by the traces of a joint; 0 elsewhere."""
    labels = np.zeros(bone.shape, np.int64)
    limit = LIMIT_MM[joint.split("_")[0]]
    one, other = (BONES.index(name) + 1 for name in SIDES[joint])
    to_ijk = np.linalg.inv(volume.ijk_to_ras)
    for trace in traces()[joint]:
        k = round(float((to_ijk[:3, :3] @ trace[0] + to_ijk[:3, 3])[2]))
        indices = np.argwhere(bone[k])
        ijk = np.column_stack([indices[:, ::-1], np.full(len(indices), k)])
        signed = _signed_mm(
            (ijk @ volume.ijk_to_ras[:3, :3].T + volume.ijk_to_ras[:3, 3])[:, :2], trace[:, :2]
        )
        near = np.abs(signed) <= limit
        labels[k, indices[near, 0], indices[near, 1]] = np.where(signed[near] > 0, one, other)
    return labels


def traces() -> dict[str, list[Float64Array]]:
    """Return the polylines of each joint, (N, 3) in RAS mm about the isocentre, each in one slice."""
    found: dict[str, list[Float64Array]] = {}
    for line in TRACES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            joint, *numbers = line.split()
            found.setdefault(joint, []).append(np.array(numbers, np.float64).reshape(-1, 3))
    return found


def _signed_mm(points: Float64Array, line: Float64Array) -> Float64Array:
    """Return the distance from a polyline, positive to its one side, infinite beyond its ends.

    Sacro-iliac traces run to the back, so the patient's right (R) is on their positive side; traces of facet
    joints run to the left, and the back (P) is.
    """
    best = np.full(len(points), np.inf)
    for index, (start, end) in enumerate(zip(line[:-1], line[1:], strict=True)):
        along = end - start
        at = (points - start) @ along / (along @ along)
        beyond = ((at < 0) & (index == 0)) | ((at > 1) & (index == len(line) - 2))
        foot = start + np.clip(at, 0, 1)[:, None] * along
        away = points - foot
        side = np.sign(along[0] * away[:, 1] - along[1] * away[:, 0])
        length = np.where(beyond, np.inf, np.linalg.norm(away, axis=1))
        nearer = length < np.abs(best)
        best[nearer] = (np.where(side == 0, 1, side) * length)[nearer]
    return best


def _reconstructed(sweep: Path) -> Any:
    from FluoroPrintLib.files.sweep import read_sweep
    from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct

    return reconstruct(read_sweep(sweep), ReconstructionParameters(voxel_mm=0.8))

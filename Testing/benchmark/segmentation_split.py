"""How much bone comes to the right side where the lumbosacral reconstruction is split at its joints.

The joint spaces were traced in transverse slices of the CT (Testing/Data/lumbosacral-joints.txt). Bone of the
reconstruction counts where its foot on a trace lies within the traced length and is no farther than a limit;
its side of the trace tells the bone it belongs to. Points split the reconstruction, several times with
other ones: one in each bone; or some, in the bodies and the roots of the processes, or in other places.
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
ONE_EACH = {
    "right ilium": ((72.0, -9.6, -24.4),),
    "sacrum": ((0.8, -17.6, -5.2),),
    "left ilium": ((-61.6, -17.6, -18.8),),
    "L5": ((8.0, -27.2, 25.2),),
    "L4": ((7.2, -30.4, 47.6),),
}
"""A place in each bone, RAS mm; in the vertebrae it is the lamina, next to the joints."""
SOME_EACH = {
    "right ilium": ((72.0, -9.6, -24.4), (66, -42, 0)),
    "sacrum": ((8, -4, -1), (34, -17, 11), (-18, -18, 11), (46, -15, -6), (-34, -15, -6)),
    "left ilium": ((-61.6, -17.6, -18.8), (-58, -42, 0)),
    "L5": ((8, 5, 27), (27, -12, 32), (-12, -12, 32), (24, -30, 20), (-6, -30, 20)),
    "L4": ((15, 2, 48), (8, -33, 50), (24, -29, 44), (-6, -28, 44)),
}
"""L5: body, both pedicles, both lower processes; sacrum: body, both upper processes, both wings."""
OTHERS_EACH = {
    "right ilium": ((76, 0, -20), (68, -48, -10), (64, -40, 8)),
    "sacrum": ((8, -12, -8), (33, -19, 15), (-19, -20, 15), (50, -5, -16)),
    "left ilium": ((-66, -2, -20), (-54, -48, -10), (-58, -40, 8)),
    "L5": ((8, 14, 24), (8, -34, 27), (30, -14, 38), (-12, -14, 38)),
    "L4": ((-4, 0, 48), (8, -34, 52), (8, -42, 46)),
}
"""Body, lamina and both upper processes of L5; body, lamina and spinous process of L4."""
POINTS = {"one point a bone": ONE_EACH, "some points": SOME_EACH, "some other points": OTHERS_EACH}
SPREAD_MM = 3.0
PLACEMENTS = 4
MASKS = {
    "Fluoro bone": {},
    "with marrow": {"cavities": "marrow"},
    "above 220 HU": {"lower_hu": 220.0, "sharpening": 0.0, "flatten": False},
}
"""What the bone is segmented by: as it is by itself, with marrow, and spongy bone taken in."""

Shares = dict[tuple[str, str, str], list[float]]


def rows() -> list[tuple[str, str, str]]:
    """Return case, figure and what is needed for each joint; nothing where the data are not there."""
    folder = os.environ.get("FLUOROPRINT_DATA")
    sweep = Path(folder or "") / "sweeps" / "lumbosacral-xa.dcm"
    if folder is None or not sweep.is_file():
        return []
    return [
        (f"joint split, {joint.replace('_', ' ')}, {points}, {mask}", _least_and_middle(found), NEEDED)
        for (mask, points, joint), found in measured(_reconstructed(sweep)).items()
    ]


def measured(volume: Volume, placements: int = PLACEMENTS) -> Shares:
    """Return by mask, points and joint the share of bone on the right side, for each placement."""
    from FluoroPrintLib.segmentation.bone import BoneParameters, segment_bone

    shares: Shares = {}
    for mask, wanted in MASKS.items():
        bone = segment_bone(volume, BoneParameters(**wanted))
        expected = {joint: expected_labels(volume, bone.labelmap.array_kji > 0, joint) for joint in SIDES}
        for points, places in POINTS.items():
            rng = np.random.default_rng(7)
            for _ in range(placements):
                labels = _split(volume, bone, places, rng)
                for joint, right in expected.items():
                    share = float((labels == right)[right > 0].mean())
                    shares.setdefault((mask, points, joint), []).append(share)
    return shares


def _split(volume: Volume, bone: Any, places: dict[str, Any], rng: np.random.Generator) -> Any:
    from FluoroPrintLib.segmentation.split import split_parts

    centres = np.array([place for of_one in places.values() for place in of_one], np.float64)
    names = tuple(name for name, of_one in places.items() for _ in of_one)
    seeds = centres + rng.uniform(-SPREAD_MM, SPREAD_MM, centres.shape)
    return split_parts(volume, bone, seeds, seed_parts=names).labelmap.array_kji


def _least_and_middle(shares: list[float]) -> str:
    return f"least {100 * min(shares):.1f} %, median {100 * float(np.median(shares)):.1f} %"


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
    signed = np.full(len(points), np.inf)
    for index, (start, end) in enumerate(zip(line[:-1], line[1:], strict=True)):
        along = end - start
        at = (points - start) @ along / (along @ along)
        beyond = ((at < 0) & (index == 0)) | ((at > 1) & (index == len(line) - 2))
        away = points - (start + np.clip(at, 0, 1)[:, None] * along)
        side = np.where(along[0] * away[:, 1] - along[1] * away[:, 0] >= 0, 1.0, -1.0)
        length = np.linalg.norm(away, axis=1)
        nearer = length < best
        best[nearer] = length[nearer]
        signed[nearer] = np.where(beyond, np.inf, side * length)[nearer]
    return signed


def _reconstructed(sweep: Path) -> Any:
    from FluoroPrintLib.files.sweep import read_sweep
    from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct

    return reconstruct(read_sweep(sweep), ReconstructionParameters(voxel_mm=0.8))

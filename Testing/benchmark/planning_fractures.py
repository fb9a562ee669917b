"""Real bones broken at random and set by their own mirror image, also by one that is larger.

    python Testing/benchmark/planning_fractures.py [FRACTURES]

FLUOROPRINT_DATA names a folder with meshes/. Each bone is cut FRACTURES times (10) across its length, in its
middle half, up to some 30 degrees from square; one part is turned by 5 to 15 degrees about a random axis
through its middle and moved by up to 11 mm. The part is set with no hint, and its points are compared with
where they were. The other side is the bone mirrored, as large as it is and 1 % larger.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.mesh_formats import read_mesh
from FluoroPrintLib.geometry.volume import transformed
from FluoroPrintLib.mesh.polydata import points_of, with_points
from FluoroPrintLib.planning.guide_parameters import CutPlane
from FluoroPrintLib.planning.osteotomy import cut_bone, hinged
from FluoroPrintLib.planning.reduction import mirrored
from FluoroPrintLib.planning.reduction_planner import other_side, set_fragments
from FluoroPrintLib.progress import silent
from FluoroPrintLib.shape.solids import surface_of

FRACTURES = 10
BONES = ("VHF_Right_Bone_Tibia_smooth", "VHM_Left_Bone_Talus_smooth", "VHM_Right_Bone_Calcaneous_smooth")
LARGER = (1.0, 1.01)


def main() -> None:
    """Print a line for each bone and each other side."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FRACTURES
    folder = Path(os.environ["FLUOROPRINT_DATA"]) / "meshes"
    for name in BONES:
        bone = read_mesh(folder / f"{name}.stl")
        for larger in LARGER:
            rng = np.random.default_rng(7)
            began = time.process_time()
            found = np.array([_off_and_residual(bone, larger, rng) for _ in range(count)])
            seconds = (time.process_time() - began) / count
            off, residual = found.T
            print(
                f"{name}, other side x {larger:g}: farthest point off, median {np.median(off):.2f}, "
                f"most {off.max():.2f} mm; residual, most {residual.max():.2f} mm; {seconds:.1f} s each"
            )


def _off_and_residual(bone: Any, larger: float, rng: Any) -> tuple[float, float]:
    rest, loose = _broken(bone, rng)
    points = points_of(surface_of(loose.solid))
    matrix = hinged(
        tuple(points.mean(axis=0)), tuple(rng.normal(size=3)), rng.uniform(5, 15), rng.uniform(-6, 6)
    )
    matrix[:3, 3] += rng.uniform(-3, 3, 3)
    fragments = [surface_of(rest.solid), surface_of(loose.solid.transform(matrix[:3]))]
    image = mirrored(bone)
    middle = points_of(image).mean(axis=0)
    image = with_points(image, middle + larger * (points_of(image) - middle))
    template = other_side(image, bone, ())
    pose = set_fragments(fragments, template, True, silent)[1]
    home = transformed(transformed(points, matrix), pose.to_place)
    return float(np.linalg.norm(home - points, axis=1).max()), pose.residual_mm


def _broken(bone: Any, rng: Any) -> Any:
    """Return the two parts of a bone, the larger first; a cut that leaves more is drawn again."""
    points = points_of(bone)
    middle = points.mean(axis=0)
    longest = np.linalg.svd(points - middle, full_matrices=False)[2][0]
    along = (points - middle) @ longest
    while True:
        place = middle + rng.uniform(0.5 * along.min(), 0.5 * along.max()) * longest
        normal = longest + 0.3 * rng.normal(size=3)
        try:
            pieces = cut_bone(bone, [CutPlane(tuple(place), tuple(normal))])
        except FluoroPrintError:
            continue
        if len(pieces) == 2:
            return pieces


if __name__ == "__main__":
    main()

"""Draw the pictures that Slicer shows for the sample sweeps: the surface of their reconstructed bone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.mesh.smoothing import smooth_mesh
from FluoroPrintLib.mesh.surface import surface_of_segment
from FluoroPrintLib.progress import silent
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.report.pictures import png_bytes
from FluoroPrintLib.report.surfaces import View, mesh_of, surface_picture
from FluoroPrintLib.segmentation.bone import BONE_COLOUR, segment_bone
from FluoroPrintLib.slicer_app.sample_data import SHIPPED, SIMULATED, simulated_sweep

RESOURCES = Path(__file__).resolve().parent.parent / "FluoroPrint" / "Resources"
WIDTH_PX, HEIGHT_PX = 260, 280
SKEWED = View("oblique", (0.5, -0.8, -0.3), (0, 0, 1))
FROM_BEHIND = View("oblique", (0.6, 0.75, -0.3), (0, 0, 1))


def main() -> None:
    """Write both pictures."""
    skull = read_sweep(RESOURCES / "SampleData" / "head-small-xa.dcm")
    for name, sweep, view in ((SHIPPED, skull, SKEWED), (SIMULATED, simulated_sweep(silent), FROM_BEHIND)):
        (RESOURCES / "Icons" / f"{name}.png").write_bytes(png_bytes(picture(sweep, view)))


def picture(sweep: Sweep, view: View) -> np.ndarray:
    """Return the bone of a sweep as an RGB picture (280, 260, 3)."""
    volume = reconstruct(sweep, ReconstructionParameters(voxel_mm=1.2))
    bone = segment_bone(volume)
    surface = smooth_mesh(surface_of_segment(bone, 1), 0.3)
    rgb = surface_picture([mesh_of(surface, BONE_COLOUR)], view, HEIGHT_PX).rgb
    side = (HEIGHT_PX - WIDTH_PX) // 2
    return rgb[:, side : side + WIDTH_PX]


if __name__ == "__main__":
    main()

"""Tesseract, an outside program, reads labels in pictures of the model, and no mirrored ones.

It reads dark letters on light ground. Raised letters are of one colour with their ground and in the same
light: the pictures show them brighter, as ridges, within a dark seam. For them what is brighter than the
ground about them is given to it as dark, and what is darker as ground.
"""

import shutil
import subprocess

import numpy as np
import pytest
from FluoroPrintLib.report.pictures import png_bytes
from FluoroPrintLib.report.surfaces import SUPERIOR, View, mesh_of, pixels_of, surface_picture
from FluoroPrintLib.shape.label import LabelParameters, label
from FluoroPrintLib.shape.probing import Probe
from FluoroPrintLib.shape.solids import solid_of, surface_of
from scipy.ndimage import gaussian_filter

TESSERACT = shutil.which("tesseract")
WORDS = "CASE 12 R"
SIZE_PX, EXTENT_MM, LETTERS_MM, LABEL_MM = 800, 80.0, 7.0, 60.0
FROM_THE_SIDE = View("side", (-1, 0, 0), (0, 1, 0))


def levelled(rgb, column, row, way):
    """A strip about a place, freed from the light's fall, the letters dark."""
    across, down = (round(size / 2 * SIZE_PX / EXTENT_MM) for size in (LABEL_MM, 2 * LETTERS_MM))
    grey = rgb[row - down : row + down, column - across : column + across, 0].astype(float)
    if way == "engraved":
        grey -= gaussian_filter(grey, down / 2)
        dark, light = np.percentile(grey, [1, 99])
    else:
        grey = gaussian_filter(grey, down / 4) - grey
        dark, light = np.percentile(grey, [1, 20])
    levels = (255 * np.clip((grey - dark) / (light - dark), 0, 1)).astype(np.uint8)
    return np.repeat(levels[..., None], 3, axis=-1)


def read_by_tesseract(rgb, path):
    path.write_bytes(png_bytes(np.ascontiguousarray(rgb)))
    words = [TESSERACT, str(path), "-", "--psm", "7", "--dpi", "150"]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return " ".join(said.stdout.split())


@pytest.mark.skipif(TESSERACT is None, reason="Tesseract is not installed")
@pytest.mark.parametrize(
    "shape",
    ["flat", pytest.param("tube", marks=pytest.mark.slow), pytest.param("bone", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("way", ["engraved", "raised"])
def test_a_label_is_read_and_its_mirror_image_is_not(shape, way, solids, tmp_path):
    if shape == "flat":
        model, place, view = solids.box(70, 20, 6), (0.0, 0.0, 3.0), SUPERIOR
    elif shape == "tube":
        model, place, view = solids.tube(25, 75), (25.0, 0.0, 0.0), FROM_THE_SIDE
    else:
        model = surface_of(solid_of(solids.knobbly()).scale((3.0, 3.0, 3.0)))
        place, view = (60.0, 0.0, 0.0), FROM_THE_SIDE
    parameters = LabelParameters(
        case_number="case 12", side="R", at_ras_mm=place, up=(0.0, 1.0, 0.0), height_mm=LETTERS_MM, way=way
    )
    made = label(model, parameters).parts[0].surface
    meshes = [mesh_of(made, (0.9, 0.87, 0.8))]
    rgb = surface_picture(meshes, view, SIZE_PX, extent_mm=EXTENT_MM).rgb
    ((column, row),) = pixels_of(Probe(model).nearest(place)[0][None], meshes, view, SIZE_PX, EXTENT_MM)
    strip = levelled(rgb, round(column), round(row), way)
    assert read_by_tesseract(strip, tmp_path / "label.png") == WORDS
    assert WORDS not in read_by_tesseract(strip[:, ::-1], tmp_path / "mirrored.png")

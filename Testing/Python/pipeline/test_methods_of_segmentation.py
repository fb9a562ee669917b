"""The methods on the command line: what they write is what their functions find."""

import numpy as np
import pytest
from command_line import fluoroprint, refused
from FluoroPrintLib.files.volumes import write_volume
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.files import read_segmentation
from FluoroPrintLib.mrml.scene import headless_scene
from FluoroPrintLib.mrml.segmentations import segmentation_from_node
from FluoroPrintLib.segmentation.metal import MetalParameters, find_metal
from FluoroPrintLib.segmentation.vessel import VesselParameters, find_vessels

SIZE = 40
AT_K, AT_J, AT_I = np.indices((SIZE, SIZE, SIZE)) - SIZE // 2
GRID = grid_centred_at((0, 0, 0), (SIZE, SIZE, SIZE), 1.0)
SEED_RAS = np.array([[-8.0, 10.0, 0.0]])


def rods(values_hu):
    """Two rods along K: at I 8, J -10 the thinner one; RAS has I and J reversed."""
    voxels = np.random.default_rng(1).normal(40.0, 20.0, (SIZE, SIZE, SIZE))
    voxels[(AT_I + 8) ** 2 + (AT_J - 8) ** 2 <= 5**2] = values_hu
    voxels[(AT_I - 8) ** 2 + (AT_J + 10) ** 2 <= 3**2] = values_hu
    return Volume(voxels.astype(np.float32), GRID)


CASES = {
    "metal": (9000.0, ("--border", "bloomed"), lambda v: find_metal(v, MetalParameters(border="bloomed"))),
    "vessel": (700.0, ("--wall-mm", "2"), lambda v: find_vessels(v, VesselParameters(wall_mm=2.0))),
}


def written_in(path):
    with headless_scene() as headless:
        return segmentation_from_node(read_segmentation(headless.scene, path))


@pytest.mark.parametrize("method", CASES)
def test_a_command_writes_what_the_function_finds(method, tmp_path):
    values_hu, options, find = CASES[method]
    volume = rods(values_hu)
    write_volume(tmp_path / "v.nrrd", volume)
    words = ("segment", tmp_path / "v.nrrd", "--method", method, *options, "--out", tmp_path / "s.seg.nrrd")
    done = fluoroprint(*words)
    assert done.code == 0, done
    found, written = find(volume), written_in(tmp_path / "s.seg.nrrd")
    assert found.note in done.out
    np.testing.assert_array_equal(written.labelmap.array_kji, found.segmentation.labelmap.array_kji)
    for one, other in zip(written.segments, found.segmentation.segments, strict=True):
        assert (one.name, one.label, one.terminology) == (other.name, other.label, other.terminology)
        assert one.colour == pytest.approx(other.colour, abs=1e-5)


def test_seeds_may_be_given_for_vessels_and_need_not(tmp_path):
    volume = rods(700.0)
    write_volume(tmp_path / "v.nrrd", volume)
    (tmp_path / "seeds.txt").write_text("\n".join(" ".join(map(str, seed)) for seed in SEED_RAS))
    words = ("segment", tmp_path / "v.nrrd", "--method", "vessel", "--out", tmp_path / "s.seg.nrrd")
    done = fluoroprint(*words, "--seeds", tmp_path / "seeds.txt")
    assert done.code == 0, done
    thin = written_in(tmp_path / "s.seg.nrrd").labelmap.array_kji
    expected = find_vessels(volume, seeds_ras=SEED_RAS).segmentation.labelmap.array_kji
    np.testing.assert_array_equal(thin, expected)
    assert 0 < thin.sum() < find_vessels(volume).segmentation.labelmap.array_kji.sum()


@pytest.mark.parametrize("method", CASES)
def test_nothing_to_find_is_one_sentence_and_no_file(method, tmp_path):
    write_volume(tmp_path / "v.nrrd", rods(60.0))
    told = refused(
        tmp_path, "segment", tmp_path / "v.nrrd", "--method", method, "--out", tmp_path / "s.seg.nrrd"
    )
    assert f"No {method} was found" in told

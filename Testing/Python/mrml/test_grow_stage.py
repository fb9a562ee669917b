"""Growing as a stage of the scene and as a command gives what the function gives."""

import numpy as np
from FluoroPrintLib.__main__ import main
from FluoroPrintLib.files.volumes import read_volume, write_volume
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.segmentations import segmentation_from_node
from FluoroPrintLib.mrml.stages import apply_stage, method_stage
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.grow import GrowParameters, grow
from FluoroPrintLib.segmentation.methods import Hints

SEED = np.array([[2.0, -1.0, 1.0]])
MOVE = np.array([[0, -1, 0, 5.0], [1, 0, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])


def ball():
    inside = ((np.indices((32, 32, 32)) - 15.5) ** 2).sum(0) <= 8**2
    noise = np.random.default_rng(2).normal(0, 20, inside.shape)
    return Volume(
        (np.where(inside, 900.0, 40.0) + noise).astype(np.float32),
        grid_centred_at((0, 0, 0), (32, 32, 32), 1.0),
    )


def test_the_stage_equals_the_function_under_a_transform(scene):
    node = add_volume(scene, ball(), "Ball")
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Move")
    transform.SetMatrixTransformToParent(vtk_matrix(MOVE))
    node.SetAndObserveTransformNodeID(transform.GetID())
    seeds = SEED @ MOVE[:3, :3].T + MOVE[:3, 3]
    stage = method_stage("fluoro-grow", Hints(seeds_ras=seeds))
    (made,) = apply_stage(scene, stage, node, GrowParameters())
    expected = grow(ball(), SEED).segmentation.labelmap
    found = segmentation_from_node(made).labelmap
    np.testing.assert_allclose(_centre(found), MOVE[:3, :3] @ _centre(expected) + MOVE[:3, 3], atol=1e-6)
    assert np.count_nonzero(found.array_kji) == np.count_nonzero(expected.array_kji) > 1500


def _centre(labelmap):
    kji = np.argwhere(labelmap.array_kji).mean(0)
    return labelmap.ijk_to_ras[:3, :3] @ kji[::-1] + labelmap.ijk_to_ras[:3, 3]


def test_the_command_equals_the_function(tmp_path):
    write_volume(tmp_path / "ball.nrrd", ball())
    (tmp_path / "seeds.txt").write_text("2 -1 1\n")
    out = tmp_path / "grown.seg.nrrd"
    words = ["segment", tmp_path / "ball.nrrd", "--method", "fluoro-grow", "--seeds", tmp_path / "seeds.txt"]
    assert main([*map(str, words), "--out", str(out)]) == 0
    from FluoroPrintLib.mrml.files import read_segmentation
    from FluoroPrintLib.mrml.scene import headless_scene

    with headless_scene() as headless:
        found = segmentation_from_node(read_segmentation(headless.scene, out)).labelmap
    expected = grow(read_volume(tmp_path / "ball.nrrd"), SEED).segmentation.labelmap
    assert np.count_nonzero(found.array_kji) == np.count_nonzero(expected.array_kji)
    np.testing.assert_allclose(_centre(found), _centre(expected), atol=1e-6)

"""Splitting by the command and in the scene: the same as by the function."""

import numpy as np
import pytest
from command_line import fluoroprint
from FluoroPrintLib.files.volumes import read_volume
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.files import read_segmentation, write_segmentation
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.scene import headless_scene
from FluoroPrintLib.mrml.segmentations import add_segmentation, segmentation_from_node
from FluoroPrintLib.mrml.stages import apply_stage, method_stage
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.methods import Hints
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.segmentation.split import SplitParameters, split_parts

SEEDS_RAS = np.array([[-9.0, 1.0, 0.0], [9.0, 0.0, 1.0]])


@pytest.fixture(scope="module")
def pair():
    """Two cubes of bone, 1 mm apart, and the segment over both and the gap."""
    grid = grid_centred_at((0, 0, 0), (44, 26, 26), 1.0)
    k, j, i = np.indices((26, 26, 44)) - np.array([12.5, 12.5, 21.5])[:, None, None, None]
    mask = (np.abs(i) < 17) & (np.abs(j) < 8) & (np.abs(k) < 8)
    bone = mask & (np.abs(i) > 0.6)
    noise = np.random.default_rng(2).normal(0, 10, mask.shape)
    volume = Volume((np.where(bone, 800.0, 30.0) + noise).astype(np.float32), grid)
    segment = Segment("Bone", 1, (0.9, 0.8, 0.6))
    return volume, Segmentation(volume.with_array(mask.astype(np.uint8)), (segment,))


def test_the_command_splits_as_the_function_does(pair, tmp_path):
    volume, bone = pair
    points = tmp_path / "points.txt"
    rows = zip((*SEEDS_RAS, (-5, 2, 0)), ("L4", "L5", "L4"), strict=True)
    points.write_text("\n".join(" ".join(map(str, (*point, name))) for point, name in rows))
    with headless_scene() as headless:
        scene = headless.scene
        node = add_volume(scene, volume, "V")
        write_segmentation(add_segmentation(scene, bone, "Bone", node), tmp_path / "bone.seg.nrrd")
        node.AddDefaultStorageNode()
        node.GetStorageNode().SetFileName(str(tmp_path / "v.nrrd"))
        assert node.GetStorageNode().WriteData(node)
    words = ("segment", tmp_path / "v.nrrd", "--method", "joint-split", "--out", tmp_path / "p.seg.nrrd")
    done = fluoroprint(*words, "--segments", tmp_path / "bone.seg.nrrd", "--seeds", points)
    assert (done.code, done.err) == (0, "")
    assert "2 parts: L4 " in done.out
    seeds = np.vstack([SEEDS_RAS, (-5, 2, 0)])
    expected = split_parts(read_volume(tmp_path / "v.nrrd"), bone, seeds, seed_parts=("L4", "L5", "L4"))
    with headless_scene() as headless:
        read = segmentation_from_node(read_segmentation(headless.scene, tmp_path / "p.seg.nrrd"))
    np.testing.assert_array_equal(read.labelmap.array_kji, expected.labelmap.array_kji)
    assert [segment.name for segment in read.segments] == ["L4", "L5"]


def test_the_command_asks_for_the_points(pair, tmp_path):
    done = fluoroprint(
        "segment", tmp_path / "v.nrrd", "--method", "joint-split", "--out", tmp_path / "p.nrrd"
    )
    assert done.code != 0
    assert "--seeds" in done.err or "--segments" in done.err


def test_the_stage_splits_as_the_function_does_under_a_transform(pair):
    volume, bone = pair
    move = np.eye(4)
    move[:3, 3] = [5.0, -3.0, 20.0]
    moved = Volume(volume.array_kji, move @ volume.ijk_to_ras)
    hints = Hints(
        SEEDS_RAS + move[:3, 3],
        Segmentation(Volume(bone.labelmap.array_kji, moved.ijk_to_ras), bone.segments),
    )
    with headless_scene() as headless:
        scene = headless.scene
        node = add_volume(scene, volume, "V")
        transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        transform.SetMatrixTransformToParent(vtk_matrix(move))
        node.SetAndObserveTransformNodeID(transform.GetID())
        stage = method_stage("joint-split", hints)
        (parts,) = apply_stage(scene, stage, node, SplitParameters())
        read = segmentation_from_node(parts)
    expected = split_parts(moved, hints.segmentation, hints.seeds_ras)
    counts = np.bincount(read.labelmap.array_kji.ravel())[1:]
    np.testing.assert_array_equal(counts, np.bincount(expected.labelmap.array_kji.ravel())[1:])
    assert counts.min() > 0.45 * counts.sum()

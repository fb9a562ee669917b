"""Outlines in slices as a command, from Slicer's closed curves, and as a stage of the scene."""

import json

import numpy as np
import pytest
from command_line import fluoroprint, refused
from FluoroPrintLib.files.volumes import write_volume
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.files import read_segmentation
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.scene import headless_scene
from FluoroPrintLib.mrml.segmentations import segmentation_from_node
from FluoroPrintLib.mrml.stages import apply_stage, method_stage
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.methods import Hints
from FluoroPrintLib.segmentation.outlines import SliceOutline
from FluoroPrintLib.segmentation.slice_contours import SliceContourParameters, contour_slices

SIZE, RADIUS = 40, 12.0
GRID = grid_centred_at((5, -3, 8), (SIZE, SIZE, SIZE), 1.0)
TURN = np.linspace(0, 2 * np.pi, 8, endpoint=False)
MOVE = np.array([[0, -1, 0, 5.0], [1, 0, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])


def ball():
    away = np.sqrt(((np.indices((SIZE, SIZE, SIZE)) - SIZE // 2) ** 2).sum(0))
    values = np.where(away <= RADIUS, 1000.0, 40.0) + np.random.default_rng(1).normal(0, 30, away.shape)
    return Volume(values.astype(np.float32), GRID)


def rings():
    """Outlines about the ball across k, in four slices."""
    outlines = []
    for k in (12, 17, 22, 28):
        reach = np.sqrt(RADIUS**2 - (k - SIZE // 2) ** 2) + 0.4
        ijk = np.stack([20 + reach * np.cos(TURN), 20 + reach * np.sin(TURN), np.full(8, k)], 1)
        outlines.append(SliceOutline(ijk @ GRID[:3, :3].T + GRID[:3, 3]))
    return tuple(outlines)


def curves(outlines):
    """Slicer's markups file: closed curves in LPS, with a point still to be placed, and a list of points."""
    drawn = []
    for outline in outlines:
        points = [
            {"position": list(p), "positionStatus": "defined"} for p in outline.points_ras * [-1, -1, 1]
        ]
        points.append({"position": [0.0, 0.0, 0.0], "positionStatus": "preview"})
        drawn.append({"type": "ClosedCurve", "coordinateSystem": "LPS", "controlPoints": points})
    return json.dumps({"markups": [*drawn, {"type": "Fiducial", "controlPoints": [{"position": [0, 0, 0]}]}]})


def written_in(path):
    with headless_scene() as headless:
        return segmentation_from_node(read_segmentation(headless.scene, path)).labelmap.array_kji


@pytest.mark.parametrize("follow", [True, False])
def test_the_command_writes_what_the_function_finds_from_closed_curves(tmp_path, follow):
    write_volume(tmp_path / "v.nrrd", ball())
    (tmp_path / "curves.mrk.json").write_text(curves(rings()))
    words = ("segment", tmp_path / "v.nrrd", "--method", "slices-contour")
    options = () if follow else ("--no-follow-edges", "--no-fill-between")
    out = tmp_path / "s.seg.nrrd"
    done = fluoroprint(*words, "--outlines", tmp_path / "curves.mrk.json", *options, "--out", out)
    assert (done.code, done.err) == (0, "")
    wanted = SliceContourParameters(follow_edges=follow, fill_between=follow)
    expected = contour_slices(ball(), rings(), wanted)
    assert "Contoured in 4 slices: " in done.out
    np.testing.assert_array_equal(written_in(out) > 0, expected)
    assert len(np.flatnonzero(expected.any((1, 2)))) == (17 if follow else 4)


def test_frames_outlines_are_no_outlines_in_slices(tmp_path):
    write_volume(tmp_path / "v.nrrd", ball())
    (tmp_path / "o.json").write_text('[{"frame": 1, "outline_px": [[1, 2], [3, 4], [5, 7]]}]')
    words = ("segment", tmp_path / "v.nrrd", "--method", "slices-contour", "--outlines", tmp_path / "o.json")
    assert "cannot be read as outlines in slices" in refused(
        tmp_path, *words, "--out", tmp_path / "s.seg.nrrd"
    )


def test_the_stage_equals_the_function_under_a_transform():
    moved = tuple(SliceOutline(o.points_ras @ MOVE[:3, :3].T + MOVE[:3, 3]) for o in rings())
    with headless_scene() as headless:
        scene = headless.scene
        node = add_volume(scene, ball(), "Ball")
        transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Move")
        transform.SetMatrixTransformToParent(vtk_matrix(MOVE))
        node.SetAndObserveTransformNodeID(transform.GetID())
        stage = method_stage("slices-contour", Hints(slice_outlines=moved))
        (made,) = apply_stage(scene, stage, node, SliceContourParameters())
        found = segmentation_from_node(made).labelmap
    expected = contour_slices(ball(), rings())
    assert np.count_nonzero(found.array_kji) == np.count_nonzero(expected) > 5000
    middle = MOVE @ GRID @ [*np.argwhere(expected).mean(0)[::-1], 1.0]
    found_middle = found.ijk_to_ras @ [*np.argwhere(found.array_kji).mean(0)[::-1], 1.0]
    np.testing.assert_allclose(found_middle, middle, atol=1e-6)

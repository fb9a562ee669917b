"""Commands that hold a segmentation, or outlines, against the frames of the sweep."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import SimpleITK
from command_line import fluoroprint, refused
from FluoroPrintLib.files.outlines import write_outlines
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.volumes import read_volume
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mrml.files import write_segmentation
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.scene import headless_scene
from FluoroPrintLib.mrml.segmentations import add_segmentation, segmentation_from_node
from FluoroPrintLib.mrml.stages import apply_stage, method_stage
from FluoroPrintLib.mrml.volumes import add_volume, volume_from_node
from FluoroPrintLib.registration.silhouette import project_points
from FluoroPrintLib.segmentation.hull import HullParameters, find_hull
from FluoroPrintLib.segmentation.methods import Hints
from FluoroPrintLib.segmentation.outlines import Outline
from FluoroPrintLib.segmentation.reprojection import SnapParameters, compare_with_frames, snap_segmentation
from FluoroPrintLib.segmentation.segments import Segment, Segmentation

SNAP = ("--max-mm", "4", "--frames", "20", "--edge-inside-px", "0.8")
BALL_RAS, BALL_MM = np.array([40.0, 0.0, 0.0]), 25.0


@pytest.fixture(scope="module")
def one_ball(case: SimpleNamespace, sweep: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """One of the phantom's balls, as a segmentation 3 mm too large on the grid of the case's volume."""
    volume = read_volume(case.folder / "volume.nrrd")
    k, j, i = np.indices(volume.array_kji.shape)
    places = np.stack([i, j, k], -1) @ volume.ijk_to_ras[:3, :3].T + volume.ijk_to_ras[:3, 3]
    mask = np.linalg.norm(places - BALL_RAS, axis=-1) <= BALL_MM + 3.0
    labelmap = volume.with_array(mask.astype(np.uint8))
    segmentation = Segmentation(labelmap, (Segment("Ball", 1, (0.9, 0.8, 0.5)),))
    path = tmp_path_factory.mktemp("ball") / "ball.seg.nrrd"
    with headless_scene() as headless:
        source = add_volume(headless.scene, volume, "Volume")
        write_segmentation(add_segmentation(headless.scene, segmentation, "Ball", source), path)
    return SimpleNamespace(
        path=path, volume=case.folder / "volume.nrrd", segmentation=segmentation, sweep=sweep
    )


def outlines_of_the_ball(sweep: Path) -> list[Outline]:
    """Outlines, a little wide, of a ball's great circle that faces the source."""
    geometry = read_sweep(sweep).geometry
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)[:, None]
    outlines = []
    for view in (0, 20, 40):
        axis = BALL_RAS - geometry.sources_ras[view]
        across = np.cross(axis, [0, 0, 1.0])
        across /= np.linalg.norm(across)
        upright = np.cross(axis, across) / np.linalg.norm(axis)
        ring = BALL_RAS + 1.03 * BALL_MM * (np.cos(turn) * across + np.sin(turn) * upright)
        outlines.append(Outline(view, project_points(geometry.ras_to_pixel[view], ring)))
    return outlines


def voxels(path: Path) -> np.ndarray:
    array: np.ndarray = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path)))
    return array


def test_compare_prints_a_line_a_frame_and_writes_the_same_as_a_table(
    one_ball: SimpleNamespace, tmp_path: Path
) -> None:
    table = tmp_path / "agreement.csv"
    words = ("compare", one_ball.path, "--sweep", one_ball.sweep, "--frames", "4", "--table", table)
    done = fluoroprint(*words)
    assert (done.code, done.err) == (0, "")
    labelmap = one_ball.segmentation.labelmap
    sweep = read_sweep(one_ball.sweep)
    figures = compare_with_frames(labelmap.array_kji > 0, labelmap.ijk_to_ras, sweep, [0, 20, 39, 59])
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["frame"] for row in rows] == ["1", "21", "40", "60"]
    for row, expected in zip(rows, figures, strict=True):
        assert float(row["mean_px"] or "nan") == pytest.approx(expected.mean_px, abs=1e-3, nan_ok=True)
        assert float(row["mean_mm"] or "nan") == pytest.approx(expected.mean_mm, abs=1e-3, nan_ok=True)
        assert float(row["found_percent"]) == pytest.approx(100 * expected.found, abs=0.1)
        texts = [text or "-" for text in row.values()]
        assert any(line.split() == texts for line in done.out.splitlines())
    assert np.nanmean([expected.bias_mm for expected in figures]) < -2.0
    assert f"Wrote {table}" in done.out


def test_compare_without_a_segment_is_one_sentence(one_ball: SimpleNamespace, tmp_path: Path) -> None:
    image = SimpleITK.Image(4, 4, 4, SimpleITK.sitkUInt8)
    path = tmp_path / "empty.nrrd"
    SimpleITK.WriteImage(image, str(path))
    words = ("compare", path, "--sweep", one_ball.sweep, "--table", tmp_path / "t.csv")
    assert str(path) in refused(tmp_path, *words)


def test_snap_brings_the_segment_to_the_ball_as_the_function_does(
    one_ball: SimpleNamespace, tmp_path: Path
) -> None:
    out = tmp_path / "snapped.seg.nrrd"
    words = ("segment", one_ball.volume, "--method", "reproject-snap", "--segments", one_ball.path)
    done = fluoroprint(*words, "--sweep", one_ball.sweep, *SNAP, "--out", out)
    assert (done.code, done.err) == (0, "")
    wanted = SnapParameters(max_mm=4.0, frames=20, edge_inside_px=0.8)
    expected, note = snap_segmentation(
        read_volume(one_ball.volume), one_ball.segmentation, read_sweep(one_ball.sweep), wanted
    )
    assert note in done.out
    np.testing.assert_array_equal(voxels(out), expected.labelmap.array_kji)
    ball_voxels = 4 / 3 * np.pi * BALL_MM**3 / 27
    assert np.count_nonzero(one_ball.segmentation.labelmap.array_kji) > 1.35 * ball_voxels
    assert np.count_nonzero(voxels(out)) == pytest.approx(ball_voxels, rel=0.12)


def test_hull_is_cut_out_of_the_volume_as_the_function_does(
    one_ball: SimpleNamespace, tmp_path: Path
) -> None:
    outlines, out = tmp_path / "outlines.json", tmp_path / "hull.seg.nrrd"
    write_outlines(outlines, outlines_of_the_ball(one_ball.sweep))
    words = ("segment", one_ball.volume, "--method", "frames-hull", "--sweep", one_ball.sweep)
    done = fluoroprint(*words, "--outlines", outlines, "--lower-hu", "600", "--out", out)
    assert (done.code, done.err) == (0, "")
    sweep = read_sweep(one_ball.sweep)
    hull = find_hull(
        read_volume(one_ball.volume),
        outlines_of_the_ball(one_ball.sweep),
        sweep,
        HullParameters(lower_hu=600.0),
    )
    assert np.count_nonzero(voxels(out) != hull) <= 2  # corners are written to a thousandth of a pixel
    ball_voxels = 4 / 3 * np.pi * BALL_MM**3 / 27
    assert np.count_nonzero(voxels(out)) == pytest.approx(ball_voxels, rel=0.12)


def test_outlines_that_are_none_leave_nothing_behind(one_ball: SimpleNamespace, tmp_path: Path) -> None:
    outlines = tmp_path / "outlines.json"
    outlines.write_text("[]")
    words = ("segment", one_ball.volume, "--method", "frames-hull", "--sweep", one_ball.sweep)
    said = refused(tmp_path, *words, "--outlines", outlines, "--out", tmp_path / "h.seg.nrrd")
    assert "holds no outlines" in said


def test_the_scene_cuts_the_hull_where_a_transform_puts_the_volume(one_ball: SimpleNamespace) -> None:
    """The volume is kept 7 mm beside its place, and a transform brings it back."""
    volume, sweep = read_volume(one_ball.volume), read_sweep(one_ball.sweep)
    outlines = tuple(outlines_of_the_ball(one_ball.sweep))
    expected = find_hull(volume, outlines, sweep)
    move = np.eye(4)
    move[0, 3] = 7.0
    with headless_scene() as headless:
        scene = headless.scene
        node = add_volume(scene, volume, "Volume")
        node.SetIJKToRASMatrix(vtk_matrix(np.linalg.inv(move) @ volume.ijk_to_ras))
        transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        transform.SetMatrixTransformToParent(vtk_matrix(move))
        node.SetAndObserveTransformNodeID(transform.GetID())
        np.testing.assert_allclose(volume_from_node(node).ijk_to_ras, volume.ijk_to_ras)
        stage = method_stage("frames-hull", Hints(sweep=sweep, outlines=outlines))
        (found,) = apply_stage(scene, stage, node, HullParameters())
        labelmap = segmentation_from_node(found).labelmap
    assert 1000 < np.count_nonzero(labelmap.array_kji) < 10000
    np.testing.assert_allclose(middle_ras(labelmap), BALL_RAS, atol=8.0)
    np.testing.assert_allclose(middle_ras(labelmap), middle_ras(volume.with_array(expected)), atol=0.05)


def middle_ras(mask: Volume) -> np.ndarray:
    middle: np.ndarray = mask.ijk_to_ras @ [*np.argwhere(mask.array_kji).mean(0)[::-1], 1.0]
    return middle[:3]

"""Each command, end to end, judged by programs that are not ours and by closed forms."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest
import SimpleITK
import trimesh
from command_line import BALL_MM, RECONSTRUCTION, contents, fluoroprint, own_process
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.volumes import read_volume
from FluoroPrintLib.mesh.model import models_from_segmentation
from FluoroPrintLib.mrml.files import open_case, read_segmentation
from FluoroPrintLib.mrml.provenance import source_of
from FluoroPrintLib.mrml.scene import headless_scene
from FluoroPrintLib.mrml.segmentations import segmentation_from_node
from FluoroPrintLib.mrml.stages import (
    apply_stage,
    model_stage,
    reconstruction_stage,
    segmentation_stage,
)
from FluoroPrintLib.mrml.sweeps import add_sweep
from FluoroPrintLib.mrml.volumes import volume_from_node
from FluoroPrintLib.pipeline.case import CASE_FILES
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.report.case import file_record, read_record
from FluoroPrintLib.segmentation.bone import segment_bone

BALL_ML = 4 / 3 * np.pi * BALL_MM**3 / 1000


def test_a_run_fills_its_folder_with_these_files_and_no_others(case: SimpleNamespace) -> None:
    """Its folder, and the one above, were not there before."""
    assert sorted(contents(case.folder)) == sorted(CASE_FILES)
    for name in CASE_FILES:
        assert str(case.folder / name) in case.said.out
    assert case.said.said == ""


def test_simple_itk_reads_the_volume_where_the_balls_are(case: SimpleNamespace) -> None:
    image = SimpleITK.ReadImage(str(case.folder / "volume.nrrd"))
    for x in (-40.0, 40.0):
        centre = image[image.TransformPhysicalPointToIndex((x, 0.0, 0.0))]
        assert centre == pytest.approx(1200, abs=150)
    assert image[image.TransformPhysicalPointToIndex((0.0, 0.0, 0.0))] == pytest.approx(40, abs=150)


def test_the_segmentation_has_the_volume_of_the_balls(case: SimpleNamespace) -> None:
    image = SimpleITK.ReadImage(str(case.folder / "segmentation.seg.nrrd"))
    voxel_ml = np.prod(image.GetSpacing()) / 1000
    bone_ml = (SimpleITK.GetArrayFromImage(image) == 1).sum() * voxel_ml
    assert bone_ml == pytest.approx(2 * BALL_ML, rel=0.12)
    assert image.GetMetaData("Segment0_Name") == "Bone"


@pytest.mark.parametrize("name", ["model.stl", "model.3mf"])
def test_the_models_are_closed_solids_for_trimesh(case: SimpleNamespace, name: str) -> None:
    mesh = trimesh.load(case.folder / name, force="mesh")
    mesh.merge_vertices()
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume / 1000 == pytest.approx(2 * BALL_ML, rel=0.12)
    assert len(mesh.split()) == 2


def test_the_stl_lies_where_the_balls_are_in_lps(case: SimpleNamespace) -> None:
    left, right = sorted(
        (piece.center_mass for piece in trimesh.load(case.folder / "model.stl").split()),
        key=lambda centre: centre[0],
    )
    np.testing.assert_allclose(left, [-40, 0, 0], atol=1.0)
    np.testing.assert_allclose(right, [40, 0, 0], atol=1.0)


def test_the_case_opens_in_a_new_scene_with_every_node_linked_to_its_source(case: SimpleNamespace) -> None:
    with headless_scene() as headless:
        open_case(headless.scene, case.folder / "case.mrb")
        source = ["vtkMRMLModelNode", "vtkMRMLSegmentationNode", "vtkMRMLScalarVolumeNode"]
        node = headless.scene.GetFirstNodeByClass(source[0])
        chain = [node.GetClassName()]
        while (node := source_of(node)) is not None:
            chain.append(node.GetClassName())
        assert chain == [*source, "vtkMRMLScalarVolumeNode"]
        volume = volume_from_node(headless.scene.GetFirstNodeByName("Volume"))
    np.testing.assert_array_equal(volume.array_kji, read_volume(case.folder / "volume.nrrd").array_kji)


def test_the_report_loads_nothing_from_elsewhere(case: SimpleNamespace) -> None:
    text = (case.folder / "report.html").read_text(encoding="utf-8")
    loaded = re.findall(r"""(?:src|href|data|poster|srcset)\s*=\s*["']([^"']*)""", text)
    loaded += re.findall(r"url\(([^)]*)\)", text)
    assert len(loaded) > 3
    assert all(str(link).startswith(("data:", "#")) for link in loaded)
    assert not re.search(r"<script|@import|https?:", text)


def test_the_record_tells_the_sums_of_the_files_and_every_stage(case: SimpleNamespace, sweep: Path) -> None:
    record = read_record(case.folder / "case.json")
    assert record.title == sweep.stem
    assert [stage.name for stage in record.stages][:4] == [
        "Read the sweep",
        "Reconstruct",
        "Segment",
        "Model",
    ]
    assert [file.name for file in record.files] == list(CASE_FILES[:5])
    for file in record.files:
        assert file == file_record(case.folder / file.name)
    assert record.stages[1].parameters["voxel_mm"] == 3.0
    assert all(stage.seconds >= 0 for stage in record.stages)


def test_the_stages_one_by_one_make_the_same_as_a_run(
    case: SimpleNamespace, sweep: Path, tmp_path: Path
) -> None:
    volume, bone, model = tmp_path / "v.nrrd", tmp_path / "b.seg.nrrd", tmp_path / "m.stl"
    for words in (
        ("reconstruct", sweep, "--out", volume, *RECONSTRUCTION),
        ("segment", volume, "--out", bone),
        ("prepare", bone, "--out", model),
    ):
        done = fluoroprint(*words)
        assert (done.code, done.err) == (0, "")
        assert str(words[3]) in done.out
    for mine, name in ((volume, "volume.nrrd"), (bone, "segmentation.seg.nrrd")):
        arrays = [
            SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(p))) for p in (mine, case.folder / name)
        ]
        np.testing.assert_array_equal(*arrays)
    assert trimesh.load(model).volume == pytest.approx(
        trimesh.load(case.folder / "model.stl").volume, rel=1e-6
    )


def test_a_command_gives_what_the_library_function_gives(case: SimpleNamespace, sweep: Path) -> None:
    volume = reconstruct(read_sweep(sweep), ReconstructionParameters(voxel_mm=3.0))
    written = read_volume(case.folder / "volume.nrrd")
    np.testing.assert_array_equal(written.array_kji, volume.array_kji)
    np.testing.assert_allclose(written.ijk_to_ras, volume.ijk_to_ras, atol=1e-9)
    segmentation = segment_bone(volume)
    with headless_scene() as headless:
        node = read_segmentation(headless.scene, case.folder / "segmentation.seg.nrrd")
        read = segmentation_from_node(node)
    np.testing.assert_array_equal(read.labelmap.array_kji, segmentation.labelmap.array_kji)
    (model,) = models_from_segmentation(segmentation)
    triangles = int(re.search(r"triangles (\d+)", case.said.out).group(1))  # type: ignore[union-attr]
    assert triangles == model.check.triangles


def test_the_scene_function_gives_what_the_library_function_gives(sweep: Path) -> None:
    read = read_sweep(sweep)
    coarse = ReconstructionParameters(voxel_mm=4.0)
    volume = reconstruct(read, coarse)
    segmentation = segment_bone(volume)
    with headless_scene() as headless:
        scene = headless.scene
        (volume_node,) = apply_stage(scene, reconstruction_stage(), add_sweep(scene, read, "Sweep"), coarse)
        (bone_node,) = apply_stage(scene, segmentation_stage(), volume_node, None)  # type: ignore[arg-type]
        (model_node,) = apply_stage(scene, model_stage(), bone_node, None)  # type: ignore[arg-type]
        np.testing.assert_allclose(volume_from_node(volume_node).array_kji, volume.array_kji, atol=0.05)
        np.testing.assert_array_equal(
            segmentation_from_node(bone_node).labelmap.array_kji, segmentation.labelmap.array_kji
        )
        (model,) = models_from_segmentation(segmentation)
        assert model_node.GetPolyData().GetNumberOfPolys() == model.check.triangles


def test_a_simulated_run_is_an_xa_file_with_its_true_geometry_beside_it(simulated: SimpleNamespace) -> None:
    dataset = pydicom.dcmread(simulated.sweep)
    assert (dataset.Modality, dataset.NumberOfFrames, dataset.Rows, dataset.Columns) == ("XA", 60, 75, 100)
    assert not dataset.get("PatientBirthDate")
    nominal = read_sweep(simulated.sweep).geometry.ras_to_pixel
    true = read_sweep(simulated.sweep, geometry=simulated.geometry).geometry.ras_to_pixel
    points = np.array([[10.0, -20, 30, 1], [-50, 40, -60, 1]]).T
    seen = [(matrices @ points)[:, :2] / (matrices @ points)[:, 2:] for matrices in (nominal, true)]
    np.testing.assert_allclose(*seen, atol=0.02)


@pytest.mark.slow
def test_what_is_run_again_replaces_what_was_there_and_leaves_other_files(
    case: SimpleNamespace, sweep: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "model.stl").write_text("old")
    assert fluoroprint("run", sweep, "--out", tmp_path, "--voxel-mm", "5").code == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert trimesh.load(tmp_path / "model.stl").is_watertight
    assert sorted(contents(tmp_path)) == sorted([*CASE_FILES, "notes.txt"])


@pytest.mark.parametrize("suffix", ["stl", "obj", "ply", "3mf"])
def test_a_model_is_written_in_every_format(case: SimpleNamespace, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"bone.{suffix}"
    done = fluoroprint("prepare", case.folder / "segmentation.seg.nrrd", "--out", out)
    assert done.code == 0, done.err
    mesh = trimesh.load(out, force="mesh")
    mesh.merge_vertices()
    assert mesh.is_watertight
    assert mesh.volume > 0


@pytest.mark.parametrize("suffix", ["nrrd", "nii.gz", "mha"])
def test_a_volume_is_written_in_every_format(sweep: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"volume.{suffix}"
    assert fluoroprint("reconstruct", sweep, "--out", out, "--voxel-mm", "6").code == 0
    assert SimpleITK.ReadImage(str(out)).GetSpacing() == pytest.approx((6, 6, 6))


@pytest.mark.slow
def test_paths_with_spaces_and_letters_of_any_script_are_fine(case: SimpleNamespace, tmp_path: Path) -> None:
    folder = tmp_path / "Müller, 山田 'a' 100 %"
    folder.mkdir()
    out = folder / "bone model.stl"
    done = own_process("prepare", case.folder / "segmentation.seg.nrrd", "--out", out)
    assert done.code == 0, done.err
    assert "fluoroprint:" not in done.err
    assert trimesh.load(out).is_watertight


@pytest.mark.slow
def test_haze_over_the_frames_is_taken_out_and_told_of(simulated: SimpleNamespace, tmp_path: Path) -> None:
    made = fluoroprint(
        *("simulate", simulated.ct, "--out", tmp_path / "run.dcm", "--pixel-mm", "4"),
        *("--frames", "60", "--photons", "0", "--scatter", "0.3"),
    )
    assert made.code == 0, made.err
    levels = {}
    for name, options in (("auto", ()), ("left", ("--scatter", "0"))):
        out = tmp_path / f"{name}.nrrd"
        said = fluoroprint("reconstruct", tmp_path / "run.dcm", "--out", out, "--voxel-mm", "4", *options)
        assert said.code == 0, said.err
        assert ("scatter" in said.out) == (name == "auto")
        volume = read_volume(out)
        k, j, i = (size // 2 for size in volume.array_kji.shape)
        levels[name] = volume.array_kji[k - 2 : k + 3, j - 2 : j + 3, i - 2 : i + 3].mean()
    assert levels["left"] < -200
    assert abs(levels["auto"] - 40) < 0.6 * abs(levels["left"] - 40)

"""A whole case, saved and opened in a new scene, as Slicer would."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest
import SimpleITK
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mrml.cases import case_folder, nodes_of_stage, stage_folder
from FluoroPrintLib.mrml.deviations import DEVIATION_ARRAY
from FluoroPrintLib.mrml.files import open_case, read_segmentation, write_case, write_segmentation
from FluoroPrintLib.mrml.models import surface_from_node
from FluoroPrintLib.mrml.provenance import PROVENANCE_NAME, parameters_of, source_of
from FluoroPrintLib.mrml.segmentations import add_segmentation, segmentation_from_node
from FluoroPrintLib.mrml.stages import Stage, apply_stage, data_of, register_figures, register_result
from FluoroPrintLib.mrml.sweeps import add_sweep, sweep_from_nodes
from FluoroPrintLib.mrml.tables import column_texts
from FluoroPrintLib.mrml.volumes import add_volume, volume_from_node
from FluoroPrintLib.parameters import Bounds, Parameters
from FluoroPrintLib.progress import silent
from own_scene import IN_SLICER
from vtkmodules.util.numpy_support import vtk_to_numpy


@dataclass(frozen=True)
class SomeParameters(Parameters):
    threshold_hu: Annotated[float, Bounds(0, 1000)] = 226.5
    method: str = 'plain; "quoted"'


def build_case(scene, sweep, volume, segmentation, model, case="Case <1>"):
    """Run a case of three stages whose results are known."""
    run = add_sweep(scene, sweep, "Run")
    register_result(scene, run, None, "Acquire", case=case)
    stages = (
        Stage("Acquire", lambda data, parameters, progress: volume, "Volume"),
        Stage("Segment", lambda data, parameters, progress: segmentation, "Bones"),
        Stage("Model", lambda data, parameters, progress: (model,), "Model"),
    )
    node = run
    for stage in stages:
        (node,) = apply_stage(scene, stage, node, SomeParameters(), case=case)
    register_figures(scene, node, {"volume_ml": 33.5, "is_watertight": True}, "Model", case=case)


def test_an_opened_case_holds_everything_of_every_stage(
    scene, other_scene, tmp_path, sweep, volume, segmentation, model
):
    build_case(scene, sweep, volume, segmentation, model)
    write_case(scene, tmp_path / "my case.mrb")
    open_case(other_scene, tmp_path / "my case.mrb")

    run, ct, bones, skull, figures, text = (
        other_scene.GetFirstNodeByName(name)
        for name in ("Run", "Volume", "Bones", "Skull model", "Skull model figures", PROVENANCE_NAME)
    )
    found = sweep_from_nodes(run)
    np.testing.assert_array_equal(found.frames, sweep.frames)
    np.testing.assert_array_equal(found.geometry.ras_to_pixel, sweep.geometry.ras_to_pixel)
    assert (found.i0, found.provenance, found.warnings) == (sweep.i0, sweep.provenance, sweep.warnings)
    np.testing.assert_array_equal(volume_from_node(ct).array_kji, volume.array_kji)
    np.testing.assert_allclose(volume_from_node(ct).ijk_to_ras, volume.ijk_to_ras, atol=1e-9)
    assert segmentation_from_node(bones).segments == segmentation.segments
    np.testing.assert_array_equal(
        segmentation_from_node(bones).labelmap.array_kji, segmentation.labelmap.array_kji
    )
    points = vtk_to_numpy(surface_from_node(skull).GetPoints().GetData())
    np.testing.assert_array_equal(points, vtk_to_numpy(model.surface.GetPoints().GetData()))
    deviations = vtk_to_numpy(skull.GetPolyData().GetPointData().GetArray(DEVIATION_ARRAY))
    np.testing.assert_array_equal(deviations, model.deviation.at_points_mm)
    assert column_texts(figures, "Figure") == ["volume", "is watertight"]
    assert column_texts(figures, "Value") == ["33.5", "True"]
    assert column_texts(figures, "Unit") == ["ml", ""]

    assert [source_of(node) for node in (run, ct, bones, skull, figures)] == [None, run, ct, bones, skull]
    assert parameters_of(bones) == {"threshold_hu": 226.5, "method": 'plain; "quoted"'}
    results = json.loads(text.GetText())["results"]
    assert [(result["node"], result["source"], result["stage"]) for result in results] == [
        ("Run", None, "Acquire"),
        ("Volume", "Run", "Acquire"),
        ("Bones", "Volume", "Segment"),
        ("Skull model", "Bones", "Model"),
        ("Skull model figures", "Skull model", "Model"),
    ]
    geometry = other_scene.GetFirstNodeByName("Run geometry")
    assert set(nodes_of_stage(other_scene, "Case <1>", "Acquire")) == {run, geometry, ct}
    assert nodes_of_stage(other_scene, "Case <1>", "Segment") == (bones,)
    assert set(nodes_of_stage(other_scene, "Case <1>", "Model")) == {skull, figures}


def test_a_case_file_is_a_zip_of_one_folder_with_one_scene_as_slicer_writes_it(scene, tmp_path, volume):
    add_volume(scene, volume, "CT")
    write_case(scene, tmp_path / "knee.mrb")
    names = zipfile.ZipFile(tmp_path / "knee.mrb").namelist()
    assert {name.split("/")[0] for name in names} == {"knee"}
    assert [name for name in names if name.endswith(".mrml")] == ["knee/knee.mrml"]
    assert "knee/Data/CT.nrrd" in names


def test_folders_are_made_once(scene):
    assert case_folder(scene, "A") == case_folder(scene, "A")
    assert stage_folder(scene, "A", "Model") == stage_folder(scene, "A", "Model")
    assert stage_folder(scene, "A", "Model") != stage_folder(scene, "B", "Model")


def test_saving_leaves_nothing_else_behind(scene, tmp_path, volume, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    add_volume(scene, volume, "CT")
    write_case(scene, tmp_path / "case.mrb")
    open_case(scene, tmp_path / "case.mrb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case.mrb", "temporary"]
    assert list(temporary.iterdir()) == []


def test_a_case_cannot_go_where_there_is_no_folder(scene, tmp_path):
    with pytest.raises(FluoroPrintError, match="its folder does not exist"):
        write_case(scene, tmp_path / "nowhere" / "case.mrb")


def test_a_failed_save_keeps_the_older_file(scene, tmp_path, volume, monkeypatch):
    path = tmp_path / "case.mrb"
    path.write_bytes(b"older")
    monkeypatch.setattr("FluoroPrintLib.mrml.files._is_whole_bundle", lambda bundle: False)
    with pytest.raises(FluoroPrintError, match=r"case\.mrb could not be written"):
        write_case(scene, path)
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_cut_short_is_refused_and_the_scene_stays(scene, tmp_path, volume):
    node = add_volume(scene, volume, "CT")
    write_case(scene, tmp_path / "case.mrb")
    cut = tmp_path / "cut.mrb"
    cut.write_bytes((tmp_path / "case.mrb").read_bytes()[:-200])
    with pytest.raises(FluoroPrintError, match=r"cut\.mrb is not a whole \.mrb file"):
        open_case(scene, cut)
    assert scene.GetFirstNodeByName("CT") is node


@pytest.mark.parametrize("suffix", [".nrrd", ".nii.gz", ".mha"])
def test_a_plain_labelmap_becomes_a_segmentation_in_its_place(scene, tmp_path, segmentation, suffix):
    image = SimpleITK.GetImageFromArray(segmentation.labelmap.array_kji)
    flip = np.diag([-1.0, -1, 1, 1]) @ segmentation.labelmap.ijk_to_ras
    spacing = segmentation.labelmap.spacing_mm
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(flip[:3, 3].tolist())
    image.SetDirection((flip[:3, :3] / spacing).ravel().tolist())
    path = tmp_path / f"labels{suffix}"
    SimpleITK.WriteImage(image, str(path))
    found = segmentation_from_node(read_segmentation(scene, path))
    np.testing.assert_array_equal(found.labelmap.array_kji, segmentation.labelmap.array_kji)
    np.testing.assert_allclose(found.labelmap.ijk_to_ras, segmentation.labelmap.ijk_to_ras, atol=1e-5)
    assert [segment.label for segment in found.segments] == [1, 7]


def test_a_segmentation_file_keeps_names_colours_and_terminology(scene, tmp_path, volume, segmentation):
    node = add_segmentation(scene, segmentation, "Bones", add_volume(scene, volume, "CT"))
    write_segmentation(node, tmp_path / "bones.seg.nrrd")
    found = segmentation_from_node(read_segmentation(scene, tmp_path / "bones.seg.nrrd", "Read"))
    assert found.segments == segmentation.segments
    np.testing.assert_array_equal(found.labelmap.array_kji, segmentation.labelmap.array_kji)
    assert [path.name for path in tmp_path.iterdir()] == ["bones.seg.nrrd"]


def test_what_is_no_segmentation_is_refused_quietly(scene, tmp_path, capfd):
    path = tmp_path / "note.nrrd"
    path.write_text("not an image")
    before = scene.GetNumberOfNodes()
    with pytest.raises(FluoroPrintError, match=r"note\.nrrd cannot be read"):
        read_segmentation(scene, path)
    assert scene.GetNumberOfNodes() == before
    assert capfd.readouterr().err == ""


def test_a_stage_that_fails_adds_nothing(scene, volume):
    def fail(data, parameters, progress):
        raise FluoroPrintError("No bone.")

    node = add_volume(scene, volume, "CT")
    before = scene.GetNumberOfNodes()
    with pytest.raises(FluoroPrintError, match=r"No bone\."):
        apply_stage(scene, Stage("Segment", fail, "Bones"), node, SomeParameters(), progress=silent)
    assert scene.GetNumberOfNodes() == before


def test_a_node_of_no_use_is_named(scene):
    with pytest.raises(FluoroPrintError, match="'Note' cannot be used here"):
        data_of(scene.AddNewNodeByClass("vtkMRMLTextNode", "Note"))


@pytest.mark.skipif(IN_SLICER, reason="a process of plain Python has no scene there")
def test_a_program_that_uses_a_scene_ends_without_a_word_and_without_leftovers(tmp_path):
    program = (
        "from FluoroPrintLib.mrml.scene import headless_scene\n"
        "kept = headless_scene()\n"
        "with headless_scene() as h: h.scene.AddNewNodeByClass('vtkMRMLModelNode', 'm')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={"TMPDIR": str(tmp_path)},
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert list(Path(tmp_path).iterdir()) == []

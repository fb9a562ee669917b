"""`info` says of any file what its user needs to know to go on."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import SimpleITK
import trimesh
from command_line import fluoroprint, refused
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.pipeline.info import describe_any
from FluoroPrintLib.shape.solids import engine, surface_of


def facts_of(path: Path) -> dict[str, str]:
    """What the command prints, by label; it must agree with the library."""
    done = fluoroprint("info", path)
    assert (done.code, done.err) == (0, "")
    facts = describe_any(path)
    width = max(len(label) for label, _ in facts) + 2
    assert done.out.splitlines() == [label.ljust(width) + text for label, text in facts]
    return dict(facts)


def test_a_sweep_tells_its_geometry_and_that_it_is_ready(sweep: Path) -> None:
    facts = facts_of(sweep)
    assert facts["frames"] == "60 of 100 x 75 pixels"
    assert facts["source to detector"] == "1180 mm"
    assert "ready" in facts


def test_a_volume_tells_its_range_in_hu(case: SimpleNamespace) -> None:
    facts = facts_of(case.folder / "volume.nrrd")
    values = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(case.folder / "volume.nrrd")))
    assert facts["values"] == f"{values.min():.6g} to {values.max():.6g} HU (float32)"
    assert facts["spacing"] == "3 x 3 x 3 mm"


def test_a_volume_that_cannot_be_in_hu_is_not_called_so(tmp_path: Path) -> None:
    image = SimpleITK.GetImageFromArray(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    SimpleITK.WriteImage(image, str(tmp_path / "grey.nrrd"))
    facts = facts_of(tmp_path / "grey.nrrd")
    assert facts["values"] == "0 to 23 (uint8)"
    assert "not HU" in facts["note"]


def test_a_segmentation_tells_names_and_volumes(case: SimpleNamespace) -> None:
    path = case.folder / "segmentation.seg.nrrd"
    voxels = (SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path))) == 1).sum()
    assert facts_of(path)["segment"] == f"Bone: {voxels * 27 / 1000:.2f} ml"


def test_segments_of_several_layers_and_empty_ones_are_told(tmp_path: Path) -> None:
    layers = np.zeros((4, 5, 6, 2), np.uint8)
    layers[:2, :, :, 0], layers[1:3, :, :, 1] = 1, 1
    image = SimpleITK.GetImageFromArray(layers, isVector=True)
    image.SetSpacing((1.0, 2.0, 5.0))
    for number, (name, label, layer) in enumerate([("Bone", 1, 0), ("Métal", 1, 1), ("None", 2, 0)]):
        for word, value in (("ID", name), ("Name", name), ("LabelValue", label), ("Layer", layer)):
            image.SetMetaData(f"Segment{number}_{word}", str(value))
    SimpleITK.WriteImage(image, str(tmp_path / "two.seg.nrrd"))
    segments = [text for label, text in describe_any(tmp_path / "two.seg.nrrd") if label == "segment"]
    assert segments == ["Bone: 0.60 ml", "Métal: 0.60 ml", "None: empty"]


@pytest.mark.parametrize("name", ["model.stl", "model.3mf"])
def test_a_model_tells_size_volume_and_that_it_can_be_printed(case: SimpleNamespace, name: str) -> None:
    mesh = trimesh.load(case.folder / name, force="mesh")
    facts = facts_of(case.folder / name)
    assert facts["triangles"] == str(len(mesh.faces))
    assert float(facts["volume"].split()[0]) == pytest.approx(mesh.volume / 1000, abs=0.01)
    edges = [float(word) for word in facts["size"].split(" mm")[0].split(" x ")]
    np.testing.assert_allclose(edges, mesh.extents, atol=0.051)
    assert facts["watertight"] == "yes"
    assert "ready" in facts


def test_a_mesh_with_a_hole_tells_its_faults(tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(3, 20.0)
    ball.update_faces(np.arange(len(ball.faces)) > 0)
    ball.export(tmp_path / "open.ply")
    facts = facts_of(tmp_path / "open.ply")
    assert facts["watertight"] == "no"
    assert "3 open edges" in facts["fault"]
    assert "not closed" in facts["volume"]


def test_a_mesh_in_metres_is_not_called_ready(tmp_path: Path) -> None:
    trimesh.creation.icosphere(2, 0.05).export(tmp_path / "metres.stl")
    facts = facts_of(tmp_path / "metres.stl")
    assert "metres" in facts["note"]
    assert "ready" not in facts


def test_a_record_tells_the_stages_and_their_time(case: SimpleNamespace) -> None:
    facts = facts_of(case.folder / "case.json")
    assert facts["title"] == "run"
    assert "Reconstruct, Segment, Model" in facts["stages"]
    assert "model.3mf" in facts["files"]


def test_a_scene_tells_its_nodes(case: SimpleNamespace) -> None:
    told = describe_any(case.folder / "case.mrb")
    assert ("kind", "scene of 3D Slicer") in told
    for node in (("volume", "Sweep"), ("volume", "Volume"), ("segmentation", "Bone")):
        assert node in told


def test_a_geometry_file_tells_its_frames(simulated: SimpleNamespace) -> None:
    assert facts_of(simulated.geometry)["frames"] == "60 of 100 x 75 pixels"


def test_a_folder_of_pictures_is_a_sweep(tmp_path: Path) -> None:
    for number in range(3):
        picture = SimpleITK.GetImageFromArray(np.full((5, 6), number, np.uint16))
        SimpleITK.WriteImage(picture, str(tmp_path / f"{number}.tif"))
    assert facts_of(tmp_path)["frames"] == "3 of 6 x 5 pixels"


@pytest.mark.parametrize(
    "name",
    [
        "x.stl",
        "x.obj",
        "x.ply",
        "x.3mf",
        "x.mrb",
        "x.seg.nrrd",
        "x.nrrd",
        "x.dcm",
        "x.json",
        "x.xml",
        "x.txt",
        "x",
    ],
)
@pytest.mark.parametrize("content", [b"", b"hello\n", b"\xff\xfe\x00" * 500, b'{"stages": 1}', None])
def test_a_file_of_which_nothing_can_be_told_is_refused(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert name in refused(tmp_path, "info", tmp_path / name)


@pytest.mark.parametrize(
    "name", ["model.stl", "model.3mf", "case.mrb", "segmentation.seg.nrrd", "volume.nrrd", "case.json"]
)
def test_a_result_cut_short_is_refused(case: SimpleNamespace, tmp_path: Path, name: str) -> None:
    path = Path(shutil.copy(case.folder / name, tmp_path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert name in refused(tmp_path, "info", path)


@pytest.mark.parametrize(("suffix", "kind"), [(".glb", "glTF"), (".usdz", "USDZ")])
def test_a_scene_tells_its_objects(tmp_path: Path, suffix: str, kind: str) -> None:
    warning = "MIRRORED left-right: this model does not show the side that was imaged."
    ball = surface_of(engine().Manifold.sphere(10.0, 64))
    models = [NamedModel("Femur", (1, 1, 1), ball, {"Mirrored": warning})]
    write_mesh(tmp_path / f"case{suffix}", models)
    facts = facts_of(tmp_path / f"case{suffix}")
    assert facts["kind"] == f"{kind} scene of 1 object"
    assert facts["object"] == "Femur"
    assert facts["note"] == warning
    assert facts["size"] == "20.0 x 20.0 x 20.0 mm (R, A, S)"

import re
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import trimesh
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files import mesh_formats
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.files.threemf import NAMESPACE
from FluoroPrintLib.files.threemf_reading import read_threemf
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.model import ModelParameters, models_from_segmentation
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from vtkmodules.vtkCommonCore import vtkStringArray
from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

FORMATS = [".stl", ".obj", ".ply", ".3mf"]
IN_3MF = f"{{{NAMESPACE}}}"


@pytest.fixture(scope="module")
def models():
    """Two balls of radius 8 and 5 mm, off the origin, one with a name that XML and OBJ must quote."""
    place = np.moveaxis(np.indices((40, 40, 60)), 0, -1)
    labels = np.zeros((40, 40, 60), np.uint8)
    labels[np.linalg.norm(place - 20, axis=-1) < 16] = 1
    labels[np.linalg.norm(place - (20, 20, 47), axis=-1) < 10] = 2
    grid = np.diag([-0.5, -0.5, 0.5, 1.0])
    grid[:3, 3] = (-100, 200, -700)
    segments = (Segment('Knochen "ä" <&>', 1, (0.9, 0.8, 0.6)), Segment("Chip", 2, (0.0, 0.5, 1.0)))
    return models_from_segmentation(Segmentation(Volume(labels, grid), segments), ModelParameters())


def volumes(models):
    return sum(model.check.volume_mm3 for model in models)


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_judge_finds_a_closed_solid_of_the_right_volume_in_every_format(tmp_path, models, suffix):
    path = tmp_path / f"bones{suffix}"
    write_mesh(path, models)
    judge = trimesh.load(path, force="mesh")
    assert judge.is_watertight
    assert judge.is_winding_consistent
    assert judge.is_volume
    assert judge.volume == pytest.approx(volumes(models), rel=1e-5)
    assert judge.volume == pytest.approx(4 / 3 * np.pi * (8**3 + 5**3), rel=0.02)
    assert len(judge.faces) == sum(model.check.triangles for model in models)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
def test_with_points_merged_every_edge_still_has_two_faces(tmp_path, models, suffix):
    write_mesh(tmp_path / f"bone{suffix}", models[:1])
    judge = trimesh.load(tmp_path / f"bone{suffix}", force="mesh")
    judge.merge_vertices()
    _, count = np.unique(judge.edges_sorted, axis=0, return_counts=True)
    assert set(count) == {2}


@pytest.mark.parametrize("suffix", FORMATS[:3])
def test_the_file_holds_lps(tmp_path, models, suffix):
    write_mesh(tmp_path / f"bone{suffix}", models[:1])
    judge = trimesh.load(tmp_path / f"bone{suffix}", force="mesh", process=False)
    ras = points_of(models[0].surface)
    assert judge.bounds[0] == pytest.approx([-ras[:, 0].max(), -ras[:, 1].max(), ras[:, 2].min()], abs=1e-4)


@pytest.mark.parametrize("suffix", FORMATS[:3])
def test_a_mesh_comes_back_in_ras_as_it_was(tmp_path, models, suffix):
    write_mesh(tmp_path / f"bone{suffix}", models[:1])
    back, before = check_mesh(read_mesh(tmp_path / f"bone{suffix}")), models[0].check
    assert back.volume_mm3 == pytest.approx(before.volume_mm3, rel=1e-6)
    assert back.low_ras_mm == before.low_ras_mm
    assert back.high_ras_mm == before.high_ras_mm
    assert back.is_printable


def test_headers_say_lps_in_slicers_words(tmp_path, models):
    for suffix in FORMATS[:3]:
        write_mesh(tmp_path / f"bone{suffix}", models)
    stl = (tmp_path / "bone.stl").read_bytes()
    assert stl[:80].rstrip(b"\0") == b"3D Slicer output. SPACE=LPS"
    assert int.from_bytes(stl[80:84], "little") * 50 + 84 == len(stl)
    assert b"\ncomment SPACE=LPS\n" in (tmp_path / "bone.ply").read_bytes()[:300]
    obj = (tmp_path / "bone.obj").read_text(encoding="utf-8")
    assert obj.startswith("# 3D Slicer output. SPACE=LPS\n")
    assert re.findall("^g (.*)$", obj, re.MULTILINE) == ['Knochen_"ä"_<&>', "Chip"]


def test_ply_keeps_the_colour_of_each_model(tmp_path, models):
    write_mesh(tmp_path / "bones.ply", models)
    judge = trimesh.load(tmp_path / "bones.ply", process=False)
    assert judge.visual.vertex_colors[0, :3].tolist() == [230, 204, 153]
    assert judge.visual.vertex_colors[-1, :3].tolist() == [0, 128, 255]


def test_a_stl_that_says_ras_is_read_as_ras_and_one_that_says_nothing_as_lps(tmp_path, models):
    path = tmp_path / "bone.stl"
    write_mesh(path, models[:1])
    data = path.read_bytes()
    lps = points_of(read_mesh(path))
    path.write_bytes(data.replace(b"SPACE=LPS", b"SPACE=RAS", 1))
    assert points_of(read_mesh(path)) == pytest.approx(lps * [-1, -1, 1])
    path.write_bytes(data.replace(b"SPACE=LPS", b"no words!", 1))
    assert points_of(read_mesh(path)) == pytest.approx(lps)


@pytest.mark.parametrize("space", ["RAS", "LPS", None])
def test_vtp_says_its_space_in_the_field_data(tmp_path, models, space):
    surface = polydata_from(points_of(models[0].surface), triangles_of(models[0].surface))
    if space:
        said = vtkStringArray()
        said.SetName("SPACE")
        said.InsertNextValue(space)
        surface.GetFieldData().AddArray(said)
    writer = vtkXMLPolyDataWriter()
    writer.SetFileName(str(tmp_path / "bone.vtp"))
    writer.SetInputData(surface)
    writer.Write()
    sign = 1 if space == "RAS" else [-1, -1, 1]
    assert np.array_equal(points_of(read_mesh(tmp_path / "bone.vtp")), points_of(surface) * sign)


def parsed(path):
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        assert package.namelist() == ["[Content_Types].xml", "_rels/.rels", "3D/3dmodel.model"]
        return ElementTree.fromstring(package.read("3D/3dmodel.model"))


def test_the_3mf_follows_the_rules_of_the_core_specification(tmp_path, models):
    write_mesh(tmp_path / "bones.3mf", models)
    root = parsed(tmp_path / "bones.3mf")
    assert root.get("unit") == "millimeter"
    metadata = {item.get("name"): item.text for item in root.findall(IN_3MF + "metadata")}
    assert metadata == {"Title": 'Knochen "ä" <&>, Chip', "Application": "FluoroPrint"}
    resources = root.find(IN_3MF + "resources")
    ids = [item.get("id") for item in resources]
    assert len(set(ids)) == len(ids)
    bases = resources.findall(f"{IN_3MF}basematerials/{IN_3MF}base")
    assert [base.get("displaycolor") for base in bases] == ["#E6CC99", "#0080FF"]
    objects = resources.findall(IN_3MF + "object")
    assert [item.get("name") for item in objects] == ['Knochen "ä" <&>', "Chip", 'Knochen "ä" <&>, Chip']
    assert [(item.get("pid"), item.get("pindex")) for item in objects[:2]] == [("1", "0"), ("1", "1")]
    # One object holds both, lest a slicing program lets each down onto the bed; it has no material itself.
    assert objects[2].get("pid") is None
    parts = objects[2].findall(f"{IN_3MF}components/{IN_3MF}component")
    assert [part.get("objectid") for part in parts] == [item.get("id") for item in objects[:2]]
    (item,) = root.findall(f"{IN_3MF}build/{IN_3MF}item")
    assert item.get("objectid") == objects[2].get("id")


def test_3mf_vertices_are_lps_and_the_build_moves_them_into_the_positive_octant(tmp_path, models):
    write_mesh(tmp_path / "bones.3mf", models)
    meshes = read_threemf(tmp_path / "bones.3mf")
    for (points, triangles), model in zip(meshes, models, strict=True):
        ras = points_of(model.surface)
        assert points.min(0) == pytest.approx([-ras[:, 0].max(), -ras[:, 1].max(), ras[:, 2].min()], abs=1e-6)
        assert np.array_equal(np.float32(np.sort(points[:, 2])), np.float32(np.sort(ras[:, 2])))
        assert check_mesh(polydata_from(points, triangles)).is_printable
    assert trimesh.load(tmp_path / "bones.3mf", force="mesh").bounds[0] == pytest.approx([0, 0, 0], abs=1e-4)


def test_a_file_that_does_not_hold_the_model_is_not_kept(tmp_path, models, monkeypatch):
    path = tmp_path / "bone.stl"
    path.write_text("older")
    real = mesh_formats._write_stl
    monkeypatch.setitem(mesh_formats._WRITERS, ".stl", lambda to, _: real(to, models[:1]))
    with pytest.raises(FluoroPrintError, match="read back holds .* triangles instead of"):
        write_mesh(path, models)
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_models_that_touch_are_kept_apart_by_3mf_and_refused_in_one_stl(tmp_path, models):
    mask = np.zeros((6, 6, 12), np.uint8)
    mask[1:5, 1:5, 1:6], mask[1:5, 1:5, 6:11] = 1, 2
    names = (Segment("left", 1, (1, 0, 0)), Segment("right", 2, (0, 1, 0)))
    plain = ModelParameters(smoothing=0.0, max_deviation_mm=0.0)
    touching = models_from_segmentation(Segmentation(Volume(mask, np.eye(4)), names), plain)
    write_mesh(tmp_path / "touching.3mf", touching)
    with pytest.raises(FluoroPrintError, match="where models touch .* write 3MF, or each model"):
        write_mesh(tmp_path / "touching.stl", touching)


def test_an_open_model_is_refused_by_3mf_and_written_as_it_is_by_stl(tmp_path, models):
    surface = models[0].surface
    opened = replace(models[0], surface=polydata_from(points_of(surface), triangles_of(surface)[1:]))
    with pytest.raises(FluoroPrintError, match="not closed .3 faulty edges."):
        write_mesh(tmp_path / "open.3mf", [opened])
    write_mesh(tmp_path / "open.stl", [opened])
    assert check_mesh(read_mesh(tmp_path / "open.stl")).open_edges == 3


def test_no_model_no_suffix_and_no_folder_are_said(tmp_path, models):
    with pytest.raises(FluoroPrintError, match="no model to write"):
        write_mesh(tmp_path / "a.stl", [])
    with pytest.raises(FluoroPrintError, match=r"use one of \.stl, \.obj"):
        write_mesh(tmp_path / "a.xyz", models)
    with pytest.raises(FluoroPrintError, match="folder does not exist"):
        write_mesh(tmp_path / "nowhere" / "a.stl", models)


@pytest.mark.parametrize("suffix", [".stl", ".obj", ".ply", ".vtp"])
@pytest.mark.parametrize("content", [b"", b"nothing of the kind\n" * 20, bytes(range(256)) * 4])
def test_a_damaged_file_is_one_sentence_and_not_a_line_on_the_terminal(tmp_path, capfd, suffix, content):
    path = tmp_path / f"damaged{suffix}"
    path.write_bytes(content)
    with pytest.raises(FluoroPrintError, match="damaged"):
        read_mesh(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".stl", ".ply"])
def test_a_binary_file_cut_short_is_refused(tmp_path, models, suffix):
    path = tmp_path / f"bone{suffix}"
    write_mesh(path, models)
    whole = path.read_bytes()
    for length in (len(whole) - 1, len(whole) // 2, 400, 90):
        path.write_bytes(whole[:length])
        with pytest.raises(FluoroPrintError, match="damaged"):
            read_mesh(path)


TEXT_PLY = """ply
format ascii 1.0
element vertex 3
property float x
property float y
property float z
element face 1
property list uchar int vertex_indices
end_header
0 0 0
1 0 0
0 1 0
3 0 1 {}
"""


def test_a_text_ply_is_read_and_one_whose_face_names_no_point_is_refused(tmp_path):
    path = tmp_path / "text.ply"
    path.write_text(TEXT_PLY.format(2))
    assert points_of(read_mesh(path)).tolist() == [[0, 0, 0], [-1, 0, 0], [0, -1, 0]]
    for damage in (TEXT_PLY.format(7), TEXT_PLY.format(2).replace("0 1 0\n", "")):
        path.write_text(damage)
        with pytest.raises(FluoroPrintError, match="damaged"):
            read_mesh(path)


def test_a_missing_file_and_an_unknown_format_are_said(tmp_path):
    with pytest.raises(FluoroPrintError, match="does not exist"):
        read_mesh(tmp_path / "gone.stl")
    with pytest.raises(FluoroPrintError, match="no mesh that can be read"):
        read_mesh(tmp_path / "gone.xyz")

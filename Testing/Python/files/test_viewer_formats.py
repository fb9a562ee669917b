"""glTF and USDZ: metres, the patient upright and facing the viewer, names and colours, bytes as specified."""

import json
import struct
import zipfile

import numpy as np
import pytest
import trimesh
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files import mesh_formats
from FluoroPrintLib.files.gltf import read_glb
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.files.usdz import read_usdz
from FluoroPrintLib.files.viewing import linear, normals_of, on_screen, standing
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of

NAMES = ('Knochen "ä" <&>\\', "Chip")
COLOURS = ((0.9, 0.8, 0.6), (0.0, 0.5, 1.0))
# The chip lies to the patient's left, anterior and superior of the bone, whose middle is at R -100.
BONE_RAS, CHIP_RAS = np.array([-100.0, 50.0, -700.0]), np.array([-130.0, 70.0, -660.0])
READERS = {".glb": read_glb, ".usdz": read_usdz}


def box(middle, size):
    points = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    faces = trimesh.convex.convex_hull(points)
    return polydata_from((faces.vertices - 0.5) * size + middle, faces.faces)


@pytest.fixture
def models():
    warnings = {"Mirrored": "MIRRORED left-right: not the side that was imaged."}
    return [
        NamedModel(NAMES[0], COLOURS[0], box(BONE_RAS, (20, 30, 40)), warnings),
        NamedModel(NAMES[1], COLOURS[1], box(CHIP_RAS, (10, 10, 10))),
    ]


def test_the_judge_sees_metres_standing_on_the_floor_with_left_up_and_front_where_they_belong(
    tmp_path, models
):
    write_mesh(tmp_path / "case.glb", models)
    scene = trimesh.load(tmp_path / "case.glb")
    assert scene.bounds[0, 1] == pytest.approx(0.0, abs=1e-9)
    assert scene.bounds.mean(0)[[0, 2]] == pytest.approx([0, 0], abs=1e-9)
    whole = scene.to_geometry() if hasattr(scene, "to_geometry") else scene.dump(concatenate=True)
    assert whole.volume == pytest.approx((20 * 30 * 40 + 1000) * 1e-9, rel=1e-5)
    middles = {name: scene.graph.get(name)[0] for name in NAMES}
    bone, chip = (
        trimesh.transform_points(scene.geometry[name].vertices, middles[name]).mean(0) for name in NAMES
    )
    left, anterior, superior = 0.030, 0.020, 0.040
    assert chip - bone == pytest.approx([left, superior, anterior], abs=1e-6)


def test_the_judge_reads_names_and_linear_colours(tmp_path, models):
    write_mesh(tmp_path / "case.glb", models)
    scene = trimesh.load(tmp_path / "case.glb")
    assert set(scene.geometry) == set(NAMES)
    colour = scene.geometry["Chip"].visual.material.baseColorFactor
    assert np.asarray(colour, float)[:3] / 255 == pytest.approx(linear(COLOURS[1]), abs=1 / 255)
    assert scene.geometry["Chip"].is_watertight


def test_the_bytes_of_glb_are_as_khronos_specifies(tmp_path, models):
    write_mesh(tmp_path / "case.glb", models)
    data = (tmp_path / "case.glb").read_bytes()
    magic, version, length, size, kind = struct.unpack_from("<4sIII4s", data)
    assert (magic, version, length, kind) == (b"glTF", 2, len(data), b"JSON")
    rest, second = struct.unpack_from("<I4s", data, 20 + size)
    assert (size % 4, rest % 4, second, 28 + size + rest) == (0, 0, b"BIN\0", len(data))
    scene = json.loads(data[20 : 20 + size])
    assert scene["buffers"] == [{"byteLength": rest}]
    for view in scene["bufferViews"]:
        assert view["byteOffset"] % 4 == 0
        assert view["byteOffset"] + view["byteLength"] <= rest
    position = scene["accessors"][scene["meshes"][0]["primitives"][0]["attributes"]["POSITION"]]
    view = scene["bufferViews"][position["bufferView"]]
    found = np.frombuffer(data, "<f4", 3 * position["count"], 28 + size + view["byteOffset"]).reshape(-1, 3)
    assert found.min(0).tolist() == position["min"]
    assert found.max(0).tolist() == position["max"]
    assert scene["asset"]["extras"]["warnings"] == [models[0].warnings["Mirrored"]]


def test_the_bytes_of_usdz_are_neither_packed_nor_out_of_step(tmp_path, models):
    write_mesh(tmp_path / "case.usdz", models)
    data = (tmp_path / "case.usdz").read_bytes()
    with zipfile.ZipFile(tmp_path / "case.usdz") as package:
        (entry,) = package.infolist()
        assert package.testzip() is None
    assert entry.compress_type == zipfile.ZIP_STORED
    assert data.index(b"#usda 1.0") % 64 == 0
    text = data.decode("utf-8", "replace")
    for words in ("metersPerUnit = 1\n", 'upAxis = "Y"\n', 'defaultPrim = "FluoroPrint"', "MIRRORED"):
        assert words in text


def test_the_judge_of_usd_finds_the_same_room_as_the_one_of_gltf(tmp_path, models):
    pxr = pytest.importorskip("pxr.Usd", reason="usd-core is not installed")
    from pxr import UsdGeom, UsdShade

    write_mesh(tmp_path / "case.usdz", models)
    write_mesh(tmp_path / "case.glb", models)
    stage = pxr.Stage.Open(str(tmp_path / "case.usdz"))
    assert (UsdGeom.GetStageUpAxis(stage), UsdGeom.GetStageMetersPerUnit(stage)) == ("Y", 1.0)
    cache = UsdGeom.BBoxCache(pxr.TimeCode.Default(), ["default"])
    room = cache.ComputeWorldBound(stage.GetDefaultPrim()).ComputeAlignedRange()
    judge = trimesh.load(tmp_path / "case.glb").bounds
    assert [tuple(room.GetMin()), tuple(room.GetMax())] == [
        pytest.approx(tuple(edge), abs=1e-9) for edge in judge
    ]
    meshes = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)]
    assert [prim.GetDisplayName() for prim in meshes] == list(NAMES)
    material, _ = UsdShade.MaterialBindingAPI(meshes[1]).ComputeBoundMaterial()
    shader, _, _ = material.ComputeSurfaceSource()
    assert tuple(shader.GetInput("diffuseColor").Get()) == pytest.approx(linear(COLOURS[1]), abs=1e-6)
    assert UsdGeom.Mesh(meshes[0]).ValidateTopology(
        UsdGeom.Mesh(meshes[0]).GetFaceVertexIndicesAttr().Get(),
        UsdGeom.Mesh(meshes[0]).GetFaceVertexCountsAttr().Get(),
        8,
    )[0]


@pytest.mark.parametrize("suffix", READERS)
def test_what_was_written_is_read_back_with_names_and_colours_exactly(tmp_path, models, suffix):
    path = tmp_path / f"case{suffix}"
    figures = write_mesh(path, models)
    assert figures.volume_mm3 == pytest.approx(20 * 30 * 40 + 1000, rel=1e-6)
    assert figures.faulty_edges == 0
    found = READERS[suffix](path)
    assert [model.name for model in found] == list(NAMES)
    assert [model.colour for model in found] == [pytest.approx(colour, abs=1e-3) for colour in COLOURS]
    for model, before in zip(found, models, strict=True):
        assert set(map(tuple, points_of(model.surface))) == set(map(tuple, points_of(before.surface)))
        assert len(triangles_of(model.surface)) == 12


@pytest.mark.parametrize("suffix", READERS)
def test_damage_and_files_of_others_are_told(tmp_path, models, suffix):
    path = tmp_path / f"case{suffix}"
    write_mesh(path, models)
    data = path.read_bytes()
    for damage in (b"", b"nothing of the kind" * 9, data[: len(data) // 2], data[:-3]):
        path.write_bytes(damage)
        with pytest.raises(ValueError, match=r"."):
            READERS[suffix](path)
    path.write_bytes(data.replace(b'"FluoroPrint"', b'"SomeOtherOn"'))
    with pytest.raises(ValueError, match=r"another program|no USDZ|CRC|Bad"):
        READERS[suffix](path)


@pytest.mark.parametrize("suffix", READERS)
def test_a_file_that_lost_a_model_is_not_kept(tmp_path, models, suffix, monkeypatch):
    real = mesh_formats._WRITERS[suffix]
    monkeypatch.setitem(mesh_formats._WRITERS, suffix, lambda path, given: real(path, given[:1]))
    with pytest.raises(FluoroPrintError, match="12 triangles instead of 24"):
        write_mesh(tmp_path / f"case{suffix}", models)
    assert not list(tmp_path.iterdir())


def test_colours_go_to_linear_light_and_back():
    assert linear((0.0, 0.5, 1.0)) == (0.0, 0.214041, 1.0)
    assert on_screen(linear((0.02, 0.5, 0.9))) == pytest.approx((0.02, 0.5, 0.9), abs=1e-4)


def test_normals_point_outward_and_are_of_length_1(models):
    points = points_of(models[1].surface) - CHIP_RAS
    normals = normals_of(points, triangles_of(models[1].surface))
    assert np.linalg.norm(normals, axis=1) == pytest.approx(np.ones(8))
    assert ((points * normals).sum(1) > 0).all()


def test_the_matrix_turns_and_does_not_mirror(models):
    assert np.linalg.det(standing(models)[:3, :3]) == pytest.approx(1e-9)

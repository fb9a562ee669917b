"""Models to be printed are read with their names; a plate keeps where its parts lie."""

import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.files.plates import GREY, read_models, write_plate
from FluoroPrintLib.files.threemf import MODEL_PART, NAMESPACE
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, signed_volume_mm3, triangles_of

POINTS = np.array([[0, 0, 0], [10, 0, 0], [0, 10, 0], [0, 0, 10]], float)
FACES = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])


def pyramid(name, at=(0.0, 0.0, 0.0)):
    return NamedModel(name, (1.0, 0.5, 0.0), polydata_from(POINTS + at, FACES))


def package(path, model):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MODEL_PART, model)
    return path


def model_xml(unit="millimeter", inside="", transform=""):
    vertices = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in POINTS)
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in FACES)
    return (
        f'<model unit="{unit}" xmlns="{NAMESPACE}"><resources><object id="7" name="Part">'
        f"<mesh><vertices>{vertices}</vertices><triangles>{faces}</triangles></mesh></object>{inside}"
        f'</resources><build><item objectid="7" {transform}/></build></model>'
    )


@pytest.mark.parametrize("suffix", [".stl", ".obj", ".ply"])
def test_the_one_mesh_of_a_file_is_named_as_the_file(tmp_path, suffix):
    write_mesh(tmp_path / f"femur{suffix}", [pyramid("Other", (5, 6, 7))])
    (model,) = read_models(tmp_path / f"femur{suffix}")
    assert model.name == "femur"
    np.testing.assert_allclose(
        np.sort(points_of(model.surface), 0), np.sort(POINTS + (5, 6, 7), 0), atol=1e-5
    )


def test_the_objects_of_a_3mf_keep_their_names(tmp_path):
    write_mesh(tmp_path / "case.3mf", [pyramid("Femur <left>"), pyramid("Tibia", (40, 0, 0))])
    models = read_models(tmp_path / "case.3mf")
    assert [model.name for model in models] == ["Femur <left>", "Tibia"]
    first, second = (points_of(model.surface).mean(0) for model in models)
    np.testing.assert_allclose(second - first, (40, 0, 0), atol=1e-5)


def test_an_object_without_a_name_is_named_as_the_file(tmp_path):
    nameless = model_xml().replace(' name="Part"', "")
    assert read_models(package(tmp_path / "a.3mf", nameless))[0].name == "a 1"


def test_the_transform_of_an_item_is_followed(tmp_path):
    twice = package(tmp_path / "a.3mf", model_xml(transform='transform="2 0 0 0 2 0 0 0 2 100 0 0"'))
    (model,) = read_models(twice)
    np.testing.assert_allclose(np.ptp(points_of(model.surface), axis=0), (20, 20, 20))
    # The file is LPS: its x is the patient's left.
    assert points_of(model.surface)[:, 0].max() == pytest.approx(-100)


@pytest.mark.parametrize(("unit", "mm"), [("inch", 25.4), ("centimeter", 10), ("micron", 0.001)])
def test_units_are_followed(tmp_path, unit, mm):
    (model,) = read_models(package(tmp_path / "a.3mf", model_xml(unit=unit)))
    np.testing.assert_allclose(np.ptp(points_of(model.surface), axis=0), 10 * mm)


ONE_MORE = '<object id="8" name="Both"><components>{}</components></object>'


def of_components(*components, build="8"):
    inside = ONE_MORE.format("".join(f"<component {each}/>" for each in components))
    return model_xml(inside=inside).replace('<item objectid="7" />', f'<item objectid="{build}"/>')


def test_components_are_followed_with_their_transforms(tmp_path):
    model = of_components('objectid="7"', 'objectid="7" transform="-1 0 0 0 1 0 0 0 1 0 0 30"')
    model = model.replace('objectid="8"', 'objectid="8" transform="0 1 0 -1 0 0 0 0 1 100 0 5"')
    models = read_models(package(tmp_path / "a.3mf", model))
    assert [each.name for each in models] == ["Part", "Part"]
    # A point (x, y, z) of the file is first mirrored and raised, then turned: RAS (y - 100, -x, z + 5).
    expected = [
        np.column_stack([POINTS[:, 1] - 100, -sign * POINTS[:, 0], POINTS[:, 2] + up])
        for sign, up in ((1, 5), (-1, 35))
    ]
    for each, points in zip(models, expected, strict=True):
        np.testing.assert_allclose(points_of(each.surface), points)
        # Mirrored or not, it faces outward.
        assert signed_volume_mm3(points_of(each.surface), triangles_of(each.surface)) == pytest.approx(
            500 / 3
        )


def test_only_what_is_built_is_read(tmp_path):
    inside = model_xml().split("<resources>")[1].split("</resources>")[0].replace('"7"', '"9"')
    assert len(read_models(package(tmp_path / "a.3mf", model_xml(inside=inside)))) == 1


def test_material_and_colour_are_those_of_the_group_that_an_object_names(tmp_path):
    groups = (
        '<basematerials id="1"><base name="PLA" displaycolor="#FF0000FF"/><base name="Part"/></basematerials>'
        '<m:colorgroup id="2"><m:color color="#0000FF"/></m:colorgroup>'
    )
    found = {}
    for pid, place in (("1", 0), ("1", 1), ("2", 0), ("5", 0)):
        told = model_xml().replace('name="Part"', f'name="Part" pid="{pid}" pindex="{place}"')
        told = told.replace("<resources>", f"<resources>{groups}").replace(" xmlns=", ' xmlns:m="m" xmlns=')
        (model,) = read_models(package(tmp_path / "a.3mf", told))
        found[pid, place] = model.material, model.colour
    assert found == {
        ("1", 0): ("PLA", (1.0, 0.0, 0.0)),
        ("1", 1): ("", GREY),
        ("2", 0): ("", (0.0, 0.0, 1.0)),
        ("5", 0): ("", GREY),
    }


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (model_xml(unit="furlong"), "no whole 3MF file"),
        (
            of_components('objectid="7" p:path="/3D/other.model"').replace(" xmlns=", ' xmlns:p="p" xmlns='),
            "parted into several files",
        ),
        (of_components('objectid="8"'), "no whole 3MF file"),
        (of_components('objectid="77"'), "no whole 3MF file"),
        (model_xml(transform='transform="1 2"'), "no whole 3MF file"),
        (model_xml().replace('v1="0"', 'v1="40"'), "no whole 3MF file"),
        ("<model/>", "holds no meshes"),
        ("<model", "no whole 3MF file"),
    ],
)
def test_what_is_not_followed_is_refused(tmp_path, model, said):
    with pytest.raises(FluoroPrintError, match=said):
        read_models(package(tmp_path / "a.3mf", model))


@pytest.mark.parametrize("name", ["no.3mf", "no.stl"])
def test_a_file_that_is_not_there_is_refused(tmp_path, name):
    with pytest.raises(FluoroPrintError, match="does not exist: check the name"):
        read_models(tmp_path / name)


def test_a_plate_keeps_names_and_the_coordinates_of_the_bed(tmp_path):
    write_plate(tmp_path / "plate.3mf", [pyramid("A", (20, 30, 0)), pyramid("B", (50, 60, 0))], "plate 1")
    with zipfile.ZipFile(tmp_path / "plate.3mf") as archive:
        root = ElementTree.fromstring(archive.read(MODEL_PART))
    tag = {"m": NAMESPACE}
    assert [each.get("name") for each in root.iterfind(".//m:object", tag)] == ["A", "B"]
    assert {each.get("transform") for each in root.iterfind(".//m:item", tag)} == {"1 0 0 0 1 0 0 0 1 0 0 0"}
    corners = [[float(each.get(axis)) for axis in "xyz"] for each in root.iterfind(".//m:vertex", tag)]
    np.testing.assert_allclose(np.min(corners, axis=0), (20, 30, 0))
    np.testing.assert_allclose(np.max(corners, axis=0), (60, 70, 10))


@pytest.mark.parametrize("suffix", [".3mf", ".glb", ".usdz"])
def test_scenes_keep_names_colours_and_places(tmp_path, suffix):
    before = [
        NamedModel("Femur", (0.9, 0.8, 0.6), pyramid("A").surface),
        NamedModel("Chip", (1.0, 0.0, 0.2), pyramid("B", (50, 60, 0)).surface),
    ]
    write_mesh(tmp_path / f"case{suffix}", before)
    found = read_models(tmp_path / f"case{suffix}")
    assert [model.name for model in found] == ["Femur", "Chip"]
    assert [model.colour for model in found] == [pytest.approx(m.colour, abs=1 / 255) for m in before]
    apart = points_of(found[1].surface).min(0) - points_of(found[0].surface).min(0)
    assert apart == pytest.approx([50, 60, 0], abs=1e-4)


@pytest.mark.parametrize("suffix", [".glb", ".usdz"])
def test_a_scene_of_another_program_is_refused(tmp_path, suffix):
    (tmp_path / f"other{suffix}").write_bytes(b"glTF of another kind")
    with pytest.raises(FluoroPrintError, match="damaged or of another program"):
        read_models(tmp_path / f"other{suffix}")

"""Models of several materials in one 3MF: names, materials, colours, places, as other programs read them."""

import re
import subprocess
import zipfile

import numpy as np
import pytest
import trimesh
from FluoroPrintLib.catalog.machines import read_catalogue
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files import mesh_formats
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.files.plates import read_models, write_plate
from FluoroPrintLib.files.threemf import MODEL_PART, PRUSASLICER_PART
from FluoroPrintLib.files.threemf_reading import read_threemf
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.printing.profile import profile_of, profile_text
from FluoroPrintLib.printing.settings import PrintSettings
from FluoroPrintLib.printing.slicers import find_slicer
from FluoroPrintLib.shape.solids import engine, surface_of

needs_slicer = pytest.mark.skipif(find_slicer() is None, reason="PrusaSlicer is not installed")
NAMES = ["model.3mf", "model.prusaslicer.3mf"]


def box(size, at):
    return surface_of(engine().Manifold.cube(size).translate(at))


@pytest.fixture
def model():
    """A bone with a vessel beside it, 7 mm higher, and a tumour that touches the bone from above."""
    return [
        NamedModel("Bone", (0.9, 0.8, 0.6), box((30, 20, 10), (0, 0, 20)), {}, "PLA filament"),
        NamedModel("Vessel", (1.0, 0.0, 0.2), box((5, 5, 8), (40, 3, 27)), {}, "TPU filament"),
        NamedModel("Tumour", (0.2, 0.4, 0.0), box((5, 5, 5), (0, 0, 30)), {}, "TPU filament"),
    ]


LOWS, VOLUMES = [0, 7, 10], [6000, 200, 125]


def prusa(folder, *words):
    run = subprocess.run(
        [find_slicer(), *map(str, words)], cwd=folder, capture_output=True, text=True, check=True
    )
    return run.stdout + run.stderr


@pytest.mark.parametrize("name", NAMES)
def test_names_materials_colours_and_places_come_back(tmp_path, model, name):
    assert write_mesh(tmp_path / name, model).volume_mm3 == pytest.approx(6325)
    found = read_models(tmp_path / name)
    assert [(m.name, m.material) for m in found] == [(m.name, m.material) for m in model]
    for each, before in zip(found, model, strict=True):
        assert each.colour == pytest.approx(before.colour, abs=1 / 255)
        moved = points_of(each.surface).min(0) - points_of(before.surface).min(0)
        assert moved == pytest.approx(points_of(found[0].surface).min(0) - [0, 0, 20], abs=1e-5)


def test_a_model_without_a_material_reads_as_such(tmp_path, model):
    bare = [NamedModel(each.name, each.colour, each.surface) for each in model]
    for name in NAMES:
        write_mesh(tmp_path / name, bare)
        assert [each.material for each in read_models(tmp_path / name)] == ["", "", ""]


def test_parts_of_one_mesh_are_compared_before_the_file_gets_its_name(tmp_path, model, monkeypatch):
    real = mesh_formats._write_for_prusaslicer
    monkeypatch.setattr(mesh_formats, "_write_for_prusaslicer", lambda to, _: real(to, model[:2]))
    with pytest.raises(FluoroPrintError, match="24 triangles instead of 36"):
        write_mesh(tmp_path / NAMES[1], model)
    assert not list(tmp_path.iterdir())


def test_what_prusaslicer_calls_no_part_of_a_model_is_left_out(tmp_path, model):
    write_mesh(tmp_path / NAMES[1], model)
    with zipfile.ZipFile(tmp_path / NAMES[1]) as before, zipfile.ZipFile(tmp_path / "a.3mf", "w") as after:
        after.writestr(MODEL_PART, before.read(MODEL_PART))
        after.writestr(
            PRUSASLICER_PART, before.read(PRUSASLICER_PART).replace(b"ModelPart", b"ParameterModifier", 1)
        )
    assert [each.name for each in read_models(tmp_path / "a.3mf")] == ["Vessel", "Tumour"]


def rewritten(path, change):
    """The package again with its model part changed, under another name."""
    other = path.with_name("changed.3mf")
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(other, "w") as changed:
        for name in package.namelist():
            text = package.read(name)
            changed.writestr(name, change(text) if name == MODEL_PART else text)
    return other


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"<resources>", b"<resources><!-- row by row -->"),
        lambda text: text.replace(b"/>\n<vertex", b" />\n<vertex", 1),
        lambda text: text.replace(b' v2="', b'  v2="', 1),
    ],
    ids=["comment", "vertex", "triangle"],
)
def test_rows_read_many_at_once_are_those_read_one_by_one(tmp_path, model, change):
    path = tmp_path / "together.3mf"
    write_mesh(path, model)
    for fast, slow in zip(read_threemf(path), read_threemf(rewritten(path, change)), strict=True):
        assert np.array_equal(fast[0], slow[0])
        assert np.array_equal(fast[1], slow[1])


@pytest.mark.parametrize(
    ("old", "new"), [(b' x="', b' x="1.2.'), (b' v1="', b' v1="."'), (b' z="', b' z="" w="')]
)
def test_a_row_whose_number_is_none_is_refused(tmp_path, model, old, new):
    path = tmp_path / "together.3mf"
    write_mesh(path, model)
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds
        read_threemf(rewritten(path, lambda text: text.replace(old, new, 1)))


def test_trimesh_reads_the_places(tmp_path, model):
    write_mesh(tmp_path / "model.3mf", model)
    placed = trimesh.load(tmp_path / "model.3mf").dump()
    lows = {round(float(mesh.volume)): float(mesh.bounds[0, 2]) for mesh in placed}
    assert lows == {v: pytest.approx(z, abs=1e-4) for v, z in zip(VOLUMES, LOWS, strict=True)}


@pytest.mark.parametrize("name", NAMES)
def test_lib3mf_reads_one_whole_without_a_warning(tmp_path, model, name):
    lib3mf = pytest.importorskip("lib3mf")
    write_mesh(tmp_path / name, model)
    package = lib3mf.get_wrapper().CreateModel()
    reader = package.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromFile(str(tmp_path / name))
    assert reader.GetWarningCount() == 0
    items = package.GetBuildItems()
    assert items.Count() == 1
    materials = package.GetBaseMaterialGroups()
    materials.MoveNext()
    group = materials.GetCurrentBaseMaterialGroup()
    assert [group.GetName(number) for number in group.GetAllPropertyIDs()] == [m.material for m in model]


def heights(path):
    return [piece.bounds[0, 2] for piece in sorted(trimesh.load(path).split(), key=lambda p: -p.volume)]


@needs_slicer
def test_prusaslicer_keeps_heights_where_a_file_is_written_for_it(tmp_path, model):
    write_mesh(tmp_path / "model.prusaslicer.3mf", model)
    prusa(tmp_path, "--export-stl", "-o", "whole.stl", "model.prusaslicer.3mf")
    assert heights(tmp_path / "whole.stl") == pytest.approx(LOWS, abs=1e-3)
    prusa(tmp_path, "--export-3mf", "-o", "again.3mf", "model.prusaslicer.3mf")
    again = read_models(tmp_path / "again.3mf")
    assert [each.name for each in again] == ["Bone", "Vessel", "Tumour"]
    assert [points_of(each.surface)[:, 2].min() for each in again] == pytest.approx(LOWS, abs=1e-3)
    with zipfile.ZipFile(tmp_path / "again.3mf") as archive:
        config = archive.read(PRUSASLICER_PART).decode()
    assert re.findall('key="extruder" value="(.)"', config) == ["1", "2", "2"]


@needs_slicer
def test_prusaslicer_slices_the_parts_where_they_are(tmp_path, model):
    catalogue = read_catalogue()
    machine = catalogue.printer("prusa-mk3s"), catalogue.material("pla"), PrintSettings(layer_mm=0.2)
    (tmp_path / "plain.ini").write_text(profile_text(profile_of(*machine)))
    # Were each let down onto the bed, the bone's 10 mm would be the highest.
    write_mesh(tmp_path / "model.prusaslicer.3mf", model)
    words = ("--export-gcode", "--load", "plain.ini", "--center", "125,105", "-o", "model.gcode")
    told = prusa(tmp_path, *words, "model.prusaslicer.3mf")
    assert "repair" not in told.lower()
    lines = (tmp_path / "model.gcode").read_text().splitlines()
    assert max(float(line[3:]) for line in lines if line.startswith(";Z:")) == pytest.approx(15.0)


@needs_slicer
def test_prusaslicer_lets_each_object_of_a_plate_down_onto_the_bed(tmp_path, model):
    write_plate(tmp_path / "plate.3mf", model[:2], "plate")
    prusa(tmp_path, "--export-stl", "-o", "apart.stl", "plate.3mf")
    assert heights(tmp_path / "apart.stl") == pytest.approx([0, 0], abs=1e-3)


@needs_slicer
def test_prusaslicer_finds_nothing_to_repair(tmp_path, model):
    write_mesh(tmp_path / "model.prusaslicer.3mf", model)
    told = prusa(tmp_path, "--info", "model.prusaslicer.3mf")
    figures = dict(re.findall(r"^(\S+) = +(\S+)", told, re.MULTILINE))
    assert (figures["manifold"], figures["number_of_parts"]) == ("yes", "3")
    assert "open_edges" not in figures
    assert "repair" not in told.lower()
    assert float(figures["volume"]) == pytest.approx(6325, rel=1e-5)
    sizes = [float(figures[f"size_{axis}"]) for axis in "xyz"]
    assert np.allclose(sizes, [45, 20, 15], atol=1e-3)

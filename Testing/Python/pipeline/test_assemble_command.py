"""The command makes one model of parts: materials, colours, room for each other, told and read back."""

import math
import re

import pytest
from command_line import fluoroprint
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.files.plates import read_models
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.shape.assembly import fit_parts
from FluoroPrintLib.shape.fit import FitParameters
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of

# The rod has 32 sides, the block is 20 mm high.
IN_COMMON = 16 * 9 * math.sin(math.pi / 16) * 20
QUICK = ("--clearance-mm", 0.5, "--voxel-mm", 0.5)
DRESSED = ("--material", "bone=pla", "--material", "vessel=tpu", "--colour", "vessel=#FF0000")


@pytest.fixture
def parts(tmp_path):
    solid = engine().Manifold
    solids = {"vessel": solid.cylinder(60, 3, 3, 32, True), "bone": solid.cube((20, 20, 20), True)}
    paths = []
    for name, made in solids.items():
        paths.append(tmp_path / f"{name}.stl")
        write_mesh(paths[-1], [NamedModel(name, (1, 1, 1), surface_of(made))])
    return paths


def test_parts_are_fitted_as_the_function_does_and_keep_what_they_are(parts, tmp_path):
    out = tmp_path / "model.3mf"
    done = fluoroprint("assemble", *parts, *DRESSED, *QUICK, "--out", out)
    assert done.code == 0, done.err
    vessel, bone = read_models(out)
    assert (vessel.name, vessel.material, vessel.colour) == ("vessel", "TPU filament", (1.0, 0.0, 0.0))
    assert (bone.name, bone.material) == ("bone", "PLA filament")
    models = [model for path in parts for model in read_models(path)]
    expected = fit_parts(models, (1, 0), FitParameters(0.5, 0.5)).models[0].surface
    assert len(points_of(vessel.surface)) == len(points_of(expected))
    assert solid_of(vessel.surface).volume() == pytest.approx(solid_of(expected).volume(), rel=1e-5)
    assert f"vessel and bone had {IN_COMMON:.1f} mm3 in common." in done.out
    assert "vessel, fitted to bone: The least gap between the two is 0.50 mm." in done.out
    row = next(line for line in done.out.splitlines() if line.startswith("bone"))
    assert re.split("  +", row) == ["bone", "PLA filament", "rigid", "8.00 ml", "9.9 g", "0.25 EUR"]


def test_what_it_holds_is_told_by_info_and_counted_by_print(parts, tmp_path):
    out = tmp_path / "model.3mf"
    assert fluoroprint("assemble", *parts, *DRESSED, *QUICK, "--out", out).code == 0
    told = [line.split(None, 1) for line in fluoroprint("info", out).out.splitlines()]
    looks = [value for key, value in told if key in ("object", "material", "colour")]
    assert looks == ["vessel", "TPU filament", "#FF0000", "bone", "PLA filament", "#E3D9BF"]
    words = ("--printer", "prusa-mk3s", "--material", "pla", "--infill-percent", 100, "--no-support")
    done = fluoroprint("print", out, *words)
    assert "Plate 1 (TPU filament): about" in done.out
    assert "Plate 2 (PLA filament): about 8.0 ml (0.0 ml of it supports), 9.9 g" in done.out
    done = fluoroprint("print", *parts, *words, "--part-material", "vessel=petg")
    assert "Plate 1 (PETG filament): about" in done.out


def test_without_fitting_only_what_is_in_common_is_told(parts, tmp_path):
    out = tmp_path / "model.prusaslicer.3mf"
    done = fluoroprint("assemble", *parts, "--no-fit", "--out", out)
    assert f"{IN_COMMON:.1f} mm3 in common" in done.out
    assert "fitted" not in done.out
    assert [solid_of(model.surface).volume() for model in read_models(out)][1] == pytest.approx(8000)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--material", "skull=pla"), 'There is no model "skull": choose one of vessel, bone'),
        (("--material", "bone=gold"), "There is no material gold"),
        (("--material", "bone"), "write NAME=..., such as bone=pla"),
        (("--colour", "bone=red"), "is no colour: write it as #RRGGBB"),
    ],
)
def test_what_cannot_be_given_is_refused(parts, tmp_path, words, said):
    done = fluoroprint("assemble", *parts, *words, "--out", tmp_path / "model.3mf")
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "model.3mf").exists()

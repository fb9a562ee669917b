"""Shaping by the command gives what the function gives, one operation or a whole recipe."""

import json

import numpy as np
import pytest
from command_line import fluoroprint
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.files.plan_files import write_plan
from FluoroPrintLib.files.threemf_reading import description_of_threemf, read_threemf
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.planning.implant_objects import planned_implant
from FluoroPrintLib.planning.implants import Implant
from FluoroPrintLib.planning.plan import Figure, Plan, Planned
from FluoroPrintLib.shape.drill import DrillParameters, drill
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of


@pytest.fixture
def cube(tmp_path):
    path = tmp_path / "bone.stl"
    write_mesh(path, [NamedModel("Bone", (1, 1, 1), surface_of(engine().Manifold.cube((20,) * 3, True)))])
    return path


def test_the_command_drills_as_the_function_does(cube, tmp_path):
    out = tmp_path / "drilled.stl"
    words = ("--operation", "drill", "--entry-ras-mm", -3, 0, 10, "--depth-mm", 4, "--out", out)
    done = fluoroprint("shape", cube, *words)
    assert done.code == 0, done.err
    assert "The hole took out 0.0283 ml." in done.out
    expected = drill(read_mesh(cube), DrillParameters((-3.0, 0.0, 10.0), depth_mm=4.0)).parts[0].surface
    found = points_of(read_mesh(out))
    assert len(found) == len(points_of(expected))
    np.testing.assert_allclose(np.sort(found, 0), np.sort(points_of(expected), 0), atol=1e-5)


def test_a_recipe_that_was_saved_does_the_same_again(cube, tmp_path):
    recipe, first, second = tmp_path / "r.json", tmp_path / "1.3mf", tmp_path / "2.3mf"
    words = ("--operation", "cut", "--pegs", "round", "--normal", 1, 0, 0)
    assert fluoroprint("shape", cube, *words, "--out", first, "--save-recipe", recipe).code == 0
    assert json.loads(recipe.read_text()) == [
        {"operation": "cut", "normal": [1.0, 0.0, 0.0], "pegs": "round"}
    ]
    assert fluoroprint("shape", cube, "--recipe", recipe, "--out", second).code == 0
    assert len(read_threemf(first)) == 2
    assert first.read_bytes()[-200:] == second.read_bytes()[-200:]


def test_parts_go_to_a_file_each_where_the_format_keeps_one_model(cube, tmp_path):
    done = fluoroprint("shape", cube, "--operation", "saw", "--out", tmp_path / "sawn.stl")
    assert done.code == 0
    assert sorted(path.name for path in tmp_path.glob("sawn*")) == ["sawn-1.stl", "sawn-2.stl"]


def test_another_model_is_subtracted(cube, tmp_path):
    ball = tmp_path / "ball.stl"
    write_mesh(ball, [NamedModel("Ball", (1, 1, 1), surface_of(engine().Manifold.sphere(5, 64)))])
    words = ("--operation", "combine", "--way", "subtract", "--out", tmp_path / "less.stl")
    assert fluoroprint("shape", cube, *words, "--other", ball).code == 0
    assert fluoroprint("shape", cube, *words).code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--operation", "drill", "--entry-ras-mm", 90, 0, 0), "does not meet the model"),
        (("--operation", "melt"), "invalid choice"),
        ((), "--operation --recipe --plan is required"),
        (("--recipe", "no.json"), "no.json does not exist"),
        (("--operation", "scale", "--recipe", "no.json"), "not allowed with"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(cube, tmp_path, words, said):
    done = fluoroprint("shape", cube, *words, "--out", tmp_path / "out.stl")
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "out.stl").exists()


def test_a_model_that_is_read_again_still_says_that_it_is_mirrored(cube, tmp_path):
    mirrored, scaled = tmp_path / "mirrored.stl", tmp_path / "scaled.3mf"
    assert fluoroprint("shape", cube, "--operation", "mirror", "--out", mirrored).code == 0
    assert fluoroprint("shape", mirrored, "--operation", "scale", "--factor", 0.5, "--out", scaled).code == 0
    said = description_of_threemf(scaled)
    assert "MIRRORED left-right: this model does not show the side that was imaged." in said
    assert "Scaled to 50 %" in said


def test_the_screws_of_a_plan_are_drilled_and_saved_as_a_recipe(cube, tmp_path):
    plan, recipe, out = tmp_path / "PLAN.json", tmp_path / "r.json", tmp_path / "drilled.stl"
    ends = {"entry": ((-3.0, 0.0, 10.0),), "tip": ((-3.0, 0.0, 4.0),)}
    screw = Planned("s-1", "Screw", "screw", points=ends, figures={"diameter": Figure(3.0, "mm")})
    write_plan(plan, Plan(objects=(screw,)))
    words = ("--plan", plan, "--screw-clearance-mm", 0.5, "--save-recipe", recipe, "--out", out)
    done = fluoroprint("shape", cube, *words)
    assert done.code == 0, done.err
    assert "The hole took out 0.0577 ml." in done.out
    assert json.loads(recipe.read_text()) == [
        {
            "operation": "drill",
            "entry_ras_mm": [-3.0, 0.0, 10.0],
            "direction": [0.0, 0.0, -6.0],
            "diameter_mm": 3.5,
            "depth_mm": 6.0,
        }
    ]


def test_the_implants_of_a_plan_are_taken_out_where_asked_and_a_recipe_holds_them(cube, tmp_path):
    plan, recipe, out = tmp_path / "PLAN.json", tmp_path / "r.json", tmp_path / "reamed.stl"
    places = {"points": {"centre": ((0.0, 0.0, 10.0),)}, "directions": {"axis": ((0.0, 0.0, 1.0),)}}
    cup = Planned("c-1", "Cup", "cup", figures={"diameter": Figure(16.0, "mm")}, **places)
    write_plan(plan, Plan(objects=(cup,)))
    words = ("--plan", plan, "--cut-implants", "--out", out)
    done = fluoroprint("shape", cube, *words, "--save-recipe", recipe)
    assert done.code == 0, done.err
    before, after = (solid_of(read_mesh(path)).volume() for path in (cube, out))
    assert before - after == pytest.approx(2 / 3 * np.pi * 8**3, rel=0.01)
    again = tmp_path / "again.stl"
    assert fluoroprint("shape", cube, "--recipe", recipe, "--out", again).code == 0
    assert solid_of(read_mesh(again)).volume() == pytest.approx(after, rel=1e-6)


def test_an_implant_of_a_shape_of_the_users_is_taken_out_with_its_catalogue(cube, tmp_path):
    plan, own, out = tmp_path / "PLAN.json", tmp_path / "own.json", tmp_path / "out.stl"
    peg = surface_of(engine().Manifold.cube((4, 4, 6), True))
    write_mesh(tmp_path / "peg.stl", [NamedModel("Peg", (0.5, 0.5, 0.5), peg)])
    entry = {"id": "own-peg", "title": "Peg", "kind": "own", "shape": "peg.stl", "units": "mm", "sources": {}}
    own.write_text(json.dumps({"version": 1, "implants": [entry]}), encoding="utf-8")
    place = (0.0, 0.0, 10.0), (0.0, 0.0, 1.0)
    peg_planned = planned_implant("p", "Peg", Implant("own-peg", "Peg", "own", {}), *place)
    write_plan(plan, Plan(objects=(peg_planned,)))
    words = ("shape", cube, "--plan", plan, "--cut-implants", "--out", out)
    lacking = fluoroprint(*words)
    assert lacking.code == 2
    assert "own-peg, whose shape is not at hand: give the catalogue" in lacking.err
    assert fluoroprint(*words, "--implants", own).code == 0
    before, after = (solid_of(read_mesh(path)).volume() for path in (cube, out))
    assert before - after == pytest.approx(4 * 4 * 3, rel=1e-5)

"""Operations by name, their recipes, and the two that change the size or the side."""

import json

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.files.threemf_reading import description_of_threemf
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.parameters import parameter_fields
from FluoroPrintLib.shape.operations import operation_named, operations, shape_by
from FluoroPrintLib.shape.recipe import Piece, read_steps, shape_in_steps, written_steps
from FluoroPrintLib.shape.size import MirrorParameters, ScaleParameters, mirror, scale

RECIPE = """[
 {"operation": "cut", "normal": [1, 0, 0], "pegs": "D-shaped"},
 {"operation": "drill", "entry_ras_mm": [-12, 0, 10], "diameter_mm": 2.5},
 {"operation": "mirror"},
 {"operation": "scale", "factor": 0.5}
]"""


def test_every_parameter_says_what_it_is():
    for operation in operations():
        operation.parameters()
        assert operation.summary.endswith(".")
        for field in parameter_fields(operation.parameters):
            assert field.help
            numbers = field.kind in (int, float) and field.length == 0
            assert not numbers or field.bounds, f"{operation.name} {field.name}"


def test_a_recipe_goes_through_json_and_back():
    steps = read_steps(RECIPE)
    again = read_steps(written_steps(steps))
    assert [(step.operation.name, step.parameters) for step in again] == [
        (step.operation.name, step.parameters) for step in steps
    ]
    assert "rim_mm" not in written_steps(steps)


def test_a_recipe_shapes_every_part_that_its_tools_meet(solids, filed, untouched):
    cube = untouched(solids.box(40, 20, 20))
    made, notes = shape_in_steps([Piece("Bone", cube)], read_steps(RECIPE))
    names = ["Bone part 1 mirrored at 50 %", "Bone part 2 mirrored at 50 %"]
    assert [part.name for part in made] == names
    cut_only, _ = shape_in_steps([Piece("Bone", cube)], read_steps(RECIPE)[:1])
    volumes = [filed(part.surface).volume_mm3 for part in made]
    before = [filed(part.surface).volume_mm3 for part in cut_only]
    assert volumes[0] == pytest.approx((before[0] - np.pi * 1.25**2 * 20) / 8, rel=1e-4)
    assert volumes[1] == pytest.approx(before[1] / 8, rel=1e-4)
    assert made[0].warnings["Mirrored"].startswith("MIRRORED left-right")
    assert any(note.startswith("Bone part 1: The hole took out") for note in notes)
    assert points_of(made[0].surface)[:, 0].max() == pytest.approx(10, abs=1e-5)


def test_a_step_takes_the_part_that_it_names(solids, filed):
    rows = [
        {"operation": "saw", "normal": [1, 0, 0], "kerf_mm": 0.0},
        {"operation": "saw", "kerf_mm": 0.0},
        {"operation": "scale", "factor": 0.5, "part": "part 2"},
        {"operation": "drill", "entry_ras_mm": [-5, 0, 10], "part": "part 1/part 2"},
    ]
    steps = read_steps(json.dumps(rows))
    made, _ = shape_in_steps([Piece("Bone", solids.box(40, 20, 20))], steps)
    assert [(part.part, part.name) for part in made] == [
        ("part 1/part 1", "Bone part 1 part 1"),
        ("part 1/part 2", "Bone part 1 part 2"),
        ("part 2/part 1", "Bone part 2 part 1 at 50 %"),
        ("part 2/part 2", "Bone part 2 part 2 at 50 %"),
    ]
    volumes = [filed(part.surface).volume_mm3 for part in made]
    assert volumes == pytest.approx([4000, 4000 - np.pi * 1.5**2 * 10, 500, 500], rel=1e-3)
    assert json.loads(written_steps(steps))[2]["part"] == "part 2"


@pytest.mark.parametrize("part", ["part 3", "part", "part 1/part 1"])
def test_a_part_that_is_not_there_is_told(solids, part):
    steps = read_steps(json.dumps([{"operation": "saw"}, {"operation": "mirror", "part": part}]))
    with pytest.raises(FluoroPrintError, match=f"There is no {part} to take"):
        shape_in_steps([Piece("Bone", solids.box(40, 20, 20))], steps)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON"),
        ("{}", "no list"),
        ('[{"operation": "mirror", "part": 1}]', "part is 1"),
        ("[]", "no list"),
        ("[1]", "Step 1 of the recipe names no operation"),
        ('[{"operation": "scale"}, {"wall_mm": 1}]', "Step 2 of the recipe names no operation"),
        ('[{"operation": "melt"}]', "Step 1 of the recipe: There is no operation melt"),
        ('[{"operation": "scale", "wall_mm": 1}]', "scale has no wall_mm: it takes factor"),
        ('[{"operation": "scale", "factor": 0}]', "factor is 0: it takes 0.01 to 100"),
        ('[{"operation": "drill", "direction": [0, 1]}]', "direction is .*tuple of 3"),
    ],
)
def test_a_bad_recipe_is_told(text, said):
    with pytest.raises(FluoroPrintError, match=said):
        read_steps(text)


def test_a_step_that_fails_is_named(solids):
    steps = read_steps('[{"operation": "scale"}, {"operation": "drill", "entry_ras_mm": [90, 0, 0]}]')
    with pytest.raises(FluoroPrintError, match="Step 2, drill: The drill does not meet"):
        shape_in_steps([Piece("Bone", solids.box(2, 2, 2))], steps)


def test_combining_without_a_second_model_is_told(solids):
    with pytest.raises(FluoroPrintError, match="needs a second model"):
        shape_by(operation_named("combine"), solids.box(2, 2, 2))


def test_mirroring_keeps_the_volume_and_swaps_the_sides(solids, filed):
    model = solids.knobbly()
    (part,) = mirror(model, MirrorParameters(plane_mm=3.0)).parts
    assert filed(part.surface).volume_mm3 == pytest.approx(filed(model).volume_mm3, rel=1e-6)
    np.testing.assert_allclose(points_of(part.surface), points_of(model) * (-1, 1, 1) + (6, 0, 0), atol=1e-5)


def test_scaling_tells_so_but_for_the_true_size(solids, filed):
    model = solids.box(2, 3, 4)
    (part,) = scale(model, ScaleParameters(2.0)).parts
    assert filed(part.surface).volume_mm3 == pytest.approx(24 * 8)
    assert part.warnings == {"Scaled": "Scaled to 200 % of the patient's size."}
    assert scale(model, ScaleParameters()).parts[0].warnings == {}


def test_the_warning_is_in_every_file_written(solids, tmp_path):
    made, _ = shape_in_steps([Piece("Bone", solids.box(2, 2, 2))], read_steps('[{"operation": "mirror"}]'))
    for suffix in ("stl", "obj", "ply", "3mf"):
        write_mesh(tmp_path / f"m.{suffix}", made)
    for suffix in ("stl", "obj", "ply"):
        assert b"MIRRORED left-right" in (tmp_path / f"m.{suffix}").read_bytes()
    assert description_of_threemf(tmp_path / "m.3mf") == made[0].warnings["Mirrored"]
    write_mesh(tmp_path / "plain.3mf", [Piece("Bone", solids.box(2, 2, 2))])
    assert description_of_threemf(tmp_path / "plain.3mf") == ""

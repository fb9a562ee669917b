"""`fluoroprint print` and `printers`: the table tells what the functions find, plates are written whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import contents, fluoroprint, refused
from FluoroPrintLib.catalog.machines import read_catalogue
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.files.plates import read_models
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of, polydata_from
from FluoroPrintLib.printing.cura import CURA_VARIABLE
from FluoroPrintLib.printing.preparation import prepare_print
from FluoroPrintLib.printing.slicers import VARIABLE, find_slicer

CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
FACES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]]
    + [[2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
)
PLA = ("--printer", "prusa-mini", "--material", "pla")


def box(path: Path, *edges: float, faces: np.ndarray = FACES) -> Path:
    write_mesh(path, [NamedModel(path.stem, (1.0, 1.0, 1.0), polydata_from(CORNERS * edges, faces))])
    return path


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    return box(tmp_path / "cube.stl", 20, 20, 20)


def test_the_table_tells_what_the_function_finds(cube: Path) -> None:
    done = fluoroprint("print", cube, *PLA)
    assert done.code == 0, done.err
    found = read_catalogue()
    job = prepare_print(read_models(cube), found.printer("prusa-mini"), found.material("pla"))
    (estimate,) = job.estimates
    assert "Original Prusa MINI+: FDM (material extrusion, ISO/ASTM 52900), 180 x 180 x 180 mm" in done.out
    assert "cube  1      20.0 x 20.0 x 20.0 mm  0 mm2    400 mm2   10.0 mm" in done.out
    assert f"Plate 1: about {estimate.material_ml:.1f} ml" in done.out
    assert f"{estimate.mass_g:.1f} g" in done.out
    assert f"Note: {job.findings[0].text}" in done.out
    assert "1 x support / surface + 0.2 x height / length + 0.1 x unsteadiness" in done.out


def test_without_a_folder_nothing_is_written(tmp_path: Path, cube: Path) -> None:
    before = contents(tmp_path)
    assert fluoroprint("print", cube, *PLA).code == 0
    assert contents(tmp_path) == before


def test_options_reach_the_functions(cube: Path) -> None:
    solid = fluoroprint("print", cube, *PLA, "--infill-percent", "100").out
    assert "about 8.0 ml" in solid
    assert "ways to lie" in solid
    assert "ways to lie" not in fluoroprint("print", cube, *PLA, "--no-orient").out


def test_plates_are_written_with_names_and_apart(tmp_path: Path, cube: Path) -> None:
    slab = box(tmp_path / "slab.ply", 5, 30, 60)
    done = fluoroprint("print", cube, slab, cube, *PLA, "--out", tmp_path / "job")
    assert done.code == 0, done.err
    assert f"Wrote {tmp_path / 'job' / 'plate-1.3mf'}" in done.out
    models = read_models(tmp_path / "job" / "plate-1.3mf")
    assert [model.name for model in models] == ["cube 1", "slab", "cube 2"]
    assert np.ptp(points_of(models[1].surface)[:, 2]) == pytest.approx(5)


def test_what_does_not_fit_one_bed_goes_to_several(tmp_path: Path) -> None:
    large = box(tmp_path / "large.stl", 120, 120, 40)
    done = fluoroprint("print", large, large, *PLA, "--out", tmp_path / "job")
    assert {path.name for path in (tmp_path / "job").iterdir()} == {"plate-1.3mf", "plate-2.3mf"}
    assert "Plate 2: about" in done.out


def test_a_part_too_large_is_refused_and_nothing_written(tmp_path: Path) -> None:
    femur = box(tmp_path / "femur.stl", 420, 30, 30)
    said = refused(tmp_path, "print", femur, *PLA, "--out", tmp_path / "job")
    assert '"femur" measures' in said
    assert "cut it, or choose a larger printer" in said


def test_an_open_part_is_told_and_not_written(tmp_path: Path) -> None:
    leaky = box(tmp_path / "leaky.stl", 20, 20, 20, faces=FACES[1:])
    assert "Fault: leaky: 3 open edges" in fluoroprint("print", leaky, *PLA).out
    said = refused(tmp_path, "print", leaky, *PLA, "--out", tmp_path / "job")
    assert '"leaky" is no solid' in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--printer", "x", "--material", "pla"), "There is no printer x"),
        (("--printer", "prusa-mini", "--material", "x"), "There is no material x"),
        (("--printer", "prusa-sl1s", "--material", "pla"), "does not print PLA filament"),
        ((*PLA, "--slice"), "add --out FOLDER"),
        (("--printer", "prusa-mini"), "--material"),
        ((*PLA, "--catalogue", "/no/such/folder"), "holds no printers.json"),
    ],
)
def test_words_that_cannot_be_followed_are_refused(
    tmp_path: Path, cube: Path, words: tuple[str, ...], said: str
) -> None:
    assert said in refused(tmp_path, "print", cube, *words)


def test_without_prusaslicer_slicing_is_refused_before_the_work(
    tmp_path: Path, cube: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "/no/such/program")
    monkeypatch.setenv(CURA_VARIABLE, "/no/such/program")
    said = refused(tmp_path, "print", cube, *PLA, "--slice", "--out", tmp_path / "job")
    assert "PrusaSlicer was not found" in said


def test_a_catalogue_of_the_user_is_used(tmp_path: Path, cube: Path) -> None:
    cost = {"amount": 100, "per": "kg", "currency": "CHF", "year": 2026}
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "materials.json").write_text(json.dumps({"materials": [{"id": "pla", "cost": cost}]}))
    solid = ("--infill-percent", "100", "--catalogue", folder)
    assert "0.99 CHF of material (price of 2026)" in fluoroprint("print", cube, *PLA, *solid).out
    assert "100 CHF/kg (2026)" in fluoroprint("printers", "--catalogue", folder).out


def test_printers_lists_everything_and_tells_all_about_one() -> None:
    listed, found = fluoroprint("printers").out, read_catalogue()
    assert all(each.title in listed for each in (*found.printers, *found.materials))
    about = fluoroprint("printers", "pa12-sls").out
    assert "0.93" in about
    assert all(text in about for text in found.material("pa12-sls").sources.values())
    assert "There is no printer or material x" in refused(Path(__file__).parent, "printers", "x")


@pytest.mark.slow
def test_a_profile_of_prusaslicer_is_for_no_other_program(tmp_path: Path, cube: Path) -> None:
    words = ("--slice", "--slicer", "cura-engine", "--profile", "own.ini", "--out", tmp_path / "job")
    assert "--profile is for PrusaSlicer" in refused(tmp_path, "print", cube, *PLA, *words)


@pytest.mark.skipif(find_slicer() is None, reason="PrusaSlicer is not installed")
def test_a_plate_is_sliced_into_the_folder(tmp_path: Path, cube: Path) -> None:
    done = fluoroprint("print", cube, *PLA, "--slice", "--out", tmp_path / "job")
    assert done.code == 0, done.err
    assert {path.name for path in (tmp_path / "job").iterdir()} == {"plate-1.3mf", "plate-1.gcode"}
    assert "plate-1.gcode (PrusaSlicer: 3.0 ml, " in done.out

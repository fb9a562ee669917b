"""Planning by the command: PLAN.json and its table hold what the library finds."""

from __future__ import annotations

import json

import numpy as np
import pytest
from command_line import fluoroprint
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.files.plan_files import read_plan
from FluoroPrintLib.files.volumes import write_volume
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.shape.solids import engine, surface_of

SPACING_MM = 34.0


def cylinder(places, centre, radius, axis, low, high):
    across = np.delete(places - np.asarray(centre), axis, axis=-1)
    along = places[..., axis] - centre[axis]
    return (np.linalg.norm(across, axis=-1) <= radius) & (along >= low) & (along <= high)


def spine():
    """Two vertebrae of solids, canal along z at x = y = 0, on a grid as a scanner gives it."""
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0])
    matrix[:3, 3] = 55.0, 55.0, -40.0
    k, j, i = np.indices((81, 111, 111))
    p = np.stack([55.0 - i, 55.0 - j, k - 40.0], axis=-1)
    mask = np.zeros(p.shape[:3], bool)
    for z in (-SPACING_MM / 2, SPACING_MM / 2):
        vertebra = cylinder(p, (0, 25, z), 20, 2, -13, 13)
        vertebra |= cylinder(p, (-15, 0, z + 4), 6, 1, -14, 20) | cylinder(p, (15, 0, z + 4), 6, 1, -14, 20)
        vertebra |= cylinder(p, (0, 0, z), 19, 2, -9, 11) & (p[..., 1] < -2)
        mask |= vertebra & ~((p[..., 0] / 9) ** 2 + ((p[..., 1] + 1) / 8) ** 2 < 1)
    return Volume(mask.astype(np.uint8), matrix)


@pytest.fixture(scope="module")
def bone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spine")
    labels = spine()
    write_volume(folder / "bone.nrrd", labels)
    write_volume(folder / "volume.nrrd", labels.with_array(np.float32(labels.array_kji) * 800 + 50))
    return folder


def test_screws_are_planned_for_all_pedicles_and_measured_in_the_volume(bone):
    out = bone / "PLAN.json"
    words = ("--volume", bone / "volume.nrrd", "--region", "lumbar", "--out", out)
    done = fluoroprint("plan", "screws", bone / "bone.nrrd", *words)
    assert done.code == 0, done.err
    plan = read_plan(out)
    assert [screw.id for screw in plan.objects] == [
        "screw-level-1-left",
        "screw-level-1-right",
        "screw-level-2-left",
        "screw-level-2-right",
    ]
    for screw in plan.objects:
        assert screw.figures["grade"].value == "A"
        assert np.sign(screw.points["entry"][0][0]) == (-1 if screw.side == "left" else 1)
        assert screw.figures["relative density, mean"].value == pytest.approx(1.0, abs=0.1)
    lps = json.loads(out.read_text())["objects"][0]["points"]["entry"][0]
    np.testing.assert_allclose(lps, np.multiply(plan.objects[0].points["entry"][0], (-1, -1, 1)))
    assert "Level 1, left" in done.out
    assert "relative" in done.out
    assert "not a cleared medical device" in done.out


def test_a_corridor_takes_ras_and_the_file_holds_lps(tmp_path):
    model, out = tmp_path / "rod.stl", tmp_path / "PLAN.json"
    rod = engine().Manifold.cylinder(80, 9, 9, 64).translate((20, 10, 0))
    write_mesh(model, [NamedModel("Rod", (1, 1, 1), surface_of(rod))])
    ends = ("--entry", 20, 10, -5, "--target", 20, 10, 70, "--out", out)
    done = fluoroprint("plan", "corridor", model, *ends, "--trim-mm", 12)
    assert done.code == 0, done.err
    screw = read_plan(out).objects[0]
    np.testing.assert_allclose(screw.points["entry"][0], (20, 10, 0), atol=0.6)
    assert screw.figures["diameter"].value == 8.0
    assert screw.figures["margin"].value == pytest.approx(9 - 4, abs=0.6)
    assert json.loads(out.read_text())["objects"][0]["points"]["tip"][0][:2] == [-20.0, -10.0]


def test_a_region_needs_no_entry(tmp_path):
    rod = engine().Manifold.cylinder(120, 9, 9, 64).rotate((0, 90, 0)).translate((-40, 10, 0))
    halves = tmp_path / "half.stl", tmp_path / "other.stl"
    for path, part in zip(halves, rod.split_by_plane((1, 0, 0), 40), strict=True):
        write_mesh(path, [NamedModel("Rod", (1, 1, 1), surface_of(part))])
    words = ("--region", "iliosacral", "--side", "left", "--trim-mm", 10, "--out", tmp_path / "PLAN.json")
    done = fluoroprint("plan", "corridor", halves[0], "--together", halves[1], *words)
    assert done.code == 0, done.err
    screw = read_plan(tmp_path / "PLAN.json").objects[0]
    assert (screw.id, screw.side) == ("screw-iliosacral-left", "left")
    assert screw.points["entry"][0][0] < -30
    assert screw.points["tip"][0][0] == pytest.approx(22, abs=8)
    assert screw.figures["grade"].value == "A"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--entry", 90, 0, 0, "--target", 90, 0, 50), "meets no bone"),
        (("--entry", 20, 10, 0, "--target", 20, 10, 70, "--family", "brass"), "no family brass"),
        (("--entry", 20, 10, 0), "needs entry and target"),
        (("--region", "ramus"), "needs a side"),
        (("--region", "ramus", "--side", "left", "--entry", 1, 2, 3), "by itself"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_a_sentence(tmp_path, words, said):
    model = tmp_path / "rod.stl"
    rod = engine().Manifold.cylinder(80, 9, 9, 64).translate((20, 10, 0))
    write_mesh(model, [NamedModel("Rod", (1, 1, 1), surface_of(rod))])
    done = fluoroprint("plan", "corridor", model, *words, "--out", tmp_path / "PLAN.json")
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "PLAN.json").exists()


def test_a_model_in_metres_is_told_from_one_in_millimetres(tmp_path):
    model = tmp_path / "rod.stl"
    write_mesh(model, [NamedModel("Rod", (1, 1, 1), surface_of(engine().Manifold.cylinder(0.1, 0.01)))])
    ends = ("--entry", 0, 0, 0, "--target", 0, 0, 50, "--out", tmp_path / "PLAN.json")
    done = fluoroprint("plan", "corridor", model, *ends)
    assert done.code == 2
    assert "scale it to millimetres" in done.err


def test_a_vessel_is_planned_with_its_graft_and_reported(tmp_path):
    z, y, x = np.indices((130, 46, 46)) - np.array([0, 22.5, 22.5])[:, None, None, None]
    radius = np.select([z < 35, z < 76], [10.0, 20.0], 9.0)
    matrix = np.eye(4)
    matrix[:3, 3] = -22.5, -22.5, 0.0
    write_volume(tmp_path / "aorta.nrrd", Volume((np.hypot(x, y) <= radius).astype(np.uint8), matrix))
    out = tmp_path / "PLAN.json"
    ends = ("--start", 0, 0, 1, "--end", 0, 0, 128, "--neck", 0, 0, 10, "--distal", 0, 0, 120)
    done = fluoroprint("plan", "vessel", tmp_path / "aorta.nrrd", *ends, "--out", out)
    assert done.code == 0, done.err
    line, graft = read_plan(out).objects
    assert line.figures["neck length"].value == pytest.approx(25, abs=2)
    assert (graft.figures["diameter"].value, graft.figures["length"].value) == (24.0, 80.0)

    done = fluoroprint("plan", "report", out, "--bone", tmp_path / "aorta.nrrd", "--out", tmp_path / "report")
    assert done.code == 0, done.err
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "PLAN.json",
        "plan.csv",
        "plan.html",
    ]
    assert "Neck length" in (tmp_path / "report" / "plan.html").read_text(encoding="utf-8")
    assert read_plan(tmp_path / "report" / "PLAN.json") == read_plan(out)


def test_an_electrode_keeps_clear_of_what_must_be_spared(bone, tmp_path):
    out = tmp_path / "PLAN.json"
    places = ("--entry", 0, -60, 60, "--target", 0, -60, 10, "--side", "left")
    done = fluoroprint("plan", "electrode", bone / "bone.nrrd", *places, "--out", out)
    assert done.code == 0, done.err
    (planned,) = read_plan(out).objects
    assert (planned.id, planned.side) == ("electrode-left", "left")
    assert planned.figures["least clearance"].value > 3.0


def test_a_report_of_what_is_no_plan_is_refused_and_leaves_nothing(bone, tmp_path):
    done = fluoroprint("plan", "report", bone / "bone.nrrd", "--out", tmp_path / "report")
    assert done.code == 2
    assert "is no JSON" in done.err or "cannot be read" in done.err
    assert not (tmp_path / "report").exists()

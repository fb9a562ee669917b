"""Passes of instruments by the command: planned one after the other into a plan, replayed on the bone."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from command_line import fluoroprint
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.files.plan_files import read_plan
from FluoroPrintLib.files.volumes import write_volume
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of, signed_volume_mm3, triangles_of
from FluoroPrintLib.pipeline.plan_files import bone_in
from FluoroPrintLib.shape.solids import engine, surface_of

COLOUR = (0.9, 0.9, 0.8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A block of 40 x 40 x 10 mm below z = 0, and another one to be spared below it."""
    made = tmp_path_factory.mktemp("passes")
    block = engine().Manifold.cube((40, 40, 10), True)
    for name, z in (("bone", -5.0), ("vessel", -25.0)):
        write_mesh(made / f"{name}.stl", [NamedModel(name, COLOUR, surface_of(block.translate((0, 0, z))))])
    return made


def planned(folder, *words):
    done = fluoroprint("plan", *words, "--out", folder / "PLAN.json")
    assert done.code == 0, done.err
    return done


@pytest.fixture(scope="module")
def plan(folder):
    """A drilling, a wire across it, a saw cut: three commands, one plan."""
    bone, adds = folder / "bone.stl", ("--plan", folder / "PLAN.json")
    places = "--entry", "0", "0", "0", "--target", "0", "0", "-14"
    planned(folder, "drilling", bone, *places, "--diameter-mm", "4.5", "--spare", folder / "vessel.stl")
    places = "--entry", "-20", "0", "-5", "--target", "20", "0", "-5"
    planned(folder, "guide-wire", bone, *places, *adds)
    places = "--start", "-8", "10", "0", "--end", "8", "10", "0", "--target", "0", "10", "-6"
    planned(folder, "saw-cut", bone, *places, "--width-mm", "9", "--thickness-mm", "1", *adds)
    return folder / "PLAN.json"


def test_the_plan_holds_the_passes_in_their_order_with_their_figures(plan):
    drilling, wire, cut = read_plan(plan).objects
    assert [each.id for each in (drilling, wire, cut)] == ["drilling-1", "guide-wire-1", "saw-cut-1"]
    assert drilling.figures["removed"].value == pytest.approx(np.pi * 4.5**2 / 4 * 10, rel=1e-3)
    assert drilling.figures["removed, counted"].value == "in the model"
    assert (drilling.figures["breakthrough"].value, drilling.figures["overshoot"].value) == ("yes", 4.0)
    assert drilling.figures["tip to vessel"].value == pytest.approx(6.0, abs=0.4)
    assert wire.figures["in bone"].value == pytest.approx(40.0, abs=0.01)
    assert cut.figures["removed"].value == pytest.approx(16 * 6 * 1, rel=1e-3)


def test_a_replay_writes_the_bone_after_each_pass_and_what_each_took(plan, folder):
    out = folder / "after"
    done = fluoroprint("plan", "replay", plan, "--bone", folder / "bone.stl", "--out", out)
    assert done.code == 0, done.err
    with (out / "passes.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["object"] for row in rows] == ["drilling-1", "guide-wire-1", "saw-cut-1"]
    left = 40 * 40 * 10.0
    for row in rows:
        left -= float(row["removed_mm3"])
        surface = read_mesh(out / row["file"])
        volume = signed_volume_mm3(points_of(surface), triangles_of(surface))
        assert volume == pytest.approx(left, abs=0.1)
        assert float(row["left_mm3"]) == pytest.approx(left, abs=0.01)
    assert float(rows[1]["removed_mm3"]) < float(rows[1]["alone_mm3"]) - 10, "the hole was there before"
    assert "of its room were removed before" in done.out
    first = fluoroprint(
        "plan", "replay", plan, "--bone", folder / "bone.stl", "--upto", "1", "--out", folder / "one"
    )
    assert first.code == 0
    assert len(list((folder / "one").glob("*.stl"))) == 1


def test_a_second_pass_of_a_kind_gets_a_name_of_its_own(plan, folder):
    places = "--entry", "5", "0", "0", "--target", "5", "0", "-4"
    words = "drilling", folder / "bone.stl", *places, "--plan", plan, "--out", folder / "more.json"
    assert fluoroprint("plan", *words).code == 0
    last = read_plan(folder / "more.json").objects[-1]
    assert (last.id, last.label) == ("drilling-1-2", "Drilling 2")
    assert len(read_plan(plan).objects) == 3, "the plan added to stays as it is"


def test_other_segments_of_the_input_are_spared(folder):
    matrix = np.eye(4)
    matrix[:3, 3] = -14.5, -14.5, -24.5
    labels = np.zeros((30, 30, 30), np.uint8)
    labels[15:25, 5:25, 5:25] = 1
    labels[5:9, 5:25, 5:25] = 2
    write_volume(folder / "both.nrrd", Volume(labels, matrix))
    bone, vessel = (segment.name for segment in bone_in(folder / "both.nrrd").segments)
    places = "--entry", "0", "0", "0", "--target", "0", "0", "-12"
    words = "--segment", bone, "--spare", folder / "both.nrrd", "--out", folder / "spared.json"
    done = fluoroprint("plan", "drilling", folder / "both.nrrd", *places, *words)
    assert done.code == 0, done.err
    figures = read_plan(folder / "spared.json").objects[0].figures
    assert figures[f"tip to {vessel}"].value == pytest.approx(4.0, abs=0.1)
    assert f"tip to {bone}" not in figures
    assert figures["removed"].value == pytest.approx(np.pi * 3.2**2 / 4 * 10, rel=0.01)
    assert figures["removed, counted"].value == "in the model"


def test_faults_are_told(plan, folder):
    bone = folder / "bone.stl"
    replay = fluoroprint("plan", "replay", plan, "--bone", bone, "--upto", "7", "--out", folder / "x")
    assert replay.code != 0
    assert "choose 1 to" in replay.err
    assert not (folder / "x").exists()
    places = "--entry", "0", "0", "0", "--target", "0", "0", "-14"
    odd = fluoroprint("plan", "drilling", bone, *places, "--diameter-mm", "3.3", "--out", folder / "y.json")
    assert odd.code != 0
    assert "the sizes are 1.1" in odd.err
    spared = fluoroprint("plan", "drilling", bone, *places, "--spare", bone, "--out", folder / "y.json")
    assert spared.code != 0
    assert "--segment" in spared.err
    line = "--start", "0", "0", "0", "--end", "0", "0", "-1", "--target", "0", "0", "-5"
    along = fluoroprint("plan", "saw-cut", bone, *line, "--out", folder / "y.json")
    assert along.code != 0
    assert "lie on one line" in along.err

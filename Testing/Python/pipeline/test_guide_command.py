"""Guides by the command: a model that is closed, a plan that tells of it."""

from __future__ import annotations

import numpy as np
import pytest
from command_line import fluoroprint
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.files.plan_files import read_plan, write_plan
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.planning.plan import Figure, Plan, Planned
from FluoroPrintLib.shape.solids import engine, surface_of

QUICK = ("--grid-mm", 0.6, "--reach-mm", 6, "--cone-deg", 0)


@pytest.fixture(scope="module")
def bone(tmp_path_factory):
    path = tmp_path_factory.mktemp("bone") / "ball.stl"
    write_mesh(path, [NamedModel("Ball", (1, 1, 1), surface_of(engine().Manifold.sphere(20, 96)))])
    return path


def test_a_guide_is_written_and_added_to_a_plan_whose_screws_are_then_drilled(bone, tmp_path):
    out, plan = tmp_path / "guide.stl", tmp_path / "PLAN.json"
    ends = {"entry": ((0.0, 0.0, 20.0),), "tip": ((0.0, 2.0, -10.0),)}
    screw = Planned("screw-1", "Screw 1", "screw", points=ends, figures={"diameter": Figure(6.5, "mm")})
    write_plan(plan, Plan(objects=(screw,)))
    done = fluoroprint("plan", "guide", bone, "--plan", plan, "--out", out, *QUICK, "--process", "filament")
    assert done.code == 0, done.err
    assert check_mesh(read_mesh(out)).is_watertight
    kept = read_plan(plan)
    assert [planned.kind for planned in kept.objects] == ["screw", "guide"]
    guide = kept.named("guide-1")
    np.testing.assert_allclose(guide.points["drill targets"][0], kept.objects[0].points["tip"][0], atol=1e-3)
    assert guide.figures["bore diameter"].value == pytest.approx(2.5 + 0.4)
    assert guide.figures["overlap on removal"].value == 0.0
    for words in ("bore diameter", "2.9 mm", "Wrote", "not a cleared medical device"):
        assert words in done.out


def test_drills_and_cuts_may_be_given_by_hand_several_at_once(bone, tmp_path):
    words = ("--entry", -4, 0, 20, "--target", -4, 0, 0, "--entry", 4, 0, 20, "--target", 4, 0, 0)
    cut = ("--plane", 0, 0, 20, 1, 0, 0, "--slot-length-mm", 6, "--direction", 0, 0, 1)
    done = fluoroprint("plan", "guide", bone, *words, *cut, "--out", tmp_path / "guide.stl", *QUICK)
    assert done.code == 0, done.err
    depths = next(line for line in done.out.splitlines() if line.startswith("drill depths"))
    found = [float(word.rstrip(",")) for word in depths.split("ends")[1].split()[:-1]]
    # The sleeve is 12 mm long from the bone, whose surface lies at the root of 20^2 - 4^2 there.
    np.testing.assert_allclose(found, 12 + np.sqrt(20**2 - 4**2), atol=0.03)
    assert "slot width" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--entry", 0, 0, 20), "a pair each"),
        ((), "needs a drill or a cut"),
        (("--screw", "screw-1"), "give --plan"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_written(bone, tmp_path, words, said):
    done = fluoroprint("plan", "guide", bone, *words, "--out", tmp_path / "guide.stl")
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "guide.stl").exists()

"""Cuts, plates and pieces by the command: what is planned is written, each model closed and in its place."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import fluoroprint
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.bending_table import COLUMNS, read_bending_table, write_bending_table
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.files.plan_files import read_plan
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.planning.reduction import mirrored
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))

from bone_solids import box, cap_places, lump, shell


def bone_file(path, surface):
    write_mesh(path, [NamedModel("Bone", (1, 1, 1), surface)])
    return path


@pytest.fixture(scope="module")
def shaft(tmp_path_factory):
    return bone_file(tmp_path_factory.mktemp("shaft") / "shaft.stl", box((30, 20, 80)))


def test_an_osteotomy_is_planned_and_its_pieces_are_written(shaft, tmp_path):
    plan, out = tmp_path / "PLAN.json", tmp_path / "pieces"
    words = ("--cut", 0, 0, 0, "--towards", 0, 0, 30, "--hinge", -15, 0, 0, "--angle-deg", 10, "--kerf-mm", 0)
    done = fluoroprint("plan", "osteotomy", shaft, *words, "--out", plan)
    assert done.code == 0, done.err
    assert "5.23 mm" in done.out
    done = fluoroprint("plan", "pieces", plan, "--bone", shaft, "--out", out)
    assert done.code == 0, done.err
    pieces = [solid_of(read_mesh(path)) for path in sorted(out.glob("osteotomy-1-piece-*.stl"))]
    assert [piece.volume() for piece in pieces] == pytest.approx([24000, 24000], rel=1e-5)
    tops = sorted(piece.bounding_box()[5] for piece in pieces)
    assert tops[0] == pytest.approx(0, abs=1e-4)
    assert tops[1] == pytest.approx(40 * np.cos(np.radians(10)) + 30 * np.sin(np.radians(10)), abs=1e-3)
    assert (pieces[0] ^ pieces[1]).volume() < 1e-3


def closed_curve(path, places):
    """A closed curve as Slicer writes it: LPS, its points with labels of its own."""
    points = [
        {"label": f"CC-{number}", "position": [-x, -y, z], "positionStatus": "defined"}
        for number, (x, y, z) in enumerate(places, 1)
    ]
    markup = {"type": "ClosedCurve", "coordinateSystem": "LPS", "controlPoints": points}
    path.write_text(json.dumps({"markups": [markup]}))
    return path


@pytest.mark.slow
def test_a_flap_along_a_closed_curve_of_slicer_is_written_with_its_rest(tmp_path):
    skull, plan = bone_file(tmp_path / "skull.stl", shell(60, 54)), tmp_path / "PLAN.json"
    out = tmp_path / "out"
    curve = closed_curve(tmp_path / "curve.mrk.json", cap_places(60.0, 0.5))
    done = fluoroprint("plan", "craniotomy", skull, "--landmarks", curve, "--side", "left", "--out", plan)
    assert done.code == 0, done.err
    typed = [word for place in cap_places(60.0, 0.5) for word in ("--place", *place)]
    again = tmp_path / "again.json"
    assert fluoroprint("plan", "craniotomy", skull, *typed, "--side", "left", "--out", again).code == 0
    (one,), (other,) = read_plan(plan).objects, read_plan(again).objects
    assert one.figures["flap volume"].value == pytest.approx(other.figures["flap volume"].value, rel=1e-4)
    assert (one.label, one.figures["kerf"].value) == ("Craniotomy, left", 1.5)
    done = fluoroprint("plan", "pieces", plan, "--bone", skull, "--out", out)
    assert done.code == 0, done.err
    flap, rest = (solid_of(read_mesh(out / f"craniotomy-left-{word}.stl")) for word in ("flap", "rest"))
    assert flap.volume() == pytest.approx(one.figures["flap volume"].value, rel=1e-4)
    assert (flap ^ rest).volume() < 0.01
    done = fluoroprint("plan", "craniotomy", skull, "--place", 0, 0, 60, "--out", plan)
    assert "three places" in done.err


def test_places_of_a_plate_come_from_a_file_and_a_guide_drills_its_holes(tmp_path):
    bone = bone_file(tmp_path / "shaft.stl", box((30, 40, 80)))
    places, plan, out = tmp_path / "places.txt", tmp_path / "PLAN.json", tmp_path / "out"
    places.write_text("15 0 -20 plate-1\n15 0 0 plate-2\n15 0 6.5 plate-3\n")
    words = ("--landmarks", places, "--family", "plate-straight-3.5", "--out", plan)
    done = fluoroprint("plan", "plate", bone, *words)
    assert done.code == 0, done.err
    assert "Plate, 3 holes" in done.out
    done = fluoroprint("plan", "pieces", plan, "--bone", bone, "--out", out)
    assert done.code == 0, done.err
    names = {"plate-1.stl", "plate-1-template.stl", "plate-1-bends.csv"}
    assert {path.name for path in out.iterdir()} == names
    assert len(read_bending_table(out / "plate-1-bends.csv")) == 3
    assert solid_of(read_mesh(out / "plate-1-template.stl")).bounding_box()[0] == pytest.approx(15, abs=1e-3)
    quick = ("--grid-mm", 0.6, "--reach-mm", 6, "--cone-deg", 0, "--plate-depth-mm", 15)
    guide = tmp_path / "guide.stl"
    done = fluoroprint("plan", "guide", bone, "--plan", plan, "--plate", "plate-1", "--out", guide, *quick)
    assert done.code == 0, done.err
    kept = read_plan(plan)
    feet = np.array(kept.named("guide-1").points["drill feet"])
    np.testing.assert_allclose(feet, kept.named("plate-1").points["holes"], atol=0.05)
    targets = np.array(kept.named("guide-1").points["drill targets"])
    np.testing.assert_allclose(targets, feet - (15, 0, 0), atol=0.05)


def test_segments_of_a_donor_are_written_in_their_places(tmp_path):
    donor = bone_file(
        tmp_path / "donor.stl", surface_of(engine().Manifold.cylinder(100, 6, 6, 64).translate((200, 0, -50)))
    )
    jaw, plan, out = tmp_path / "jaw.stl", tmp_path / "PLAN.json", tmp_path / "out"
    bone_file(jaw, box((10, 10, 10)))
    words = ("--line", 0, 0, 0, "--line", 30, 0, 0, "--line", 30, 25, 0, "--up", 0, 0, 10)
    ends = ("--donor", 200, 0, -40, "--donor", 200, 0, 45, "--donor-up", 200, 20, 0)
    done = fluoroprint("plan", "mandible", jaw, *words, *ends, "--together", donor, "--out", plan)
    assert done.code == 0, done.err
    done = fluoroprint("plan", "pieces", plan, "--donor", donor, "--out", out)
    assert done.code == 0, done.err
    one, two = (solid_of(read_mesh(out / f"segment-{number}.stl")) for number in (1, 2))
    assert two.volume() == pytest.approx(np.pi * 36 * 25, rel=0.005)
    assert two.bounding_box()[4] == pytest.approx(25, abs=1e-3)
    assert (one ^ two).volume() < 0.1


def test_fragments_are_written_where_they_belong(tmp_path):
    whole = lump()
    high, low = whole.split_by_plane((0, 0.3, 1), 4.0)
    broken = bone_file(tmp_path / "broken.stl", surface_of(high + low.translate((1, 2, -5))))
    other = bone_file(tmp_path / "other.stl", mirrored(surface_of(whole)))
    plan, out = tmp_path / "PLAN.json", tmp_path / "out"
    done = fluoroprint("plan", "reduction", broken, "--together", other, "--side", "right", "--out", plan)
    assert done.code == 0, done.err
    done = fluoroprint("plan", "pieces", plan, "--bone", broken, "--out", out)
    assert done.code == 0, done.err
    one, two = (solid_of(read_mesh(out / f"fragment-{number}.stl")) for number in (1, 2))
    gap = np.subtract((one + two).bounding_box(), (high + low).bounding_box())
    kept_low = one.bounding_box()[2] < two.bounding_box()[2]
    expected = (1, 2, -5) if kept_low else (0, 0, 0)
    assert np.abs(gap - np.tile(expected, 2)).max() < 0.3
    done = fluoroprint("plan", "pieces", plan, "--bone", other, "--out", tmp_path / "wrong")
    assert done.code == 2
    assert "not in this bone" in done.err


def test_what_lacks_its_bone_is_said_and_nothing_is_written(shaft, tmp_path):
    plan, out = tmp_path / "PLAN.json", tmp_path / "out"
    fluoroprint("plan", "osteotomy", shaft, "--cut", 0, 0, 0, "--towards", 0, 0, 9, "--out", plan)
    done = fluoroprint("plan", "pieces", plan, "--out", out)
    assert done.code == 2
    assert "give --bone" in done.err
    assert not out.exists()
    done = fluoroprint("plan", "guide", shaft, "--plate", "plate-1", "--out", tmp_path / "guide.stl")
    assert "give --plan" in done.err


def test_a_table_that_is_none_is_refused(tmp_path):
    path = tmp_path / "bends.csv"
    write_bending_table(path, [(1, 0.0, -12.345, 3.0)])
    assert read_bending_table(path)[0] == pytest.approx((1, 0, -12.345, 3), abs=0.01)
    assert len(COLUMNS) == 4
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FluoroPrintError, match="no table of bends"):
        read_bending_table(path)

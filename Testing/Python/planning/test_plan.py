"""A plan is immutable, its locked objects stay, and the file gives back what was written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from FluoroPrintLib.catalog.schema import faults_of
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.plan_files import read_plan, write_plan
from FluoroPrintLib.planning.plan import (
    USER,
    Decision,
    Figure,
    Plan,
    Planned,
    moved,
    with_decision,
    with_lock,
    with_planned,
    without_planned,
)

SCREW = Planned(
    "screw-1-left",
    "Screw 1, left",
    "screw",
    "left",
    {"entry": ((1.0, 2.0, 3.0),), "target": ((-4.0, 5.5, 6.0),)},
    {"axis": ((0.6, 0.0, -0.8),)},
    {"margin": Figure(1.25, "mm"), "grade": Figure("A"), "curve": Figure((1.0, 2.0), "mm")},
    (Decision("diameter 6.5 mm", USER, "2026-01-02T03:04:05", {"least": Figure(4.5, "mm")}, "as asked"),),
    locked=True,
)
PLAN = Plan("C-12", "left", (SCREW, Planned("cup", "Cup", "cup")), ("Relative density only.",))


def content(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_plan_read_is_the_plan_written(tmp_path):
    write_plan(tmp_path / "PLAN.json", PLAN)
    assert read_plan(tmp_path / "PLAN.json") == PLAN


def test_the_file_holds_lps(tmp_path):
    write_plan(tmp_path / "PLAN.json", PLAN)
    written = content(tmp_path / "PLAN.json")
    screw = written["objects"][0]
    assert (written["frame"], written["units"], written["version"]) == ("LPS", "mm", 1)
    assert screw["points"] == {"entry": [[-1.0, -2.0, 3.0]], "target": [[4.0, -5.5, 6.0]]}
    assert screw["directions"] == {"axis": [[-0.6, 0.0, -0.8]]}
    assert "not a cleared medical device" in written["intended_use"]


def test_an_object_takes_the_place_of_the_one_with_its_id():
    larger = replace(PLAN.objects[1], label="Larger cup")
    changed = with_planned(PLAN, larger)
    assert changed.objects == (SCREW, larger)
    assert PLAN.objects[1].label == "Cup"
    assert with_planned(PLAN, Planned("rod", "Rod", "rod")).objects[-1].id == "rod"


def test_a_locked_object_stays_until_it_is_unlocked():
    with pytest.raises(FluoroPrintError, match="screw-1-left is locked"):
        with_planned(PLAN, replace(SCREW, label="Other"))
    with pytest.raises(FluoroPrintError, match="screw-1-left is locked"):
        without_planned(PLAN, SCREW.id)
    assert without_planned(with_lock(PLAN, SCREW.id, False), SCREW.id).objects == PLAN.objects[1:]


def test_an_object_that_is_not_there_is_a_fault_that_lists_what_is():
    with pytest.raises(FluoroPrintError, match="no plate: screw-1-left, cup"):
        PLAN.named("plate")


def test_a_moved_object_has_its_places_moved_and_its_directions_turned():
    quarter_about_z = np.array([[0, -1, 0, 10], [1, 0, 0, 20], [0, 0, 1, 30], [0, 0, 0, 1.0]])

    found = moved(SCREW, quarter_about_z)

    assert found.points["entry"] == ((8.0, 21.0, 33.0),)
    assert found.directions["axis"] == ((0.0, 0.6, -0.8),)
    assert (found.id, found.figures, found.decisions) == (SCREW.id, SCREW.figures, SCREW.decisions)


def test_decisions_are_kept_in_order():
    made = with_decision(SCREW, Decision("length 40 mm"))
    assert [decision.what for decision in made.decisions] == ["diameter 6.5 mm", "length 40 mm"]


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("version",), 2, "newer than 1: update"),
        (("frame",), "RAS", "frame is 'RAS'"),
        (("objects", 0, "id"), "cup", "two objects are called cup"),
        (("objects", 0, "points", "entry"), [[1, 2]], r"objects\[0\].points.entry\[0\] has 2 values"),
        (("objects", 0, "points", "entry"), [[1, 2, float("nan")]], "is nan, out of bounds"),
        (("objects", 0, "points", "entry"), [[1, 2, float("inf")]], "no number"),
        (("objects", 0, "figures", "margin", "value"), True, "no number or string or array"),
        (("objects", 0, "decisions", 0, "by"), "me", "not one of automatic, user"),
        (("objects", 0, "shape"), 1, r"objects\[0\].shape is unknown"),
    ],
)
def test_a_faulty_file_is_refused_in_a_sentence(tmp_path, where, value, said):
    path = tmp_path / "PLAN.json"
    write_plan(path, PLAN)
    inner = changed = content(path)
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value
    path.write_text(json.dumps(changed))
    with pytest.raises(FluoroPrintError, match=said) as fault:
        read_plan(path)
    assert str(path) in str(fault.value)


@pytest.mark.parametrize("text", [None, "[1", "\x80"])
def test_what_is_no_plan_is_refused(tmp_path, text):
    path = tmp_path / "PLAN.json"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    with pytest.raises(FluoroPrintError, match=r"PLAN\.json (is no JSON|cannot be read)"):
        read_plan(path)


def test_a_plan_that_does_not_fit_is_not_written(tmp_path):
    path = tmp_path / "PLAN.json"
    write_plan(path, PLAN)
    before = path.read_bytes()
    with pytest.raises(FluoroPrintError, match="margin.value is nan"):
        write_plan(path, Plan(objects=(replace(SCREW, figures={"margin": Figure(float("nan"))}),)))
    assert path.read_bytes() == before


def test_a_schema_may_allow_several_kinds():
    either = {"type": ["number", "string"]}
    assert list(faults_of(1, either)) == list(faults_of("a", either)) == []
    assert list(faults_of([], either)) == ["it is no number or string"]

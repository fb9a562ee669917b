"""A hip by the command: the cup of a socket of solids, from bone and landmarks in files."""

from __future__ import annotations

import re

import numpy as np
import pytest
from command_line import fluoroprint
from FluoroPrintLib.files.plan_files import read_plan
from FluoroPrintLib.files.volumes import write_volume
from FluoroPrintLib.geometry.volume import Volume

CENTRE, RADIUS_MM = np.array([85.0, -30.0, -70.0]), 24.0
PELVIS = """-120 30 0 asis-left
120 30 0 asis-right
-25 30 -90 pubic-tubercle-left
25 30 -90 pubic-tubercle-right
"""
FEMUR = """85 -30 -70 femoral head right
123 -30 -75 femoral shaft proximal right
123 -30 -200 femoral shaft distal right
"""

IN_CANAL = """85 -30 -70 femoral head right
121 -29 -130 femoral shaft proximal right
119 -31 -270 femoral shaft distal right
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A half socket that opens laterally and down, on a grid as a scanner gives it."""
    folder = tmp_path_factory.mktemp("hip")
    step = 1.6
    count = 56
    matrix = np.diag([-step, -step, step, 1.0])
    matrix[:3, 3] = CENTRE + np.array([1, 1, -1]) * step * (count - 1) / 2
    k, j, i = np.indices((count,) * 3)
    p = np.stack([-i, -j, k], axis=-1) * step + matrix[:3, 3] - CENTRE
    away = np.linalg.norm(p, axis=-1)
    bone = (away > RADIUS_MM) & (away < 40) & (p @ np.array([0.64, 0.26, -0.72]) < 0)
    write_volume(folder / "pelvis.nrrd", Volume(bone.astype(np.uint8), matrix))
    k, j, i = np.indices((160, 24, 24))
    radius = np.hypot(i - 11.5, j - 11.5) * step
    shaft = (radius < 18) & (radius > 14.5)
    matrix = np.diag([-step, -step, step, 1.0])
    matrix[:3, 3] = 120 + 11.5 * step, -30 + 11.5 * step, -310
    write_volume(folder / "femur.nrrd", Volume(shaft.astype(np.uint8), matrix))
    write_volume(folder / "filled.nrrd", Volume((radius < 18).astype(np.uint8), matrix))
    (folder / "pelvis.txt").write_text(PELVIS)
    (folder / "canal.txt").write_text(PELVIS + IN_CANAL)
    (folder / "all.txt").write_text(PELVIS + FEMUR)
    return folder


def test_a_cup_is_planned_by_the_landmarks_of_the_pelvis_alone(files):
    out = files / "PLAN.json"
    words = ("--landmarks", files / "pelvis.txt", "--side", "right", "--inclination-deg", 45, "--out", out)
    done = fluoroprint("plan", "cup", files / "pelvis.nrrd", *words)
    assert done.code == 0, done.err
    plan = read_plan(out)
    assert [planned.id for planned in plan.objects] == ["pelvis", "cup-right"]
    cup = plan.named("cup-right")
    assert np.linalg.norm(np.subtract(cup.points["centre"][0], CENTRE)) < 0.8
    assert abs(cup.figures["diameter"].value - 2 * RADIUS_MM) <= 2
    assert cup.figures["radiographic inclination"].value == pytest.approx(45.0)
    assert re.search(r"radiographic inclination +45 °", done.out)
    assert "not enforced" in done.out
    assert "not a cleared medical device" in done.out


def test_with_the_femur_a_stem_and_what_it_changes_are_planned_too(files):
    out = files / "WHOLE.json"
    words = ("--landmarks", files / "all.txt", "--side", "right", "--out", out)
    done = fluoroprint("plan", "cup", files / "pelvis.nrrd", *words)
    assert done.code == 0, done.err
    plan = read_plan(out)
    assert [planned.id for planned in plan.objects] == ["pelvis", "cup-right", "stem-right", "head-right"]
    assert abs(plan.named("stem-right").figures["leg length, change"].value) < 1.0
    assert "leg length, change" in done.out


@pytest.mark.slow
def test_with_the_femur_itself_the_stem_is_fitted_to_its_canal(files):
    out = files / "FITTED.json"
    words = ("--landmarks", files / "canal.txt", "--side", "right", "--out", out)
    done = fluoroprint("plan", "cup", files / "pelvis.nrrd", "--together", files / "femur.nrrd", *words)
    assert done.code == 0, done.err
    stem, head = (read_plan(out).named(f"{name}-right") for name in ("stem", "head"))
    assert np.abs(np.subtract(stem.points["origin"][0], (120, -30, 0))[:2]).max() < 0.3
    assert stem.figures["room in the canal"].value >= 0.5
    assert stem.figures["canal, narrowest"].value == pytest.approx(29.0, abs=1.6)
    assert 40 < stem.figures["canal fill, lower"].value < stem.figures["canal fill, upper"].value < 100
    assert head.figures["liner thickness"].value >= 5.0
    done = fluoroprint("plan", "cup", files / "pelvis.nrrd", "--together", files / "filled.nrrd", *words)
    assert done.code == 0, done.err
    plan = read_plan(out)
    assert any("no medullary canal" in note for note in plan.notes)
    assert [planned.id for planned in plan.objects] == ["pelvis", "cup-right"]


@pytest.mark.parametrize(
    ("landmarks", "words", "said"),
    [
        ("1 2 3 asis-left", ("--side", "right"), "needs the places asis-right, pubic-tubercle-left"),
        (PELVIS, ("--side", "left"), "no bone about the hip"),
        (PELVIS + "85 -30 -38 femoral-head-right", ("--side", "right"), "lies in bone"),
        (PELVIS, (), "needs a side"),
        (PELVIS, ("--side", "right", "--segment", "Femur"), "has no segment Femur"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_a_sentence(files, tmp_path, landmarks, words, said):
    (tmp_path / "given.txt").write_text(landmarks)
    given = ("--landmarks", tmp_path / "given.txt", *words, "--out", tmp_path / "PLAN.json")
    done = fluoroprint("plan", "cup", files / "pelvis.nrrd", *given)
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "PLAN.json").exists()


def test_implants_are_listed_with_those_of_the_user(tmp_path):
    done = fluoroprint("implants")
    assert done.code == 0
    assert "cup-hemispherical" in done.out
    assert "diameter_mm 42 to 72, 16 sizes" in done.out
    own = tmp_path / "own.json"
    own.write_text(
        '{"version": 1, "implants": [{"id": "own-wire", "title": "Own wires", "kind": "wire", "sources": {},'
        ' "dimensions": {"diameter_mm": [1.5], "length_mm": [90], "point_deg": [40]}}]}'
    )
    assert fluoroprint("implants", own).out.startswith("own-wire")
    own.write_text("{}")
    assert "version is missing" in fluoroprint("implants", own).err

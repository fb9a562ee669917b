"""Hips as objects of a plan: figures of cups, the way through a file, stems, leg length and offset."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.catalog.implants import implant_family
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.plan_files import read_plan, write_plan
from FluoroPrintLib.mesh.polydata import points_of, signed_volume_mm3, triangles_of
from FluoroPrintLib.planning.acetabulum import find_acetabulum
from FluoroPrintLib.planning.cup import QUADRANTS, Cup, CupParameters
from FluoroPrintLib.planning.cup_angles import axis_of_radiographic, out_of_hip, pelvis_frame
from FluoroPrintLib.planning.cup_objects import (
    change_figures,
    cup_of,
    hip_plan,
    measured_cup,
    pelvis_of,
    planned_cup,
    planned_pelvis,
    surface_of_cup,
)
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.hip_stem import hip_changes, stem_for_head
from FluoroPrintLib.planning.hip_stem_objects import planned_head, planned_stem, stem_of
from FluoroPrintLib.planning.implant_objects import surface_of_implant
from FluoroPrintLib.planning.implants import chosen_implant
from FluoroPrintLib.planning.plan import moved
from hip_solids import NATIVE_DEG, centre, hip, landmarks, native_axis
from planning_solids import grid, places_of, rotation

SIZES = tuple(float(size) for size in range(42, 73, 2))
FRAME = pelvis_frame(landmarks())


def a_cup(side="right", angles=(40.0, 15.0)):
    axis = tuple(out_of_hip(axis_of_radiographic(angles), FRAME, side).tolist())
    return planned_cup(Cup(tuple(centre(side)), axis, 54.0), side, FRAME, 4.0)


@pytest.fixture(scope="module")
def left_plan():
    field = bone_field(hip("left", voxel_mm=1.6))
    socket = find_acetabulum(field, centre("left"))
    return field, hip_plan("case", "left", landmarks(), field, socket, SIZES, 4.0, CupParameters())


def test_a_plan_of_a_hip_holds_pelvis_and_cup_and_passes_through_a_file(left_plan, tmp_path):
    _, plan = left_plan
    write_plan(tmp_path / "PLAN.json", plan)
    again = read_plan(tmp_path / "PLAN.json")
    pelvis, cup = again.objects
    assert (pelvis.id, cup.id, again.side) == ("pelvis", "cup-left", "left")
    given, frame = pelvis_of(pelvis)
    np.testing.assert_allclose([*vars(given).values()], [*vars(landmarks()).values()], atol=1e-4)
    np.testing.assert_allclose(frame.axes_ras, FRAME.axes_ras, atol=1e-6)
    figures = {name: figure.value for name, figure in cup.figures.items()}
    assert figures["diameter"] in (52.0, 54.0)
    assert figures["radiographic inclination"] == pytest.approx(40.0)
    assert figures["operative inclination"] == pytest.approx(38.381, abs=1e-3)
    assert figures["anatomic anteversion"] == pytest.approx(22.629, abs=1e-3)
    native = (figures["native radiographic inclination"], figures["native radiographic anteversion"])
    np.testing.assert_allclose(native, NATIVE_DEG, atol=2.0)
    assert figures["safe zone"] == "within"
    assert 50 < figures["coverage"] < 95
    assert all(f"screw {quadrant}, depth" in figures for quadrant in QUADRANTS)
    assert "not enforced" in again.notes[0]
    assert [decision.by for decision in cup.decisions] == ["automatic"] * 3


@pytest.mark.slow
def test_a_socket_that_is_not_round_is_told_of(left_plan):
    """An egg of a socket is a sphere of no size: the plan says so, that of a round one does not."""
    assert len(left_plan[1].notes) == 1
    volume = grid((84.0,) * 3, (1.5,) * 3, centre())
    p = places_of(volume) - centre()
    egg = (np.linalg.norm(p / (22, 29, 25), axis=-1) > 1) & (p @ native_axis() < 0)
    field = bone_field(volume.with_array(egg.astype(np.uint8)))
    socket = find_acetabulum(field, centre())
    plan = hip_plan("case", "right", landmarks(), field, socket, SIZES, 4.0, CupParameters(size_mm=54.0))
    assert "not round" in plan.notes[1]
    assert plan.named("cup-right").decisions[1].by == "user"


def test_a_turned_cup_is_measured_again_and_out_of_bone_loses_what_bone_said(left_plan):
    field, plan = left_plan
    pelvis, cup = plan.objects
    about, matrix = np.asarray(cup.points["centre"][0]), np.eye(4)
    matrix[:3, :3] = rotation(0, -20.0)
    matrix[:3, 3] = about - matrix[:3, :3] @ about
    turned = measured_cup(moved(cup, matrix), pelvis, field, CupParameters())
    operative = [figures["operative anteversion"].value for figures in (cup.figures, turned.figures)]
    assert operative[0] - operative[1] == pytest.approx(20.0, abs=1e-3)
    assert turned.figures["safe zone"].value == "outside"
    assert turned.figures["coverage"] != cup.figures["coverage"]
    bare = measured_cup(cup, pelvis, None, CupParameters())
    assert "coverage" not in bare.figures
    assert not any(name.startswith("screw") for name in (*bare.figures, *bare.directions))


def test_a_tilted_pelvis_keeps_its_tilt_in_the_plan():
    pelvis = planned_pelvis(landmarks(), 10.0)
    axes = pelvis_of(pelvis)[1].axes_ras
    np.testing.assert_allclose(axes, pelvis_frame(landmarks(), 10.0).axes_ras)
    leaning = measured_cup(a_cup(), pelvis, None, CupParameters())
    assert leaning.figures["operative anteversion"].value == pytest.approx(19.279 - 10.0, abs=1e-3)


@pytest.mark.parametrize("side", ["right", "left"])
def test_the_shell_is_a_half_sphere_that_opens_along_the_axis(side):
    planned = a_cup(side)
    surface, cup = surface_of_cup(planned), cup_of(planned)
    along = (points_of(surface) - cup.centre_ras) @ cup.axis_ras
    assert (along.min(), along.max()) == pytest.approx((-27.0, 0.0), abs=0.02)
    inside = signed_volume_mm3(points_of(surface), triangles_of(surface))
    assert inside == pytest.approx(2 / 3 * np.pi * (27**3 - 23**3), rel=3e-3)


def test_what_is_no_cup_or_pelvis_is_refused():
    with pytest.raises(FluoroPrintError, match="is no cup"):
        cup_of(replace(a_cup(), points={}))
    with pytest.raises(FluoroPrintError, match="is no cup with a diameter"):
        cup_of(replace(a_cup(), kind="screw"))
    with pytest.raises(FluoroPrintError, match="is no pelvis"):
        pelvis_of(a_cup())


@pytest.mark.parametrize(("side", "outward"), [("right", 1.0), ("left", -1.0)])
def test_a_longer_neck_lengthens_the_leg_and_adds_offset(side, outward):
    native = centre(side)
    proximal, distal = native + (40.0 * outward, 0, 10), native + (40.0 * outward, 0, -120)
    exact = 40.0 / np.sin(np.radians(130))
    stem = stem_for_head(tuple(native), tuple(proximal), tuple(distal), 130.0, (exact,))
    np.testing.assert_allclose(stem.head_ras, native, atol=1e-9)
    assert stem.offset_mm == pytest.approx(40.0)
    longer = replace(stem, neck_mm=exact + 5.0)
    cup = native + (-2.0 * outward, 0.0, 3.0)
    changes = hip_changes(tuple(cup), tuple(longer.head_ras), tuple(native), FRAME, side)
    assert changes.leg_length_mm == pytest.approx(5 * np.cos(np.radians(50)) - 3.0)
    assert changes.offset_mm == pytest.approx(5 * np.sin(np.radians(50)) - 2.0)
    np.testing.assert_allclose(changes.centre_mm, (-2.0, 0.0, 3.0), atol=1e-9)
    assert change_figures(changes)["leg length, change"].value == pytest.approx(0.214, abs=1e-3)


def test_a_neck_of_the_catalogue_keeps_leg_length():
    family = implant_family("stem-straight")
    native, proximal, distal = (85.0, -30.0, -70.0), (121.0, -32.0, -80.0), (114.0, -35.0, -200.0)
    stem = stem_for_head(native, proximal, distal, 130.0, family.sizes("neck_mm"))
    assert stem.neck_mm in family.sizes("neck_mm")
    assert np.subtract(stem.head_ras, native) @ stem.distal_ras == pytest.approx(0.0, abs=1e-9)
    assert np.linalg.norm(stem.head_ras - native) < 0.5
    planned = planned_stem(stem, "right", chosen_implant(family), {})
    again = stem_of(planned)
    np.testing.assert_allclose(again.head_ras, stem.head_ras, atol=1e-9)
    assert again.offset_mm == pytest.approx(stem.offset_mm)
    head = planned_head(stem, "right", chosen_implant(implant_family("head-12-14"), diameter_mm=36))
    middle = points_of(surface_of_implant(head)) - stem.head_ras
    assert np.linalg.norm(middle, axis=1).max() == pytest.approx(18.0, abs=0.05)
    neck = points_of(surface_of_implant(planned)) - stem.head_ras
    assert np.linalg.norm(neck, axis=1).min() < 10.0
    with pytest.raises(FluoroPrintError, match="no stem"):
        stem_of(head)


def test_landmarks_of_the_femur_that_are_none_are_refused():
    with pytest.raises(FluoroPrintError, match="are one"):
        stem_for_head((0, 0, 0), (40, 0, 0), (40, 0, -1), 130.0, (40.0,))
    with pytest.raises(FluoroPrintError, match="lies in the axis"):
        stem_for_head((40, 0, 20), (40, 0, 0), (40, 0, -90), 130.0, (40.0,))

"""Passes of instruments against plates and blocks: volumes, ways and crossings by their closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.catalog.families import plan_catalogue
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.plan_files import read_plan, write_plan
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.polydata import points_of, triangles_of
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.history import History
from FluoroPrintLib.planning.instrument import DrillPass, SawPass
from FluoroPrintLib.planning.instrument_bone import (
    InstrumentParameters,
    depth_in,
    removed_from,
    removed_in_samples,
    spared_by,
    way_of,
)
from FluoroPrintLib.planning.instrument_objects import (
    DRILLING,
    GUIDE_WIRE,
    pass_of,
    passes_of,
    planned_drilling,
    planned_saw_cut,
    surface_of_pass,
)
from FluoroPrintLib.planning.kind import BAD, DOUBTFUL, GOOD, UNKNOWN, Surroundings
from FluoroPrintLib.planning.kinds import kind_of
from FluoroPrintLib.planning.plan import Figure, Plan, with_planned
from FluoroPrintLib.planning.replay import PASS, bone_after, replayed
from FluoroPrintLib.shape.solids import engine, surface_of
from vtkmodules.util.numpy_support import vtk_to_numpy

ASKED = InstrumentParameters()
THICK, WIDE = 10.0, 40.0
D = 3.2
POINT_MM = D / 2
"""A cone of 90 degrees is as long as its radius."""


@pytest.fixture(scope="module")
def plate():
    """A plate from z = 0 down to -10 mm."""
    return surface_of(engine().Manifold.cube((WIDE, WIDE, THICK), True).translate((0, 0, -THICK / 2)))


@pytest.fixture(scope="module")
def field():
    """The same plate as a field on a grid of 0.5 mm whose voxels' faces lie in those of the plate."""
    matrix = np.diag([0.5, 0.5, 0.5, 1.0])
    matrix[:3, 3] = -24.75, -24.75, -14.75
    mask = np.zeros((40, 100, 100), np.uint8)
    mask[10:30, 10:90, 10:90] = 1
    return bone_field(Volume(mask, matrix))


def drill(entry=(0.0, 0.0, 0.0), tip=(0.0, 0.0, -14.0), diameter=D, point=90.0):
    return DrillPass(entry, tip, diameter, point)


def saw(depth=6.0, start=(-8.0, 0.0, 0.0), end=(8.0, 0.0, 0.0), width=9.0, thickness=0.6):
    return SawPass(start, end, (0.0, 0.0, -1.0), depth, width, thickness)


def drilled(name="drilling-1", **places):
    return planned_drilling(DRILLING, name, "Drilling", drill(**places), "drill-bit")


def sawn(name="saw-cut-1", **sizes):
    return planned_saw_cut(name, "Saw cut", saw(**sizes), "saw-blade")


def test_a_drill_through_a_plate_removes_a_cylinder(plate):
    removed = removed_from(plate, drill(), ASKED)
    assert removed.volume_mm3 == pytest.approx(np.pi * D**2 / 4 * THICK, rel=1e-4)
    assert removed.cortex_mm3 == pytest.approx(np.pi * D**2 / 4 * 2 * ASKED.cortex_mm, rel=0.01)
    assert removed.rest_mm3 == pytest.approx(removed.volume_mm3 - removed.cortex_mm3)


def test_a_drill_that_ends_in_bone_removes_its_point_as_a_cone(plate):
    removed = removed_from(plate, drill(tip=(0.0, 0.0, -6.0)), ASKED)
    area = np.pi * D**2 / 4
    assert removed.volume_mm3 == pytest.approx(area * (6 - POINT_MM) + area * POINT_MM / 3, rel=1e-4)


def test_an_oblique_drill_takes_a_longer_way_and_no_edge_stays_at_its_entry(plate):
    oblique = drill(entry=(-7.0, 0.0, 0.0), tip=(7.0, 0.0, -14.0))
    assert removed_from(plate, oblique, ASKED).volume_mm3 == pytest.approx(
        np.pi * D**2 / 4 * THICK * np.sqrt(2), rel=1e-4
    )
    assert way_of(depth_in(plate), oblique).in_bone_mm == pytest.approx(THICK * np.sqrt(2), abs=1e-3)


def test_samples_count_what_the_boolean_measures(plate, field):
    for instrument in (drill(), drill(tip=(3.0, 2.0, -7.0)), saw()):
        exact = removed_from(plate, instrument, ASKED)
        found = removed_in_samples(field.at, instrument, ASKED)
        assert found.volume_mm3 == pytest.approx(exact.volume_mm3, rel=0.02)
        assert found.cortex_mm3 == pytest.approx(exact.cortex_mm3, rel=0.05)


def test_a_wire_thinner_than_its_point_is_long_is_a_cone_alone(plate):
    wire = drill(tip=(0.0, 0.0, -2.0), diameter=3.0, point=30.0)
    radius = 2.0 * np.tan(np.radians(15.0))
    exact = np.pi * radius**2 * 2.0 / 3
    assert removed_from(plate, wire, ASKED).volume_mm3 == pytest.approx(exact, rel=1e-4)


def test_density_tells_cortex_where_it_is_asked_for(plate):
    matrix = np.diag([1.0, 1.0, 1.0, 1.0])
    matrix[:3, 3] = -20.0, -20.0, -12.5
    values = np.full((15, 41, 41), 300.0, np.float32)
    values[:10] = 1200.0
    grey = Volume(values, matrix)
    removed = removed_from(plate, drill(), InstrumentParameters(cortex_from_hu=750.0), grey)
    assert removed.cortex_mm3 == pytest.approx(np.pi * D**2 / 4 * 7.0, rel=0.02), "below z = -3 it is dense"


def test_a_kerf_is_a_box(plate):
    assert removed_from(plate, saw(), ASKED).volume_mm3 == pytest.approx(16 * 0.6 * 6, rel=1e-4)
    short = saw(start=(-1.0, 0.0, 0.0), end=(1.0, 0.0, 0.0))
    assert removed_from(plate, short, ASKED).volume_mm3 == pytest.approx(9 * 0.6 * 6, rel=1e-4)


@pytest.mark.parametrize(("tip", "in_bone", "overshoot"), [(-14.0, 10.0, 4.0), (-6.0, 6.0, 0.0)])
def test_a_breakthrough_is_told_with_how_far_it_goes(plate, field, tip, in_bone, overshoot):
    for depth_at, good in ((depth_in(plate), 1e-3), (field.at, 0.3)):
        way = way_of(depth_at, drill(tip=(0.0, 0.0, tip)))
        assert (way.in_bone_mm, way.overshoot_mm) == pytest.approx((in_bone, overshoot), abs=good)
        assert way.breaks_through is (overshoot > 0)


def test_the_saw_breaks_through_where_any_of_it_does():
    step = engine().Manifold.cube((20, 20, 10), True).translate((-10, 0, -5))
    step += engine().Manifold.cube((20, 20, 4), True).translate((10, 0, -2))
    way = way_of(depth_in(surface_of(step)), saw(depth=7.0))
    assert (way.in_bone_mm, way.overshoot_mm) == pytest.approx((7.0, 3.0), abs=1e-3)


def test_what_must_be_spared_is_measured_from_the_tip_and_from_the_body():
    matrix = np.eye(4)
    matrix[:3, 3] = -20.0, -20.0, -40.0
    mask = np.zeros((41, 41, 41), np.uint8)
    mask[:16] = 1
    vessel, nothing = Volume(mask, matrix), Volume(np.zeros_like(mask), matrix)
    one = drill()
    found = spared_by(one, points_of(surface_of_pass(drilled())), {"vessel": vessel, "empty": nothing})
    assert set(found) == {"vessel"}
    assert found["vessel"].tip_mm == pytest.approx(-14.0 + 24.5, abs=0.1)
    beside = drill(entry=(-30.0, 0.0, -30.0), tip=(30.0, 0.0, -30.0))
    body = points_of(surface_of_pass(drilled(entry=(-9.0, 0.0, -24.0), tip=(9.0, 0.0, -22.0))))
    assert spared_by(beside, body, {"vessel": vessel})["vessel"].least_mm < -1.0


def test_crossing_drills_count_what_they_share_once(plate):
    lying = drilled("drilling-2", entry=(-25.0, 0.0, -5.0), tip=(25.0, 0.0, -5.0))
    first, second = replayed(plate, (drilled(), lying))
    shared = 2 / 3 * D**3
    alone = np.pi * D**2 / 4 * WIDE
    assert second.alone_mm3 == pytest.approx(alone, rel=1e-4)
    assert second.removed_mm3 == pytest.approx(alone - shared, rel=1e-3), "of two crossing cylinders 2/3 d^3"
    whole = WIDE**2 * THICK
    assert first.left_mm3 == pytest.approx(whole - first.removed_mm3, rel=1e-6)
    assert second.left_mm3 == pytest.approx(whole - first.removed_mm3 - second.removed_mm3, rel=1e-6)
    again = list(replayed(plate, (lying, drilled())))
    assert again[-1].left_mm3 == pytest.approx(second.left_mm3, rel=1e-6)
    assert again[0].removed_mm3 == pytest.approx(alone, rel=1e-4), "now it is the first"


def test_the_bone_after_passes_tells_which_laid_a_face_open(plate):
    before = points_of(plate).copy()
    left = bone_after(plate, (drilled(), sawn(start=(-8.0, 10.0, 0.0), end=(8.0, 10.0, 0.0))))
    assert check_mesh(left).is_printable
    number = vtk_to_numpy(left.GetCellData().GetArray(PASS))
    middles = points_of(left)[triangles_of(left)].mean(axis=1)
    assert set(number.tolist()) == {0, 1, 2}
    hole = np.linalg.norm(middles[number == 1, :2], axis=1)
    assert np.allclose(hole, D / 2, atol=0.02)
    assert (np.abs(middles[number == 2, 1] - 10) < 0.31).all()
    np.testing.assert_array_equal(points_of(plate), before)
    untouched = bone_after(plate, ())
    assert not vtk_to_numpy(untouched.GetCellData().GetArray(PASS)).any()


def test_a_drilling_is_measured_dragged_sized_and_undone_as_an_object(field, tmp_path):
    hand = Hand(Surroundings(field, catalogue=plan_catalogue()))
    plan = edits.add(Plan(), drilled(), hand)
    figures = plan.objects[0].figures
    assert figures["removed"].value == pytest.approx(np.pi * D**2 / 4 * THICK, rel=0.02)
    assert (figures["breakthrough"].value, figures["overshoot"].value) == ("yes", pytest.approx(4.0, abs=0.3))
    assert kind_of(plan.objects[0]).verdict(plan.objects[0]) == GOOD
    larger = edits.resize(plan, "drilling-1", 1, hand).objects[0]
    assert larger.figures["diameter"].value == 3.5
    dragged = edits.drag(plan, "drilling-1", {"tip": ((0.0, 0.0, -6.0),)}, hand)
    assert dragged.objects[0].figures["breakthrough"].value == "no"
    assert dragged.objects[0].figures["in bone"].value == pytest.approx(6.0, abs=0.3)
    assert History(plan).done(dragged).undone().present == plan
    write_plan(tmp_path / "PLAN.json", dragged)
    assert read_plan(tmp_path / "PLAN.json") == dragged


def test_a_drilling_above_the_bone_is_snapped_to_it(field):
    hand = Hand(Surroundings(field, catalogue=plan_catalogue()))
    plan = edits.add(Plan(), drilled(entry=(0.0, 0.0, 3.0), tip=(0.0, 0.0, -5.0)), hand)
    snapped = edits.snap(plan, "drilling-1", hand).objects[0]
    assert snapped.points["entry"][0][2] == pytest.approx(0.0, abs=0.2)
    assert pass_of(snapped).reach_mm == pytest.approx(8.0)


def test_a_saw_cut_keeps_its_depth_across_its_line(field):
    hand = Hand(Surroundings(field, catalogue=plan_catalogue()))
    plan = edits.add(Plan(), sawn(), hand)
    assert plan.objects[0].figures["cut area"].value == pytest.approx(16 * 6, rel=0.02)
    tilted = edits.drag(plan, "saw-cut-1", {"end": ((8.0, 0.0, -4.0),)}, hand).objects[0]
    line = np.subtract(tilted.points["end"][0], tilted.points["start"][0])
    assert tilted.directions["depth"][0] @ line == pytest.approx(0.0, abs=1e-4)
    deeper = edits.resize(plan, "saw-cut-1", 2, hand, "depth").objects[0]
    assert (deeper.figures["depth"].value, deeper.figures["in bone"].value) == (
        8.0,
        pytest.approx(8.0, abs=0.3),
    )
    with pytest.raises(FluoroPrintError, match="6 mm deep"):
        edits.resize(plan, "saw-cut-1", -6, hand, "depth")
    assert edits.resize(plan, "saw-cut-1", 1, hand).objects[0].figures["thickness"].value == 0.89


def test_a_pass_is_judged_by_what_it_meets():
    verdict = kind_of(drilled()).verdict
    told = {"in bone": Figure(9.0, "mm"), "overshoot": Figure(0.0, "mm")}
    assert verdict(drilled()) == UNKNOWN
    assert verdict(replace(drilled(), figures=told)) == GOOD
    assert verdict(replace(drilled(), figures={**told, "overshoot": Figure(7.0, "mm")})) == DOUBTFUL
    assert verdict(replace(sawn(), figures={**told, "overshoot": Figure(7.0, "mm")})) == GOOD
    assert verdict(replace(drilled(), figures={**told, "least clearance": Figure(-0.1, "mm")})) == BAD


def test_drawings_are_closed_and_a_plan_lists_its_passes_in_order():
    wire = planned_drilling(GUIDE_WIRE, "guide-wire-1", "Guide wire", drill(point=30.0), "k-wire")
    plan = Plan()
    for planned in (sawn(), wire, drilled()):
        assert check_mesh(surface_of_pass(planned)).is_printable
        plan = with_planned(plan, planned)
    assert [planned.id for planned in passes_of(plan)] == ["saw-cut-1", "guide-wire-1", "drilling-1"]
    other = replace(drilled(), kind="screw")
    with pytest.raises(FluoroPrintError, match="no pass of an instrument"):
        pass_of(other)
    with pytest.raises(FluoroPrintError, match="needs its two ends"):
        pass_of(replace(drilled(), figures={}))

"""Implants put where the user points, and moved onto the bone: closed forms on bars of bone."""

import numpy as np
import pytest
from FluoroPrintLib.catalog.implants import implant_family
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.implant_placing import Spot, implant_at, numbered
from FluoroPrintLib.planning.kinds import kind_of
from FluoroPrintLib.planning.plan import Plan, with_planned
from planning_edits import hand

ON_TOP, ABOVE = (-20.0, 0.0, 30.0), (-20.0, 2.0, 37.0)
PLATE = "plate-straight-3.5"


@pytest.fixture(scope="module")
def by_hand():
    return hand()


def placed(family, *places, normal=None, bone=None):
    return implant_at(implant_family(family), Spot(places, normal, "Here"), bone)


def test_a_wire_along_a_line_has_its_tip_at_the_second_place():
    wire = placed("k-wire", (0.0, 0.0, 0.0), (0.0, 30.0, 40.0))
    assert wire.points["origin"] == ((0.0, 30.0, 40.0),)
    np.testing.assert_allclose(wire.directions["axis"][0], (0.0, 0.6, 0.8))
    points = np.array([kind_of(wire).surface(wire).GetPoint(n) for n in range(40)])
    along = points @ np.array([0.0, 0.6, 0.8])
    assert along.max() == pytest.approx(50.0, abs=1e-4), "nothing lies beyond the tip"
    assert wire.decisions[0].what == "placed on Here"


def test_a_plate_on_a_plane_stands_on_its_normal():
    plate = placed(PLATE, ON_TOP, normal=(0.0, 0.6, 0.8))
    assert plate.points["origin"] == (ON_TOP,)
    np.testing.assert_allclose(plate.directions["axis"][0], (0.0, 0.6, 0.8))


def test_at_a_lone_place_the_surface_of_the_bone_tells_the_axis(by_hand):
    bone = by_hand.around.bone
    out, into = (placed(family, ON_TOP, bone=bone) for family in (PLATE, "k-wire"))
    np.testing.assert_allclose(out.directions["axis"][0], (0.0, 0.0, 1.0), atol=0.05)
    np.testing.assert_allclose(into.directions["axis"][0], (0.0, 0.0, -1.0), atol=0.05)
    side = placed(PLATE, (-30.0, 0.0, 0.0), bone=bone)
    np.testing.assert_allclose(side.directions["axis"][0], (-1.0, 0.0, 0.0), atol=0.05)
    np.testing.assert_allclose(placed(PLATE, ON_TOP).directions["axis"][0], (0.0, 0.0, 1.0))


def test_a_screw_of_the_catalogue_is_a_screw_of_the_plan_of_the_nearest_length():
    screw = placed("screw-cortical-3.5", (0.0, 0.0, 0.0), (0.0, 0.0, 40.9))
    assert (screw.kind, screw.points["tip"]) == ("screw", ((0.0, 0.0, 40.0),))
    assert screw.figures["diameter"].value == 3.5


@pytest.mark.parametrize("family", [PLATE, "k-wire", "dental-tapered"])
@pytest.mark.parametrize("height", [-12.0, 9.0])
def test_an_implant_is_moved_along_its_axis_onto_the_bone(by_hand, family, height):
    sign = 1.0 if family == PLATE else -1.0
    implant = placed(family, (-20.0, 2.0, 30.0 + height), normal=(0.0, 0.0, sign))
    plan = edits.snap(with_planned(Plan(), implant), implant.id, by_hand)
    np.testing.assert_allclose(plan.objects[0].points["origin"][0], (-20.0, 2.0, 30.0), atol=0.5)


def test_what_does_not_lie_on_bone_is_not_moved_onto_it(by_hand):
    away = placed(PLATE, (-20.0, 90.0, 0.0), normal=(0.0, 0.0, 1.0))
    for implant, words in ((placed("head-12-14", ON_TOP), "no place on the surface"), (away, "meets no")):
        with pytest.raises(FluoroPrintError, match=words):
            edits.snap(with_planned(Plan(), implant), implant.id, by_hand)


def test_places_that_tell_nothing_are_refused():
    with pytest.raises(FluoroPrintError, match="no place to put it"):
        placed(PLATE)
    with pytest.raises(FluoroPrintError, match="one place"):
        placed(PLATE, ON_TOP, ON_TOP)


def test_objects_of_one_family_are_numbered():
    plan = Plan()
    for _ in range(3):
        plan = with_planned(plan, numbered(plan, placed("k-wire", ON_TOP)))
    assert [planned.id for planned in plan.objects] == ["k-wire-1", "k-wire-2", "k-wire-3"]
    assert plan.objects[2].label == "K-wires 3"

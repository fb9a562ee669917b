"""Cups and implants edited by hand: sized by the catalogue, measured anew by the pelvis of their plan."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.catalog.families import families_of, family_of, plan_catalogue
from FluoroPrintLib.catalog.implants import implant_family
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.cup import Cup
from FluoroPrintLib.planning.cup_angles import axis_of_radiographic, out_of_hip, pelvis_frame
from FluoroPrintLib.planning.cup_objects import planned_cup, planned_pelvis
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.implant_objects import planned_implant
from FluoroPrintLib.planning.implants import chosen_implant
from FluoroPrintLib.planning.kind import DOUBTFUL, GOOD, Surroundings
from FluoroPrintLib.planning.kinds import kind_of, kinds
from FluoroPrintLib.planning.live import Live
from FluoroPrintLib.planning.plan import Plan
from hip_solids import centre, landmarks

FRAME = pelvis_frame(landmarks())
HAND = Hand(Surroundings(catalogue=plan_catalogue()))


def plan(angles=(40.0, 15.0)):
    axis = tuple(out_of_hip(axis_of_radiographic(angles), FRAME, "right").tolist())
    cup = planned_cup(Cup(tuple(centre("right")), axis, 54.0), "right", FRAME, 4.0)
    lead = planned_implant(
        "lead-1", "Lead", chosen_implant(implant_family("lead-3389")), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    )
    wire = planned_implant(
        "wire-1", "Wire", chosen_implant(implant_family("k-wire")), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    )
    return Plan("case", "right", (planned_pelvis(landmarks()), cup, lead, wire))


def turned_about_ap(degrees):
    """Turn about the front-back axis of the pelvis: inclination changes by as much, without anteversion."""
    turn, ap = np.radians(degrees), FRAME.axes_ras[1]
    cross = np.cross(np.eye(3), ap)
    matrix = np.eye(4)
    matrix[:3, :3] = np.eye(3) - np.sin(turn) * cross + (1 - np.cos(turn)) * cross @ cross
    return matrix


def test_a_turned_cup_has_its_angles_measured_by_the_pelvis():
    before = plan((40.0, 0.0))
    found = edits.move(before, "cup-right", turned_about_ap(8.0), HAND).named("cup-right")
    change = found.figures["radiographic inclination"].value - 40.0
    assert abs(change) == pytest.approx(8.0, abs=1e-6)
    assert found.figures["radiographic anteversion"].value == pytest.approx(0.0, abs=1e-6)
    live = Live(HAND.around, before.objects).seen(found)
    assert live.planned.figures["radiographic inclination"] == found.figures["radiographic inclination"]


def test_a_cup_is_sized_by_the_catalogue_and_not_beyond_it():
    larger = edits.resize(plan(), "cup-right", 2, HAND).named("cup-right")
    assert larger.figures["diameter"].value == 58.0
    with pytest.raises(FluoroPrintError, match="no larger size than 54"):
        edits.resize(plan(), "cup-right", 20, HAND)


def test_a_cup_outside_the_safe_zone_is_told_by_its_verdict():
    inside, outside = (plan(angles).named("cup-right") for angles in ((40.0, 15.0), (60.0, 15.0)))
    assert [kind_of(cup).verdict(cup) for cup in (inside, outside)] == [GOOD, DOUBTFUL]


def test_an_implant_is_sized_in_what_its_family_has():
    sizes = implant_family("k-wire").sizes("diameter_mm")
    now = plan().named("wire-1").figures["diameter_mm"].value
    found = edits.resize(plan(), "wire-1", 1, HAND).named("wire-1")
    assert found.figures["diameter_mm"].value == sizes[sizes.index(now) + 1]
    with pytest.raises(FluoroPrintError, match="one size"):
        edits.resize(plan(), "lead-1", 1, HAND)


def test_every_object_is_drawn():
    for planned in plan().objects:
        assert kind_of(planned).surface(planned).GetNumberOfCells() > 0, planned.id
    assert {planned.kind for planned in plan().objects} <= set(kinds())


def test_an_implant_of_an_unknown_family_is_shown_by_its_place():
    unknown = chosen_implant(implant_family("k-wire"))
    planned = planned_implant("a", "A", type(unknown)("gone", "Gone", "own", {}), (1.0, 2.0, 3.0), (0, 0, 1))
    middle = np.array(kind_of(planned).surface(planned).GetBounds()).reshape(3, 2).mean(1)
    assert middle == pytest.approx((1.0, 2.0, 3.0), abs=0.1)


def test_families_are_found_by_kind():
    assert {family.kind for family in families_of("lead")} == {"lead"}
    assert family_of("screw", "pedicle").id == "pedicle"
    with pytest.raises(FluoroPrintError, match="There is no family brass"):
        family_of("screw", "brass")

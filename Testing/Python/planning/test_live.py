"""Figures of an object under the hand: the same as those of the plan, and where objects overlap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.drawing import balls, turned_solid
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.live import Live, bone_to_plan_in, density_about
from FluoroPrintLib.planning.overlap import NEAR_MM, Body, in_bone, nearest_gap
from FluoroPrintLib.planning.plan import Planned
from FluoroPrintLib.planning.quality import QualityParameters
from FluoroPrintLib.planning.surface_samples import surface_samples
from planning_edits import hand, plan_of_two
from planning_solids import box, grid, places_of, tube

ID = "screw-1-left"


@pytest.fixture(scope="module")
def by_hand() -> Hand:
    return hand()


def ball(x, radius=5.0):
    """A ball on the first axis as a body."""
    return Body(balls([(x, 0.0, 0.0)], radius))


def test_the_gap_between_balls_is_that_of_their_radii():
    for apart, gap in ((13.0, 3.0), (10.5, 0.5), (8.0, -2.0)):
        found = nearest_gap(ball(0.0), {"far": ball(90.0), "other": ball(apart)})
        assert found is not None
        assert found.name == "other"
        assert found.gap_mm == pytest.approx(gap, abs=0.6)
    assert nearest_gap(ball(0.0), {"other": ball(10.0 + NEAR_MM + 1.0)}) is None


def test_a_rod_through_a_thin_disc_is_found_though_no_corner_of_it_is_near():
    rod = turned_solid([(-40.0, 2.0), (40.0, 2.0)], (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    disc = turned_solid([(-1.0, 20.0), (1.0, 20.0)], (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    assert np.abs(surface_samples(rod).places[:, 2]).min() < 1.5
    gap = Body(rod).gap_mm(Body(disc))
    assert gap is not None
    assert gap < -0.4


def test_how_an_object_lies_in_the_bone(by_hand):
    bone = by_hand.around.bone
    within, outside = (in_bone(bone, Body(balls([(x, 0.0, 0.0)], 5.0))) for x in (-20.0, 0.0))
    assert (within.share, within.deepest_mm) == (1.0, pytest.approx(10.0, abs=0.6))
    assert (outside.share, outside.deepest_mm) == (0.0, pytest.approx(-5.0, abs=0.6))
    halfway = in_bone(bone, Body(balls([(-10.0, 0.0, 0.0)], 5.0)))
    assert halfway.share == pytest.approx(0.5, abs=0.15)


def test_the_figures_under_the_hand_are_those_of_the_plan(by_hand):
    plan = plan_of_two(by_hand)
    shift = np.eye(4)
    shift[0, 3] = 4.0
    after = edits.move(plan, ID, shift, by_hand).named(ID)
    seen = Live(by_hand.around, plan.objects).seen(
        replace(after, figures={"diameter": after.figures["diameter"]})
    )
    assert seen.planned.figures["margin"] == after.figures["margin"]
    assert seen.gap is None
    assert seen.bone is not None
    assert seen.bone.share > 0.75


def test_screws_that_meet_are_told_and_follow_the_plan(by_hand):
    plan = plan_of_two(by_hand)
    live = Live(by_hand.around, plan.objects)
    shift = np.eye(4)
    shift[0, 3] = 36.0
    near = edits.move(plan, ID, shift, by_hand)
    seen = live.seen(near.named(ID))
    assert seen.overlaps
    assert seen.gap is not None
    assert seen.gap.name == "screw-1-right"
    assert seen.gap.gap_mm == pytest.approx(-2.0, abs=1.2)
    live.take(edits.remove(near, "screw-1-right").objects)
    assert live.seen(near.named(ID)).gap is None


def test_what_is_not_drawn_touches_nothing(by_hand):
    seen = Live(by_hand.around, plan_of_two(by_hand).objects).seen(Planned("note", "Note", "note"))
    assert (seen.bone, seen.gap, seen.overlaps) == (None, None, False)


def test_bone_is_solid_with_room_about_it_on_any_grid():
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    volume = grid((40, 40, 50), (1.0, 1.0, 1.25), (3.0, 4.0, 5.0), turn)
    places = places_of(volume)
    shell = tube(places, (3, 4, -10), (3, 4, 20), 12) & ~tube(places, (3, 4, -6), (3, 4, 16), 8)
    field = bone_to_plan_in(volume.with_array(shell))
    assert field.at((3.0, 4.0, 5.0)) == pytest.approx(12.0, abs=1.2), "its cavity counts as bone"
    assert field.at((23.0, 4.0, 5.0)) == pytest.approx(-8.0, abs=1.2), "the room beyond is measured"
    with pytest.raises(FluoroPrintError, match="segment the bone first"):
        bone_to_plan_in(volume)


def test_measuring_the_bone_can_be_cancelled():
    def stop(_fraction, _message):
        raise Cancelled

    with pytest.raises(Cancelled):
        bone_to_plan_in(grid((4, 4, 4), (1.0,) * 3), progress=stop)


def test_density_about_a_screw_is_that_of_the_volume(by_hand):
    volume = grid((72, 30, 72), (1.0,) * 3)
    left = box(places_of(volume), (-30, -10, -30), (-10, 10, 30))
    right = box(places_of(volume), (10, -10, -30), (30, 10, 30))
    grey = volume.with_array(300 * left + 900 * right + 10)
    wanted = QualityParameters(calibrated=True)
    density = density_about(grey, by_hand.around.bone, wanted)
    hand_with = replace(by_hand, around=replace(by_hand.around, density=density))
    plan = plan_of_two(hand_with)
    found = [planned.figures["density, mean"].value for planned in plan.objects]
    np.testing.assert_allclose(found, [310, 910], atol=12)
    assert density(Planned("cup", "Cup", "cup")) == {}


def test_no_layer_of_voxels_at_the_edge_of_the_bone_is_lost():
    mask = np.zeros((24, 40, 40), np.uint8)
    mask[4:20, 5:35, 5:35] = 1
    matrix = np.diag([0.6, 0.6, 0.6, 1.0])
    matrix[:3, 3] = -21.39098593, -21.39098593, -11.39098593
    field = bone_to_plan_in(Volume(mask, matrix))
    inside = field.depth_mm.array_kji > 0
    assert [int(inside.any(axis=axes).sum()) for axes in ((1, 2), (0, 2), (0, 1))] == [16, 30, 30]

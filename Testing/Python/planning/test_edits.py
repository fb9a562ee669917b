"""Edits of a plan by hand: each is measured anew and told; undo and redo of any of them give equal plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.plan_files import plan_of_text, plan_text
from FluoroPrintLib.files.plan_history import history_of_text, history_text
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.polydata import points_of, signed_volume_mm3, triangles_of
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.history import History
from FluoroPrintLib.planning.kind import BAD, DOUBTFUL, GOOD, UNKNOWN, Surroundings, pose_of
from FluoroPrintLib.planning.kinds import kind_of
from FluoroPrintLib.planning.plan import USER, Plan, Planned, moved
from FluoroPrintLib.planning.screw import Screw
from FluoroPrintLib.planning.screw_objects import screw_of
from planning_edits import BONE_RADIUS_MM, MODEL, edited_at_random, hand, loose_screw, plan_of_two, turned

ID = "screw-1-left"
TRIM_MM = 6.0


@pytest.fixture(scope="module")
def by_hand() -> Hand:
    return hand()


def test_fifty_random_edits_are_undone_and_redone_to_equal_plans(by_hand):
    for seed in range(1):
        states = [plan_of_two(by_hand)]
        history = History(states[0])
        random = np.random.default_rng(seed)
        for _ in range(50):
            history = edited_at_random(history, random, by_hand)
            states.append(history.present)
        changes = [after for before, after in zip(states, states[1:], strict=False) if after != before]
        assert len(changes) > 40, "the edits change something"
        again = history_of_text(history_text(history), "test")
        assert again == history
        for state in reversed(states[:1] + changes[:-1]):
            again = again.undone()
            assert again.present == state
        for state in changes:
            again = again.redone()
            assert again.present == state
        assert plan_of_text(plan_text(again.present, "test"), "test") == states[-1]


def test_a_history_of_many_edits_of_one_of_many_objects_is_small(by_hand):
    plan = plan_of_two(by_hand)
    history = History(plan)
    for _ in range(50):
        history = history.done(edits.move(history.present, ID, turned(0.5), by_hand))
    text, single = history_text(history), len(plan_text(Plan(objects=(history.present.objects[0],)), "test"))
    assert len(text) < 60 * single


def test_a_new_edit_forgets_what_was_undone(by_hand):
    plan = plan_of_two(by_hand)
    one = History(plan).done(edits.move(plan, ID, turned(1.0), by_hand))
    other = one.undone().done(edits.move(plan, ID, turned(2.0), by_hand))
    assert other.future == ()
    with pytest.raises(FluoroPrintError, match="nothing to redo"):
        other.redone()
    with pytest.raises(FluoroPrintError, match="nothing to undo"):
        History(plan).undone()


def test_a_moved_screw_is_measured_where_it_lies(by_hand):
    plan = plan_of_two(by_hand)
    before = plan.named(ID).figures["margin"].value
    shift = np.eye(4)
    shift[0, 3] = 7.0
    after = edits.move(plan, ID, shift, by_hand).named(ID)
    assert before == pytest.approx(TRIM_MM - 3.0, abs=0.6), "at its head the end of the bar is nearest"
    assert after.figures["margin"].value == pytest.approx(BONE_RADIUS_MM - 7.0 - 3.0, abs=0.6)
    told = after.decisions[-1]
    assert (told.what, told.by, told.when) == (edits.MOVED, USER, by_hand.when)
    assert told.figures["margin"] == after.figures["margin"]


def test_of_moves_on_end_the_last_alone_is_told(by_hand):
    plan = plan_of_two(by_hand)
    count = len(plan.named(ID).decisions)
    for _ in range(3):
        plan = edits.move(plan, ID, turned(1.0), by_hand)
    assert len(plan.named(ID).decisions) == count + 1


def test_figures_of_another_place_do_not_stay_without_bone(by_hand):
    plan = plan_of_two(by_hand)
    after = edits.move(plan, ID, turned(1.0), Hand()).named(ID)
    assert set(after.figures) == {"diameter", "length"}
    assert kind_of(after).verdict(after) == UNKNOWN


def test_an_end_is_dragged_and_the_length_is_one_that_there_is(by_hand):
    plan = plan_of_two(by_hand)
    screw = screw_of(plan.named(ID))
    tip = tuple(np.add(screw.entry_ras, (0.0, 0.0, 43.0)))
    after = screw_of(edits.drag(plan, ID, {"tip": (tip,)}, by_hand).named(ID))
    assert after.entry_ras == screw.entry_ras
    assert after.length_mm == pytest.approx(45.0)
    np.testing.assert_allclose(after.axis_ras, (0, 0, 1), atol=1e-6)


def test_sizes_go_up_and_down_the_catalogue_and_end_there(by_hand):
    plan = plan_of_two(by_hand)
    assert screw_of(edits.resize(plan, ID, 1, by_hand).named(ID)).diameter_mm == 6.5
    assert screw_of(edits.resize(plan, ID, -2, by_hand).named(ID)).diameter_mm == 5.0
    longer = screw_of(edits.resize(plan, ID, 1, by_hand, "length").named(ID))
    assert (longer.length_mm, longer.diameter_mm) == (pytest.approx(45.0, abs=1e-5), 6.0)
    with pytest.raises(FluoroPrintError, match="no larger diameter than 6 mm"):
        edits.resize(plan, ID, 20, by_hand)


def test_a_mirror_image_lies_on_the_other_side_and_twice_mirrored_is_the_same(by_hand):
    plan = plan_of_two(by_hand)
    plan = edits.remove(plan, "screw-1-right")
    image = edits.mirror(plan, ID, (0, 0, 0), (2.0, 0, 0), by_hand).named("screw-1-right")
    old, new = screw_of(plan.named(ID)), screw_of(image)
    assert (image.side, image.label) == ("right", "Screw 1, right")
    np.testing.assert_allclose(new.entry_ras, np.multiply(old.entry_ras, (-1, 1, 1)), atol=1e-6)
    again = edits.reflection((1, 2, 3), (1, 1, 0))
    np.testing.assert_allclose(again @ again, np.eye(4), atol=1e-12)


def test_a_screw_snaps_to_the_surface_of_the_bone(by_hand):
    lifted = np.eye(4)
    lifted[2, 3] = -12.0
    plan = edits.move(plan_of_two(by_hand), ID, lifted, by_hand)
    snapped = screw_of(edits.snap(plan, ID, by_hand).named(ID))
    assert snapped.entry_ras[2] == pytest.approx(-30.0, abs=0.6)
    assert snapped.length_mm == pytest.approx(40.0, abs=1e-5)


def test_locked_objects_refuse_every_edit_until_they_are_unlocked(by_hand):
    plan = edits.lock(plan_of_two(by_hand), ID, True, by_hand)
    for edit in (
        lambda: edits.move(plan, ID, turned(1.0), by_hand),
        lambda: edits.resize(plan, ID, 1, by_hand),
        lambda: edits.remove(plan, ID),
        lambda: edits.rename(plan, ID, "Other", by_hand),
    ):
        with pytest.raises(FluoroPrintError, match="locked"):
            edit()
    opened = edits.lock(plan, ID, False, by_hand)
    assert [decision.what for decision in opened.named(ID).decisions[-2:]] == ["locked", "unlocked"]
    assert edits.rename(opened, ID, " Other ", by_hand).named(ID).label == "Other"


def test_what_was_removed_is_told_in_the_notes(by_hand):
    assert edits.remove(plan_of_two(by_hand), ID).notes == ("Screw 1, left was removed by the user.",)


def test_a_screw_is_drawn_closed_facing_outward_and_as_large_as_it_is():
    planned = loose_screw(Screw((1.0, 2.0, 3.0), (1.0, 42.0, 3.0), 6.0))
    surface = kind_of(planned).surface(planned)
    assert check_mesh(surface).is_watertight
    points, triangles = points_of(surface), triangles_of(surface)
    assert 0.5 < signed_volume_mm3(points, triangles) / (np.pi * 9.0 * 40.0) < 1.1
    thread = points[points[:, 1] > 2.5]
    assert np.hypot(*(thread[:, [0, 2]] - (1, 3)).T).max() == pytest.approx(3.0, abs=1e-4)
    assert thread[:, 1].max() == pytest.approx(42.0, abs=1e-4)


def test_a_margin_has_a_verdict():
    planned = loose_screw(Screw((0.0, 0.0, 0.0), (0.0, 0.0, 40.0), 6.0))
    found = [
        kind_of(planned).verdict(replace(planned, figures={"margin": replace(figure, value=value)}))
        for figure in [next(iter(planned.figures.values()))]
        for value in (-0.1, 0.4, 1.0)
    ]
    assert found == [BAD, DOUBTFUL, GOOD]


def test_an_object_of_an_unknown_kind_can_be_moved_and_shows_its_points():
    thing = Planned("thing", "Thing", "widget", points={"a": ((0.0, 0.0, 0.0), (10.0, 0.0, 0.0))})
    plan = edits.move(Plan(objects=(thing,)), "thing", turned(2.0), Hand())
    bounds = kind_of(thing).surface(thing).GetBounds()
    assert bounds[1] - bounds[0] == pytest.approx(13.0, abs=0.2)
    assert plan.named("thing").points["a"] != thing.points["a"]
    with pytest.raises(FluoroPrintError, match="one size"):
        edits.resize(plan, "thing", 1, Hand())


def test_the_frame_of_an_object_goes_with_it():
    planned = replace(
        MODEL,
        directions={"axis": ((0.6, 0.0, 0.8),), "up": ((0.0, 1.0, 0.0),)},
        points={"a": ((1.0, 2.0, 3.0),)},
    )
    matrix = turned(7.0)
    np.testing.assert_allclose(pose_of(moved(planned, matrix)), matrix @ pose_of(planned), atol=1e-9)


def test_sizes_need_a_catalogue():
    with pytest.raises(FluoroPrintError, match="no catalogue"):
        edits.resize(plan_of_two(Hand()), ID, 1, Hand(Surroundings()))

"""Objects that are drawn once and then moved tell the same as those that are drawn anew, of every kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.mesh.polydata import points_of, triangle_areas_mm2, triangles_of
from FluoroPrintLib.planning.drawing import turned_solid
from FluoroPrintLib.planning.kind import CLOSED_CURVE, LINE, OPEN_CURVE, Surroundings
from FluoroPrintLib.planning.kinds import kind_of, kinds
from FluoroPrintLib.planning.live import Live, bone_to_plan_in
from FluoroPrintLib.planning.meshes import bone_within
from FluoroPrintLib.planning.overlap import Body, in_bone
from FluoroPrintLib.planning.plan import Figure, moved
from FluoroPrintLib.planning.rigid import motion_between
from FluoroPrintLib.planning.surface_samples import surface_samples
from planned_objects import every_object, screw_at, waved_bone
from planning_edits import hand, turned

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def objects():
    """What every object is measured in, and one object of each kind."""
    bone = waved_bone(3_000)
    return Surroundings(bone_to_plan_in(bone_within(bone))), (screw_at(4), *every_object(bone))


def test_there_is_an_object_of_each_kind(objects):
    assert {planned.kind for planned in objects[1]} == set(kinds())


@pytest.mark.parametrize("words", [("cup-right", "stem"), ("",)])
def test_what_was_moved_tells_what_it_tells_when_drawn_anew(objects, words):
    around, planned = objects
    others = (planned[0], planned[1])
    for each in (each for each in planned if any(word in each.id for word in words)):
        other = moved(each, turned(20.0))
        kept = Live(around, (*others, each)).seen(other)
        anew = Live(around, [known for known in others if known.id != each.id]).seen(other)
        assert kept.planned == anew.planned, each.id
        assert kept.bone.share == pytest.approx(anew.bone.share, abs=0.02), each.id
        assert kept.bone.deepest_mm == pytest.approx(anew.bone.deepest_mm, abs=0.5), each.id
        gaps = [np.inf if seen.gap is None else seen.gap.gap_mm for seen in (kept, anew)]
        assert gaps[0] == pytest.approx(gaps[1], abs=0.6), each.id


def test_what_moves_is_moved_and_not_drawn_anew(objects):
    for each in objects[1]:
        kind, turn = kind_of(each), turned(20.0)
        motion = motion_between(each, moved(each, turn), kind.drawn_by)
        assert (motion is None) == (kind.handles in (LINE, OPEN_CURVE, CLOSED_CURVE)), each.id
        if motion is not None and "axis" not in kind.drawn_by:
            np.testing.assert_allclose(motion, turn, atol=1e-5, err_msg=each.id)


def test_a_drawing_is_made_of_nothing_but_what_its_kind_names(objects):
    for each in objects[1]:
        kind = kind_of(each)
        for name, figure in each.figures.items() if kind.drawn_by else ():
            if isinstance(figure.value, float):
                figures = {**each.figures, name: Figure(figure.value + 1.0, figure.unit)}
                other = replace(each, figures=figures)
                assert (motion_between(each, other, kind.drawn_by) is None) == (name in kind.drawn_by)
                if name not in kind.drawn_by:
                    drawn = [points_of(kind.surface(planned)) for planned in (each, other)]
                    np.testing.assert_array_equal(*drawn, err_msg=f"{each.id} {name}")


def test_an_image_or_another_object_is_drawn_anew(objects):
    stem = next(each for each in objects[1] if each.id == "implant-stem-straight")
    across = np.diag([-1.0, 1.0, 1.0, 1.0])
    guide = next(each for each in objects[1] if each.kind == "guide")
    assert motion_between(guide, moved(guide, across), kind_of(guide).drawn_by) is None
    assert motion_between(guide, stem, kind_of(guide).drawn_by) is None


def test_the_samples_of_a_surface_are_all_over_it_and_have_its_area():
    rod = turned_solid([(-60.0, 3.0), (60.0, 3.0)], (0.0, 0.0, 0.0), (0.0, 0.6, 0.8))
    samples = surface_samples(rod)
    assert samples.areas_mm2.sum() == pytest.approx(
        triangle_areas_mm2(points_of(rod), triangles_of(rod)).sum()
    )
    along = np.sort(samples.places @ (0.0, 0.6, 0.8))
    assert np.diff(along).max() < 1.5
    assert len(along) < 4 * samples.areas_mm2.sum()


@pytest.mark.parametrize("outside", [10.0, 30.0])
def test_the_share_in_bone_is_that_of_the_area(outside):
    """A rod of 60 mm that stands out of a block by so much, its ends in the sum."""
    rod = turned_solid([(0.0, 2.0), (60.0, 2.0)], (-20.0, 0.0, -30.0 - outside), (0.0, 0.0, 1.0))
    found = in_bone(hand(0.5).around.bone, Body(rod))
    whole = 2 * np.pi * 2 * 60 + 2 * np.pi * 4
    assert found.share == pytest.approx((2 * np.pi * 2 * (60 - outside) + np.pi * 4) / whole, abs=0.01)

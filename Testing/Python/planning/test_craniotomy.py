"""Flaps cut out of shells along closed curves, held against caps of spheres."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from bone_solids import box, cap_places, request, shell, sphere_cap_mm2
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.craniotomy import Craniotomy, cut_flap
from FluoroPrintLib.planning.craniotomy_objects import craniotomy_of, curve_of
from FluoroPrintLib.planning.craniotomy_planner import CraniotomyParameters, plan_craniotomy
from FluoroPrintLib.planning.curve_cut_planner import CurveCutParameters, plan_curve_cut
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.kind import BAD, GOOD, Surroundings
from FluoroPrintLib.planning.kinds import kind_of
from FluoroPrintLib.planning.pieces import Bones, pieces_in
from FluoroPrintLib.planning.plan import Plan, moved
from FluoroPrintLib.progress import silent
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of
from planning_solids import grid, places_of

OUTER, INNER, CAP = 60.0, 54.0, np.radians(30)


@functools.cache
def skull():
    """A ball of bone, hollow within."""
    return shell(OUTER, INNER)


def skullcap():
    """The upper half of it, open below."""
    return surface_of(solid_of(skull()).trim_by_plane((0, 0, 1), 0.0))


def planned(surface, places=None, **chosen):
    places = {"place": cap_places(OUTER, CAP) if places is None else places}
    plan = plan_craniotomy(request(surface, places, CraniotomyParameters(**chosen)), silent)
    return plan.objects[0]


def value(planned, name):
    return planned.figures[name].value


@pytest.mark.parametrize("kerf", [0.2, 1.5])
def test_a_flap_of_a_shell_is_its_cap_less_half_the_kerf(kerf):
    """Square to the shell the cut is a cone about its middle: what it leaves is moved in by half the kerf."""
    flap = planned(skull(), kerf_mm=kerf)
    radii = np.linspace(INNER, OUTER, 2001)
    caps = sphere_cap_mm2(radii, CAP - np.arcsin(kerf / 2 / radii))
    assert value(flap, "perimeter") == pytest.approx(2 * np.pi * OUTER * np.sin(CAP), rel=1e-3)
    assert value(flap, "flap area") == pytest.approx(caps[-1], rel=3e-3)
    assert value(flap, "flap volume") == pytest.approx(np.trapezoid(caps, radii), rel=3e-3)
    assert value(flap, "thinnest") == pytest.approx(OUTER - INNER, abs=0.02)
    assert value(flap, "thickest") == pytest.approx(OUTER - INNER, abs=0.02)


def test_flap_and_rest_are_closed_and_the_other_side_stays_whole():
    flap = planned(skull())
    one, rest = pieces_in(Plan(objects=(flap,)), Bones(skull()))
    assert [one.name, rest.name] == ["craniotomy-1-flap", "craniotomy-1-rest"]
    assert all(check_mesh(piece.surface).is_watertight for piece in (one, rest))
    parts = solid_of(one.surface), solid_of(rest.surface)
    slot = solid_of(skull()).volume() - sum(part.volume() for part in parts)
    thick = OUTER - INNER
    assert slot == pytest.approx(1.5 * thick * 2 * np.pi * (OUTER + INNER) / 2 * np.sin(CAP), rel=0.01)
    below = parts[1].trim_by_plane((0, 0, -1), 0.0).volume()
    assert below == pytest.approx(solid_of(skull()).volume() / 2, rel=1e-4)


def test_a_hollow_between_two_tables_is_bone():
    """Diploe that was not segmented: a gap of 2 mm within 6 mm of bone."""
    gap = solid_of(shell(58.0, 56.0))
    flap = planned(surface_of(solid_of(skull()) - gap))
    assert value(flap, "thickest") == pytest.approx(6.0, abs=0.02)
    half = CAP - np.arcsin(0.75 / OUTER)
    assert value(flap, "flap area") == pytest.approx(sphere_cap_mm2(OUTER, half), rel=3e-3)


def test_a_curve_over_a_hole_cuts_what_there_is_and_says_so():
    """A hole of 5 mm across between two places: the flap lacks what of its half the kerf leaves."""
    across, _, up = cap_places(OUTER, CAP)[0]
    hole = engine().Manifold.cylinder(30, 2.5, 2.5, 48, True).rotate((0, 30, 0)).translate((across, 0, up))
    pierced = surface_of(solid_of(skull()) - hole)
    places = cap_places(OUTER, CAP, 16)[1::2]
    plan = plan_craniotomy(request(pierced, {"place": places}), silent)
    flap = plan.objects[0]
    assert "2 % of the curve run over holes" in plan.notes[0]
    assert value(flap, "thickest") == pytest.approx(6.0, abs=0.1)
    whole = value(planned(skull(), places), "flap volume")
    assert value(flap, "flap volume") == pytest.approx(whole - 6 * (np.pi * 2.5**2 / 2 - 0.75 * 5), abs=5)


def test_a_bent_curve_keeps_to_the_bone():
    """Eight places, every other one further out: all of the curve lies on the ball."""
    places = tuple(cap_places(OUTER, CAP + 0.15 * (-1) ** n)[n] for n in range(8))
    cut = cut_flap(skull(), Craniotomy(places, 1.0, 20.0))
    np.testing.assert_allclose(np.linalg.norm(cut.curve.points_ras, axis=1), OUTER, atol=0.04)
    np.testing.assert_allclose(cut.curve.outward_ras, cut.curve.points_ras / OUTER, atol=0.04)
    assert check_mesh(surface_of(cut.flap)).is_watertight


def test_a_curve_the_other_way_round_cuts_the_same_flap():
    one, other = planned(skull()), planned(skull(), cap_places(OUTER, CAP)[::-1])
    assert value(one, "flap volume") == pytest.approx(value(other, "flap volume"), rel=1e-4)


@pytest.mark.parametrize(
    ("places", "chosen", "said"),
    [
        (cap_places(OUTER, CAP)[:2], {}, "three places"),
        (cap_places(OUTER, CAP)[:1] * 3, {}, "are one"),
        (None, {"deepest_mm": 4.0}, "thicker than 4 mm"),
    ],
)
def test_what_cuts_no_flap_is_refused(places, chosen, said):
    with pytest.raises(FluoroPrintError, match=said):
        planned(skull(), places, **chosen)


def test_a_curve_that_bulges_over_an_edge_is_refused():
    corners = ((19.0, 19.0, 2.5), (-19.0, 19.0, 2.5), (-19.0, -19.0, 2.5), (19.0, -19.0, 2.5))
    with pytest.raises(FluoroPrintError, match="leaves the bone between"):
        planned(box((40, 40, 5)), corners)


@pytest.fixture(scope="module")
def hand():
    """In the field of the skullcap, of voxels of 1.2 mm."""
    volume = grid((110, 110, 110), (1.2,) * 3)
    places = places_of(volume)
    away = np.linalg.norm(places, axis=-1)
    mask = (away > INNER) & (away < OUTER) & (places[..., 2] > 0)
    return Hand(Surroundings(bone_field(volume.with_array(mask))))


def test_a_place_that_is_dragged_takes_the_curve_along_on_the_bone(hand):
    before = planned(skullcap())
    wider = cap_places(OUTER, np.radians(40))
    after = edits.drag(Plan(objects=(before,)), before.id, {"curve": wider}, hand).objects[0]
    np.testing.assert_allclose(np.linalg.norm(curve_of(after).points_ras, axis=1), OUTER, atol=1.0)
    assert value(after, "perimeter") == pytest.approx(2 * np.pi * OUTER * np.sin(np.radians(40)), rel=0.01)
    assert value(after, "thinnest") == pytest.approx(6.0, abs=1.2)
    assert "flap volume" not in after.figures, "it needs the bone cut"
    np.testing.assert_allclose(craniotomy_of(after).places_ras, wider, atol=1e-5)
    assert kind_of(after).verdict(after) == GOOD
    (flap, _) = pieces_in(Plan(objects=(after,)), Bones(skullcap()))
    assert solid_of(flap.surface).volume() > 1.6 * value(before, "flap volume")


def test_a_curve_off_the_bone_says_so_and_its_image_keeps_inside_inside(hand):
    before = planned(skullcap())
    shift = np.eye(4)
    shift[2, 3] = 50.0
    off = kind_of(before).refreshed(moved(before, shift), hand.around)
    assert kind_of(off).verdict(off) == BAD
    assert "thickest" not in off.figures
    image = edits.mirror(Plan(objects=(before,)), before.id, (0, 0, 0), (1, 0, 0), hand).objects[1]
    curve = curve_of(image)
    assert np.sum(curve.inward_ras * (curve.points_ras * (1, 1, 0)), axis=1).max() < 0
    drawn = kind_of(before).surface(before)
    assert check_mesh(drawn).is_watertight
    assert solid_of(drawn).volume() > 0


def curve_cut(places, towards=(), **chosen):
    asked = {"place": places, "towards": towards}
    return plan_curve_cut(request(box((60, 40, 10)), asked, CurveCutParameters(**chosen)), silent).objects[0]


def test_an_open_curve_parts_a_bone_square_to_its_surface():
    """A straight line along a block, then one that leans: both part it in halves, the kerf between."""
    straight = curve_cut(((-10.0, 0.0, 5.0), (10.0, 0.0, 5.0)), kerf_mm=2.0)
    assert straight.directions["along"][0] == pytest.approx((0, 0, -1), abs=1e-6)
    assert value(straight, "volumes") == pytest.approx((60 * 19 * 10,) * 2, rel=1e-4)
    assert value(straight, "length") == pytest.approx(20.0)
    leaning = curve_cut(((-10.0, 0.0, 5.0), (10.0, 0.0, 5.0)), ((0.0, 5.0, 0.0),), kerf_mm=0.0)
    assert value(leaning, "volumes") == pytest.approx((60 * 25 * 10, 60 * 15 * 10), rel=1e-4)
    with pytest.raises(FluoroPrintError, match="two places"):
        curve_cut(((0.0, 0.0, 5.0),))


def test_an_open_curve_bends_through_its_places_and_is_dragged_by_them():
    places = ((-30.0, -10.0, 5.0), (0.0, 10.0, 5.0), (30.0, -10.0, 5.0))
    bent = curve_cut(places, ((0.0, -10 / 3, -50.0),), kerf_mm=0.0)
    pieces = pieces_in(Plan(objects=(bent,)), Bones(box((60, 40, 10))))
    assert [piece.name for piece in pieces] == ["cut-1-piece-1", "cut-1-piece-2"]
    assert all(check_mesh(piece.surface).is_watertight for piece in pieces)
    # A natural spline over a symmetric hat of height h and width w encloses 5/8 h w with its base.
    assert min(value(bent, "volumes")) == pytest.approx(10 * (60 * 40 - 60 * (10 + 5 / 8 * 20)), rel=2e-3)
    drawn = kind_of(bent).surface(bent)
    assert check_mesh(drawn).is_watertight
    low, high = np.reshape(drawn.GetBounds(), (3, 2)).T
    assert (low[2], high[2]) == pytest.approx((-20.0, 10.0), abs=0.01)
    flat = {"curve": tuple((x, 0.0, z) for x, _, z in places)}
    after = edits.drag(Plan(objects=(bent,)), bent.id, flat, Hand()).objects[0]
    assert value(after, "length") == pytest.approx(60.0)
    assert "volumes" not in after.figures

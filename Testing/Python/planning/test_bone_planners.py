"""Cuts, plates, jaws and fractures planned on solids whose figures are known."""

from __future__ import annotations

import numpy as np
import pytest
from bone_solids import box, lump, request
from FluoroPrintLib.catalog.families import family_of
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import transformed
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.planning.donor_kind import segment_of
from FluoroPrintLib.planning.guide_parameters import CutPlane
from FluoroPrintLib.planning.mandible import placed_segments
from FluoroPrintLib.planning.mandible_planner import MandibleParameters, plan_mandible
from FluoroPrintLib.planning.moved_bone import movement_of
from FluoroPrintLib.planning.osteotomy import cut_bone, hinged
from FluoroPrintLib.planning.osteotomy_objects import osteotomy_of, pieces_of
from FluoroPrintLib.planning.osteotomy_planner import CLOSING, OsteotomyParameters, plan_osteotomy
from FluoroPrintLib.planning.planner import PlaceAsked, lacking, numbered, refuse_lacking
from FluoroPrintLib.planning.planners import planners
from FluoroPrintLib.planning.plate_objects import plate_of
from FluoroPrintLib.planning.plate_planner import plan_plate
from FluoroPrintLib.planning.reduction import mirrored
from FluoroPrintLib.planning.reduction_planner import ReductionParameters, plan_reduction
from FluoroPrintLib.progress import silent
from FluoroPrintLib.shape.solids import engine, surface_of

SHAFT = (30, 20, 80)
CUT = {"cut": ((0.0, 0.0, 0.0),), "towards": ((0.0, 0.0, 30.0),), "hinge": ((-15.0, 0.0, 0.0),)}


def osteotomy(places=CUT, **chosen):
    plan = plan_osteotomy(request(box(SHAFT), places, OsteotomyParameters(**chosen)), silent)
    return plan.objects[0]


def value(planned, name):
    return planned.figures[name].value


def test_a_wedge_is_planned_by_its_height_or_its_angle():
    """A shaft 30 mm wide, hinged at its side: a height h opens by 2 asin(h / 60)."""
    by_height = osteotomy(height_mm=5.0)
    assert value(by_height, "angle") == pytest.approx(np.degrees(2 * np.arcsin(5 / 60)), abs=1e-4)
    assert value(by_height, "wedge height") == pytest.approx(5.0, abs=1e-3)
    by_angle = osteotomy(angle_deg=10.0)
    assert value(by_angle, "wedge height") == pytest.approx(60 * np.sin(np.radians(5)), abs=1e-3)
    assert value(by_angle, "bone in common") == 0.0
    upper = max(pieces_of(osteotomy_of(by_angle), box(SHAFT)), key=lambda p: points_of(p.surface)[:, 2].max())
    assert points_of(upper.surface)[:, 2].min() > 0.4, "it opens: the kerf's upper half stays free"
    with pytest.raises(FluoroPrintError, match="cannot be 50 mm high"):
        osteotomy(height_mm=50.0)


@pytest.mark.parametrize("ends", [(-5.0, 5.0), (5.0, -5.0)])
def test_two_places_of_a_hinge_open_the_cut_in_either_order(ends):
    hinge = tuple((-15.0, y, 0.0) for y in ends)
    planned = osteotomy({**CUT, "hinge": hinge}, angle_deg=10.0, kerf_mm=0.0)
    assert value(planned, "bone in common") == pytest.approx(0.0, abs=1e-3)
    assert osteotomy_of(planned).axis_ras == pytest.approx((0, -1, 0))


@pytest.mark.parametrize("kerf", [0.0, 1.2])
def test_a_wedge_that_closes_is_taken_out_and_its_faces_meet_whole(kerf):
    """Of a bar w wide and d deep a wedge of the angle a, hinged at its side, takes d w^2 tan(a) / 2."""
    closed = osteotomy(angle_deg=10.0, wedge=CLOSING, kerf_mm=kerf)
    wedge = 20 * 30**2 * np.tan(np.radians(10)) / 2
    assert value(closed, "angle") == -10.0
    assert value(closed, "wedge taken out") == pytest.approx(wedge, rel=1e-5)
    assert value(closed, "volumes") == pytest.approx((24000, 24000 - wedge), rel=1e-5)
    assert value(closed, "contact area") == pytest.approx(600, rel=1e-3)
    assert value(closed, "bone in common") == pytest.approx(0.0, abs=1e-3)
    pieces = [piece.surface for piece in pieces_of(osteotomy_of(closed), box(SHAFT))]
    assert all(check_mesh(piece).is_watertight for piece in pieces)
    moved = max(pieces, key=lambda piece: points_of(piece)[:, 2].max())
    face = points_of(moved)[points_of(moved)[:, 2] < 1.0]
    assert len(face) >= 4
    np.testing.assert_allclose(face[:, 2], 0.0, atol=1e-4)


def test_a_hinge_within_the_bone_takes_out_what_closes_alone():
    """Hinged 10 mm from one side of 30 mm: the wedge is 20 mm wide, and the other side opens."""
    within = {"cut": ((5.0, 0.0, 0.0),), "towards": ((5.0, 0.0, 30.0),), "hinge": ((-5.0, 0.0, 0.0),)}
    wedge = 20 * 20**2 * np.tan(np.radians(10)) / 2
    closed = osteotomy(within, angle_deg=10.0, wedge=CLOSING, kerf_mm=0.0)
    assert value(closed, "wedge taken out") == pytest.approx(wedge, rel=1e-5)
    assert value(closed, "contact area") == pytest.approx(20 * 20, rel=0.02)
    assert value(closed, "bone in common") == pytest.approx(0.0, abs=1e-3)


def test_a_slide_and_a_turn_leave_the_faces_in_contact_that_still_meet():
    along = {**CUT, "hinge": ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))}
    assert value(osteotomy(along, slide_mm=12.0), "contact area") == pytest.approx(18 * 20, rel=1e-3)
    about = {**CUT, "hinge": ((0.0, 0.0, 0.0), (0.0, 0.0, 5.0))}
    turned = osteotomy(about, angle_deg=90.0)
    assert value(turned, "contact area") == pytest.approx(20 * 20, rel=1e-3)
    assert value(turned, "wedge height") > 0


def test_three_places_make_the_plane_and_a_second_cut_a_segment():
    three = ((-5.0, 0.0, 0.0), (5.0, 0.0, 0.0), (0.0, 5.0, 0.0))
    second = tuple((x, y, 25.0) for x, y, _ in three)
    cut = osteotomy({"cut": three, "towards": CUT["towards"], "second-cut": second})
    assert cut.directions["normal"][0] == pytest.approx((0, 0, 1))
    assert value(cut, "segment lengths") == pytest.approx((25.0,))
    assert value(cut, "volumes") == pytest.approx((600 * 39.5, 600 * 24, 600 * 14.5), rel=1e-4)
    other = osteotomy({"cut": three[::-1], "towards": ((0.0, 0.0, -9.0),)})
    assert other.directions["normal"][0] == pytest.approx((0, 0, -1))
    assert len(other.points["origin"]) == len(other.directions["normal"]) == 1


@pytest.mark.parametrize(
    ("places", "chosen", "said"),
    [
        ({"hinge": ()}, {"angle_deg": 5.0}, "needs a hinge"),
        ({"cut": ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))}, {}, "needs three places"),
        ({"cut": ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (2.0, 0.0, 0.0))}, {}, "lie in a line"),
        ({"cut": ((0.0, 0.0, 200.0),)}, {}, "does not part"),
    ],
)
def test_what_makes_no_cut_is_refused(places, chosen, said):
    with pytest.raises(FluoroPrintError, match=said):
        osteotomy({**CUT, **places}, **chosen)


def test_a_plate_of_the_catalogue_is_laid_through_its_places():
    table = surface_of(engine().Manifold.cube((120, 60, 10)).translate((-10, -30, -10)))
    family = family_of("plate", "plate-straight-3.5")
    places = {"plate": ((0.0, 0.0, 0.0), (20.0, 0.0, 0.0), (39.5, 0.0, 0.0))}
    (planned,) = plan_plate(request(table, places, families={"plate": family}), silent).objects
    plate = plate_of(planned)
    assert [site.middle_ras[0] for site in plate.sites] == pytest.approx([0, 13, 26, 39], abs=0.05)
    assert plate.parameters.width_mm == 11.0
    assert value(planned, "length") == pytest.approx(3 * 13 + 11)
    longer = family_of("plate", "plate-reconstruction-4.5")
    with pytest.raises(FluoroPrintError, match="4 to 16 holes, this way asks for 3"):
        plan_plate(request(table, places, families={"plate": longer}), silent)


JAW = {
    "line": ((0.0, 0.0, 0.0), (30.0, 0.0, 0.0), (30.0, 25.0, 0.0)),
    "up": ((0.0, 0.0, 10.0),),
    "donor": ((200.0, 0.0, -80.0), (200.0, 0.0, 80.0)),
    "donor-up": ((200.0, 20.0, 0.0),),
}


def test_segments_of_a_donor_follow_the_line_and_are_themselves_again():
    donor = surface_of(engine().Manifold.cylinder(200, 6, 6, 96).translate((200, 0, -100)))
    plan = plan_mandible(request(None, JAW, MandibleParameters(), others=(donor,)), silent)
    lengths = [value(planned, "length") for planned in plan.objects]
    assert lengths == pytest.approx([30, 25])
    assert value(plan.objects[0], "radius") == pytest.approx(6.0, abs=0.01)
    assert value(plan.objects[0], "lean of the cuts") == pytest.approx((0, 45))
    assert value(plan.objects[1], "volume") == pytest.approx(np.pi * 36 * 25, rel=0.003)
    start, end = value(plan.objects[0], "cut on the donor")
    assert end - start == pytest.approx(30)
    pieces = placed_segments(donor, [segment_of(planned) for planned in plan.objects])
    assert (pieces[0].moved_solid ^ pieces[1].moved_solid).volume() < 0.1
    with pytest.raises(FluoroPrintError, match="Give the donor bone"):
        plan_mandible(request(None, JAW), silent)


def broken():
    """A bone right of the midplane, its upper part moved, and the other side."""
    whole = surface_of(lump())
    pieces = cut_bone(whole, [CutPlane((60, 0, 4), (0, 0.3, 1))])
    move = hinged((60, 0, 10), (0.3, 1, 0.2), 10, 3.0)
    rest, loose = pieces
    moved = loose.solid.transform(move[:3])
    return surface_of(rest.solid + moved.translate((0, 0, 4))), mirrored(whole), move, loose


def test_a_fragment_is_set_to_the_one_that_stays():
    surface, other, move, loose = broken()
    plan = plan_reduction(request(surface, {}, others=(other,)), silent)
    stays, set_back = plan.objects
    np.testing.assert_allclose(movement_of(stays), np.eye(4), atol=1e-6)
    lifted = transformed(transformed(points_of(surface_of(loose.solid)), move), np.eye(4)) + (0, 0, 4)
    home = transformed(lifted, movement_of(set_back))
    off = np.linalg.norm(home - points_of(surface_of(loose.solid)), axis=1)
    assert off.max() < 1.0
    assert value(set_back, "turned") == pytest.approx(10, abs=1.0)
    assert value(set_back, "residual") < 0.2
    with pytest.raises(FluoroPrintError, match="other side"):
        plan_reduction(request(surface, {}), silent)


def test_with_a_midplane_all_fragments_go_to_the_other_sides_image():
    surface, other, _, _ = broken()
    midplane = {"midplane": ((0.0, 0.0, 0.0), (0.0, 9.0, 0.0), (0.0, 0.0, 9.0))}
    asked = ReductionParameters(keep_largest=False)
    stays = plan_reduction(request(surface, midplane, asked, others=(other,)), silent).objects[0]
    np.testing.assert_allclose(movement_of(stays), np.eye(4), atol=0.02)
    bad = {"midplane": midplane["midplane"][:2]}
    with pytest.raises(FluoroPrintError, match="needs three places"):
        plan_reduction(request(surface, bad, others=(other,)), silent)


def test_several_places_of_a_name_are_numbered_and_not_too_many():
    asked = PlaceAsked("cut", "words", most=3)
    found = {"cut-2": (2.0, 0, 0), "cut-1": (1.0, 0, 0), "hinge": (9.0, 0, 0)}
    assert numbered(found, asked) == ((1.0, 0, 0), (2.0, 0, 0))
    assert numbered({**found, "cut": (0.0, 0, 0)}, asked) == ((0.0, 0, 0),)
    assert numbered(found, PlaceAsked("cut", "words")) == ()
    planner = planners()["osteotomy"]
    many = {"cut": ((0.0, 0, 0),) * 4, "towards": ((0.0, 0, 1),)}
    with pytest.raises(FluoroPrintError, match="takes 3 of cut at most"):
        refuse_lacking(planner, many)
    assert "towards" in lacking(planner, {"cut": many["cut"]})

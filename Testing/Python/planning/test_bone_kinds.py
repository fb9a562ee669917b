"""Cuts, plates, guides, segments and fragments edited by hand: drawn, moved, measured anew."""

from __future__ import annotations

import numpy as np
import pytest
from bone_solids import box, lump
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.donor_kind import planned_segment, segment_of
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.fragment_kind import planned_fragment
from FluoroPrintLib.planning.guide import make_guide
from FluoroPrintLib.planning.guide_objects import planned_guide
from FluoroPrintLib.planning.guide_parameters import CutPlane, DrillLine, GuideParameters
from FluoroPrintLib.planning.kind import BAD, DOUBTFUL, GOOD, PLANE, UNKNOWN, Surroundings, pose_of
from FluoroPrintLib.planning.kinds import kind_of
from FluoroPrintLib.planning.live import Live
from FluoroPrintLib.planning.mandible import DonorLine, donor_segments
from FluoroPrintLib.planning.moved_bone import movement_of, turned_deg
from FluoroPrintLib.planning.osteotomy import hinged
from FluoroPrintLib.planning.osteotomy_kind import section_in
from FluoroPrintLib.planning.osteotomy_objects import Osteotomy, osteotomy_of, planned_osteotomy
from FluoroPrintLib.planning.plan import Plan
from FluoroPrintLib.planning.plate import LayingParameters, PlateParameters, plate_along
from FluoroPrintLib.planning.plate_objects import planned_plate
from FluoroPrintLib.planning.reduction import FragmentPose
from FluoroPrintLib.shape.solids import engine, frame_along, solid_of, surface_of, unit

SHAFT = (30, 20, 80)


def shaft_field():
    """A shaft of 30 x 20 x 80 mm about the origin in voxels of 1 mm."""
    k, j, i = np.indices((100, 50, 50))
    places = np.stack([i - 24.5, j - 24.5, k - 49.5], -1)
    mask = (np.abs(places) < np.array(SHAFT) / 2).all(axis=-1)
    matrix = np.eye(4)
    matrix[:3, 3] = -24.5, -24.5, -49.5
    return bone_field(Volume(mask.astype(np.uint8), matrix))


@pytest.fixture(scope="module")
def hand():
    return Hand(Surroundings(shaft_field()))


def osteotomy(angle=10.0, slide=0.0, axis=(0.0, 1.0, 0.0), cuts=((0.0, 0.0, 0.0),)):
    planes = tuple(CutPlane(place, (0, 0, 1)) for place in cuts)
    cut = Osteotomy(planes, 0.0, (-15.0, 0.0, 0.0), axis, angle, slide)
    return planned_osteotomy("osteotomy-1", "Shaft", cut, box(SHAFT))


def shift(x=0.0, y=0.0, z=0.0):
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix


def moved(planned, matrix, hand):
    return edits.move(Plan(objects=(planned,)), planned.id, matrix, hand).objects[0]


def test_an_osteotomy_moved_is_measured_in_the_field_as_on_the_surface(hand):
    planned = osteotomy(-10.0, 6.0, cuts=((0.0, 0.0, 0.0), (0.0, 0.0, 25.0)))
    here = moved(planned, shift(z=8.0), hand)
    assert here.figures["cut area"].value == pytest.approx((600, 600), rel=0.01)
    assert here.figures["wedge height"].value == pytest.approx(60 * np.sin(np.radians(5)), abs=0.05)
    assert here.figures["segment lengths"].value == (25.0,)
    assert "volumes" not in here.figures
    assert kind_of(here).verdict(here) == GOOD
    away = moved(planned, shift(z=25.0), hand)
    assert away.figures["cut area"].value[1] == 0.0
    assert kind_of(away).verdict(away) == BAD
    far = moved(planned, shift(x=400.0), hand)
    assert "wedge height" not in far.figures
    bare = moved(planned, shift(z=8.0), Hand())
    assert kind_of(bare).verdict(bare) == UNKNOWN


def test_contact_in_the_field_is_that_of_the_surface(hand):
    slid = osteotomy(0.0, 6.0)
    assert slid.figures["contact area"].value == pytest.approx(30 * 14, rel=1e-3)
    assert moved(slid, shift(z=5.0), hand).figures["contact area"].value == pytest.approx(30 * 14, rel=0.01)
    opened = moved(osteotomy(-10.0), shift(z=5.0), hand)
    assert opened.figures["contact area"].value < 30
    # Hinged in its middle one half opens, the other is pressed into the bone below.
    middle = planned_osteotomy(
        "osteotomy-1",
        "Shaft",
        Osteotomy((CutPlane((0, 0, 0), (0, 0, 1)),), 0.0, (0.0, 0.0, 0.0), (0.0, 1.0, 0.0), 10.0),
        box(SHAFT),
    )
    assert middle.figures["contact area"].value == pytest.approx(300, rel=0.05)
    assert moved(middle, shift(z=5.0), hand).figures["contact area"].value == pytest.approx(
        middle.figures["contact area"].value, rel=0.03
    )


def test_an_osteotomy_is_dragged_as_a_plane_about_its_point(hand):
    planned = osteotomy()
    assert kind_of(planned).handles == PLANE
    np.testing.assert_allclose(pose_of(planned)[:3, 3], (0, 0, 0), atol=1e-12)
    np.testing.assert_allclose(pose_of(planned)[:3, 2], (0, 0, 1), atol=1e-12)
    turn = hinged((0, 0, 0), (1, 0, 0), 20.0)
    turned = moved(planned, turn, hand)
    np.testing.assert_allclose(pose_of(turned), turn @ pose_of(planned), atol=1e-6)
    assert turned.figures["cut area"].value[0] == pytest.approx(600 / np.cos(np.radians(20)), rel=0.02)
    assert Live(hand.around, (planned,)).seen(planned).planned.figures["cut area"].value[0] > 590


def test_a_section_looked_at_by_blocks_is_that_of_all_places(hand):
    bone = hand.around.bone
    for point, normal in (
        ((0, 0, 0), (0.2, 0.1, 1)),
        ((3, 2, 38), (0, 0, 1)),
        ((14.0, 0, 0), (1, 0.02, 0)),
        ((15.7, 7.9, 0), (1, 1, 0)),
    ):
        places, depths = section_in(bone, CutPlane(point, normal))
        near = depths < 1.0
        np.testing.assert_allclose(depths[near], bone.at(places[near]))
        assert (bone.at(places) >= depths - 1e-6).all()
        ticks = np.arange(-100, 101)
        axes = frame_along(unit(normal))
        whole = bone.at(np.add(point, np.stack(np.meshgrid(ticks, ticks), -1) @ axes[:2]))
        assert len(places) == (whole > -0.5).sum()


def test_the_image_of_an_osteotomy_moves_as_an_image_does():
    planned = osteotomy(-10.0, 6.0, (0.3, 1.0, 0.2))
    plan = edits.mirror(Plan(objects=(planned,)), "osteotomy-1", (40, 0, 0), (1, 0.2, 0), Hand())
    across = edits.reflection((40, 0, 0), (1, 0.2, 0))
    expected = across @ osteotomy_of(planned).movement @ across
    np.testing.assert_allclose(osteotomy_of(plan.objects[1]).movement, expected, atol=1e-4)


def test_a_plate_off_the_bone_is_told(hand):
    flat = planned_plate(
        "plate-1", "Plate", plate_along(box((30, 20, 80)), [(15, 0, -30), (15, 0, 30)], PlateParameters())
    )
    here = moved(flat, shift(y=1.0), hand)
    assert here.figures["farthest from bone"].value == pytest.approx(0.0, abs=0.1)
    assert kind_of(here).verdict(here) == GOOD
    off = moved(flat, shift(x=4.0), hand)
    assert off.figures["farthest from bone"].value == pytest.approx(4.0, abs=0.1)
    assert kind_of(off).verdict(off) == BAD
    assert kind_of(moved(flat, shift(x=-4.0), hand)).verdict(moved(flat, shift(x=-4.0), hand)) == BAD
    assert PlateParameters(standoff_mm=1.0).standoff_mm == LayingParameters(standoff_mm=1.0).standoff_mm


def test_a_bent_plate_is_doubtful_and_its_image_bends_the_other_way(hand):
    shaft = surface_of(engine().Manifold.cylinder(60, 25, 25, 96, True).refine_to_length(4.0))
    clicks = [(25 * np.cos(a), 25 * np.sin(a), 12 * a) for a in (0.0, 0.8, 1.6)]
    planned = planned_plate("plate-1", "Plate", plate_along(shaft, clicks, PlateParameters()))
    assert kind_of(planned).verdict(planned) == DOUBTFUL
    plan = edits.mirror(Plan(objects=(planned,)), "plate-1", (0, 0, 0), (1, 0, 0), Hand())
    image = plan.objects[1]
    twist = np.array(planned.figures["twist"].value)
    assert np.abs(twist).max() > 2.0
    np.testing.assert_allclose(image.figures["twist"].value, -twist, atol=0.02)
    np.testing.assert_allclose(
        image.figures["bend out of plane"].value, planned.figures["bend out of plane"].value, atol=0.02
    )


def test_a_guide_moved_away_loses_what_it_was_checked_by():
    quick = GuideParameters(grid_mm=0.6, reach_mm=6.0, cone_deg=0.0)
    ball = surface_of(engine().Manifold.sphere(20, 64))
    guide = make_guide(ball, [DrillLine((0.0, 0.0, 20.0), (0.0, 0.0, 0.0))], [], quick, (0.0, 0.0, 1.0))
    planned = planned_guide("guide-1", "Guide", guide)
    assert kind_of(planned).verdict(planned) == GOOD
    assert kind_of(planned).refreshed(planned, Surroundings()) == planned
    away = moved(planned, shift(x=2.0), Hand())
    assert "penetration on removal" not in away.figures
    assert kind_of(away).verdict(away) == BAD
    assert "make it again" in away.figures["state"].value
    assert kind_of(planned).surface(planned).GetNumberOfCells() > 0


def test_a_segment_moved_is_still_cut_at_the_same_place_of_the_donor():
    donor = DonorLine((0.0, 0.0, -80.0), (0.0, 0.0, 80.0), (0.0, 1.0, 0.0), 5.0)
    line = ((0.0, 0.0, 0.0), (30.0, 0.0, 0.0), (45.0, 20.0, 0.0))
    segment = donor_segments(line, donor, (0.0, 0.0, 1.0))[0]
    planned = planned_segment("segment-1", "Segment 1", segment, donor)
    drawn = kind_of(planned).surface(planned)
    assert solid_of(drawn).volume() == pytest.approx(np.pi * 25 * 30, rel=1e-3)
    turn = hinged((3, 2, 1), (0.2, 1, 0.4), 35.0, 7.0)
    again = segment_of(moved(planned, turn, Hand()))
    for one, other in zip(segment.donor_cuts, again.donor_cuts, strict=True):
        np.testing.assert_allclose(one.point_ras, other.point_ras, atol=1e-4)
        np.testing.assert_allclose(one.normal_ras, other.normal_ras, atol=1e-5)
    np.testing.assert_allclose(again.to_place, turn @ segment.to_place, atol=1e-4)
    with pytest.raises(FluoroPrintError, match="no mirror image"):
        edits.mirror(Plan(objects=(planned,)), "segment-1", (0, 0, 0), (1, 0, 0), Hand())


def test_a_fragment_tells_how_it_is_moved_and_what_no_longer_holds():
    bone = surface_of(lump())
    matrix = hinged((60, 0, 0), (0, 1, 0), 12.0, 3.0)
    planned = planned_fragment("fragment-1", "Fragment", bone, FragmentPose(matrix, 3, 12, 0.4, 0.9))
    np.testing.assert_allclose(movement_of(planned), matrix, atol=1e-9)
    assert planned.figures["turned"].value == pytest.approx(12.0)
    assert kind_of(planned).verdict(planned) == GOOD
    # A hull of some of its corners, so a little smaller than the fragment.
    low, high = np.reshape(kind_of(planned).surface(planned).GetBounds(), (3, 2)).T
    placed = points_of(bone) @ matrix[:3, :3].T + matrix[:3, 3]
    assert np.abs(low - placed.min(axis=0)).max() < 2.0
    assert np.abs(high - placed.max(axis=0)).max() < 2.0
    nudged = moved(planned, shift(z=2.0), Hand())
    assert "residual" not in nudged.figures
    assert kind_of(nudged).verdict(nudged) == UNKNOWN
    np.testing.assert_allclose(movement_of(nudged), shift(z=2.0) @ matrix, atol=1e-5)
    assert turned_deg(hinged((0, 0, 0), (0, 0, 1), 180.0)) == pytest.approx(180.0)
    assert turned_deg(np.eye(4)) == 0.0

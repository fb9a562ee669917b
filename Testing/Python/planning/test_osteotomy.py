"""Cuts, segments of donor bone and reductions on solids whose figures are known."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import transformed
from FluoroPrintLib.mesh.polydata import points_of, with_points
from FluoroPrintLib.planning.guide_parameters import CutPlane
from FluoroPrintLib.planning.mandible import DonorLine, donor_segments, placed_segments
from FluoroPrintLib.planning.osteotomy import (
    CutCurve,
    angle_between_deg,
    contact_mm2,
    cut_bone,
    face_mm2,
    hinged,
    moved_piece,
    opening_mm,
    segment_length_mm,
)
from FluoroPrintLib.planning.osteotomy_objects import (
    Osteotomy,
    osteotomy_of,
    planned_osteotomy,
    surface_of_osteotomy,
)
from FluoroPrintLib.planning.plan import Planned
from FluoroPrintLib.planning.reduction import mirrored, pose_on, reduced
from FluoroPrintLib.shape.solids import UntouchedError, engine, solid_of, surface_of

SQUARE = CutPlane((0, 0, 0), (0, 0, 1))


def box(size, low=None):
    low = -np.array(size) / 2 if low is None else low
    return surface_of(engine().Manifold.cube(tuple(size)).translate(tuple(low)))


def volumes(pieces):
    return [piece.volume_mm3 for piece in pieces]


def test_a_box_is_cut_into_its_parts_less_the_kerf():
    pieces = cut_bone(
        box((10, 20, 60)), [CutPlane((0, 0, 10), (0, 0, 1)), CutPlane((0, 0, -10), (0, 0, -2))], 1
    )
    np.testing.assert_allclose(volumes(pieces), [200 * 19.5, 200 * 19.5, 200 * 19], rtol=1e-6)
    assert [piece.name for piece in pieces] == ["piece 1", "piece 2", "piece 3"]
    with pytest.raises(UntouchedError, match="does not part"):
        cut_bone(box((10, 20, 60)), [CutPlane((0, 0, 100), (0, 0, 1))])


def test_a_closed_curve_cuts_a_flap_out_and_an_open_one_parts():
    skull = box((80, 80, 6))
    square = ((-10, -10, 3), (10, -10, 3), (10, 10, 3), (-10, 10, 3))
    rest, flap = cut_bone(skull, [CutCurve(square, (0, 0, 1))])
    assert flap.volume_mm3 == pytest.approx(20 * 20 * 6)
    assert rest.volume_mm3 == pytest.approx(80 * 80 * 6 - 2400)
    bent = CutCurve(((-40, 0, 3), (0, 0, 3), (0, 40, 3)), (0, 0, 1), closed=False)
    assert sorted(volumes(cut_bone(skull, [bent]))) == pytest.approx([40 * 40 * 6, 3 * 40 * 40 * 6])
    with pytest.raises(FluoroPrintError, match="three points"):
        cut_bone(skull, [CutCurve(square[:2], (0, 0, 1))])


def test_an_opening_wedge_is_as_high_as_its_chord():
    """A shaft 30 mm wide hinged at one side by 10 degrees opens by 2 x 30 sin 5 degrees at the other."""
    bone = box((30, 20, 80))
    height = opening_mm(bone, SQUARE, (-15, 0, 0), (0, 1, 0), 10)
    assert height == pytest.approx(60 * np.sin(np.radians(5)))
    upper = max(cut_bone(bone, [SQUARE]), key=lambda piece: points_of(piece.surface)[:, 2].max())
    opened = moved_piece(upper, hinged((-15, 0, 0), (0, 1, 0), -10))
    assert points_of(opened.surface)[:, 2].min() > -1e-3
    places = points_of(opened.surface)
    far = places[np.argmin(np.linalg.norm(places - (15, 10, 0), axis=1))]
    assert np.linalg.norm(far - (15, 10, 0)) == pytest.approx(height, abs=1e-3)
    turned = CutPlane((0, 0, 5), (np.sin(0.2), 0, -np.cos(0.2)))
    assert angle_between_deg(SQUARE, turned) == pytest.approx(np.degrees(0.2))


def test_a_hinge_turns_by_the_right_hand_and_keeps_itself_in_place():
    matrix = hinged((1, 2, 3), (0, 0, 2), 90, slide_mm=4)
    np.testing.assert_allclose(matrix @ (1, 2, 0, 1), (1, 2, 4, 1), atol=1e-12)
    np.testing.assert_allclose(matrix @ (2, 2, 0, 1), (1, 3, 4, 1), atol=1e-12)


def test_contact_of_a_sliding_osteotomy_is_what_still_faces():
    bone = box((30, 20, 80))
    one, other = cut_bone(bone, [SQUARE])
    assert face_mm2(solid_of(bone), SQUARE) == pytest.approx(600)
    assert contact_mm2(one, other, SQUARE) == pytest.approx(600, rel=1e-3)
    slid = moved_piece(other, hinged((0, 0, 0), (1, 0, 0), 0, slide_mm=12))
    assert contact_mm2(one, slid, SQUARE) == pytest.approx(18 * 20, rel=1e-3)
    apart = moved_piece(other, hinged((0, 0, 0), (0, 0, 1), 0, slide_mm=5))
    assert min(contact_mm2(one, apart, SQUARE), contact_mm2(apart, one, SQUARE)) in (0.0, pytest.approx(600))


def test_a_segment_is_as_long_as_its_cuts_are_apart_along_its_line():
    slanted = CutPlane((0, 0, 30), (0, 1, 1))
    assert segment_length_mm(SQUARE, slanted, (0, 0, 0), (0, 0, 1)) == pytest.approx(30)
    assert segment_length_mm(SQUARE, slanted, (0, 4, 0), (0, 0, 2)) == pytest.approx(26)
    with pytest.raises(FluoroPrintError, match="runs along"):
        segment_length_mm(SQUARE, slanted, (0, 0, 0), (1, 0, 0))


@pytest.mark.parametrize("bend", [30.0, 70.0])
def test_mitred_segments_of_a_prism_meet_in_whole_faces(bend):
    turn = np.radians(bend)
    line = (
        (0, 0, 0),
        (30, 0, 0),
        tuple(np.array((30, 0, 0)) + 25 * np.array((np.cos(turn), np.sin(turn), 0))),
    )
    donor = DonorLine((0, 0, -80), (0, 0, 80), (0, 1, 0), radius_mm=5.0)
    segments = donor_segments(line, donor, (0, 0, 1))
    assert [segment.length_mm for segment in segments] == pytest.approx([30, 25])
    assert segments[0].angles_deg == pytest.approx((0, bend / 2))
    assert segments[0].longest_mm == pytest.approx(30 + 5 * np.tan(turn / 2))
    prism = box((10, 10, 200))
    one, two = placed_segments(prism, segments)
    # A prism cut slantwise keeps the volume of its axis.
    assert one.volume_mm3 == pytest.approx(100 * 30, rel=1e-4)
    assert two.volume_mm3 == pytest.approx(100 * 25, rel=1e-4)
    mitre = segments[0].place_cuts[1]
    assert contact_mm2(one, two, mitre) == pytest.approx(100 / np.cos(turn / 2), rel=0.02)
    assert (one.moved_solid ^ two.moved_solid).volume() < 0.01
    assert (one.solid ^ two.solid).is_empty()
    with pytest.raises(FluoroPrintError, match="mm of donor bone"):
        donor_segments(line, DonorLine((0, 0, 0), (0, 0, 50), (0, 1, 0), 5.0), (0, 0, 1))


def lump():
    """A bone that no turn maps onto itself, some 60 mm long."""
    solid = engine().Manifold.sphere(14, 48).scale((1, 0.8, 2.2))
    solid += engine().Manifold.sphere(9, 32).translate((12, 3, 20))
    solid += engine().Manifold.sphere(7, 32).translate((-9, 8, -12))
    solid += engine().Manifold.sphere(6, 32).translate((3, -10, 6))
    return solid.translate((60, 0, 0))


def test_a_displaced_fragment_is_set_by_the_mirrored_other_side():
    bone = surface_of(lump())
    other_side = mirrored(bone)
    _, fragment = cut_bone(bone, [CutPlane((60, 0, 4), (0, 0.3, 1))])
    move = hinged((60, 0, 10), (0.3, 1, 0.2), 12, 0) @ hinged((0, 0, 0), (0.5, -0.4, 1), 0, 5)
    displaced = with_points(fragment.surface, transformed(points_of(fragment.surface), move))
    (pose,) = reduced([displaced], mirrored(other_side))
    points = points_of(fragment.surface)
    off = np.linalg.norm(transformed(transformed(points, move), pose.to_place) - points, axis=1)
    assert off.max() < 0.5
    assert pose.residual_mm < 0.1
    assert pose.residual_p95_mm < 0.2
    assert pose.turned_deg == pytest.approx(12, abs=0.5)


def test_mirroring_keeps_the_outside_outside_and_few_points_are_refused():
    bone = surface_of(lump())
    twin = mirrored(bone, (10, 0, 0), (2, 0, 0))
    assert solid_of(twin).volume() == pytest.approx(solid_of(bone).volume(), rel=1e-6)
    np.testing.assert_allclose(points_of(twin)[:, 0], 20 - points_of(bone)[:, 0], atol=1e-4)
    with pytest.raises(FluoroPrintError, match="fewer than"):
        pose_on(surface_of(engine().Manifold.cube()), type(bone)())


def test_a_planned_osteotomy_is_the_osteotomy_again():
    osteotomy = Osteotomy((CutPlane((0, 0, 0), (0, 0, 1)),), 1.0, (-15.0, 0.0, 0.0), (0.0, 1.0, 0.0), 10.0)
    planned = planned_osteotomy("osteotomy-1", "Tibia", osteotomy, box((30, 20, 80)))
    assert osteotomy_of(planned) == osteotomy
    assert planned.figures["wedge height"].value == pytest.approx(60 * np.sin(np.radians(5)), abs=1e-3)
    assert planned.figures["volumes"].value == pytest.approx((600 * 39.5, 600 * 39.5), rel=1e-4)
    assert planned.figures["cut area"].value == (pytest.approx(600),)
    drawn = points_of(surface_of_osteotomy(planned))
    assert abs(drawn[:, 2]).max() < 2.0
    with pytest.raises(FluoroPrintError, match="no osteotomy"):
        osteotomy_of(Planned("cup", "Cup", "cup"))

"""Orientation: the terms of solids whose overhangs are known, and which way is suggested."""

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.parameters import parameter_fields
from FluoroPrintLib.printing.footprint import Bed, about_z
from FluoroPrintLib.printing.orientation import (
    OrientationParameters,
    suggested_orientation,
    terms_of,
    turning_down,
)

DOWN, UP = np.array([0.0, 0.0, -1.0]), np.array([0.0, 0.0, 1.0])
TILT = turning_down(np.array([0.48, -0.6, 0.64]))


def test_a_cube_rests_on_a_face_and_needs_no_support(solids):
    terms = terms_of(*solids.arrays_of(solids.box(20, 20, 20)), DOWN)
    assert terms.support_mm2 == 0.0
    assert terms.rest_mm2 == pytest.approx(400)
    assert (terms.height_mm, terms.centre_mm, terms.stability_mm) == pytest.approx((20, 10, 10))


def test_a_tilted_cube_is_suggested_to_lie_on_a_face(solids):
    points, triangles = solids.arrays_of(solids.box(20, 20, 20))
    found = suggested_orientation(points @ TILT.T, triangles)
    assert found.terms.height_mm == pytest.approx(20, abs=1e-3)
    assert found.terms.rest_mm2 == pytest.approx(400, rel=1e-3)
    np.testing.assert_allclose(found.rotation @ found.down, DOWN, atol=1e-9)


def test_a_cube_that_lies_well_is_not_turned(solids):
    found = suggested_orientation(*solids.arrays_of(solids.box(20, 20, 20)))
    np.testing.assert_array_equal(found.rotation, np.eye(3))


def test_a_mushroom_on_its_stem_needs_support_under_the_cap_and_none_upside_down(solids):
    points, triangles = solids.arrays_of(solids.mushroom())
    stem, cap = terms_of(points, triangles, DOWN), terms_of(points, triangles, UP)
    under = solids.disc_mm2(15) - solids.disc_mm2(4)
    assert stem.support_mm2 == pytest.approx(under)
    assert stem.rest_mm2 == pytest.approx(solids.disc_mm2(4))
    assert cap.support_mm2 == 0.0
    assert cap.rest_mm2 == pytest.approx(solids.disc_mm2(15))
    assert cap.stability_mm == pytest.approx(15 * np.cos(np.pi / 64))
    assert cap.centre_mm < stem.centre_mm


@pytest.mark.parametrize("rotation", [np.eye(3), TILT], ids=["upright", "tilted"])
def test_a_mushroom_is_suggested_to_lie_on_its_cap(solids, rotation):
    points, triangles = solids.arrays_of(solids.mushroom())
    found = suggested_orientation(points @ rotation.T, triangles)
    np.testing.assert_allclose(found.down, rotation @ UP, atol=0.02)


def test_an_angle_on_its_leg_needs_support_under_its_foot_and_is_suggested_to_lie_flat(solids):
    points, triangles = solids.arrays_of(solids.angle())
    upside_down = terms_of(points, triangles, UP)
    assert upside_down.support_mm2 == pytest.approx(40 * 20)
    assert upside_down.stability_mm < 0
    assert terms_of(points, triangles, DOWN).support_mm2 == 0.0
    found = suggested_orientation(points, triangles)
    assert abs(found.down[1]) == pytest.approx(1)
    assert found.terms.height_mm == pytest.approx(20)
    assert found.terms.rest_mm2 == pytest.approx(50 * 10 + 40 * 10)


@pytest.mark.parametrize(("angle_deg", "hangs"), [(40, True), (50, False)])
def test_a_face_overhangs_where_it_is_flatter_than_the_limit(solids, angle_deg, hangs):
    """A slab turned about y: its lower side stands `angle_deg` above the bed."""
    points, triangles = solids.arrays_of(solids.box(40, 40, 4))
    turn = np.radians(angle_deg)
    down = -np.array([np.sin(turn), 0.0, np.cos(turn)])
    shadow = terms_of(points, triangles, down, overhang_deg=45).support_mm2
    lower = 1600 * np.cos(turn)
    # The short side of the slab is steep where the long one is flat, and the other way round.
    side = 160 * np.sin(turn)
    assert shadow == pytest.approx(lower if hangs else side)


def test_with_the_height_alone_in_mind_a_mushroom_lies_down(solids):
    points, triangles = solids.arrays_of(solids.mushroom())
    found = suggested_orientation(points, triangles, needs_support=False)
    assert found.terms.height_mm == pytest.approx(30, abs=0.1)
    assert found.score == pytest.approx(found.terms.height_mm / np.linalg.norm([30, 30, 36]), rel=0.01)


def test_the_score_is_the_weighted_sum_of_its_terms(solids):
    points, triangles = solids.arrays_of(solids.angle())
    weights = OrientationParameters(orient=False, support_weight=2, height_weight=3, stability_weight=5)
    found = suggested_orientation(points @ turning_down(UP).T, triangles, weights)
    surface = 2 * (50 * 10 + 40 * 10) + 4 * 50 * 20
    # Upside down its foot hangs, and its centre of mass is beside the leg that it stands on.
    expected = 2 * 800 / surface + 3 * 50 / np.linalg.norm([50, 20, 50]) + 5
    assert found.score == pytest.approx(expected)


def test_weight_on_the_height_lays_a_mushroom_down(solids):
    points, triangles = solids.arrays_of(solids.mushroom())
    assert suggested_orientation(points, triangles).terms.height_mm == pytest.approx(36)
    flat = OrientationParameters(support_weight=0, height_weight=10, stability_weight=0)
    assert suggested_orientation(points, triangles, flat).terms.height_mm == pytest.approx(30, abs=0.1)


def test_what_fits_the_printer_comes_before_what_is_better(solids):
    points, triangles = solids.arrays_of(solids.box(30, 30, 120))
    assert suggested_orientation(points, triangles).terms.height_mm == pytest.approx(30)
    found = suggested_orientation(points, triangles, bed=Bed(50, 50, 150))
    assert found.terms.height_mm == pytest.approx(120)


def test_without_orienting_a_part_stands_as_it_is(solids):
    points, triangles = solids.arrays_of(solids.mushroom())
    found = suggested_orientation(points, triangles, OrientationParameters(orient=False))
    np.testing.assert_array_equal(found.down, DOWN)
    assert found.candidates == 1


def test_the_input_stays_as_it_was(solids):
    points, triangles = solids.arrays_of(solids.mushroom())
    before = points.copy()
    suggested_orientation(points, triangles)
    np.testing.assert_array_equal(points, before)


@pytest.mark.parametrize("down", [UP, DOWN, np.array([1.0, 0.0, 0.0]), np.array([0.48, -0.6, 0.64])])
def test_the_rotation_turns_its_direction_down_and_is_a_rotation(down):
    rotation = turning_down(down)
    np.testing.assert_allclose(rotation @ down, DOWN, atol=1e-12)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    assert np.linalg.det(about_z(1.0)) == pytest.approx(1)


def test_a_cancel_stops_the_comparison(solids):
    def stop(fraction, message):
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        suggested_orientation(*solids.arrays_of(solids.mushroom()), progress=stop)


def test_a_flat_part_is_refused():
    points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]])
    with pytest.raises(FluoroPrintError, match="flat or empty"):
        suggested_orientation(points, np.array([[0, 1, 2], [1, 3, 2]]))


def test_every_weight_says_what_it_weighs():
    assert all(field.help for field in parameter_fields(OrientationParameters))

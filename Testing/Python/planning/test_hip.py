"""Hips whose truth is known: angles, spheres, sockets, cups, coverage, screws."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.planning import cup_angles as angles
from FluoroPrintLib.planning.acetabulum import (
    directions_of_sphere,
    find_acetabulum,
    find_head,
    head_from_landmarks,
)
from FluoroPrintLib.planning.cup import (
    QUADRANTS,
    Cup,
    CupParameters,
    coverage,
    cup_screws,
    nearest_size,
    quadrant_axes,
    quadrant_of,
    suggested_cup,
)
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.sphere import fitted_sphere
from hip_solids import NATIVE_DEG, RADIUS_MM, RIM_MM, centre, hip, landmarks, native_axis
from planning_solids import box, grid, places_of, rotation

SIZES = tuple(float(size) for size in range(42, 73, 2))
CUP_AXES = directions_of_sphere(500)
CUP_AXES = CUP_AXES[(CUP_AXES[:, 0] > 0.05) & (CUP_AXES[:, 2] < -0.05)]


def turn_between(first, second):
    return float(np.degrees(np.arccos(np.clip(np.dot(first, second), -1, 1))))


@pytest.mark.parametrize("name", ["radiographic", "operative", "anatomic"])
def test_angles_and_axes_are_each_other_s_opposite(name):
    there, back = getattr(angles, f"{name}_of"), getattr(angles, f"axis_of_{name}")
    np.testing.assert_allclose(back(there(CUP_AXES)), CUP_AXES, atol=1e-12)


def test_the_three_definitions_keep_murray_s_identities():
    ri, ra = np.radians(angles.radiographic_of(CUP_AXES)).T
    oi, oa = np.radians(angles.operative_of(CUP_AXES)).T
    ai, aa = np.radians(angles.anatomic_of(CUP_AXES)).T
    np.testing.assert_allclose(np.tan(oa), np.tan(ra) / np.cos(ri), atol=1e-9)
    np.testing.assert_allclose(np.sin(oi), np.sin(ri) * np.cos(ra), atol=1e-9)
    np.testing.assert_allclose(np.cos(ai), np.cos(ri) * np.cos(ra), atol=1e-9)
    np.testing.assert_allclose(np.tan(aa), np.tan(ra) / np.sin(ri), atol=1e-9)


def test_40_15_radiographic_in_the_other_definitions():
    axis = angles.axis_of_radiographic((40.0, 15.0))
    np.testing.assert_allclose(angles.operative_of(axis), (38.381, 19.279), atol=1e-3)
    np.testing.assert_allclose(angles.anatomic_of(axis), (42.274, 22.629), atol=1e-3)


@pytest.mark.parametrize(("side", "sign"), [("right", 1), ("left", -1)])
def test_a_cup_opens_to_its_own_side_forward_and_down(side, sign):
    frame = angles.pelvis_frame(landmarks())
    axis = angles.out_of_hip(angles.axis_of_radiographic((40.0, 15.0)), frame, side)
    assert np.sign(axis).tolist() == [sign, 1, -1]
    np.testing.assert_allclose(angles.radiographic_of(angles.in_hip(axis, frame, side)), (40.0, 15.0))


def test_the_frame_turns_with_the_pelvis_and_tells_its_tilt():
    turn = rotation(1, 7) @ rotation(0, -12)
    turned = angles.PelvicLandmarks(*(tuple(turn @ np.array(p)) for p in vars(landmarks()).values()))
    frame = angles.pelvis_frame(turned)
    np.testing.assert_allclose(frame.axes_ras, turn.T, atol=1e-12)
    tilted = angles.PelvicLandmarks(*(tuple(rotation(0, -12) @ p) for p in vars(landmarks()).values()))
    assert angles.tilt_in_scan_deg(angles.pelvis_frame(tilted)) == pytest.approx(12.0)


def test_a_pelvis_that_leans_forward_has_less_anteversion():
    axis = angles.out_of_hip(
        angles.axis_of_radiographic((40.0, 15.0)), angles.pelvis_frame(landmarks()), "left"
    )
    leaning = angles.pelvis_frame(landmarks(), tilt_deg=10.0)
    seen = angles.in_hip(axis, leaning, "left")
    expected = rotation(0, -10.0) @ angles.axis_of_radiographic((40.0, 15.0))
    np.testing.assert_allclose(seen, expected, atol=1e-12)
    assert angles.radiographic_of(seen)[1] < 10.0


def test_swapped_landmarks_are_refused():
    given = landmarks()
    swapped = angles.PelvicLandmarks(
        given.asis_right, given.asis_left, given.tubercle_left, given.tubercle_right
    )
    with pytest.raises(FluoroPrintError, match="swapped"):
        angles.pelvis_frame(swapped)
    with pytest.raises(FluoroPrintError, match="one line"):
        angles.pelvis_frame(angles.PelvicLandmarks(*([given.asis_left] * 4)))


def test_the_safe_zone_has_its_borders():
    zone = angles.is_in_safe_zone([(40, 15), (30, 5), (50, 25), (50.1, 15), (40, 4.9)])
    assert zone.tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("seed", range(5))
def test_a_sphere_is_found_with_a_third_missing_noise_and_a_fossa(seed):
    chance = np.random.default_rng(seed)
    radius, middle = chance.uniform(20, 30), chance.uniform(-100, 100, 3)
    directions = chance.normal(size=(1500, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    away = radius + chance.normal(size=1500)
    towards = chance.normal(size=3)
    towards /= np.linalg.norm(towards)
    seen = directions @ towards < 0.4
    fossa = directions @ towards < -0.7
    away[fossa] += 5.0
    found = fitted_sphere(middle + directions[seen] * away[seen, None])
    assert 0.68 < seen.mean() < 0.72
    assert np.linalg.norm(found.centre - middle) < 1.0
    assert found.radius_mm == pytest.approx(radius, abs=1.0)


def test_an_exact_sphere_is_found_exactly_and_no_sphere_refused():
    directions = directions_of_sphere(200)
    found = fitted_sphere(np.array([1.0, -2.0, 3.0]) + 24.0 * directions[directions[:, 2] < 0.2])
    np.testing.assert_allclose([*found.centre, found.radius_mm], (1, -2, 3, 24), atol=1e-6)
    with pytest.raises(FluoroPrintError, match="No sphere"):
        fitted_sphere(np.array([[x, y, 0.0] for x in range(5) for y in range(5)]))


@pytest.fixture(scope="module")
def right_hip():
    return bone_field(hip("right"))


@pytest.fixture(scope="module")
def left_hip():
    return bone_field(hip("left"))


@pytest.fixture(scope="module")
def sockets(right_hip, left_hip):
    """What is found of both hips from some 7 mm beside their centres."""
    fields = {"right": right_hip, "left": left_hip}
    return {side: find_acetabulum(field, centre(side) + (4.0, -5.0, 3.0)) for side, field in fields.items()}


@pytest.mark.parametrize("side", ["right", "left"])
def test_socket_rim_and_native_angles_of_a_solid(side, sockets):
    socket, frame = sockets[side], angles.pelvis_frame(landmarks())
    assert np.linalg.norm(socket.centre_ras - centre(side)) < 0.4
    assert socket.radius_mm == pytest.approx(RADIUS_MM, abs=0.3)
    assert socket.spread_mm < 0.5
    assert socket.rms_mm < 0.4
    assert socket.rim_height_mm == pytest.approx(-RIM_MM, abs=0.8)
    assert turn_between(socket.axis_ras, native_axis(side)) < 2.0
    native = angles.radiographic_of(angles.in_hip(socket.axis_ras, frame, side))
    np.testing.assert_allclose(native, NATIVE_DEG, atol=2.0)


@pytest.mark.slow
def test_the_head_is_found_by_the_landmarks_alone(right_hip):
    frame = angles.pelvis_frame(landmarks())
    expected = head_from_landmarks(landmarks(), frame, "right")
    assert 5 < np.linalg.norm(expected - centre()) < 30
    assert np.linalg.norm(find_head(right_hip, expected) - centre()) < 12.0


def test_where_there_is_no_socket_a_sentence_says_so(right_hip):
    with pytest.raises(FluoroPrintError, match="lies in bone"):
        find_acetabulum(right_hip, centre() - native_axis() * (RADIUS_MM + 14.0))
    solid = grid((60.0,) * 3, (2.0,) * 3)
    slab = bone_field(
        solid.with_array(box(places_of(solid), (-30, -30, -30), (30, 30, -18)).astype(np.uint8))
    )
    with pytest.raises(FluoroPrintError, match="No s"):
        find_acetabulum(slab, np.zeros(3))
    with pytest.raises(FluoroPrintError, match="No socket"):
        find_head(slab, np.zeros(3))


@pytest.mark.parametrize("side", ["right", "left"])
def test_the_suggested_cup_is_within_one_size_and_two_degrees(side, sockets):
    frame = angles.pelvis_frame(landmarks())
    parameters = CupParameters(inclination_deg=NATIVE_DEG[0], anteversion_deg=NATIVE_DEG[1])
    cup = suggested_cup(sockets[side], frame, side, SIZES, parameters)
    assert abs(cup.diameter_mm - 2 * RADIUS_MM) <= 2.0
    assert turn_between(cup.axis_ras, native_axis(side)) < 2.0
    assert np.linalg.norm(np.subtract(cup.centre_ras, centre(side))) < 0.4


def test_the_size_is_the_nearest_and_none_beyond_the_catalogue():
    assert [nearest_size(SIZES, wanted) for wanted in (52.9, 53.0, 53.1, 41.0)] == [52.0, 54.0, 54.0, 42.0]
    with pytest.raises(FluoroPrintError, match="No cup fits"):
        nearest_size(SIZES, 76.0)


def test_coverage_is_the_share_of_the_hemisphere_that_the_socket_has():
    """A socket cut off below the centre covers 1 - h / r, r at the reach; a turned cup leaves turn / 180."""
    middle, radius = np.zeros(3), 24.0
    volume = grid((70.0,) * 3, (0.8,) * 3)
    p = places_of(volume)
    away = np.linalg.norm(p, axis=-1)

    def field_below(height):
        return bone_field(volume.with_array(((away > radius) & (p[..., 2] < height)).astype(np.uint8)))

    up, turned = (0.0, 0.0, 1.0), tuple(rotation(0, 20.0) @ (0.0, 0.0, 1.0))
    deep, even = field_below(-6.4), field_below(0.0)
    assert coverage(deep, Cup(tuple(middle), up, 2 * radius), 1.5) == pytest.approx(1 - 6.4 / 25.5, abs=0.01)
    assert coverage(even, Cup(tuple(middle), turned, 2 * radius), 1.5) == pytest.approx(
        1 - 20 / 180, abs=0.02
    )
    assert coverage(even, Cup(tuple(middle), up, 2 * radius - 6), 1.5) == 0.0


def test_quadrants_follow_the_line_from_the_spine():
    frame = angles.pelvis_frame(landmarks())
    cup = Cup(tuple(centre()), tuple(native_axis()), 52.0)
    axes = quadrant_axes(cup, landmarks().asis_right, frame)
    to_spine = np.subtract(landmarks().asis_right, centre())
    assert axes[0] @ to_spine > 0
    assert abs(axes[1] @ to_spine) < 1e-9
    assert axes[1] @ (0, 1, 0) > 0
    signs = [axes.T @ (s, a) for s, a in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
    assert tuple(quadrant_of(way, axes) for way in signs) == QUADRANTS


def test_the_longest_way_for_a_screw_lies_in_the_bar_of_bone():
    """A bar of 20 mm through the posterior-superior quadrant, 55 mm long: depth is its length."""
    frame, axis = angles.pelvis_frame(landmarks()), native_axis()
    cup = Cup(tuple(centre()), tuple(axis), 52.0)
    axes = quadrant_axes(cup, landmarks().asis_right, frame)
    way = np.sin(0.7) * (axes[0] - axes[1]) / np.sqrt(2) - np.cos(0.7) * axis
    volume = grid((170.0,) * 3, (2.0,) * 3, centre())
    p = places_of(volume) - centre()
    away = np.linalg.norm(p, axis=-1)
    bar = (p @ way > 0) & (p @ way < 81) & (np.linalg.norm(p - (p @ way)[..., None] * way, axis=-1) < 10)
    shell = (away < 34) & (p @ axis < 0)
    field = bone_field(volume.with_array(((bar | shell) & (away > 26)).astype(np.uint8)))
    screws = {screw.quadrant: screw for screw in cup_screws(field, cup, landmarks().asis_right, frame, 3.25)}
    assert tuple(screws) == QUADRANTS
    best = screws["posterior-superior"]
    assert best.depth_mm == pytest.approx(81 - 26 - 3.25, abs=3.0)
    assert turn_between(best.direction_ras, way) < 8.0
    assert max(screws[name].depth_mm for name in QUADRANTS if name != best.quadrant) < 10.0

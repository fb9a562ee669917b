"""Distances for the caliper: widths of boxes and ellipsoids have closed forms; accuracy has, too."""

from __future__ import annotations

import manifold3d
import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.printing.accuracy import accuracy_of
from FluoroPrintLib.printing.caliper import caliper_distances, widths_mm

EDGES = np.array([20.0, 30.0, 50.0])
AXES = np.array([15.0, 25.0, 40.0])
DIRECTIONS = np.random.default_rng(4).normal(size=(50, 3))
DIRECTIONS /= np.linalg.norm(DIRECTIONS, axis=1, keepdims=True)


@pytest.fixture
def box(solids):
    return solids.arrays_of(solids.box(*EDGES))


@pytest.fixture
def ellipsoid(solids):
    return solids.arrays_of(manifold3d.Manifold.sphere(1, 200).scale(list(AXES)))


def box_width(direction):
    return float(np.abs(direction) @ EDGES)


def ellipsoid_width(direction):
    return float(2 * np.linalg.norm(np.asarray(direction) * AXES))


def test_widths_of_a_box_and_an_ellipsoid_have_closed_forms(box, ellipsoid):
    assert widths_mm(box[0], DIRECTIONS) == pytest.approx([box_width(each) for each in DIRECTIONS])
    expected = [ellipsoid_width(each) for each in DIRECTIONS]
    assert widths_mm(ellipsoid[0], DIRECTIONS) == pytest.approx(expected, rel=1e-3)


def test_a_box_is_measured_across_its_faces_and_corners(box):
    found = caliper_distances(*box)
    nominal = sorted(round(each.nominal_mm, 6) for each in found)
    assert nominal[:2] == [20.0, 30.0]
    assert nominal[2:] == pytest.approx([np.linalg.norm(EDGES)] * 3)
    assert {each.held for each in found if each.nominal_mm > 55} == {"largest"}
    assert {each.held for each in found if each.nominal_mm < 55} == {"smallest"}


def test_an_ellipsoid_is_measured_along_its_axes(ellipsoid):
    found = caliper_distances(*ellipsoid)
    held = {each.held: each.nominal_mm for each in found}
    assert held["largest"] == pytest.approx(80.0, abs=0.01)
    assert held["smallest"] == pytest.approx(30.0, abs=0.01)
    assert 50.0 in [pytest.approx(each.nominal_mm, abs=0.01) for each in found]
    assert {each.name for each in found[:3]} == {"I - S", "L - R", "P - A"}


def test_every_distance_is_the_width_along_its_direction_and_touches_both_jaws(box, ellipsoid):
    for arrays, width, off in ((box, box_width, 1e-6), (ellipsoid, ellipsoid_width, 0.03)):
        for each in caliper_distances(*arrays):
            across = np.array(each.direction_ras)
            assert each.nominal_mm == pytest.approx(width(across), abs=off)
            ends = np.array(each.second_ras_mm)[:, None] - np.array(each.first_ras_mm)[None]
            assert ends @ across == pytest.approx(each.nominal_mm, abs=0.11)


def test_distances_turn_with_the_part(box):
    points, triangles = box
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    turned = caliper_distances(points @ turn.T + [100, -50, 7], triangles)
    assert sorted(each.nominal_mm for each in turned) == pytest.approx(
        sorted(each.nominal_mm for each in caliper_distances(*box)), abs=0.002
    )


def test_directions_are_apart(box, ellipsoid):
    for arrays in (box, ellipsoid):
        across = np.array([each.direction_ras for each in caliper_distances(*arrays)])
        cosines = np.abs(across @ across.T)[~np.eye(5, dtype=bool)]
        assert np.degrees(np.arccos(cosines.max())) > 12


def test_the_longest_width_within_reach_comes_first(solids, box):
    """The diagonals of the first box are 162 mm, beyond a common caliper; those of the second are not."""
    beyond = caliper_distances(*solids.arrays_of(solids.box(140, 60, 55)))
    assert beyond[0].nominal_mm == pytest.approx(140)
    assert caliper_distances(*box)[0].nominal_mm == pytest.approx(np.linalg.norm(EDGES))


def test_a_long_rod_is_measured_across_and_along(solids):
    nominal = widths_of(*solids.arrays_of(solids.box(300, 30, 40)))
    assert nominal[:3] == pytest.approx([30, 40, 300])


def widths_of(points, triangles):
    return sorted(each.nominal_mm for each in caliper_distances(points, triangles))


def test_of_several_pieces_the_largest_is_measured(solids):
    apart = solids.box(*EDGES) + solids.box(5, 5, 5, at=(90, 0, 0))
    nominal = [each.nominal_mm for each in caliper_distances(*solids.arrays_of(apart))]
    assert max(nominal) == pytest.approx(np.linalg.norm(EDGES))


def test_a_flat_part_has_no_widths():
    with pytest.raises(FluoroPrintError, match="flat"):
        caliper_distances(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0.0]]), np.array([[0, 1, 2]]))


def test_accuracy_of_a_print_that_is_too_large_by_a_factor():
    nominal = [20.0, 30.0, 50.0]
    found = accuracy_of(nominal, [each * 1.01 for each in nominal], 0.5)
    assert found.mean_mm == pytest.approx(1.0 / 3)
    assert found.mean_absolute_percent == pytest.approx(1.0)
    assert found.scale == pytest.approx(1.01)
    assert found.rms_after_scale_mm == pytest.approx(0, abs=1e-12)
    assert (found.max_mm, found.is_within) == (pytest.approx(0.5), True)


def test_accuracy_of_errors_of_either_sign():
    found = accuracy_of([10.0, 20.0], [10.3, 19.6], 0.3)
    assert found.mean_mm == pytest.approx(-0.05)
    assert found.mean_absolute_mm == pytest.approx(0.35)
    assert found.rms_mm == pytest.approx(np.sqrt((0.09 + 0.16) / 2))
    assert found.max_mm == pytest.approx(0.4)
    assert not found.is_within


@pytest.mark.parametrize("measured", [[], [10.0], [10.0, 0.0], [10.0, float("nan")], [10.0, -3.0]])
def test_what_was_not_measured_is_refused(measured):
    with pytest.raises(FluoroPrintError):
        accuracy_of([10.0, 20.0], measured)

"""Corridors of the pelvis are found by themselves in solids of its shape; the side is the patient's."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.planning.chords import chords_through, even_directions
from FluoroPrintLib.planning.corridors import CorridorParameters
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.hemipelvis import find_hemipelvis
from FluoroPrintLib.planning.pelvic_corridors import (
    ILIOSACRAL,
    RAMUS,
    SUPRA_ACETABULAR,
    corridor_ends,
    screw_in_region,
)
from FluoroPrintLib.planning.screw import fit_of
from FluoroPrintLib.planning.screw_sizes import ScrewFamily
from planning_solids import box, grid, places_of, tube

FAMILY = ScrewFamily("cannulated", "Cannulated", (4.5, 6.5, 7.3), tuple(np.arange(30.0, 181.0, 5.0)), {})
PARAMETERS = CorridorParameters(trim_mm=10.0)
JOINT, FORAMEN = np.array([-20.0, 0.0, 0.0]), np.array([0.0, 12.0, -50.0])


def half_pelvis():
    """A left half: ilium above, socket open to the left, a thin bar to the front, a thick one behind."""
    volume = grid((110.0, 140.0, 200.0), (2.0, 2.0, 2.0), centre=(-5.0, 10.0, 15.0))
    p = places_of(volume)
    ilium = tube(p, (-8, -35, 80), (-8, 45, 28), 12) | tube(p, (-8, -40, 40), (-8, 40, 40), 16)
    wing = box(p, (-14, -40, 30), (-2, 40, 105))
    socket = np.linalg.norm(p - JOINT, axis=-1)
    cup = (socket < 30) & (p[..., 0] > -22)
    ramus = tube(p, (-6, 5, 30), (10, 60, -60), 7)
    lower = tube(p, (10, 60, -60), (0, -10, -78), 6)
    ischium = tube(p, (-5, -18, 20), (0, -14, -78), 12)
    bone = (ilium | wing | cup | ramus | lower | ischium) & (socket > 23)
    return Volume(bone.astype(np.uint8), volume.ijk_to_ras)


@pytest.fixture(scope="module")
def half():
    return half_pelvis()


def turned(volume, matrix):
    return Volume(volume.array_kji, matrix @ volume.ijk_to_ras)


MIRROR = np.diag([-1.0, 1.0, 1.0, 1.0])


def test_a_chord_of_a_box_has_its_length_and_clearance():
    volume = grid((60.0, 100.0, 60.0), (1.0, 1.0, 1.0))
    field = bone_field(
        Volume(box(places_of(volume), (-10, -40, -15), (10, 40, 15)).astype(np.uint8), volume.ijk_to_ras)
    )
    chords = chords_through(field, [(4.0, 0.0, 0.0)], [(0.0, 1.0, 0.0), (0.0, 0.0, 1.0)], 100.0, 10.0)
    np.testing.assert_allclose(chords.length_mm, [80.0, 30.0], atol=4.5)
    np.testing.assert_allclose(chords.clearance_mm, [6.0, 6.0], atol=1.0)
    turned_back = chords.turned_to((0.0, -1.0, 0.0))
    assert turned_back.last_ras[0, 1] < turned_back.first_ras[0, 1]
    one_way = chords_through(field, [(0.0, 0.0, 0.0)], [(0.0, 1.0, 0.0)], 100.0, 10.0, back_mm=10.0)
    np.testing.assert_allclose(one_way.length_mm, [50.0], atol=3.0)


def test_directions_are_even():
    directions = even_directions(200)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1.0)
    assert np.abs(directions.mean(axis=0)).max() < 0.01
    assert np.sort(directions @ directions.T, axis=1)[:, -2].max() < np.cos(np.radians(8))


def test_foramen_acetabulum_and_side_are_found(half):
    found = find_hemipelvis(bone_field(half))
    assert np.linalg.norm(found.acetabulum_ras - JOINT) < 8
    assert np.linalg.norm(found.foramen_ras - FORAMEN) < 20
    assert found.side == "left"
    assert found.lateral[0] < -0.8
    assert found.anterior[1] > 0.8
    assert found.superior[2] > 0.8


@pytest.mark.slow
def test_a_ramus_screw_runs_in_the_thin_bar_before_the_foramen(half):
    field = bone_field(half)
    screw = screw_in_region(field, RAMUS, "left", FAMILY, PARAMETERS)
    fit = fit_of(field, screw, PARAMETERS)
    assert fit.grade == "A"
    assert fit.margin_mm >= PARAMETERS.margin_mm
    along = np.array([16.0, 55.0, -90.0])
    assert abs(screw.axis_ras @ along) / np.linalg.norm(along) > np.cos(np.radians(20))
    assert screw.entry_ras[1] > 30
    assert screw.length_mm >= 60


@pytest.mark.slow
def test_the_other_side_is_refused(half):
    mirrored = bone_field(turned(half, MIRROR))
    with pytest.raises(FluoroPrintError, match="shape of a right half"):
        corridor_ends(mirrored, RAMUS, "left", PARAMETERS)


@pytest.mark.slow
def test_a_supra_acetabular_screw_runs_backwards_above_the_socket(half):
    field = bone_field(half)
    screw = screw_in_region(field, SUPRA_ACETABULAR, "left", FAMILY, PARAMETERS)
    assert fit_of(field, screw, PARAMETERS).grade == "A"
    assert screw.entry_ras[1] > screw.tip_ras[1] + 50
    assert min(screw.entry_ras[2], screw.tip_ras[2]) > 15


@pytest.mark.slow
def test_the_frame_does_not_matter(half):
    turn = np.eye(4)
    turn[:3, :3] = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    found = find_hemipelvis(bone_field(turned(half, turn)))
    assert found.side == "left"
    assert np.linalg.norm(found.acetabulum_ras - turn[:3, :3] @ JOINT) < 8


@pytest.mark.parametrize(("side", "sign"), [("left", -1), ("right", 1)])
def test_an_iliosacral_screw_runs_from_its_side_beyond_the_middle(side, sign):
    volume = grid((150.0, 60.0, 60.0), (2.0, 2.0, 2.0), centre=(30.0, 0.0, 0.0))
    p = places_of(volume) - np.array([30.0, 0.0, 0.0])
    bone = tube(p, (-60, 0, 8), (60, 0, 8), 10) | box(p, (-20, -20, -20), (20, 20, 20))
    field = bone_field(Volume(bone.astype(np.uint8), volume.ijk_to_ras))
    screw = screw_in_region(field, ILIOSACRAL, side, FAMILY, PARAMETERS)
    fit = fit_of(field, screw, PARAMETERS)
    assert fit.grade == "A"
    assert sign * (screw.entry_ras[0] - 30) > 50
    assert sign * (screw.tip_ras[0] - 30) < 3
    assert abs(screw.axis_ras[0]) > np.cos(np.radians(25))


def test_bone_without_a_foramen_is_refused():
    volume = grid((60.0, 60.0, 60.0), (2.0, 2.0, 2.0))
    block = box(places_of(volume), (-10, -10, -10), (10, 10, 10)).astype(np.uint8)
    with pytest.raises(FluoroPrintError, match="No obturator foramen"):
        find_hemipelvis(bone_field(volume.with_array(block)))

"""Guides on solids whose surfaces are known: the gap, the way off, bores and slots, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.distance import signed_distances_mm
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.planning.guide import make_guide
from FluoroPrintLib.planning.guide_check import measured_fit, steps_off
from FluoroPrintLib.planning.guide_direction import undercut_mm3, withdrawal_at
from FluoroPrintLib.planning.guide_envelope import between, envelope_of, thickened
from FluoroPrintLib.planning.guide_objects import guide_of, planned_guide, surface_of_guide
from FluoroPrintLib.planning.guide_parameters import CutPlane, DrillLine, GuideParameters
from FluoroPrintLib.planning.plan import Planned
from FluoroPrintLib.shape.probing import Probe
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of
from planning_solids import rotation

RADIUS_MM = 20.0
QUICK = {"grid_mm": 0.5, "reach_mm": 6.0, "cone_deg": 0.0}


def ball(radius=RADIUS_MM):
    return surface_of(engine().Manifold.sphere(radius, 128))


def mushroom():
    """A plate of 40 mm at z = 0 with a stalk and, over x above 4, a roof from z = 6 to 9."""
    cube = engine().Manifold.cube
    plate = cube((40, 40, 5)).translate((-20, -20, -5))
    wall = cube((4, 40, 10)).translate((16, -20, -1))
    roof = cube((16, 40, 3)).translate((4, -20, 6))
    return surface_of(plate + wall + roof)


@pytest.fixture(scope="module")
def on_ball():
    drill = DrillLine((0.0, 0.0, RADIUS_MM), (4.0, 0.0, 2.0))
    return make_guide(ball(), [drill], [], GuideParameters(label="R 7", reach_mm=9.0, grid_mm=0.4))


def test_a_guide_on_a_ball_keeps_its_gap_everywhere(on_ball):
    assert check_mesh(on_ball.surface).is_watertight
    fit = on_ball.fit
    # The cap of the ball within the base, seen from outside at the gap.
    assert fit.contact_share > 0.99
    assert fit.gap_mm == pytest.approx(0.1, abs=0.01)
    assert fit.gap_error_mm < 0.05
    assert (fit.penetration_mm, fit.overlap_mm3) == (0.0, 0.0)
    radii = np.linalg.norm(points_of(on_ball.surface), axis=1)
    assert radii.min() == pytest.approx(RADIUS_MM + 0.1, abs=0.03)
    np.testing.assert_allclose(on_ball.withdrawal_ras, (0, 0, 1), atol=0.03)


def test_the_bore_is_as_wide_as_stated_and_on_its_line(on_ball):
    """Points of the bore's wall keep its radius from the drill's line."""
    asked = on_ball.parameters
    foot, top = np.array(on_ball.feet_ras[0]), np.array(on_ball.tops_ras[0])
    assert np.linalg.norm(top - foot) == pytest.approx(asked.sleeve_mm)
    np.testing.assert_allclose(np.linalg.norm(foot), RADIUS_MM, atol=0.03)
    along = (foot - top) / asked.sleeve_mm
    away = points_of(on_ball.surface) - top
    off = np.linalg.norm(away - np.outer(away @ along, along), axis=1)
    assert asked.bore_mm == pytest.approx(2.75)
    assert off.min() == pytest.approx(asked.bore_mm / 2, abs=0.01)
    assert on_ball.depths_mm[0] == pytest.approx(np.linalg.norm(top - (4, 0, 2)))
    assert any("leans 1" in note for note in on_ball.notes)


def test_a_label_is_cut_into_the_upper_side_alone(on_ball):
    plain = make_guide(
        ball(), [DrillLine((0, 0, RADIUS_MM), (4, 0, 2))], [], GuideParameters(reach_mm=9.0, grid_mm=0.4)
    )
    taken = solid_of(plain.surface) - solid_of(on_ball.surface)
    letters = [piece for piece in taken.decompose() if piece.volume() > 0.1]
    # An R and a 7 of strokes, half a millimetre deep.
    assert len(letters) == 2
    assert 1.0 < sum(letter.volume() for letter in letters) < 10.0
    for letter in letters:
        assert np.linalg.norm(points_of(surface_of(letter)), axis=1).min() > RADIUS_MM + 0.1 + 3.0 - 0.7


@pytest.mark.parametrize("process", ["resin", "filament"])
def test_a_slot_lets_a_blade_through_with_its_clearance(process):
    guide = make_guide(
        ball(), [], [CutPlane((0, 0, RADIUS_MM), (0, 1, 0))], GuideParameters(process=process, **QUICK)
    )
    width = 1.0 + {"resin": 0.25, "filament": 0.4}[process]
    body = solid_of(guide.surface)
    cube = engine().Manifold.cube
    for size, is_free in ((width - 0.02, True), (width + 0.02, False)):
        blade = cube((guide.slots_mm[0] - 0.1, size, 60), True).translate((0, 0, RADIUS_MM))
        assert ((blade ^ body).volume() < 1e-6) == is_free
    assert guide.fit.overlap_mm3 == 0.0


@pytest.mark.parametrize("length", [6.0, 12.0, 20.0])
def test_a_slot_on_flat_bone_leaves_nothing_below_it(length):
    plate = surface_of(engine().Manifold.cube((60, 40, 20)).translate((-30, -20, -20)))
    asked = GuideParameters(slot_length_mm=length, grid_mm=0.6, cone_deg=0.0)
    guide = make_guide(plate, [], [CutPlane((5.0, 3.0, 0.0), (1.0, 0.0, 0.0))], asked)
    assert guide.slots_mm[0] == pytest.approx(length)
    assert points_of(guide.surface)[:, 2].min() == pytest.approx(0.1, abs=0.02)


def test_under_a_roof_the_way_off_is_checked_and_undercuts_are_counted():
    probe = Probe(mushroom())
    up = np.array([0.0, 0.0, 1.0])
    assert undercut_mm3(probe, np.array([-8.0, 0.0, 0.0]), up, 6.0) == 0.0
    beside = undercut_mm3(probe, np.array([0.0, 0.0, 0.0]), up, 8.0)
    # Beyond x = 4 a segment of the disc lies under the roof, 6 mm high.
    segment = 64 * np.arccos(0.5) - 4 * np.sqrt(64 - 16)
    assert beside == pytest.approx(6.0 * segment, rel=0.15)
    assert undercut_mm3(probe, np.array([10.0, 0.0, 0.0]), up, 5.0) == np.inf
    with pytest.raises(FluoroPrintError, match="hangs over the site"):
        withdrawal_at(probe, np.array([10.0, 0.0, 0.0]), 5.0, 20.0)


def test_a_guide_beside_a_roof_comes_off_and_does_not_reach_under_it():
    line = DrillLine((-1.0, 0.0, 0.0), (-1.0, 0.0, -4.0))
    guide = make_guide(mushroom(), [line], [], GuideParameters(**QUICK), (0.0, 0.0, 1.0))
    places = points_of(guide.surface)
    assert not ((places[:, 0] > 4.0) & (places[:, 2] < 6.0)).any()
    assert guide.fit.overlap_mm3 == 0.0


def test_the_check_tells_a_guide_that_cannot_come_off():
    """A hook under the roof: seated it is free, moved up it cuts into the roof by the roof's own height."""
    bone = mushroom()
    hook = engine().Manifold.cube((6, 4, 2)).translate((2, -2, 1))
    envelope = envelope_of(bone, np.array([-4.0, -4.0]), np.array([4.0, 4.0]), 0.1, 0.5)
    fit = measured_fit(surface_of(hook), hook, bone, solid_of(bone), envelope, 0.1)
    assert fit.least_gap_mm == pytest.approx(1.0)
    # Moved up by 4 mm it fills the roof's lower 1 mm over 4 x 4 mm; by 8 mm it is 2 mm high within its 3 mm.
    assert fit.overlap_mm3 == pytest.approx(4 * 4 * 1.0)
    assert fit.penetration_mm > 0.5


def test_steps_off_end_when_the_guide_is_clear():
    assert steps_off(0.05) == [0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0]
    far = steps_off(1000.0)
    assert far[-1] >= 1000.0
    assert len(far) < 60


def test_the_envelope_of_a_ball_and_a_wall_upon_it_are_larger_balls():
    envelope = envelope_of(ball(), np.array([-8.0, -8.0]), np.array([8.0, 8.0]), 0.2, 0.5)
    x, y = np.meshgrid(envelope.x_mm, envelope.y_mm)
    expected = np.sqrt((RADIUS_MM + 0.2) ** 2 - x**2 - y**2)
    np.testing.assert_allclose(envelope.height_mm, expected, atol=0.03)
    inner = (slice(8, -8),) * 2
    thick = np.sqrt((RADIUS_MM + 3.2) ** 2 - x**2 - y**2)[inner]
    np.testing.assert_allclose(thickened(envelope, 3.0)[inner], thick, atol=0.1)
    solid = between(envelope, np.zeros_like(x), envelope.height_mm)
    assert solid.volume() == pytest.approx(expected.mean() * 16.0**2, rel=0.02)


def test_a_guide_moves_with_its_bone():
    bone = engine().Manifold.cube((30, 24, 10), True) + engine().Manifold.sphere(7, 64).translate((0, 0, 4))
    turn, move = rotation(0, 40) @ rotation(2, 30), np.array([100.0, -50.0, 20.0])
    entry, target, way = np.array([[0, 0, 11.0], [0, 1.0, 0], [0, 0, 1.0]])
    here = make_guide(
        surface_of(bone),
        [DrillLine(tuple(entry), tuple(target))],
        [],
        GuideParameters(**QUICK),
        tuple(way),
    )
    there = make_guide(
        surface_of(bone.transform(np.column_stack([turn, move]))),
        [DrillLine(tuple(turn @ entry + move), tuple(turn @ target + move))],
        [],
        GuideParameters(**QUICK),
        tuple(turn @ way),
    )
    assert there.fit.overlap_mm3 == 0.0
    assert solid_of(there.surface).volume() == pytest.approx(solid_of(here.surface).volume(), rel=0.02)
    np.testing.assert_allclose(there.tops_ras[0], turn @ here.tops_ras[0] + move, atol=0.02)


@pytest.mark.parametrize(
    ("drills", "cuts", "said"),
    [
        ([], [], "needs a drill or a cut"),
        ([DrillLine((0, 0, 20), (19, 0, 19))], [], "leans"),
        ([], [CutPlane((0, 0, 20), (0, 0, 1))], "almost along the bone"),
        ([DrillLine((0, 0, 20), (0, 0, 20))], [], "has no length"),
    ],
)
def test_what_cannot_be_guided_is_refused_in_a_sentence(drills, cuts, said):
    with pytest.raises(FluoroPrintError, match=said):
        make_guide(ball(), drills, cuts, GuideParameters(**QUICK))


def test_bone_that_bears_no_base_is_refused():
    pin = surface_of(engine().Manifold.cylinder(30, 2, 2, 48))
    with pytest.raises(FluoroPrintError, match="bears only"):
        make_guide(pin, [DrillLine((0, 0, 30), (0, 0, 0))], [], GuideParameters(**QUICK))
    with pytest.raises(FluoroPrintError, match="scale it to millimetres"):
        make_guide(ball(0.02), [DrillLine((0, 0, 0.02), (0, 0, 0))], [], GuideParameters(**QUICK))


def test_a_planned_guide_holds_what_it_is_made_from(on_ball):
    planned = planned_guide("guide-1", "Guide 1", on_ball)
    request = guide_of(planned)
    assert request.parameters.label == "R 7"
    assert request.parameters.bore_mm == on_ball.parameters.bore_mm
    assert request.direction_ras == on_ball.withdrawal_ras
    np.testing.assert_allclose(request.drills[0].target_ras, (4, 0, 2), atol=1e-6)
    assert planned_guide("guide-1", "Guide 1", on_ball) == planned
    drawn = surface_of_guide(planned)
    ring = np.pi / 4 * ((2.75 + 4) ** 2 - 2.75**2) * 12.0
    assert solid_of(drawn).volume() == pytest.approx(ring, rel=1e-3)
    assert (signed_distances_mm(points_of(drawn), ball()) > -0.7).all()
    with pytest.raises(FluoroPrintError, match="cup is no guide"):
        guide_of(Planned("cup", "Cup", "cup"))

"""What is added to a model: bases that it stands on and bridges between its pieces."""

import numpy as np
import pytest
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.shape.base import BaseParameters, stand
from FluoroPrintLib.shape.bridges import BridgeParameters, bridge, shortest_gaps
from FluoroPrintLib.shape.solids import UntouchedError, engine, solid_of, surface_of


def of(*parts):
    return surface_of(engine().Manifold.compose([solid_of(part) for part in parts]))


def test_a_plinth_is_flat_and_holds_the_model(solids, filed):
    model = solids.ball(10, 64)
    made = stand(model, BaseParameters(thickness_mm=2.0, sink_mm=3.0)).parts[0].surface
    assert filed(made).pieces == 1
    heights = points_of(made)[:, 2]
    assert heights.min() == pytest.approx(-12, abs=0.01)
    foot = np.linalg.norm(points_of(made)[heights < -11.9][:, :2], axis=1)
    # A cap of 3 mm of a ball of 10 mm is 7.14 mm wide; the plinth stands out by 3 mm.
    np.testing.assert_allclose(foot, np.sqrt(10**2 - 7**2) + 3, atol=0.05)


def test_pillars_hold_a_model_above_its_plate(solids, filed):
    model = solids.box(40, 30, 10)
    down = (1.0, 0.0, 0.0)
    shaped = stand(model, BaseParameters(kind="pillars", down=down, lift_mm=6.0, pillars=4))
    found = filed(shaped.parts[0].surface)
    assert found.pieces == 1
    assert found.high_ras_mm[0] == pytest.approx(20 + 6 + 3, abs=1e-4)
    plate, pillars = 3 * (36 * 16 - (4 - np.pi) * 9), int(shaped.notes[0].split()[3]) * np.pi * 4 * 6
    assert found.volume_mm3 == pytest.approx(40 * 30 * 10 + plate + pillars, rel=1e-3)


def test_bridges_run_the_shortest_way(solids, filed, untouched):
    model = untouched(of(*(solids.ball(3, 48, (x, 0, 0)) for x in (0, 10, 22))))
    shaped = bridge(model, BridgeParameters(diameter_mm=2.0))
    found = filed(shaped.parts[0].surface)
    assert found.pieces == 1
    # Each bridge ends within curved balls: a cap of height h is not counted twice.
    h = 3 - np.sqrt(9 - 1)
    added = np.pi * (4 + 6) + 4 * (np.pi * h - np.pi * h**2 * (9 - h) / 3)
    assert found.volume_mm3 == pytest.approx(filed(model).volume_mm3 + added, rel=0.002)
    assert shaped.notes == ("2 bridges between 3 pieces, 6.00 mm at most.",)


def test_a_gap_between_faces_is_found_not_only_between_points(solids):
    apart = solid_of(solids.box(4, 4, 4)).translate((9, 0.7, 0.4))
    (gap,) = shortest_gaps([solid_of(solids.box(10, 10, 10)), apart])
    assert gap.length_mm == pytest.approx(2, abs=1e-4)


def test_a_single_piece_needs_no_bridge(solids):
    with pytest.raises(UntouchedError, match="one piece"):
        bridge(solids.ball(3), BridgeParameters())


def test_small_and_far_pieces_can_be_left_loose(solids, filed):
    model = of(solids.ball(3), solids.ball(3, centre=(10, 0, 0)), solids.ball(0.5, 24, (0, 9, 0)))
    shaped = bridge(model, BridgeParameters(min_piece_mm3=5.0))
    assert filed(shaped.parts[0].surface).pieces == 2
    with pytest.raises(UntouchedError, match="within 2 mm"):
        bridge(model, BridgeParameters(longest_mm=2.0))


def test_a_closed_cavity_is_no_piece_to_be_bridged(solids, filed):
    shell = solid_of(solids.ball(6)) - solid_of(solids.ball(4))
    both = engine().Manifold.compose([shell, solid_of(solids.ball(2, centre=(11, 0, 0)))])
    found = filed(bridge(surface_of(both), BridgeParameters(diameter_mm=1.0)).parts[0].surface)
    assert (found.pieces, found.cavities) == (1, 1)

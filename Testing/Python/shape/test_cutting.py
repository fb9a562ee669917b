"""Cuts, pegs, holes and booleans against their closed forms."""

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.mesh.deviation import samples_of
from FluoroPrintLib.mesh.distance import signed_distances_mm
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.shape.combine import CombineParameters, combine
from FluoroPrintLib.shape.cut import CutParameters, cut
from FluoroPrintLib.shape.drill import DrillParameters, drill
from FluoroPrintLib.shape.saw import SawParameters, saw
from FluoroPrintLib.shape.solids import UntouchedError, solid_of


def test_the_parts_of_a_cut_cube_add_up(solids, filed, untouched):
    cube = untouched(solids.box(20, 20, 20))
    shaped = cut(cube, CutParameters(point_ras_mm=(0.0, 0.0, 3.0), normal=(0.2, 0.1, 1.0)))
    volumes = [filed(part.surface).volume_mm3 for part in shaped.parts]
    # A plane through a cube's four upright edges: the part below has the height at its middle.
    assert volumes[0] == pytest.approx(400 * 13, rel=1e-5)
    assert sum(volumes) == pytest.approx(8000, rel=1e-5)


@pytest.mark.parametrize("pegs", ["round", "D-shaped"])
@pytest.mark.parametrize("clearance", [0.15, 0.4])
def test_pegs_have_the_clearance_all_round_and_at_the_end(solids, filed, pegs, clearance):
    parameters = CutParameters(pegs=pegs, clearance_mm=clearance, peg_diameter_mm=5.0, peg_length_mm=4.0)
    below, above = (part.surface for part in cut(solids.box(40, 30, 40), parameters).parts)
    assert filed(below).is_printable
    assert filed(above).is_printable
    samples = samples_of(below, 0.2)
    standing_out = samples[samples[:, 2] > 0.5]
    assert len(standing_out) > 100
    assert standing_out[:, 2].max() == pytest.approx(4.0, abs=1e-5)
    # Outside of part 2 is where there is no material, so distances are positive in its sockets.
    gaps = signed_distances_mm(standing_out, above)
    assert gaps.min() == pytest.approx(clearance, abs=0.02)
    assert gaps.max() == pytest.approx(clearance, abs=0.02)


def test_pegs_and_sockets_keep_the_rim(solids):
    parameters = CutParameters(pegs="round", rim_mm=4.0, peg_diameter_mm=5.0)
    below, above = (points_of(part.surface) for part in cut(solids.box(30, 30, 40), parameters).parts)
    pegs, sockets = below[below[:, 2] > 1], above[(above[:, 2] > 0) & (above[:, 2] < 19)]
    assert np.abs(pegs[:, :2]).max() < 15 - 4
    assert np.abs(sockets[:, :2]).max() < 15 - 4 + 0.4


def test_more_pegs_go_into_a_larger_face(solids):
    counts = [
        int(cut(solids.box(side, side, 40), CutParameters(pegs="round")).notes[0].split()[0])
        for side in (8.5, 20, 60)
    ]
    assert counts == [1, 2, 3]


def test_a_face_too_small_for_a_peg_is_told(solids):
    with pytest.raises(FluoroPrintError, match=r"No peg of 2 mm and more fits .* \(9 mm2\)"):
        cut(solids.box(3, 3, 40), CutParameters(pegs="round"))


def test_a_peg_that_would_pierce_what_lies_behind_is_refused(solids):
    with pytest.raises(FluoroPrintError, match="No peg"):
        cut(solids.box(40, 40, 6), CutParameters(pegs="round", peg_length_mm=4.0))


def test_a_plane_beside_the_model_is_told(solids):
    with pytest.raises(UntouchedError, match="does not part"):
        cut(solids.box(3, 3, 3), CutParameters(point_ras_mm=(0.0, 0.0, 9.0)))


def test_a_drilled_cube_has_lost_a_cylinder(solids, filed, untouched):
    cube = untouched(solids.box(20, 20, 20))
    through = drill(cube, DrillParameters(entry_ras_mm=(2.0, 1.0, 10.0), diameter_mm=6.0))
    found = filed(through.parts[0].surface)
    assert found.volume_mm3 == pytest.approx(8000 - np.pi * 9 * 20, rel=1e-5)
    assert found.is_printable


def test_a_blind_hole_has_its_depth(solids, filed):
    parameters = DrillParameters(entry_ras_mm=(2.0, 1.0, 10.0), diameter_mm=6.0, depth_mm=7.5)
    found = filed(drill(solids.box(20, 20, 20), parameters).parts[0].surface)
    assert found.volume_mm3 == pytest.approx(8000 - np.pi * 9 * 7.5, rel=1e-5)


def test_a_drill_beside_the_model_is_told(solids):
    with pytest.raises(UntouchedError, match="drill does not meet"):
        drill(solids.box(2, 2, 2), DrillParameters(entry_ras_mm=(20.0, 0.0, 0.0)))


def test_a_direction_without_length_is_told(solids):
    with pytest.raises(FluoroPrintError, match="direction has no length"):
        drill(solids.box(2, 2, 2), DrillParameters(direction=(0.0, 0.0, 0.0)))


def test_a_saw_takes_out_its_kerf(solids, filed):
    shaped = saw(solids.box(20, 20, 20), SawParameters(normal=(1.0, 0.0, 0.0), kerf_mm=1.5))
    assert [part.word for part in shaped.parts] == ["part 1", "part 2"]
    for part in shaped.parts:
        assert filed(part.surface).volume_mm3 == pytest.approx(400 * 9.25, rel=1e-5)
    assert points_of(shaped.parts[1].surface)[:, 0].min() == pytest.approx(0.75, abs=1e-5)


@pytest.mark.parametrize(("way", "volume"), [("unite", 15), ("subtract", 7), ("intersect", 1)])
def test_booleans_of_two_cubes(solids, filed, way, volume):
    from FluoroPrintLib.shape.solids import surface_of

    one = solids.box(2, 2, 2)
    two = surface_of(solid_of(one).translate((1, 1, 1)))
    shaped = combine(one, two, CombineParameters(way))
    assert filed(shaped.parts[0].surface).volume_mm3 == pytest.approx(volume, rel=1e-5)


def test_models_apart_are_not_subtracted(solids):
    with pytest.raises(UntouchedError, match="do not meet"):
        combine(solids.ball(1), solids.ball(1, centre=(5, 0, 0)), CombineParameters("subtract"))


def test_a_cut_can_be_cancelled(solids):
    def stop(_fraction, _message):
        raise Cancelled

    with pytest.raises(Cancelled):
        cut(solids.box(2, 2, 2), CutParameters(), stop)


def test_random_tools_on_a_bumpy_solid_leave_it_closed(solids, filed):
    model, rng = solids.knobbly(), np.random.default_rng(5)
    volume = filed(model).volume_mm3
    for _ in range(4):
        entry, along = rng.normal(size=(2, 3)) * 6
        drilled = drill(model, DrillParameters(tuple(entry), tuple(along), diameter_mm=3.0))
        assert filed(drilled.parts[0].surface).volume_mm3 < volume
        parted = cut(model, CutParameters(tuple(entry), tuple(along), pegs="D-shaped", rim_mm=0.5))
        assert len([filed(part.surface) for part in parted.parts]) == 2
        sawn = saw(model, SawParameters(tuple(entry), tuple(along), kerf_mm=0.8))
        assert sum(filed(part.surface).volume_mm3 for part in sawn.parts) < volume

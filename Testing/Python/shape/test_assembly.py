"""Parts of one model make room for each other: closed forms, gaps, who stays whole."""

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.mesh.distance import distances_mm
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.shape.assembly import fit_order, fit_parts, overlaps
from FluoroPrintLib.shape.fit import FitParameters, fit, overlap_mm3
from FluoroPrintLib.shape.grown import grown_solid
from FluoroPrintLib.shape.solids import UntouchedError, engine, solid_of, surface_of

COARSE = FitParameters(0.5, voxel_mm=0.4)


def named(name, surface):
    return NamedModel(name, (0.9, 0.8, 0.6), surface)


@pytest.mark.parametrize(("clearance", "at"), [(0.0, (0, 0, 0)), (0.5, (0, 0, 0)), (0.2, (10, 0, 0))])
def test_a_ball_leaves_a_hole_larger_by_the_clearance(solids, filed, untouched, clearance, at):
    block, ball = untouched(solids.box(20, 20, 20)), untouched(solids.ball(5.0, 64, at))
    (left,) = fit(block, ball, FitParameters(clearance, voxel_mm=0.4)).parts
    share = 0.5 if at[0] else 1.0
    taken = 8000 - filed(left.surface).volume_mm3
    # The ball is a polyhedron, a little smaller than the sphere: so is the hole about it.
    smaller = solid_of(ball).volume() / (4 / 3 * np.pi * 125)
    assert taken == pytest.approx(share * smaller * 4 / 3 * np.pi * (5 + clearance) ** 3, rel=0.004)
    hole = points_of(left.surface)
    hole = hole[np.linalg.norm(hole - at, axis=1) < 7]
    gaps = distances_mm(hole, ball)
    assert gaps.min() == pytest.approx(clearance, abs=0.02)
    assert np.median(gaps) == pytest.approx(clearance, abs=0.01)


@pytest.mark.parametrize("clearance", [pytest.param(0.1, marks=pytest.mark.slow), 0.2])
def test_the_rim_of_a_cup_has_its_room_though_it_bends_within_a_voxel(solids, clearance):
    sphere, away = engine().Manifold.sphere(10, 96), engine().Manifold.cube((40, 40, 40), True)
    cup, block = sphere - away.translate((0, 0, 20)), engine().Manifold.cube((30, 30, 30), True)
    (left,) = fit(surface_of(block), surface_of(cup), FitParameters(clearance, voxel_mm=0.4)).parts
    assert clearance - 0.02 < solid_of(left.surface).min_gap(cup, 1.0) <= clearance + 1e-4
    # Steiner's formula for half a ball: its rim turns by a right angle.
    curvature = 2 * np.pi * 10 + np.pi**2 * 10 / 2
    more = cup.surface_area() * clearance + curvature * clearance**2 + 4 / 3 * np.pi * clearance**3
    taken = 27000 - solid_of(left.surface).volume() - cup.volume()
    assert taken == pytest.approx(more, rel=0.02)


def test_a_grown_box_is_rounded_at_its_edges(solids):
    grown = grown_solid(solids.box(10, 8, 6), 0.5, (-9, 9, -9, 9, -9, 9), 0.2)
    # Steiner's formula: V + A r + mean width's term + ball.
    expected = 480 + 376 * 0.5 + np.pi / 4 * 0.25 * 4 * 24 + 4 / 3 * np.pi * 0.125
    assert grown.volume() == pytest.approx(expected, rel=0.003)


def test_a_wall_thinner_than_a_voxel_is_grown_too(solids):
    grown = grown_solid(solids.box(10, 10, 0.05), 0.3, (-9, 9, -9, 9, -9, 9), 0.5)
    assert grown.volume() == pytest.approx(100 * 0.65 + 0.05 * 40 * 0.3 + np.pi * 0.09 / 2 * 40, rel=0.05)


def test_only_what_the_box_needs_is_grown(solids):
    rod = solids.tube(2.0, 60.0)
    grown = grown_solid(rod, 0.5, (-9, 9, -9, 9, -5, 5), 0.4)
    low, high = np.reshape(grown.bounding_box(), (2, 3))
    assert high[2] - low[2] < 14
    core = grown ^ engine().Manifold.cube((18, 18, 10), True)
    assert core.volume() == pytest.approx(np.pi * 2.5**2 * 10, rel=0.01)


def test_models_apart_are_said_and_near_ones_get_their_room(solids):
    block = solids.box(20, 20, 20)
    with pytest.raises(UntouchedError, match="do not meet"):
        fit(block, solids.ball(5.0, 48, (17, 0, 0)), COARSE)
    # It stands off by 0.2 mm and shall by 0.5; as a polyhedron it is a little smaller.
    shaped = fit(block, solids.ball(5.0, 48, (15.2, 0, 0)), COARSE)
    assert "0.0 mm³ in common" in shaped.notes[0]
    depth = 0.5 - 0.2
    cap = np.pi * depth**2 * (3 * 5.5 - depth) / 3
    assert 8000 - solid_of(shaped.parts[0].surface).volume() == pytest.approx(cap, rel=0.15)


def test_what_lies_within_the_other_is_refused(solids):
    with pytest.raises(FluoroPrintError, match="lies within the other"):
        fit(solids.ball(4.0, 48), solids.box(20, 20, 20), COARSE)


def test_crumbs_are_dropped_and_cavities_stay(solids, filed):
    loose = solid_of(solids.box(20, 20, 20)) - solid_of(solids.ball(3.0, 48, (5, 5, 5)))
    loose = surface_of(loose + engine().Manifold.cube((0.5, 0.5, 0.5)).translate((15, 0, 0)))
    shaped = fit(loose, solids.box(4, 40, 4), FitParameters(0.0))
    assert "A loose crumb was dropped." in shaped.notes
    expected = 8000 - 16 * 20 - solid_of(solids.ball(3.0, 48)).volume()
    assert filed(shaped.parts[0].surface).volume_mm3 == pytest.approx(expected, rel=1e-4)
    kept = fit(loose, solids.box(4, 40, 4), FitParameters(0.0, min_piece_mm3=0.1))
    assert len(kept.notes) == 1


def test_overlaps_are_the_volumes_in_common(solids):
    cube, other = solids.box(10, 10, 10), surface_of(engine().Manifold.cube((10, 10, 10)))
    assert overlap_mm3(cube, other) == pytest.approx(125)
    models = [named("A", cube), named("B", other), named("C", solids.ball(1.0, 24, (50, 0, 0)))]
    assert [(each.first, each.second) for each in overlaps(models)] == [("A", "B")]


@pytest.mark.parametrize(
    ("kinds", "order"),
    [
        (["flexible", "rigid", "clear", "rigid"], (1, 3, 2, 0)),
        (["", "flexible", "rigid"], (0, 2, 1)),
        (["biocompatible", "rigid"], (1, 0)),
    ],
)
def test_the_stiffer_and_the_earlier_stay_whole(kinds, order):
    assert fit_order(kinds) == order


@pytest.mark.slow
def test_parts_of_an_assembly_have_nothing_in_common_and_their_clearance(solids, filed):
    bone, vessel = solids.box(20, 20, 20), surface_of(engine().Manifold.cylinder(50, 2, 2, 64, True))
    tumour = solids.ball(4.0, 40, (3, 0, 0))
    before = [named("Vessel", vessel), named("Bone", bone), named("Tumour", tumour)]
    made = fit_parts(before, fit_order(["flexible", "rigid", "rigid"]), COARSE)
    assert [each.name for each in made.models] == ["Vessel", "Bone", "Tumour"]
    assert [(step.number, step.whole) for step in made.steps] == [(1, 2), (0, 1), (0, 2)]
    assert made.notes[1].startswith("Bone, fitted to Tumour: The least gap between the two is 0.4")
    # The tumour lies within the bone, which makes room though it comes first; the vessel does for both.
    assert made.models[2].surface is tumour
    assert made.models[0].surface is not vessel
    assert overlaps(made.models) == ()
    hole = 4 / 3 * np.pi * 4.5**3
    assert 8000 - filed(made.models[1].surface).volume_mm3 == pytest.approx(hole, rel=0.03)
    solids_made = [solid_of(each.surface) for each in made.models]
    for first, second in ((0, 1), (1, 2)):
        assert solids_made[first].min_gap(solids_made[second], 2.0) == pytest.approx(0.5, abs=0.04)
    # What is left of the vessel stands out of the bone above and below.
    assert filed(made.models[0].surface).volume_mm3 == pytest.approx(np.pi * 4 * 29, rel=0.01)


def test_a_stop_is_heard(solids):
    def stop(share, _words=""):
        if share > 0.05:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit(solids.box(20, 20, 20), solids.ball(5.0, 48), COARSE, stop)

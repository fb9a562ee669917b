"""A plan shapes the model: a hole for each screw and a cut for each osteotomy, as large as they are."""

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.planning.plan import Figure, Plan, Planned
from FluoroPrintLib.shape.planned import PlannedCutsParameters, made_as_planned, planned_steps, steps_made
from FluoroPrintLib.shape.recipe import Piece, left_by
from FluoroPrintLib.shape.solids import solid_of

EXACT = PlannedCutsParameters(screw_clearance_mm=0.4, blade_mm=2.0)


def screw(name, entry, tip, diameter=4.0):
    return Planned(
        name,
        name.capitalize(),
        "screw",
        points={"entry": (entry,), "tip": (tip,)},
        figures={"diameter": Figure(diameter, "mm")},
    )


def osteotomy(name, origin, normal, **figures):
    points, directions = {"origin": (origin,)}, {"normal": (normal,)}
    return Planned(
        name, name.capitalize(), "osteotomy", points=points, directions=directions, figures=figures
    )


def shaped(surface, *objects):
    models = (Piece("Block", surface),)
    made, missed = made_as_planned(models, planned_steps(Plan(objects=objects), EXACT))
    return left_by(models, made), made, missed


def volumes(pieces):
    return [solid_of(piece.surface).volume() for piece in pieces]


def test_a_screw_becomes_a_hole_from_outside_its_entry_to_its_tip(solids, filed, untouched):
    block = untouched(solids.box(40, 30, 20))
    # The entry lies 2 mm above the block, the tip 12 mm within it.
    pieces, _, missed = shaped(block, screw("screw-1", (5.0, 0.0, 12.0), (5.0, 0.0, -2.0)))
    filed(pieces[0].surface)
    assert missed == ()
    assert 40 * 30 * 20 - volumes(pieces)[0] == pytest.approx(np.pi * 2.2**2 * 12, rel=1e-4)


def test_a_slanted_screw_leaves_no_lip_at_its_entry(solids):
    along = np.array([1.0, 0.0, -1.0]) / np.sqrt(2)
    pieces, _, _ = shaped(
        solids.box(60, 30, 20), screw("screw-1", (0.0, 0.0, 10.0), tuple(np.array([0, 0, 10]) + 10 * along))
    )
    # A cylinder cut off askew has the volume of its axis's length.
    assert 60 * 30 * 20 - volumes(pieces)[0] == pytest.approx(np.pi * 2.2**2 * 10, rel=1e-4)


def test_osteotomies_saw_by_their_own_blade_or_the_one_that_is_set(solids):
    pieces, made, _ = shaped(
        solids.box(40, 30, 20),
        osteotomy("cut-1", (-10.0, 0.0, 0.0), (1.0, 0.0, 0.0), kerf=Figure(1.0, "mm")),
        osteotomy("cut-2", (10.0, 5.0, 0.0), (1.0, 0.0, 0.0)),
        screw("screw-1", (0.0, 0.0, 11.0), (0.0, 0.0, -11.0)),
    )
    assert [step.operation.name for step in steps_made(made)] == ["drill", "saw", "saw"]
    assert volumes(pieces) == pytest.approx(
        [9.5 * 600, 18.5 * 600 - np.pi * 2.2**2 * 20, 9.0 * 600], rel=1e-4
    )


def test_what_does_not_meet_the_model_is_told_and_left_out(solids):
    block, far = solids.box(10, 10, 10), screw("screw-far", (50.0, 0.0, 0.0), (40.0, 0.0, 0.0))
    pieces, _, missed = shaped(block, far, screw("screw-1", (0.0, 0.0, 6.0), (0.0, 0.0, 0.0), 2.0))
    assert missed == ("Screw-far does not meet the model: it was left out.",)
    assert 1000 - volumes(pieces)[0] == pytest.approx(np.pi * 1.2**2 * 5, rel=1e-4)
    with pytest.raises(FluoroPrintError, match="No screw and no cut of the plan meets the model"):
        shaped(block, far)


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ((), "holds no screws and no cuts"),
        ((Planned("cut-1", "Cut", "osteotomy"),), "cut-1 is no cut by a plane"),
        ((Planned("screw-1", "Screw", "screw"),), "screw-1 is no screw"),
    ],
)
def test_a_plan_that_says_nothing_to_a_model_is_told(objects, said):
    with pytest.raises(FluoroPrintError, match=said):
        planned_steps(Plan(objects=objects), EXACT)


def test_an_object_whose_tool_cannot_be_is_named(solids):
    with pytest.raises(FluoroPrintError, match="Cut-1: The normal has no length"):
        shaped(solids.box(10, 10, 10), osteotomy("cut-1", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)))

"""A plan shapes the model: a hole for each screw and a cut for each osteotomy, as large as they are."""

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.planning.guide_parameters import CutPlane
from FluoroPrintLib.planning.implant_objects import planned_implant
from FluoroPrintLib.planning.implants import Implant
from FluoroPrintLib.planning.instrument import DrillPass
from FluoroPrintLib.planning.instrument_objects import planned_drilling
from FluoroPrintLib.planning.osteotomy_objects import Osteotomy, planned_osteotomy
from FluoroPrintLib.planning.plan import Figure, Plan, Planned
from FluoroPrintLib.shape.planned import (
    PlannedCutsParameters,
    left_as_pieces,
    made_as_planned,
    planned_steps,
    steps_made,
)
from FluoroPrintLib.shape.recipe import Piece, left_by
from FluoroPrintLib.shape.solids import solid_of

EXACT = PlannedCutsParameters(screw_clearance_mm=0.4, blade_mm=2.0)
CUP = Planned(
    "cup-left",
    "Cup, left",
    "cup",
    "left",
    points={"centre": ((0.0, 0.0, 10.0),)},
    directions={"axis": ((0.0, 0.0, 1.0),)},
    figures={"diameter": Figure(16.0, "mm"), "wall": Figure(2.0, "mm")},
)
"""Its opening lies in the upper face of a box that is 20 mm high."""


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


def implant(kind, origin, axis, **dimensions):
    return planned_implant(f"{kind}-1", kind.capitalize(), Implant("own", "", kind, dimensions), origin, axis)


def shaped(surface, *objects, parameters=EXACT):
    models = (Piece("Block", surface),)
    made, missed = made_as_planned(models, planned_steps(Plan(objects=objects), parameters))
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
    with pytest.raises(FluoroPrintError, match="Nothing that the plan cuts meets the model"):
        shaped(block, far)


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ((), "holds no screws and no cuts"),
        ((CUP,), "holds implants alone: let these be taken out too"),
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


def test_a_cup_is_taken_out_as_a_reamer_does_not_as_a_shell(solids, filed):
    pieces, _, missed = shaped(
        solids.box(40, 30, 20), CUP, parameters=PlannedCutsParameters(cut_implants=True)
    )
    filed(pieces[0].surface)
    assert missed == ()
    assert len(solid_of(pieces[0].surface).decompose()) == 1
    assert 40 * 30 * 20 - volumes(pieces)[0] == pytest.approx(2 / 3 * np.pi * 8**3, rel=0.01)


@pytest.mark.parametrize("clearance", [0.0, 0.3])
def test_an_implant_leaves_its_own_form_with_the_room_that_is_asked(solids, clearance):
    wire = implant("wire", (0.0, 0.0, 30.0), (0.0, 0.0, 1.0), diameter_mm=4.0, length_mm=60.0, point_deg=60.0)
    asked = PlannedCutsParameters(cut_implants=True, implant_clearance_mm=clearance)
    pieces, _, _ = shaped(solids.box(20, 20, 10), wire, parameters=asked)
    assert 20 * 20 * 10 - volumes(pieces)[0] == pytest.approx(np.pi * (2 + clearance) ** 2 * 10, rel=0.02)


def test_implants_stay_out_of_it_unless_asked_and_come_last(solids):
    screws = (screw("screw-1", (15.0, 0.0, 12.0), (15.0, 0.0, -12.0)),)
    _, made, _ = shaped(solids.box(40, 30, 20), CUP, *screws)
    assert [step.operation.name for step in steps_made(made)] == ["drill"]
    far = implant("head", (90.0, 0.0, 0.0), (0.0, 0.0, 1.0), diameter_mm=28.0, bore_mm=15.0)
    asked = PlannedCutsParameters(cut_implants=True)
    _, made, missed = shaped(solids.box(40, 30, 20), CUP, far, *screws, parameters=asked)
    assert [step.operation.name for step in steps_made(made)] == ["drill", "fit"]
    assert missed == ("Head does not meet the model: it was left out.",)


def test_an_implant_of_a_shape_that_is_not_at_hand_is_named():
    own = implant("own-kind", (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    with pytest.raises(FluoroPrintError, match="Own-kind cannot be drawn"):
        planned_steps(Plan(objects=(own,)), PlannedCutsParameters(cut_implants=True))


def test_every_plane_of_an_osteotomy_is_sawn(solids):
    cuts = (CutPlane((-5.0, 0.0, 0.0), (1.0, 0.0, 0.0)), CutPlane((5.0, 0.0, 0.0), (1.0, 0.0, 0.0)))
    block = solids.box(40, 30, 20)
    asked = Osteotomy(cuts, 1.0, (-5.0, 0.0, -10.0), (0.0, 1.0, 0.0), 5.0)
    pieces, _, _ = shaped(block, planned_osteotomy("osteotomy-1", "Segment", asked, block))
    assert sorted(volumes(pieces)) == pytest.approx([9.0 * 600, 14.5 * 600, 14.5 * 600], rel=1e-4)


@pytest.mark.parametrize("depth", [20.0, 15.0])
def test_a_closing_wedge_is_taken_out_as_far_as_its_hinge(solids, depth, filed):
    block, angle = solids.box(40, 30, 20), 10.0
    cut = CutPlane((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    asked = Osteotomy((cut,), 1.0, (0.0, 0.0, 10.0 - depth), (0.0, 1.0, 0.0), -angle)
    pieces, _, _ = shaped(block, planned_osteotomy("osteotomy-1", "Wedge", asked, block))
    filed(pieces[0].surface)
    wedge = 30 * depth**2 * np.tan(np.radians(angle)) / 2
    # At 20 mm the halves touch along the hinge, and are moved apart by hundredths of a millimetre.
    assert 40 * 30 * 20 - sum(volumes(pieces)) == pytest.approx(wedge, rel=0.02 if depth == 20.0 else 1e-4)


def test_drillings_and_saw_cuts_of_a_plan_are_made(solids):
    drill = DrillPass((0.0, 0.0, 10.0), (0.0, 0.0, -15.0), 4.0, 118.0)
    drilled = planned_drilling("drilling", "drilling-1", "Hole", drill, "drill-bit")
    pieces, made, _ = shaped(solids.box(40, 30, 20), drilled)
    assert 40 * 30 * 20 - volumes(pieces)[0] == pytest.approx(np.pi * 4 * 20, rel=0.01)
    assert [step.operation.name for step in steps_made(made)] == ["fit"]


def test_cuts_along_curves_are_told_with_what_makes_them():
    flap = Planned("craniotomy-1", "Flap", "craniotomy")
    assert left_as_pieces(Plan(objects=(flap,))) == (
        "Flap is not cut here: make its pieces (plan pieces, or Pieces and models in FluoroPrint Plan).",
    )
    with pytest.raises(FluoroPrintError, match="Flap is not cut here"):
        planned_steps(Plan(objects=(flap,)), EXACT)

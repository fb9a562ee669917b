"""The section "Pieces and models" of FluoroPrint Plan: what a plan makes of bone, shown, saved, handed on."""

import sys
from pathlib import Path

import numpy as np
import pytest
import slicer
import stand_in
from FluoroPrintLib.files.mesh_formats import read_mesh
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.mrml.models import is_model, is_shown, surface_from_node
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.plan_objects import handles_of
from FluoroPrintLib.mrml.plan_pieces import pieces_shown
from FluoroPrintLib.planning.guide import make_guide
from FluoroPrintLib.planning.guide_objects import planned_guide
from FluoroPrintLib.planning.guide_parameters import DrillLine, GuideParameters
from FluoroPrintLib.planning.mandible_planner import plan_mandible
from FluoroPrintLib.planning.plan import Plan
from FluoroPrintLib.planning.plate import PlateParameters, plate_along
from FluoroPrintLib.planning.plate_objects import planned_plate
from FluoroPrintLib.planning.reduction import mirrored
from FluoroPrintLib.planning.reduction_planner import plan_reduction
from FluoroPrintLib.progress import silent
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of
from plan_panel import bone_model, choose, cut_shaft, markups_of, open_plan, plan_in, press

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))

from bone_solids import lump, request

OPENED = 40 * np.cos(np.radians(10)) + 30 * np.sin(np.radians(10))


@pytest.fixture
def widget(application, monkeypatch):
    stand_in.start_module(monkeypatch, "FluoroPrintPrepare")
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPlan")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    return widget


@pytest.fixture
def shaft(widget, scene):
    """The nodes of a plan of an opened wedge and of its bone, chosen."""
    return cut_shaft(widget, scene)


def heights(node):
    """The top of each piece where it stands."""
    return sorted(surface_from_node(model).GetBounds()[5] for model in pieces_shown(node).values())


def test_what_is_lacking_is_told(widget, scene, shaft):
    ui = widget.ui
    assert ui.piecesButton.enabled
    assert "Show the pieces of an object first" in ui.savePiecesButton.toolTip
    ui.boneChooser.setCurrentNode(None)
    assert "Choose a bone first" in ui.piecesButton.toolTip
    widget.chosen.object = ""
    assert "Choose an object in the table" in ui.piecesButton.toolTip


def test_pieces_are_shown_moved_saved_handed_on_and_hidden(widget, scene, application, shaft, tmp_path):
    (node, bone), ui = shaft, widget.ui
    press(widget, "piecesButton")
    assert application.errors == []
    assert heights(node) == pytest.approx([0.0, OPENED], abs=1e-3)
    assert not is_shown(bone)
    assert ui.piecesLabel.text == "Osteotomy: 2 models, each under a transform of its own."
    upper = max(pieces_shown(node).values(), key=lambda model: surface_from_node(model).GetBounds()[5])
    lift = np.eye(4)
    lift[2, 3] = 7.0
    upper.GetParentTransformNode().SetMatrixTransformToParent(vtk_matrix(lift))
    application.answers["QFileDialog.getExistingDirectory"] = str(tmp_path)
    press(widget, "savePiecesButton")
    tops = sorted(solid_of(read_mesh(path)).bounding_box()[5] for path in tmp_path.glob("*.stl"))
    assert tops == pytest.approx([0.0, 47.0], abs=1e-3), "where they stand now"
    assert "osteotomy-1-piece-1.stl" in widget.work.label.text
    ui.pieceBox.currentIndex = list(pieces_shown(node)).index(upper.GetName())
    press(widget, "preparePieceButton")
    assert slicer.util.selectedModule() == "FluoroPrintPrepare"
    handed = slicer.modules.FluoroPrintPrepareWidget.chosen.model
    assert is_model(handed)
    assert surface_from_node(handed).GetBounds()[4:] == pytest.approx((7.0, 47.0), abs=1e-3)
    press(widget, "hidePiecesButton")
    assert pieces_shown(node) == {}
    assert is_shown(bone)
    assert application.errors == []


def test_pieces_that_are_out_of_date_say_so(widget, scene, application, shaft):
    (node, _), ui = shaft, widget.ui
    press(widget, "piecesButton")
    handles_of(node)["osteotomy-1"].SetOriginWorld(0.0, 0.0, 7.0)
    stand_in.wait_until(lambda: "show them again" in ui.piecesLabel.text)
    press(widget, "undoPlanButton")
    assert "show them again" not in ui.piecesLabel.text
    press(widget, "redoPlanButton")
    press(widget, "piecesButton")
    assert "show them again" not in ui.piecesLabel.text
    assert heights(node)[0] == pytest.approx(7.0, abs=1e-3)
    press(widget, "removeButton")
    assert "no longer in the plan" in ui.piecesLabel.text
    assert application.errors == []


def test_a_plate_comes_with_its_template_and_a_guide_with_its_base(widget, scene, application, tmp_path):
    table = surface_of(engine().Manifold.cube((80, 60, 10)).translate((-20, -30, -10)))
    plate = plate_along(table, [(0.0, 0.0, 0.0), (30.0, 0.0, 0.0)], PlateParameters())
    quick = GuideParameters(grid_mm=0.6, reach_mm=6.0, cone_deg=0.0)
    line = DrillLine((0.0, 15.0, 0.0), (0.0, 15.0, -10.0))
    guide = make_guide(table, [line], [], quick, (0.0, 0.0, 1.0))
    objects = planned_plate("plate-1", "Plate", plate), planned_guide("guide-1", "Guide", guide)
    plan = Plan("case", objects=objects)
    bone = bone_model(scene, table)
    node = open_plan(widget, scene, plan, bone, "plate-1")
    press(widget, "piecesButton")
    assert set(pieces_shown(node)) == {"plate-1", "plate-1-template"}
    assert is_shown(bone), "a plate does not stand for the bone"
    application.answers["QFileDialog.getExistingDirectory"] = str(tmp_path)
    press(widget, "savePiecesButton")
    assert (tmp_path / "plate-1-bends.csv").exists()
    widget.chosen.object = "guide-1"
    press(widget, "piecesButton")
    (shown,) = pieces_shown(node).values()
    np.testing.assert_allclose(shown.GetPolyData().GetBounds(), guide.surface.GetBounds(), atol=0.1)
    assert solid_of(shown.GetPolyData()).volume() == pytest.approx(solid_of(guide.surface).volume(), rel=0.01)
    assert application.errors == []


def test_all_segments_of_a_donor_and_all_fragments_are_shown_together(widget, scene, application):
    donor = surface_of(engine().Manifold.cylinder(100, 6, 6, 64).translate((200, 0, -50)))
    places = {
        "line": ((0.0, 0.0, 0.0), (30.0, 0.0, 0.0), (30.0, 25.0, 0.0)),
        "up": ((0.0, 0.0, 10.0),),
        "donor": ((200.0, 0.0, -40.0), (200.0, 0.0, 45.0)),
        "donor-up": ((200.0, 20.0, 0.0),),
    }
    plan = plan_mandible(request(None, places, others=(donor,)), silent)
    node = open_plan(widget, scene, plan, None, "segment-2")
    assert "donor bone" in widget.ui.piecesButton.toolTip
    widget.chosen.other = bone_model(scene, donor, "Donor")
    press(widget, "piecesButton")
    assert set(pieces_shown(node)) == {"segment-1", "segment-2"}
    second = points_of(surface_from_node(pieces_shown(node)["segment-2"]))
    assert second[:, 1].max() == pytest.approx(25.0, abs=1e-3)
    whole = lump()
    high, low = whole.split_by_plane((0, 0.3, 1), 4.0)
    broken = surface_of(high + low.translate((1, 2, -5)))
    fractured = plan_reduction(request(broken, {}, others=(mirrored(surface_of(whole)),)), silent)
    bone = bone_model(scene, broken, "Broken")
    node = open_plan(widget, scene, fractured, bone, "fragment-1")
    before = plan_in(widget)
    press(widget, "piecesButton")
    assert set(pieces_shown(node)) == {"fragment-1", "fragment-2"}
    assert not is_shown(bone)
    assert plan_in(widget) == before, "what is shown is no edit"
    assert application.errors == []


def test_a_flap_is_planned_along_a_closed_curve_and_shown(widget, scene, application):
    table = surface_of(engine().Manifold.cube((60, 60, 6)).translate((-30, -30, -6)))
    ui = widget.ui
    ui.boneChooser.setCurrentNode(bone_model(scene, table, "Skull"))
    choose(ui.plannerBox, "Craniotomy")
    curve = scene.AddNewNodeByClass("vtkMRMLMarkupsClosedCurveNode", "Curve")
    for turn in np.linspace(0, 2 * np.pi, 8, endpoint=False):
        curve.AddControlPointWorld((15.0 * np.cos(turn), 15.0 * np.sin(turn), 0.0))
    markups_of(widget, "places").setCurrentNode(curve)
    press(widget, "planButton")
    assert application.errors == []
    (planned,) = plan_in(widget).objects
    assert planned.figures["flap volume"].value == pytest.approx(np.pi * 14.25**2 * 6, rel=0.005)
    widget.chosen.object = planned.id
    press(widget, "piecesButton")
    node = ui.planChooser.currentNode()
    assert set(pieces_shown(node)) == {"craniotomy-1-flap", "craniotomy-1-rest"}
    handle = handles_of(node)["craniotomy-1"]
    handle.SetNthControlPointPositionWorld(0, 20.0, 0.0, 0.0)
    stand_in.wait_until(lambda: plan_in(widget).objects[0].figures["perimeter"].value > 98.0)
    assert "show them again" in ui.piecesLabel.text
    handle.AddControlPointWorld((17.0, -6.0, 0.0))
    stand_in.wait_until(lambda: len(plan_in(widget).objects[0].points["curve"]) == 9)
    handle.RemoveNthControlPoint(8)
    stand_in.wait_until(lambda: len(plan_in(widget).objects[0].points["curve"]) == 8)
    assert application.errors == []

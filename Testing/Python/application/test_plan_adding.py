"""What FluoroPrint Plan adds objects by: any planner, the catalogue; overlaps told under a drag."""

import json

import numpy as np
import pytest
import stand_in
from FluoroPrintLib.catalog.implants import implant_family
from FluoroPrintLib.files.plan_files import write_plan
from FluoroPrintLib.mrml.case_parameters import case_node, plan_name
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.plan_objects import drawings_of, handles_of
from FluoroPrintLib.planning.implant_objects import planned_implant
from FluoroPrintLib.planning.implants import chosen_implant
from FluoroPrintLib.planning.kind import pose_of
from FluoroPrintLib.planning.plan import Plan
from FluoroPrintLib.planning.planner import PlaceAsked, Planner
from plan_panel import (
    CENTRE,
    add_bone,
    choose,
    hip_in,
    hip_with_wire,
    landmarks_of_hip,
    line_node,
    markups_of,
    own_catalogue,
    place_at,
    plan_in,
    points_node,
    press,
    two_bars,
)

CORRIDOR = "Screw in a corridor"


@pytest.fixture
def widget(application, monkeypatch):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPlan")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    return widget


@pytest.fixture
def in_bars(widget, scene):
    """The panel with two bars of bone and a corridor to be planned in the left one."""
    widget.ui.boneChooser.setCurrentNode(add_bone(scene, two_bars()))
    choose(widget.ui.plannerBox, CORRIDOR)
    choose(widget.ui.familyBox, "Pedicle screws")
    return widget


def plan_at(widget, node):
    markups_of(widget, "places").setCurrentNode(node)
    press(widget, "planButton")


def test_a_planner_takes_its_places_by_their_labels_and_family_and_parameters_of_the_panel(
    in_bars, scene, application
):
    case_node(scene).SetParameter(plan_name("corridor", "corridor") + "_diameter_mm", "4.5")
    plan_at(in_bars, points_node(scene, "Ends", Target=(-20.0, 0.0, 12.0), ENTRY=(-20.0, 0.0, -40.0)))
    assert application.errors == []
    (screw,) = plan_in(in_bars).objects
    assert (screw.figures["diameter"].value, screw.figures["length"].value) == (4.5, 40.0)
    np.testing.assert_allclose(screw.points["entry"][0], (-20.0, 0.0, -30.0), atol=0.6)
    assert "planned at Ends" in [decision.what for decision in screw.decisions]
    assert "✔ entry" in in_bars.ui.placesLabel.text


def entries(widget):
    """How far to the right each planned screw enters, to a millimetre."""
    return [round(planned.points["entry"][0][0]) for planned in plan_in(widget).objects]


def test_the_same_places_plan_anew_and_others_plan_another(in_bars, scene):
    first, second = line_node(scene), line_node(scene, (20.0, 0.0, -30.0), (20.0, 0.0, 11.0))
    first.SetName("Left")
    plan_at(in_bars, first)
    first.SetNthControlPointPositionWorld(0, -18.0, 0.0, -30.0)
    press(in_bars, "planButton")
    assert entries(in_bars) == [-18]
    plan_at(in_bars, second)
    assert [planned.id for planned in plan_in(in_bars).objects] == ["screw-1", "screw-1-2"]
    press(in_bars, "planButton")
    assert entries(in_bars) == [-18, 20]
    stand_in.emit(in_bars.ui.objectsTable, "cellClicked(int,int)", 1, 1)
    press(in_bars, "lockButton")
    kept = plan_in(in_bars).objects[1]
    second.SetNthControlPointPositionWorld(0, 18.0, 0.0, -30.0)
    press(in_bars, "planButton")
    assert plan_in(in_bars).objects[1] == kept


def test_what_a_planner_lacks_is_told(widget, scene, application):
    widget.ui.boneChooser.setCurrentNode(add_bone(scene, two_bars()))
    choose(widget.ui.plannerBox, "Electrode")
    assert not widget.ui.planButton.enabled
    assert "needs the places entry, target" in widget.ui.planButton.toolTip
    assert "Where the electrode enters" in widget.ui.placesLabel.toolTip
    markups_of(widget, "places").setCurrentNode(points_node(scene, "Ends", entry=(0.0, 0.0, 0.0)))
    assert "needs the places target" in widget.ui.planButton.toolTip
    assert "every segment is something that must be spared" in widget.ui.plannerBox.toolTip
    case_node(scene).SetParameter(plan_name("electrode", "electrode") + "_margin_mm", "-3")
    markups_of(widget, "places").setCurrentNode(line_node(scene))
    assert "margin_mm is -3" in widget.ui.planButton.toolTip


def test_only_what_the_planner_asks_for_is_shown(in_bars):
    ui = in_bars.ui
    shown = (ui.sideBox, ui.familyBox, ui.otherChooser, ui.placesLabel)
    assert [not row.real.isHidden() for row in shown] == [True] * 4
    choose(ui.plannerBox, "Vessel and stent-graft")
    assert [not row.real.isHidden() for row in shown] == [False, True, False, True]
    frames = in_bars.planning.adding.frames
    assert [word for word, frame in frames.items() if not frame.real.isHidden()] == ["vessel"]


def test_points_to_be_placed_have_the_names_of_the_places(in_bars, scene):
    stand_in.click(in_bars.planning.adding.places.placeButton)
    node = markups_of(in_bars, "places").currentNode()
    assert [node.GetNthControlPointLabel(n) for n in range(2)] == ["entry", "target"]
    assert node.GetNumberOfDefinedControlPoints() == 0
    stand_in.click(in_bars.planning.adding.places.placeButton)
    assert node.GetNumberOfControlPoints() == 2
    assert "✔" not in in_bars.ui.placesLabel.text
    node.SetNthControlPointPositionWorld(0, -20.0, 0.0, -30.0)
    assert "✔ entry" in in_bars.ui.placesLabel.text


def test_a_planner_that_is_registered_later_is_served_without_a_change(application, monkeypatch, scene):
    asked = []

    def plan(request, progress):
        asked.append(request)
        wire = chosen_implant(request.families["wire"])
        return Plan(request.case, "", (planned_implant("w", "W", wire, request.place("top"), (0, 0, 1.0)),))

    places = (PlaceAsked("top", "The top"), PlaceAsked("rim", "Points of the rim", required=False, most=9))
    planner = Planner("later", "Later", "Plans later.", plan, {}, places, {"wire": "k-wire"}, takes_side=True)
    monkeypatch.setattr("FluoroPrintLib.slicer_app.plan_adding.planners", lambda: {"later": planner})
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPlan")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    widget.ui.boneChooser.setCurrentNode(add_bone(scene, two_bars()))
    choose(widget.ui.sideBox, "right")
    points = points_node(scene, "Ends", top=(0.0, 0.0, 5.0), rim=(1.0, 0.0, 0.0))
    points.AddControlPointWorld((2.0, 0.0, 0.0), "Rim")
    plan_at(widget, points)
    assert application.errors == []
    assert (asked[0].side, asked[0].families["wire"].id) == ("right", "k-wire")
    assert asked[0].places["rim"] == ((1.0, 0.0, 0.0), (2.0, 0.0, 0.0))
    assert asked[0].surface().GetNumberOfPoints() > 100
    assert [planned.id for planned in plan_in(widget).objects] == ["w"]


def test_a_plate_is_placed_on_a_plane_snapped_and_sized(in_bars, scene, application):
    plane = scene.AddNewNodeByClass("vtkMRMLMarkupsPlaneNode", "Plane")
    plane.SetOriginWorld(-20.0, 0.0, 34.0)
    plane.SetNormalWorld(0.0, 0.0, 1.0)
    press(in_bars, "measureButton")
    name = place_at(in_bars, plane, "Straight plates 3.5")
    press(in_bars, "snapButton")
    press(in_bars, "largerButton")
    assert application.errors == []
    plate, holes = plan_in(in_bars).named(name), implant_family("plate-straight-3.5").sizes("holes")
    np.testing.assert_allclose(plate.points["origin"][0], (-20.0, 0.0, 30.0), atol=0.5)
    assert plate.directions["axis"] == ((0.0, 0.0, 1.0),)
    assert plate.figures["holes"].value == holes[(len(holes) - 1) // 2 + 1]


def test_a_shape_of_the_user_s_own_is_drawn_and_a_wrong_file_is_told(widget, scene, tmp_path):
    widget.ui.catalogueEdit.currentPath = str(own_catalogue(tmp_path))
    name = place_at(widget, points_node(scene, "Here", here=(1.0, 2.0, 3.0)), "Balls")
    bounds = drawings_of(widget.ui.planChooser.currentNode())[name].GetPolyData().GetBounds()
    assert max(bounds) == pytest.approx(3.0, abs=0.2)
    (tmp_path / "wrong.json").write_text(json.dumps({"implants": []}))
    widget.ui.catalogueEdit.currentPath = str(tmp_path / "wrong.json")
    assert "wrong.json cannot be used" in widget.ui.catalogueLabel.text
    assert widget.ui.implantBox.count > 20


def drag_to(widget, name, place):
    """Move the handles of an object as the mouse does: without an end."""
    handle = handles_of(widget.ui.planChooser.currentNode())[name]
    pose = pose_of(plan_in(widget).named(name))
    pose[:3, 3] = place
    handle.SetMatrixTransformToParent(vtk_matrix(pose))


def test_overlap_of_implants_is_told_while_they_are_dragged(widget, scene):
    for number, x in enumerate((0.0, 40.0)):
        line = line_node(scene, (x, 0.0, -30.0), (x, 0.0, 11.0))
        name = place_at(widget, line, ("K-wires", "Drill bits")[number])
    before = plan_in(widget)
    drag_to(widget, name, (3.5, 0.0, 11.0))
    stand_in.wait_until(lambda: "mm to K-wires 1" in widget.ui.seenLabel.text)
    assert plan_in(widget) == before, "nothing is kept as long as it is dragged"
    drag_to(widget, name, (0.5, 0.0, 11.0))
    stand_in.wait_until(lambda: "Overlaps K-wires 1 by" in widget.ui.seenLabel.text)
    stand_in.wait_until(lambda: plan_in(widget) != before)
    assert "Overlaps K-wires 1 by" in widget.ui.seenLabel.text


def test_angles_and_overlap_of_a_cup_are_told_while_it_is_dragged(widget, scene, application, tmp_path):
    write_plan(tmp_path / "PLAN.json", hip_with_wire())
    application.answers["QFileDialog.getOpenFileName"] = str(tmp_path / "PLAN.json")
    press(widget, "openPlanButton")
    before = plan_in(widget)
    drag_to(widget, "cup-right", CENTRE + (95.0, 0.0, 0.0))
    stand_in.wait_until(lambda: "Overlaps Wire by" in widget.ui.seenLabel.text)
    assert "inclination 40" in widget.ui.seenLabel.text
    assert plan_in(widget) == before
    stand_in.wait_until(lambda: plan_in(widget) != before)
    assert application.errors == []


@pytest.mark.slow
def test_a_cup_is_planned_by_its_landmarks(widget, scene, application):
    widget.ui.boneChooser.setCurrentNode(hip_in(scene))
    choose(widget.ui.plannerBox, "Cup of a hip")
    choose(widget.ui.sideBox, "right")
    plan_at(widget, points_node(scene, "Landmarks", **landmarks_of_hip()))
    assert application.errors == []
    cup = plan_in(widget).named("cup-right")
    np.testing.assert_allclose(cup.figures["radiographic inclination"].value, 40.0, atol=0.5)


def select(widget, *rows):
    """Choose several rows of the objects, as clicks with Ctrl held do."""
    import qt

    model = widget.ui.objectsTable.selectionModel()
    for row in rows:
        index = widget.ui.objectsTable.model().index(row, 0)
        model.select(index, qt.QItemSelectionModel.Select | qt.QItemSelectionModel.Rows)
        stand_in.emit(widget.ui.objectsTable, "cellClicked(int,int)", row, 0)


def test_a_guide_drills_the_screws_chosen_in_the_table(in_bars, scene, application):
    for number, x in enumerate((-22.0, -18.0)):
        node = line_node(scene, (x, -3.0 + 6.0 * number, -30.0), (x, -3.0 + 6.0 * number, 11.0))
        node.SetName(f"Line {number}")
        place_at(in_bars, node)
    choose(in_bars.ui.plannerBox, "Drill or cutting guide")
    settings = {"grid_mm": "0.6", "reach_mm": "5", "cone_deg": "0", "wall_mm": "2"}
    for name, value in settings.items():
        case_node(scene).SetParameter(f"{plan_name('guide', 'guide')}_{name}", value)
    in_bars.ui.objectsTable.clearSelection()
    select(in_bars, 0, 1)
    assert len({item.row() for item in in_bars.ui.objectsTable.selectedItems()}) == 2, "both stay chosen"
    assert in_bars.ui.planButton.enabled
    press(in_bars, "planButton")
    assert application.errors == []
    guide = plan_in(in_bars).objects[-1]
    assert (guide.kind, len(guide.points["drill feet"])) == ("guide", 2)
    assert "planned at Screw 1, Screw 2" in [decision.what for decision in guide.decisions]
    in_bars.ui.objectsTable.clearSelection()
    select(in_bars, 2)
    assert "needs an object of the table" in in_bars.ui.planButton.toolTip, "a guide guides no guide"

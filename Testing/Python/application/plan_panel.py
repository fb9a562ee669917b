"""What the tests of FluoroPrint Plan's section "Plan" share: its panel, bones, and a screw of a line."""

import json
import sys
from pathlib import Path

import numpy as np
import stand_in
from FluoroPrintLib.catalog.implants import implant_family
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mrml.models import add_model
from FluoroPrintLib.mrml.plan_objects import handles_of, show_plan
from FluoroPrintLib.mrml.plan_store import add_plan, plan_of
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.cup import Cup
from FluoroPrintLib.planning.cup_angles import axis_of_radiographic, out_of_hip, pelvis_frame
from FluoroPrintLib.planning.cup_objects import planned_cup, planned_pelvis
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.implant_objects import planned_implant
from FluoroPrintLib.planning.implants import chosen_implant
from FluoroPrintLib.planning.instrument import DrillPass
from FluoroPrintLib.planning.instrument_objects import DRILLING, planned_drilling
from FluoroPrintLib.planning.osteotomy_planner import OsteotomyParameters, plan_osteotomy
from FluoroPrintLib.planning.pedicles import Pedicle
from FluoroPrintLib.planning.plan import Plan
from FluoroPrintLib.planning.screw import Screw
from FluoroPrintLib.planning.spine import PlannedPedicle
from FluoroPrintLib.progress import silent
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.shape.solids import engine, surface_of
from vtkmodules.vtkFiltersSources import vtkSphereSource

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))

from bone_solids import box as bar
from bone_solids import request
from hip_solids import CENTRE, centre, hip, landmarks
from planning_solids import box, column, grid, places_of

ENTRY, TIP = (-20.0, 0.0, -30.0), (-20.0, 0.0, 11.0)
BALL_MM = 3.0


def add_bone(scene, volume, name="Bone"):
    """A segmentation of one segment from a mask."""
    segments = (Segment(name, 1, (0.9, 0.8, 0.6)),)
    return add_segmentation(
        scene, Segmentation(volume.with_array(volume.array_kji.astype(np.uint8)), segments), name
    )


def two_bars():
    """Two bars of bone of 20 by 20 by 60 mm about x = -20 and 20."""
    volume = grid((72, 30, 72), (1.0,) * 3)
    places = places_of(volume)
    bars = box(places, (-30, -10, -30), (-10, 10, 30)) | box(places, (10, -10, -30), (30, 10, 30))
    return volume.with_array(bars)


def two_vertebrae():
    """A column of two vertebrae."""
    return column(grid((110, 110, 78), (1.5,) * 3), 2)


def two_pedicles(labelmap, _family, _parameters, _names, _progress, _volume):
    """What the planning of pedicle screws finds, at once: a screw on either side of a canal."""
    field = bone_field(labelmap)
    found = []
    for side, x in (("left", -15.0), ("right", 15.0)):
        place = np.array([x, 0.0, 0.0])
        pedicle = Pedicle(1, side, place, 5.0, 15.0, *np.eye(3))
        screw = Screw((x, -14.0, 21.0), (x, 21.0, 21.0), 5.0)
        found.append(PlannedPedicle(pedicle, "", field, screw))
    return tuple(found)


def line_node(scene, entry=ENTRY, tip=TIP):
    """A markups line."""
    line = scene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", "Line")
    for place in (entry, tip):
        line.AddControlPointWorld(place)
    return line


def press(widget, name):
    """Click a button by its name and wait for what it starts."""
    stand_in.click(getattr(widget.ui, name))
    stand_in.wait_until(lambda: not widget.work.busy)


def plan_in(widget):
    """The chosen plan as the scene holds it."""
    return plan_of(widget.ui.planChooser.currentNode())


def choose(box, title):
    """Choose an entry of a combo box by what it is called."""
    titles = [box.itemText(number) for number in range(box.count)]
    box.currentIndex = titles.index(title)


def markups_of(widget, name):
    """The chooser of markups of this name: the section builds it."""
    chooser = {"places": widget.planning.adding.places, "at": widget.planning.placing.markups}[name]
    return chooser.chooser


def place_at(widget, node, title="Pedicle screws"):
    """Place an implant of a family at markups; return its id."""
    choose(widget.ui.implantBox, title)
    markups_of(widget, "at").setCurrentNode(node)
    press(widget, "placeButton")
    return widget.chosen.object


def screw_in_bars(widget, scene):
    """Choose the bars, measure in them, place a screw along a line; return its id."""
    widget.ui.boneChooser.setCurrentNode(add_bone(scene, two_bars()))
    press(widget, "measureButton")
    return place_at(widget, line_node(scene))


def points_node(scene, name, **places):
    """A point list whose labels are the names of places, with spaces for their hyphens."""
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
    for label, place in places.items():
        node.AddControlPointWorld(place, label.replace("_", " "))
    return node


def drag_tip(widget, name, place):
    """Drag the tip of an object's line."""
    handle = handles_of(widget.ui.planChooser.currentNode())[name]
    handle.SetNthControlPointPositionWorld(1, *place)
    return handle


def hip_with_wire():
    """A plan of a pelvis, a cup in its socket, and a wire 70 mm to its right."""
    frame = pelvis_frame(landmarks())
    axis = tuple(out_of_hip(axis_of_radiographic((40.0, 15.0)), frame, "right").tolist())
    cup = planned_cup(Cup(tuple(CENTRE.tolist()), axis, 54.0), "right", frame, 4.0)
    kirschner = chosen_implant(implant_family("k-wire"))
    wire = planned_implant("wire-1", "Wire", kirschner, tuple(CENTRE + (70.0, 0.0, 0.0)), (0.0, 0.0, 1.0))
    return Plan("Hip", "right", (planned_pelvis(landmarks()), cup, wire))


def hip_in(scene):
    """The bone of the hip of solids, as a segmentation."""
    return add_bone(scene, hip(), "Pelvis")


def landmarks_of_hip():
    """The places that a cup is planned by, of the hip of solids."""
    names = ("asis_left", "asis_right", "pubic_tubercle_left", "pubic_tubercle_right")
    found = dict(zip(names, vars(landmarks()).values(), strict=True))
    return found | {"femoral_head_right": tuple(centre("right"))}


def own_catalogue(folder):
    """A catalogue of the user's own in a file: balls of 6 mm, a shape that no family is drawn by."""
    ball = vtkSphereSource()
    ball.SetRadius(BALL_MM)
    ball.Update()
    write_mesh(folder / "ball.stl", [NamedModel("Ball", (1.0, 1.0, 1.0), ball.GetOutput())])
    entry = {"id": "balls", "title": "Balls", "kind": "own", "shape": "ball.stl", "units": "mm"}
    path = folder / "own.json"
    path.write_text(json.dumps({"version": 1, "implants": [entry | {"sources": {}}]}))
    return path


def worked_through(widget, scene, application, folder):
    """Press every button of the section once, a user's way; return the plan at the end."""
    name, ui = screw_in_bars(widget, scene), widget.ui
    for button in ("largerButton", "longerButton", "smallerButton", "shorterButton", "snapButton"):
        press(widget, button)
    drag_tip(widget, name, (-20.0, 0.0, 4.0))
    stand_in.wait_until(lambda: "moved by hand" in ui.decisionsLabel.text)
    press(widget, "mirrorButton")
    stand_in.emit(ui.objectsTable, "cellClicked(int,int)", 1, 0)
    press(widget, "lockButton")
    press(widget, "lockButton")
    press(widget, "removeButton")
    press(widget, "undoPlanButton")
    press(widget, "redoPlanButton")
    application.answers["QFileDialog.getSaveFileName"] = str(folder / "PLAN.json")
    application.answers["QFileDialog.getOpenFileName"] = str(folder / "PLAN.json")
    press(widget, "savePlanButton")
    press(widget, "openPlanButton")
    ui.catalogueEdit.currentPath = str(own_catalogue(folder))
    place_at(widget, points_node(scene, "Here", here=(-20.0, 0.0, 12.0)), "Balls")
    application.answers["QFileDialog.getExistingDirectory"] = str(folder / "report")
    press(widget, "reportButton")
    planned_by_all(widget, scene)
    return plan_in(widget)


def planned_by_all(widget, scene):
    """Plan a screw in a corridor, then those of a spine, with all that the section can be set to."""
    ui = widget.ui
    choose(ui.plannerBox, "Screw in a corridor")
    choose(ui.familyBox, "Cortical screws 3.5 mm")
    choose(ui.sideBox, "left")
    stand_in.click(widget.planning.adding.places.placeButton)
    stand_in.click(widget.planning.placing.markups.placeButton)
    markups_of(widget, "places").setCurrentNode(line_node(scene))
    press(widget, "planButton")
    ui.boneChooser.setCurrentNode(add_bone(scene, two_vertebrae(), "Spine"))
    ui.planChooser.setCurrentNode(None)
    choose(ui.plannerBox, "Pedicle screws")
    press(widget, "planButton")


def drilled_plate(widget, scene):
    """Choose a plate of 40 x 40 x 10 mm and a plan of two holes of 3.2 mm through it; return both nodes."""
    block = engine().Manifold.cube((40, 40, 10), True).translate((0, 0, -5))
    bone = add_model(scene, NamedModel("Plate", (0.9, 0.9, 0.8), surface_of(block)))
    plan = Plan()
    for x in (-8.0, 8.0):
        made = DrillPass((x, 0.0, 0.0), (x, 0.0, -14.0), 3.2, 90.0)
        hole = planned_drilling(DRILLING, "drilling-1", f"Hole at {x:g}", made, "drill-bit")
        plan = edits.add(plan, hole, Hand())
    node = add_plan(scene, plan, "Case 1", bone)
    show_plan(node)
    widget.ui.planChooser.setCurrentNode(node)
    widget.ui.boneChooser.setCurrentNode(bone)
    return node, bone


SHAFT = (30, 20, 80)
CUT = {"cut": ((0.0, 0.0, 0.0),), "towards": ((0.0, 0.0, 30.0),), "hinge": ((-15.0, 0.0, 0.0),)}


def cut_shaft(widget, scene):
    """Choose a shaft of 30 x 20 x 80 mm and a wedge of 10 degrees opened in it; return both nodes."""
    asked = OsteotomyParameters(angle_deg=10.0, kerf_mm=0.0)
    plan = plan_osteotomy(request(bar(SHAFT), CUT, asked), silent)
    bone = bone_model(scene, bar(SHAFT))
    return open_plan(widget, scene, plan, bone, "osteotomy-1"), bone


def bone_model(scene, surface, name="Bone"):
    """A model of a bone."""
    return add_model(scene, NamedModel(name, (0.9, 0.9, 0.8), surface))


def open_plan(widget, scene, plan, bone, chosen):
    """Choose a plan, its bone and one of its objects; return the plan's node."""
    node = add_plan(scene, plan, "Case 1", bone)
    show_plan(node)
    widget.ui.boneChooser.setCurrentNode(bone)
    widget.ui.planChooser.setCurrentNode(node)
    widget.chosen.object = chosen
    return node


def pieces_worked_through(widget, scene, application, folder):
    """Press every button of the section of pieces once; return the plan's node."""
    node, _ = cut_shaft(widget, scene)
    press(widget, "piecesButton")
    application.answers["QFileDialog.getExistingDirectory"] = str(folder)
    press(widget, "savePiecesButton")
    press(widget, "preparePieceButton")
    press(widget, "hidePiecesButton")
    return node

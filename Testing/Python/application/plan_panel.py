"""What the tests of FluoroPrint Plan's section "Plan" share: its panel, bones, and a screw of a line."""

import sys
from pathlib import Path

import numpy as np
import stand_in
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mrml.models import add_model
from FluoroPrintLib.mrml.plan_objects import handles_of, show_plan
from FluoroPrintLib.mrml.plan_store import add_plan, plan_of
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.instrument import DrillPass
from FluoroPrintLib.planning.instrument_objects import DRILLING, planned_drilling
from FluoroPrintLib.planning.pedicles import Pedicle
from FluoroPrintLib.planning.plan import Plan
from FluoroPrintLib.planning.screw import Screw
from FluoroPrintLib.planning.spine import PlannedPedicle
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from FluoroPrintLib.shape.solids import engine, surface_of

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))

from planning_solids import box, column, grid, places_of

ENTRY, TIP = (-20.0, 0.0, -30.0), (-20.0, 0.0, 11.0)


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


def two_pedicles(labelmap, _family, _parameters, _names, _progress):
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


def screw_in_bars(widget, scene):
    """Choose the bars, measure in them, plan a screw along a line; return its id."""
    widget.ui.boneChooser.setCurrentNode(add_bone(scene, two_bars()))
    widget.ui.lineChooser.setCurrentNode(line_node(scene))
    press(widget, "measureButton")
    press(widget, "lineButton")
    return widget.chosen.object


def drag_tip(widget, name, place):
    """Drag the tip of an object's line."""
    handle = handles_of(widget.ui.planChooser.currentNode())[name]
    handle.SetNthControlPointPositionWorld(1, *place)
    return handle


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
    ui.boneChooser.setCurrentNode(add_bone(scene, two_vertebrae(), "Spine"))
    ui.planChooser.setCurrentNode(None)
    press(widget, "pediclesButton")
    return plan_in(widget)


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

"""The panel: screws and a wire in a column of solids, and a skull model compared with its sweep."""

import sys

import stand_in
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.mesh.smoothing import smooth_mesh
from FluoroPrintLib.mesh.surface import surface_of_segment
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.mrml.sweeps import add_sweep
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.bone import segment_bone
from FluoroPrintLib.segmentation.segments import Segment, Segmentation


def populate(widget, scene):
    """Plan the screws, place a wire; reconstruct the shipped sweep, take its bone, compare."""
    plan_screws(widget, scene)
    place_wire(widget, scene)
    compare(widget, scene)


def plan_screws(widget, scene):
    """Plan pedicle screws in a column of two vertebrae, change some by hand."""
    sys.path.insert(0, str(stand_in.REPOSITORY / "Testing" / "Python" / "planning"))
    from planning_solids import column, grid

    spine = Segmentation(column(grid((110, 110, 78), (1.0,) * 3), 2), (Segment("Spine", 1, (0.9, 0.8, 0.6)),))
    widget.ui.boneChooser.setCurrentNode(add_segmentation(scene, spine, "Spine"))
    press(widget, "planButton")
    stand_in.emit(widget.ui.objectsTable, "cellClicked(int,int)", 3, 1)
    press(widget, "lockButton")
    stand_in.emit(widget.ui.objectsTable, "cellClicked(int,int)", 1, 1)
    for _ in range(2):
        press(widget, "largerButton")


def place_wire(widget, scene):
    """Place a K-wire along a line in the body of the upper vertebra; choose a planner that takes places."""
    ui = widget.ui
    line = scene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", "Wire")
    for place in ((30.0, 30.0, 15.0), (0.0, 15.0, 15.0)):
        line.AddControlPointWorld(place)
    families = [ui.implantBox.itemText(number) for number in range(ui.implantBox.count)]
    ui.implantBox.currentIndex = families.index("K-wires")
    widget.planning.placing.markups.chooser.setCurrentNode(line)
    press(widget, "placeButton")
    stand_in.emit(ui.objectsTable, "cellClicked(int,int)", 1, 1)
    ui.plannerBox.currentIndex = 1
    widget.planning.adding.places.chooser.setCurrentNode(line)
    stand_in.click(ui.parametersSection)


def press(widget, name):
    """Click a button by its name and wait for what it starts."""
    stand_in.click(getattr(widget.ui, name))
    stand_in.wait_until(lambda: not widget.work.busy)


def compare(widget, scene):
    """Reconstruct the shipped sweep, take its bone, compare."""
    run = stand_in.REPOSITORY / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm"
    sweep = read_sweep(run)
    bone = segment_bone(reconstruct(sweep, ReconstructionParameters(voxel_mm=1.6)))
    model = scene.AddNewNodeByClass("vtkMRMLModelNode", "Skull model")
    model.SetAndObservePolyData(smooth_mesh(surface_of_segment(bone, 1), 0.3))
    model.CreateDefaultDisplayNodes()
    widget.ui.modelChooser.setCurrentNode(model)
    widget.ui.sweepChooser.setCurrentNode(add_sweep(scene, sweep, "head-small-xa"))
    widget.ui.frameSlider.value = 45
    stand_in.click(widget.ui.showButton)
    press(widget, "allButton")

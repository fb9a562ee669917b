"""The panel with a model of the skull: cut in two, the first part checked, both laid on plates."""

import stand_in
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.bone import segment_bone


def populate(widget, scene):
    """Make a model of a coarse skull, cut it by a plane, prepare both parts for a printer."""
    ui = widget.ui
    run = stand_in.REPOSITORY / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm"
    bone = segment_bone(reconstruct(read_sweep(run), ReconstructionParameters(voxel_mm=2.5)))
    ui.segmentationChooser.setCurrentNode(add_segmentation(scene, bone, "Skull"))
    press(widget, ui.applyButton)
    stand_in.click(ui.deviationBox)
    plane = scene.AddNewNodeByClass("vtkMRMLMarkupsPlaneNode", "Cut")
    low, high = bounds_of(ui.modelChooser.currentNode())
    plane.SetOriginWorld([(one + other) / 2 for one, other in zip(low, high, strict=True)])
    plane.SetNormalWorld((0.0, 0.0, 1.0))
    widget.shape.planes.chooser.setCurrentNode(plane)
    press(widget, ui.shapeButton)
    stand_in.click(ui.printAllBox)
    press(widget, ui.prepareButton)
    press(widget, ui.checkButton)
    ui.fileEdit.currentPath = "Cases/skull.3mf"
    for section in (ui.shapeSection, ui.printSection, ui.packageSettings, ui.exportSection):
        section.collapsed = False


def press(widget, button):
    """Click a button and wait for its work."""
    stand_in.click(button)
    stand_in.wait_until(lambda: not widget.work.busy)


def bounds_of(node):
    """The lowest and the highest corner of a model."""
    bounds = node.GetPolyData().GetBounds()
    return bounds[::2], bounds[1::2]

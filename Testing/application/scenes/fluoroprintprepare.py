"""The panel with a model of the skull, its check and its deviations."""

import stand_in
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.bone import segment_bone


def populate(widget, scene):
    """Make a model of a coarse skull."""
    run = stand_in.REPOSITORY / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm"
    bone = segment_bone(reconstruct(read_sweep(run), ReconstructionParameters(voxel_mm=2.5)))
    widget.ui.segmentationChooser.setCurrentNode(add_segmentation(scene, bone, "Skull"))
    stand_in.click(widget.ui.applyButton)
    stand_in.wait_until(lambda: not widget.work.busy)
    stand_in.click(widget.ui.deviationBox)
    widget.ui.fileEdit.currentPath = "Cases/skull.3mf"

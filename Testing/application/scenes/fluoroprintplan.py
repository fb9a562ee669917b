"""The panel with a coarse model of the skull compared with all frames of the shipped sweep."""

import stand_in
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.mesh.smoothing import smooth_mesh
from FluoroPrintLib.mesh.surface import surface_of_segment
from FluoroPrintLib.mrml.sweeps import add_sweep
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.bone import segment_bone


def populate(widget, scene):
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
    stand_in.click(widget.ui.allButton)
    stand_in.wait_until(lambda: not widget.work.busy)

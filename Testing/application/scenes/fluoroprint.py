"""The home panel with a case that went through all stages."""

import tempfile

import stand_in
from FluoroPrintLib.mrml.case_parameters import store_parameters
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters
from FluoroPrintLib.slicer_app.sample_data import simulated_sweep


def populate(widget, scene):
    """Run all stages on the simulated sweep."""
    from FluoroPrintLib.mrml.sweeps import add_sweep
    from FluoroPrintLib.progress import silent

    store_parameters(scene, "reconstruction", ReconstructionParameters(voxel_mm=2.0))
    add_sweep(scene, simulated_sweep(silent), "Lumbar sweep")
    stand_in.wait_until(lambda: widget.state.sweep is not None)
    widget.report_folder = tempfile.TemporaryDirectory()  # stays until the picture was taken
    widget.ui.folderEdit.currentPath = widget.report_folder.name
    stand_in.click(widget.ui.runButton)
    stand_in.wait_until(lambda: not widget.work.busy)
    widget.ui.folderEdit.currentPath = "Cases/Lumbar 12"

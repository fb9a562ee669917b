"""Module FluoroPrint Reconstruct: a C-arm sweep into a volume of the open scene."""

from pathlib import Path

import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)


class FluoroPrintReconstruct(ScriptedLoadableModule):
    """What Slicer shows of the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("FluoroPrint Reconstruct")
        self.parent.categories = ["FluoroPrint"]
        self.parent.dependencies = ["FluoroPrint"]
        self.parent.contributors = ["FluoroPrint developers"]
        self.parent.helpText = _(
            "Reads a rotational C-arm acquisition (XA multi-frame DICOM, or frames with a geometry file) and "
            "reconstructs a volume in patient axes and Hounsfield units, by FDK with short-scan weights."
        )
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )


class FluoroPrintReconstructWidget(ScriptedLoadableModuleWidget):
    """Sweep, geometry file where one is needed, parameters, a button."""

    def setup(self):
        """Build the window."""
        ScriptedLoadableModuleWidget.setup(self)
        from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters
        from FluoroPrintLib.slicer_app.forms import ParameterForm, button, path_edit, section

        self.logic = FluoroPrintReconstructLogic()
        form = section(_("Sweep"), self.layout)
        self.sweepEdit = path_edit("FluoroPrint/Sweep")
        self.sweepEdit.toolTip = _("XA DICOM file, or frames as TIFF, MHA or NRRD.")
        form.addRow(_("Sweep:"), self.sweepEdit)
        self.geometryEdit = path_edit("FluoroPrint/Geometry")
        self.geometryEdit.toolTip = _("Needed only where the sweep does not tell its geometry.")
        form.addRow(_("Geometry file:"), self.geometryEdit)
        form = section(_("Reconstruction"), self.layout)
        names = ("voxel_mm", "window", "cutoff", "truncation_padding", "engine")
        self.parameterForm = ParameterForm(ReconstructionParameters, form, names)
        self.applyButton = button(_("Reconstruct"), _("Make a volume of the sweep."), self.onApply)
        self.layout.addWidget(self.applyButton)
        self.layout.addStretch(1)

    def onApply(self):
        """Reconstruct, then show the volume."""
        from FluoroPrintLib.slicer_app.window import run_in_window

        volume = run_in_window(_("FluoroPrint Reconstruct"), self._reconstructed)
        if volume is not None:
            slicer.util.setSliceViewerLayers(background=volume, fit=True)

    def _reconstructed(self, progress):
        from FluoroPrintLib.slicer_app.forms import chosen_path

        return self.logic.reconstruct(
            slicer.mrmlScene,
            chosen_path(self.sweepEdit, "sweep"),
            self.parameterForm.value(),
            geometry=self.geometryEdit.currentPath or None,
            progress=progress,
        )


class FluoroPrintReconstructLogic(ScriptedLoadableModuleLogic):
    """From a file to nodes; the scene is passed in."""

    def reconstruct(self, scene, sweep_path, parameters, *, geometry=None, progress=None):
        """Add a sweep and its volume to the scene; return the volume node.

        The scene stays as it was where it fails (FluoroPrintError) or is cancelled (Cancelled).
        """
        from FluoroPrintLib.files.sweep import read_sweep
        from FluoroPrintLib.progress import part_of, silent
        from FluoroPrintLib.reconstruction.fdk import reconstruct

        progress = progress or silent
        geometry = Path(geometry) if geometry else None
        sweep = read_sweep(Path(sweep_path), geometry=geometry, progress=part_of(progress, 0.0, 0.25))
        volume = reconstruct(sweep, parameters, part_of(progress, 0.25, 1.0))
        return self._added(scene, Path(sweep_path).stem, sweep, volume, parameters)

    @staticmethod
    def _added(scene, case, sweep, volume, parameters):
        from FluoroPrintLib.mrml.stages import register_result
        from FluoroPrintLib.mrml.sweeps import add_sweep
        from FluoroPrintLib.mrml.volumes import add_volume

        sweep_node = add_sweep(scene, sweep, f"{case} sweep")
        register_result(scene, sweep_node, None, "Acquire", case=case)
        volume_node = add_volume(scene, volume, f"{case} volume")
        register_result(scene, volume_node, sweep_node, "Acquire", parameters, case=case)
        return volume_node


class FluoroPrintReconstructTest(ScriptedLoadableModuleTest):
    """What can be tested without a sweep; the rest is in Testing/Python."""

    def runTest(self):
        """A missing file is refused in one sentence and leaves the scene empty."""
        from FluoroPrintLib.errors import FluoroPrintError
        from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters

        slicer.mrmlScene.Clear()
        logic = FluoroPrintReconstructLogic()
        with self.assertRaises(FluoroPrintError):
            logic.reconstruct(slicer.mrmlScene, "missing.dcm", ReconstructionParameters())
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLVolumeNode"), 0)

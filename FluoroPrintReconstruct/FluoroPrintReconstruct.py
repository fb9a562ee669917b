"""Module FluoroPrint Reconstruct: a C-arm sweep, its geometry checked, into a volume of the open scene."""

from pathlib import Path

import slicer
from FluoroPrintLib.slicer_app.panel import Panel
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
)

COMMON = ("voxel_mm", "window", "cutoff")


class FluoroPrintReconstruct(ScriptedLoadableModule):
    """What Slicer shows of the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("FluoroPrint Reconstruct")
        self.parent.categories = ["FluoroPrint"]
        self.parent.dependencies = ["FluoroPrint"]
        self.parent.contributors = ["FluoroPrint developers"]
        self.parent.helpText = _(
            "Reads a rotational C-arm acquisition, checks its geometry, and reconstructs a volume in patient "
            'axes and Hounsfield units (FDK). <a href="{url}">Documentation</a>'
        ).format(
            url="https://github.com/FluoroPrint/SlicerFluoroPrint/blob/main/docs/modules/FluoroPrintReconstruct.md"
        )
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )


class FluoroPrintReconstructWidget(Panel):
    """Sweep, geometry check, preview, reconstruction, browsing."""

    title = "FluoroPrint Reconstruct"
    choices = {"sweep": slicer.vtkMRMLScalarVolumeNode, "file": str, "geometry": str}

    def build(self):
        """Add the parameters' rows and connect the widgets."""
        from FluoroPrintLib.mrml.sweeps import FACTS
        from FluoroPrintLib.slicer_app.reconstruct import reconstruction_names, sweep_names
        from FluoroPrintLib.slicer_app.rows import add_rows

        self.logic = FluoroPrintReconstructLogic()
        self.diagnosis = self.diagnosed = None
        self.ui.sweepChooser.addAttribute("vtkMRMLScalarVolumeNode", FACTS)
        self.keep_path(self.ui.fileEdit, "file")
        self.keep_path(self.ui.geometryEdit, "geometry")
        add_rows(self.ui.readingSection.layout(), "sweep", sweep_names())
        add_rows(self.ui.reconstructionRows.layout(), "reconstruction", COMMON)
        add_rows(self.ui.advancedSection.layout(), "reconstruction", reconstruction_names(COMMON))
        self.ui.readingSection.collapsed = self.ui.advancedSection.collapsed = True
        self.ui.loadButton.connect("clicked()", self.onLoad)
        self.ui.checkButton.connect("clicked()", self.onCheck)
        self.ui.findingsList.connect("currentRowChanged(int)", self.onFinding)
        self.ui.fixButton.connect("clicked()", self.onFix)
        self.ui.previewButton.connect("clicked()", self.onPreview)
        self.ui.applyButton.connect("clicked()", self.onReconstruct)
        self.ui.browseButton.connect("clicked()", self.onBrowse)
        self.ui.frameSlider.connect("valueChanged(double)", self.onFrame)

    def update(self):
        """Show what can be done with the chosen sweep."""
        from FluoroPrintLib.slicer_app.reconstruct import show_panel

        show_panel(self)

    def onLoad(self):
        """Read the file, check its geometry, put it into the scene."""
        self._do("load_file")

    def onCheck(self):
        """Check the chosen sweep."""
        self._do("check_sweep_node")

    def onFinding(self, _row):
        """Offer the fix of the chosen finding."""
        self._do("show_fix")

    def onFix(self):
        """Apply the fix of the chosen finding."""
        self._do("apply_fix")

    def onPreview(self):
        """Reconstruct at a quarter of the resolution."""
        self._do("make_preview")

    def onReconstruct(self):
        """Reconstruct the chosen sweep."""
        self._do("reconstruct_sweep")

    def onBrowse(self):
        """Put the frames and the C-arm into the scene, or take them away."""
        self._do("toggle_browsing")

    def onFrame(self, _number):
        """Show another frame."""
        self._do("show_frame")

    def _do(self, action):
        from FluoroPrintLib.slicer_app import reconstruct
        from FluoroPrintLib.slicer_app.faults import faults_shown

        if self.chosen is not None and not self.showing:
            with faults_shown(self.title):
                getattr(reconstruct, action)(self)


class FluoroPrintReconstructLogic(ScriptedLoadableModuleLogic):
    """From a file to nodes; the scene is passed in. All raise FluoroPrintError and Cancelled."""

    def load(self, scene, path, parameters=None, *, geometry=None, progress=None):
        """Put the sweep in a file into the scene, in place of the one read before; return its node."""
        from FluoroPrintLib.files.sweep import read_sweep
        from FluoroPrintLib.files.sweep_parameters import SweepParameters
        from FluoroPrintLib.mrml.sweep_files import keep_sweep
        from FluoroPrintLib.progress import silent

        parameters = parameters or SweepParameters()
        geometry = Path(geometry) if geometry else None
        sweep = read_sweep(Path(path), parameters, geometry=geometry, progress=progress or silent)
        return keep_sweep(scene, sweep, Path(path), geometry, parameters)

    def check(self, sweep_node, *, progress=None):
        """Return the Diagnosis of a sweep's geometry."""
        from FluoroPrintLib.geometry.diagnosis import diagnose
        from FluoroPrintLib.mrml.sweeps import sweep_from_nodes
        from FluoroPrintLib.progress import silent

        return diagnose(sweep_from_nodes(sweep_node), progress or silent)

    def reconstruct(self, scene, sweep_node, parameters=None, *, progress=None):
        """Add the volume of a sweep to the scene; return its node."""
        from FluoroPrintLib.mrml.cases import case_of
        from FluoroPrintLib.mrml.stages import apply_stage, reconstruction_stage
        from FluoroPrintLib.progress import silent
        from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters

        options = {"case": case_of(sweep_node) or sweep_node.GetName(), "progress": progress or silent}
        parameters = parameters or ReconstructionParameters()
        return apply_stage(scene, reconstruction_stage(), sweep_node, parameters, **options)[0]


class FluoroPrintReconstructTest(ScriptedLoadableModuleTest):
    """What can be tested without a sweep; the rest is in Testing/Python."""

    def runTest(self):
        """A missing file is refused in one sentence and leaves the scene empty."""
        from FluoroPrintLib.errors import FluoroPrintError

        slicer.mrmlScene.Clear()
        with self.assertRaises(FluoroPrintError):
            FluoroPrintReconstructLogic().load(slicer.mrmlScene, "missing.dcm")
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLVolumeNode"), 0)

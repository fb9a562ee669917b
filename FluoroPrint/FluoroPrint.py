"""Module FluoroPrint: the whole way from a C-arm sweep to volume, bone, printable model and report."""

from pathlib import Path

import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)


class FluoroPrint(ScriptedLoadableModule):
    """What Slicer shows of the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("FluoroPrint")
        self.parent.categories = ["FluoroPrint"]
        self.parent.dependencies = ["Segmentations"]
        self.parent.contributors = ["FluoroPrint developers"]
        self.parent.helpText = _(
            "Takes a C-arm sweep through all stages in the open scene: reconstruction, segmentation of bone, "
            "watertight model, files to print, and a report with pictures and figures."
        )
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self):
        """Offer the shipped and the simulated sweep in Slicer's Sample Data."""
        from FluoroPrintLib.slicer_app.sample_data import register_sample_data

        register_sample_data(Path(self.resourcePath("Icons")).parent)


class FluoroPrintWidget(ScriptedLoadableModuleWidget):
    """Sweep, folder, a button; then where the report is."""

    def setup(self):
        """Build the window."""
        ScriptedLoadableModuleWidget.setup(self)
        import qt
        from FluoroPrintLib.slicer_app.forms import button, path_edit, section

        self.logic = FluoroPrintLogic()
        form = section(_("Case"), self.layout)
        self.sweepEdit = path_edit("FluoroPrint/Sweep")
        self.sweepEdit.toolTip = _("XA DICOM file, or frames as TIFF, MHA or NRRD.")
        form.addRow(_("Sweep:"), self.sweepEdit)
        self.folderEdit = path_edit("FluoroPrint/Folder", folder=True)
        self.folderEdit.toolTip = _("Gets volume, segmentation, models, case and report.")
        form.addRow(_("Output folder:"), self.folderEdit)
        self.applyButton = button(_("Run"), _("Run all stages on the sweep."), self.onApply)
        self.layout.addWidget(self.applyButton)
        self.reportLabel = qt.QLabel()
        self.reportLabel.openExternalLinks = True
        self.reportLabel.wordWrap = True
        self.layout.addWidget(self.reportLabel)
        self.layout.addStretch(1)

    def onApply(self):
        """Run all stages, then show where the report is."""
        from FluoroPrintLib.slicer_app.window import run_in_window

        self.reportLabel.text = ""
        report = run_in_window(_("FluoroPrint"), self._run)
        if report is not None:
            link = f'<a href="{report.as_uri()}">{report}</a>'
            self.reportLabel.text = _("The report is {link}.").format(link=link)

    def _run(self, progress):
        from FluoroPrintLib.slicer_app.forms import chosen_path

        sweep = chosen_path(self.sweepEdit, "sweep")
        folder = chosen_path(self.folderEdit, "output folder")
        return self.logic.run(slicer.mrmlScene, sweep, folder, progress=progress)


class FluoroPrintLogic(ScriptedLoadableModuleLogic):
    """From a sweep to a case; the scene is passed in."""

    def run(self, scene, sweep_path, folder, *, progress=None):
        """Run all stages in `scene`, write the case's files into `folder`; return the report's path.

        Raises FluoroPrintError and Cancelled.
        """
        from FluoroPrintLib.pipeline.case import run_case
        from FluoroPrintLib.progress import silent

        folder = Path(folder).absolute()
        run_case(Path(sweep_path), folder, scene=scene, progress=progress or silent)
        return folder / "report.html"


class FluoroPrintTest(ScriptedLoadableModuleTest):
    """What can be tested without a sweep; the rest is in Testing/Python."""

    def runTest(self):
        """A missing sweep is refused in one sentence, and no folder is made."""
        from FluoroPrintLib.errors import FluoroPrintError

        slicer.mrmlScene.Clear()
        folder = Path(slicer.app.temporaryPath) / "FluoroPrintTest"
        with self.assertRaises(FluoroPrintError):
            FluoroPrintLogic().run(slicer.mrmlScene, "missing.dcm", folder)
        self.assertFalse(folder.exists())

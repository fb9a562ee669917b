"""Module FluoroPrint: the case and its stages, from a C-arm sweep to bone, model, print and plan."""

from pathlib import Path

import slicer
from FluoroPrintLib.slicer_app.panel import Panel
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
)

STAGES = ("Acquire", "Segment", "Model", "Print", "Plan")
REFRESH_MS = 100


class FluoroPrint(ScriptedLoadableModule):
    """What Slicer shows of the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("FluoroPrint")
        self.parent.categories = ["FluoroPrint"]
        self.parent.dependencies = ["Segmentations"]
        self.parent.contributors = ["FluoroPrint developers"]
        self.parent.helpText = _(
            "From a C-arm sweep to volume, bone, printable model and plan, stage by stage or all at once. "
            '<a href="{url}">Documentation</a>'
        ).format(url="https://github.com/FluoroPrint/SlicerFluoroPrint/blob/main/docs/modules/FluoroPrint.md")
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self):
        """Offer the shipped and the simulated sweep in Slicer's Sample Data."""
        from FluoroPrintLib.slicer_app.sample_data import register_sample_data

        register_sample_data(Path(self.resourcePath("Icons")).parent)


class FluoroPrintWidget(Panel):
    """The case: stages, anatomy, everything at once."""

    title = "FluoroPrint"
    choices = {"case_title": str, "from_file": bool, "sweep_file": str, "folder": str, "report": str}

    def build(self):
        """Connect the widgets; watch the scene for nodes that come and go."""
        import qt
        from FluoroPrintLib.slicer_app.anatomy_box import fill_anatomy_box

        self.refreshTimer = qt.QTimer()
        self.refreshTimer.singleShot = True
        self.refreshTimer.interval = REFRESH_MS
        self.refreshTimer.connect("timeout()", self.refresh)
        self.keep_path(self.ui.sweepEdit, "sweep_file")
        self.keep_path(self.ui.folderEdit, "folder")
        fill_anatomy_box(self.ui.anatomyBox)
        self.ui.sourceBox.addItems([_("of the case above"), _("from a file")])
        for stage in STAGES:
            button = getattr(self.ui, f"{stage.lower()}Button")
            button.connect("clicked()", lambda stage=stage: self.onOpen(stage))
        self.ui.caseBox.connect("currentTextChanged(QString)", self.onCase)
        self.ui.anatomyBox.connect("currentIndexChanged(int)", self.onAnatomy)
        self.ui.sourceBox.connect("currentIndexChanged(int)", self.onSource)
        self.ui.runButton.connect("clicked()", self.onRun)
        self.ui.reportButton.connect("clicked()", self.onReport)
        for event in (slicer.vtkMRMLScene.NodeAddedEvent, slicer.vtkMRMLScene.NodeRemovedEvent):
            self.addObserver(slicer.mrmlScene, event, self.onNodes)

    def update(self):
        """Show the case as the scene has it."""
        from FluoroPrintLib.slicer_app.home import show_case

        self.state = show_case(self)

    def enter(self):
        """Be shown: nodes may have got other names meanwhile."""
        super().enter()
        self.refresh()

    def cleanup(self):
        """Be unloaded."""
        self.refreshTimer.stop()
        super().cleanup()

    def onNodes(self, _scene, _event):
        """Show the case anew once the nodes have come or gone."""
        self.refreshTimer.start()

    def onCase(self, title):
        """Show another case."""
        if self.chosen is not None and not self.showing:
            self.chosen.case_title = title

    def onAnatomy(self, index):
        """Set the parameters of all stages."""
        from FluoroPrintLib.slicer_app.anatomy_box import choose_anatomy
        from FluoroPrintLib.slicer_app.faults import faults_shown

        if self.chosen is not None and not self.showing:
            with faults_shown(self.title):
                choose_anatomy(slicer.mrmlScene, index)
                self.refresh()

    def onSource(self, index):
        """Take the sweep from the case or from a file."""
        if self.chosen is not None and not self.showing:
            self.chosen.from_file = index == 1

    def onOpen(self, stage):
        """Open the module of a stage with the case's nodes chosen."""
        from FluoroPrintLib.slicer_app.faults import faults_shown
        from FluoroPrintLib.slicer_app.stage_modules import open_stage

        with faults_shown(self.title):
            open_stage(stage, self.state)

    def onRun(self):
        """Run all stages."""
        from FluoroPrintLib.slicer_app.faults import faults_shown
        from FluoroPrintLib.slicer_app.home import run_all

        with faults_shown(self.title):
            run_all(self)

    def onReport(self):
        """Show the report in the browser."""
        import qt

        qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(self.chosen.report))


class FluoroPrintLogic(ScriptedLoadableModuleLogic):
    """From a sweep to a case; the scene is passed in."""

    def run(self, scene, sweep, folder, *, parameters=None, with_scene=False, progress=None):
        """Run all stages in `scene`, write the case's files into `folder`; return the report's path.

        `sweep` is a file or a sweep's node. Raises FluoroPrintError and Cancelled.
        """
        from FluoroPrintLib.pipeline.case import run_case
        from FluoroPrintLib.progress import silent

        folder = Path(folder).absolute()
        source = sweep if hasattr(sweep, "GetID") else Path(sweep)
        options = {"parameters": parameters, "with_scene": with_scene, "progress": progress or silent}
        run_case(source, folder, scene=scene, **options)
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

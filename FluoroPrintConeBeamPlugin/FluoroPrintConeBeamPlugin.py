"""Hidden module: loads rotational C-arm runs and X-Ray 3D volumes from Slicer's DICOM browser."""

from pathlib import Path

import slicer
from DICOMLib import DICOMLoadable, DICOMPlugin
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest

PAGES = "https://github.com/FluoroPrint/SlicerFluoroPrint/blob/main/docs/modules"
SOP_CLASS = "0008,0016"


class FluoroPrintConeBeamPluginClass(DICOMPlugin):
    """Finds sweeps and volumes among DICOM files, and loads them."""

    def __init__(self):
        super().__init__()
        self.loadType = _("C-arm sweep")
        self.tags["sopClassUID"] = SOP_CLASS

    def examineForImport(self, fileLists):
        """Return what can be loaded: a loadable for each file that holds a run or a volume."""
        return [loadable for files in fileLists for loadable in self.examineFiles(files)]

    def examineFiles(self, files):
        """Return the loadables of one list of files."""
        found = self.getCachedLoadables(files)
        if found is None:
            offered = (self._loadable(path) for path in files)
            found = [loadable for loadable in offered if loadable is not None]
            self.cacheLoadables(files, found)
        return found

    def _loadable(self, path):
        from FluoroPrintLib.files.recognition import CLASSES, recognise
        from FluoroPrintLib.slicer_app.dicom import described

        told = slicer.dicomDatabase.fileValue(path, SOP_CLASS)
        recognised = recognise(Path(path)) if not told or told in CLASSES else None
        if recognised is None:
            return None
        loadable = DICOMLoadable()
        loadable.files = [path]
        loadable.name = self.nameOf(path)
        described(loadable, recognised)
        return loadable

    def nameOf(self, path):
        """Return the name of a run as Slicer's image sequences are called: "3: XA Rotation [2]"."""
        tags = ("0020,0011", "0008,0060", "0008,103E", "0020,0013")
        number, modality, description, instance = (slicer.dicomDatabase.fileValue(path, t) for t in tags)
        parts = (f"{number}:" if number else "", modality, description, f"[{instance}]" if instance else "")
        return " ".join(part for part in parts if part) or Path(path).name

    def load(self, loadable):
        """Load a run as a sweep, an X-Ray 3D volume as a volume; return the node, None where it failed."""
        from FluoroPrintLib.slicer_app.dicom import load

        node = load(loadable)
        if node is not None:
            self.addSeriesInSubjectHierarchy(loadable, node)
        return node


class FluoroPrintConeBeamPlugin(ScriptedLoadableModule):
    """Registers the plugin."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("FluoroPrint cone-beam runs")
        self.parent.categories = ["Developer Tools.DICOM Plugins"]
        self.parent.dependencies = ["FluoroPrint"]
        self.parent.contributors = ["FluoroPrint developers"]
        self.parent.hidden = True
        self.parent.helpText = _(
            "Loads rotational C-arm runs (XA, Enhanced XA) as sweeps, and X-Ray 3D images as volumes, "
            'from the DICOM browser. <a href="{url}">Documentation</a>'
        ).format(url=f"{PAGES}/FluoroPrintConeBeamPlugin.md")
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )
        if not hasattr(slicer.modules, "dicomPlugins"):
            slicer.modules.dicomPlugins = {}
        slicer.modules.dicomPlugins["FluoroPrintConeBeamPlugin"] = FluoroPrintConeBeamPluginClass


class FluoroPrintConeBeamPluginTest(ScriptedLoadableModuleTest):
    """What can be tested without files."""

    def runTest(self):
        """The plugin is registered, and a file that is no DICOM is not offered."""
        plugin = slicer.modules.dicomPlugins["FluoroPrintConeBeamPlugin"]()
        self.assertEqual(plugin.examineForImport([[__file__]]), [])

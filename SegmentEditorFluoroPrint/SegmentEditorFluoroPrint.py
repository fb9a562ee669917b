"""Hidden module that gives the Segment Editor FluoroPrint's effects."""

from pathlib import Path

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest


class SegmentEditorFluoroPrint(ScriptedLoadableModule):
    """Registers the effects when Slicer has started."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = "SegmentEditorFluoroPrint"
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Segmentations", "FluoroPrint"]
        self.parent.contributors = ["FluoroPrint developers"]
        self.parent.hidden = True
        self.parent.helpText = _("This hidden module registers FluoroPrint's effects in the Segment Editor.")
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )
        slicer.app.connect("startupCompleted()", self.registerEditorEffects)

    def registerEditorEffects(self):
        """Register the effects; Slicer takes each class from the package that holds its file."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects
        from SegmentEditorFluoroPrintLib import EFFECTS

        for effect_class in EFFECTS:
            effect = effects.qSlicerSegmentEditorScriptedEffect(None)
            effect.setPythonSource(Path(effect_class.file).as_posix())
            effect.self().register()


class SegmentEditorFluoroPrintTest(ScriptedLoadableModuleTest):
    """The effects are there; what they compute is tested in Testing/Python/segmentation."""

    def runTest(self):
        """The Segment Editor finds every effect."""
        from SegmentEditorFluoroPrintLib import EFFECTS

        widget = slicer.qMRMLSegmentEditorWidget()
        widget.setMRMLScene(slicer.mrmlScene)
        for effect_class in EFFECTS:
            self.assertIsNotNone(widget.effectByName(effect_class.name))

"""Hidden module that gives the Segment Editor FluoroPrint's effect."""

from pathlib import Path

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest


class SegmentEditorFluoroPrint(ScriptedLoadableModule):
    """Registers the effect "Fluoro bone" when Slicer has started."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = "SegmentEditorFluoroPrint"
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Segmentations", "FluoroPrint"]
        self.parent.contributors = ["FluoroPrint developers"]
        self.parent.hidden = True
        self.parent.helpText = _("This hidden module registers the segment editor effect Fluoro bone.")
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )
        slicer.app.connect("startupCompleted()", self.registerEditorEffect)

    def registerEditorEffect(self):
        """Register the effect; Slicer takes its class from the file's name."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        source = Path(__file__).parent / "SegmentEditorFluoroPrintLib" / "SegmentEditorFluoroBoneEffect.py"
        effect = effects.qSlicerSegmentEditorScriptedEffect(None)
        effect.setPythonSource(source.as_posix())
        effect.self().register()


class SegmentEditorFluoroPrintTest(ScriptedLoadableModuleTest):
    """The effect is there; what it computes is tested in Testing/Python/segmentation."""

    def runTest(self):
        """The Segment Editor can activate the effect."""
        widget = slicer.qMRMLSegmentEditorWidget()
        widget.setMRMLScene(slicer.mrmlScene)
        self.assertIsNotNone(widget.effectByName("Fluoro bone"))

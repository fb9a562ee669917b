"""Module FluoroPrint Prepare: the segments of a segmentation into printable models."""

import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)


class FluoroPrintPrepare(ScriptedLoadableModule):
    """What Slicer shows of the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("FluoroPrint Prepare")
        self.parent.categories = ["FluoroPrint"]
        self.parent.dependencies = ["FluoroPrint", "Segmentations"]
        self.parent.contributors = ["FluoroPrint developers"]
        self.parent.helpText = _(
            "Makes a watertight model of each segment: closed surface, smoothing that keeps the volume, "
            "decimation within a set deviation, checks. Save it with Slicer's Save dialog (STL, OBJ, PLY)."
        )
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )


class FluoroPrintPrepareWidget(ScriptedLoadableModuleWidget):
    """Segmentation, parameters, a button."""

    def setup(self):
        """Build the window."""
        ScriptedLoadableModuleWidget.setup(self)
        from FluoroPrintLib.mesh.model import ModelParameters
        from FluoroPrintLib.parameters import parameter_fields
        from FluoroPrintLib.slicer_app.forms import ParameterForm, button, node_chooser, section

        self.logic = FluoroPrintPrepareLogic()
        form = section(_("Segmentation"), self.layout)
        self.segmentationChooser = node_chooser(slicer.mrmlScene, "vtkMRMLSegmentationNode")
        form.addRow(_("Segmentation:"), self.segmentationChooser)
        form = section(_("Model"), self.layout)
        names = tuple(field.name for field in parameter_fields(ModelParameters))
        self.parameterForm = ParameterForm(ModelParameters, form, names)
        self.applyButton = button(_("Make models"), _("Make a model of each segment."), self.onApply)
        self.layout.addWidget(self.applyButton)
        self.layout.addStretch(1)

    def onApply(self):
        """Make the models; those already there stay."""
        from FluoroPrintLib.slicer_app.window import run_in_window

        run_in_window(_("FluoroPrint Prepare"), self._prepared)

    def _prepared(self, progress):
        node = self.segmentationChooser.currentNode()
        return self.logic.prepare(slicer.mrmlScene, node, self.parameterForm.value(), progress=progress)


class FluoroPrintPrepareLogic(ScriptedLoadableModuleLogic):
    """From a segmentation node to model nodes; the scene is passed in."""

    def prepare(self, scene, segmentation_node, parameters, *, progress=None):
        """Add a model of each segment to the scene; return the model nodes.

        The scene stays as it was where it fails (FluoroPrintError) or is cancelled (Cancelled).
        """
        from FluoroPrintLib.mrml.stages import apply_stage, model_stage
        from FluoroPrintLib.progress import silent

        return apply_stage(scene, model_stage(), segmentation_node, parameters, progress=progress or silent)


class FluoroPrintPrepareTest(ScriptedLoadableModuleTest):
    """What can be tested at once; the rest is in Testing/Python."""

    def runTest(self):
        """A segmentation without segments is refused in one sentence and leaves no model."""
        from FluoroPrintLib.errors import FluoroPrintError
        from FluoroPrintLib.mesh.model import ModelParameters

        slicer.mrmlScene.Clear()
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        with self.assertRaises(FluoroPrintError):
            FluoroPrintPrepareLogic().prepare(slicer.mrmlScene, node, ModelParameters())
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLModelNode"), 0)

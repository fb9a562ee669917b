"""A module as small as one can be, to test what all panels share."""

import slicer
from FluoroPrintLib.slicer_app.panel import Panel
from FluoroPrintLib.slicer_app.rows import add_rows
from slicer.ScriptedLoadableModule import ScriptedLoadableModule


class ExamplePanel(ScriptedLoadableModule):
    """What Slicer shows of it."""


class ExamplePanelWidget(Panel):
    """A model to choose, two parameters, a button."""

    title = "Example"
    choices = {"model": slicer.vtkMRMLModelNode, "closed": bool}

    def build(self):
        self.updates = 0
        self.results = []
        add_rows(self.ui.section.layout(), "model", ("smoothing", "smoothing_iterations"))
        add_rows(self.ui.section.layout(), "sweep", ("sid_mm", "pixel_mm", "intensity", "flip_rows"))
        self.ui.applyButton.connect("clicked()", self.onApply)

    def update(self):
        self.updates += 1
        self.ui.applyButton.enabled = self.chosen.model is not None and not self.work.busy

    def onApply(self):
        self.work.start(self.compute, self.results.append)

    def compute(self, progress):
        progress(0.5, "half")
        return 42

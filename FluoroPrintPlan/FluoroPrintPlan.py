"""Module FluoroPrint Plan: objects planned in bone, and a model held against the frames of its sweep."""

from pathlib import Path

import slicer
from FluoroPrintLib.slicer_app.panel import Panel
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
)

REDRAW_MS = 50


class FluoroPrintPlan(ScriptedLoadableModule):
    """What Slicer shows of the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("FluoroPrint Plan")
        self.parent.categories = ["FluoroPrint"]
        self.parent.dependencies = ["FluoroPrint"]
        self.parent.contributors = ["FluoroPrint developers"]
        self.parent.helpText = _(
            "Plans screws and other objects in the bone: placed, dragged, sized, mirrored, locked, undone, "
            "with figures as they move. Holds a model against the frames of its sweep: silhouettes, the "
            "view from the X-ray source, how far the outline is from the edges. "
            '<a href="{url}">Documentation</a>'
        ).format(
            url="https://github.com/FluoroPrint/SlicerFluoroPrint/blob/main/docs/modules/FluoroPrintPlan.md"
        )
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )


class FluoroPrintPlanWidget(Panel):
    """A plan and its objects; model and sweep, a frame, the silhouette over it, its view, figures."""

    title = "FluoroPrint Plan"
    choices = {
        "bone": slicer.vtkMRMLNode,
        "volume": slicer.vtkMRMLScalarVolumeNode,
        "plan": slicer.vtkMRMLTextNode,
        "planner": str,
        "places": slicer.vtkMRMLMarkupsNode,
        "side": str,
        "family": str,
        "other": slicer.vtkMRMLNode,
        "implant": str,
        "at": slicer.vtkMRMLMarkupsNode,
        "catalogue": str,
        "mirror": slicer.vtkMRMLMarkupsPlaneNode,
        "object": str,
        "spine": bool,
        "model": slicer.vtkMRMLModelNode,
        "sweep": slicer.vtkMRMLScalarVolumeNode,
        "frame": int,
        "inside": bool,
        "shown": bool,
    }

    def setup(self):
        """Keep the parameters of all that can be planned."""
        from FluoroPrintLib.mrml.case_parameters import plan_stages

        self.more_stages = plan_stages()
        super().setup()

    def build(self):
        """Connect the widgets."""
        import qt
        from FluoroPrintLib.mrml.sweeps import FACTS
        from FluoroPrintLib.slicer_app.plan import Comparison
        from FluoroPrintLib.slicer_app.plan_section import PlanSection

        self.logic = FluoroPrintPlanLogic()
        self.planning = PlanSection(self)
        self.comparison = Comparison()
        self.redrawTimer = qt.QTimer()
        self.redrawTimer.singleShot = True
        self.redrawTimer.interval = REDRAW_MS
        self.redrawTimer.connect("timeout()", lambda: self._do("draw"))
        self.ui.sweepChooser.addAttribute("vtkMRMLScalarVolumeNode", FACTS)
        self.ui.showButton.connect("clicked()", lambda: self._do("toggle"))
        self.ui.frameSlider.connect("valueChanged(double)", lambda _number: self._do("choose_frame"))
        self.ui.lookButton.connect("clicked()", lambda: self._do("look_from_source"))
        self.ui.backButton.connect("clicked()", lambda: self._do("look_back"))
        self.ui.allButton.connect("clicked()", lambda: self._do("compare_all"))

    def update(self):
        """Show what can be done; draw anew what is shown."""
        from FluoroPrintLib.slicer_app.plan import show_panel

        show_panel(self)

    def onMoved(self, _node, _event):
        """The model was moved or changed: draw anew once it rests."""
        self.redrawTimer.start()

    def cleanup(self):
        """Be unloaded: nothing that only shows something stays."""
        from FluoroPrintLib.slicer_app.plan import take_away

        self.redrawTimer.stop()
        self.planning.close()
        take_away(self)
        super().cleanup()

    def _do(self, action):
        from FluoroPrintLib.slicer_app import plan
        from FluoroPrintLib.slicer_app.faults import faults_shown

        if self.chosen is not None and not self.showing:
            with faults_shown(self.title):
                getattr(plan, action)(self)


class FluoroPrintPlanLogic(ScriptedLoadableModuleLogic):
    """A model and a sweep of one scene; both raise FluoroPrintError and Cancelled."""

    def show_silhouette(self, model_node, sweep_node, frame):
        """Draw the model's silhouette over a frame (counted from 1); return the Silhouette."""
        from FluoroPrintLib.slicer_app.plan import Comparison

        return Comparison().draw(model_node, sweep_node, frame - 1, inside=True)

    def compare(self, model_node, sweep_node, *, progress=None):
        """Add a table with the agreement of every frame to the case; return its node."""
        from FluoroPrintLib.mrml.agreements import add_agreement, measured_agreement
        from FluoroPrintLib.progress import silent

        figures = measured_agreement(model_node, sweep_node)(progress or silent)
        return add_agreement(model_node, sweep_node, figures)

    def load_plan(self, scene, path, case):
        """Load PLAN.json into the scene as nodes of its own; return the text node of the plan."""
        from FluoroPrintLib.mrml.plan_objects import load_plan

        return load_plan(scene, Path(path), case)

    def save_plan(self, plan_node, path):
        """Write PLAN.json with every object where its handles are now; return the Plan."""
        from FluoroPrintLib.files.plan_files import write_plan
        from FluoroPrintLib.mrml.plan_objects import plan_from_nodes

        plan = plan_from_nodes(plan_node)
        write_plan(Path(path), plan)
        return plan


class FluoroPrintPlanTest(ScriptedLoadableModuleTest):
    """What can be tested without a sweep; the rest is in Testing/Python."""

    def runTest(self):
        """A volume that is no sweep is refused in one sentence."""
        from FluoroPrintLib.errors import FluoroPrintError

        slicer.mrmlScene.Clear()
        model = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode")
        volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
        with self.assertRaises(FluoroPrintError):
            FluoroPrintPlanLogic().compare(model, volume)

"""Module FluoroPrint Prepare: segments into models; models checked, repaired, compared and exported."""

from pathlib import Path
from typing import Annotated

import slicer
from FluoroPrintLib.slicer_app.panel import Panel
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
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
            "Makes a watertight model of each segment, checks and repairs models, shows how far they lie "
            'from their segment, and exports STL, OBJ, PLY and 3MF. <a href="{url}">Documentation</a>'
        ).format(
            url="https://github.com/FluoroPrint/SlicerFluoroPrint/blob/main/docs/modules/FluoroPrintPrepare.md"
        )
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )


class FluoroPrintPrepareWidget(Panel):
    """Segmentation or model in; make, check, repair, compare, export."""

    title = "FluoroPrint Prepare"
    choices = {
        "segmentation": slicer.vtkMRMLSegmentationNode,
        "model": slicer.vtkMRMLModelNode,
        "file": str,
        "all_models": bool,
    }

    def setup(self):
        """Add what Slicer's own annotations say of the repair."""
        from slicer.parameterNodeWrapper import Default, WithinRange

        scale = Annotated[float, WithinRange(0.001, 1000.0), Default(1.0)]
        self.choices = self.choices | {
            "scale": scale,
            "min_piece_mm3": Annotated[float, WithinRange(0.0, 1e6)],
        }
        super().setup()

    def build(self):
        """Add the parameters' rows and connect the widgets."""
        from FluoroPrintLib.mesh.model import ModelParameters
        from FluoroPrintLib.parameters import parameter_fields
        from FluoroPrintLib.slicer_app.prepare import build_table
        from FluoroPrintLib.slicer_app.rows import add_rows

        self.logic = FluoroPrintPrepareLogic()
        names = tuple(field.name for field in parameter_fields(ModelParameters))
        add_rows(self.ui.segmentationRows.layout(), "model", names)
        self.ui.scaleBox.decimals = 3
        self.keep_path(self.ui.fileEdit, "file")
        build_table(self.ui.checkTable)
        self.ui.applyButton.connect("clicked()", lambda: self._do("make_models"))
        self.ui.checkButton.connect("clicked()", lambda: self._do("check"))
        self.ui.deviationBox.connect("clicked()", lambda: self._do("toggle_deviation"))
        self.ui.compareButton.connect("clicked()", lambda: self._do("compare"))
        self.ui.repairButton.connect("clicked()", lambda: self._do("repair"))
        self.ui.exportButton.connect("clicked()", lambda: self._do("export"))

    def update(self):
        """Show what can be done with what is chosen."""
        from FluoroPrintLib.slicer_app.prepare import show_panel

        show_panel(self)

    def _do(self, action):
        from FluoroPrintLib.slicer_app import prepare
        from FluoroPrintLib.slicer_app.faults import faults_shown

        if self.chosen is not None and not self.showing:
            with faults_shown(self.title):
                getattr(prepare, action)(self)


class FluoroPrintPrepareLogic(ScriptedLoadableModuleLogic):
    """From a segmentation to models and files; all raise FluoroPrintError and Cancelled."""

    def prepare(self, scene, segmentation_node, parameters=None, *, progress=None):
        """Add a model of each segment to the scene; return the model nodes."""
        from FluoroPrintLib.mesh.model import ModelParameters
        from FluoroPrintLib.mrml.stages import model_stage

        return self._apply(scene, model_stage(), segmentation_node, parameters or ModelParameters(), progress)

    def repair(self, scene, model_node, parameters=None, *, progress=None):
        """Add a repaired model to the scene; return its node."""
        from FluoroPrintLib.mesh.cleaning import RepairParameters
        from FluoroPrintLib.mrml.stages import repair_stage

        return self._apply(scene, repair_stage(), model_node, parameters or RepairParameters(), progress)[0]

    def check(self, model_node, *, progress=None):
        """Return the MeshCheck of a model."""
        from FluoroPrintLib.mrml.models import check_model
        from FluoroPrintLib.progress import silent

        return check_model(model_node, progress or silent)

    def export(self, model_nodes, path):
        """Write models to one file, by its ending; return what was read back from it."""
        from FluoroPrintLib.files.mesh_formats import write_mesh
        from FluoroPrintLib.mrml.models import named_surface

        return write_mesh(Path(path), [named_surface(node) for node in model_nodes])

    @staticmethod
    def _apply(scene, stage, node, parameters, progress):
        from FluoroPrintLib.mrml.cases import case_of
        from FluoroPrintLib.mrml.stages import apply_stage
        from FluoroPrintLib.progress import silent

        case = (case_of(node) or node.GetName()) if node is not None else ""
        return apply_stage(scene, stage, node, parameters, case=case, progress=progress or silent)


class FluoroPrintPrepareTest(ScriptedLoadableModuleTest):
    """What can be tested at once; the rest is in Testing/Python."""

    def runTest(self):
        """A segmentation without segments is refused in one sentence and leaves no model."""
        from FluoroPrintLib.errors import FluoroPrintError

        slicer.mrmlScene.Clear()
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        with self.assertRaises(FluoroPrintError):
            FluoroPrintPrepareLogic().prepare(slicer.mrmlScene, node)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLModelNode"), 0)

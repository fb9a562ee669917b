"""Module FluoroPrint Prepare: segments into models; models checked, repaired, shaped, printed, exported."""

from pathlib import Path

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
            "Makes a watertight model of each segment, checks, repairs and shapes models, shows how far they "
            'lie from their segment, prepares prints, exports files. <a href="{url}">Documentation</a>'
        ).format(
            url="https://github.com/FluoroPrint/SlicerFluoroPrint/blob/main/docs/modules/FluoroPrintPrepare.md"
        )
        self.parent.acknowledgementText = _(
            "FluoroPrint is for research and teaching. It is not a cleared medical device."
        )


class FluoroPrintPrepareWidget(Panel):
    """Segmentation or model in; make, check, repair, compare, shape, print, export."""

    title = "FluoroPrint Prepare"
    choices = {
        "segmentation": slicer.vtkMRMLSegmentationNode,
        "model": slicer.vtkMRMLModelNode,
        "file": str,
        "all_models": bool,
        "operation": str,
        "plane": slicer.vtkMRMLMarkupsPlaneNode,
        "points": slicer.vtkMRMLMarkupsNode,
        "other": slicer.vtkMRMLModelNode,
        "printer": str,
        "material": str,
        "catalogue": str,
        **dict.fromkeys(("print_all", "package_slices", "package_prusaslicer"), bool),
    }

    def setup(self):
        """Add what Slicer's own annotations say of the repair."""
        from FluoroPrintLib.slicer_app.prepare import more_stages, repair_choices

        self.choices = self.choices | repair_choices()
        self.more_stages = more_stages()
        super().setup()

    def build(self):
        """Add the parameters' rows and connect the widgets."""
        from FluoroPrintLib.slicer_app.prepare import build_panel

        self.logic = FluoroPrintPrepareLogic()
        build_panel(self)

    def update(self):
        """Show what can be done with what is chosen."""
        from FluoroPrintLib.slicer_app.prepare import show_panel

        show_panel(self)

    def cleanup(self):
        """Be unloaded: markups are not followed any more."""
        self.shape.close()
        super().cleanup()


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

    def shape(self, scene, model_node, name, parameters=None, *, place=None, other=None, progress=None):
        """Shape a model by an operation ("drill"), its place taken from markups; return the new nodes."""
        from FluoroPrintLib.mrml.recipes import shape
        from FluoroPrintLib.progress import silent

        more = {"place": place, "other": other, "progress": progress or silent}
        return shape(scene, model_node, name, parameters, **more)

    def undo(self, model_node):
        """Take back the step that made a model; return the model that it was made of."""
        from FluoroPrintLib.mrml.shape_steps import undo

        return undo(model_node)

    def redo(self, model_node):
        """Bring back the step that was undone on a model; return the models that it made."""
        from FluoroPrintLib.mrml.shape_steps import redo

        return redo(model_node)

    def replay(self, scene, model_node, path, *, other=None, progress=None):
        """Take a model through a recipe's file; return the models at its end."""
        from FluoroPrintLib.files.recipes import read_recipe
        from FluoroPrintLib.mrml.recipes import replay
        from FluoroPrintLib.progress import silent

        return replay(scene, model_node, read_recipe(Path(path)), other, progress or silent)

    def print(self, scene, model_nodes, printer, material, *, catalogue=None, progress=None, **parameters):
        """Lay models on a printer's plates, `parameters` as `prepare_plates` takes; return the PrintJob."""
        from FluoroPrintLib.catalog.machines import read_catalogue
        from FluoroPrintLib.mrml.print_plates import prepare_plates
        from FluoroPrintLib.progress import silent

        found = read_catalogue(Path(catalogue) if catalogue else None)
        more = {"progress": progress or silent, "known": found.materials, **parameters}
        return prepare_plates(scene, model_nodes, found.printer(printer), found.material(material), **more)

    def assemble(self, scene, nodes, parameters=None, who=None, *, progress=None):
        """Bring models and segmentations under transforms into one case, fitted; return the models."""
        from FluoroPrintLib.mrml.assembly import assemble
        from FluoroPrintLib.progress import silent

        return assemble(scene, nodes, parameters, who, progress=progress or silent)

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

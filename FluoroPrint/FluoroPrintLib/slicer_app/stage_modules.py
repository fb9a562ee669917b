"""Opens the module of a stage with the nodes of a case chosen in it."""

from __future__ import annotations

from typing import Any

from ..errors import FluoroPrintError
from ..mrml.case_stages import CaseState
from ..mrml.module_nodes import choose_nodes
from ..segmentation.bone import BONE_COLOUR

MODULES = {
    "Acquire": "FluoroPrintReconstruct",
    "Segment": "SegmentEditor",
    "Model": "FluoroPrintPrepare",
    "Print": "FluoroPrintPrepare",
    "Plan": "FluoroPrintPlan",
}
EFFECT = "Fluoro bone"


def open_stage(stage: str, case: CaseState) -> None:
    """Show the module of a stage, with what the case has so far chosen there.

    Raises
    ------
    FluoroPrintError
        The module is not installed.
    """
    import slicer

    _refuse_lacking(MODULES[stage])
    _choose(slicer.mrmlScene, stage, case)
    slicer.util.selectModule(MODULES[stage])


def open_model(model: Any) -> None:
    """Show the module that prepares models, with one chosen there (vtkMRMLModelNode); faults as above."""
    import slicer

    module = MODULES["Model"]
    _refuse_lacking(module)
    choose_nodes(slicer.mrmlScene, module, model=model)
    slicer.util.selectModule(module)


def _refuse_lacking(module: str) -> None:
    import slicer

    if slicer.app.moduleManager().module(module) is None:
        raise FluoroPrintError(f"The module {module} is not there: install FluoroPrint again.")


def _choose(scene: Any, stage: str, case: CaseState) -> None:
    if stage == "Acquire":
        choose_nodes(scene, MODULES[stage], sweep=case.sweep)
    elif stage == "Segment":
        _choose_in_segment_editor(scene, case)
    elif stage == "Plan":
        choose_nodes(scene, MODULES[stage], model=case.model, sweep=case.sweep)
    else:
        choose_nodes(scene, MODULES[stage], segmentation=case.segmentation, model=case.model)


def _choose_in_segment_editor(scene: Any, case: CaseState) -> None:
    """Set the Segment Editor's own node; a first segment is made where there is none to draw in."""
    editor = scene.GetSingletonNode("SegmentEditor", "vtkMRMLSegmentEditorNode")
    if editor is None:
        editor = scene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
        editor.UnRegister(None)
        editor.SetSingletonTag("SegmentEditor")
        editor = scene.AddNode(editor)
    if case.volume is None:
        return
    segmentation = case.segmentation or _new_segmentation(scene, case)
    editor.SetAndObserveSegmentationNode(segmentation)
    editor.SetAndObserveSourceVolumeNode(case.volume)
    segments = segmentation.GetSegmentation()
    if segments.GetNumberOfSegments():
        editor.SetSelectedSegmentID(segments.GetNthSegmentID(0))
    editor.SetActiveEffectName(EFFECT)


def _new_segmentation(scene: Any, case: CaseState) -> Any:
    from ..mrml.nodes import new_node
    from ..mrml.stages import register_result

    node = new_node(scene, "vtkMRMLSegmentationNode", "Bone")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(case.volume)
    node.GetSegmentation().AddEmptySegment("Bone", "Bone", list(BONE_COLOUR))
    register_result(scene, node, case.volume, "Segment", case=case.title)
    return node

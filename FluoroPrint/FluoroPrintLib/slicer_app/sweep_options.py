"""What effects that work with a sweep share: choosers of sweep and frame, parameters, work."""

from __future__ import annotations

from typing import Any

import slicer

from ..errors import FluoroPrintError
from ..mrml.nodes import Node
from ..mrml.sweeps import FACTS, is_sweep_node
from .offers import button
from .scene_follower import SceneFollower


class SweepOptions(SceneFollower):
    """The options of one editor's effect; they live in the frame that the effect gives them.

    Derive and override `build`, `sweep_changed`, `frame_changed`, `work_changed`, `_let_go` and, where more
    is followed than the scene, `_bind`.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect
    stage : whose parameters are shown
    """

    def __init__(self, effect: Any, stage: str) -> None:
        import qt

        from .plan import Comparison
        from .work import Work

        super().__init__(effect)
        self.effect = effect
        self.stage = stage
        self.comparison = Comparison()
        self._add_sweep()
        self._add_frame()
        self.build()
        frame = qt.QFrame()
        self.effect.addOptionsWidget(frame)
        self.work = Work(self.title, frame, self.work_changed)

    def build(self) -> None:
        """Add widgets below the choosers of sweep and frame; call `add_parameters` where they belong."""
        raise AssertionError(f"{type(self).__name__} builds nothing")

    def sweep_changed(self) -> None:
        """Follow another sweep."""
        raise AssertionError(f"{type(self).__name__} follows no sweep")

    def frame_changed(self) -> None:
        """Follow another frame."""
        raise AssertionError(f"{type(self).__name__} follows no frame")

    def work_changed(self) -> None:
        """Offer what can be done."""
        raise AssertionError(f"{type(self).__name__} offers nothing")

    def _let_go(self) -> None:
        """Drop work, what is shown, and the parameters of the scene."""
        self.work.close()
        self._rows.release()

    def _bind(self) -> None:
        """Bind to the parameters of the scene's case."""
        self._rows.bind(slicer.mrmlScene)
        self.work_changed()

    def _add_sweep(self) -> None:
        from slicer.i18n import tr as _

        self.sweepChooser = slicer.qMRMLNodeComboBox()
        self.sweepChooser.nodeTypes = ["vtkMRMLScalarVolumeNode"]
        self.sweepChooser.addAttribute("vtkMRMLScalarVolumeNode", FACTS)
        self.sweepChooser.addEnabled = self.sweepChooser.removeEnabled = False
        self.sweepChooser.noneEnabled = True
        self.sweepChooser.toolTip = _("The C-arm sweep that the volume was reconstructed from.")
        self.sweepChooser.connect("currentNodeChanged(vtkMRMLNode*)", lambda _node: self._on_sweep())
        self.effect.addLabeledOptionsWidget(_("Sweep:"), self.sweepChooser)

    def _add_frame(self) -> None:
        import ctk
        from slicer.i18n import tr as _

        self.frameSlider = ctk.ctkSliderWidget()
        self.frameSlider.decimals = 0
        self.frameSlider.minimum = 1.0
        self.frameSlider.maximum = 1.0
        self.frameSlider.toolTip = _("The frame to show, in the green (coronal) slice view.")
        self.frameSlider.connect("valueChanged(double)", lambda _number: self.frame_changed())
        self.effect.addLabeledOptionsWidget(_("Frame:"), self.frameSlider)

    def add_parameters(self) -> None:
        """Add the rows of the stage's parameters."""
        from .bound_rows import BoundRows

        self._rows = BoundRows(self.effect.optionsLayout(), self.stage)
        self.rows = self._rows.widgets

    def add_button(self, text: str, tip: str, clicked: Any) -> Any:
        """Add a button in a row of its own; return it."""
        made = button(text, tip, clicked)
        self.effect.addOptionsWidget(made)
        return made

    def add_label(self) -> Any:
        """Add a line of text that wraps; return it."""
        import qt

        label = qt.QLabel()
        label.wordWrap = True
        self.effect.addOptionsWidget(label)
        return label

    def begin(self) -> None:
        """Be shown: bind to the parameters of the case, follow the scene."""
        self.sweepChooser.setMRMLScene(slicer.mrmlScene)
        super().begin()

    def source_changed(self) -> None:
        """Stay: what is shown does not depend on the source volume."""

    def _on_sweep(self) -> None:
        sweep = self.sweep_node()
        if sweep is not None:
            self.frameSlider.maximum = float(self.comparison.sweep(sweep).geometry.count)
        self.work_changed()
        self.sweep_changed()

    def sweep_node(self) -> Node:
        """Return the sweep that is chosen, None where none is."""
        node = self.sweepChooser.currentNode()
        return node if is_sweep_node(node) else None

    def required_sweep(self) -> tuple[Node, Any]:
        """Return the sweep's node and the sweep.

        Raises
        ------
        FluoroPrintError
            None is chosen.
        """
        node = self.sweep_node()
        if node is None:
            raise FluoroPrintError("There is no sweep yet: choose the one that the volume was made of.")
        return node, self.comparison.sweep(node)

    def view(self) -> int:
        """Return the index of the chosen frame."""
        return min(int(self.frameSlider.value), int(self.frameSlider.maximum)) - 1

    def chosen(self) -> tuple[str, str]:
        """Return the IDs of the segmentation and of the segment that is selected; empty where none is."""
        node = self.effect.parameterSetNode()
        segmentation = node.GetSegmentationNode()
        return (segmentation.GetID() if segmentation else "", node.GetSelectedSegmentID() or "")

    def required_segmentation(self) -> Node:
        """Return the segmentation whose segment is selected.

        Raises
        ------
        FluoroPrintError
            No segment is selected.
        """
        node = self.effect.parameterSetNode()
        segmentation, segment_id = node.GetSegmentationNode(), node.GetSelectedSegmentID()
        if segmentation is None or segmentation.GetSegmentation().GetSegment(segment_id or "") is None:
            raise FluoroPrintError("No segment is selected: add one, or select the one to work on.")
        return segmentation

    def write(self, labelmap: Any, chosen: tuple[str, str]) -> None:
        """Replace the segment that was `chosen` by a labelmap; undo takes it back.

        Raises
        ------
        FluoroPrintError
            Another one was selected meanwhile.
        """
        if self.chosen() != chosen:
            raise FluoroPrintError("Another segment was selected meanwhile: nothing was written. Try again.")
        self.effect.saveStateForUndo()
        replace = slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeSet
        self.effect.modifySelectedSegmentByLabelmap(labelmap, replace)

"""The part "In frames" of the effect "Fluoro contour": outlines over frames, their hull as a segment."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from ..mrml.case_parameters import stored_parameters
from ..mrml.frame_outlines import curve_in_frame, forget_outline, keep_outline, kept_outlines
from ..mrml.nodes import Node, node_to_world
from ..mrml.oriented_images import image_from_mask, place_of_image, volume_from_image
from ..mrml.segment_outlines import add_outline_model, remove_outline_model
from ..mrml.silhouettes import remove_shown, show_frame_in_slice, show_over_frame, show_volume_in_slice
from ..segmentation.hull import closed_segments, find_hull
from ..segmentation.livewire import LiveWire
from ..segmentation.outlines import Outline
from .faults import faults_shown
from .offers import first_lacking, idle, offer
from .sweep_options import SweepOptions

CURVE = "vtkMRMLMarkupsClosedCurveNode"


class FrameContours(SweepOptions):
    """The options that work on frames.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect, or the `Section` of one
    """

    def __init__(self, effect: Any) -> None:
        self._model: Node = None
        super().__init__(effect, "hull")

    def build(self) -> None:
        """Add the curve, the outlines that are kept, parameters and Apply."""
        import qt
        from slicer.i18n import tr as _

        self.curveChooser = slicer.qMRMLNodeComboBox()
        self.curveChooser.nodeTypes = [CURVE]
        self.curveChooser.removeEnabled = False
        self.curveChooser.noneEnabled = True
        self.curveChooser.toolTip = _("A closed curve of Markups, drawn over the frame in the green view.")
        self.curveChooser.connect("currentNodeChanged(vtkMRMLNode*)", lambda _node: self.work_changed())
        self.effect.addLabeledOptionsWidget(_("Curve:"), self.curveChooser)
        self.edgesBox = qt.QCheckBox(_("Follow the edges between the points"))
        self.edgesBox.checked = True
        self.edgesBox.toolTip = _("Live-wire: from point to point the outline follows the strongest edge.")
        self.effect.addOptionsWidget(self.edgesBox)
        tip = _("Keep the curve as the outline of its frame, instead of the one that the frame had.")
        self.takeButton = self.add_button(_("Take the outline"), tip, self._on_take)
        tip = _("Keep the outline of the frame that is shown no longer.")
        self.forgetButton = self.add_button(_("Forget this frame's outline"), tip, self._on_forget)
        self.outlinesLabel = self.add_label()
        self.add_parameters()
        tip = _("Replace the selected segment by what lies within all outlines. Undo takes it back.")
        self.applyButton = self.add_button(_("Apply"), tip, self._on_apply)

    def begin(self) -> None:
        """Be shown: offer the curves of the scene."""
        self.curveChooser.setMRMLScene(slicer.mrmlScene)
        super().begin()
        self._show()

    def _let_go(self) -> None:
        """Drop what is drawn too; the outlines stay with the sweep."""
        super()._let_go()
        model, self._model = self._model, None
        if model is not None:
            remove_outline_model(model)

    def show_volume(self) -> None:
        """Show the source volume where the frames were shown."""
        sweep, volume = self.sweep_node(), self.effect.parameterSetNode().GetSourceVolumeNode()
        if sweep is not None and volume is not None:
            show_volume_in_slice(volume, sweep)

    def sweep_changed(self) -> None:
        """Show the frame of another sweep."""
        self._show()

    def frame_changed(self) -> None:
        """Show another frame."""
        self._show()

    def _on_take(self) -> None:
        with faults_shown(self.title):
            node, sweep = self.required_sweep()
            drawn = curve_in_frame(self.curveChooser.currentNode(), node)
            if self.edgesBox.checked:
                along = LiveWire(sweep.frames[drawn.view]).contour(drawn.polygon_px.tolist())
                drawn = Outline(drawn.view, along)
            keep_outline(node, drawn)
            self.frameSlider.value = float(drawn.view + 1)
            self._show()

    def _on_forget(self) -> None:
        with faults_shown(self.title):
            forget_outline(self.required_sweep()[0], self.view())
            self._show()

    def _show(self) -> None:
        """Show the chosen frame with its outline, and tell which frames have one."""
        node = self.sweep_node()
        if node is None or not self.effect.active():
            return
        show_frame_in_slice(node, self.view())
        outlines = kept_outlines(node)
        self._model = self._model or add_outline_model(slicer.mrmlScene)
        here = [closed_segments(kept.polygon_px) for kept in outlines if kept.view == self.view()]
        if here:
            show_over_frame(node, self._model, np.concatenate(here), self.view())
        else:
            remove_shown(self._model)
        self.outlinesLabel.text = _words(outlines)
        self.work_changed()

    def _on_apply(self) -> None:
        with faults_shown(self.title):
            segmentation, (node, sweep) = self.required_segmentation(), self.required_sweep()
            image = self.effect.sourceVolumeImageData()
            volume = volume_from_image(image, "The source volume")
            grid = type(volume)(volume.array_kji, node_to_world(segmentation) @ volume.ijk_to_ras)
            place, chosen, outlines = place_of_image(image), self.chosen(), kept_outlines(node)
            wanted: Any = stored_parameters(slicer.mrmlScene, "hull")
            if self.effect.confirmCurrentSegmentVisible():
                self.work.start(
                    lambda progress: find_hull(grid, outlines, sweep, wanted, progress),
                    lambda mask: self.write(image_from_mask(mask, place), chosen),
                )

    def work_changed(self) -> None:
        """Offer what can be done."""
        from slicer.i18n import tr as _

        node = self.sweep_node()
        sweep = node is not None, _("Choose a sweep first.")
        curve = self.curveChooser.currentNode() is not None, _("Choose or make a closed curve first.")
        views = [kept.view for kept in kept_outlines(node)] if node is not None else []
        outlined = len(views) > 0, _("Take an outline first: two frames or more.")
        here = self.view() in views, _("This frame has no outline.")
        offer(self.frameSlider, first_lacking(sweep))
        offer(self.takeButton, first_lacking(sweep, curve))
        offer(self.forgetButton, first_lacking(sweep, here))
        offer(self.applyButton, first_lacking(idle(self.work), sweep, outlined))


def _words(outlines: tuple[Outline, ...]) -> str:
    from slicer.i18n import tr as _

    if not outlines:
        return str(_("No frame has an outline yet."))
    frames = ", ".join(str(outline.view + 1) for outline in outlines)
    return str(_("Outlines in frames {frames}.").format(frames=frames))

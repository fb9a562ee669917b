"""What the effect "Reprojection check" shows and does: a segment's outline over frames, figures, Snap."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.util import VTKObservationMixin

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError
from ..mrml.agreements import add_agreement
from ..mrml.case_parameters import stored_parameters
from ..mrml.nodes import Node, node_to_world
from ..mrml.oriented_images import image_from_mask, place_of_image, volume_from_image
from ..mrml.segment_outlines import add_outline_model, remove_outline_model, set_outline_surface
from ..mrml.sweeps import FACTS, is_sweep_node
from ..progress import Progress
from ..registration.agreement import Agreement, agreement, agreement_in_frames
from ..registration.outline_distance import outline_distance
from ..registration.silhouette import SurfaceContours
from ..segmentation.reprojection import Snapped, labels_on_grid, mean_mm, snap_to_frames, surface_for_views
from .faults import faults_shown
from .offers import first_lacking, idle, offer

DELAY_MS = 500
"""A changed segment is outlined anew when it rests for this long."""


class ReprojectionOptions(VTKObservationMixin):  # type: ignore[misc]
    """The options of one editor's effect; they live in the frame that the effect gives them.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect
    """

    def __init__(self, effect: Any) -> None:
        super().__init__()
        from .plan import Comparison

        self.title = effect.title
        self._effect = effect
        self._comparison = Comparison()
        self._model: Node = None
        self._outlined: tuple[str, str] | None = None
        self._again = False
        self._build()

    def _build(self) -> None:
        import qt
        from slicer.i18n import tr as _

        from .bound_rows import BoundRows
        from .work import Work

        self._add_choosers()
        self.agreementLabel = qt.QLabel()
        self.agreementLabel.wordWrap = True
        self._effect.addOptionsWidget(self.agreementLabel)
        tip = _(
            "Measure the distance from the outline to the edges in every frame; adds a table to the case."
        )
        self.tableButton = self._button(_("Measure all frames"), tip, self._on_table)
        self._rows = BoundRows(self._effect.optionsLayout(), "snap")
        self.rows = self._rows.widgets
        tip = _("Move the border of the segment to where the frames have edges. Undo takes it back.")
        self.snapButton = self._button(_("Snap"), tip, self._on_snap)
        frame = qt.QFrame()
        self._effect.addOptionsWidget(frame)
        self.work = Work(self.title, frame, self._on_work)
        self._delay = qt.QTimer(frame)
        self._delay.singleShot = True
        self._delay.interval = DELAY_MS
        self._delay.connect("timeout()", self._follow)

    def _add_choosers(self) -> None:
        import ctk
        import qt
        from slicer.i18n import tr as _

        self.sweepChooser = slicer.qMRMLNodeComboBox()
        self.sweepChooser.nodeTypes = ["vtkMRMLScalarVolumeNode"]
        self.sweepChooser.addAttribute("vtkMRMLScalarVolumeNode", FACTS)
        self.sweepChooser.addEnabled = self.sweepChooser.removeEnabled = False
        self.sweepChooser.noneEnabled = True
        self.sweepChooser.toolTip = _("The C-arm sweep that the volume was reconstructed from.")
        self.sweepChooser.connect("currentNodeChanged(vtkMRMLNode*)", lambda _node: self._on_sweep())
        self._effect.addLabeledOptionsWidget(_("Sweep:"), self.sweepChooser)
        self.frameSlider = ctk.ctkSliderWidget()
        self.frameSlider.decimals = 0
        self.frameSlider.minimum = 1.0
        self.frameSlider.maximum = 1.0
        self.frameSlider.toolTip = _("The frame to draw the outline over, in the green (coronal) slice view.")
        self.frameSlider.connect("valueChanged(double)", lambda _number: self._draw())
        self._effect.addLabeledOptionsWidget(_("Frame:"), self.frameSlider)
        self.showButton = qt.QPushButton(_("Show the outline"))
        self.showButton.checkable = True
        self.showButton.toolTip = _("Draw the segment's outline over the frame; it follows the segment.")
        self.showButton.connect("toggled(bool)", lambda _on: self._on_show())
        self._effect.addOptionsWidget(self.showButton)

    def _button(self, text: str, tip: str, clicked: Any) -> Any:
        import qt

        button = qt.QPushButton(text)
        button.toolTip = tip
        button.connect("clicked()", clicked)
        self._effect.addOptionsWidget(button)
        return button

    def begin(self) -> None:
        """Be shown: bind to the parameters of the case, follow the scene and the choice of segment."""
        scene = slicer.mrmlScene
        self.sweepChooser.setMRMLScene(scene)
        for event in (scene.StartCloseEvent, scene.StartImportEvent):
            self.addObserver(scene, event, self._on_scene_going)
        for event in (scene.EndCloseEvent, scene.EndImportEvent):
            self.addObserver(scene, event, self._on_scene_come)
        self._bind()

    def end(self) -> None:
        """Be left: no work, outline, timer or observer stays."""
        self._let_go()
        self.removeObservers()

    def dispose(self) -> None:
        """Be deleted: as `end`, and nothing holds these options any more."""
        self.end()
        self._delay.disconnect("timeout()", self._follow)

    def source_changed(self) -> None:
        """Stay: outline and frames do not depend on the source volume."""

    def _bind(self) -> None:
        self._rows.bind(slicer.mrmlScene)
        node = self._effect.parameterSetNode()
        if node is not None and not self.hasObserver(node, "ModifiedEvent", self._on_choice):
            self.addObserver(node, "ModifiedEvent", self._on_choice)
        self._on_work()

    def _let_go(self) -> None:
        self._delay.stop()
        self._again = False
        self.work.close()
        self._take_away()
        self._rows.release()
        self.showButton.checked = False

    def _on_scene_going(self, _scene: Any, _event: str) -> None:
        self._let_go()

    def _on_scene_come(self, _scene: Any, _event: str) -> None:
        if self._effect.active():
            self._bind()

    def _on_choice(self, _node: Any, _event: str) -> None:
        if self.showButton.checked and self._outlined not in (None, self._chosen()):
            self._delay.start()

    def _on_segment_changed(self, _segmentation: Any, _event: str) -> None:
        if self.showButton.checked:
            self._delay.start()

    def _on_sweep(self) -> None:
        sweep = self._sweep_node()
        if sweep is not None:
            self.frameSlider.maximum = float(self._comparison.sweep(sweep).geometry.count)
        self._on_work()
        self._draw()

    def _on_show(self) -> None:
        if self.showButton.checked:
            self._follow()
        elif not self.work.busy:
            self._take_away()

    def _sweep_node(self) -> Node:
        node = self.sweepChooser.currentNode()
        return node if is_sweep_node(node) else None

    def _chosen(self) -> tuple[str, str]:
        node = self._effect.parameterSetNode()
        segmentation = node.GetSegmentationNode()
        return (segmentation.GetID() if segmentation else "", node.GetSelectedSegmentID() or "")

    def _segment(self) -> tuple[BoolArray, Float64Array, Any]:
        """Return the selected segment on the editor's grid, the grid's ijk_to_ras in the world, its place.

        Raises
        ------
        FluoroPrintError
            No segment is selected, it is empty, or it stands under a transform that bends space.
        """
        node = self._effect.parameterSetNode()
        segmentation, segment_id = node.GetSegmentationNode(), node.GetSelectedSegmentID()
        if segmentation is None or segmentation.GetSegmentation().GetSegment(segment_id or "") is None:
            raise FluoroPrintError("No segment is selected: add one, or select the one to check.")
        reference = self._effect.defaultModifierLabelmap()
        grid = volume_from_image(reference, "The segmentation's grid")
        labelmap = volume_from_image(self._effect.selectedSegmentLabelmap(), "The segment")
        mask = labels_on_grid(labelmap, grid) > 0
        if not mask.any():
            raise FluoroPrintError("The segment is empty: segment something into it first.")
        return mask, node_to_world(segmentation) @ grid.ijk_to_ras, place_of_image(reference)

    def _follow(self) -> None:
        """Make the outline of the segment as it is now, and draw it."""
        if self.work.busy:
            self._again = True
            return
        with faults_shown(self.title):
            mask, to_ras, _place = self._segment()
            chosen = self._chosen()
            self.work.start(
                lambda _progress: surface_for_views(mask, to_ras),
                lambda surface: self._show(surface, chosen),
                self._give_up,
            )
        if not self.work.busy:
            self._give_up(None)

    def _give_up(self, _error: BaseException | None) -> None:
        self.showButton.checked = False

    def _show(self, surface: Any, chosen: tuple[str, str]) -> None:
        if self._model is None:
            self._model = add_outline_model(slicer.mrmlScene)
        set_outline_surface(self._model, surface)
        self._outlined = chosen
        self._observe_segment()
        self._draw()

    def _observe_segment(self) -> None:
        segmentation = self._effect.parameterSetNode().GetSegmentationNode().GetSegmentation()
        event = slicer.vtkSegmentation.SourceRepresentationModified
        if not self.hasObserver(segmentation, event, self._on_segment_changed):
            self.addObserver(segmentation, event, self._on_segment_changed)

    def _draw(self) -> None:
        """Draw the outline over the chosen frame, and say how well they agree, or why there is none."""
        from .plan import agreement_words

        sweep_node = self._sweep_node()
        if self._model is None or sweep_node is None or not self.showButton.checked:
            return
        sweep = self._comparison.sweep(sweep_node)
        view = min(int(self.frameSlider.value), sweep.geometry.count) - 1
        try:
            seen = self._comparison.draw(self._model, sweep_node, view, inside=False)
            found = agreement(outline_distance(seen, sweep.frames[view], sweep.geometry, view), view)
            self.agreementLabel.text = agreement_words(found)
        except FluoroPrintError as error:  # no dialog at every step of the slider
            self._comparison.take_away()
            self.agreementLabel.text = str(error)

    def _take_away(self) -> None:
        self._comparison.take_away()
        model, self._model, self._outlined = self._model, None, None
        if model is not None:
            remove_outline_model(model)
        self.agreementLabel.text = ""

    def _on_table(self) -> None:
        with faults_shown(self.title):
            mask, to_ras, _place = self._segment()
            sweep_node, sweep = self._required_sweep()
            segmentation = self._effect.parameterSetNode().GetSegmentationNode()

            def measure(progress: Progress) -> tuple[Agreement, ...]:
                contours = SurfaceContours(surface_for_views(mask, to_ras))
                views = range(sweep.geometry.count)
                return agreement_in_frames(contours, sweep.frames, sweep.geometry, views, progress=progress)

            def done(figures: tuple[Agreement, ...]) -> None:
                add_agreement(segmentation, sweep_node, figures)
                self.work.say(_summary(figures))

            self.work.start(measure, done)

    def _on_snap(self) -> None:
        with faults_shown(self.title):
            mask, to_ras, place = self._segment()
            sweep, chosen = self._required_sweep()[1], self._chosen()
            wanted: Any = stored_parameters(slicer.mrmlScene, "snap")
            if self._effect.confirmCurrentSegmentVisible():
                self.work.start(
                    lambda progress: snap_to_frames(mask, to_ras, sweep, wanted, progress),
                    lambda snapped: self._write(snapped, place, chosen),
                )

    def _required_sweep(self) -> tuple[Node, Any]:
        node = self._sweep_node()
        if node is None:
            raise FluoroPrintError("There is no sweep yet: choose the one that the volume was made of.")
        return node, self._comparison.sweep(node)

    def _write(self, snapped: Snapped, place: Any, chosen: tuple[str, str]) -> None:
        if self._chosen() != chosen:
            raise FluoroPrintError(
                "Another segment was selected meanwhile: nothing was written. Click Snap to snap that one."
            )
        self.work.say(snapped.note)
        self._effect.saveStateForUndo()
        replace = slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeSet
        self._effect.modifySelectedSegmentByLabelmap(image_from_mask(snapped.mask_kji, place), replace)

    def _on_work(self) -> None:
        from slicer.i18n import tr as _

        sweep = self._sweep_node() is not None, _("Choose a sweep first.")
        for button in (self.tableButton, self.snapButton):
            offer(button, first_lacking(idle(self.work), sweep))
        offer(self.showButton, first_lacking(sweep))
        offer(self.frameSlider, first_lacking(sweep))
        if self._again and not self.work.busy:
            self._again = False
            self._delay.start()


def _summary(figures: tuple[Agreement, ...]) -> str:
    from slicer.i18n import tr as _

    words = _("Mean distance {mean} mm over {count} frames; the table is in the case.")
    return str(words.format(mean=f"{mean_mm(figures):.2f}", count=len(figures)))

"""What the effect "Reprojection check" shows and does: a segment's outline over frames, figures, Snap."""

from __future__ import annotations

from typing import Any

import slicer

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError
from ..mrml.agreements import add_agreement
from ..mrml.case_parameters import stored_parameters
from ..mrml.nodes import Node, node_to_world
from ..mrml.oriented_images import image_from_mask, place_of_image, volume_from_image
from ..mrml.segment_outlines import add_outline_model, remove_outline_model, set_outline_surface
from ..progress import Progress
from ..registration.agreement import Agreement, agreement, agreement_in_frames
from ..registration.outline_distance import outline_distance
from ..registration.silhouette import SurfaceContours
from ..segmentation.reprojection import Snapped, labels_on_grid, mean_mm, snap_to_frames, surface_for_views
from .faults import faults_shown
from .offers import first_lacking, idle, offer, toggle
from .scene_follower import one_shot
from .sweep_options import SweepOptions

DELAY_MS = 500
"""A changed segment is outlined anew when it rests for this long."""


class ReprojectionOptions(SweepOptions):
    """The options of one editor's effect; they live in the frame that the effect gives them.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect
    """

    def __init__(self, effect: Any) -> None:
        self._model: Node = None
        self._outlined: tuple[str, str] | None = None
        self._again = False
        super().__init__(effect, "snap")

    def build(self) -> None:
        """Add the outline, figures, parameters and Snap."""
        from slicer.i18n import tr as _

        tip = _("Draw the segment's outline over the frame; it follows the segment.")
        self.showButton = toggle(_("Show the outline"), tip, lambda _on: self._on_show())
        self.effect.addOptionsWidget(self.showButton)
        self.agreementLabel = self.add_label()
        tip = _(
            "Measure the distance from the outline to the edges in every frame; adds a table to the case."
        )
        self.tableButton = self.add_button(_("Measure all frames"), tip, self._on_table)
        self.add_parameters()
        tip = _("Move the border of the segment to where the frames have edges. Undo takes it back.")
        self.snapButton = self.add_button(_("Snap"), tip, self._on_snap)
        self._delay = one_shot(self.showButton, DELAY_MS, self._follow)

    def dispose(self) -> None:
        """Be deleted: nothing holds these options any more."""
        super().dispose()
        self._delay.disconnect("timeout()", self._follow)

    def _bind(self) -> None:
        """Follow the choice of segment too."""
        super()._bind()
        node = self.effect.parameterSetNode()
        if node is not None and not self.hasObserver(node, "ModifiedEvent", self._on_choice):
            self.addObserver(node, "ModifiedEvent", self._on_choice)

    def _let_go(self) -> None:
        """Drop the outline too."""
        self._delay.stop()
        self._again = False
        super()._let_go()
        self._take_away()
        self.showButton.checked = False

    def sweep_changed(self) -> None:
        """Draw over the frame of another sweep."""
        self._draw()

    def frame_changed(self) -> None:
        """Draw over another frame."""
        self._draw()

    def _on_choice(self, _node: Any, _event: str) -> None:
        if self.showButton.checked and self._outlined not in (None, self.chosen()):
            self._delay.start()

    def _on_segment_changed(self, _segmentation: Any, _event: str) -> None:
        if self.showButton.checked:
            self._delay.start()

    def _on_show(self) -> None:
        if self.showButton.checked:
            self._follow()
        elif not self.work.busy:
            self._take_away()

    def _segment(self) -> tuple[BoolArray, Float64Array, Any]:
        """Return the selected segment on the editor's grid, the grid's ijk_to_ras in the world, its place.

        Raises
        ------
        FluoroPrintError
            No segment is selected, it is empty, or it stands under a transform that bends space.
        """
        segmentation = self.required_segmentation()
        reference = self.effect.defaultModifierLabelmap()
        grid = volume_from_image(reference, "The segmentation's grid")
        labelmap = volume_from_image(self.effect.selectedSegmentLabelmap(), "The segment")
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
            chosen = self.chosen()
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
        segmentation = self.required_segmentation().GetSegmentation()
        event = slicer.vtkSegmentation.SourceRepresentationModified
        if not self.hasObserver(segmentation, event, self._on_segment_changed):
            self.addObserver(segmentation, event, self._on_segment_changed)

    def _draw(self) -> None:
        """Draw the outline over the chosen frame, and say how well they agree, or why there is none."""
        from .plan import agreement_words

        sweep_node = self.sweep_node()
        if self._model is None or sweep_node is None or not self.showButton.checked:
            return
        sweep, view = self.comparison.sweep(sweep_node), self.view()
        try:
            seen = self.comparison.draw(self._model, sweep_node, view, inside=False)
            found = agreement(outline_distance(seen, sweep.frames[view], sweep.geometry, view), view)
            self.agreementLabel.text = agreement_words(found)
        except FluoroPrintError as error:  # no dialog at every step of the slider
            self.comparison.take_away()
            self.agreementLabel.text = str(error)

    def _take_away(self) -> None:
        self.comparison.take_away()
        model, self._model, self._outlined = self._model, None, None
        if model is not None:
            remove_outline_model(model)
        self.agreementLabel.text = ""

    def _on_table(self) -> None:
        with faults_shown(self.title):
            mask, to_ras, _place = self._segment()
            sweep_node, sweep = self.required_sweep()
            segmentation = self.required_segmentation()

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
            sweep, chosen = self.required_sweep()[1], self.chosen()
            wanted: Any = stored_parameters(slicer.mrmlScene, "snap")
            if self.effect.confirmCurrentSegmentVisible():
                self.work.start(
                    lambda progress: snap_to_frames(mask, to_ras, sweep, wanted, progress),
                    lambda snapped: self._write(snapped, place, chosen),
                )

    def _write(self, snapped: Snapped, place: Any, chosen: tuple[str, str]) -> None:
        self.write(image_from_mask(snapped.mask_kji, place), chosen)
        self.work.say(snapped.note)

    def work_changed(self) -> None:
        """Offer what can be done; outline anew what was changed meanwhile."""
        from slicer.i18n import tr as _

        sweep = self.sweep_node() is not None, _("Choose a sweep first.")
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

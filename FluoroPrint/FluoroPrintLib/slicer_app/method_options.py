"""What an effect that segments by itself shows and does: parameters, a preview over the slices, Apply."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer

from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..mrml.case_parameters import parameter_name, stored_parameters
from ..mrml.oriented_images import image_from_mask, place_of_image, volume_from_image
from ..mrml.previews import add_preview, remove_preview
from ..mrml.segmentations import segments_for
from ..parameters import Parameters
from ..segmentation.methods import Found, Hints, find_by, method_named
from ..segmentation.segments import Segment
from .faults import faults_shown
from .offers import button, toggle
from .scene_follower import SceneFollower, one_shot

DELAY_MS = 700
"""A changed parameter is previewed when nothing else was changed for this long."""


@dataclass(frozen=True)
class Result:
    """What was found, and what it was found in.

    Attributes
    ----------
    mark : of volume and parameters; another mark calls for another result
    parts : each segment that was found, with its vtkOrientedImageData of 0 and 1
    note : how it was found, as a sentence
    """

    mark: Any
    parts: tuple[tuple[Segment, Any], ...]
    note: str


class MethodOptions(SceneFollower):
    """The options of one editor's effect; they live in the frame that the effect gives them.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect
    method : name of one of `methods`
    """

    def __init__(self, effect: Any, method: str) -> None:
        super().__init__(effect)
        self._method = method_named(method)
        self._result: Result | None = None
        self._shown: Any = None
        self._case: Any = None
        self._tag = 0
        self._again = False
        self._build()

    def _build(self) -> None:
        import qt

        from ..parameters import parameter_fields
        from .rows import add_rows
        from .work import Work

        stage = self._method.stage
        names = tuple(field.name for field in parameter_fields(self._method.parameters))
        rows = add_rows(self._effect.optionsLayout(), stage, names)
        self.rows = {parameter_name(stage, name): widget for name, widget in rows.items()}
        self._add_choosers()
        self._add_buttons()
        self._frame = qt.QFrame()
        self._effect.addOptionsWidget(self._frame)
        self.work = Work(self.title, self._frame, self._on_work)
        self._delay = one_shot(self._frame, DELAY_MS, self._follow)

    def _add_choosers(self) -> None:
        """Add what the user chooses beside parameters; override where the method needs hints."""

    def _hints(self) -> Hints:
        """Return what the method is given beside the volume, in the segmentation's own frame; override."""
        return Hints()

    def _add_buttons(self) -> None:
        import qt
        from slicer.i18n import tr as _

        tip = _(
            "Show the result over the slices, before masks; it follows the parameters. No segment is changed."
        )
        self.previewButton = toggle(_("Preview"), tip, self._on_preview)
        tip = _(
            "Replace the selected segment by what is found in the source volume; "
            "where several segments are found, the others are added, or replaced if added before."
        )
        self.applyButton = button(_("Apply"), tip, self._on_apply)
        buttons = qt.QHBoxLayout()
        buttons.addWidget(self.previewButton)
        buttons.addWidget(self.applyButton)
        self._effect.addOptionsWidget(buttons)

    def dispose(self) -> None:
        """Be deleted: the timer too holds these options no longer."""
        super().dispose()
        self._delay.disconnect("timeout()", self._follow)

    def source_changed(self) -> None:
        """Drop what belongs to another volume; where a preview is shown it is made anew."""
        from slicer.i18n import tr as _

        self._result = None
        self._hide()
        if not self.work.busy:
            self._on_parameters()
        elif self.previewButton.checked:
            self._follow()
        else:
            self.work.close()
            self.work.say(_("The source volume was changed: nothing was written."))
            self._on_work()

    def _bind(self) -> None:
        from .parameter_nodes import case_parameters

        if self._case is None:
            self._case = case_parameters(slicer.mrmlScene)
            self._tag = self._case.connectParametersToGui(self.rows)
            self.addObserver(self._case.parameterNode, "ModifiedEvent", self._on_parameters)
            self._on_work()

    def _let_go(self) -> None:
        self._delay.stop()
        self._again = False
        self.work.close()
        self._hide()
        self._result = None
        self._set_previewing(False)
        if self._case is not None:
            self._case.disconnectGui(self._tag)
            self.removeObserver(self._case.parameterNode, "ModifiedEvent", self._on_parameters)
            self._case = None

    def _on_parameters(self, _node: Any = None, _event: str = "") -> None:
        if self.previewButton.checked:
            self._delay.start()

    def _follow(self) -> None:
        """Preview what was set meanwhile; a text that is no value yet is told beside the form."""
        if self.work.busy:
            self._again = True
            self.work.cancel()
            return
        try:
            stored_parameters(slicer.mrmlScene, self._method.stage)
        except FluoroPrintError as error:
            self._hide()
            self.work.say(str(error))
        else:
            self._find(self._show)

    def _on_preview(self, wanted: bool) -> None:
        if wanted:
            self._find(self._show)
            return
        self._delay.stop()
        self._again = False
        self.work.close()
        self._on_work()

    def _on_apply(self) -> None:
        """Write the result; the preview ends here, so that no change from now on cancels the writing."""
        with faults_shown(self.title):
            target = self._target()
            self._delay.stop()  # the question below lets timers run
            if self._effect.confirmCurrentSegmentVisible():
                self._set_previewing(False)
                self._find(lambda result: self._write(result, target))
            else:
                self._on_parameters()

    def _find(self, use: Any) -> None:
        """Hand what is found in the source volume to `use`, computing it unless it is known."""
        known, self._result = self._result, None
        with faults_shown(self.title):
            self._target()
            image = self._effect.sourceVolumeImageData()
            volume = volume_from_image(image, "The source volume")
            parameters: Any = stored_parameters(slicer.mrmlScene, self._method.stage)
            hints = self._hints()
            mark = _mark(volume, parameters, hints)
            if known is not None and known.mark == mark:
                self._take(known, use)
            else:
                place = place_of_image(image)
                self.work.start(
                    lambda progress: find_by(self._method, volume, parameters, hints, progress),
                    lambda found: self._take(_result(found, mark, place), use),
                )
        self._on_work()

    def _take(self, result: Result, use: Any) -> None:
        self._result = result
        self.work.say(result.note)
        use(result)

    def _show(self, result: Result) -> None:
        self._hide()
        node, segment_id = self._effect.parameterSetNode(), self._target()[1]
        segmentation = node.GetSegmentationNode()
        (first, labelmap), *others = result.parts
        selected = segmentation.GetSegmentation().GetSegment(segment_id)
        colour = first.colour if others else selected.GetColor()
        more = [(its_labelmap, segment.colour) for segment, its_labelmap in others]
        self._shown = add_preview(slicer.mrmlScene, labelmap, colour, segmentation, more)

    def _hide(self) -> None:
        if self._shown is not None:
            remove_preview(self._shown)
            self._shown = None

    def _write(self, result: Result, target: tuple[str, str]) -> None:
        if self._target() != target:
            raise FluoroPrintError(
                "Another segment was selected meanwhile: nothing was written. Click Apply to write there."
            )
        self._effect.saveStateForUndo()
        replace = slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeSet
        (_, labelmap), *others = result.parts
        node = self._effect.parameterSetNode().GetSegmentationNode()
        # The others first: the editor's mask may be the selected segment, as it is until it is written.
        ids = segments_for(node, self._maker(), [segment for segment, _ in others])
        for segment_id, (_, its_labelmap) in zip(ids, others, strict=True):
            self._effect.modifySegmentByLabelmap(node, segment_id, its_labelmap, replace)
        self._effect.modifySelectedSegmentByLabelmap(labelmap, replace)

    def _maker(self) -> str:
        """Return what tells the segments added by this method beside the selected one, for the next Apply."""
        return f"{self._method.name} {self._target()[1]}"

    def _on_work(self) -> None:
        if not self.work.busy:
            self._settle()
        self.applyButton.enabled = not self.work.busy
        self.previewButton.enabled = not self.work.busy or self.previewButton.checked

    def _settle(self) -> None:
        """Begin anew where something was changed meanwhile; else leave a preview that has nothing to show."""
        if self._again:
            self._again = False
            self._follow()
        elif self._result is None or self._shown is None or not self.previewButton.checked:
            self._hide()
            self._set_previewing(False)

    def _set_previewing(self, on: bool) -> None:
        blocked = self.previewButton.blockSignals(True)
        self.previewButton.checked = on
        self.previewButton.blockSignals(blocked)


def _mark(volume: Volume, parameters: Parameters, hints: Hints) -> Any:
    """Return what tells one computation from another."""
    seeds = None if hints.seeds_ras is None else hints.seeds_ras.tobytes()
    given = None if hints.segmentation is None else _mark_of(hints.segmentation.labelmap)
    return _mark_of(volume), parameters, seeds, hints.seed_parts, given


def _mark_of(volume: Volume) -> Any:
    array_kji = volume.array_kji
    return array_kji.shape, zlib.crc32(np.ascontiguousarray(array_kji).data), volume.ijk_to_ras.tobytes()


def _result(found: Found, mark: Any, place: Any) -> Result:
    labels_kji = found.segmentation.labelmap.array_kji
    segments = found.segmentation.segments
    parts = ((segment, image_from_mask(labels_kji == segment.label, place)) for segment in segments)
    return Result(mark, tuple(parts), found.note)

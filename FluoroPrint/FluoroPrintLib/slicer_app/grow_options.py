"""What the effect "Fluoro grow" shows and does: a preview about the pointer, a click that writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer

from ..arrays import BoolArray
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..mrml.case_parameters import stored_parameters
from ..mrml.nodes import in_node
from ..mrml.oriented_images import image_from_mask, place_of_image, volume_from_image
from ..mrml.previews import add_preview, remove_preview
from ..progress import Progress
from ..segmentation.ground import Ground, ground_of
from ..segmentation.grow import Parts, grow_in_box, grown_note, parts_of, seeds_ijk
from .faults import faults_shown
from .scene_follower import SceneFollower, one_shot

DELAY_MS = 150
"""The region about the pointer is previewed when it has rested for this long."""


@dataclass(frozen=True)
class Source:
    """The source volume as it was taken, what tells it from others, and what its regions grow on."""

    mark: Any
    volume: Volume
    place: Any
    ground: Ground


@dataclass(frozen=True)
class Region:
    """A grown region and what it was grown from."""

    seed_kji: tuple[int, int, int]
    parameters: Any
    mask_kji: BoolArray
    note: str


class GrowOptions(SceneFollower):
    """The options of one editor's effect; they live in the frame that the effect gives them.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect
    """

    def __init__(self, effect: Any) -> None:
        import qt
        from slicer.i18n import tr as _

        from .bound_rows import BoundRows
        from .work import Work

        super().__init__(effect)
        self._rows = BoundRows(effect.optionsLayout(), "grow")
        self.previewBox = qt.QCheckBox(_("Preview under the pointer"))
        self.previewBox.checked = True
        self.previewBox.toolTip = _("Show what a click would add, where the pointer rests in a slice.")
        effect.addOptionsWidget(self.previewBox)
        frame = qt.QFrame()
        effect.addOptionsWidget(frame)
        self.work = Work(self.title, frame, lambda: None)
        self._delay = one_shot(frame, DELAY_MS, self._preview)
        self._source: Source | None = None
        self._parts: Parts | None = None
        self._region: Region | None = None
        self._shown: Any = None
        self._pointer: Any = None

    def dispose(self) -> None:
        """Be deleted: the timer too holds these options no longer."""
        super().dispose()
        self._delay.disconnect("timeout()", self._preview)

    def source_changed(self) -> None:
        """Forget the other volume."""
        self.leave()
        self.work.close()
        self._source = self._parts = self._region = None

    def _let_go(self) -> None:
        self.source_changed()
        self._rows.release()

    def _bind(self) -> None:
        self._rows.bind(slicer.mrmlScene)

    def point_at(self, place_ras: Any) -> None:
        """Follow the pointer, in RAS mm of the world."""
        self._pointer = place_ras
        if self.previewBox.checked:
            self._delay.start()

    def leave(self) -> None:
        """Drop the preview: the pointer is in no slice."""
        self._pointer = None
        self._delay.stop()
        self._hide()

    def click(self, place_ras: Any, mode: Any) -> None:
        """Add the region about a point to the selected segment, or take it away."""
        self._delay.stop()  # the question below lets it run
        with faults_shown(self.title):
            target = self._target()
            if self._effect.confirmCurrentSegmentVisible():
                self.work.close()  # a preview's; the click goes first
                self._find(place_ras, lambda region: self._write(region, target, mode))

    def _preview(self) -> None:
        """Show the region about where the pointer is now; what hinders it is told below."""
        place = self._pointer
        if place is None:
            return
        if self.work.busy:
            self._delay.start()
            return
        try:
            self._target()
            self._find(place, lambda region: self._show(region, place))
        except FluoroPrintError as error:
            self._hide()
            self.work.say(str(error))

    def _find(self, place_ras: Any, use: Any) -> None:
        """Hand the region about a place to `use`; what is not known yet is computed in a thread.

        Parameters
        ----------
        place_ras : RAS mm of the world
        use : called with the region
        """
        parameters: Any = stored_parameters(slicer.mrmlScene, "grow")
        source, mark = self._source, self._mark()
        if source is None or source.mark != mark:
            self._parts = self._region = None
            image = self._effect.sourceVolumeImageData()
            volume, place = volume_from_image(image, "The source volume"), place_of_image(image)
            # The editor fills its image anew for another segment: the thread has a copy.
            volume = volume.with_array(volume.array_kji.copy())
            self.work.start(
                lambda progress: Source(mark, volume, place, ground_of(volume, progress)),
                lambda made: self._on_source(made, place_ras, use),
            )
            return
        (seed,) = seeds_ijk(source.volume, self._to_segmentation(place_ras))
        known, parts = self._region, self._parts
        if known is not None and (known.seed_kji, known.parameters) == (seed, parameters):
            use(known)
        elif parts is not None and parts.parameters == parameters:
            self.work.start(
                lambda progress: _region_or_fault(source, parts, seed, progress),
                lambda found: self._on_region(found, use),
            )
        else:
            self.work.start(
                lambda progress: parts_of(source.ground, parameters, progress),
                lambda made: self._on_parts(made, place_ras, use),
            )

    def _on_source(self, source: Source, place_ras: Any, use: Any) -> None:
        self._source = source
        self._find(place_ras, use)

    def _on_parts(self, parts: Parts, place_ras: Any, use: Any) -> None:
        self._parts = parts
        self._find(place_ras, use)

    def _on_region(self, found: Region | FluoroPrintError, use: Any) -> None:
        if isinstance(found, FluoroPrintError):
            self._hide()
            self.work.say(str(found))
            return
        self._region = found
        use(found)

    def _mark(self) -> Any:
        """Return what changes with the source volume and with the grid that the editor puts it on."""
        node = self._effect.parameterSetNode()
        volume, segmentation = node.GetSourceVolumeNode(), node.GetSegmentationNode()
        if volume is None or volume.GetImageData() is None:
            return None
        role = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
        grid = segmentation.GetSegmentation().GetConversionParameter(role)
        return volume.GetID(), volume.GetImageData().GetMTime(), grid, segmentation.GetTransformNodeID()

    def _to_segmentation(self, place_ras: Any) -> Any:
        """Return a place of the world in the frame of the segmentation, where the volume is handed over."""
        return in_node([place_ras], self._effect.parameterSetNode().GetSegmentationNode())

    def _show(self, region: Region, place_ras: Any) -> None:
        """Show a region, unless the pointer has gone elsewhere meanwhile."""
        self._hide()
        if self._pointer is None:
            return
        if self._pointer != place_ras:
            self._delay.start()
            return
        segmentation = self._effect.parameterSetNode().GetSegmentationNode()
        colour = segmentation.GetSegmentation().GetSegment(self._target()[1]).GetColor()
        self._shown = add_preview(slicer.mrmlScene, self._image(region), colour, segmentation)
        self.work.say(region.note)

    def _hide(self) -> None:
        shown, self._shown = self._shown, None
        if shown is not None:
            remove_preview(shown)

    def _image(self, region: Region) -> Any:
        assert self._source is not None, "a region was grown in it"
        return image_from_mask(region.mask_kji, self._source.place)

    def _write(self, region: Region, target: tuple[str, str], mode: Any) -> None:
        if self._target() != target:
            raise FluoroPrintError("Another segment was selected: nothing was written. Click again.")
        self._hide()
        self._effect.saveStateForUndo()
        self._effect.modifySelectedSegmentByLabelmap(self._image(region), mode)
        self.work.say(region.note)


def _region_or_fault(
    source: Source, parts: Parts, seed: tuple[int, int, int], progress: Progress
) -> Region | FluoroPrintError:
    """Grow a region; a seed in no bone is no fault that calls for a dialog where a pointer only passes."""
    progress(0.0, "growing")
    try:
        box, part = grow_in_box(parts, seed)
    except FluoroPrintError as error:
        return error
    mask = np.zeros(source.volume.array_kji.shape, bool)
    mask[box] = part
    size_mm3 = np.count_nonzero(part) * float(np.prod(source.volume.spacing_mm))
    return Region(seed, parts.parameters, mask, grown_note(source.ground.lower_hu, size_mm3))

"""The part "In slices" of the effect "Fluoro contour": clicks along an edge, slices filled."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume, transformed
from ..mrml.case_parameters import stored_parameters
from ..mrml.contoured_slices import contoured_slices, keep_contour
from ..mrml.nodes import in_node, node_to_world
from ..mrml.oriented_images import image_from_mask, place_of_image, volume_from_image
from ..mrml.slice_views import pixels_in_view, place_in_view, plane_axes
from ..segmentation.open_contour import OpenContour
from ..segmentation.reprojection import labels_on_grid
from ..segmentation.slice_contours import fill_between
from ..segmentation.slices import Slice, lies_between, slice_in_plane
from .faults import faults_shown
from .offers import button, first_lacking, idle, offer
from .scene_follower import SceneFollower
from .slice_line import SliceLine

STAGE = "contour"
ON_FIRST_PX = 8.0
"""A click this near to the first point, in pixels of the view, closes the contour."""
GUIDE = (
    "Click along the edge in a slice. Double click, Enter or a click on the first point closes and fills; "
    "Backspace takes the last point back."
)


class SliceContours(SceneFollower):
    """The options that work on slices, and the contour that is being drawn.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect, or the `Section` of one
    """

    def __init__(self, effect: Any) -> None:
        super().__init__(effect)
        self._contour: OpenContour | None = None
        self._line: SliceLine | None = None
        self._begun: Any = None
        self._build()

    def _build(self) -> None:
        import qt
        from slicer.i18n import tr as _

        from .bound_rows import BoundRows
        from .work import Work

        guide = qt.QLabel(_(GUIDE))
        guide.wordWrap = True
        self._effect.addOptionsWidget(guide)
        self._rows = BoundRows(self._effect.optionsLayout(), STAGE, ("follow_edges", "smoothing_mm"))
        tip = _("Take all points of the contour back that is being drawn.")
        self.dropButton = button(_("Drop the contour"), tip, self.drop)
        tip = _("Fill the slices between those that were contoured in the selected segment, by their shape.")
        self.betweenButton = button(_("Fill between slices"), tip, self._on_between)
        row = qt.QHBoxLayout()
        row.addWidget(self.dropButton)
        row.addWidget(self.betweenButton)
        self._effect.addOptionsWidget(row)
        frame = qt.QFrame()
        self._effect.addOptionsWidget(frame)
        self.work = Work(self.title, frame, self._offer)
        self._offer()

    def _bind(self) -> None:
        self._rows.bind(slicer.mrmlScene)
        self._offer()

    def _let_go(self) -> None:
        self.drop()
        self.work.close()
        self._rows.release()

    def source_changed(self) -> None:
        """Drop what was drawn over another volume."""
        self.drop()

    @property
    def is_drawing(self) -> bool:
        """Whether a contour is begun and not closed."""
        return self._contour is not None

    def click(self, view: Any, xy: tuple[int, int]) -> None:
        """Set a point in a slice view; on the first point, close the contour."""
        with faults_shown(self.title):
            if self.work.busy:
                raise FluoroPrintError("The slices are being filled: wait, or cancel it.")
            if self._contour is not None and self._is_on_first(view, xy):
                self.close()
                return
            if self._contour is not None or self._begin(view):
                self._set_point(view, xy)

    def _begin(self, view: Any) -> bool:
        """Begin a contour in the slice that a view shows; return false where the user does not want to."""
        target, volume = self._target(), self._volume()
        where = self._slice_of(view, volume)
        if not self._effect.confirmCurrentSegmentVisible():
            return False
        wanted: Any = stored_parameters(slicer.mrmlScene, STAGE)
        self._contour = OpenContour(volume, where, wanted)
        self._begun = target, place_of_image(self._effect.sourceVolumeImageData())
        self._line = SliceLine(self._effect, view)
        return True

    def _set_point(self, view: Any, xy: tuple[int, int]) -> None:
        assert self._contour is not None, "begun before"
        if self._slice_of(view, self._contour.grid) != self._contour.where:
            raise FluoroPrintError(
                "The contour that is being drawn lies in another slice: go back to it, or drop it."
            )
        try:
            self._contour.add(self._own_place(view, xy))
        finally:
            if not len(self._contour.points_ras):
                self.drop()
        self._draw()

    def move(self, view: Any, xy: tuple[int, int]) -> None:
        """Lead the line to the pointer."""
        if self._line is not None and self._line.view == view:
            self._draw(self._own_place(view, xy))

    def leave(self) -> None:
        """End the line at the last point: the pointer is in no slice."""
        if self._line is not None:
            self._draw()

    def view_changed(self, view: Any) -> None:
        """Keep the line where it belongs when its view is moved; hide it over other slices."""
        if self._line is None or self._contour is None or self._line.view != view:
            return
        self._line.place()
        try:
            self._line.show(self._slice_of(view, self._contour.grid) == self._contour.where)
        except FluoroPrintError:  # an oblique plane, or one beside the volume
            self._line.show(False)

    def take_back(self) -> None:
        """Take the last point back; without points there is no contour."""
        if self._contour is not None:
            self._contour.take_back()
            if len(self._contour.points_ras):
                self._draw()
            else:
                self.drop()

    def drop(self) -> None:
        """Take the whole contour back."""
        line, self._line, self._contour = self._line, None, None
        if line is not None:
            line.remove()
        self._offer()

    def close(self) -> None:
        """Close the contour and add what lies within to the selected segment."""
        from slicer.i18n import tr as _

        contour = self._contour
        if contour is None:
            return
        if not contour.can_close:
            self.work.say(_("A contour needs three points or more: click along the edge."))
            return
        with faults_shown(self.title):
            target, place = self._begun
            if self._target() != target:
                raise FluoroPrintError(
                    "Another segment was selected: select the one that the contour was begun in, or drop it."
                )
            mask, mode = self._with_contour(contour)
            self.drop()
            self._write(mask, place, mode)
            keep_contour(self._segment(), contour.outline())
            self._say_contoured()

    def _with_contour(self, contour: OpenContour) -> tuple[Any, Any]:
        """Return what to write and how: what was filled in between gives way to a contour, all else stays."""
        modes, drawn = slicer.qSlicerSegmentEditorAbstractEffect, contour.mask()
        if not lies_between(contour.where, contoured_slices(self._segment(), contour.grid)):
            return drawn, modes.ModificationModeAdd
        mask = self._mask_on(contour.grid)
        contour.where.of(mask)[...] = contour.where.of(drawn)
        return mask, modes.ModificationModeSet

    def _write(self, mask: Any, place: Any, mode: Any) -> None:
        self._effect.saveStateForUndo()
        self._effect.modifySelectedSegmentByLabelmap(image_from_mask(mask, place), mode)

    def _say_contoured(self) -> None:
        from slicer.i18n import tr as _

        count = len(contoured_slices(self._segment(), self._volume()))
        self.work.say(_("Slices contoured in this segment: {count}.").format(count=count))

    def _on_between(self) -> None:
        with faults_shown(self.title):
            target, grid = self._target(), self._volume()
            slices = contoured_slices(self._segment(), grid)
            place = place_of_image(self._effect.sourceVolumeImageData())
            mask = self._mask_on(grid)
            if self._effect.confirmCurrentSegmentVisible():
                self.drop()
                self.work.start(
                    lambda progress: fill_between(mask, slices, grid, progress),
                    lambda filled: self._on_filled(filled, place, target),
                )

    def _on_filled(self, filled: Any, place: Any, target: tuple[str, str]) -> None:
        from slicer.i18n import tr as _

        if self._target() != target:
            raise FluoroPrintError("Another segment was selected meanwhile: nothing was written.")
        self._write(filled, place, slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeSet)
        self.work.say(_("The slices between were filled."))

    def _mask_on(self, grid: Volume) -> Any:
        image = self._effect.selectedSegmentLabelmap()
        if image.IsEmpty():
            return np.zeros(grid.array_kji.shape, bool)
        return labels_on_grid(volume_from_image(image, "The segment"), grid) > 0

    def _segment(self) -> Any:
        node = self._effect.parameterSetNode()
        return node.GetSegmentationNode().GetSegmentation().GetSegment(node.GetSelectedSegmentID())

    def _volume(self) -> Volume:
        """Return the source volume on the segmentation's grid, in the segmentation's own frame."""
        return volume_from_image(self._effect.sourceVolumeImageData(), "The source volume")

    def _to_world(self) -> Float64Array:
        return node_to_world(self._effect.parameterSetNode().GetSegmentationNode())

    def _own_place(self, view: Any, xy: tuple[int, int]) -> Float64Array:
        """Return the place under a pixel of a view in the segmentation's own frame."""
        node = self._effect.parameterSetNode().GetSegmentationNode()
        return in_node(place_in_view(view.mrmlSliceNode(), *xy), node)

    def _slice_of(self, view: Any, grid: Volume) -> Slice:
        """Return the slice of a grid in the segmentation's own frame that a view shows."""
        to_own = np.linalg.inv(self._to_world())
        across, up = plane_axes(view.mrmlSliceNode()) @ to_own[:3, :3].T
        return slice_in_plane(grid, self._own_place(view, (0, 0)), np.cross(across, up))

    def _is_on_first(self, view: Any, xy: tuple[int, int]) -> bool:
        assert self._contour is not None, "asked while one is drawn"
        if not self._contour.can_close:
            return False
        first = pixels_in_view(view.mrmlSliceNode(), self._in_world(self._contour.points_ras[:1]))[0]
        return bool(np.linalg.norm(first - xy) <= ON_FIRST_PX)

    def _in_world(self, points: Float64Array) -> Float64Array:
        return transformed(points, self._to_world())

    def _draw(self, pointer: Float64Array | None = None) -> None:
        if self._contour is not None and self._line is not None:
            line = self._contour.line_ras(pointer)
            self._line.draw(self._in_world(line), self._in_world(self._contour.points_ras))
        self._offer()

    def _offer(self) -> None:
        """Offer what can be done."""
        from slicer.i18n import tr as _

        drawing = self._contour is not None, _("No contour is being drawn.")
        offer(self.dropButton, first_lacking(drawing))
        offer(self.betweenButton, first_lacking(idle(self.work)))

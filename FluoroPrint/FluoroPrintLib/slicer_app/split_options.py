"""What the effect "Joint split" shows and does beside the options of every method: points."""

from __future__ import annotations

from typing import Any

from ..errors import FluoroPrintError
from ..mrml.points import describe_points, descriptions_from_node
from ..mrml.segmentations import made_segments, mask_of_segments
from ..segmentation.methods import Hints
from ..segmentation.segments import Segment, Segmentation
from .method_options import MethodOptions
from .offers import button
from .point_chooser import PointChooser


class SplitOptions(MethodOptions):
    """The options of one editor's effect "Joint split": the selected segment is split at a list of points."""

    def __init__(self, effect: Any) -> None:
        self._list: Any = None
        self._part = ""
        super().__init__(effect, "joint-split")

    def _add_choosers(self) -> None:
        from slicer.i18n import tr as _

        self.points = PointChooser(
            "Parts",
            _("A list of points: one in each bone, or several whose description names the part."),
            _("Click a point into each bone; press the right button to end."),
            self._on_points,
        )
        tip = _(
            "The points up to here belong together, those placed from now on to the next part. "
            "Where this is never pressed, each point is a part."
        )
        self.nextButton = button(_("Next part"), tip, self._on_next)
        self.points.row.addWidget(self.nextButton)
        self._effect.addLabeledOptionsWidget(_("Points:"), self.points.row)

    def begin(self) -> None:
        """Be shown: offer the point lists too."""
        super().begin()
        self.points.begin()

    def end(self) -> None:
        """Be left: placing ends too."""
        self.points.end()
        super().end()

    def _on_next(self) -> None:
        """Give the points that have no part yet to this part; those that follow get the next one's name."""
        from slicer.i18n import tr as _

        node = self.points.chooser.currentNode()
        describe_points(node, self._part or "Part 1")
        parts = set(descriptions_from_node(node))
        if parts:
            number = len(parts) + 1
            while f"Part {number}" in parts:
                number += 1
            self._part = f"Part {number}"
            self.work.say(_("Points placed now belong to {name}.").format(name=self._part))
        self.points.place()

    def _on_points(self) -> None:
        """Follow the points; those that are placed belong to the part that is being placed."""
        node = self.points.chooser.currentNode()
        if node is not self._list:
            self._list = node
            self._part = next(filter(None, reversed(descriptions_from_node(node))), "")
        elif self._part:
            describe_points(node, self._part)
        self._on_parameters()

    def _hints(self) -> Hints:
        """Return the points and the bones in the segmentation's own frame, as the volume is."""
        node = self._effect.parameterSetNode().GetSegmentationNode()
        points = self.points.points_in(node)
        if len(points) < 2:
            raise FluoroPrintError("Place at least two points, one in each part, before the split.")
        parts = descriptions_from_node(self.points.chooser.currentNode())
        return Hints(points, self._bones(node), seed_parts=parts)

    def _bones(self, node: Any) -> Segmentation:
        """Return the selected segment with the parts that were split off it before."""
        segment_id = self._target()[1]
        name = node.GetSegmentation().GetSegment(segment_id).GetName()
        labelmap = mask_of_segments(node, [segment_id, *made_segments(node, self._maker()).values()])
        if not labelmap.array_kji.any():
            raise FluoroPrintError("The selected segment is empty: segment the bones first, then split them.")
        return Segmentation(labelmap, (Segment(name, 1, (1.0, 1.0, 1.0)),))

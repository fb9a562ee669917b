"""What the effect "Joint split" shows and does beside the options of every method: points."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from ..errors import FluoroPrintError
from ..mrml.nodes import node_to_world
from ..mrml.points import describe_points, descriptions_from_node, points_from_node
from ..mrml.segmentations import made_segments, mask_of_segments
from ..segmentation.methods import Hints
from ..segmentation.segments import Segment, Segmentation
from .forms import node_chooser
from .method_options import MethodOptions

POINTS = "vtkMRMLMarkupsFiducialNode"
POINT_EVENTS = ("PointPositionDefinedEvent", "PointPositionUndefinedEvent", "PointEndInteractionEvent")


class SplitOptions(MethodOptions):
    """The options of one editor's effect "Joint split": the selected segment is split at a list of points."""

    def __init__(self, effect: Any) -> None:
        self._points: Any = None
        self._part = ""
        super().__init__(effect, "joint-split")

    def _add_choosers(self) -> None:
        import qt
        from slicer.i18n import tr as _

        self.pointsChooser = node_chooser(None, POINTS)
        self.pointsChooser.noneEnabled = True
        self.pointsChooser.toolTip = _(
            "A list of points: one in each bone, or several whose description names the part."
        )
        self.pointsChooser.connect("currentNodeChanged(vtkMRMLNode*)", self._on_points)
        self.placeButton = qt.QPushButton(_("Place points"))
        self.placeButton.toolTip = _("Click a point into each bone; press the right button to end.")
        self.placeButton.connect("clicked()", self._on_place)
        self.nextButton = qt.QPushButton(_("Next part"))
        self.nextButton.toolTip = _(
            "The points up to here belong together, those placed from now on to the next part. "
            "Where this is never pressed, each point is a part."
        )
        self.nextButton.connect("clicked()", self._on_next)
        row = qt.QHBoxLayout()
        row.addWidget(self.pointsChooser)
        row.addWidget(self.placeButton)
        row.addWidget(self.nextButton)
        self._effect.addOptionsWidget(row)

    def begin(self) -> None:
        """Be shown: offer the point lists too."""
        super().begin()
        self.pointsChooser.setMRMLScene(slicer.mrmlScene)

    def end(self) -> None:
        """Be left: placing ends too."""
        self._stop_placing()
        super().end()
        self._points = None
        self.pointsChooser.setMRMLScene(None)

    def _on_place(self) -> None:
        """Let each click in a view add a point, to a new list where none is chosen."""
        if self.pointsChooser.currentNode() is None:
            name = slicer.mrmlScene.GenerateUniqueName("Parts")
            self.pointsChooser.setCurrentNode(slicer.mrmlScene.AddNewNodeByClass(POINTS, name))
        logic = slicer.modules.markups.logic()
        logic.SetActiveList(self.pointsChooser.currentNode())
        logic.StartPlaceMode(True)

    def _stop_placing(self) -> None:
        interaction = slicer.mrmlScene.GetNodeByID("vtkMRMLInteractionNodeSingleton")
        if interaction is not None and interaction.GetCurrentInteractionMode() == interaction.Place:
            interaction.SwitchToViewTransformMode()

    def _on_next(self) -> None:
        """Give the points that have no part yet to this part; those that follow get the next one's name."""
        from slicer.i18n import tr as _

        node = self.pointsChooser.currentNode()
        describe_points(node, self._part or "Part 1")
        parts = set(descriptions_from_node(node))
        if parts:
            number = len(parts) + 1
            while f"Part {number}" in parts:
                number += 1
            self._part = f"Part {number}"
            self.work.say(_("Points placed now belong to {name}.").format(name=self._part))
        self._on_place()

    def _on_points(self, node: Any) -> None:
        for event in POINT_EVENTS:
            if self._points is not None:
                self.removeObserver(self._points, getattr(self._points, event), self._on_point)
            if node is not None:
                self.addObserver(node, getattr(node, event), self._on_point)
        self._points = node
        self._part = next(filter(None, reversed(descriptions_from_node(node))), "")
        self._on_parameters()

    def _on_point(self, node: Any, _event: str) -> None:
        if self._part:
            describe_points(node, self._part)
        self._on_parameters()

    def _hints(self) -> Hints:
        """Return the points and the bones in the segmentation's own frame, as the volume is."""
        chosen = self.pointsChooser.currentNode()
        points, parts = points_from_node(chosen), descriptions_from_node(chosen)
        if len(points) < 2:
            raise FluoroPrintError("Place at least two points, one in each part, before the split.")
        node = self._effect.parameterSetNode().GetSegmentationNode()
        to_own = np.linalg.inv(node_to_world(node))
        return Hints(points @ to_own[:3, :3].T + to_own[:3, 3], self._bones(node), seed_parts=parts)

    def _bones(self, node: Any) -> Segmentation:
        """Return the selected segment with the parts that were split off it before."""
        segment_id = self._target()[1]
        name = node.GetSegmentation().GetSegment(segment_id).GetName()
        labelmap = mask_of_segments(node, [segment_id, *made_segments(node, self._maker()).values()])
        if not labelmap.array_kji.any():
            raise FluoroPrintError("The selected segment is empty: segment the bones first, then split them.")
        return Segmentation(labelmap, (Segment(name, 1, (1.0, 1.0, 1.0)),))

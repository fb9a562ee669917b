"""What the effect "Joint split" shows and does beside the options of every method: points."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from ..errors import FluoroPrintError
from ..mrml.nodes import node_to_world
from ..mrml.oriented_images import volume_from_image
from ..mrml.points import points_from_node
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
        super().__init__(effect, "joint-split")

    def _add_choosers(self) -> None:
        import qt
        from slicer.i18n import tr as _

        self.pointsChooser = node_chooser(None, POINTS)
        self.pointsChooser.noneEnabled = True
        self.pointsChooser.toolTip = _("A list of points: one in each bone, in the order of the parts.")
        self.pointsChooser.connect("currentNodeChanged(vtkMRMLNode*)", self._on_points)
        self.placeButton = qt.QPushButton(_("Place points"))
        self.placeButton.toolTip = _("Click a point into each bone; press the right button to end.")
        self.placeButton.connect("clicked()", self._on_place)
        row = qt.QHBoxLayout()
        row.addWidget(self.pointsChooser)
        row.addWidget(self.placeButton)
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

    def _on_points(self, node: Any) -> None:
        for event in POINT_EVENTS:
            if self._points is not None:
                self.removeObserver(self._points, getattr(self._points, event), self._on_parameters)
            if node is not None:
                self.addObserver(node, getattr(node, event), self._on_parameters)
        self._points = node
        self._on_parameters()

    def _hints(self) -> Hints:
        """Return the points and the selected segment in the segmentation's own frame, as the volume is."""
        points = points_from_node(self.pointsChooser.currentNode())
        if len(points) < 2:
            raise FluoroPrintError("Place at least two points, one in each part, before the split.")
        node = self._effect.parameterSetNode().GetSegmentationNode()
        to_own = np.linalg.inv(node_to_world(node))
        return Hints(points @ to_own[:3, :3].T + to_own[:3, 3], self._selected(node))

    def _selected(self, node: Any) -> Segmentation:
        image, segment_id = slicer.vtkOrientedImageData(), self._target()[1]
        node.GetBinaryLabelmapRepresentation(segment_id, image)
        name = node.GetSegmentation().GetSegment(segment_id).GetName()
        if image.IsEmpty() or not (labelmap := volume_from_image(image, name)).array_kji.any():
            raise FluoroPrintError("The selected segment is empty: segment the bones first, then split them.")
        return Segmentation(labelmap, (Segment(name, 1, (1.0, 1.0, 1.0)),))

"""A chooser of points, or of other markups, with a button to place them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from slicer.util import VTKObservationMixin

from ..arrays import Float64Array
from ..mrml.nodes import Node, in_node
from ..mrml.points import points_from_node
from ..mrml.shape_places import POINTS
from .offers import button
from .rows import NAME_PROPERTY

POINT_EVENTS = ("PointPositionDefinedEvent", "PointPositionUndefinedEvent", "PointEndInteractionEvent")


class PointChooser(VTKObservationMixin):  # type: ignore[misc]
    """A row with a chooser of markups and a button that lets clicks in views add points to them.

    Parameters
    ----------
    list_name : what a new list is called
    tip : what the points are for
    place_tip : what to click, for the button
    changed : called when another list is chosen, or points of it are set, moved or taken away
    kinds : classes of markups to offer; a new list is of the first
    words : on the button
    begun : given the markups before points are placed

    Attributes
    ----------
    row : QHBoxLayout for a form
    """

    def __init__(
        self,
        list_name: str,
        tip: str,
        place_tip: str,
        changed: Callable[[], None],
        kinds: tuple[str, ...] = (POINTS,),
        words: str = "",
        begun: Callable[[Node], None] | None = None,
    ) -> None:
        import qt
        from slicer.i18n import tr as _

        super().__init__()
        self._list_name, self._changed = list_name, changed
        self._points: Node = None
        self._kinds, self._begun = kinds, begun
        self.chooser = _list_chooser(kinds)
        self.chooser.toolTip = tip
        self.chooser.connect("currentNodeChanged(vtkMRMLNode*)", self._on_points)
        self.placeButton = button(words or _("Place points"), place_tip, self.place)
        self.row = qt.QHBoxLayout()
        self.row.addWidget(self.chooser)
        self.row.addWidget(self.placeButton)

    def begin(self) -> None:
        """Be shown: offer the point lists of the scene."""
        self.chooser.setMRMLScene(slicer.mrmlScene)

    def end(self) -> None:
        """Be left: placing ends too, and no list is followed."""
        self._stop_placing()
        self.removeObservers()
        self._points = None
        self.chooser.setMRMLScene(None)

    def points_in(self, node: Node) -> Float64Array:
        """Return the points in the own frame of a node, (N, 3); none where no list is chosen.

        Parameters
        ----------
        node : vtkMRMLTransformableNode, as the segmentation that is edited
        """
        return in_node(points_from_node(self.chooser.currentNode()), node)

    def place(self) -> None:
        """Let each click in a view add a point, to a new list where none is chosen; a plane once."""
        if self.chooser.currentNode() is None:
            name = slicer.mrmlScene.GenerateUniqueName(self._list_name)
            self.chooser.setCurrentNode(slicer.mrmlScene.AddNewNodeByClass(self._kinds[0], name))
        if self._begun is not None:
            self._begun(self.chooser.currentNode())
        logic = slicer.modules.markups.logic()
        logic.SetActiveList(self.chooser.currentNode())
        logic.StartPlaceMode(bool(self.chooser.currentNode().IsA(POINTS)))

    def _stop_placing(self) -> None:
        interaction = slicer.mrmlScene.GetNodeByID("vtkMRMLInteractionNodeSingleton")
        if interaction is not None and interaction.GetCurrentInteractionMode() == interaction.Place:
            interaction.SwitchToViewTransformMode()

    def _on_points(self, node: Node) -> None:
        self.removeObservers()
        self._points = node
        for event in POINT_EVENTS if node is not None else ():
            self.addObserver(node, getattr(node, event), self._on_moved)
        self._changed()

    def _on_moved(self, _node: Node, _event: str) -> None:
        self._changed()


def add_point_row(form: Any, chooser: PointChooser, name: str, label: str) -> Any:
    """Add a chooser to a QFormLayout, bound to the choice `name` of its panel; return the row's QWidget."""
    import qt

    chooser.chooser.objectName = f"{name}Chooser"
    chooser.chooser.setProperty(NAME_PROPERTY, name)
    chooser.placeButton.objectName = f"{name}PlaceButton"
    chooser.row.setContentsMargins(0, 0, 0, 0)
    row = qt.QWidget()
    row.setLayout(chooser.row)
    form.addRow(label, row)
    chooser.begin()
    return row


def _list_chooser(kinds: tuple[str, ...]) -> Any:
    """Return a qMRMLNodeComboBox that offers a scene's markups, or none, and makes none itself."""
    chooser = slicer.qMRMLNodeComboBox()
    chooser.nodeTypes = list(kinds)
    chooser.addEnabled = False
    chooser.removeEnabled = False
    chooser.noneEnabled = True
    return chooser

"""What Slicer's MRML widgets do on a real scene, as far as Slicer's own source says it."""

import weakref

import slicer
import vtk
from PySide6 import QtWidgets

from .generated import behaviour
from .listing import NotInStandIn


class SceneWatch:
    """Observes a scene for a widget, and ends with the widget."""

    NODE_EVENTS = ("NodeAddedEvent", "NodeAboutToBeRemovedEvent", "NodeRemovedEvent")
    SCENE_EVENTS = ("EndCloseEvent", "EndImportEvent")  # these come without a node

    def __init__(self, widget, changed):
        self._changed = weakref.WeakMethod(changed)
        self.scene = None
        self._tags = []
        widget.destroyed.connect(self.release)

    def watch(self, scene):
        """Observe another scene, or none."""
        self.release()
        self.scene = scene
        if scene is not None:
            calls = dict.fromkeys(self.NODE_EVENTS, self._call) | dict.fromkeys(
                self.SCENE_EVENTS, self._call_without_node
            )
            self._tags = [
                scene.AddObserver(getattr(slicer.vtkMRMLScene, name), call) for name, call in calls.items()
            ]

    def release(self, *_widget):
        """End all observations."""
        for tag in self._tags:
            self.scene.RemoveObserver(tag)
        self._tags = []

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _call(self, _scene, event, node):
        self._changed()(event, node)

    def _call_without_node(self, _scene, event):
        self._changed()(event, None)


@behaviour
class qMRMLWidget:
    """A widget that knows the scene and tells its children."""

    def build(self):
        """No scene at first."""
        self.scene = None

    def mrmlScene(self):
        """Return the scene."""
        return self.scene

    def setMRMLScene(self, scene):
        """Take a scene and tell it, where it is another one."""
        if scene is not self.scene:
            self.scene = scene
            self.send("mrmlSceneChanged(vtkMRMLScene*)", scene)


@behaviour
class qSlicerWidget:
    """As qMRMLWidget, of the application's own library."""

    build = qMRMLWidget.build
    mrmlScene = qMRMLWidget.mrmlScene

    def setMRMLScene(self, scene):
        """Take a scene and tell it, where it is another one."""
        if scene is not self.scene:
            self.scene = scene
            self.send("mrmlSceneChanged(vtkMRMLScene*)", scene)


@behaviour
class qMRMLNodeComboBox:
    """Offers the nodes of some classes; the first becomes current where none is no choice."""

    defaults = {
        "noneEnabled": False,
        "addEnabled": True,
        "removeEnabled": True,
        "editEnabled": False,
        "renameEnabled": False,
        "selectNodeUponCreation": True,
        "noneDisplay": "None",
        "showHidden": False,
        "showChildNodeTypes": True,
        "nodeTypes": [],
        "hideChildNodeTypes": [],
        "baseName": "",
    }
    REBUILD = (
        "noneEnabled",
        "noneDisplay",
        "showHidden",
        "showChildNodeTypes",
        "nodeTypes",
        "hideChildNodeTypes",
    )

    def build(self):
        """Lay out the box."""
        self.combo_box = QtWidgets.QComboBox(self)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.combo_box)
        self.nodes, self.current, self.labels, self.attributes = [], None, {}, []
        self.requested = ""
        self.watch = SceneWatch(self, self.scene_changed)
        self.combo_box.activated.connect(self._activated)
        self.setEnabled(False)

    def __getattr__(self, name):
        """Give each property that changes the list its writer."""
        prefix, _, told = name.partition("write_")
        if prefix == "" and told in type(self).REBUILD:
            return lambda value: self._keep_and_fill(told, value)
        raise AttributeError(name)

    def _keep_and_fill(self, name, value):
        self.kept[name] = [v for v in value if v] if isinstance(value, list | tuple) else value
        self.fill()

    def mrmlScene(self):
        """Return the scene."""
        return self.watch.scene

    def setMRMLScene(self, scene):
        """Offer a scene's nodes."""
        if scene is not self.watch.scene:
            self.watch.watch(scene)
            self.setEnabled(scene is not None)
            self.fill()
            if scene is not None and self.requested:
                self.setCurrentNodeID(self.requested)
                self.requested = ""

    def scene_changed(self, event, node):
        """Follow the scene."""
        if event == "NodeAboutToBeRemovedEvent":
            if node in self.nodes:
                self.send("nodeAboutToBeRemoved(vtkMRMLNode*)", node)
            return
        before = list(self.nodes)
        self.fill()
        if event == "NodeAddedEvent" and node in self.nodes and node not in before:
            self.send("nodeAdded(vtkMRMLNode*)", node)

    def fill(self):
        """List the nodes anew; keep the current one, or choose where none is no choice."""
        self.nodes = [node for node in _nodes_of(self.watch.scene) if self._offers(node)]
        current = self.current if self.current in self.nodes else None
        if current is None and not self.kept["noneEnabled"] and self.nodes:
            current = self.nodes[-1 if self.current is not None else 0]
        self._show(current)

    def _offers(self, node):
        kinds = self.kept["nodeTypes"]
        if node.GetHideFromEditors() and not self.kept["showHidden"]:
            return False
        if any(node.IsA(kind) for kind in self.kept["hideChildNodeTypes"] if kind not in kinds):
            return False
        matches = node.IsA if self.kept["showChildNodeTypes"] else (lambda kind: node.GetClassName() == kind)
        wanted = all(_has_attribute(node, *attribute) for attribute in self.attributes)
        return any(matches(kind) for kind in kinds) and wanted

    def _show(self, node):
        changed = node is not self.current
        self.current = node
        none = [self.kept["noneDisplay"]] if self.kept["noneEnabled"] else []
        self.combo_box.clear()
        self.combo_box.addItems(none + [n.GetName() or "" for n in self.nodes])
        place = self.nodes.index(node) + len(none) if node else len(none) - 1
        self.combo_box.setCurrentIndex(place)
        if changed:
            self.send("currentNodeChanged(vtkMRMLNode*)", node)
            self.send("currentNodeChanged(bool)", node is not None)
            self.send("currentNodeIDChanged(QString)", node.GetID() if node else "")

    def _activated(self, index):
        place = index - bool(self.kept["noneEnabled"])
        node = self.nodes[place] if place >= 0 else None
        self._show(node)
        self.send("nodeActivated(vtkMRMLNode*)", node)

    def currentNode(self):
        """Return the current node, None where there is none."""
        return self.current

    def read_currentNodeID(self):
        """Return the current node's ID, empty where there is none."""
        return self.current.GetID() if self.current else ""

    read_currentNodeId = read_currentNodeID

    def setCurrentNodeID(self, node_id):
        """Choose by ID, at once or when the scene is there; an ID that is not offered chooses none."""
        if self.watch.scene is None:
            self.requested = node_id
            return
        self._show(next((node for node in self.nodes if node.GetID() == node_id), None))

    write_currentNodeID = write_currentNodeId = setCurrentNodeID

    def setCurrentNode(self, node):
        """Choose a node or an ID; one that is not offered chooses none."""
        self.setCurrentNodeID(node if isinstance(node, str) else node.GetID() if node else "")

    def setCurrentNodeIndex(self, index):
        """Choose by place among the offered nodes."""
        self._show(self.nodes[index] if 0 <= index < len(self.nodes) else None)

    def nodeCount(self):
        """Return how many nodes are offered."""
        return len(self.nodes)

    def nodeFromIndex(self, index):
        """Return the node at a place, None outside."""
        return self.nodes[index] if 0 <= index < len(self.nodes) else None

    def addAttribute(self, kind, name, value=None):
        """Offer nodes of a class only with an attribute."""
        self.attributes.append((kind, name, value))
        self.fill()

    def removeAttribute(self, kind, name):
        """Undo addAttribute."""
        self.attributes = [a for a in self.attributes if a[:2] != (kind, name)]
        self.fill()

    def setNodeTypeLabel(self, label, kind):
        """Name a class for the user."""
        self.labels[kind] = label

    def nodeTypeLabel(self, kind):
        """Return the name of a class for the user."""
        if kind not in self.labels:
            raise NotInStandIn(f"qMRMLNodeComboBox: the label of {kind} before it is set")
        return self.labels[kind]

    def addNode(self, kind=None):
        """Make a node, as "Create new" does."""
        kinds = self.kept["nodeTypes"]
        kind = kind or (kinds[0] if kinds else None)
        if kind not in kinds:
            return None
        node = self.watch.scene.AddNewNodeByClass(
            kind, *[self.kept["baseName"]] * bool(self.kept["baseName"])
        )
        if self.kept["selectNodeUponCreation"]:
            self.setCurrentNode(node)
        self.send("nodeAddedByUser(vtkMRMLNode*)", node)
        return node

    def removeCurrentNode(self):
        """Remove the current node from the scene."""
        self.watch.scene.RemoveNode(self.current)


def _nodes_of(scene):
    if scene is None:
        return []
    return [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]


def _has_attribute(node, kind, name, value):
    if not node.IsA(kind):
        return True
    found = node.GetAttribute(name)
    return found is not None if value is None else found == str(value)


@behaviour
class qMRMLSliderWidget:
    """A ctkSliderWidget that follows the scene's unit; without one it is plain."""

    defaults = {"quantity": ""}

    def setMRMLScene(self, scene):
        """Take the scene that holds the units."""
        self.scene = scene
        _refuse_units(self)

    def write_quantity(self, quantity):
        """Take a quantity, as length."""
        self.kept["quantity"] = quantity
        _refuse_units(self)

    setQuantity = write_quantity

    def mrmlScene(self):
        """Return the scene."""
        return getattr(self, "scene", None)


@behaviour
class qMRMLSpinBox(qMRMLSliderWidget):
    """A ctkDoubleSpinBox that follows the scene's unit; without one it is plain."""


def _refuse_units(widget):
    """Refuse a quantity whose unit the scene tells: what the widget then takes over is not known here."""
    scene, quantity = widget.mrmlScene(), widget.kept["quantity"]
    selection = scene.GetNodeByID("vtkMRMLSelectionNodeSingleton") if scene and quantity else None
    if selection and selection.GetUnitNode(quantity):
        raise NotInStandIn(f"{widget.listed_name}: units of {quantity} from the scene")

"""Slicer's widgets and effects for segments, on the real scene and the real segment editor logic."""

import importlib.util
import sys
from pathlib import Path

import slicer
from PySide6 import QtWidgets

from .answers import asked
from .facade import wrap
from .generated import behaviour, enum_of, real_class
from .listing import NotInStandIn


@behaviour
class qMRMLSegmentSelectorWidget:
    """A chooser of a segmentation with one of its segments."""

    defaults = {
        "noneEnabled": False,
        "multiSelection": False,
        "segmentationNodeSelectorVisible": True,
        "selectNodeUponCreation": True,
        "editEnabled": False,
        "horizontalLayout": False,
    }

    def build(self):
        """Lay out the two boxes."""
        super().build()
        self.node_box = real_class("qMRMLNodeComboBox")(self)
        self.node_box.kept.update(addEnabled=False, removeEnabled=False)
        self.node_box.write_nodeTypes(["vtkMRMLSegmentationNode"])
        self.segment_box = QtWidgets.QComboBox(self)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.node_box)
        layout.addWidget(self.segment_box)
        self.ids = []
        self.shown_node = None
        self.node_box.combo_box.currentIndexChanged.connect(self._follow)
        self.segment_box.currentIndexChanged.connect(lambda _index: self._tell_segment())

    def setMRMLScene(self, scene):
        """Offer a scene's segmentations."""
        super().setMRMLScene(scene)
        self.node_box.setMRMLScene(scene)
        self._follow()

    def write_noneEnabled(self, enabled):
        """Offer none, or not."""
        self.kept["noneEnabled"] = enabled
        self.node_box.write_noneEnabled(enabled)

    def write_multiSelection(self, many):
        """Refuse several segments at once: what Slicer then shows is not known here."""
        if many:
            raise NotInStandIn("qMRMLSegmentSelectorWidget.multiSelection")

    def write_segmentationNodeSelectorVisible(self, visible):
        """Show the chooser of the segmentation, or the segments alone."""
        self.kept["segmentationNodeSelectorVisible"] = visible
        self.node_box.setVisible(visible)

    def _follow(self, *_index):
        node = self.node_box.currentNode()
        if node is self.shown_node:
            return
        self.shown_node = node
        segmentation = node.GetSegmentation() if node else None
        self.ids = list(segmentation.GetSegmentIDs()) if segmentation else []
        self.segment_box.clear()
        self.segment_box.addItems([segmentation.GetSegment(i).GetName() for i in self.ids])
        self.send("currentNodeChanged(vtkMRMLNode*)", node)
        self.send("currentNodeChanged(bool)", node is not None)

    def _tell_segment(self):
        self.send("currentSegmentChanged(QString)", self.currentSegmentID())

    def currentNode(self):
        """Return the segmentation."""
        return self.node_box.currentNode()

    def currentNodeID(self):
        """Return the segmentation's ID."""
        return self.node_box.read_currentNodeID()

    def setCurrentNode(self, node):
        """Choose a segmentation."""
        self.node_box.setCurrentNode(node)
        self._follow()

    def setCurrentNodeID(self, node_id):
        """Choose a segmentation by ID."""
        self.node_box.setCurrentNodeID(node_id)
        self._follow()

    def currentSegmentID(self):
        """Return the segment's ID, empty where there is none."""
        index = self.segment_box.currentIndex()
        return self.ids[index] if 0 <= index < len(self.ids) else ""

    def setCurrentSegmentID(self, segment_id):
        """Choose a segment by ID."""
        self.segment_box.setCurrentIndex(self.ids.index(segment_id) if segment_id in self.ids else -1)

    def segmentIDs(self):
        """Return the IDs of the segmentation's segments."""
        return list(self.ids)


@behaviour
class qSlicerSegmentEditorAbstractEffect:
    """What an effect asks of the editor: options, the source volume, the selected segment, undo."""

    defaults = {
        "perSegment": True,
        "requireSegments": True,
        "showEffectCursorInSliceView": True,
        "showEffectCursorInThreeDView": False,
    }

    def build(self):
        """An empty frame for options; the editor's logic comes with `edits`."""
        self.logic = None
        self.is_active = False
        self.frame = QtWidgets.QFrame()
        self.form = QtWidgets.QFormLayout(self.frame)
        self.form.setContentsMargins(4, 4, 4, 4)
        self.form.setSpacing(4)

    def activate(self):
        """Show the options."""
        self.frame.setVisible(True)
        self.is_active = True
        self.updateGUIFromMRML()

    def deactivate(self):
        """Hide the options."""
        self.frame.setVisible(False)
        self.is_active = False

    def active(self):
        """Say whether the effect is the one chosen in its editor."""
        return self.is_active

    def edits(self, logic):
        """Let the effect work on what a vtkSlicerSegmentEditorLogic has chosen."""
        self.logic = logic

    def _logic(self):
        if self.logic is None:
            raise NotInStandIn("the effect is in no editor yet")
        return self.logic

    def optionsFrame(self):
        """Return the frame of the options."""
        return self.frame

    def optionsLayout(self):
        """Return the layout of the options."""
        return self.form

    def addOptionsWidget(self, widget):
        """Add a row that spans the form."""
        self.form.addRow(widget)

    def addLabeledOptionsWidget(self, label, widget):
        """Add a row with a label; return the label."""
        text = QtWidgets.QLabel(label)
        self.form.addRow(text, widget)
        return text

    def addActor2D(self, view, actor):
        """Draw something over a view."""
        view.renderer.AddViewProp(actor)
        self.scheduleRender(view)

    def removeActor2D(self, view, actor):
        """Draw it no longer; one that is not there would be ignored by VTK, and fails here."""
        if not view.renderer.HasViewProp(actor):
            raise ValueError("the actor is not in this view")
        view.renderer.RemoveViewProp(actor)
        self.scheduleRender(view)

    def scheduleRender(self, view):
        """Let the view render soon."""
        view.renders += 1

    def parameterSetNode(self):
        """Return the editor's parameter node."""
        return self._logic().GetSegmentEditorNode()

    def scene(self):
        """Return the scene."""
        return self._logic().GetMRMLScene()

    def sourceVolumeImageData(self):
        """Return the source volume on the segmentation's grid."""
        logic = self._logic()
        if not logic.UpdateReferenceGeometryImage() or not logic.UpdateAlignedSourceVolume():
            return None
        return logic.GetAlignedSourceVolume()

    def selectedSegmentLabelmap(self):
        """Return the selected segment as a labelmap."""
        self._logic().UpdateSelectedSegmentLabelmap()
        return self.logic.GetSelectedSegmentLabelmap()

    def maskLabelmap(self):
        """Return where editing is masked."""
        self._logic().UpdateMaskLabelmap()
        return self.logic.GetMaskLabelmap()

    def defaultModifierLabelmap(self):
        """Return an empty labelmap on the segmentation's grid."""
        self._logic().UpdateReferenceGeometryImage()
        self.logic.ResetModifierLabelmapToDefault()
        return self.logic.GetModifierLabelmap()

    def confirmCurrentSegmentVisible(self):
        """Say that the segment is visible; for a hidden one Slicer asks the user, and so the test."""
        if self._logic().IsSelectedSegmentVisible():
            return _enum("ConfirmationResult", "ConfirmedWithoutDialog")
        confirmed = asked("qSlicerSegmentEditorAbstractEffect.confirmCurrentSegmentVisible")
        return _enum("ConfirmationResult", "ConfirmedWithDialog" if confirmed else "NotConfirmed")

    def saveStateForUndo(self):
        """Let the user take back what follows."""
        self._logic().SaveStateForUndo()

    def modifySelectedSegmentByLabelmap(self, labelmap, mode, *more):
        """Write a labelmap into the selected segment."""
        if more:
            raise NotInStandIn("modifySelectedSegmentByLabelmap with an extent")
        logic = self._logic()
        self.modifySegmentByLabelmap(logic.GetSegmentationNode(), logic.GetCurrentSegmentID(), labelmap, mode)

    def modifySegmentByLabelmap(self, node, segment_id, labelmap, mode, *more):
        """Write a labelmap into a segment."""
        if more:
            raise NotInStandIn("modifySegmentByLabelmap with an extent")
        number = getattr(slicer.vtkSlicerSegmentEditorLogic, mode.name)
        everywhere = [0, -1, 0, -1, 0, -1]
        self._logic().ModifySegmentByLabelmap(
            node, segment_id, labelmap, number, everywhere, self.kept["perSegment"], False
        )

    def parameter(self, name):
        """Return a parameter of this effect as text."""
        return self.parameterSetNode().GetAttribute(self._key(name)) or ""

    def integerParameter(self, name):
        """Return a parameter as a whole number."""
        return int(float(self.parameter(name) or 0))

    def doubleParameter(self, name):
        """Return a parameter as a number."""
        return float(self.parameter(name) or 0.0)

    def setParameter(self, name, value):
        """Keep a parameter in the editor's node."""
        self.parameterSetNode().SetAttribute(self._key(name), str(value))

    def setParameterDefault(self, name, value):
        """Keep a parameter where there is none yet."""
        if not self.parameterDefined(name):
            self.setParameter(name, value)

    def parameterDefined(self, name):
        """Say whether the parameter is set."""
        return self.parameterSetNode().GetAttribute(self._key(name)) is not None

    def _key(self, name):
        return f"{self.kept['name']}.{name}"


def _enum(group, name):
    return enum_of("qSlicerSegmentEditorAbstractEffect", group)[name]


@behaviour
class qSlicerSegmentEditorScriptedEffect:
    """An effect whose Python side is a file; the class is named as the file, as Slicer looks for it."""

    def build(self):
        """No source yet."""
        super().build()
        self.source, self.instance = "", None

    def pythonSource(self):
        """Return the path of the file."""
        return self.source

    def setPythonSource(self, path):
        """Make the Python side: class named as the file, in the module named as its folder.

        As in Slicer: where that module does not yet have the class, the file becomes the module.
        """
        file = Path(path)
        if not file.is_file() or file.suffix != ".py" or "\\" in path:
            raise FileNotFoundError(f"no effect in {path}")
        folder = file.parent.name
        name = file.stem if file.stem.endswith("Effect") else f"{file.stem}Effect"
        if not hasattr(sys.modules.get(folder), name):
            _load_as(folder, file)
        self.source = path
        self.instance = getattr(sys.modules[folder], name)(wrap(self))
        return True

    def self(self):
        """Return the Python side."""
        return self.instance

    def script(self, name):
        """Call a method of the Python side; one that it leaves out is none."""
        method = getattr(self.instance, name, None)
        return method() if method else None

    def activate(self):
        """Show the options, then tell the script."""
        super().activate()
        self.script("activate")

    def deactivate(self):
        """Hide the options, then tell the script."""
        super().deactivate()
        self.script("deactivate")

    def updateGUIFromMRML(self):
        """Let the script show the parameters of the editor's node."""
        self.script("updateGUIFromMRML")

    def cleanup(self):
        """Let the script go."""
        self.script("cleanup")


def _load_as(name, file):
    spec = importlib.util.spec_from_file_location(name, file)
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])


REGISTERED = {}


@behaviour
class qSlicerSegmentEditorEffectFactory:
    """Keeps the registered effects by name."""

    the_one = None

    @classmethod
    def instance(cls):
        """Return the only one."""
        cls.the_one = cls.the_one or cls()
        return cls.the_one

    def registerEffect(self, effect):
        """Keep an effect; a name is taken once."""
        if effect.kept["name"] in REGISTERED:
            return False
        REGISTERED[effect.kept["name"]] = effect
        self.send("effectRegistered(QString)", effect.kept["name"])
        return True

    def registeredEffects(self):
        """Return all effects."""
        return list(REGISTERED.values())

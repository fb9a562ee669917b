"""The Segment Editor's widget as its effects know it: whom it tells what, and when."""

import slicer
from PySide6 import QtWidgets

from .facade import wrap
from .generated import behaviour
from .segment_widgets import REGISTERED

OPEN = []


@behaviour
class qMRMLSegmentEditorWidget:
    """The editor's choices and its own copy of each effect; the table of segments and menus are not here."""

    def build(self):
        """Take up the effects that are registered."""
        super().build()
        self.editor_logic = slicer.vtkSlicerSegmentEditorLogic()
        self.node = self.active_effect = self.told_source = None
        self.effects, self.observed = {}, []
        QtWidgets.QVBoxLayout(self).setContentsMargins(4, 4, 4, 4)
        OPEN.append(self)
        self.updateEffectList()

    def updateEffectList(self):
        """Copy the effects that came since, each with its options hidden."""
        for name, registered in REGISTERED.items():
            if name not in self.effects:
                effect = self.effects[name] = registered.self().clone().real
                effect.edits(self.editor_logic)
                if self.node is not None:
                    effect.script("setMRMLDefaults")
                effect.script("setupOptionsFrame")
                effect.frame.setVisible(False)
                self.layout().addWidget(effect.frame)

    def setMRMLScene(self, scene):
        """Edit in a scene."""
        super().setMRMLScene(scene)
        self.editor_logic.SetMRMLScene(scene)
        self._observe(scene, scene.EndCloseEvent, self._on_scene_closed)
        self.updateWidgetFromMRML()

    def setMRMLSegmentEditorNode(self, node):
        """Keep the editor's choices in a node, and follow it."""
        self.node = node
        self.editor_logic.SetSegmentEditorNode(node)
        self._observe(node, "ModifiedEvent", lambda *_: self.updateWidgetFromMRML())
        self._observe(node, node.EffectParameterModified, lambda *_: self._tell("updateGUIFromMRML"))
        self._tell("setMRMLDefaults")
        self.updateWidgetFromMRML()

    def setSegmentationNode(self, node):
        """Edit another segmentation: no effect is active then."""
        if node is not self.editor_logic.GetSegmentationNode():
            self.editor_logic.SetSegmentationNode(node)
            self.setActiveEffect(None)

    def setSourceVolumeNode(self, node):
        """Edit over another volume."""
        self.editor_logic.SetSourceVolumeNode(node)

    def setCurrentSegmentID(self, segment_id):
        """Edit another segment."""
        self.node.SetSelectedSegmentID(segment_id)

    def currentSegmentID(self):
        """Return the ID of the segment that is edited."""
        return self.node.GetSelectedSegmentID() or ""

    def setActiveEffectByName(self, name):
        """Choose an effect; none for an empty name."""
        self.node.SetActiveEffectName(name)

    def setActiveEffect(self, effect):
        """Choose an effect, or none."""
        self.node.SetActiveEffectName(effect.kept["name"] if effect else "")

    def activeEffect(self):
        """Return the effect that is active, None where none is."""
        return wrap(self.active_effect) if self.active_effect else None

    def effectByName(self, name):
        """Return the editor's own copy of an effect, None where it is not registered."""
        self.updateEffectList()
        return wrap(self.effects[name]) if name in self.effects else None

    def undo(self):
        """Take back the last change of a segment."""
        self.editor_logic.Undo()

    def updateWidgetFromMRML(self):
        """Follow the node: tell the effects of another volume, and activate the one that is chosen.

        Slicer 5.12 tells them of no other grid: its referenceGeometryChanged is never called.
        """
        if self.node is None or self.scene is None or self.scene.IsClosing():
            return
        previous = self.node.StartModify()
        self._tell_of_volume()
        chosen = self.effects.get(self.node.GetActiveEffectName() or "")
        left = self.active_effect
        if chosen is not left:
            self.active_effect = chosen
            for effect, change in ((left, "deactivate"), (chosen, "activate")):
                if effect is not None:
                    getattr(effect, change)()
        self.node.EndModify(previous)

    def _tell_of_volume(self):
        if self.node.GetSegmentationNode() is None:
            return
        source = self.node.GetSourceVolumeNode()
        if source is not self.told_source:
            self.told_source = source
            self._tell("sourceVolumeNodeChanged")

    def _on_scene_closed(self, *_):
        self._tell("setMRMLDefaults")
        self.updateWidgetFromMRML()

    def _tell(self, name):
        for effect in self.effects.values():
            effect.script(name)

    def _observe(self, observed, event, call):
        self.observed.append((observed, observed.AddObserver(event, call)))

    def end(self):
        """Do what the widget's end does: let the effects clean up."""
        for observed, tag in self.observed:
            observed.RemoveObserver(tag)
        for effect in self.effects.values():
            effect.cleanup()
        self.observed, self.effects, self.active_effect = [], {}, None
        OPEN.remove(self)

"""Modules as Slicer runs them: the C++ side of a script, its panel, their manager, and the selector."""

import importlib

import slicer
from PySide6 import QtWidgets

from .facade import wrap
from .generated import behaviour, real_class
from .handlers import LOG

OWN_MODULES = (
    "Volumes",
    "Models",
    "Segmentations",
    "SubjectHierarchy",
    "Tables",
    "Texts",
    "Sequences",
    "Transforms",
    "Markups",
)
OWN_SCRIPTS = ("SegmentEditor", "DICOM", "SampleData")
"""Scripted modules of Slicer that can be selected here, but not looked at."""
LOADED = {}


@behaviour
class qSlicerModuleManager:
    """Knows the loaded modules, and tells when one is to be unloaded."""

    def module(self, name):
        """Return a module, None where there is none of that name."""
        return LOADED.get(name)

    def modulesNames(self):
        """Return the names of all modules."""
        return sorted(LOADED)

    def unload(self, name):
        """Do what Slicer does when it ends: let the script clean up, then delete the panel."""
        self.send("moduleAboutToBeUnloaded(QString)", name)
        module = LOADED.pop(name)
        if getattr(module, "panel", None) is not None:
            wrap(module.panel).delete()


@behaviour
class qSlicerLoadableModule:
    """A module of Slicer's own: name and logic."""

    own_logic = None

    def logic(self):
        """Return the module's logic."""
        return self.own_logic

    def mrmlScene(self):
        """Return the scene."""
        return slicer.mrmlScene


@behaviour
class qSlicerScriptedLoadableModule:
    """The C++ side of a scripted module: keeps what the script tells of itself, and makes its panel."""

    defaults = {"hidden": False, "index": -1, "associatedNodeTypes": []}
    panel = None

    def widgetRepresentation(self):
        """Return the panel, made at the first call: set up first, then given the scene."""
        if self.panel is None:
            self.panel = self.createNewWidgetRepresentation()
        return self.panel

    def createNewWidgetRepresentation(self):
        """Return a new panel."""
        return make_panel(self.kept["name"])


def make_panel(name):
    """Return the panel of a module that is imported, as qSlicerAbstractCoreModule makes it."""
    panel = real_class("qSlicerScriptedLoadableModuleWidget")()
    panel.kept["moduleName"] = name
    panel.reload()
    panel.setMRMLScene(slicer.mrmlScene)
    return panel


@behaviour
class qSlicerScriptedLoadableModuleWidget:
    """A panel with a layout that the script fills."""

    defaults = {"isEntered": False}

    def build(self):
        """Lay out nothing yet."""
        super().build()
        QtWidgets.QVBoxLayout(self)
        self.script = None

    def self(self):
        """Return the script's widget object."""
        return self.script

    def reload(self):
        """Make the script's widget object of what is imported by now, and set it up."""
        name = self.kept["moduleName"]
        with LOG.of(name):
            self.script = getattr(importlib.import_module(name), f"{name}Widget")(wrap(self))
            setattr(slicer.modules, f"{name}Widget", self.script)
            self.script.setup()

    def enter(self):
        """Tell the script that its panel is shown."""
        self._pass_on("enter", True)

    def exit(self):
        """Tell the script that its panel is left."""
        self._pass_on("exit", False)

    def _pass_on(self, name, entered):
        self.kept["isEntered"] = entered
        if hasattr(self.script, name):
            getattr(self.script, name)()


@behaviour
class qSlicerModuleSelectorToolBar:
    """Shows one module at a time: leaves one panel and enters the next."""

    defaults = {"selectedModule": ""}

    def selectModule(self, name):
        """Show a module; a name that no module has changes nothing, as in Slicer."""
        if name not in LOADED or name == self.kept["selectedModule"]:
            return
        left, self.kept["selectedModule"] = LOADED.get(self.kept["selectedModule"]), name
        for module, change in ((left, "exit"), (LOADED[name], "enter")):
            if hasattr(module, "widgetRepresentation"):
                getattr(module.widgetRepresentation(), change)()
        self.send("moduleSelected(QString)", name)


def load_own(logic_of):
    """Load Slicer's own modules, each with the logic that `logic_of` gives; return them wrapped."""
    for name in OWN_MODULES:
        logic = logic_of(name)
        if logic is not None:
            LOADED[name] = real_class("qSlicerLoadableModule")()
            LOADED[name].kept["name"], LOADED[name].own_logic = name, logic
    for name in OWN_SCRIPTS:
        LOADED[name] = real_class("qSlicerLoadableModule")()
        LOADED[name].kept["name"] = name
    return {name.lower(): wrap(LOADED[name]) for name in OWN_MODULES if name in LOADED}


def load_script(name, path):
    """Return the C++ side of a module that is imported, its hook class made."""
    real = real_class("qSlicerScriptedLoadableModule")()
    real.kept.update(name=name, path=path)
    LOADED[name] = real
    with LOG.of(name):
        real.hook = getattr(importlib.import_module(name), name)(wrap(real))
    setattr(slicer.modules, f"{name}Instance", real.hook)
    return wrap(real)

"""The application's objects: slicer.app, the main window, and the C++ side of modules with their manager."""

import tempfile

import slicer
from PySide6 import QtWidgets

from .facade import wrap
from .generated import behaviour, real_class
from .segment_widgets import REGISTERED

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


@behaviour
class qSlicerApplication:
    """The one application: scene, temporary folder, modules' manager; of the rest nothing is known."""

    def build(self):
        """Start with nothing open."""
        self.setApplicationName("Slicer")
        self.manager = real_class("qSlicerModuleManager")()
        self.folder = None
        self.kept["mainApplicationName"] = "Slicer"

    @staticmethod
    def testingEnabled():
        """Say that messages are shown, as outside Slicer's own tests."""
        return False

    def mrmlScene(self):
        """Return the scene."""
        return slicer.mrmlScene

    def moduleManager(self):
        """Return the modules' manager."""
        return self.manager

    def read_temporaryPath(self):
        """Return a folder of the test's own."""
        self.folder = self.folder or tempfile.TemporaryDirectory()
        return self.folder.name

    def layoutManager(self):
        """There are no views."""

    def pauseRender(self):
        """There is nothing to render."""

    def resumeRender(self):
        """There is nothing to render."""


@behaviour
class qSlicerModuleManager:
    """Tells when a module is to be unloaded."""


@behaviour
class qSlicerMainWindow:
    """The window that dialogs open over; modules are chosen by name, and which one is kept for the test."""

    def build(self):
        """Take the name that Slicer looks it up by."""
        self.setObjectName("qSlicerMainWindow")


@behaviour
class qSlicerLoadableModule:
    """A module of Slicer's own: name and logic."""

    def build(self):
        """Without a logic at first."""
        super().build()
        self.own_logic = None

    def logic(self):
        """Return the module's logic."""
        return self.own_logic

    def mrmlScene(self):
        """Return the scene."""
        return slicer.mrmlScene


@behaviour
class qSlicerScriptedLoadableModule:
    """The C++ side of a scripted module: keeps what the script tells of itself."""

    defaults = {"hidden": False, "index": -1, "associatedNodeTypes": []}


def modules_of(logic_of):
    """Return Slicer's own modules by attribute, each with the logic that `logic_of` gives for its name."""
    found = {}
    for name in OWN_MODULES:
        logic = logic_of(name)
        if logic is not None:
            real = real_class("qSlicerLoadableModule")()
            real.kept["name"], real.own_logic = name, logic
            found[name.lower()] = wrap(real)
    return found


class Host:
    """What outlives a test: Qt allows one application in a process."""

    app = None
    window = None


def start():
    """Return the wrapped application, made at the first call and emptied at each."""
    if Host.app is None:
        Host.app = QtWidgets.QApplication.instance() or real_class("qSlicerApplication")([])
        Host.app.setQuitOnLastWindowClosed(False)
    Host.window = real_class("qSlicerMainWindow")()
    return wrap(Host.app)


def stop():
    """Close every window, forget connections and registrations; return the windows that were left open."""
    REGISTERED.clear()
    for real in (Host.app, Host.app.manager):
        real._relays = []
    left = [w for w in QtWidgets.QApplication.topLevelWidgets() if w is not Host.window and w.isVisible()]
    for widget in QtWidgets.QApplication.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    Host.window = None
    Host.app.sendPostedEvents(None, 52)  # deferred deletes
    if Host.app.folder:
        Host.app.folder.cleanup()
        Host.app.folder = None
    return left

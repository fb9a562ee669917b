"""The application's objects: slicer.app and the main window."""

import tempfile

import slicer
import vtk
from PySide6 import QtWidgets

from .facade import wrap
from .generated import behaviour, real_class
from .modules import LOADED
from .segment_editor import OPEN
from .segment_widgets import REGISTERED


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
        """Return the manager of views: it sets layouts, and has no view to show."""
        return Host.layouts

    def pauseRender(self):
        """There is nothing to render."""

    def resumeRender(self):
        """There is nothing to render."""


@behaviour
class qSlicerMainWindow:
    """The window that dialogs open over, with the selector of modules."""

    def build(self):
        """Take the name that Slicer looks it up by."""
        self.setObjectName("qSlicerMainWindow")
        self.selector = real_class("qSlicerModuleSelectorToolBar")(self)

    def moduleSelector(self):
        """Return the selector of modules."""
        return self.selector


@behaviour
class qSlicerLayoutManager:
    """Keeps the layout in the scene's layout node; there are no views, so what asks for one is refused."""

    defaults = {"threeDViewCount": 0, "tableViewCount": 0, "plotViewCount": 0}

    def _node(self):
        name = "vtkMRMLLayoutNode"
        return slicer.mrmlScene.GetFirstNodeByClass(name) or slicer.mrmlScene.AddNewNodeByClass(name)

    def read_layout(self):
        """Return the layout's number."""
        return self._node().GetViewArrangement()

    def write_layout(self, number):
        """Set the layout; told where it is another one."""
        if number != self.read_layout():
            self._node().SetViewArrangement(number)
            self.send("layoutChanged(int)", number)

    setLayout = write_layout

    def sliceViewNames(self):
        """There is no slice view."""
        return []

    def mrmlSliceLogics(self):
        """There is no slice view."""
        return vtk.vtkCollection()

    def resetThreeDViews(self):
        """There is no view to reset."""

    def resetSliceViews(self):
        """There is no view to reset."""


class Host:
    """What outlives a test: Qt allows one application in a process."""

    app = None
    layouts = None
    window = None


def start():
    """Return the wrapped application, made at the first call and emptied at each."""
    if Host.app is None:
        Host.app = QtWidgets.QApplication.instance() or real_class("qSlicerApplication")([])
        Host.app.setQuitOnLastWindowClosed(False)
    Host.window = real_class("qSlicerMainWindow")()
    Host.layouts = real_class("qSlicerLayoutManager")()
    return wrap(Host.app)


def stop():
    """Close every window, forget connections and registrations; return the windows that were left open."""
    for name in [name for name, module in LOADED.items() if hasattr(module, "hook")]:
        Host.app.manager.unload(name)
    LOADED.clear()
    for editor in list(OPEN):
        editor.end()
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

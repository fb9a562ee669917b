"""Slicer's Qt side stood in for: `install` it around a scene, load modules, and do what a user would.

Widgets are real ones of PySide6, held to what Slicer 5.12 and CTK list (docs/stand-in.md says what that
proves). `slicer.util` is Slicer's own, from slicer-core. The base classes do what the modules need of
Slicer's; they and `slicer.util` are a checkout's where FLUOROPRINT_SLICER_PYTHON names its Base/Python.
"""

import importlib
import os
import re
import sys
import time
import types
from collections import Counter
from pathlib import Path

import pytest
import slicer
import slicer.util

if hasattr(slicer, "app"):
    pytest.skip("this is Slicer: nothing stands in for its Qt side", allow_module_level=True)

try:
    import shiboken6
    from PySide6 import QtTest, QtWidgets  # noqa: F401
except ImportError as missing:
    libraries = "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0"
    reason = f"no Qt ({missing}): pip install PySide6-Essentials; apt install {libraries}"
    pytest.skip(reason, allow_module_level=True)

from qt_side import (
    answers,
    application,
    ctk_choosers,
    ctk_widgets,
    modules,
    mrml_widgets,
    segment_editor,
    segment_widgets,
    signals,
    slice_widgets,
    ui_files,
)
from qt_side.facade import TIMERS, Wrapped, wrap, wrapped_class
from qt_side.listing import LISTING, NotInStandIn

__all__ = ["NotInStandIn", "click", "emit", "install", "load_module", "open_panel", "picture_of"]

REPOSITORY = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
BEHAVIOURS = (
    ctk_choosers,
    ctk_widgets,
    mrml_widgets,
    segment_editor,
    segment_widgets,
    slice_widgets,
    ui_files,
)  # each registers what it knows
LONGEST_S = 120.0
"""Nothing that is waited for takes as long, on a busy machine either."""
SCRIPTS = ("i18n", "ScriptedLoadableModule", "parameterNodeWrapper")


class ClassModule(types.ModuleType):
    """`qt` or `ctk`: gives the classes by name."""

    def __init__(self, name, holds):
        super().__init__(name)
        self._holds = holds

    def __getattr__(self, name):
        if name.startswith("__") or not self._holds(name):
            raise AttributeError(f"{self.__name__} has no {name}")
        return wrapped_class(name)


class Application:
    """Slicer as a test sees it: the scene, what was told the user, what it asks, and the answers."""

    def __init__(self, scene, app):
        self.mrmlScene = scene
        self.app = app
        self.answers = answers.DESK.answers
        self.asked = answers.DESK.asked
        self.errors = answers.DESK.messages
        self.shown = []

    @property
    def dialogs(self):
        """The progress dialogs that were made, shown or not."""
        return [w for w in top_level_widgets() if w.inherits("QProgressDialog")]


def top_level_widgets():
    """Return all windows."""
    from qt_side.facade import top_level_widgets as found

    return found()


def slicer_scripts():
    """Return the folders of the base classes: Slicer's own where the environment names its Base/Python."""
    checkout = os.environ.get("FLUOROPRINT_SLICER_PYTHON")
    return Path(checkout) / "slicer" if checkout else HERE / "slicer_python"


def install(monkeypatch, scene, logic_of=lambda name: None):
    """Put the stand-ins where the modules look for Slicer; `monkeypatch` takes them away again.

    `logic_of` gives the logics of Slicer's own modules by name, for slicer.modules.
    """
    answers.DESK.clear()
    signals.FAULTS.clear()
    app = application.start()
    _put_modules(monkeypatch)
    monkeypatch.setattr(slicer, "app", app, raising=False)
    monkeypatch.setattr(slicer, "mrmlScene", scene, raising=False)
    monkeypatch.setattr(slicer, "modules", types.SimpleNamespace(**modules.load_own(logic_of)), raising=False)
    monkeypatch.setattr(slicer, "selfTests", {}, raising=False)
    for name in LISTING:
        if name.startswith(("qMRML", "qSlicer")):
            monkeypatch.setattr(slicer, name, wrapped_class(name), raising=False)
    database = importlib.import_module("DICOMLib").FileDatabase()
    monkeypatch.setattr(slicer, "dicomDatabase", database, raising=False)
    return Application(scene, app)


def _put_modules(monkeypatch):
    qt = ClassModule("qt", lambda name: name.startswith("Q") and name not in LISTING)
    ctk = ClassModule("ctk", lambda name: name.startswith("ctk"))
    effects = types.ModuleType("qSlicerSegmentationsEditorEffectsPythonQt")
    for name in LISTING:
        if name.startswith("qSlicerSegmentEditor"):
            setattr(effects, name, wrapped_class(name))
    for module in (qt, ctk, effects):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for name in SCRIPTS:
        monkeypatch.delitem(sys.modules, f"slicer.{name}", raising=False)
        monkeypatch.delattr(slicer, name, raising=False)
    monkeypatch.setattr(slicer, "__path__", [str(slicer_scripts()), *slicer.__path__])
    if (slicer_scripts() / "util.py").is_file():
        monkeypatch.delitem(sys.modules, "slicer.util")
        monkeypatch.setattr(slicer, "util", importlib.import_module("slicer.util"))
    for name in ("SegmentEditorEffects", "DICOMLib", "SampleData"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in [name for name in sys.modules if name.startswith("FluoroPrintLib.slicer_app.")]:
        monkeypatch.delitem(sys.modules, name)  # its classes are made of those above
        package, _, leaf = name.rpartition(".")
        monkeypatch.delattr(sys.modules[package], leaf, raising=False)
    monkeypatch.syspath_prepend(str(HERE / "slicer_modules"))


def finish():
    """Unload the modules and close what is open; raise what a slot raised and no test took.

    Raises
    ------
    AssertionError
        A slot failed, which Qt could only print; or a timer still runs.
    """
    application.stop()
    left = running_timers()
    for name in [n for n in sys.modules if n.partition(".")[2].partition(".")[0] in SCRIPTS]:
        if name.startswith("slicer."):
            del sys.modules[name]
    if signals.FAULTS:
        raise AssertionError("a slot raised") from signals.FAULTS.pop()
    if left:
        raise AssertionError(f"{len(left)} timers still run after the modules were unloaded")


def load_module(monkeypatch, name, folder=None):
    """Import a module file as Slicer does: its folder on sys.path, the module by its bare name.

    `folder` is the one where an installed extension has all its modules; without it, the module's own.
    """
    monkeypatch.syspath_prepend(str(folder or REPOSITORY / name))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(name)


def start_module(monkeypatch, name, folder=None):
    """Load a module and make its hook class with a C++ side, as Slicer does at its start; return both."""
    module = load_module(monkeypatch, name, folder)
    parent = modules.load_script(name, module.__file__)
    setattr(slicer.modules, name.lower(), parent)
    return module, parent


def open_panel(module):
    """Return a module's widget, made as Slicer does: in a panel; set up, then given the scene."""
    if module.__name__ not in modules.LOADED:
        setattr(
            slicer.modules, module.__name__.lower(), modules.load_script(module.__name__, module.__file__)
        )
    return slicer.util.getModuleWidget(module.__name__)


def close_panel(widget):
    """Unload the widget's module, as Slicer does at its end: clean up, then delete the panel."""
    slicer.app.real.manager.unload(widget.moduleName)
    raise_fault()


def close_editor(editor):
    """Delete a Segment Editor's widget, as Slicer does at its end: its effects clean up, then it is gone."""
    editor.real.end()
    editor.delete()
    raise_fault()


def emit(sender, signal, *arguments):
    """Emit a signal as the object would; what a slot raises comes out here."""
    signals.emit(sender, signal, *arguments)
    raise_fault()


def click(button):
    """Press a button as a user; one that is disabled cannot be pressed."""
    if not button.enabled:
        raise AssertionError(f"{button.text!r} is disabled: it cannot be clicked")
    button.click()
    raise_fault()


def type_text(edit, text):
    """Replace the text of a widget that takes text, as a user typing does."""
    target = edit.real.focusProxy() or edit.real
    target.setFocus()
    line = target.lineEdit() if hasattr(target, "lineEdit") else target
    line.selectAll()
    QtTest.QTest.keyClicks(line, text)
    raise_fault()


def wait_until(condition, at_most_s=LONGEST_S):
    """Let Qt work (timers, threads' signals) until a condition holds.

    Raises
    ------
    AssertionError
        It does not hold in time.
    """
    end = time.monotonic() + at_most_s
    while not condition():
        slicer.app.processEvents()
        raise_fault()
        if time.monotonic() > end:
            raise AssertionError(f"still waiting after {at_most_s} s")
        time.sleep(0.005)


def interact(editor, slice_widget, event, xy=(0, 0), **keys):
    """Move the pointer, click or leave in a slice view; return whether the active effect took the event."""
    taken = slice_widgets.interact(editor, slice_widget, event, xy, **keys)
    raise_fault()
    return taken


def change_view(editor, slice_widget):
    """Let the active effect know that the node of a slice view was modified."""
    slice_widgets.change_view(editor, slice_widget)
    raise_fault()


def running_timers():
    """Return the timers that were made through the stand-in and still run."""
    return [timer for timer in TIMERS if shiboken6.isValid(timer) and timer.isActive()]


def observed_events(vtk_object):
    """Return how many observers each event of a scene has, by its name, and how many functions observe.

    Nodes do not print their observers, so of them only the number of functions is known: each observer has a
    number, counted up from 1, and a command as long as it observes.
    """
    last = vtk_object.AddObserver("NoEvent", _nothing)
    vtk_object.RemoveObserver(last)
    commands = [str(vtk_object.GetCommand(tag)) for tag in range(1, last)]
    events = Counter(re.findall(r"EventName: (\w+)", str(vtk_object)))
    events["functions"] = sum("vtkPythonCommand" in command for command in commands)
    return events


def _nothing(_caller, _event):
    """Observe without doing anything."""


def raise_fault():
    """Raise what a slot raised since the last call."""
    if signals.FAULTS:
        fault = signals.FAULTS[0]
        signals.FAULTS.clear()
        raise fault


def picture_of(widget, path, width=420):
    """Show a widget at a width and write what it looks like as PNG; return the wrapped pixmap."""
    real = widget.real if isinstance(widget, Wrapped) else widget
    real.setFixedWidth(width)
    real.show()
    slicer.app.processEvents()
    real.resize(width, max(real.sizeHint().height(), real.heightForWidth(width), 1))
    slicer.app.processEvents()
    pixmap = real.grab()
    if not pixmap.save(str(path)):
        raise OSError(f"{path} cannot be written")
    return wrap(pixmap)

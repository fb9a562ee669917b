"""A strict stand-in for Slicer's Qt side, so that widgets can be set up and used without the application.

It knows what qt_api.json lists and nothing else: a property, method, signal or enum that Slicer does not list
raises AttributeError, where PythonQt might only print. The scene is Slicer's own (slicer-core).
"""

import importlib
import json
import sys
import types
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def _read_api():
    tables = json.loads(Path(__file__).with_name("qt_api.json").read_text())
    return {name: entry for table in tables.values() for name, entry in table.items()}


API = _read_api()


def _listed(class_name, what):
    """Names of a kind that a class and its bases list."""
    entry = API[class_name]
    own = set(entry[what])
    return own | _listed(entry["base"], what) if entry["base"] else own


class StandInType(type):
    """Gives a stand-in class its enums, flat as PythonQt has them."""

    def __getattr__(cls, name):
        if name in _listed(cls.__name__, "enums"):
            return f"{cls.__name__}.{name}"
        raise AttributeError(f"{cls.__name__} lists no enum {name}")


class StandIn(metaclass=StandInType):
    """An object of a listed class: keeps properties, records calls, emits signals when a test says so."""

    def __init__(self, *arguments):
        object.__setattr__(self, "values", {"enabled": True, "visible": True, "wasCanceled": False})
        object.__setattr__(self, "slots", {})
        object.__setattr__(self, "calls", [("__init__", arguments)])
        object.__setattr__(self, "answers", {})

    def __setattr__(self, name, value):
        class_name = type(self).__name__
        if name not in _listed(class_name, "properties"):
            raise AttributeError(f"{class_name} lists no property {name}")
        if not any(API[c]["properties"].get(name) for c in _line_of(class_name)):
            raise AttributeError(f"{class_name}.{name} can only be read")
        self.values[name] = value

    def __getattr__(self, name):
        class_name = type(self).__name__
        if name in _listed(class_name, "properties"):
            return self.values.get(name)
        if name in _listed(class_name, "methods"):
            return lambda *arguments: self._called(name, arguments)
        raise AttributeError(f"{class_name} lists no {name}")

    def _called(self, name, arguments):
        self.calls.append((name, arguments))
        return self.answers.get(name)

    def connect(self, signal, function):
        """As PythonQt's connect, but a signal that is not listed is an error."""
        if signal not in _listed(type(self).__name__, "signals"):
            raise AttributeError(f"{type(self).__name__} lists no signal {signal}")
        self.slots.setdefault(signal, []).append(function)
        return True

    def emit(self, signal, *arguments):
        """Do what the user or the application would do."""
        for function in self.slots[signal]:
            function(*arguments)


def _line_of(class_name):
    """A class and its bases."""
    while class_name:
        yield class_name
        class_name = API[class_name]["base"]


def make_class(name):
    """Stand-in for a listed class."""
    return StandInType(name, (StandIn,), {})


def make_module(name, class_names):
    """Module that holds stand-ins for some listed classes."""
    module = types.ModuleType(name)
    for class_name in class_names:
        setattr(module, class_name, make_class(class_name))
    return module


class ScriptedLoadableModule:
    """What Slicer's base class does, as far as the modules use it."""

    def __init__(self, parent):
        self.parent = parent


class ScriptedLoadableModuleWidget:
    """A widget with a layout to fill."""

    def __init__(self, parent=None):
        self.parent = parent
        self.layout = make_class("QVBoxLayout")()

    def setup(self):
        """Nothing outside developer mode."""


class ScriptedLoadableModuleLogic:
    """Has nothing that the logics use."""


class AbstractScriptedSegmentEditorEffect:
    """Keeps the C++ side that it is given."""

    def __init__(self, scriptedEffect):
        self.scriptedEffect = scriptedEffect


class Application:
    """Slicer's side as a test sees it: the scene, what was told the user, the last progress dialog."""

    def __init__(self, scene):
        self.app = make_class("qSlicerApplication")()
        self.mrmlScene = scene
        self.errors = []
        self.dialogs = []
        self.shown = []

    def error_display(self, text, **_options):
        """Stand in for slicer.util.errorDisplay."""
        self.errors.append(text)

    def progress_dialog(self, **options):
        """Stand in for slicer.util.createProgressDialog."""
        dialog = make_class("QProgressDialog")()
        for name, value in options.items():
            setattr(dialog, name, value)
        self.dialogs.append(dialog)
        return dialog

    def show_volume(self, **layers):
        """Stand in for slicer.util.setSliceViewerLayers."""
        self.shown.append(layers)


def install(monkeypatch, scene):
    """Put the stand-ins where the modules look for Slicer; `monkeypatch` takes them away again."""
    import slicer

    application = Application(scene)
    of_ctk = [name for name in API if name.startswith("ctk")]
    of_qt = [name for name in API if name.startswith("Q")]
    translation = types.ModuleType("slicer.i18n")
    translation.tr = lambda text: text
    translation.translate = lambda _context, text: text
    base = types.ModuleType("slicer.ScriptedLoadableModule")
    for kind in (ScriptedLoadableModule, ScriptedLoadableModuleWidget, ScriptedLoadableModuleLogic):
        setattr(base, kind.__name__, kind)
    base.ScriptedLoadableModuleTest = unittest.TestCase
    effects = types.ModuleType("SegmentEditorEffects")
    effects.AbstractScriptedSegmentEditorEffect = AbstractScriptedSegmentEditorEffect
    for module in (make_module("ctk", of_ctk), make_module("qt", of_qt), translation, base, effects):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for name in (name for name in API if name.startswith("qMRML") or name.startswith("qSlicer")):
        monkeypatch.setattr(slicer, name, make_class(name), raising=False)
    monkeypatch.setattr(slicer, "app", application.app, raising=False)
    monkeypatch.setattr(slicer, "mrmlScene", scene, raising=False)
    monkeypatch.setattr(slicer.util, "errorDisplay", application.error_display, raising=False)
    monkeypatch.setattr(slicer.util, "createProgressDialog", application.progress_dialog, raising=False)
    monkeypatch.setattr(slicer.util, "setSliceViewerLayers", application.show_volume, raising=False)
    return application


def load_module(monkeypatch, name):
    """Import a module file as Slicer does: its folder on sys.path, the module by its bare name."""
    monkeypatch.syspath_prepend(str(REPOSITORY / name))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(name)

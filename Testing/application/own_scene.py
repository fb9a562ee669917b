"""The scene that a test works on: Slicer's own where tests run in Slicer, else one without application."""

import contextlib
import types

import slicer
from FluoroPrintLib.mrml.scene import headless_scene

IN_SLICER = hasattr(slicer, "app")
"""Asked before any test puts the stand-in there."""


def scene_for_test():
    """Return a context with `scene` and `module_logic`; the scene is empty before and after."""
    return _scene_of_slicer() if IN_SLICER else headless_scene()


@contextlib.contextmanager
def _scene_of_slicer():
    scene = slicer.mrmlScene
    scene.Clear()
    try:
        yield types.SimpleNamespace(scene=scene, module_logic=_module_logic)
    finally:
        scene.Clear()


def _module_logic(name):
    return getattr(slicer.modules, name.lower()).logic()

"""Take pictures of the modules' panels and of the effects' options as the stand-in shows them.

python Testing/application/pictures.py docs/pictures [NAME ...]

What a panel or an effect shows is filled in by scenes/<name in lower case>.py, where there is one.
"""

import importlib.util
import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import slicer
import stand_in
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

FONT = ("DejaVu Sans", 9)
"""The same wherever pictures are taken, so that they do not differ by it."""
FILES = sorted(stand_in.REPOSITORY.glob("FluoroPrint*/FluoroPrint*.py"))
PANELS = tuple(f.stem for f in FILES if f.stem == f.parent.name and f"class {f.stem}Widget(" in f.read_text())
EFFECT_FILES = sorted(stand_in.REPOSITORY.glob("SegmentEditorFluoroPrint/*Lib/SegmentEditorFluoro*Effect.py"))
EFFECTS = {
    file.stem.removesuffix("Effect"): re.search(r'^    name = "(.+)"$', file.read_text(), re.MULTILINE)[1]
    for file in EFFECT_FILES
}
"""The name of each effect by that of its picture."""


def take_panel(monkeypatch, name, folder, filled=None):
    """Write the picture of a module's panel, filled by `filled(widget, scene)`; return the pixmap."""
    module, _ = stand_in.start_module(monkeypatch, name)
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    if filled:
        filled(widget, slicer.mrmlScene)
    return stand_in.picture_of(widget.parent, Path(folder) / f"{name}.png")


def filling_of(name):
    """Return what fills a module's panel with real data (scenes/<name>.py), None where there is none."""
    path = Path(__file__).parent / "scenes" / f"{name.lower()}.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location(f"scene_of_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.populate


def take_effect(monkeypatch, picture, folder, filled=None):
    """Write the picture of an effect's options in an editor, filled by `filled(editor, scene)`."""
    stand_in.start_module(monkeypatch, "SegmentEditorFluoroPrint")
    stand_in.emit(slicer.app, "startupCompleted()")
    editor = slicer.qMRMLSegmentEditorWidget()
    editor.setMRMLScene(slicer.mrmlScene)
    editor.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    editor.setActiveEffectByName(EFFECTS[picture])
    if filled:
        filled(editor, slicer.mrmlScene)
    return stand_in.picture_of(editor, Path(folder) / f"{picture}.png")


def main(folder, chosen=()):
    """Write pictures into a folder: all, or those of the names that are given."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for take, names in ((take_panel, PANELS), (take_effect, EFFECTS)):
        for name in names:
            if name in chosen or not chosen:
                with slicer_stood_in() as monkeypatch:
                    take(monkeypatch, name, folder, filling_of(name))


@contextmanager
def slicer_stood_in():
    """Stand in for Slicer around an empty scene; yield a monkeypatch that lasts as long."""
    from FluoroPrintLib.mrml.scene import headless_scene

    with headless_scene() as headless, pytest.MonkeyPatch.context() as monkeypatch:
        stand_in.install(monkeypatch, headless.scene)
        QApplication.setFont(QFont(*FONT))
        yield monkeypatch
        stand_in.finish()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

"""Take pictures of the modules' panels as the stand-in shows them.

python Testing/application/pictures.py docs/pictures
"""

import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import slicer
import stand_in

FILES = sorted(stand_in.REPOSITORY.glob("FluoroPrint*/FluoroPrint*.py"))
PANELS = tuple(f.stem for f in FILES if f.stem == f.parent.name and f"class {f.stem}Widget(" in f.read_text())


def take_panel(monkeypatch, name, folder):
    """Write the picture of a module's panel; return the pixmap."""
    module, _ = stand_in.start_module(monkeypatch, name)
    widget = stand_in.open_panel(module)
    return stand_in.picture_of(widget.parent, Path(folder) / f"{name}.png")


def take_effect(monkeypatch, folder):
    """Write the picture of the effect's options; return the pixmap."""
    stand_in.start_module(monkeypatch, "SegmentEditorFluoroPrint")
    stand_in.emit(slicer.app, "startupCompleted()")
    effect = slicer.qMRMLSegmentEditorWidget().effectByName("Fluoro bone")
    effect.self().setupOptionsFrame()
    return stand_in.picture_of(effect.optionsFrame(), Path(folder) / "SegmentEditorFluoroPrint.png")


def main(folder):
    """Write all pictures into a folder."""
    from FluoroPrintLib.mrml.scene import headless_scene

    Path(folder).mkdir(parents=True, exist_ok=True)
    with headless_scene() as headless, pytest.MonkeyPatch.context() as monkeypatch:
        stand_in.install(monkeypatch, headless.scene)
        for name in PANELS:
            take_panel(monkeypatch, name, folder)
        take_effect(monkeypatch, folder)
        stand_in.finish()


if __name__ == "__main__":
    main(sys.argv[1])

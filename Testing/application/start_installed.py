"""Start the modules of an installed extension in a process of their own; print what is wrong, a line each.

    python Testing/application/start_installed.py path/to/qt-scripted-modules Module ...

Nothing but that folder and the stand-in gives FluoroPrint's files.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main(folder, *modules):
    """Start the modules in the order given, as Slicer does, and look at what it then shows."""
    sys.path.insert(0, str(folder))
    import pytest
    import stand_in
    import started
    from FluoroPrintLib.mrml.scene import headless_scene

    with headless_scene() as headless, pytest.MonkeyPatch.context() as monkeypatch:
        application = stand_in.install(monkeypatch, headless.scene, headless.module_logic)
        for name in modules:
            stand_in.start_module(monkeypatch, name, folder)
        stand_in.emit(application.app, "startupCompleted()")
        faults = started.faults_of_start(modules) + application.errors
        faults += [f"{file} is not of the package" for file in started.files_outside(folder)]
        stand_in.finish()
    for fault in faults:
        print(fault)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

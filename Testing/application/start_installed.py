"""Start the modules of an installed extension in a process of their own; print what is wrong, a line each.

    python Testing/application/start_installed.py path/to/qt-scripted-modules Module ... [-- script ...]

Nothing but that folder and the stand-in gives FluoroPrint's files. A script is run as Slicer runs one once it
has started.
"""

import contextlib
import os
import runpy
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@contextlib.contextmanager
def started_slicer(folder, modules):
    """Start the modules in the order given, as Slicer does; yield the application."""
    sys.path.insert(0, str(folder))
    import pytest
    import stand_in
    from FluoroPrintLib.mrml.scene import headless_scene

    with headless_scene() as headless, pytest.MonkeyPatch.context() as monkeypatch:
        application = stand_in.install(monkeypatch, headless.scene, headless.module_logic)
        for name in modules:
            stand_in.start_module(monkeypatch, name, folder)
        stand_in.emit(application.app, "startupCompleted()")
        yield application
        stand_in.finish()


def main(folder, modules, script):
    """Look at what Slicer shows, or run a script."""
    import started

    with started_slicer(folder, modules) as application:
        if script:
            sys.argv = script
            runpy.run_path(script[0], run_name="__main__")
        else:
            faults = started.faults_of_start(modules) + application.errors
            faults += [f"{file} is not of the package" for file in started.files_outside(folder)]
            print("".join(f"{fault}\n" for fault in faults), end="")


if __name__ == "__main__":
    arguments = sys.argv[2:]
    end = arguments.index("--") if "--" in arguments else len(arguments)
    main(Path(sys.argv[1]), arguments[:end], arguments[end + 1 :])

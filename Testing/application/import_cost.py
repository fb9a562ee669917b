"""Import module files in a process of their own; print what each costs, as JSON.

    python Testing/application/import_cost.py FluoroPrint FluoroPrintPlan ...

Slicer imports every module file when it starts, whether the module is used or not.
"""

import json
import os
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
RUNS = 3


def main(*names):
    """Print for each module: the packages that its import adds, and the least CPU time of some imports."""
    import pytest
    import stand_in
    from FluoroPrintLib.mrml.scene import headless_scene

    with headless_scene() as headless, pytest.MonkeyPatch.context() as monkeypatch:
        stand_in.install(monkeypatch, headless.scene, headless.module_logic)
        costs = {name: cost_of(name, stand_in.load_module, monkeypatch) for name in names}
        stand_in.finish()
    print(json.dumps(costs))


def cost_of(name, load_module, monkeypatch):
    """Return what an import of a module costs while nothing of FluoroPrint is imported."""
    _forget_fluoroprint()
    before = _packages()
    times_s = [_import_s(name, load_module, monkeypatch) for _ in range(RUNS)]
    return {"added": sorted(_packages() - before), "all": sorted(_packages()), "cpu_s": min(times_s)}


def _import_s(name, load_module, monkeypatch):
    _forget_fluoroprint()
    start_s = time.process_time()
    load_module(monkeypatch, name)
    return time.process_time() - start_s


def _forget_fluoroprint():
    for module in [m for m in sys.modules if m.startswith(("FluoroPrint", "SegmentEditorFluoroPrint"))]:
        del sys.modules[module]


def _packages():
    return {module.partition(".")[0] for module in sys.modules}


if __name__ == "__main__":
    main(*sys.argv[1:])

import os
import sys
from pathlib import Path

import every_handler
import pytest
from FluoroPrintLib.simulation.phantom import lumbar_phantom
from FluoroPrintLib.simulation.sweeps import SimulationParameters, simulate_sweep, sweep_of_simulated
from own_scene import scene_for_test

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent))  # what the tests share (`bone_editor`)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    every_handler.remember_tests(config, items)


@pytest.fixture(autouse=True)
def handlers(request, tmp_path_factory):
    """In a file that names a MODULE, each handler of that module is called by a test."""
    every_handler.LOG.clear()
    yield
    module = getattr(request.module, "MODULE", None)
    if module is not None:
        every_handler.check(request, tmp_path_factory, module)


@pytest.fixture(scope="session")
def sweep():
    """A coarse run about the lumbar phantom: 60 frames over 204 degrees."""
    parameters = SimulationParameters(
        frames=60, arc_deg=204.0, panel_mm=(240.0, 400.0), pixel_mm=6.0, photons=0.0, scatter=0.0
    )
    return sweep_of_simulated(simulate_sweep(lumbar_phantom(3.0), parameters))


@pytest.fixture
def headless():
    with scene_for_test() as found:
        yield found


@pytest.fixture
def scene(headless):
    return headless.scene


@pytest.fixture
def application(monkeypatch, headless):
    """Slicer's Qt side, stood in for, around a real scene."""
    import stand_in

    yield stand_in.install(monkeypatch, headless.scene, headless.module_logic)
    stand_in.finish()


@pytest.fixture
def ball(scene):
    """The volume node of a ball of bone."""
    from bone_editor import volume_of_ball
    from FluoroPrintLib.mrml.volumes import add_volume

    return add_volume(scene, volume_of_ball(), "Ball")


@pytest.fixture(scope="session")
def ball_run():
    """Twelve frames of the ball, 1 mm a pixel at the panel, 0.64 mm at the ball."""
    import numpy as np
    from bone_editor import CENTRED_KJI, GRID, RADIUS
    from FluoroPrintLib.geometry.poses import geometry_from_angles
    from FluoroPrintLib.geometry.sweep import Sweep
    from FluoroPrintLib.geometry.volume import Volume
    from FluoroPrintLib.reconstruction.projector import project

    geometry = geometry_from_angles(
        np.linspace(-100, 100, 12),
        np.zeros(12),
        sid_mm=1100.0,
        sod_mm=700.0,
        pixel_mm=(1.0, 1.0),
        rows=70,
        columns=80,
    )
    bone = ((CENTRED_KJI**2).sum(0) <= RADIUS**2).astype("float32")
    frames = project(Volume(bone * np.float32(0.05), GRID), geometry)
    noise = np.random.default_rng(3).normal(0, 0.005, frames.shape)
    return Sweep((frames + noise).astype("float32"), 1.0, geometry)


@pytest.fixture
def registered(application, monkeypatch):
    """The effect "Fluoro bone" as the Segment Editor finds it when Slicer has started."""
    import slicer
    import stand_in

    stand_in.start_module(monkeypatch, "SegmentEditorFluoroPrint")
    forget_effects()
    stand_in.emit(application.app, "startupCompleted()")
    yield slicer.qSlicerSegmentEditorEffectFactory.instance().registeredEffects()
    forget_effects()


def forget_effects():
    """Let the next test's effects be made of its own stand-in."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "SegmentEditorFluoroPrintLib"]:
        del sys.modules[name]


@pytest.fixture
def editor(registered, scene, ball):
    """An editor with a segment over the ball, and the effect chosen."""
    from bone_editor import choose, open_editor

    return choose(open_editor(scene, "SegmentEditor"), scene, ball)


@pytest.fixture
def computed(editor, monkeypatch):
    """The parameters of each computation that was begun."""
    module = sys.modules["FluoroPrintLib.slicer_app.method_options"]
    find, begun = module.find_by, []

    def counted(method, volume, parameters, hints, progress):
        begun.append(parameters)
        return find(method, volume, parameters, hints, progress)

    monkeypatch.setattr(module, "find_by", counted)
    return begun

import os

import pytest
from FluoroPrintLib.simulation.phantom import lumbar_phantom
from FluoroPrintLib.simulation.sweeps import SimulationParameters, simulate_sweep, sweep_of_simulated
from own_scene import scene_for_test

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


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

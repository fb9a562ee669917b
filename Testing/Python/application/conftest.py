import os

import pytest
from FluoroPrintLib.mrml.scene import headless_scene

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def headless():
    with headless_scene() as found:
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

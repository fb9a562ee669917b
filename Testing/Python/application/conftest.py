import pytest
import stand_in
from FluoroPrintLib.mrml.scene import headless_scene


@pytest.fixture
def scene():
    with headless_scene() as headless:
        yield headless.scene


@pytest.fixture
def application(monkeypatch, scene):
    """Slicer's Qt side, stood in for, around a real scene."""
    return stand_in.install(monkeypatch, scene)

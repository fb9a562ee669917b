"""Lets the tests of learned models import what they share; temporary files go where they are counted."""

import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder that temporary files are made in."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def runner(tmp_path):
    """A Python that holds stand-ins for nnU-Net and TotalSegmentator."""
    from stand_in_runner import make_runner

    return make_runner(tmp_path / "runner")


@pytest.fixture
def folder(tmp_path):
    """The folder of a model of two labels."""
    from stand_in_runner import make_model

    return make_model(tmp_path / "Dataset900_Spine" / "nnUNetTrainer__nnUNetPlans__3d_fullres")
